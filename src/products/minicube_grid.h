/* SPDX-License-Identifier: MIT
 *
 * minicube_grid: the UTM grid that a minicube's pixels lie on, recovered from the coordinates that it gives (see
 * cube.h). Pure; any thread.
 */
#ifndef CLV_PRODUCTS_MINICUBE_GRID_H
#define CLV_PRODUCTS_MINICUBE_GRID_H

#include "raster/grid.h"

/* lon[n], lat[n]: a minicube's axes, of which the pair i belongs to one pixel of the diagonal. name: the file's; the
 * zone is that of the tile in it, else that of the longitude. Fills transform, CRS and pixel_m of the grid, of which
 * rows run south (*flipped: the array's rows run north), and note. False, and nothing is changed, when the points do
 * not lie on an even grid. */
bool clv_minicube_grid(const char *name, const double *lon, const double *lat, int n, clv_grid *grid, bool *flipped,
                       char *note, size_t note_size);

#endif
