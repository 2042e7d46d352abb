/* SPDX-License-Identifier: MIT
 *
 * Reading windows of a series: reflectance and missing pixels on the working grid, raw values on a date's own.
 */
#include "series/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/pixel_type.h"
#include "series/series_private.h"
#include "series/warped_view.h"
#include "series/window_read.h"

static clv_status read_direct(clv_context *ctx, clv_series *series, int t, clv_date_files *f, clv_rect w, float *x,
                              uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    int indices[CLV_MAX_CHANNELS];
    clv_native_part p = {.indices = indices,
                         .bands = a->bands,
                         .core = clv_core_channels(series),
                         .use_mask = a->facts.use_mask,
                         .all_zero = a->facts.all_zero,
                         .zero_lines = a->facts.zero_lines,
                         .empty = f->empty,
                         .bytes = f->bytes,
                         .raster_width = f->native.width,
                         .raster_height = f->native.height};
    p.channels = x || a->facts.all_zero ? series->channels : p.core;
    clv_rect raster = {0, 0, f->native.width, f->native.height};
    clv_rect acquisition = {f->xoff + w.x * f->factor, f->yoff + w.y * f->factor, w.width * f->factor,
                            w.height * f->factor};
    clv_rect in = clv_rect_intersect(raster, acquisition);
    if (!x && in.width == acquisition.width && in.height == acquisition.height && !f->bytes &&
        clv_never_missing(a, p.core)) {
        memset(missing, 0, clv_area(w.width, w.height));
        return CLV_OK;
    }
    clv_status status = clv_date_files_image(ctx, series, t, f, &p.ds);
    for (int c = 0; c < series->channels; c++)
        indices[c] = a->bands[c].index;
    clv_read_target to = {
        .x = x, .missing = missing, .plane = clv_area(w.width, w.height), .width = w.width, .factor = f->factor};
    return status == CLV_OK ? clv_window_read(ctx, a->source, &p, raster, acquisition, &to, w.height) : status;
}

static clv_status read_view(clv_context *ctx, clv_series *series, int t, clv_date_files *f, clv_rect w, float *x,
                            uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    int indices[CLV_MAX_CHANNELS];
    double fill[CLV_MAX_CHANNELS];
    clv_native_part p = {.indices = indices, .bands = a->bands, .fill = fill, .core = clv_core_channels(series)};
    p.channels = x ? series->channels : p.core;
    const bool screened = clv_warped_is_screened(a, series->channels);
    clv_status status = clv_warped_view(ctx, series, t, f, &p.ds);
    for (int c = 0; c < series->channels; c++) {
        indices[c] = c + 1;
        fill[c] = screened ? clv_warped_marker(a->bands[c].type) : clv_warped_fill(&a->bands[c]);
    }
    clv_rect raster = {0, 0, series->private_data->whole.width, series->private_data->whole.height};
    clv_read_target to = {
        .x = x, .missing = missing, .plane = clv_area(w.width, w.height), .width = w.width, .factor = 1};
    return status == CLV_OK ? clv_window_read(ctx, a->source, &p, raster, w, &to, w.height) : status;
}

clv_status clv_series_check_window(clv_context *ctx, const clv_series *series, int t, clv_rect w, int width, int height)
{
    if (t < 0 || t >= series->dates || w.x < 0 || w.y < 0 || w.width < 1 || w.height < 1 || w.width > width - w.x ||
        w.height > height - w.y)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "a window of %dx%d pixels at %d, %d of date %d is outside the series",
                        w.width, w.height, w.x, w.y, t);
    return CLV_OK;
}

clv_rect clv_series_on_whole(const clv_series *series, clv_rect w)
{
    return (clv_rect){w.x + series->private_data->x, w.y + series->private_data->y, w.width, w.height};
}

clv_status clv_series_read_whole(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x,
                                 uint8_t *missing)
{
    clv_date_files *f = clv_date_files_begin(series, t);
    clv_status status = f->warped ? read_view(ctx, series, t, f, window, x, missing)
                                  : read_direct(ctx, series, t, f, window, x, missing);
    clv_date_files_end(series, t);
    return status;
}

clv_status clv_series_read(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x, uint8_t *missing)
{
    clv_status status = clv_series_read_bits(ctx, series, t, window, x, missing);
    const size_t n = status == CLV_OK ? clv_area(window.width, window.height) : 0;
    for (size_t i = 0; i < n; i++) {
        const bool partly = missing[i] & CLV_MISSING_PARTLY;
        missing[i] &= CLV_MISSING_CORE;
        for (int c = 0; x && partly && missing[i] && c < series->channels; c++)
            x[(size_t)c * n + i] = 0;
    }
    return status;
}

clv_status clv_series_read_bits(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x,
                                uint8_t *missing)
{
    clv_status status = clv_series_check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    return status == CLV_OK ? clv_series_read_whole(ctx, series, t, clv_series_on_whole(series, window), x, missing)
                            : status;
}

/* Raw values on the working grid, for outputs that are to lie there. */
static clv_status regrid_raw(clv_context *ctx, clv_series *series, int t, int c, clv_rect w, void *raw)
{
    const clv_band *band = &series->acquisitions[t].bands[c];
    size_t n = clv_area(w.width, w.height);
    float *x = clv_alloc_array((size_t)series->channels, n, sizeof *x);
    uint8_t *missing = clv_alloc_array(n, 1, 1);
    w.x -= series->acquisitions[t].xoff;
    w.y -= series->acquisitions[t].yoff;
    clv_status status = x && missing ? clv_series_read_bits(ctx, series, t, w, x, missing) : clv_fail_memory(ctx);
    if (status == CLV_OK) {
        const double nothing = band->has_nodata ? band->nodata : 0;
        float *values = x + (size_t)c * n;
        for (size_t i = 0; i < n; i++)
            missing[i] = missing[i] & CLV_MISSING_PARTLY ? values[i] == 0 : missing[i] & CLV_MISSING_CORE;
        for (size_t i = 0; i < n; i++)
            if (missing[i])
                values[i] = (float)(nothing * band->scale + band->offset);
        memset(raw, 0, n * clv_pixel_size(band->type));
        uint8_t *select = missing;
        clv_encode(band->type, values, select, n, band->scale, band->offset, false, 0, raw);
        for (size_t i = 0; i < n; i++)
            select[i] = !missing[i];
        clv_encode(band->type, values, select, n, band->scale, band->offset, band->has_nodata, band->nodata, raw);
    }
    free(x);
    free(missing);
    return status;
}

clv_status clv_series_read_raw(clv_context *ctx, clv_series *series, int t, int c, clv_rect window, void *raw)
{
    if (t < 0 || t >= series->dates || c < 0 || c >= series->channels)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "channel %d of date %d is outside the series", c, t);
    const clv_acquisition *a = &series->acquisitions[t];
    clv_status status = clv_series_check_window(ctx, series, t, window, a->grid.width, a->grid.height);
    if (status != CLV_OK)
        return status;
    if (series->private_data->files[t].regridded)
        return regrid_raw(ctx, series, t, c, window, raw);
    GDALDatasetH ds;
    clv_date_files *f = clv_date_files_begin(series, t);
    status = clv_date_files_image(ctx, series, t, f, &ds);
    if (status == CLV_OK) {
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        char *before = clv_decode_alone_begin();
        CPLErr error = GDALRasterIO(GDALGetRasterBand(ds, a->bands[c].index), GF_Read, window.x + f->x, window.y + f->y,
                                    window.width, window.height, raw, window.width, window.height,
                                    clv_gdal_type(a->bands[c].type), 0, 0);
        clv_decode_alone_end(before);
        if (clv_gdal_errors_end(&errors) || error != CE_None)
            status = clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", a->source, clv_gdal_errors_text(&errors));
    }
    clv_date_files_end(series, t);
    return status;
}
