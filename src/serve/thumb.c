/* SPDX-License-Identifier: MIT */
#include "serve/thumb.h"

#include <math.h>
#include <stdlib.h>

#include <gdal.h>

#include "base/alloc.h"
#include "image/stretch.h"
#include "output/png.h"
#include "serve/limits.h"

/* Averaging looks nice and reads everything: for small pictures only. */
#define AVERAGED_PIXELS 4e6

static bool read_thumb(clv_series *series, int w, int h, float *values, uint8_t *planes)
{
    const clv_acquisition *a = &series->acquisitions[0];
    GDALDatasetH ds = clv_series_dataset(series, 0);
    const size_t plane = (size_t)w * (size_t)h;
    size_t n = 0;
    float *sorted = clv_alloc_array(3, plane, sizeof *sorted);
    uint8_t *missing = clv_alloc_array(1, plane, 1); /* bands without data */
    if (!ds || !sorted || !missing)
        goto failed;
    GDALRasterIOExtraArg extra;
    INIT_RASTERIO_EXTRA_ARG(extra);
    const int width = GDALGetRasterXSize(ds), height = GDALGetRasterYSize(ds);
    extra.eResampleAlg = (double)width * height <= AVERAGED_PIXELS ? GRIORA_Average : GRIORA_NearestNeighbour;
    for (size_t c = 0; c < 3; c++) {
        float *v = values + c * plane;
        const clv_band *band = &a->bands[c];
        if (GDALRasterIOEx(GDALGetRasterBand(ds, band->index), GF_Read, 0, 0, width, height, v, w, h, GDT_Float32, 0, 0,
                           &extra) != CE_None)
            goto failed;
        for (size_t i = 0; i < plane; i++) {
            const bool gap = !isfinite(v[i]) || (band->has_nodata && v[i] == (float)band->nodata);
            missing[i] += gap;
            v[i] = isfinite(v[i]) ? (float)(v[i] * band->scale + band->offset) : 0;
            if (!gap)
                sorted[n++] = v[i];
        }
    }
    const clv_stretch stretch = clv_stretch_find(sorted, n);
    for (size_t i = 0; i < 3 * plane; i++) /* dark places are 0 in one band: only 0 in all of them is no data */
        planes[i] = missing[i % plane] < 3 ? clv_stretched(&stretch, values[i]) : 128;
    free(missing);
    free(sorted);
    return true;

failed:
    free(missing);
    free(sorted);
    return false;
}

char *clv_thumb_make(clv_series *series, const char *folder, int number)
{
    const clv_grid *grid = &series->acquisitions[0].grid;
    const int longest = grid->width > grid->height ? grid->width : grid->height;
    const double scale = longest > CLV_SERVE_THUMB ? (double)CLV_SERVE_THUMB / longest : 1;
    const int w = (int)fmax(1, grid->width * scale), h = (int)fmax(1, grid->height * scale);
    const size_t plane = (size_t)w * (size_t)h;
    char why[CLV_PNG_WHY], *path = clv_format("%s/small%c%c.png", folder, 'a' + number / 26, 'a' + number % 26);
    float *values = clv_alloc_array(3, plane, sizeof *values);
    uint8_t *planes = clv_alloc_array(3, plane, 1);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    const bool made = path && values && planes && series->channels >= 3 && read_thumb(series, w, h, values, planes) &&
                      clv_png_write(path, planes, w, h, why);
    CPLPopErrorHandler();
    free(values);
    free(planes);
    if (!made) {
        free(path);
        path = NULL;
    }
    return path;
}
