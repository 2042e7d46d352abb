/* SPDX-License-Identifier: MIT
 *
 * level_ratio: dates whose reflectance is a factor of 1.2 to 1.8 away from that of the other dates, such as where a
 * date was stored with a gain of its own. Weather, season and the side that the satellite looks from change the ground
 * by as much from one pair of dates to the next, but not for all pairs of one date, in all bands and with the contrast
 * of the ground.
 *
 * Threads: pure function.
 */
#ifndef CLV_IMAGE_LEVEL_RATIO_H
#define CLV_IMAGE_LEVEL_RATIO_H

#include "image/level.h"

/* levels [dates]: what is known already. Dates that are unknown or fit become a factor away where the pixels say so.
 * False: out of memory. */
bool clv_levels_by_ratio(const clv_level_scene *scene, clv_level *levels);

#endif
