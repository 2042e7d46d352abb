/* SPDX-License-Identifier: MIT
 *
 * missing: dates of which nothing, or too little, is seen. They are made of the other dates' filled pictures, whole
 * pictures at a time: between linear interpolation of the two neighbours and a local line through all dates near in
 * time, at the place between the two that would have served best for the dates that are seen, each left out in turn.
 *
 * The line averages the haze and noise of single dates away but follows fast growth less well: which of the two is
 * better depends on the land, and the series itself tells.
 */
#ifndef CLV_CORE_MISSING_H
#define CLV_CORE_MISSING_H

#include <stdint.h>

#include "core/field.h"

/* usable [dates]: non-zero = the date's filled picture may be used. linear, line [dates]: weights of the other dates
 * for date t; both sum to 1 and are 0 at t and at dates that are not usable. False when no other date is usable. */
bool clv_missing_weights(const double *days, const uint8_t *usable, int dates, int t, double *linear, double *line);

/* Share of the line (0 = linear interpolation alone, 1 = the line alone), from a lattice of pixels of the whole field.
 * scratch [2 * dates]. */
double clv_missing_share(const clv_field *f, const uint8_t *usable, double *scratch);

/* Date t at a block of pixels as the weighted sum of the filled dates. out [bands, CLV_FIELD_BLOCK] */
void clv_missing_block(const clv_field *f, const double *weights, const int *pixels, float *out);

#endif
