/* SPDX-License-Identifier: MIT
 *
 * field: a series whose gaps are being filled, and its interpolation in time at lists of pixels.
 *
 * Pixels are numbered row by row. Lists of pixels come in blocks of CLV_FIELD_BLOCK, so that every pixel is worked
 * on by the same instructions wherever it stands in a list.
 */
#ifndef CLV_CORE_FIELD_H
#define CLV_CORE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/prior.h"
#include "core/spread.h"

#define CLV_FIELD_BLOCK 256

typedef struct clv_field {
    int dates, bands, width, height;
    int n;              /* width * height */
    const double *days; /* [dates] */
    uint8_t *gap;       /* [dates, n] 0 or 1; 1 also where a value is not finite */
    uint16_t *seen;     /* [n] number of dates that observe the pixel */
    float *x;           /* [dates, bands, n] observed values, and in the gaps what has been filled in so far */
    float *alone;       /* [bands, n] where a single date observes: what the others say (from the surroundings) */
    clv_buffer gap_store, seen_store, x_store, alone_store;
} clv_field;

/* Copies a stack, values limited to [-1, 3], 0 in the gaps. False when out of memory. */
bool clv_field_load(clv_field *f, const clv_stack *stack);
void clv_field_free(clv_field *f);

static inline const float *clv_field_plane(const clv_field *f, int t, int c)
{
    return f->x + ((size_t)t * f->bands + c) * f->n;
}

/* A date other than t observes the pixel. */
static inline bool clv_field_elsewhere(const clv_field *f, int t, int pixel)
{
    return f->seen[pixel] > !f->gap[(size_t)t * f->n + pixel];
}

/* out[i] = plane[pixels[i]] for a block of ascending pixels. */
void clv_field_gather(const float *plane, const int *pixels, float *out);

/* Date t at a block of pixels, interpolated linearly in time between the nearest dates that observe; nearest copy before
 * the first and after the last. own: where t itself observes, that is the value; else t's own values are not
 * used. Where no such date observes: the value found by clv_field_surround. out [bands, CLV_FIELD_BLOCK]. */
void clv_field_interpolate(const clv_field *f, int t, bool own, const int *pixels, float *out);

/* Finds a value from the surroundings for every pixel of date t that clv_field_interpolate cannot tell, and keeps it in x
 * (under t's gap) or alone. Cheap when there are none. dense: room for it. False when out of memory. */
bool clv_field_surround(clv_field *f, int t, bool own, clv_spread *spread, clv_buffer *dense);

#endif
