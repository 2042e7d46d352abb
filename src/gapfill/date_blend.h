/* SPDX-License-Identifier: MIT
 *
 * missing: what a date would look like if nothing of it were seen: the result where that is so or nearly so, and step 1
 * of the prior elsewhere. It is made of the other dates' filled pictures, whole pictures at a time, in three ways,
 * mixed as would have served best for the dates that are seen, each left out in turn:
 *
 * - linear interpolation between the two neighbours, the best where growth is smooth and the air is clear;
 * - a local line through all dates near in time, which averages haze and noise away where growth is slow;
 * - kriging in time (Matheron 1963), which takes what the pictures tell of themselves: half the mean squared difference
 *   of two dates is put down to the days between them (the ground's change, in proportion to the time) and to what each
 *   date has of its own (haze, light, undetected cloud, noise). It gives the weights that predict with the least
 * squared error if that is how the series is made: hazy dates weigh little, and all others alike where only the air
 * changes.
 *
 *     double *memory = clv_alloc_array(1, clv_date_blend_count(f->dates), sizeof *memory);
 *     clv_date_blend m;
 *     clv_date_blend_learn(&m, f, usable, memory);
 *     if (clv_date_blend_weights(&m, t, weights)) clv_date_blend_block(f, weights, pixels, out);
 */
#ifndef CLV_GAPFILL_DATE_BLEND_H
#define CLV_GAPFILL_DATE_BLEND_H

#include <stdint.h>

#include "gapfill/field.h"

#define CLV_DATE_BLEND_WAYS 3 /* linear interpolation, line, kriging */

typedef struct clv_date_blend {
    int dates;
    const double *days;
    const uint8_t *usable; /* [dates] non-zero = the date's filled picture may be used */
    double *noise;         /* [dates] variance of what a date has of its own; the scale of the bands is taken out */
    double slope;          /* variance of the ground's change per day */
    double share[CLV_DATE_BLEND_WAYS]; /* of the ways; they sum to 1 */
    double *scratch;                   /* for one call of clv_date_blend_weights */
} clv_date_blend;

/* Doubles that a series needs. */
size_t clv_date_blend_count(int dates);
/* Looks at a lattice of pixels of the whole field, whose gaps are filled. memory and usable must outlive m. */
void clv_date_blend_learn(clv_date_blend *m, const clv_field *f, const uint8_t *usable, double *memory);
/* weights [dates] of the other dates for date t; they sum to 1 and are 0 at t and at dates that are not usable. False
 * when no other date is usable. */
bool clv_date_blend_weights(const clv_date_blend *m, int t, double *weights);
/* Date t at a block of pixels as the weighted sum of the filled dates. out [bands, CLV_FIELD_BLOCK] */
void clv_date_blend_block(const clv_field *f, const double *weights, const int *pixels, float *out);

#endif
