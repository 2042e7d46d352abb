/* SPDX-License-Identifier: MIT
 *
 * gdal_version: the only place that knows which GDAL it is compiled with. Each difference carries the version that made
 * it in its name; the rest of the code calls it and has one form.
 *
 * C and C++. No state: any thread.
 *
 *     if (clv_gdal_3_7_is_int8(band))
 *         ...
 */
#ifndef CLV_RASTER_GDAL_VERSION_H
#define CLV_RASTER_GDAL_VERSION_H

#include <stdbool.h>

#include <gdal.h>

#if GDAL_VERSION_NUM < GDAL_COMPUTE_VERSION(3, 6, 0)
#error "GDAL 3.6 or newer is needed"
#endif

/* ---- GDAL 3.7: int8 has a data type of its own -----------------------------------------------------------
 * Before it, signed bytes are GDT_Byte with PIXELTYPE=SIGNEDBYTE in the domain IMAGE_STRUCTURE, which GTiff also takes
 * as a creation option. Newer versions warn whoever asks for that item. */
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 7, 0)
#define CLV_GDAL_3_7_INT8 GDT_Int8
#else
#define CLV_GDAL_3_7_INT8 GDT_Byte
#endif

/* Whether the values of the band are signed bytes. */
static inline bool clv_gdal_3_7_is_int8(GDALRasterBandH band)
{
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 7, 0)
    return GDALGetRasterDataType(band) == GDT_Int8;
#else
    const char *type = GDALGetMetadataItem(band, "PIXELTYPE", "IMAGE_STRUCTURE");
    return GDALGetRasterDataType(band) == GDT_Byte && type && EQUAL(type, "SIGNEDBYTE");
#endif
}

/* ---- GDAL 3.10: near infrared is a colour interpretation ------------------------------------------------- */
static inline bool clv_gdal_3_10_is_nir(GDALColorInterp color)
{
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 10, 0)
    return color == GCI_NIRBand;
#else
    (void)color;
    return false;
#endif
}

/* ---- GDAL 3.12: a geotransform is a class of its own ------------------------------------------------------
 * What a C++ dataset overrides; `transform` is indexed from 0 to 5 either way. */
#ifdef __cplusplus
#if GDAL_VERSION_NUM >= GDAL_COMPUTE_VERSION(3, 12, 0)
#define CLV_GDAL_3_12_GET_GEO_TRANSFORM GetGeoTransform(GDALGeoTransform &transform) const
#else
#define CLV_GDAL_3_12_GET_GEO_TRANSFORM GetGeoTransform(double *transform)
#endif
#endif

#endif
