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
#include "series/band_values.h"

#define BLOCK_COLUMNS 2048

/* ---- While the panels run ------------------------------------------------------------------------ */

static float kept_value(const clv_compose *c, int t, int k, int x, int y)
{
    uint8_t gap = clv_compose_state(c, t, x, y);
    if (clv_compose_band_unseen(c, k, x, y))
        return NAN;
    if (clv_compose_filled(c, gap))
        return *clv_stage2_prediction(c->stage, t, k, x, y);
    float v;
    if (!(gap & ~CLV_PIXEL_PARTLY))
        return clv_compose_value(c, t, k, x, y, &v) ? v : NAN;
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
        if (clv_compose_unseen(c, x, y)) {
            clv_compose_note_unseen(c, t, x, y);
            gaps[i] |= CLV_PIXEL_UNSEEN;
        }
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

/* A block of a date's own grid. */
typedef struct block {
    clv_rect r;
    size_t n;
    uint8_t *gaps;         /* [n] state of the nearest working pixel */
    uint8_t *taken;        /* [n] some band got a value */
    uint8_t *select, *own; /* [n] for one band: gets a value, has none of its own */
    float *values;         /* [n] */
    unsigned char **raw;   /* [channels] */
    clv_holes holes;
} block;

static uint8_t hole_at(const block *b, size_t i)
{
    return b->holes.pixels ? b->holes.pixels[i] : CLV_NATIVE_THERE;
}

/* Pixels of the date that have data keep it where their working pixel has none. */
static bool only_missing(const clv_compose *c, uint8_t state)
{
    return !c->setup.full && !(state & (CLV_PIXEL_OCCLUDED | CLV_PIXEL_OUTSIDE));
}

static void select_pixels(const warped_date *w, block *b, int k)
{
    const clv_compose *c = w->c;
    if (b->holes.pixels)
        clv_holes_band(c->series, w->t, k, b->holes.pixels, b->raw[k], b->n, b->values, b->own);
    else
        memset(b->own, 0, b->n);
    for (size_t i = 0; i < b->n; i++) {
        const uint8_t state = b->gaps[i];
        if (clv_compose_filled(c, state) && !only_missing(c, state))
            b->select[i] = !(c->setup.keep_nodata && b->own[i]);
        else
            b->select[i] = b->own[i] && !c->setup.keep_nodata && !(state & (CLV_PIXEL_NOWHERE | CLV_PIXEL_OUTSIDE));
    }
}

static clv_status write_image(const warped_date *w, block *b)
{
    clv_compose *c = w->c;
    clv_status status = CLV_OK;
    for (int k = 0; k < c->series->channels && status == CLV_OK; k++)
        status = clv_series_read_raw(c->ctx, c->series, w->t, k, b->r, b->raw[k]);
    if (status == CLV_OK)
        status = clv_holes_find(c->ctx, c->series, w->t, b->r, true, (const void *const *)b->raw, &b->holes);
    for (int k = 0; k < c->series->channels && status == CLV_OK; k++) {
        select_pixels(w, b, k);
        status = read_view(w, w->values, k + 1, b->r, GDT_Float32, b->values);
        if (status != CLV_OK)
            break;
        for (size_t i = 0; i < b->n; i++) {
            b->select[i] = b->select[i] && !isnan(b->values[i]);
            b->taken[i] |= b->select[i];
        }
        clv_band_encode(&c->series->acquisitions[w->t].bands[k], b->values, b->select, b->n, b->raw[k]);
        status = clv_writer_write(c->setup.outputs[w->t], clv_writer_channel(c->setup.outputs[w->t], w->t, k), b->r,
                                  b->raw[k]);
    }
    return status;
}

static clv_status write_products(const warped_date *w, const block *b)
{
    clv_compose *c = w->c;
    const size_t n = b->n;
    clv_status status = CLV_OK;
    uint8_t *mask = clv_alloc_array(1, n, 1);
    uint16_t *source = clv_alloc_array(3, n, sizeof *source), *days = source ? source + n : NULL;
    uint16_t *deviation = source ? days + n : NULL;
    if (!mask || !source)
        status = clv_fail_memory(c->ctx);
    if (status == CLV_OK && w->days)
        status = read_view(w, w->days, 1, b->r, GDT_UInt16, days);
    if (status == CLV_OK && w->deviation)
        status = read_view(w, w->deviation, 1, b->r, GDT_UInt16, deviation);
    clv_compose_date *count = &c->counts[w->t];
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        const bool filled = b->taken[i], predicted = clv_compose_predicted(c, b->gaps[i]);
        const bool unseen = b->gaps[i] & CLV_PIXEL_UNSEEN;
        uint8_t state = clv_holes_warped_state(hole_at(b, i), filled, c->setup.full, b->gaps[i]);
        state = (uint8_t)((state & ~CLV_PIXEL_UNSEEN) | (unseen ? CLV_PIXEL_MISSING : 0));
        const bool shown = filled && !unseen && !clv_compose_kept(c, hole_at(b, i), &state);
        mask[i] = (uint8_t)clv_pixel_mask_class(state);
        if (!filled && !(state & CLV_PIXEL_OCCLUDED))
            days[i] = state & CLV_PIXEL_OUTSIDE ? CLV_DAYS_NONE : 0;
        if (unseen)
            days[i] = CLV_DAYS_NONE;
        source[i] = (uint16_t)clv_pixel_source(state, shown, days[i]);
        if (!shown || !predicted)
            deviation[i] = state & CLV_PIXEL_OUTSIDE ? CLV_DEVIATION_NONE : clv_pixel_deviation(state, shown, NAN);
        count->unseen += unseen;
        count->pixels++;
        count->filled += filled;
        count->never += w->days && source[i] == CLV_SOURCE_NEVER;
    }
    if (status == CLV_OK && !c->one_writer)
        status = clv_writer_filled(c->setup.outputs[w->t], b->r, b->taken);
    if (status == CLV_OK && c->setup.masks)
        status = clv_writer_write(c->setup.masks[w->t], 1, b->r, mask);
    if (status == CLV_OK && c->setup.quality)
        status = clv_writer_write(c->setup.quality[w->t], 1, b->r, source);
    if (status == CLV_OK && c->setup.quality)
        status = clv_writer_write(c->setup.quality[w->t], 2, b->r, days);
    if (status == CLV_OK && c->setup.quality)
        status = clv_writer_write(c->setup.quality[w->t], 3, b->r, deviation);
    free(mask);
    free(source);
    return status;
}

static clv_status write_block(const warped_date *w, clv_rect r)
{
    const clv_compose *c = w->c;
    const int channels = c->series->channels;
    block b = {.r = r, .n = (size_t)r.width * (size_t)r.height};
    b.values = clv_alloc_array(b.n, 1, sizeof *b.values);
    b.gaps = clv_alloc_array(4, b.n, 1);
    b.raw = clv_alloc_array((size_t)channels, 1, sizeof *b.raw);
    clv_status status = b.values && b.gaps && b.raw ? clv_check_cancel(c->ctx) : clv_fail_memory(c->ctx);
    for (int k = 0; k < channels && status == CLV_OK; k++) {
        b.raw[k] = clv_alloc_array(b.n, 1, clv_pixel_size(c->series->acquisitions[w->t].bands[k].type));
        status = b.raw[k] ? CLV_OK : clv_fail_memory(c->ctx);
    }
    if (status == CLV_OK) {
        b.taken = b.gaps + b.n;
        b.select = b.taken + b.n;
        b.own = b.select + b.n;
        memset(b.taken, 0, b.n);
        status = read_view(w, w->gaps, 1, r, GDT_Byte, b.gaps);
    }
    if (status == CLV_OK)
        status = write_image(w, &b);
    if (status == CLV_OK)
        status = write_products(w, &b);
    for (int k = 0; b.raw && k < channels; k++)
        free(b.raw[k]);
    free(b.raw);
    free(b.values);
    free(b.gaps);
    clv_holes_clear(&b.holes);
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
