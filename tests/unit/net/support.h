/* SPDX-License-Identifier: MIT
 *
 * What the tests of the networks share: the module (named by CLEARVISION_NET, "none" in builds without libtorch),
 * temporary model files, random numbers.
 */
#ifndef CLV_TEST_NET_SUPPORT_H
#define CLV_TEST_NET_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/safetensors.h"
#include "net/net.h"
#include "pipeline/engine.h"

static const clv_net_api *api;

/* 0, or 77 (the skip code) after saying why there is nothing to test. */
static int load_module(void)
{
    const char *path = getenv("CLEARVISION_NET");
    if (!path || !*path || strcmp(path, "none") == 0) {
        printf("skipped: this build has no network module (CLEARVISION_NET)\n");
        return 77;
    }
    void *module = clv_engine_load(path);
    if (!module) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    const clv_net_api *(*get)(void);
    *(void **)&get = dlsym(module, "clv_net_api_get");
    if (!get || !(api = get()) || api->abi != CLV_NET_ABI) {
        fprintf(stderr, "%s: no table of the expected version\n", path);
        return 1;
    }
    api->set_threads(2);
    return 0;
}

static inline uint8_t *read_whole(const char *path, size_t *size)
{
    uint8_t *data = NULL;
    if (clv_read_file(NULL, path, (size_t)1 << 30, &data, size) != CLV_OK)
        fail_msg("%s cannot be read", path);
    return data;
}

/* A path in the temporary folder, unique to this process; the caller unlinks the file. */
static inline const char *temporary(const char *name)
{
    static char path[4][256];
    static int turn;
    char *out = path[turn++ % 4];
    const char *folder = getenv("TMPDIR");
    snprintf(out, sizeof path[0], "%s/clv_net_%ld_%s.safetensors", folder ? folder : "/tmp", (long)getpid(), name);
    return out;
}

static inline clv_net *open_file(const char *path)
{
    size_t size = 0;
    uint8_t *data = read_whole(path, &size);
    clv_net_error error = {{0}};
    clv_net *net = NULL;
    clv_status status = api->open(path, data, size, "cpu", "fp32", &net, &error);
    free(data);
    if (status != CLV_OK)
        fail_msg("%s", error.text);
    return net;
}

/* A freshly initialised network of a preset. */
static inline clv_net *fresh(const char *preset, const char *config, uint64_t seed)
{
    const char *path = temporary(preset);
    clv_net_error error = {{0}};
    if (api->init_weights(preset, config, seed, path, &error) != CLV_OK)
        fail_msg("%s", error.text);
    clv_net *net = open_file(path);
    unlink(path);
    return net;
}

/* Uniform in [0, 1), the same on every machine. */
static inline float uniform(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (float)((z ^ (z >> 31)) >> 40) / 16777216.0f;
}

static inline float *random_floats(size_t count, uint64_t seed)
{
    float *x = malloc((count ? count : 1) * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < count; i++)
        x[i] = uniform(&seed);
    return x;
}

static inline double largest_difference(const float *a, const float *b, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        most = d > most || isnan(d) ? d : most;
        if (isnan(d))
            return INFINITY;
    }
    return most;
}

#endif
