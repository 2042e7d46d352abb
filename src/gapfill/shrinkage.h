/* SPDX-License-Identifier: MIT
 *
 * shrinkage: how far the model of a date is trusted: results are shrunk toward step 2 where the model is uncertain, and
 * toward step 1 far from the pixels that it was fitted to.
 *
 *     clv_shrinkage_begin_fade(j, t);
 *     clv_regression_block(j, &m, t, pixels, true, out);       // calls clv_shrinkage_block()
 *     clv_shrinkage_fade_block(j, pixels, out, weight);
 *
 * One thread at a time for each job.
 */
#ifndef CLV_GAPFILL_SHRINKAGE_H
#define CLV_GAPFILL_SHRINKAGE_H

#include "gapfill/gapfill.h"
#include "gapfill/regression.h"
#include "gapfill/regression_setup.h"

#define CLV_SHRINKAGE_MARGIN 0.01f      /* reflectance, */
#define CLV_SHRINKAGE_MARGIN_SHARE 0.1f /* and share of a range: how far outside the range a result may lie */

/* Weight of a date's models by the number of pixels that they are fitted to, 0 to 1; 1 without options->shrinkage. */
double clv_shrinkage_trust(const clv_gapfill_options *options, int train_count);
/* Takes step 2's error and the models without a part over from a regression that has been solved. */
void clv_shrinkage_learn(const clv_regression *r, clv_regression_model *m);
/* Shrinks step 3 toward step 2 where the model is uncertain. rows: the regressors of a block of pixels;
 * out [bands, CLV_FIELD_BLOCK] */
void clv_shrinkage_block(const clv_regression_model *m, const float *rows, float *out);
/* Finds the distance of all pixels to those of date t that its models are fitted to. False when out of memory. */
bool clv_shrinkage_begin_fade(clv_gapfill_job *j, int t);
/* Blends results with step 1 by that distance. out [bands, CLV_FIELD_BLOCK]; weight [CLV_FIELD_BLOCK] is set to the
 * weight of the results, 0 to 1. */
void clv_shrinkage_fade_block(const clv_gapfill_job *j, const int *pixels, float *out, float *weight);

/* v, limited to [low, high] and a margin around it. */
static inline float clv_shrinkage_inside(float low, float high, float v)
{
    const float margin = CLV_SHRINKAGE_MARGIN + CLV_SHRINKAGE_MARGIN_SHARE * (high - low);
    return v < low - margin ? low - margin : v > high + margin ? high + margin : v;
}

#endif
