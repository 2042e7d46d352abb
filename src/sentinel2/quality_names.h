/* SPDX-License-Identifier: MIT
 *
 * quality_names: names of bands that are no reflectance: masks, probabilities, angles, indices, counts; and names that
 * say nothing.
 *
 *     clv_name_is_quality("sunAzimuthAngles");     // true
 *     clv_name_is_generic("Band 5");               // true
 *
 * Pure functions; any thread.
 */
#ifndef CLV_SENTINEL2_QUALITY_NAMES_H
#define CLV_SENTINEL2_QUALITY_NAMES_H

#include <stdbool.h>

/* Whether the field knows bands of this name as no reflectance. Names that hold a band's code as well ("VZA_B04") count
 * only where the word makes another quantity of the band. */
bool clv_name_is_quality(const char *name);

/* The same for those words alone: angles, counts, deviations, masks of one band. */
bool clv_name_is_of_band(const char *name);

/* Whether a name tells nothing of what the band holds: none at all, numbers, dates, tiles, "Band 5", "layer.5". */
bool clv_name_is_generic(const char *name);

#endif
