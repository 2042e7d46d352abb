/* SPDX-License-Identifier: MIT
 *
 * level_quantiles: dates whose reflectance is a factor or a constant away from that of the other dates, told by the
 * percentiles of two dates on the ground that both show.
 *
 * A wrong scale multiplies every percentile of every band alike, a wrong offset adds the same to each. Cloud, haze,
 * snow, low sun, water, growth, harvest and fire do neither: they change the bands, or dark and bright ground, unlike.
 * Percentiles need no pixel to stay as it was, so that fields may grow between the two dates. Dates of one level make
 * a group; the largest is taken for right, and a group that enough pairs place a factor or a constant beside it is
 * away.
 *
 * Threads: pure function.
 */
#ifndef CLV_IMAGE_LEVEL_QUANTILES_H
#define CLV_IMAGE_LEVEL_QUANTILES_H

#include "image/level.h"

/* levels [dates]: what is known so far; dates found to be away become CLV_LEVEL_FACTOR, CLV_LEVEL_CONSTANT or, where
 * the constant is a multiple of CLV_LEVEL_OFFSET_STEP, CLV_LEVEL_DOUBTFUL. Those of the user's trust, and those that
 * were given an offset already, stay. False: out of memory. */
bool clv_levels_by_quantiles(const clv_level_scene *scene, clv_level *levels);

#endif
