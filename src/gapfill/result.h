/* SPDX-License-Identifier: MIT
 *
 * result: where the result of a gap filling goes: reflectance and standard deviation of the pixels of a part of the
 * stack (the region of interest).
 *
 *     clv_gapfill_result r = {.roi = roi, .width = width, .bands = bands, .full = false, .out = out};
 *     clv_result_write(&r, t, pixel, band, value);
 *
 * The memory is the caller's. Threads: pure functions.
 */
#ifndef CLV_GAPFILL_RESULT_H
#define CLV_GAPFILL_RESULT_H

#include "gapfill/field.h"

#define CLV_GAPFILL_LARGEST 1.5f /* reflectance of a result */
#define CLV_GAPFILL_COLOURS 3    /* the first bands, whose mean variance the standard deviation comes from */

typedef struct clv_gapfill_result {
    clv_rect roi;
    int width, bands;        /* of the stack */
    const float *lowest;     /* [bands] or NULL: 0; the lowest value of a result, at most 0 (field.h) */
    bool full;               /* observed pixels are predicted too */
    float *out;              /* [dates, bands, roi.height, roi.width] */
    float *deviation;        /* [dates, roi.height, roi.width]; NULL: not wanted */
    double unseen_deviation; /* where the date observes nothing; NaN: not known */
} clv_gapfill_result;

/* Band c of date t: [roi.height, roi.width]. */
float *clv_result_plane(const clv_gapfill_result *r, int t, int c);
/* Pixel: its number in the stack, inside roi. The value is limited to [lowest, CLV_GAPFILL_LARGEST]; NaN becomes 0. */
void clv_result_write(const clv_gapfill_result *r, int t, int pixel, int c, double value);
void clv_result_write_deviation(const clv_gapfill_result *r, int t, int pixel, double deviation);
/* Copies the pixels of date t that keep their value: the observed ones, screened ones included. x [bands, field's n]:
 * the date as it was given. screened [n] or NULL. */
void clv_result_write_observed(const clv_gapfill_result *r, const clv_field *f, int t, const float *x,
                               const uint8_t *screened);
/* Lists the pixels of date t that are predicted: the gaps in roi without the screened pixels, or all of roi. screened
 * [n] or NULL, scratch [n], pixels [n + CLV_FIELD_BLOCK]. Returns how many. */
int clv_result_list_targets(const clv_gapfill_result *r, const clv_field *f, int t, const uint8_t *screened,
                            uint8_t *scratch, int *pixels);

#endif
