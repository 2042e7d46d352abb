/* SPDX-License-Identifier: MIT
 *
 * level_band: one visible band of a date that lies a constant or a factor away from the same band of other dates, while
 * the date's other bands lie on their level. Neither haze nor plants move a visible band alone, and all pixels alike.
 *
 * Threads: pure function.
 */
#ifndef CLV_IMAGE_LEVEL_BAND_H
#define CLV_IMAGE_LEVEL_BAND_H

#include "image/level.h"

/* Sets band, band_difference and band_factor of dates whose state is unknown or fits: two pairs with other dates must
 * say it. False: out of memory. */
bool clv_levels_by_band(const clv_level_scene *scene, clv_level *levels);

#endif
