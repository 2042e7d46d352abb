/* SPDX-License-Identifier: MIT
 *
 * gmm: a Gaussian mixture model of the dates of a series, fitted to pixels that are observed at some of the dates only.
 * A pixel is a vector of dates x bands values, drawn from one of a few normal distributions (kinds of ground); their
 * means and covariances are estimated by expectation maximisation with missing values (Dempster, Laird, Rubin 1977;
 * Ghahramani, Jordan 1994). Each date's conditional mean and variance, given the dates that observe a pixel, follow
 * from them.
 *
 * Values are columns of dates * bands doubles, date by date; `seen` has bit t set where date t observes the pixel.
 *
 *     clv_gmm g = {0};
 *     if (!clv_gmm_fit(&g, &options, dates, bands, count, values, seen))
 *         ...                                                                   // out of memory
 *     clv_gmm_set(&g, pattern, false);
 *     clv_gmm_predict(&g, values, false, predicted, variance);            // of pixels with that pattern
 *     clv_gmm_free(&g);
 *
 * One thread at a time for each; results are deterministic.
 */
#ifndef CLV_GAPFILL_GMM_H
#define CLV_GAPFILL_GMM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define CLV_GMM_DATES 24 /* at most, and bands per date: the time grows with the cube of both */
#define CLV_GMM_BANDS 4
#define CLV_GMM_COMPONENTS 8
#define CLV_GMM_CHUNK 48 /* pixels at a time */

typedef struct clv_gmm_options {
    int components;
    int rounds;    /* of expectation and maximisation */
    double noise;  /* variance added to every value, reflectance squared */
    double pooled; /* weight, in pixels, of the covariance of all components in that of each one */
    double first;  /* weight, in pixels, of the initial covariance in that one */
} clv_gmm_options;

/* One component, given which dates are seen. Matrices are stored by columns. */
typedef struct clv_given {
    double *root;    /* [seen, seen] Cholesky factor of the seen values' covariance, lower */
    double *slope;   /* [seen, unobserved] unobserved values on seen ones */
    double *rest;    /* [unobserved, unobserved] covariance of the unobserved values given the seen ones */
    double *inverse; /* [seen, seen] residuals of the seen values, predicted from the other dates, on all seen ones */
    double *spread;  /* [dims] variance of each value given all dates seen but its own */
    double constant; /* of the log likelihood */
} clv_given;

typedef struct clv_gmm {
    int dates, bands, dims, components;
    double *share; /* [components] */
    double *mean;  /* [components, dims] */
    double *cov;   /* [components, dims, dims] */
    /* clv_gmm_set: */
    int seen_dims, unobserved_dims;
    int *seen, *unobserved; /* lists of dims */
    clv_given *given;
    double *cross, *centred, *half, *offset, *likelihood; /* scratch, see gmm.c */
    clv_buffer store, given_store, matrices, lists, scratch, sums, order;
} clv_gmm;

void clv_gmm_free(clv_gmm *g);
/* values [count, dims]: initial values where not observed; seen [count], of which none is 0. At most CLV_GMM_DATES,
 * _BANDS and _COMPONENTS. False when out of memory. */
bool clv_gmm_fit(clv_gmm *g, const clv_gmm_options *options, int dates, int bands, int count, const double *values,
                 const uint64_t *seen);
/* A pixel and the dates that observe it: its pattern, by which pixels are sorted. */
typedef struct clv_seen_pixel {
    uint64_t seen;
    int pixel;
} clv_seen_pixel;

void clv_sort_by_pattern(clv_seen_pixel *pixels, int count);

/* Prepares predictions for pixels that these dates observe. others: seen dates are predicted too, each from the others.
 */
void clv_gmm_set(clv_gmm *g, uint64_t pattern, bool others);
/* Exactly CLV_GMM_CHUNK pixels with the pattern that was set, the last ones repeated if there are fewer, so that a
 * pixel's result does not depend on their number. values [chunk, dims]; predicted, variance [chunk, dims]: each date
 * given the others that are seen (its own values only determine the probabilities of the components); with others =
 * false the seen dates unchanged (their variance is undefined). variance may be NULL. */
void clv_gmm_predict(const clv_gmm *g, const double *values, bool others, double *predicted, double *variance);

#endif
