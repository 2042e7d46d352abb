/* SPDX-License-Identifier: MIT
 *
 * axis: coordinates of columns and rows, as netCDF and Zarr have them, as a geotransform. Pure; any thread.
 *
 *     const double columns[3] = {500005, 500015, 500025}, rows[2] = {4999995, 4999985};
 *     double transform[6];
 *     clv_axis x, y;
 *     if (clv_axis_of(columns, 3, &x) && clv_axis_of(rows, 2, &y))
 *         clv_axes_transform(&x, &y, NULL, transform);
 */
#ifndef CLV_RASTER_AXIS_H
#define CLV_RASTER_AXIS_H

#include <stdbool.h>

typedef struct clv_axis {
    double first, step; /* coordinate of element 0; from one to the next, of either sign; 0 of a single one */
    int count;
} clv_axis;

/* False when the values are not finite or not evenly spaced to a tenth of a step; what 32-bit floats lose is
 * allowed. */
bool clv_axis_of(const double *values, int count, clv_axis *out);

/* Geotransform of pixels whose rows and columns have these coordinates: those of the pixels' centres, as xarray means
 * them, unless `stated` (a geotransform from the file's attributes, NULL: none) lies half a pixel off, as with
 * stackstac, which names corners: then those. A stated one may be of a larger raster that this one was cut from; with
 * another pixel size or another phase it counts for nothing. Rows run south where y falls. False when an axis has one
 * element and neither the other axis nor `stated` tells the pixel size. */
bool clv_axes_transform(const clv_axis *x, const clv_axis *y, const double stated[6], double transform[6]);

#endif
