/* SPDX-License-Identifier: MIT */
#include "gapfill/field.h"

#include <string.h>

#include "base/cpu_dispatch.h"
#include "gapfill/pushpull.h"

#define LOWEST -1.0f /* reflectance; values outside are no measurements, and their squares would dominate the sums */
#define HIGHEST 3.0f
#define BLOCK CLV_FIELD_BLOCK
#define MOST_RUNS 64 /* of a block; with more, copying pixel by pixel is faster */

void clv_field_free(clv_field *f)
{
    clv_buffer_free(&f->gap_store);
    clv_buffer_free(&f->seen_store);
    clv_buffer_free(&f->date_store);
    clv_buffer_free(&f->x_store);
    clv_buffer_free(&f->alone_store);
}

/* ---- Loading ----------------------------------------------------------------------------------- */

/* Returns non-zero when an observed value was not finite. */
CLV_CPU_DISPATCH static int copy_plane(const float *from, const uint8_t *gap, int n, float *to)
{
    int bad = 0;
    for (int i = 0; i < n; i++) {
        float v = gap[i] ? 0.0f : from[i];
        bad |= !(v - v == 0.0f);
        v = v > LOWEST ? v : LOWEST;
        to[i] = v < HIGHEST ? v : HIGHEST;
    }
    return bad;
}

/* All values can be used unchanged. */
CLV_CPU_DISPATCH static bool plane_in_range(const float *x, int n)
{
    int odd = 0;
    for (int i = 0; i < n; i++)
        odd |= !(x[i] >= LOWEST) | !(x[i] <= HIGHEST);
    return !odd;
}

static bool date_in_range(const clv_field *f, const float *x)
{
    for (int c = 0; c < f->bands; c++)
        if (!plane_in_range(x + (size_t)c * f->n, f->n))
            return false;
    return true;
}

/* Pixels of a date with a value that is not finite become gaps. */
static void mark_not_finite(clv_field *f, const clv_stack *stack, int t)
{
    uint8_t *gap = f->gap + (size_t)t * f->n;
    for (int c = 0; c < f->bands; c++) {
        const float *x = stack->x + ((size_t)t * f->bands + c) * f->n;
        for (int i = 0; i < f->n; i++)
            if (!gap[i] && !(x[i] - x[i] == 0.0f))
                gap[i] = 1;
    }
    for (int c = 0; c < f->bands; c++) {
        float *x = clv_field_own(f, t, c);
        for (int i = 0; i < f->n; i++)
            x[i] = gap[i] ? 0.0f : x[i];
    }
}

static void copy_date(clv_field *f, const clv_stack *stack, int t)
{
    const uint8_t *gap = f->gap + (size_t)t * f->n;
    const float *x = stack->x + (size_t)t * f->bands * f->n;
    int bad = 0;
    for (int c = 0; c < f->bands; c++)
        bad |= copy_plane(x + (size_t)c * f->n, gap, f->n, clv_field_own(f, t, c));
    if (bad)
        mark_not_finite(f, stack, t);
    f->date[t] = clv_field_own(f, t, 0);
}

/* The lowest observed value, at most 0. */
CLV_CPU_DISPATCH static float lowest_of(const float *x, const uint8_t *gap, int n)
{
    float low = 0;
    for (int i = 0; i < n; i++) {
        const float v = gap[i] ? 0.0f : x[i];
        low = v < low ? v : low;
    }
    return low > LOWEST ? low : LOWEST;
}

static void load_date(clv_field *f, const clv_stack *stack, int t)
{
    uint8_t *gap = f->gap + (size_t)t * f->n;
    const uint8_t *from = stack->gap + (size_t)t * f->n;
    for (int i = 0; i < f->n; i++)
        gap[i] = from[i] != 0;
    const float *x = stack->x + (size_t)t * f->bands * f->n;
    if (!memchr(gap, 1, (size_t)f->n) && date_in_range(f, x))
        f->date[t] = x;
    else
        copy_date(f, stack, t);
    for (int c = 0; c < f->bands; c++) {
        const float low = lowest_of(clv_field_plane(f, t, c), gap, f->n);
        f->lowest[c] = low < f->lowest[c] ? low : f->lowest[c];
    }
    for (int i = 0; i < f->n; i++)
        f->seen[i] = (uint16_t)(f->seen[i] + !gap[i]);
}

bool clv_field_load(clv_field *f, const clv_stack *stack)
{
    f->dates = stack->dates;
    f->bands = stack->bands;
    f->width = stack->width;
    f->height = stack->height;
    f->n = stack->width * stack->height;
    f->days = stack->days;
    size_t n = (size_t)f->n;
    f->gap = clv_buffer_hold(&f->gap_store, (size_t)f->dates, n, 1);
    f->seen = clv_buffer_hold(&f->seen_store, n, 1, sizeof *f->seen);
    f->x = clv_buffer_hold(&f->x_store, (size_t)f->dates * (size_t)f->bands, n, sizeof *f->x);
    f->date = clv_buffer_hold(&f->date_store, (size_t)f->dates, 1, sizeof *f->date);
    f->alone = clv_buffer_hold(&f->alone_store, (size_t)f->bands, n, sizeof *f->alone);
    if (!f->gap || !f->seen || !f->date || !f->x || !f->alone)
        return false;
    memset(f->seen, 0, n * sizeof *f->seen);
    memset(f->lowest, 0, sizeof f->lowest);
    for (int t = 0; t < f->dates; t++)
        load_date(f, stack, t);
    return true;
}

/* ---- Values in time ---------------------------------------------------------------------------- */

void clv_field_runs(const int *pixels, clv_runs *runs)
{
    runs->pixels = pixels;
    runs->count = 1;
    runs->length[0] = 1;
    for (int i = 1; i < BLOCK && runs->count; i++) {
        if (pixels[i] == pixels[i - 1] + 1)
            runs->length[runs->count - 1]++;
        else if (runs->count < MOST_RUNS)
            runs->length[runs->count++] = 1;
        else
            runs->count = 0;
    }
}

void clv_field_gather(const float *plane, const clv_runs *runs, float *out)
{
    for (int r = 0, i = 0; r < runs->count; i += runs->length[r++])
        memcpy(out + i, plane + runs->pixels[i], (size_t)runs->length[r] * sizeof *out);
    if (runs->count)
        return;
    for (int i = 0; i < BLOCK; i++)
        out[i] = plane[runs->pixels[i]];
}

/* Linear interpolation of a pixel: from * (1 - share) + to * share; the first band's values, NULL = no date observes
 * it. */
typedef struct interpolation {
    const float *from[BLOCK], *to[BLOCK];
    float share[BLOCK];
} interpolation;

static void find_neighbours(const clv_field *f, int t, bool own, const int *pixels, interpolation *m)
{
    ptrdiff_t n = f->n;
    for (int i = 0; i < BLOCK; i++) {
        const uint8_t *gap = f->gap + pixels[i];
        int before = own ? t : t - 1, after = own ? t : t + 1;
        while (before >= 0 && gap[n * before])
            before--;
        while (after < f->dates && gap[n * after])
            after++;
        const float *a = before >= 0 ? f->date[before] + pixels[i] : NULL;
        const float *b = after < f->dates ? f->date[after] + pixels[i] : NULL;
        m->from[i] = a ? a : b;
        m->to[i] = b ? b : a;
        m->share[i] = 0;
        if (a && b) {
            double span = f->days[after] - f->days[before];
            m->share[i] = span > 0 ? (float)((f->days[t] - f->days[before]) / span) : 0.5f;
        }
    }
}

void clv_field_interpolate(const clv_field *f, int t, bool own, const int *pixels, float *out)
{
    interpolation m;
    find_neighbours(f, t, own, pixels, &m);
    for (int c = 0; c < f->bands; c++) {
        size_t plane = (size_t)c * f->n;
        for (int i = 0; i < BLOCK; i++) {
            if (m.from[i])
                out[c * BLOCK + i] = m.from[i][plane] * (1 - m.share[i]) + m.to[i][plane] * m.share[i];
            else if (f->gap[(size_t)t * f->n + pixels[i]])
                out[c * BLOCK + i] = clv_field_plane(f, t, c)[pixels[i]];
            else
                out[c * BLOCK + i] = f->alone[plane + pixels[i]];
        }
    }
}

/* ---- Pixels that no other date observes -------------------------------------------------------- */

static bool known_at(const clv_field *f, int t, bool own, int pixel)
{
    return own ? f->seen[pixel] > 0 : clv_field_elsewhere(f, t, pixel);
}

static void interpolate_all(const clv_field *f, int t, bool own, float *dense)
{
    int pixels[BLOCK];
    float values[CLV_SPREAD_PLANES * BLOCK];
    for (int start = 0; start < f->n; start += BLOCK) {
        int count = f->n - start < BLOCK ? f->n - start : BLOCK;
        for (int i = 0; i < BLOCK; i++)
            pixels[i] = start + (i < count ? i : count - 1);
        clv_field_interpolate(f, t, own, pixels, values);
        for (int c = 0; c < f->bands; c++)
            memcpy(dense + (size_t)c * f->n + start, values + c * BLOCK, (size_t)count * sizeof *dense);
    }
}

/* Stores a pixel's value: in t's gap, or else in f->alone. */
static void keep(clv_field *f, int t, int c, int pixel, float value)
{
    const bool gap = f->gap[(size_t)t * f->n + pixel];
    float *to = gap ? clv_field_own(f, t, c) : f->alone + (size_t)c * f->n;
    to[pixel] = value;
}

static void surround_pixel(clv_field *f, int t, const clv_spread *spread, int pixel)
{
    double sum[CLV_SPREAD_PLANES];
    double total = clv_spread_at(spread, pixel % f->width, pixel / f->width, true, sum);
    for (int c = 0; c < f->bands; c++)
        keep(f, t, c, pixel, total > 0 ? (float)(sum[c] / total) : 0.0f);
}

bool clv_field_surround(clv_field *f, int t, bool own, const clv_surroundings *work)
{
    int unknown = 0;
    for (int i = 0; i < f->n; i++)
        unknown += !known_at(f, t, own, i);
    if (!unknown)
        return true;
    size_t n = (size_t)f->n;
    float *dense = clv_buffer_hold(work->dense, n * (size_t)f->bands + (n + 3) / 4, 1, sizeof *dense);
    if (!dense)
        return false;
    uint8_t *known = (uint8_t *)(dense + n * (size_t)f->bands);
    for (int i = 0; i < f->n; i++)
        known[i] = known_at(f, t, own, i);
    interpolate_all(f, t, own, dense);
    if (work->smooth) {
        if (!clv_pushpull(dense, f->bands, known, f->width, f->height, work->levels))
            return false;
        for (int i = 0; i < f->n; i++)
            for (int c = 0; c < f->bands && !known[i]; c++)
                keep(f, t, c, i, dense[(size_t)c * n + (size_t)i]);
        return true;
    }
    if (!clv_spread_begin(work->spread, f->width, f->height, f->bands))
        return false;
    clv_spread_fill(work->spread, known, dense);
    for (int i = 0; i < f->n; i++)
        if (!known[i])
            surround_pixel(f, t, work->spread, i);
    return true;
}
