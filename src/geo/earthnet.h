/* SPDX-License-Identifier: MIT
 *
 * earthnet: EarthNet2021 cubes (.npz): highresdynamic [H, W, C, T], channels B02 B03 B04 B8A [CLD SCL] mask, as a
 * scene.
 *
 * A test split keeps the first part of a cube in context/.../context_NAME.npz and the rest in
 * target/.../target_NAME.npz; they are joined when both are there, whichever was named. Dates are those of the name:
 * start + 4 + 5 k days. The cubes carry no georeference: it is reconstructed from the tile and the pixel offsets in the
 * name and the Sentinel-2 tiling grid (the data's authors warn that their own lookup of the corner is not exact). Steps
 * without any value are kept: they can be predicted.
 */
#ifndef CLV_GEO_EARTHNET_H
#define CLV_GEO_EARTHNET_H

#include "geo/scene.h"

/* Whether the name is a cube's (.npz). */
bool clv_earthnet_is_cube(const char *name);
/* The file that holds the other part of a test split's cube, if its name has the form and the file exists; NULL
 * otherwise; free(). */
char *clv_earthnet_partner(const char *name);
/* Opens the cube (with its partner). Frames are datasets in memory. */
clv_status clv_earthnet_open(clv_context *ctx, const char *name, clv_scene *out);
/* EPSG code and upper left corner of a Sentinel-2 tile such as "32TPS"; false when it is no tile's name. */
bool clv_s2_tile_origin(const char *tile, int *epsg, double *easting, double *northing);

#endif
