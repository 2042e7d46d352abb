/* SPDX-License-Identifier: MIT
 *
 * Series of made land for the tests of the prior: fields that grow, dates with haze and gain, gaps. Include after
 * cmocka. */
#ifndef CLV_TESTS_MADE_SERIES_H
#define CLV_TESTS_MADE_SERIES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gapfill/gapfill.h"

static inline size_t stack_size(const clv_stack *s)
{
    return (size_t)s->dates * s->bands * s->height * s->width;
}

static inline clv_rect all_of(const clv_stack *s)
{
    return (clv_rect){0, 0, s->width, s->height};
}

typedef struct series {
    clv_stack stack;
    float *x, *truth;
    uint8_t *gap;
    double *days;
} series;

static inline uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static inline double uniform(uint32_t *state)
{
    return next_random(state) / 16777216.0;
}

/* Fields of 7 pixels; every date has its haze and gain, every field its growth. */
static inline series make_series(int dates, int bands, int height, int width, uint32_t seed)
{
    series s = {0};
    size_t n = (size_t)height * width;
    s.x = malloc((size_t)dates * bands * n * sizeof *s.x);
    s.truth = malloc((size_t)dates * bands * n * sizeof *s.truth);
    s.gap = calloc((size_t)dates, n);
    s.days = malloc((size_t)dates * sizeof *s.days);
    assert_true(s.x && s.truth && s.gap && s.days);
    for (int t = 0; t < dates; t++) {
        s.days[t] = t * 5 + (t % 3);
        double haze = 0.03 * uniform(&seed), gain = 0.9 + 0.2 * uniform(&seed);
        for (int c = 0; c < bands; c++)
            for (int i = 0; i < height * width; i++) {
                uint32_t field = (uint32_t)(i / width / 7 * 100 + i % width / 7) * 2654435761u + (uint32_t)c * 977u;
                double base = 0.05 + 0.15 * uniform(&field), growth = 0.002 * (uniform(&field) - 0.5);
                s.truth[((size_t)t * bands + c) * n + i] =
                    (float)(haze + gain * (base + growth * s.days[t]) + 0.003 * (uniform(&seed) - 0.5));
            }
    }
    memcpy(s.x, s.truth, (size_t)dates * bands * n * sizeof *s.x);
    s.stack = (clv_stack){s.x, s.gap, s.days, dates, bands, height, width};
    return s;
}

/* A gap; what lies under it must never be read. */
static inline void cover(series *s, int t, int x0, int y0, int x1, int y1)
{
    int w = s->stack.width, n = w * s->stack.height;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++) {
            s->gap[t * n + y * w + x] = 1;
            for (int c = 0; c < s->stack.bands; c++)
                s->x[(size_t)(t * s->stack.bands + c) * n + y * w + x] = NAN;
        }
}

static inline void free_series(series *s)
{
    free(s->x);
    free(s->truth);
    free(s->gap);
    free(s->days);
}

static inline float *run(const series *s, clv_gapfill_options options, clv_rect roi, const uint8_t *wanted)
{
    size_t n = (size_t)s->stack.dates * s->stack.bands * roi.width * roi.height;
    float *out = malloc((n ? n : 1) * sizeof *out);
    clv_gapfill_work *work = clv_gapfill_work_new();
    assert_true(out && work);
    for (size_t i = 0; i < n; i++)
        out[i] = -7;
    assert_int_equal(clv_gapfill(NULL, work, &options, &s->stack, roi, wanted, out, NULL), CLV_OK);
    clv_gapfill_work_free(work);
    return out;
}

static inline series cloudy_series(int bands)
{
    series s = make_series(6, bands, 96, 110, 3);
    cover(&s, 1, 10, 10, 60, 50);
    cover(&s, 2, 0, 0, 110, 96);
    cover(&s, 3, 40, 30, 100, 96);
    cover(&s, 4, 45, 35, 52, 41);
    for (int t = 0; t < 6; t++)
        cover(&s, t, 80, 70, 84, 73); /* never seen */
    return s;
}

static inline bool seen_by_a_date(const series *s, size_t pixel)
{
    size_t n = (size_t)s->stack.width * s->stack.height;
    for (int t = 0; t < s->stack.dates; t++)
        if (!s->gap[(size_t)t * n + pixel])
            return true;
    return false;
}

/* Of ground that some date shows. */
static inline double rms_in_gaps(const series *s, const float *out, int t)
{
    const clv_stack *k = &s->stack;
    size_t n = (size_t)k->width * k->height, count = 0;
    double sum = 0;
    for (int c = 0; c < k->bands; c++)
        for (size_t i = 0; i < n; i++)
            if (s->gap[t * n + i] && seen_by_a_date(s, i)) {
                size_t at = ((size_t)t * k->bands + c) * n + i;
                sum += ((double)out[at] - s->truth[at]) * ((double)out[at] - s->truth[at]);
                count++;
            }
    return sqrt(sum / (double)(count ? count : 1));
}

static inline void check_part(const series *s, clv_gapfill_options options, clv_rect roi)
{
    const clv_stack *k = &s->stack;
    float *full = run(s, options, all_of(k), NULL), *part = run(s, options, roi, NULL);
    for (int p = 0; p < k->dates * k->bands; p++)
        for (int y = 0; y < roi.height; y++)
            assert_memory_equal(part + ((size_t)p * roi.height + y) * roi.width,
                                full + ((size_t)p * k->height + roi.y + y) * k->width + roi.x,
                                (size_t)roi.width * sizeof *part);
    free(full);
    free(part);
}

/* Not a gap, and every band is a number. */
static inline bool observed(const series *s, size_t t, size_t pixel)
{
    size_t n = (size_t)s->stack.width * s->stack.height, bands = (size_t)s->stack.bands;
    bool good = !s->gap[t * n + pixel];
    for (size_t c = 0; c < bands; c++)
        good = good && isfinite(s->x[(t * bands + c) * n + pixel]);
    return good;
}

#endif
