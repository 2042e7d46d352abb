/* SPDX-License-Identifier: MIT
 *
 * Dates that do not fit the working grid (another CRS, pixel size or phase): the filled series and the pixel states are
 * kept in scratch rasters while the panels run, then warped back onto the date's native grid, bilinearly and by the
 * nearest pixel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pipeline/compose_private.h"
#include "pipeline/native.h"
#include "pipeline/products.h"
#include "raster/regrid.h"

#define BLOCK_COLUMNS 2048

/* ---- While the panels run ------------------------------------------------------------------------ */

static float kept_value(const clv_compose *c, int t, int k, int x, int y)
{
    uint8_t gap = clv_compose_state(c, t, x, y);
    if (clv_compose_filled(c, gap))
        return *clv_stage2_prediction(c->stage, t, k, x, y);
    return gap & CLV_PIXEL_MISSING ? NAN : *clv_strip_value(c->strip, t, k, x, y);
}

clv_status clv_compose_keep_warped(clv_compose *c, int t)
{
    clv_rect rows = {c->panel->x0, c->y0, c->panel->x1 - c->panel->x0, c->y1 - c->y0};
    rows = clv_rect_intersect(rows, clv_series_area(c->series, t, CLV_OUTPUT_MARGIN));
    if (rows.width <= 0 || rows.height <= 0)
        return CLV_OK;
    size_t n = (size_t)rows.width * (size_t)rows.height;
    float *values = clv_alloc_array(n, 1, sizeof *values);
    uint8_t *gaps = clv_alloc_array(n, 1, 1);
    uint16_t *days = clv_alloc_array(2, n, sizeof *days), *deviation = days ? days + n : NULL;
    clv_status status = values && gaps && days ? CLV_OK : clv_fail_memory(c->ctx);
    for (int k = 0; k < c->series->channels && status == CLV_OK; k++) {
        for (size_t i = 0; i < n; i++)
            values[i] =
                kept_value(c, t, k, rows.x + (int)(i % (size_t)rows.width), rows.y + (int)(i / (size_t)rows.width));
        status = clv_scratch_write(c->prediction, c->slot[t] * c->series->channels + k, rows, values);
    }
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        int x = rows.x + (int)(i % (size_t)rows.width), y = rows.y + (int)(i / (size_t)rows.width);
        gaps[i] = clv_compose_state(c, t, x, y);
        days[i] = gaps[i] ? clv_compose_days(c, t, x, y) : 0;
        if (c->deviation)
            deviation[i] = clv_compose_deviation(c, gaps[i], t, x, y);
    }
    if (status == CLV_OK)
        status = clv_scratch_write(c->gaps, c->slot[t], rows, gaps);
    if (status == CLV_OK && c->days)
        status = clv_scratch_write(c->days, c->slot[t], rows, days);
    if (status == CLV_OK && c->deviation)
        status = clv_scratch_write(c->deviation, c->slot[t], rows, deviation);
    free(values);
    free(gaps);
    free(days);
    return status;
}

/* ---- Afterwards ---------------------------------------------------------------------------------- */

/* Views of what was kept, on one date's native grid. */
typedef struct warped_date {
    clv_compose *c;
    int t;
    GDALDatasetH values, gaps, days, deviation;
} warped_date;

static clv_status view(const warped_date *w, clv_scratch *scratch, int first, int bands, GDALResampleAlg alg,
                       double missing, double fill, GDALDatasetH *out)
{
    const clv_acquisition *a = &w->c->series->acquisitions[w->t];
    int *list = calloc((size_t)bands, sizeof *list);
    double *nodata = calloc(2 * (size_t)bands, sizeof *nodata);
    clv_status status = list && nodata ? CLV_OK : clv_fail_memory(w->c->ctx);
    for (int b = 0; b < bands && status == CLV_OK; b++) {
        list[b] = first + b + 1;
        nodata[b] = missing;
        nodata[bands + b] = fill;
    }
    clv_regrid_options options = {.resampling = alg,
                                  .bands = list,
                                  .band_count = bands,
                                  .nodata = isnan(missing) ? nodata : NULL,
                                  .fill = isnan(fill) ? nodata + bands : NULL,
                                  .background = isnan(fill) ? 0 : (int)fill};
    if (status == CLV_OK)
        status = clv_regrid_open(w->c->ctx, a->source, clv_scratch_dataset(scratch), &a->grid, &options, out);
    free(list);
    free(nodata);
    return status;
}

static clv_status read_view(const warped_date *w, GDALDatasetH ds, int band, clv_rect r, GDALDataType type, void *to)
{
    if (GDALRasterIO(GDALGetRasterBand(ds, band), GF_Read, r.x, r.y, r.width, r.height, to, r.width, r.height, type, 0,
                     0) == CE_None)
        return CLV_OK;
    return clv_fail(w->c->ctx, CLV_ERROR_READ, "%s: warping the result back failed: %s",
                    w->c->series->acquisitions[w->t].source, CPLGetLastErrorMsg());
}

static clv_status write_image(const warped_date *w, clv_rect r, const uint8_t *gaps, float *values, uint8_t *select)
{
    clv_compose *c = w->c;
    size_t n = (size_t)r.width * (size_t)r.height;
    clv_status status = CLV_OK;
    for (int k = 0; k < c->series->channels && status == CLV_OK; k++) {
        const clv_band *band = &c->series->acquisitions[w->t].bands[k];
        unsigned char *raw = clv_alloc_array(n, 1, clv_pixel_size(band->type));
        status = raw ? clv_series_read_raw(c->ctx, c->series, w->t, k, r, raw) : clv_fail_memory(c->ctx);
        if (status == CLV_OK)
            status = read_view(w, w->values, k + 1, r, GDT_Float32, values);
        if (status == CLV_OK) {
            for (size_t i = 0; i < n; i++)
                select[i] = clv_compose_filled(c, gaps[i]) && !isnan(values[i]);
            clv_encode(band->type, values, select, n, band->scale, band->offset, band->has_nodata, band->nodata, raw);
            status =
                clv_writer_write(c->setup.outputs[w->t], clv_writer_channel(c->setup.outputs[w->t], w->t, k), r, raw);
        }
        free(raw);
    }
    return status;
}

static clv_status write_products(const warped_date *w, clv_rect r, const uint8_t *gaps)
{
    clv_compose *c = w->c;
    size_t n = (size_t)r.width * (size_t)r.height;
    clv_status status = CLV_OK;
    uint8_t *mask = clv_alloc_array(2, n, 1), *filled = mask ? mask + n : NULL;
    uint16_t *source = clv_alloc_array(3, n, sizeof *source), *days = source ? source + n : NULL;
    uint16_t *deviation = source ? days + n : NULL;
    if (!mask || !source)
        status = clv_fail_memory(c->ctx);
    if (status == CLV_OK && w->days)
        status = read_view(w, w->days, 1, r, GDT_UInt16, days);
    if (status == CLV_OK && w->deviation)
        status = read_view(w, w->deviation, 1, r, GDT_UInt16, deviation);
    clv_compose_date *count = &c->counts[w->t];
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        mask[i] = (uint8_t)clv_pixel_mask_class(gaps[i]);
        filled[i] = clv_compose_filled(c, gaps[i]);
        source[i] = (uint16_t)clv_pixel_source(gaps[i], filled[i], days[i]);
        count->pixels++;
        count->filled += filled[i];
        count->never += w->days && source[i] == CLV_SOURCE_NEVER;
    }
    if (status == CLV_OK && !c->one_writer)
        status = clv_writer_filled(c->setup.outputs[w->t], r, filled);
    if (status == CLV_OK && c->setup.masks)
        status = clv_writer_write(c->setup.masks[w->t], 1, r, mask);
    if (status == CLV_OK && c->setup.quality)
        status = clv_writer_write(c->setup.quality[w->t], 1, r, source);
    if (status == CLV_OK && c->setup.quality)
        status = clv_writer_write(c->setup.quality[w->t], 2, r, days);
    if (status == CLV_OK && c->setup.quality)
        status = clv_writer_write(c->setup.quality[w->t], 3, r, deviation);
    free(mask);
    free(source);
    return status;
}

static clv_status write_block(const warped_date *w, clv_rect r)
{
    size_t n = (size_t)r.width * (size_t)r.height;
    float *values = clv_alloc_array(n, 1, sizeof *values);
    uint8_t *gaps = clv_alloc_array(2, n, 1);
    clv_status status = values && gaps ? clv_check_cancel(w->c->ctx) : clv_fail_memory(w->c->ctx);
    if (status == CLV_OK)
        status = read_view(w, w->gaps, 1, r, GDT_Byte, gaps);
    if (status == CLV_OK)
        status = write_image(w, r, gaps, values, gaps + n);
    if (status == CLV_OK)
        status = write_products(w, r, gaps);
    free(values);
    free(gaps);
    return status;
}

static clv_status write_date(clv_compose *c, int t)
{
    warped_date w = {c, t, NULL, NULL, NULL, NULL};
    int channels = c->series->channels, rows = clv_writer_block_rows(c->setup.outputs[t]);
    rows = rows < 1 ? 256 : rows;
    const clv_grid *grid = &c->series->acquisitions[t].grid;
    clv_status status = view(&w, c->prediction, c->slot[t] * channels, channels, GRA_Bilinear, NAN, NAN, &w.values);
    if (status == CLV_OK)
        status = view(&w, c->gaps, c->slot[t], 1, GRA_NearestNeighbour, 0, CLV_PIXEL_BEYOND, &w.gaps);
    if (status == CLV_OK && c->days)
        status = view(&w, c->days, c->slot[t], 1, GRA_NearestNeighbour, 0, CLV_DAYS_NONE, &w.days);
    if (status == CLV_OK && c->deviation)
        status = view(&w, c->deviation, c->slot[t], 1, GRA_NearestNeighbour, 0, CLV_DEVIATION_NONE, &w.deviation);
    for (int y = 0; y < grid->height && status == CLV_OK; y += rows)
        for (int x = 0; x < grid->width && status == CLV_OK; x += BLOCK_COLUMNS) {
            clv_rect r = {x, y, grid->width - x, grid->height - y};
            r.width = r.width < BLOCK_COLUMNS ? r.width : BLOCK_COLUMNS;
            r.height = r.height < rows ? r.height : rows;
            status = write_block(&w, r);
        }
    if (w.values)
        GDALClose(w.values);
    if (w.gaps)
        GDALClose(w.gaps);
    if (w.days)
        GDALClose(w.days);
    if (w.deviation)
        GDALClose(w.deviation);
    return status;
}

clv_status clv_compose_warped(clv_compose *c)
{
    clv_status status = CLV_OK;
    for (int t = 0; t < c->series->dates && status == CLV_OK; t++)
        if (c->slot[t] >= 0 && clv_acquisition_shown(&c->series->acquisitions[t]))
            status = write_date(c, t);
    return status;
}
