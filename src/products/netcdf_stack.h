/* SPDX-License-Identifier: MIT
 *
 * netcdf_stack: netCDF files with one variable a band over (time, y, x), as openEO writes them, as one raster with all
 * dates as bands.
 *
 *     clv_bundle *bundle;
 *     if ((status = clv_netcdf_stack_open(ctx, "openEO.nc", &bundle)) == CLV_OK && bundle) ...
 */
#ifndef CLV_PRODUCTS_NETCDF_STACK_H
#define CLV_PRODUCTS_NETCDF_STACK_H

#include "products/bundle.h"

/* *out: NULL (and CLV_OK) when the file is none of these; then it is a raster like any other, or none. */
clv_status clv_netcdf_stack_open(clv_context *ctx, const char *path, clv_bundle **out);

#endif
