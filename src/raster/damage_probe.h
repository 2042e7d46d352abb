/* SPDX-License-Identifier: MIT
 *
 * damage_probe: whether a netCDF or HDF file can be read. The libraries behind these formats crash or hang on some
 * damaged files, which no error handler catches; so a file is first read in a process of its own: all that describes
 * it, and its blocks of pixels, those of large files for two seconds spread over all of it.
 *
 *     if ((status = clv_damage_probe(ctx, "NETCDF:\"cube.nc\":B04")) != CLV_OK)
 *         return status;
 *
 * That process is ended when it uses a processor for some seconds without getting on, however large the file is. For
 * other formats, for files of a network, and where nothing can be said the answer is CLV_OK. A file that has not
 * changed is looked at once. Any thread; cancellation of the context is noticed.
 */
#ifndef CLV_RASTER_DAMAGE_PROBE_H
#define CLV_RASTER_DAMAGE_PROBE_H

#include "base/context.h"

/* name: a file, or what GDAL calls something in it. CLV_ERROR_FORMAT: damaged. */
clv_status clv_damage_probe(clv_context *ctx, const char *name);

#endif
