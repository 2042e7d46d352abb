/* SPDX-License-Identifier: MIT
 *
 * regression_setup: the rows, weights and coefficients of one robust ridge regression, which step 2 and step 3 of the
 * gap filling fill in and solve in turn.
 *
 *     clv_regression r;
 *     if (!clv_regression_hold(&buffers, options, regressors, targets, samples, &r))   // out of memory
 *         ...
 *     clv_regression_gather_targets(f, t, pixels, r.ridge.padded, r.values + regressors * r.ridge.padded);
 *     clv_robust_ridge(&buffers.ridge, &r.ridge);
 *
 * The memory belongs to the buffers; the next clv_regression_hold() reuses it. One thread at a time.
 */
#ifndef CLV_GAPFILL_REGRESSION_SETUP_H
#define CLV_GAPFILL_REGRESSION_SETUP_H

#include "base/buffer.h"
#include "gapfill/field.h"
#include "gapfill/robust_ridge.h"

typedef struct clv_regression_buffers {
    clv_ridge_work ridge;
    clv_buffer features, rows, coefficients, weights, residual;
} clv_regression_buffers;

typedef struct clv_regression {
    clv_ridge ridge;
    float *values;           /* [regressors + targets, ridge.padded] */
    const float **rows;      /* [regressors + targets] pointers into values */
    double *shrink, *toward; /* [regressors], [targets, regressors]: ridge.shrink and ridge.toward, to be written to */
} clv_regression;

/* toward is 0; values and shrink are undefined. False when out of memory. */
bool clv_regression_hold(clv_regression_buffers *buffers, const clv_gapfill_options *options, int regressors,
                         int targets, int samples, clv_regression *r);
void clv_regression_buffers_free(clv_regression_buffers *buffers);

/* The bands of date t at `padded` pixels, a multiple of CLV_FIELD_BLOCK. values [bands, padded] */
void clv_regression_gather_targets(const clv_field *f, int t, const int *pixels, int padded, float *values);
/* The row of the constant. */
void clv_regression_set_ones(float *row, int n);

#endif
