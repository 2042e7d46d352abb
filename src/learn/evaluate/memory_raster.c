/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/memory_raster.h"

#include <math.h>

#include "raster/gdal_errors.h"
#include "raster/metadata.h"

clv_status clv_memory_raster_write(clv_context *ctx, const char *path, const clv_grid *grid, GDALDataType type,
                                   const void *planes, int bands)
{
    static const char *const names[] = {"B04", "B03", "B02", "B08"};
    const size_t size = (size_t)grid->width * (size_t)grid->height * (size_t)GDALGetDataTypeSizeBytes(type);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH out = GDALCreate(GDALGetDriverByName("GTiff"), path, grid->width, grid->height, bands, type, NULL);
    clv_status status = out ? clv_metadata_place(ctx, grid, NULL, out) : CLV_OK;
    CPLErr error = out ? CE_None : CE_Failure;
    for (int b = 0; b < bands && error == CE_None; b++) {
        GDALRasterBandH band = GDALGetRasterBand(out, b + 1);
        if (type == GDT_Float32) {
            GDALSetDescription(band, names[b]);
            GDALSetRasterNoDataValue(band, NAN);
        }
        error = GDALRasterIO(band, GF_Write, 0, 0, grid->width, grid->height, (char *)planes + (size_t)b * size,
                             grid->width, grid->height, type, 0, 0);
    }
    if (out)
        GDALClose(out);
    if ((clv_gdal_errors_end(&errors) || error != CE_None) && status == CLV_OK)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: %s", path, clv_gdal_errors_text(&errors));
    return status;
}

clv_status clv_memory_raster_read(clv_context *ctx, const char *path, GDALDataType type, void *planes, int bands,
                                  int width, int height)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH in = GDALOpen(path, GA_ReadOnly);
    CPLErr error =
        in ? GDALDatasetRasterIO(in, GF_Read, 0, 0, width, height, planes, width, height, type, bands, NULL, 0, 0, 0)
           : CE_Failure;
    if (in)
        GDALClose(in);
    if (!clv_gdal_errors_end(&errors) && error == CE_None)
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_READ, "%s: %s", path, clv_gdal_errors_text(&errors));
}
