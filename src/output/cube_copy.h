/* SPDX-License-Identifier: MIT
 *
 * cube_copy: -of netCDF where all inputs are cubes (products/xcube.h): each comes back as it was, the same axes,
 * coordinates, attributes and encodings, with its gaps filled; masks and the like beside it are GeoTIFFs. The dates are
 * written as rasters like any output; when they are complete the input's bytes are copied, and what differs from the
 * input is written into the copy's arrays, block by block. Part of outputs.c and publish.c; implemented by
 * cube_names.c and cube_copy.c.
 *
 *     if ((status = clv_outputs_keep_cubes(set, series, false)) != CLV_OK) return status;    // before any name is
 * given
 *     ...
 *     clv_outputs_publish(set);                                                               // makes the copies
 *
 * Coarser bands, which were read repeated onto the grid of red, green and blue, get the mean of what was filled of a
 * pixel. Memory: one block of an array.
 */
#ifndef CLV_OUTPUT_CUBE_COPY_H
#define CLV_OUTPUT_CUBE_COPY_H

#include "output/writer.h"

typedef struct clv_cube_copies clv_cube_copies;

/* Does nothing unless the set's format is netCDF and every date comes from a netCDF cube. An error where a cube cannot
 * come back whole: another grid, a crop, all dates in one raster (stack). */
clv_status clv_outputs_keep_cubes(clv_outputs *set, const clv_series *series, bool stack);
void clv_cube_copies_free(clv_cube_copies *copies);
/* Name of the cube that date t's picture goes to; the copies keep it. */
clv_status clv_cube_copies_name(clv_outputs *set, const clv_series *series, const char *stem, char **path);
/* Whether the path is that of a copy. */
bool clv_cube_copies_owns(const clv_cube_copies *copies, const char *path);
/* Items of the dates are complete: makes those of the cubes. */
clv_status clv_cube_copies_make(clv_outputs *set);

#endif
