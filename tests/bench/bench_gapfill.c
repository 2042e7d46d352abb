/* SPDX-License-Identifier: MIT
 *
 * Processor seconds per window of the regression prior: windows of 128 x 128 pixels, 10 dates, half of them with
 * gaps of 40 %, alone and with 64 pixels of context on each side.
 *
 *     bench_gapfill [bands [repeats]]
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gapfill/gapfill.h"

#define DATES 10
#define WINDOW 128
#define CLOUD_SHARE 0.4

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 33) / 2147483648.0;
}

/* Discs, until the share of the plane is covered. */
static void add_clouds(uint8_t *gap, int size, double share, uint64_t *state)
{
    int covered = 0;
    while (covered < share * size * size) {
        double cx = size * uniform(state), cy = size * uniform(state), r = size * (0.04 + 0.12 * uniform(state));
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
                if ((x - cx) * (x - cx) + (y - cy) * (y - cy) < r * r && !gap[y * size + x]) {
                    gap[y * size + x] = 1;
                    covered++;
                }
    }
}

/* Every date: land with fine detail, a gain and a haze; every second one clouded. */
static clv_stack make_stack(int size, int bands)
{
    size_t n = (size_t)size * size;
    float *x = malloc(DATES * (size_t)bands * n * sizeof *x), *land = malloc(2 * (size_t)bands * n * sizeof *land);
    uint8_t *gap = calloc(DATES, n);
    double *days = malloc(DATES * sizeof *days);
    if (!x || !land || !gap || !days)
        exit(1);
    uint64_t state = 1;
    for (size_t i = 0; i < 2 * (size_t)bands * n; i++)
        land[i] = (float)(0.1 + 0.05 * sin((double)(i % n % (size_t)size) * 0.1) + 0.05 * uniform(&state));
    for (int t = 0; t < DATES; t++) {
        days[t] = 5.0 * t;
        double gain = 0.9 + 0.2 * uniform(&state), haze = 0.02 * uniform(&state);
        for (size_t i = 0; i < (size_t)bands * n; i++)
            x[(size_t)t * (size_t)bands * n + i] =
                (float)(haze + gain * (land[i] + 0.02 * t * land[(size_t)bands * n + i]) + 0.004 * uniform(&state));
        if (t % 2)
            add_clouds(gap + (size_t)t * n, size, CLOUD_SHARE, &state);
    }
    free(land);
    return (clv_stack){x, gap, days, DATES, bands, size, size};
}

static void measure(const char *name, const clv_stack *stack, clv_gapfill_options options, bool linear, int repeats)
{
    int edge = (stack->width - WINDOW) / 2;
    clv_rect roi = {edge, edge, WINDOW, WINDOW};
    float *out = malloc((size_t)DATES * (size_t)stack->bands * WINDOW * WINDOW * sizeof *out);
    clv_gapfill_work *work = clv_gapfill_work_new();
    double best = 1e30;
    for (int k = 0; out && work && k < repeats; k++) {
        double start = seconds();
        clv_status status = linear ? clv_interpolate(NULL, work, stack, roi, NULL, options.full, out)
                                   : clv_gapfill(NULL, work, &options, stack, roi, NULL, out, NULL);
        if (status != CLV_OK)
            exit(1);
        double took = seconds() - start;
        best = took < best ? took : best;
    }
    printf("%-24s stack %d x %d: %.4f s\n", name, stack->width, stack->height, best);
    clv_gapfill_work_free(work);
    free(out);
}

int main(int argc, char **argv)
{
    int bands = argc > 1 ? atoi(argv[1]) : 4, repeats = argc > 2 ? atoi(argv[2]) : 5;
    clv_gapfill_options full = clv_gapfill_options_fast();
    full.full = true;
    for (int size = WINDOW; size <= 2 * WINDOW; size += WINDOW) {
        clv_stack stack = make_stack(size, bands);
        measure("linear", &stack, full, true, repeats);
        measure("fast, 5 dates", &stack, clv_gapfill_options_fast(), false, repeats);
        measure("fast, 10 dates, full", &stack, full, false, repeats);
        measure("gaussian, 5 dates", &stack, clv_gapfill_options_gaussian(), false, repeats);
        measure("exact, 5 dates", &stack, clv_gapfill_options_exact(), false, 1);
        free((void *)stack.x);
        free((void *)stack.gap);
        free((void *)stack.days);
    }
    return 0;
}
