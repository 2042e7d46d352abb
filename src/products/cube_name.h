/* SPDX-License-Identifier: MIT
 *
 * cube_name: what the name of an EarthNet2021 cube says: tile, dates, footprint, and the other file of a test split.
 *
 *     29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz
 *
 * is 128x128 pixels of tile 29SND from row 2105 and column 2873 on; pictures begin four days after the first date (the
 * first day of the cube's weather) and follow every five days. The cubes carry no georeference: it is reconstructed
 * from the name and the Sentinel-2 tiling grid (the data's authors warn that their own lookup of the corner is not
 * exact). A test split keeps the first part of a cube in context/.../context_NAME.npz, the rest in
 * target/.../target_NAME.npz.
 *
 *     clv_cube_name name;
 *     if (clv_cube_name_parse("a/29SND_....npz", &name))
 *         date = clv_cube_name_date(&name, clv_cube_name_first("a/29SND_....npz", &name, 30) + step);
 *
 * Pure functions; any thread.
 */
#ifndef CLV_PRODUCTS_CUBE_NAME_H
#define CLV_PRODUCTS_CUBE_NAME_H

#include "raster/grid.h"
#include "sentinel2/dates.h"

#define CLV_CUBE_STEP 5 /* days */

typedef struct clv_cube_name {
    char tile[6];
    double start, end; /* day numbers */
    int row, column;   /* of the cube's upper left pixel in the tile */
} clv_cube_name;

/* false when the file's name has another form. */
bool clv_cube_name_parse(const char *path, clv_cube_name *out);
/* The file's name without folders and without context_ or target_, inside path. */
const char *clv_cube_name_plain(const char *path);
/* Number of the file's first step: a target part begins after its context, as many steps before the end as it has. */
int clv_cube_name_first(const char *path, const clv_cube_name *name, int steps);
clv_date clv_cube_name_date(const clv_cube_name *name, int step);
/* Transform and CRS for the cube at 20 m; width and height are the caller's. The grid stays without georeference when
 * the tile is none. */
void clv_cube_name_place(const clv_cube_name *name, clv_grid *grid);

/* The file that holds the other part of a test split's cube, if its name has the form and the file exists; NULL
 * otherwise; free(). */
char *clv_earthnet_partner(const char *name);

#endif
