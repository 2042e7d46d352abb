/* SPDX-License-Identifier: MIT */
#include "raster/pixel_type.h"

#include "raster/gdal_version.h"

bool clv_pixel_type_of(GDALRasterBandH band, clv_pixel_type *type)
{
    if (clv_gdal_3_7_is_int8(band)) {
        *type = CLV_TYPE_INT8;
        return true;
    }
    switch (GDALGetRasterDataType(band)) {
    case GDT_Byte:
        *type = CLV_TYPE_BYTE;
        return true;
    case GDT_UInt16:
        *type = CLV_TYPE_UINT16;
        return true;
    case GDT_Int16:
        *type = CLV_TYPE_INT16;
        return true;
    case GDT_UInt32:
        *type = CLV_TYPE_UINT32;
        return true;
    case GDT_Int32:
        *type = CLV_TYPE_INT32;
        return true;
    case GDT_Float32:
        *type = CLV_TYPE_FLOAT32;
        return true;
    case GDT_Float64:
        *type = CLV_TYPE_FLOAT64;
        return true;
    default:
        return false;
    }
}

GDALDataType clv_gdal_type(clv_pixel_type type)
{
    switch (type) {
    case CLV_TYPE_BYTE:
        return GDT_Byte;
    case CLV_TYPE_INT8:
        return CLV_GDAL_3_7_INT8;
    case CLV_TYPE_UINT16:
        return GDT_UInt16;
    case CLV_TYPE_INT16:
        return GDT_Int16;
    case CLV_TYPE_UINT32:
        return GDT_UInt32;
    case CLV_TYPE_INT32:
        return GDT_Int32;
    case CLV_TYPE_FLOAT32:
        return GDT_Float32;
    default:
        return GDT_Float64;
    }
}
