/* SPDX-License-Identifier: MIT
 *
 * bench_net: seconds that the networks need, with weights at random.
 *
 *     bench_net MODULE [WORKERS [THREADS [DEVICE [PRECISION]]]]
 *
 * WORKERS windows at a time, each by a network of its own that uses THREADS threads (1 and 1 unless given;
 * `clearvision` uses as many workers as cores, with one thread each). For each network: time per frame of 128x128
 * pixels and per window of 10 dates, and operations per second. First comes a plain 3x3 convolution as the same machine
 * runs it (a U-Net of one level and equal widths, which is little else), as the mark to measure the share of the peak
 * by. "processor" is the time that the process spent on the cores: on a machine that others use, trust that one, with
 * one worker and one thread.
 */
#define _POSIX_C_SOURCE 200809L

#include "formats/safetensors.h"
#include "net/net.h"
#include "pipeline/engine.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIDE 128
#define DATES 10
#define LEAST_SECONDS 2.0
#define MOST_WORKERS 64

static const clv_net_api *api;
static const char *device = "cpu", *precision = "auto";
static int workers = 1;

static double clock_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void die(const char *text)
{
    fprintf(stderr, "bench_net: %s\n", text);
    exit(1);
}

static clv_net *fresh(const char *preset, const char *config)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/bench_net_%ld.safetensors", (long)getpid());
    clv_net_error error = {{0}};
    if (api->init_weights(preset, config, 1, path, &error) != CLV_OK)
        die(error.text);
    uint8_t *data = NULL;
    size_t size = 0;
    if (clv_read_file(NULL, path, (size_t)1 << 30, &data, &size) != CLV_OK)
        die("the model file cannot be read back");
    unlink(path);
    clv_net *net = NULL;
    if (api->open(preset, data, size, device, precision, &net, &error) != CLV_OK)
        die(error.text);
    free(data);
    return net;
}

typedef struct job {
    clv_net *net;
    clv_net_info info;
    float *in, *out, days[DATES];
    int runs;
} job;

static void run_once(job *w)
{
    clv_net_error error;
    clv_status status = w->info.kind == CLV_NET_UNET
                            ? api->detect(w->net, w->in, DATES, SIDE, SIDE, w->out, &error)
                            : api->predict(w->net, w->in, w->days, 1, DATES, SIDE, SIDE, w->out, &error);
    if (status != CLV_OK)
        die(error.text);
}

static void *run_job(void *user)
{
    job *w = user;
    for (int i = 0; i < w->runs; i++)
        run_once(w);
    return NULL;
}

static void start_job(job *w, const char *preset, const char *config)
{
    w->net = fresh(preset, config);
    api->info(w->net, &w->info);
    size_t count = (size_t)DATES * SIDE * SIDE;
    size_t in_count = count * (size_t)w->info.in_channels, out_count = count * (size_t)w->info.out_channels;
    w->in = malloc(in_count * sizeof *w->in);
    w->out = malloc(out_count * sizeof *w->out);
    if (!w->in || !w->out)
        die("out of memory");
    for (size_t i = 0; i < in_count; i++)
        w->in[i] = (float)(i * 2654435761u % 1000u) / 1000.0f;
    for (int t = 0; t < DATES; t++)
        w->days[t] = 5.0f * (float)t + 100.0f;
    run_once(w); // prepares kernels
}

static void stop_job(job *w)
{
    api->close(w->net);
    free(w->in);
    free(w->out);
}

/* gflop: per frame, counted from the layers. */
static void measure(const char *label, const char *preset, const char *config, double gflop)
{
    job jobs[MOST_WORKERS];
    pthread_t threads[MOST_WORKERS];
    for (int i = 0; i < workers; i++)
        start_job(&jobs[i], preset, config);
    double once = clock_seconds(CLOCK_MONOTONIC);
    run_once(&jobs[0]);
    once = clock_seconds(CLOCK_MONOTONIC) - once;
    int runs = 3 + (int)(LEAST_SECONDS / once);
    double start = clock_seconds(CLOCK_MONOTONIC), busy = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < workers; i++) {
        jobs[i].runs = runs;
        if (pthread_create(&threads[i], NULL, run_job, &jobs[i]) != 0)
            die("no thread");
    }
    for (int i = 0; i < workers; i++)
        pthread_join(threads[i], NULL);
    double windows = (double)runs * workers, seconds = (clock_seconds(CLOCK_MONOTONIC) - start) / windows;
    busy = (clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - busy) / windows;
    printf("%-10s %9lld parameters %6.3f GFLOP/frame  %7.2f ms/frame  %7.4f s/window  %6.1f GFLOP/s  processor %.4f "
           "s/window"
           "  %s %s\n",
           label, (long long)jobs[0].info.parameters, gflop, 1e3 * seconds / DATES, seconds, gflop * DATES / seconds,
           busy, jobs[0].info.device, jobs[0].info.precision);
    fflush(stdout);
    for (int i = 0; i < workers; i++)
        stop_job(&jobs[i]);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_net MODULE [WORKERS [THREADS [DEVICE [PRECISION]]]]\n");
        return 1;
    }
    void *module = clv_engine_load(argv[1]);
    if (!module)
        die(dlerror());
    const clv_net_api *(*get)(void);
    *(void **)&get = dlsym(module, "clv_net_api_get");
    if (!get)
        die("the module has no clv_net_api_get");
    api = get();
    workers = argc > 2 ? atoi(argv[2]) : 1;
    if (workers < 1 || workers > MOST_WORKERS)
        die("between 1 and 64 workers are possible");
    int threads = argc > 3 ? atoi(argv[3]) : 1;
    api->set_threads(threads);
    if (argc > 4)
        device = argv[4];
    if (argc > 5)
        precision = argv[5];
    printf("libtorch %s, %d workers of %d threads\n", api->torch_version(), workers, threads);
    const double plain = 2.0 * 9 * (64 * 64 + 64 * 64) * 128 * 128 * 1e-9;
    measure("3x3 64-64", "unet",
            "{\"in_channels\":64,\"classes\":2,\"widths\":[64],\"stem\":\"conv\",\"norm\":\"none\"}", plain);
    measure("unet", "unet", NULL, 0.484);
    measure("clear", "clear", NULL, 1.794);
    measure("reference", "reference", NULL, 9.22);
    measure("wide", "wide", NULL, 20.4);
    return 0;
}
