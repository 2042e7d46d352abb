/* SPDX-License-Identifier: MIT
 *
 * coregister: sub-pixel shifts and differences in sharpness between dates, estimated from what a date observes and
 * applied to what the other dates predict for it.
 *
 *     clv_coregister_learn(j, bands);           // once, from the whole field
 *     clv_coregister(j, bands, t, part);        // date t, where it has been predicted
 *
 * One thread at a time for each job.
 */
#ifndef CLV_GAPFILL_COREGISTER_H
#define CLV_GAPFILL_COREGISTER_H

#include "gapfill/prediction.h"
#include "image/windows.h"

typedef struct clv_gapfill_job clv_gapfill_job;

/* A date less its prediction from the others, as multiples of the prediction's gradient in x and y and of its
 * Laplacian. */
#define CLV_SHIFT_BASES 3
typedef struct clv_shift_basis {
    float weights[CLV_GMM_BANDS][CLV_SHIFT_BASES]; /* of the bands of the first group */
    float mean[CLV_SHIFT_BASES];                   /* of these bands, for the further groups */
    double residual_share;                         /* share of the squared differences that remains */
} clv_shift_basis;

/* Sets the job's shift_basis from the prediction of the whole field. False when out of memory. */
bool clv_coregister_learn(clv_gapfill_job *j, clv_gapfill_bands b);
/* Shifts and sharpens the prediction of date t in `part`. False when out of memory. */
bool clv_coregister(clv_gapfill_job *j, clv_gapfill_bands b, int t, clv_rect part);

#endif
