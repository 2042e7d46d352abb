/* SPDX-License-Identifier: MIT
 *
 * memory_raster: planes as rasters in GDAL's memory (/vsimem/) and back, for what a command is to read as a file.
 *
 *     clv_memory_raster_write(ctx, "/vsimem/x/20230601.tif", &grid, GDT_Float32, planes, 4);   // red, green, blue, NIR
 *     clv_memory_raster_read(ctx, "/vsimem/x/20230601_mask.tif", GDT_Byte, mask, 1, width, height);
 */
#ifndef CLV_LEARN_EVALUATE_MEMORY_RASTER_H
#define CLV_LEARN_EVALUATE_MEMORY_RASTER_H

#include "raster/grid.h"

/* A GeoTIFF on the grid; planes [bands, height, width] of `type`. Bands of GDT_Float32 are reflectance: red, green,
 * blue and NIR by their description, NaN is nodata. */
clv_status clv_memory_raster_write(clv_context *ctx, const char *path, const clv_grid *grid, GDALDataType type,
                                   const void *planes, int bands);
/* Bands 1 to `bands` as `type`. */
clv_status clv_memory_raster_read(clv_context *ctx, const char *path, GDALDataType type, void *planes, int bands,
                                  int width, int height);

#endif
