/* SPDX-License-Identifier: MIT
 *
 * missing: dates of which nothing, or too little, is seen. They are made of the other dates' filled pictures, whole
 * pictures at a time: between linear interpolation of the two neighbours and kriging in time, at the place between the
 * two that would have served best for the dates that are seen, each left out in turn.
 *
 * Kriging (Matheron 1963) takes what the pictures tell of themselves: half the mean squared difference of two dates is
 * put down to the days between them (the ground's change, in proportion to the time) and to what each date has of its
 * own (haze, light, undetected cloud, noise). It gives the weights, summing to 1, that predict with the least squared
 * error if that is how the series is made: near dates weigh more on land that grows, all dates alike where only the air
 * changes, hazy dates little. Interpolation is better where growth is smooth; the series itself tells.
 *
 *     double *memory = ... clv_missing_count(f->dates) ...;
 *     clv_missing m;
 *     clv_missing_learn(&m, f, usable, memory);
 *     if (clv_missing_weights(&m, t, weights)) clv_missing_block(f, weights, pixels, out);
 */
#ifndef CLV_CORE_MISSING_H
#define CLV_CORE_MISSING_H

#include <stdint.h>

#include "core/field.h"

typedef struct clv_missing {
    int dates;
    const double *days;
    const uint8_t *usable; /* [dates] non-zero = the date's filled picture may be used */
    double *noise;         /* [dates] variance of what a date has of its own; the scale of the bands is taken out */
    double slope;          /* variance of the ground's change per day */
    double share;          /* of kriging: 0 = linear interpolation alone, 1 = kriging alone */
    double *room;          /* for one call of clv_missing_weights */
} clv_missing;

/* Doubles that a series needs. */
size_t clv_missing_count(int dates);
/* Looks at a lattice of pixels of the whole field, whose gaps are filled. memory and usable must outlive m. */
void clv_missing_learn(clv_missing *m, const clv_field *f, const uint8_t *usable, double *memory);
/* weights [dates] of the other dates for date t; they sum to 1 and are 0 at t and at dates that are not usable. False
 * when no other date is usable. */
bool clv_missing_weights(const clv_missing *m, int t, double *weights);
/* Date t at a block of pixels as the weighted sum of the filled dates. out [bands, CLV_FIELD_BLOCK] */
void clv_missing_block(const clv_field *f, const double *weights, const int *pixels, float *out);

#endif
