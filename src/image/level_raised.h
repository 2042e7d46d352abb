/* SPDX-License-Identifier: MIT
 *
 * level_raised: dates whose visible bands lie a constant above those of the other dates on the same ground while near
 * infrared follows the season, so that no comparison of all bands tells it.
 *
 * Threads: pure function.
 */
#ifndef CLV_IMAGE_LEVEL_RAISED_H
#define CLV_IMAGE_LEVEL_RAISED_H

#include "image/level.h"

/* levels [dates]: what is known already. Dates that are unknown or fit become doubtful, or a constant away, where the
 * pixels say so. False: out of memory. */
bool clv_levels_raised(const clv_level_scene *scene, clv_level *levels);

#endif
