/* SPDX-License-Identifier: MIT */
#include "output/png.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "raster/gdal_errors.h"

clv_status clv_png_check(clv_context *ctx, const char *what)
{
    GDALDriverH driver = GDALGetDriverByName("PNG");
    if (driver && GDALGetDriverByName("MEM"))
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: this GDAL cannot write PNG", what);
}

bool clv_png_write_planes(const char *path, const uint8_t *planes, int count, int width, int height, int level,
                          char why[CLV_PNG_WHY])
{
    static const GDALColorInterp colors[] = {GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_AlphaBand};
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH memory = GDALCreate(GDALGetDriverByName("MEM"), "", width, height, count, GDT_Byte, NULL);
    bool written = memory != NULL;
    const size_t plane = (size_t)width * (size_t)height;
    for (int c = 0; c < count && written; c++) {
        GDALRasterBandH band = GDALGetRasterBand(memory, c + 1);
        GDALSetRasterColorInterpretation(band, colors[c]);
        /* Written from, not to; the interface has one pointer for both. */
        written = GDALRasterIO(band, GF_Write, 0, 0, width, height, (void *)(uintptr_t)(planes + (size_t)c * plane),
                               width, height, GDT_Byte, 0, 0) == CE_None;
    }
    GDALDatasetH png = NULL;
    char zlevel[32], *options[] = {level > 0 ? zlevel : NULL, NULL};
    snprintf(zlevel, sizeof zlevel, "ZLEVEL=%d", level);
    if (written)
        png = GDALCreateCopy(GDALGetDriverByName("PNG"), path, memory, FALSE, options, NULL, NULL);
    if (png)
        GDALClose(png);
    if (memory)
        GDALClose(memory);
    if (!clv_gdal_errors_end(&errors) && png)
        return true;
    snprintf(why, CLV_PNG_WHY, "%s", clv_gdal_errors_text(&errors));
    return false;
}

bool clv_png_write(const char *path, const uint8_t *planes, int width, int height, char why[CLV_PNG_WHY])
{
    return clv_png_write_planes(path, planes, 3, width, height, 0, why);
}

clv_status clv_png_encode(clv_context *ctx, const uint8_t *planes, int width, int height, uint8_t **bytes, size_t *size)
{
    static atomic_uint counter;
    char name[64], why[CLV_PNG_WHY];
    *bytes = NULL;
    *size = 0;
    snprintf(name, sizeof name, "/vsimem/clearvision_%u.png", atomic_fetch_add(&counter, 1));
    if (!clv_png_write(name, planes, width, height, why)) {
        VSIUnlink(name);
        return clv_fail(ctx, CLV_ERROR_WRITE, "a picture cannot be made into PNG: %s", why);
    }
    vsi_l_offset length = 0;
    const GByte *data = VSIGetMemFileBuffer(name, &length, FALSE);
    if (data && (*bytes = malloc((size_t)length))) {
        memcpy(*bytes, data, (size_t)length);
        *size = (size_t)length;
    }
    VSIUnlink(name);
    return *bytes ? CLV_OK : clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for a picture");
}
