/* SPDX-License-Identifier: MIT
 *
 * job: the state of one call of clv_gapfill() or clv_interpolate(), handed from step to step: fill_gaps.h (steps 1 and
 * 2 of all dates, with radiometric_fit.h and missed_cloud.h), regression.h and shrinkage.h (step 3), or mixture.h with
 * outlier_review.h and coregister.h. For these files and gapfill.c alone.
 *
 * A job lives on the stack of the call; its memory belongs to the clv_gapfill_work, of which a thread has its own.
 * Functions that return bool fail only when memory is out.
 */
#ifndef CLV_GAPFILL_JOB_H
#define CLV_GAPFILL_JOB_H

#include "gapfill/coregister.h"
#include "gapfill/date_blend.h"
#include "gapfill/field.h"
#include "gapfill/outlier_review.h"
#include "gapfill/pixels.h"
#include "gapfill/prediction.h"
#include "gapfill/radiometric_fit.h"
#include "gapfill/regression.h"
#include "gapfill/regression_setup.h"
#include "gapfill/result.h"
#include "gapfill/training_set.h"

struct clv_gapfill_work {
    clv_field field;
    clv_spread spread;
    clv_buffer dense, pyramid; /* of clv_surroundings */
    clv_training_buffers set;
    clv_buffer start, fit;
    clv_regression_buffers regression;
    clv_model_buffers model;
    clv_prediction_buffers prediction;
    clv_outlier_buffers outliers;
    clv_buffer shift_basis, distance;
    clv_buffer pixels, scratch, scratch_values;
};

struct clv_gapfill_job {
    clv_gapfill_work *work;
    const clv_gapfill_options *options;
    clv_field *f;
    clv_training_set set;
    clv_gapfill_start start;           /* step 1 */
    clv_radiometric_fit fit;           /* step 2 */
    clv_gapfill_prediction prediction; /* instead of steps 3 and 4, */
    clv_outliers outliers;             /* what is excluded from it, */
    clv_shift_basis *shift_basis;      /* [dates] and how it is co-registered */
    uint16_t *distance;                /* [n] of clv_distance(), for the date being processed; NULL: nothing fades */
    clv_gapfill_result result;
    int *pixels;      /* [n + CLV_FIELD_BLOCK] the pixels being processed */
    uint8_t *scratch; /* [n] */
};

/* The pixels of date t that are to be predicted, into j->pixels. Returns how many. Uses j->scratch. */
static inline int clv_gapfill_list_targets(clv_gapfill_job *j, int t)
{
    const uint8_t *screened = clv_training_screened(&j->set, t, j->f->n);
    return clv_result_list_targets(&j->result, j->f, t, screened, j->scratch, j->pixels);
}

#endif
