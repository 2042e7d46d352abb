/* SPDX-License-Identifier: MIT */
#include "learn/dataset/shape_pool.h"

#include <stdlib.h>

#include <gdal.h>

#include "base/alloc.h"
#include "raster/open_options.h"
#include "series/dataset.h"

clv_status clv_shapes_read(clv_context *ctx, const char *name, clv_shapes *pool)
{
    GDALDatasetH ds = NULL;
    clv_status status = clv_raster_open(ctx, name, NULL, &ds);
    if (status != CLV_OK)
        return status;
    const int width = GDALGetRasterXSize(ds), height = GDALGetRasterYSize(ds);
    uint8_t *mask = clv_alloc_array((size_t)width, (size_t)height, 1);
    if (!mask)
        status = clv_fail_memory_for(ctx, name);
    for (int b = 1; b <= GDALGetRasterCount(ds) && status == CLV_OK; b++) {
        if (GDALRasterIO(GDALGetRasterBand(ds, b), GF_Read, 0, 0, width, height, mask, width, height, GDT_Byte, 0, 0) !=
            CE_None)
            status = clv_fail(ctx, CLV_ERROR_READ, "%s: band %d cannot be read", name, b);
        else if (clv_shapes_add(pool, mask, width, height) < 0)
            status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for cloud shapes");
    }
    free(mask);
    GDALClose(ds);
    return status;
}

clv_status clv_shapes_take(clv_context *ctx, const clv_prepared *set, clv_shapes *pool)
{
    int64_t all;
    const uint8_t *shapes = clv_prepared_shapes(set, &all);
    const int64_t taken = all < CLV_SHAPES_MAX ? all : CLV_SHAPES_MAX;
    for (int64_t i = 0; i < taken; i++)
        if (clv_shapes_add(pool, shapes + (size_t)(i * all / taken) * CLV_PREPARED_PIXELS, CLV_PREPARED_SIDE,
                           CLV_PREPARED_SIDE) < 0)
            return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for cloud shapes");
    return CLV_OK;
}
