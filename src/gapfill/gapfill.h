/* SPDX-License-Identifier: MIT
 *
 * gapfill: gap filling without network weights: a complete method, and the input of the networks of stage 2.
 *
 * For each date with a gap:
 *
 *   1. interpolate in time from the other dates;
 *   2. radiometric fit: regress the date on step 1, robustly, over the pixels that it observes;
 *   3. ridge-regress the date on all bands of all other dates, shrunk toward step 2;
 *   4. spread the residuals around the gap into it.
 *
 * With clv_gapfill_options_exact() results equal a NumPy implementation of these steps within 1e-4.
 * clv_gapfill_options_fast() fits the models to a sample of the pixels, blends more dates than the two neighbours in
 * step 1, excludes clouds that the masks have missed, and shrinks the result toward steps 1 and 2 where step 3 is
 * uncertain or far from what the date observes. clv_gapfill_options_gaussian() does the same up to step 2, and replaces
 * steps 3 and 4 by a Gaussian mixture over all dates. With share_weights, the bands after the fourth are regressed on
 * fewer bands.
 *
 *     clv_gapfill_work *work = clv_gapfill_work_new();
 *     clv_gapfill_options options = clv_gapfill_options_gaussian();
 *     clv_gapfill(ctx, work, &options, &stack, roi, NULL, out, NULL);
 *     clv_gapfill_work_free(work);
 *
 * Memory: a workspace for each thread, reused by the next call; nothing else is allocated. No global state.
 */
#ifndef CLV_GAPFILL_GAPFILL_H
#define CLV_GAPFILL_GAPFILL_H

#include <stdbool.h>

#include "base/context.h"
#include "image/windows.h"

/* A stack of T dates, C bands, H x W pixels: x[((t*C + c)*H + y)*W + x]. */
typedef struct clv_stack {
    const float *x;     /* reflectance; values in gaps are never read */
    const uint8_t *gap; /* [T, H, W], non-zero = not observed */
    const double *days; /* [T] acquisition day numbers, ascending */
    int dates, bands, height, width;
} clv_stack;

typedef struct clv_gapfill_options {
    int gap_buffer;     /* pixels around a gap that the models are not fitted to (4) */
    double strength;    /* ridge strength (1e-3) */
    double own_share;   /* of that strength, for step 2 as a regressor (0.05) */
    int passes;         /* of the robust regressions (4) */
    int min_pixels;     /* a date that observes fewer keeps step 1 (200; gaussian 60) */
    int sample_pixels;  /* fit to about this many pixels of a date; 0 = all */
    bool share_weights; /* one set of robust weights for all bands */
    bool full;          /* predict observed pixels too instead of copying them */
    double spread_rest; /* weight of a residual of 0 where residuals are spread into a gap (1e-3): fades them out */
    bool smooth;        /* step 1 may use more than a date's two neighbours in time (see date_blend.h) */
    bool missed_cloud;  /* screen for clouds that the masks have missed; bands 1 to 3 are red, green, blue */
    bool gaussian;      /* a Gaussian mixture instead of steps 3 and 4 (see mixture.h); ignored unless 2 to 24 dates */
    bool shrinkage;     /* shrink toward step 2 where step 3 is uncertain (see shrinkage.h) */
} clv_gapfill_options;

clv_gapfill_options clv_gapfill_options_exact(void);
clv_gapfill_options clv_gapfill_options_fast(void);
clv_gapfill_options clv_gapfill_options_gaussian(void);

typedef struct clv_gapfill_work clv_gapfill_work;
clv_gapfill_work *clv_gapfill_work_new(void);
void clv_gapfill_work_free(clv_gapfill_work *work);

/* Fills the gaps of the stack. Statistics come from the whole stack, results are written for `roi` only
 * (inside the stack; pixels around it are context).
 * wanted: [T] non-zero = this date's result is wanted; NULL = all.
 * out: [T, C, roi.height, roi.width] reflectance, x where observed (unless full); only wanted dates written. At most
 * 1.5, at least 0, or the lowest value that the stack shows in the band where that is below 0 (dark water).
 * deviation: NULL or [T, roi.height, roi.width]: standard deviation of the first three bands in reflectance, 0 where
 * observed (unless full), NaN where it is not known (always without options.gaussian).
 * Errors: CLV_ERROR_MEMORY, CLV_ERROR_ARGUMENT (sizes, days not ascending). */
clv_status clv_gapfill(clv_context *ctx, clv_gapfill_work *work, const clv_gapfill_options *options,
                       const clv_stack *stack, clv_rect roi, const uint8_t *wanted, float *out, float *deviation);

/* Linear interpolation in time over the gaps; before the first and after the last observation a copy of the nearest
 * one; pixels that no date observes are interpolated from their surroundings. full: predict observed pixels too, from
 * the other dates. Same shapes and rules as clv_gapfill. */
clv_status clv_interpolate(clv_context *ctx, clv_gapfill_work *work, const clv_stack *stack, clv_rect roi,
                           const uint8_t *wanted, bool full, float *out);

#endif
