/* SPDX-License-Identifier: MIT
 *
 * turned_array: a name under which GDAL opens an array of a netCDF file or Zarr folder whose axes stand in any order,
 * as GDAL's raster interface of such files knows the order ..., y, x only.
 *
 *     const int order[4] = {0, 3, 1, 2};                                   // of (time, y, x, band)
 *     char *name = clv_turned_array_name("cube.nc", "/refl", order, 4);    // CLVARRAY:"cube.nc":/refl:0312
 *     GDALDatasetH ds = GDALOpen(name, GA_ReadOnly);                       // bands: times, within each the bands
 *
 * The first name registers the driver. Threads: any.
 */
#ifndef CLV_RASTER_TURNED_ARRAY_H
#define CLV_RASTER_TURNED_ARRAY_H

#include <gdal.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CLV_TURNED_ARRAY_BEGIN "CLVARRAY:\""

/* order [axes]: the array's axes as they shall stand; y and x last; at most 9. free(); NULL: out of memory. */
char *clv_turned_array_name(const char *path, const char *array, const int *order, int axes);

#ifdef __cplusplus
}
#endif

#endif
