/* SPDX-License-Identifier: MIT
 *
 * md_copy: a netCDF file written anew, with the axes, arrays, attributes and encodings of another: for files that
 * libnetcdf reads but cannot change (those of h5netcdf, which lack an order of creation).
 *
 *     status = clv_md_copy(ctx, "cube.nc", ".cube.abc.tmp.nc", "out/cube.nc");
 *
 * One thread at a time.
 */
#ifndef CLV_PRODUCTS_MD_COPY_H
#define CLV_PRODUCTS_MD_COPY_H

#include "base/context.h"

/* shown: what errors call the copy. An error names what cannot be kept: groups, types of the user's own. */
clv_status clv_md_copy(clv_context *ctx, const char *from, const char *to, const char *shown);

#endif
