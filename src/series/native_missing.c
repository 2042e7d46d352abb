/* SPDX-License-Identifier: MIT
 *
 * Native pixels that are missing: in which of the channels, and whether by their values or by a 0.
 */
#include "series/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "series/band_values.h"
#include "series/part_zero_lines.h"
#include "series/series_private.h"
#include "series/warped_view.h"

bool clv_series_may_miss(const clv_series *series, int t)
{
    return series->private_data->files[t].bytes || !clv_never_missing(&series->acquisitions[t], series->channels);
}

static clv_status read_mask_band(clv_context *ctx, const char *name, const clv_native_part *p)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    const CPLErr error = clv_native_part_apply_mask_band(p);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
    return CLV_OK;
}

/* Of a window that is made from the working grid: what is missing there. */
static clv_status working_missing(clv_context *ctx, clv_series *series, int t, clv_rect w, uint8_t *missing)
{
    const size_t n = clv_area(w.width, w.height);
    float *x = clv_alloc_array((size_t)series->channels, n, sizeof *x);
    w.x -= series->acquisitions[t].xoff;
    w.y -= series->acquisitions[t].yoff;
    clv_status status = x ? clv_series_read_bits(ctx, series, t, w, x, missing) : clv_fail_memory(ctx);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        missing[i] = missing[i] & CLV_MISSING_PARTLY ? CLV_NATIVE_DEAD
                     : missing[i] & CLV_MISSING_CORE ? CLV_NATIVE_MISSING
                                                     : CLV_NATIVE_THERE;
    free(x);
    return status;
}

/* Adds the pixels at which a 0 in one band is no measurement. */
static clv_status find_native_lines(clv_context *ctx, clv_series *series, int t, const clv_native_part *p,
                                    const void *const *raw, uint8_t *kinds)
{
    const clv_acquisition *a = &series->acquisitions[t];
    const size_t n = clv_area(p->width, p->height);
    clv_surroundings around = {0};
    bool lines = false;
    clv_status status = clv_surroundings_read(ctx, a->source, p, raw, &around, &lines);
    uint8_t *dead = lines && status == CLV_OK ? clv_alloc_array(n, 2, 1) : NULL, *count = dead ? dead + n : NULL;
    if (lines && status == CLV_OK && !dead)
        status = clv_fail_memory(ctx);
    for (int c = 0; c < p->channels && dead; c++) {
        memset(dead, 0, n);
        if (!clv_surroundings_mark(&around, c, dead))
            continue;
        for (size_t i = 0; i < n; i++)
            count[i] = (uint8_t)(count[i] + dead[i]);
    }
    for (size_t i = 0; i < n && dead; i++)
        if (count[i] > 0 && kinds[i] != CLV_NATIVE_MISSING)
            kinds[i] = count[i] == p->channels ? CLV_NATIVE_MISSING : CLV_NATIVE_DEAD;
    free(dead);
    clv_surroundings_clear(&around);
    return status;
}

/* Bands of the window that are missing by their values. */
static clv_status find_native_values(clv_context *ctx, const clv_series *series, int t, clv_rect window,
                                     const void *const *raw, uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    const size_t width = (size_t)window.width;
    float *x = clv_alloc_array(width, 1, sizeof *x);
    uint8_t *flags = clv_alloc_array(width, 2, 1), *count = flags ? flags + width : NULL;
    const clv_status status = x && flags ? CLV_OK : clv_fail_memory(ctx);
    const bool mixed = clv_bands_mixed(a->bands, series->channels);
    for (int y = 0; y < window.height && status == CLV_OK; y++) {
        const uint8_t *rows[CLV_MAX_CHANNELS];
        uint8_t *out = missing + clv_area(window.width, y);
        for (int c = 0; c < series->channels; c++)
            rows[c] = (const uint8_t *)raw[c] + clv_area(window.width, y) * clv_pixel_size(a->bands[c].type);
        if (a->facts.all_zero)
            clv_mark_all_zero(a->bands, series->channels, mixed, rows, width, out);
        memset(count, 0, width);
        for (int c = 0; c < series->channels; c++) {
            memset(flags, 0, width);
            clv_band_decode(&a->bands[c], a->facts.all_zero, rows[c], width, x, flags);
            clv_band_screen(&a->bands[c], rows[c], a->bands, clv_core_channels(series), rows, width, x, flags);
            for (size_t i = 0; i < width; i++)
                count[i] = (uint8_t)(count[i] + flags[i]);
        }
        for (size_t i = 0; i < width; i++)
            out[i] = out[i] || count[i] == series->channels ? CLV_NATIVE_MISSING
                     : count[i]                             ? CLV_NATIVE_PARTLY
                                                            : CLV_NATIVE_THERE;
    }
    free(x);
    free(flags);
    return status;
}

clv_status clv_series_native_missing(clv_context *ctx, clv_series *series, int t, clv_rect window,
                                     const void *const *raw, uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    if (series->private_data->files[t].regridded)
        return working_missing(ctx, series, t, window, missing);
    int indices[CLV_MAX_CHANNELS];
    for (int c = 0; c < series->channels; c++)
        indices[c] = a->bands[c].index;
    clv_date_files *f = clv_date_files_begin(series, t);
    clv_native_part p = {.indices = indices,
                         .bands = a->bands,
                         .channels = series->channels,
                         .width = window.width,
                         .height = window.height,
                         .inside = {0, 0, window.width, window.height},
                         .x = window.x + f->x,
                         .y = window.y + f->y,
                         .use_mask = a->facts.use_mask,
                         .all_zero = a->facts.all_zero,
                         .zero_lines =
                             a->facts.zero_lines && (!f->warped || clv_warped_is_screened(a, series->channels)),
                         .empty = f->empty,
                         .raster_width = f->native.width,
                         .raster_height = f->native.height,
                         .missing = missing};
    memset(missing, 0, clv_area(window.width, window.height));
    clv_status status = clv_date_files_image(ctx, series, t, f, &p.ds);
    if (status == CLV_OK && p.use_mask)
        status = read_mask_band(ctx, a->source, &p);
    if (status == CLV_OK)
        status = find_native_values(ctx, series, t, window, raw, missing);
    if (status == CLV_OK && f->bytes)
        clv_byte_areas_mark(f->bytes, (clv_rect){p.x, p.y, window.width, window.height}, (const uint8_t *const *)raw,
                            missing, (size_t)window.width, CLV_NATIVE_MISSING);
    if (status == CLV_OK && p.zero_lines)
        status = find_native_lines(ctx, series, t, &p, raw, missing);
    clv_date_files_end(series, t);
    return status;
}
