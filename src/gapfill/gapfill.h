/* SPDX-License-Identifier: MIT
 *
 * prior: the regression prior, what stage 2 starts from and a complete method without weights.
 *
 * For each date with a gap: interpolate in time from the other dates (step 1); regress the date on that, robustly, over
 * the pixels it shows (step 2); ridge-regress it on all bands of all other dates, shrunk toward the former (step 3);
 * spread the residual around the gap inwards (step 4). With clv_gapfill_options_exact() results equal the numpy reference
 * within 1e-4; clv_gapfill_options_fast() learns from a sample of the pixels, mixes more dates than the two neighbours
 * for step 1, does not learn from clouds that the masks have missed, and stays near steps 1 and 2 where step 3 is
 * unsure of itself or far from what a date shows. clv_gapfill_options_gaussian() takes that far as well, and then how all
 * dates go together, learned once for all of them, instead of steps 3 and 4. With share_weights, bands behind the
 * fourth are regressed on fewer of the others.
 *
 * Memory: a workspace per thread, reused; nothing else is allocated. No global state, any number of threads.
 */
#ifndef CLV_GAPFILL_GAPFILL_H
#define CLV_GAPFILL_GAPFILL_H

#include <stdbool.h>

#include "base/context.h"
#include "image/windows.h"

/* A stack of T dates, C bands, H x W pixels: x[((t*C + c)*H + y)*W + x]. */
typedef struct clv_stack {
    const float *x;     /* reflectance; values under gap are never read */
    const uint8_t *gap; /* [T, H, W], non-zero = not observed */
    const double *days; /* [T] acquisition day numbers, ascending */
    int dates, bands, height, width;
} clv_stack;

typedef struct clv_gapfill_options {
    int gap_buffer;            /* pixels around a gap that are not learned from (4) */
    double strength;    /* ridge strength (1e-3) */
    double own_share;   /* of that strength, for step 2 as a regressor (0.05) */
    int passes;         /* of the robust regressions (4) */
    int min_pixels;     /* a date that shows fewer keeps step 1 (200; gaussian 60) */
    int sample_pixels;  /* learn from about this many pixels per date; 0 = all */
    bool share_weights; /* one set of robust weights for all bands */
    bool full;          /* predict observed pixels too instead of copying them */
    double spread_rest; /* weight of "no residual" where the residual is carried into a gap (1e-3): fades it out */
    bool smooth;        /* step 1 may take more than a date's two neighbours in time (see date_blend.h) */
    bool missed_cloud;  /* clouds that the masks have missed are not learned from; bands 1 to 3 are red, green, blue */
    bool gaussian;      /* all dates at once instead of steps 3 and 4 (see mixture.c), of 2 to 24 dates; else as without */
    bool shrinkage;     /* where step 3 is unsure of itself the result stays nearer to step 2 (see shrinkage.c) */
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
 * out: [T, C, roi.height, roi.width] reflectance in [0, 1.5], x where observed (unless full); only wanted dates
 * written.
 * deviation: NULL or [T, roi.height, roi.width], how far a result may be off: standard deviation in reflectance of the
 * first three bands, 0 where observed (unless full), NaN where it can't be told (always without options.gaussian).
 * Errors: CLV_ERROR_MEMORY, CLV_ERROR_ARGUMENT (sizes, days not ascending). */
clv_status clv_gapfill(clv_context *ctx, clv_gapfill_work *work, const clv_gapfill_options *options, const clv_stack *stack,
                     clv_rect roi, const uint8_t *wanted, float *out, float *deviation);

/* Linear interpolation in time over the gaps (nearest copy outside the first/last observation; ground never observed is
 * blended from its surroundings in the stack). full: predict observed pixels too, from the other dates.
 * Same shapes and rules as clv_gapfill. */
clv_status clv_interpolate(clv_context *ctx, clv_gapfill_work *work, const clv_stack *stack, clv_rect roi,
                           const uint8_t *wanted, bool full, float *out);

#endif
