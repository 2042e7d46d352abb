/* SPDX-License-Identifier: MIT */
#include "series/band_sample.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"

#define WIDTH 96
#define HEIGHT 24
#define PLACES 5

static int at_most(int value, int limit)
{
    return value < limit ? value : limit;
}

/* Appends the pixels of one place; nothing is resampled, classes have no mean. */
static clv_status read_place(clv_context *ctx, GDALDatasetH ds, const char *name, const int *indices, int count,
                             const double place[2], size_t capacity, float *values, uint8_t *follows, int *n)
{
    GDALRasterBandH first = GDALGetRasterBand(ds, indices[0]);
    int bx, by, width = GDALGetRasterXSize(ds), height = GDALGetRasterYSize(ds);
    GDALGetBlockSize(first, &bx, &by);
    const int x = (int)(place[0] * (width - 1)) / bx * bx, y = (int)(place[1] * (height - 1)) / by * by;
    const int w = at_most(WIDTH, width - x), h = at_most(at_most(HEIGHT, by > 8 ? by : 8), height - y);
    clv_gdal_errors errors;
    for (int b = 0; b < count; b++) {
        clv_gdal_errors_begin(&errors);
        const CPLErr error = GDALRasterIO(GDALGetRasterBand(ds, indices[b]), GF_Read, x, y, w, h,
                                          values + (size_t)b * capacity + *n, w, h, GDT_Float32, 0, 0);
        if (clv_gdal_errors_end(&errors) || error != CE_None)
            return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
    }
    for (int i = 0; i < w * h; i++)
        follows[*n + i] = i % w != 0;
    *n += w * h;
    return CLV_OK;
}

clv_status clv_band_sample_take(clv_context *ctx, GDALDatasetH ds, const char *name, const int *indices, int count,
                                const double *nodata, clv_value_sample *out)
{
    static const double places[PLACES][2] = {{0.5, 0.5}, {0.25, 0.25}, {0.75, 0.75}, {0.75, 0.25}, {0.25, 0.75}};
    const size_t capacity = (size_t)PLACES * WIDTH * HEIGHT;
    *out = (clv_value_sample){.bands = count};
    float *values = clv_alloc_array((size_t)count, capacity, sizeof *values);
    uint8_t *follows = clv_alloc_array(capacity, 1, 1);
    out->values = values;
    out->follows = follows;
    clv_status status = values && follows ? CLV_OK : clv_fail_memory(ctx);
    for (int p = 0; p < PLACES && status == CLV_OK; p++)
        status = read_place(ctx, ds, name, indices, count, places[p], capacity, values, follows, &out->count);
    for (int b = 0; b < count && status == CLV_OK; b++)
        for (int i = 0; i < out->count; i++) {
            const float v = values[(size_t)b * capacity + (size_t)i];
            values[(size_t)b * (size_t)out->count + (size_t)i] =
                !isfinite(v) || (float)nodata[b] == v ? NAN : v; /* planes move together: never past what is read */
        }
    if (status != CLV_OK)
        clv_band_sample_clear(out);
    return status;
}

void clv_band_sample_clear(clv_value_sample *sample)
{
    free((float *)sample->values);
    free((uint8_t *)sample->follows);
    *sample = (clv_value_sample){0};
}
