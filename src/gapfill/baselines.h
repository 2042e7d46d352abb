/* SPDX-License-Identifier: MIT
 *
 * baselines: the simplest methods to fill a gap, pixel by pixel from its own observations in time, for comparison with
 * every other method. (Linear interpolation is in gapfill.h.)
 *
 * A pixel that no date observes gets the band's mean over all observations, 0 when there are none.
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
