/* SPDX-License-Identifier: MIT
 *
 * baselines: the simplest ways to fill a gap, pixel by pixel from its own observations in time. What every other method
 * has to beat. (Linear interpolation is in gapfill.h.)
 *
 * A pixel that no date shows gets the band's mean over everything that is observed, 0 when nothing is.
 * Threads: pure functions.
 */
#ifndef CLV_GAPFILL_BASELINES_H
#define CLV_GAPFILL_BASELINES_H

#include "gapfill/gapfill.h"

typedef enum clv_baseline {
    CLV_BASELINE_LAST,    /* the latest observation before the date; before the first one: the first */
    CLV_BASELINE_NEXT,    /* the earliest one after it; after the last one: the last */
    CLV_BASELINE_CLOSEST, /* the nearer of the two, the earlier of equals */
    CLV_BASELINE_MEDIAN   /* lower median of all */
} clv_baseline;

/* out [T, C, H, W]: the stack where observed, the baseline in the gaps. Errors: CLV_ERROR_MEMORY. */
clv_status clv_baseline_fill(clv_context *ctx, clv_baseline kind, const clv_stack *stack, float *out);

#endif
