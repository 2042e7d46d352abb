/* SPDX-License-Identifier: MIT
 *
 * What compose gives to the pictures of a page, row by row: the date's own values where they are finer than the working
 * grid and the scene is small enough to show it, else those of the working grid. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "pipeline/compose_private.h"
#include "series/band_values.h"

/* One date's work space: rows of the pictures' grid, `width` pixels. */
typedef struct rows {
    clv_compose *c;
    int t, x0, factor, width; /* x0: working column of the first pixel */
    float *values;            /* [6, width]: before, after */
    uint8_t *mask, *source, *unknown, *count;
    uint16_t *days;
    clv_rect covered; /* beyond it the date has no output, and the page shows none */
} rows;

static bool has_native_pixels(const rows *r)
{
    return r->factor > 1 && r->c->slot[r->t] < 0 && r->c->series->acquisitions[r->t].factor == r->factor;
}

/* A working row, every pixel repeated `factor` times. */
static void take_working(rows *r, int y)
{
    const clv_compose *c = r->c;
    for (int i = 0; i < r->width; i++) {
        int x = r->x0 + i / r->factor;
        uint8_t gap =
            clv_compose_covers(r->covered, x, y) ? clv_compose_state(c, r->t, x, y) : (uint8_t)CLV_PIXEL_BEYOND;
        bool missing = gap & CLV_PIXEL_MISSING, fills = gap != CLV_PIXEL_BEYOND && clv_compose_filled(c, gap);
        for (int k = 0; k < 3; k++) {
            float was = missing ? NAN : *clv_strip_value(c->strip, r->t, k, x, y);
            r->values[k * r->width + i] = was;
            float *after = &r->values[(3 + k) * r->width + i];
            *after = was;
            if (fills)
                *after = *clv_stage2_prediction(c->stage, r->t, k, x, y);
            else if (!missing)
                clv_compose_value(c, r->t, k, x, y, after);
        }
        uint16_t days = fills ? clv_compose_days(c, r->t, x, y) : 0;
        r->mask[i] = (uint8_t)clv_pixel_mask_class(gap);
        r->source[i] = (uint8_t)clv_pixel_source(gap, fills, days);
        r->days[i] = days;
    }
}

/* Three bands of n pixels. What is unknown in one band only is a dark place clipped to 0 (see clv_band.nodata). */
static clv_status decode(const rows *r, bool written, clv_rect row, void *raw, float *to)
{
    const clv_compose *c = r->c;
    const clv_acquisition *a = &c->series->acquisitions[r->t];
    const clv_sink *sink = &c->sinks[r->t].image;
    size_t n = (size_t)row.width;
    memset(r->count, 0, n);
    for (int k = 0; k < 3; k++) {
        const clv_band *band = &a->bands[k];
        const void *from = raw;
        clv_status status = CLV_OK;
        if (written)
            from = (const char *)clv_sink_row(sink, k, row.y) + (size_t)(row.x - sink->x) * clv_pixel_size(band->type);
        else
            status = clv_series_read_raw(c->ctx, c->series, r->t, k, row, raw);
        if (status != CLV_OK)
            return status;
        memset(r->unknown, 0, n);
        clv_band_decode(band, false, from, n, to + k * r->width, r->unknown);
        for (size_t i = 0; i < n; i++)
            r->count[i] += r->unknown[i] != 0;
    }
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3 && r->count[i] == 3; k++)
            to[(size_t)(k * r->width) + i] = NAN;
    return CLV_OK;
}

/* Native pixels over what take_working() put there: what was read, and what will be written. */
static clv_status take_native(rows *r, int fine_y, void *raw)
{
    const clv_acquisition *a = &r->c->series->acquisitions[r->t];
    const clv_sink *sink = &r->c->sinks[r->t].image;
    int y = a->yoff + fine_y, x0 = a->xoff + r->x0 * r->factor;
    int start = x0 > sink->x ? x0 : sink->x;
    int end = x0 + r->width < sink->x + sink->width ? x0 + r->width : sink->x + sink->width;
    if (y < sink->y0 || y >= sink->y1 || end <= start)
        return CLV_OK;
    clv_rect row = {start, y, end - start, 1};
    float *before = r->values + (start - x0), *after = before + 3 * r->width;
    clv_status status = decode(r, false, row, raw, before);
    return status == CLV_OK ? decode(r, true, row, raw, after) : status;
}

static clv_status show_date(void *arg, int t, int number)
{
    (void)number;
    clv_compose *c = arg;
    const clv_rect *core = &c->series->core;
    int factor = clv_pictures_factor(c->setup.pictures);
    int x0 = c->panel->x0 > core->x ? c->panel->x0 : core->x, y0 = c->y0 > core->y ? c->y0 : core->y;
    int x1 = c->panel->x1 < core->x + core->width ? c->panel->x1 : core->x + core->width;
    int y1 = c->y1 < core->y + core->height ? c->y1 : core->y + core->height, width = (x1 - x0) * factor;
    if (x1 <= x0 || y1 <= y0)
        return CLV_OK; /* around a crop */
    size_t n = (size_t)width;
    rows r = {.c = c, .t = t, .x0 = x0, .factor = factor, .width = width, .covered = clv_compose_covered(c, t)};
    r.values = clv_alloc_array(6, n, sizeof(float));
    r.mask = clv_alloc_array(4, n, 1);
    r.days = clv_alloc_array(n, 1, sizeof(uint16_t));
    void *raw = clv_alloc_array(n, 1, sizeof(double));
    clv_status status = r.values && r.mask && r.days && raw ? CLV_OK : clv_fail_memory(c->ctx);
    r.source = r.mask ? r.mask + n : NULL;
    r.unknown = r.mask ? r.mask + 2 * n : NULL;
    r.count = r.mask ? r.mask + 3 * n : NULL;
    clv_picture_row row = {.width = width, .mask = r.mask, .source = r.source, .days = r.days};
    for (int k = 0; k < 3 && r.values; k++) {
        row.before[k] = r.values + (size_t)k * n;
        row.after[k] = r.values + (size_t)(3 + k) * n;
    }
    for (int y = y0; y < y1 && status == CLV_OK; y++)
        for (int sub = 0; sub < factor && status == CLV_OK; sub++) {
            take_working(&r, y);
            if (has_native_pixels(&r))
                status = take_native(&r, y * factor + sub, raw);
            if (status == CLV_OK)
                status =
                    clv_pictures_row(c->setup.pictures, t, (x0 - core->x) * factor, (y - core->y) * factor + sub, &row);
        }
    free(r.values);
    free(r.mask);
    free(r.days);
    free(raw);
    return status;
}

clv_status clv_compose_show(clv_compose *c)
{
    return clv_parallel_for(c->ctx, c->series->dates, 0, show_date, c);
}
