/* SPDX-License-Identifier: MIT
 *
 * regression: step 3. A date's bands by robust ridge regression on all bands of all other dates, shrunk toward step 2.
 *
 *     clv_regression_model m;
 *     if (!clv_regression_learn(j, t, &m))      // out of memory
 *         ...
 *     clv_regression_block(j, &m, t, pixels, true, out);
 *
 * The model's memory belongs to the job's workspace; the next clv_regression_learn() reuses it. One thread at a time
 * for each job.
 */
#ifndef CLV_GAPFILL_REGRESSION_H
#define CLV_GAPFILL_REGRESSION_H

#include <stdbool.h>

#include "base/buffer.h"

typedef struct clv_gapfill_job clv_gapfill_job;

/* Order of the regressors of a date: the `lead` first bands of every other date, its own step 2 in all bands, the
 * constant; behind these, for each further band, that band of every other date. */
typedef struct clv_regressors {
    int others, lead, bands;
    int common; /* others * lead + bands + 1 */
    int all;    /* with those of the further bands */
} clv_regressors;

typedef struct clv_regression_model {
    clv_regressors l;
    float *lead;    /* [lead, common] */
    float *further; /* [bands - lead, common + others] */
    float *without; /* [CLV_SAMPLE_PARTS, lead, common] fitted without one part of the samples; NULL: no shrinkage */
    double *error;  /* [lead] mean squared error of step 2; set with `without` */
    float trust;    /* clv_shrinkage_trust() */
    double limit;   /* reflectance: residuals are clipped to it before they are spread into the gaps */
} clv_regression_model;

typedef struct clv_model_buffers {
    clv_buffer coefficients, products, pointers, block, without, error;
} clv_model_buffers;

void clv_model_buffers_free(clv_model_buffers *buffers);

/* Fits date t to all other dates. Uses up the job's samples. False when out of memory. */
bool clv_regression_learn(clv_gapfill_job *j, int t, clv_regression_model *m);
/* The model at a block of pixels of date t. shrunk: toward step 2 where the model is uncertain, if it was fitted for
 * that (see shrinkage.h). out [bands, CLV_FIELD_BLOCK] */
void clv_regression_block(const clv_gapfill_job *j, const clv_regression_model *m, int t, const int *pixels,
                          bool shrunk, float *out);

#endif
