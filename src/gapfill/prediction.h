/* SPDX-License-Identifier: MIT
 *
 * prediction: each date as predicted from the others by the Gaussian mixture (gmm.h), before residuals are spread into
 * the gaps. coregister.h shifts it, outlier_review.h compares the observations with it.
 *
 * The memory belongs to the buffers, which are reused from call to call. One thread at a time.
 */
#ifndef CLV_GAPFILL_PREDICTION_H
#define CLV_GAPFILL_PREDICTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "gapfill/gmm.h"

/* Bands that share a model: at most CLV_GMM_BANDS. */
typedef struct clv_gapfill_bands {
    int first, count;
} clv_gapfill_bands;

typedef struct clv_gapfill_prediction {
    float *values;      /* [dates, bands of a group, n] each date from the others */
    float *variance;    /* [dates, n] mean over the first CLV_GAPFILL_COLOURS bands; NULL: not wanted */
    double *scales;     /* [dates] factor of the variance: squared error found over squared error expected */
    uint64_t *patterns; /* [n] bit t: date t observes the pixel */
} clv_gapfill_prediction;

typedef struct clv_prediction_buffers {
    clv_gmm gmm;
    clv_buffer values, variance, scales, patterns;
} clv_prediction_buffers;

/* By the patterns, a date other than t observes the pixel. */
static inline bool clv_prediction_others_observe(const clv_gapfill_prediction *p, int t, size_t pixel)
{
    return (p->patterns[pixel] & ~((uint64_t)1 << t)) != 0;
}

#endif
