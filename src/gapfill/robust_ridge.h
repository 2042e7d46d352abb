/* SPDX-License-Identifier: MIT
 *
 * robust_ridge: ridge regression of some targets on some regressors over many samples, shrunk toward given
 * coefficients. Iteratively reweighted: samples with large residuals get smaller weights (squared Cauchy weights, a few
 * passes).
 *
 * For each target y: argmin over b of  sum_s w_s (b . F_s - y_s)^2  +  (sum_s w_s) * sum_k shrink_k (b_k - target_k)^2.
 * Rows are float32, products are summed in float32 over short blocks and in float64 over these; the
 * equations are solved in float64 by LAPACK. One thread at a time for each clv_ridge_work; no global state.
 */
#ifndef CLV_GAPFILL_ROBUST_RIDGE_H
#define CLV_GAPFILL_ROBUST_RIDGE_H

#include <stdbool.h>

#include "base/buffer.h"

/* Samples come in blocks of this many; the last one is padded with samples of weight 0. */
#define CLV_RIDGE_BLOCK 256

typedef struct clv_ridge {
    int samples;              /* the padding is behind them */
    int padded;               /* multiple of CLV_RIDGE_BLOCK; rows are this long, finite everywhere */
    const float *const *rows; /* [regressors] */
    int regressors;
    const float *const *y; /* [targets] */
    int targets;
    const double *shrink; /* [regressors] */
    const double *toward; /* [targets, regressors] */
    int passes;
    bool share;      /* one set of weights for all targets, from their mean residual */
    int median_step; /* medians of residuals are taken from every so many-th sample */
    int parts;       /* of the samples, for `without`; 0: not wanted */
    const int *ends; /* [parts] part k ends before sample ends[k] */
    double *b;       /* out: [targets, regressors] */
    double *without; /* out: [parts, targets, regressors] b without a part, the samples' weights being the same */
    float *root;     /* out: [targets or 1 when shared, padded] square roots of the last pass's weights */
    float *residual; /* out: [targets, padded] y - b . F */
} clv_ridge;

/* Memory kept between calls; begin with zeros. */
typedef struct clv_ridge_work {
    clv_buffer gram, equations, right, scaled, sums, sample, pivots, rows, parts, shifted;
} clv_ridge_work;

void clv_ridge_work_free(clv_ridge_work *work);

/* Returns false when out of memory. Where the equations have no finite solution, b = toward. */
bool clv_robust_ridge(clv_ridge_work *work, const clv_ridge *r);

/* products[i * columns + j] = sum_s root_s^2 a_i b_j, for models that share regressors. False when out of memory. */
bool clv_weighted_products(clv_ridge_work *work, const float *const *a, int rows, const float *const *b, int columns,
                           const float *root, int padded, double *products);
/* Solves (gram + diag(shrink) * weight) b = right + weight * shrink * toward for `targets` right-hand sides
 * [targets, n]; gram [n, n] full and symmetric, not changed. False when out of memory; b = toward when unsolvable. */
bool clv_ridge_solve(clv_ridge_work *work, const double *gram, int n, const double *right, int targets,
                     const double *shrink, const double *toward, double weight, double *b);

/* sum [CLV_FIELD_BLOCK] += b . rows [count, CLV_FIELD_BLOCK] */
void clv_ridge_add_rows(const float *b, int count, const float *rows, float *sum);

#endif
