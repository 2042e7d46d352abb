/* SPDX-License-Identifier: MIT
 *
 * bench_net: seconds that the networks need, with weights at random.
 *
 *     bench_net MODULE [THREADS [DEVICE [PRECISION]]]
 *
 * One line for each network: milliseconds per frame of 128x128 pixels, seconds per window of 10 dates, and what that is
 * in operations per second. Beside it the speed of a plain 3x3 convolution as the same machine runs it (a U-Net of one
 * level and equal widths, which is little else), as the mark to measure the share of the peak by. "processor" is the
 * time that the process spent on the cores: on a machine that others use, trust that one, with one thread.
 */
#define _POSIX_C_SOURCE 200809L

#include "core/safetensors.h"
#include "net/net.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIDE 128
#define DATES 10
#define LEAST_SECONDS 1.0

static const clv_net_api *api;
static const char *device = "cpu", *precision = "auto";

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

/* gflop: per frame, counted from the layers; 0 when unknown. */
static void measure(const char *label, clv_net *net, double gflop)
{
    clv_net_info info;
    api->info(net, &info);
    size_t in_count = (size_t)DATES * SIDE * SIDE * (size_t)info.in_channels;
    size_t out_count = (size_t)DATES * SIDE * SIDE * (size_t)info.out_channels;
    float *in = malloc(in_count * sizeof *in), *out = malloc(out_count * sizeof *out), days[DATES];
    if (!in || !out)
        die("out of memory");
    for (size_t i = 0; i < in_count; i++)
        in[i] = (float)(i * 2654435761u % 1000u) / 1000.0f;
    for (int t = 0; t < DATES; t++)
        days[t] = 5.0f * (float)t + 100.0f;
    double best = 1e9, least_busy = 1e9, total = 0;
    int runs = 0;
    while (total < LEAST_SECONDS || runs < 3) {
        clv_net_error error;
        double start = clock_seconds(CLOCK_MONOTONIC), busy_start = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
        clv_status status = info.kind == CLV_NET_UNET ? api->detect(net, in, DATES, SIDE, SIDE, out, &error)
                                                      : api->predict(net, in, days, 1, DATES, SIDE, SIDE, out, &error);
        double seconds = clock_seconds(CLOCK_MONOTONIC) - start;
        double busy = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - busy_start;
        if (status != CLV_OK)
            die(error.text);
        // The first run prepares kernels.
        if (runs++ > 0) {
            best = seconds < best ? seconds : best;
            least_busy = busy < least_busy ? busy : least_busy;
            total += seconds;
        }
    }
    double mean = total / (runs - 1);
    printf("%-10s %9lld parameters  %7.2f ms/frame  %7.4f s/window  (best %.4f, processor %.4f)", label,
           (long long)info.parameters, 1e3 * mean / DATES, mean, best, least_busy);
    if (gflop > 0)
        printf("  %6.3f GFLOP/frame  %6.1f GFLOP/s", gflop, gflop * DATES / best);
    printf("  %s %s\n", info.device, info.precision);
    fflush(stdout);
    free(out);
    free(in);
    api->close(net);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: bench_net MODULE [THREADS [DEVICE [PRECISION]]]\n");
        return 1;
    }
    void *module = dlopen(argv[1], RTLD_NOW);
    if (!module)
        die(dlerror());
    const clv_net_api *(*get)(void);
    *(void **)&get = dlsym(module, "clv_net_api_get");
    if (!get)
        die("the module has no clv_net_api_get");
    api = get();
    int threads = argc > 2 ? atoi(argv[2]) : 1;
    api->set_threads(threads);
    if (argc > 3)
        device = argv[3];
    if (argc > 4)
        precision = argv[4];
    printf("libtorch %s, %d threads\n", api->torch_version(), threads);
    const double plain = 2.0 * 9 * (64 * 64 + 64 * 64) * 128 * 128 * 1e-9;
    measure("3x3 64-64",
            fresh("unet", "{\"in_channels\":64,\"classes\":2,\"widths\":[64],\"stem\":\"conv\",\"norm\":\"none\"}"),
            plain);
    measure("unet", fresh("unet", NULL), 0.484);
    measure("clear", fresh("clear", NULL), 1.794);
    measure("reference", fresh("reference", NULL), 9.22);
    measure("wide", fresh("wide", NULL), 20.4);
    return 0;
}
