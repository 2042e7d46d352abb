/* SPDX-License-Identifier: MIT */
#include "series/byte_alpha.h"

#include <math.h>
#include <string.h>

#include "image/byte_areas.h"
#include "raster/computed_raster.h"
#include "raster/pixel_type.h"
#include "series/series_private.h"

static CPLErr read_with_alpha(void *user, clv_rect r, void *const *planes)
{
    clv_date_files *f = user;
    const clv_series *series = f->series;
    const clv_acquisition *a = &series->acquisitions[f - series->private_data->files];
    GDALDatasetH image = f->memory ? f->memory : f->image;
    const size_t n = (size_t)r.width * (size_t)r.height;
    CPLErr error = CE_None;
    for (int c = 0; c < series->channels && error == CE_None; c++)
        error = GDALRasterIO(GDALGetRasterBand(image, a->bands[c].index), GF_Read, r.x, r.y, r.width, r.height,
                             planes[c], r.width, r.height, clv_gdal_type(a->bands[c].type), 0, 0);
    if (error != CE_None)
        return error;
    uint8_t *alpha = planes[series->channels];
    memset(alpha, 0, n);
    clv_byte_areas_mark(f->bytes, r, (const uint8_t *const *)planes, alpha, (size_t)r.width, 255);
    for (size_t i = 0; i < n; i++)
        alpha[i] = (uint8_t)~alpha[i];
    return CE_None;
}

GDALDatasetH clv_byte_alpha_open(clv_series *series, int t, GDALDatasetH image)
{
    clv_date_files *f = &series->private_data->files[t];
    const clv_acquisition *a = &series->acquisitions[t];
    GDALDataType types[CLV_MAX_CHANNELS + 1];
    double nodata[CLV_MAX_CHANNELS + 1];
    for (int c = 0; c <= series->channels; c++) {
        const bool alpha = c == series->channels;
        types[c] = alpha ? GDT_Byte : clv_gdal_type(a->bands[c].type);
        nodata[c] = alpha || !a->bands[c].has_nodata ? NAN : a->bands[c].nodata;
    }
    f->series = series;
    return clv_computed_raster_open(
        image,
        &(clv_computed_raster){
            .bands = series->channels + 1, .types = types, .nodata = nodata, .compute = read_with_alpha, .user = f});
}
