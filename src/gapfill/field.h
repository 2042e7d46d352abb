/* SPDX-License-Identifier: MIT
 *
 * field: a stack whose gaps are being filled, and its interpolation in time at lists of pixels.
 *
 * Pixels are numbered row by row. Lists of pixels are processed in blocks of CLV_FIELD_BLOCK, so that every pixel is
 * calculated by the same instructions whatever its place in a list.
 *
 *     clv_field f = {0};
 *     if (!clv_field_load(&f, &stack))                             // out of memory
 *         ...
 *     clv_field_interpolate(&f, t, false, pixels, block);
 *     clv_field_free(&f);
 *
 * One thread at a time for each field.
 */
#ifndef CLV_GAPFILL_FIELD_H
#define CLV_GAPFILL_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "gapfill/gapfill.h"
#include "gapfill/spread.h"

#define CLV_FIELD_BLOCK 256

typedef struct clv_field {
    int dates, bands, width, height;
    int n;                           /* width * height */
    const double *days;              /* [dates] */
    uint8_t *gap;                    /* [dates, n] 0 or 1; 1 also where a value is not finite */
    uint16_t *seen;                  /* [n] number of dates that observe the pixel */
    float lowest[CLV_SPREAD_PLANES]; /* [bands] the lowest observed value, at most 0: how far down results may go */
    const float **date; /* [dates] each [bands, n]: observed values, and in the gaps the latest filled ones */
    float *x;           /* [dates, bands, n] memory of the dates with gaps; the others are read from the stack */
    float *alone;       /* [bands, n] pixels that a single date observes: their value at the other dates, interpolated
                         * from the surroundings */
    clv_buffer gap_store, seen_store, date_store, x_store, alone_store;
} clv_field;

/* Loads a stack: values limited to [-1, 3], 0 in the gaps. Dates without gaps are not copied, so the stack must outlive
 * the use of the field. False when out of memory. */
bool clv_field_load(clv_field *f, const clv_stack *stack);
void clv_field_free(clv_field *f);

static inline const float *clv_field_plane(const clv_field *f, int t, int c)
{
    return f->date[t] + (size_t)c * f->n;
}

/* The same for writing; dates with a gap only. */
static inline float *clv_field_own(const clv_field *f, int t, int c)
{
    return f->x + ((size_t)t * f->bands + c) * f->n;
}

/* A date other than t observes the pixel. */
static inline bool clv_field_elsewhere(const clv_field *f, int t, int pixel)
{
    return f->seen[pixel] > !f->gap[(size_t)t * f->n + pixel];
}

/* A block of ascending pixels as runs of neighbours: lists of gaps are mostly long runs. */
typedef struct clv_runs {
    const int *pixels;
    int count; /* 0 = so many that pixels are copied one by one */
    int length[CLV_FIELD_BLOCK];
} clv_runs;

void clv_field_runs(const int *pixels, clv_runs *runs);
/* out[i] = plane[pixels[i]] */
void clv_field_gather(const float *plane, const clv_runs *runs, float *out);

/* Date t at a block of pixels, interpolated linearly in time between the nearest dates that observe; nearest copy
 * before the first and after the last. own: where t itself observes, its value is the result; else t's own values are
 * not used. Where no such date observes: the value from clv_field_surround(). out [bands, CLV_FIELD_BLOCK]. */
void clv_field_interpolate(const clv_field *f, int t, bool own, const int *pixels, float *out);

/* Memory of clv_field_surround(), the caller's. smooth: by pushpull.h; else by the boxes of spread.h, as the NumPy
 * reference does, which are visible around single pixels. levels: of the image pyramid. */
typedef struct clv_surroundings {
    clv_spread *spread;
    clv_buffer *dense, *levels;
    bool smooth;
} clv_surroundings;

/* Interpolates from the surroundings every pixel of date t that no date observes (but t itself, unless own), and stores
 * it in x (where t has a gap) or alone. Returns at once when there are none. False when out of memory. */
bool clv_field_surround(clv_field *f, int t, bool own, const clv_surroundings *work);

#endif
