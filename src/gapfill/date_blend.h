/* SPDX-License-Identifier: MIT
 *
 * date_blend: a whole date predicted from the other dates' filled rasters: step 1 of the gap filling, and the result
 * where a date observes nothing or almost nothing. Three predictions are blended, with the weights that would have been
 * best for the observed dates, each left out in turn:
 *
 * - linear interpolation between the two neighbours, the best where growth is smooth and the air is clear;
 * - a local line through all dates near in time, which averages haze and noise where growth is slow;
 * - kriging in time (Matheron 1963), whose variogram is estimated from the rasters: half the mean squared difference of
 *   two dates is attributed to the days between them (change of the ground, in proportion to time) and to noise of each
 *   date (haze, illumination, undetected cloud). Under this model its weights have the least squared error: hazy dates
 *   get little weight, and all dates the same where only the atmosphere changes.
 *
 *     double *memory = clv_alloc_array(1, clv_date_blend_count(f->dates), sizeof *memory);
 *     clv_date_blend m;
 *     clv_date_blend_learn(&m, f, usable, memory);
 *     if (clv_date_blend_weights(&m, t, weights)) clv_date_blend_block(f, weights, pixels, out);
 *
 * The memory is the caller's. One thread at a time for each blend.
 */
#ifndef CLV_GAPFILL_DATE_BLEND_H
#define CLV_GAPFILL_DATE_BLEND_H

#include <stdint.h>

#include "gapfill/field.h"

#define CLV_DATE_BLEND_WAYS 3 /* linear interpolation, line, kriging */

typedef struct clv_date_blend {
    int dates;
    const double *days;
    const uint8_t *usable;             /* [dates] non-zero = the date may be used */
    double *noise;                     /* [dates] noise variance of a date, in units of the bands' own variance */
    double slope;                      /* variance of the ground's change per day, in the same units */
    double share[CLV_DATE_BLEND_WAYS]; /* weights of the three predictions; they sum to 1 */
    double *scratch;                   /* for one call of clv_date_blend_weights */
} clv_date_blend;

/* Size of `memory` of clv_date_blend_learn(), in doubles. */
size_t clv_date_blend_count(int dates);
/* Estimates noise, slope and share from a lattice of pixels of the field, whose gaps are filled. memory and usable must
 * outlive m. */
void clv_date_blend_learn(clv_date_blend *m, const clv_field *f, const uint8_t *usable, double *memory);
/* weights [dates] of the other dates for date t; they sum to 1 and are 0 at t and at dates that are not usable. False
 * when no other date is usable. */
bool clv_date_blend_weights(const clv_date_blend *m, int t, double *weights);
/* Date t at a block of pixels as the weighted sum of the filled dates. out [bands, CLV_FIELD_BLOCK] */
void clv_date_blend_block(const clv_field *f, const double *weights, const int *pixels, float *out);

/* What step 1 is for a date: the blend, or the interpolation between the two nearest observations of a pixel. */
typedef struct clv_gapfill_start {
    clv_date_blend blend;
    double *weights; /* [dates] of the blend for the date being processed, and behind them the memory of `blend` */
    bool blended;
} clv_gapfill_start;

/* Chooses the blend for date t where it has been made (blend.dates > 0) and another date is usable. Returns whether. */
bool clv_gapfill_choose_start(clv_gapfill_start *start, int t);

#endif
