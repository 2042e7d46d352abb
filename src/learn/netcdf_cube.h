/* SPDX-License-Identifier: MIT
 *
 * netcdf_cube: an EarthNet2021x / GreenEarthNet minicube (.nc) as rasters in memory, a picture and a scene
 * classification for each date on which something was seen. Needs GDAL's netCDF driver.
 *
 * Pictures: bands B02, B03, B04, B8A in reflectance, NaN where missing. Classes, Sen2Cor's: 9 cloud (of s2_dlmask's
 * thick and thin cloud, or of s2_SCL's 0, 1, 8, 9, 10), 3 shadow (of either), 4 the rest. The cubes' longitudes and
 * latitudes do not describe where the pixels lie (they label the diagonal of a UTM window): the rasters have no
 * georeference.
 *
 *     clv_netcdf_cube *cube;
 *     if ((status = clv_netcdf_cube_open(ctx, "cube.nc", &cube)) != CLV_OK) return status;
 *     ... cube->pictures[0 .. cube->count - 1], cube->classes ...
 *     clv_netcdf_cube_free(cube);      // after everything that reads the rasters
 *
 * The rasters belong to the cube. One thread at a time.
 */
#ifndef CLV_LEARN_NETCDF_CUBE_H
#define CLV_LEARN_NETCDF_CUBE_H

#include "core/context.h"

typedef struct clv_netcdf_cube {
    char *folder; /* in /vsimem/ */
    char **pictures, **classes;
    int count;
} clv_netcdf_cube;

bool clv_netcdf_is_cube(const char *name);
clv_status clv_netcdf_cube_open(clv_context *ctx, const char *path, clv_netcdf_cube **out);
void clv_netcdf_cube_free(clv_netcdf_cube *cube);

#endif
