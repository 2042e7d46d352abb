/* SPDX-License-Identifier: MIT
 *
 * netcdf_stack: cubes of bands over time (xcube.h) as inputs: netCDF files and Zarr folders, each one raster with all
 * dates as bands; files of other bands of the same dates and area (20 m beside 10 m) joined with the first.
 *
 *     clv_bundle *bundle;
 *     if ((status = clv_netcdf_stack_open(ctx, "openEO.nc", &bundle)) == CLV_OK && bundle) ...
 */
#ifndef CLV_PRODUCTS_NETCDF_STACK_H
#define CLV_PRODUCTS_NETCDF_STACK_H

#include "products/bundle.h"
#include "products/input_list.h"

/* *out: NULL (and CLV_OK) when the file is none of these; then it is a raster like any other, or none. */
clv_status clv_netcdf_stack_open(clv_context *ctx, const char *path, clv_bundle **out);
/* Joins the cubes of a list that belong together; those that are joined leave the list. An error names a cube that
 * has no red, green and blue and belongs to none that has. */
clv_status clv_netcdf_stack_join(clv_context *ctx, clv_inputs *list);

#endif
