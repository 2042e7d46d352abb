/* SPDX-License-Identifier: MIT
 *
 * outlier_review: the observations compared with what the other dates predict for them: outliers are no longer used to
 * predict the other dates, and pixels that agree join the train mask.
 *
 * One thread at a time for each job.
 */
#ifndef CLV_GAPFILL_OUTLIER_REVIEW_H
#define CLV_GAPFILL_OUTLIER_REVIEW_H

#include "gapfill/prediction.h"

typedef struct clv_gapfill_job clv_gapfill_job;

typedef struct clv_outliers {
    uint8_t *mask;         /* [dates, n] 1 = gap or outlier: the other dates are not predicted from it */
    float *residual_scale; /* [dates] robust standard deviation of what is observed less what the other dates predict */
} clv_outliers;

typedef struct clv_outlier_buffers {
    clv_buffer mask, residual_scale;
} clv_outlier_buffers;

/* Sets the outliers, and the train mask and count anew, from the prediction of the whole field in the bands b. False
 * when out of memory. */
bool clv_outlier_review(clv_gapfill_job *j, clv_gapfill_bands b);

#endif
