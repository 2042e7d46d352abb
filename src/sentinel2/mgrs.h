/* SPDX-License-Identifier: MIT
 *
 * mgrs: Sentinel-2's tiles, named by the squares of the Military Grid Reference System. Pure; any thread.
 *
 *     int epsg;
 *     double easting, northing;
 *     if (clv_s2_tile_origin("32TPS", &epsg, &easting, &northing)) ...
 */
#ifndef CLV_SENTINEL2_MGRS_H
#define CLV_SENTINEL2_MGRS_H

#include <stdbool.h>

/* EPSG code and upper left corner of a Sentinel-2 tile such as "32TPS"; false when it is no tile's name. */
bool clv_s2_tile_origin(const char *tile, int *epsg, double *easting, double *northing);

#endif
