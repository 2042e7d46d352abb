/* SPDX-License-Identifier: MIT
 *
 * pixel_type: GDAL's data types as those that radiometry.h knows. Any thread. */
#ifndef CLV_RASTER_PIXEL_TYPE_H
#define CLV_RASTER_PIXEL_TYPE_H

#include <stdbool.h>

#include <gdal.h>

#include "sentinel2/radiometry.h"

/* GDAL's type as ours; false for complex and 64-bit integers. */
bool clv_pixel_type_of(GDALRasterBandH band, clv_pixel_type *type);
GDALDataType clv_gdal_type(clv_pixel_type type);

#endif
