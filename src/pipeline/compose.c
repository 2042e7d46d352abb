/* SPDX-License-Identifier: MIT */
#include "pipeline/compose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "pipeline/compose_private.h"
#include "pipeline/native.h"
#include "series/band_values.h"

#define CHUNK 16 /* working rows a task */

clv_status clv_compose_new(clv_context *ctx, clv_outputs *set, clv_series *series, const clv_compose_setup *setup,
                           clv_compose **out)
{
    clv_compose *c = calloc(1, sizeof *c);
    *out = c;
    if (!c)
        return clv_fail_memory(ctx);
    c->ctx = ctx;
    c->set = set;
    c->series = series;
    c->setup = *setup;
    size_t dates = (size_t)series->dates;
    c->counts = calloc(dates, sizeof *c->counts);
    c->sinks = calloc(dates, sizeof *c->sinks);
    c->slot = calloc(dates, sizeof *c->slot);
    c->columns = calloc(dates, sizeof *c->columns);
    c->dates = calloc(dates, sizeof *c->dates);
    c->unseen = calloc(dates, (size_t)series->channels);
    if (!c->unseen || !c->counts || !c->sinks || !c->slot || !c->columns || !c->dates) {
        clv_compose_free(c);
        *out = NULL;
        return clv_fail_memory(ctx);
    }
    c->one_writer = series->dates > 1 && setup->outputs[0] && setup->outputs[0] == setup->outputs[1];
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        c->dates[t] = a->days;
        c->slot[t] = a->warped ? c->warped++ : -1;
        if (!a->warped && a->factor > c->detail_factor)
            c->detail_factor = a->factor;
    }
    clv_status status = CLV_OK;
    if (c->warped > 0) {
        status = clv_scratch_new(set, &series->grid, GDT_Float32, c->warped * series->channels, &c->prediction);
        if (status == CLV_OK)
            status = clv_scratch_new(set, &series->grid, GDT_Byte, c->warped, &c->gaps);
        if (status == CLV_OK && setup->quality)
            status = clv_scratch_new(set, &series->grid, GDT_UInt16, c->warped, &c->days);
        if (status == CLV_OK && setup->quality)
            status = clv_scratch_new(set, &series->grid, GDT_UInt16, c->warped, &c->deviation);
    }
    if (status != CLV_OK) {
        clv_compose_free(c);
        *out = NULL;
    }
    return status;
}

static void end_sinks(clv_compose *c)
{
    for (int t = 0; c->sinks && c->columns && t < c->series->dates; t++) {
        clv_sink_end(&c->sinks[t].image);
        clv_sink_end(&c->sinks[t].mask);
        clv_sink_end(&c->sinks[t].quality);
        clv_holes_clear(&c->sinks[t].holes);
        free(c->columns[t]);
        c->columns[t] = NULL;
    }
}

void clv_compose_free(clv_compose *c)
{
    if (!c)
        return;
    end_sinks(c);
    clv_scratch_free(c->prediction);
    clv_scratch_free(c->gaps);
    clv_scratch_free(c->days);
    clv_scratch_free(c->deviation);
    free(c->sinks);
    free(c->columns);
    free(c->dates);
    free(c->slot);
    free(c->counts);
    free(c->unseen);
    free(c);
}

static clv_status begin_date(clv_compose *c, int t)
{
    const clv_acquisition *a = &c->series->acquisitions[t];
    clv_rect native = clv_native_rect(a, &c->series->grid, c->panel->x0, c->y0, c->panel->x1, c->series->grid.height);
    int channels = c->series->channels;
    clv_sink_band *bands = calloc((size_t)channels, sizeof *bands);
    if (!bands)
        return clv_fail_memory(c->ctx);
    for (int k = 0; k < channels; k++)
        bands[k] = (clv_sink_band){clv_writer_channel(c->setup.outputs[t], t, k), clv_pixel_size(a->bands[k].type)};
    clv_status status = clv_sink_begin(c->ctx, &c->sinks[t].image, c->setup.outputs[t], bands, channels, native.x,
                                       native.width, native.y);
    clv_sink_band mask = {1, 1}, quality[3] = {{1, 2}, {2, 2}, {3, 2}};
    if (status == CLV_OK && c->setup.masks)
        status =
            clv_sink_begin(c->ctx, &c->sinks[t].mask, c->setup.masks[t], &mask, 1, native.x, native.width, native.y);
    if (status == CLV_OK && c->setup.quality)
        status = clv_sink_begin(c->ctx, &c->sinks[t].quality, c->setup.quality[t], quality, 3, native.x, native.width,
                                native.y);
    free(bands);
    c->columns[t] = clv_alloc_array((size_t)native.width, 1, sizeof **c->columns);
    for (int i = 0; c->columns[t] && i < native.width; i++)
        c->columns[t][i] = clv_native_to_working(native.x + i, a->xoff, a->factor, c->series->grid.width);
    return status == CLV_OK && !c->columns[t] ? clv_fail_memory(c->ctx) : status;
}

clv_status clv_compose_begin_panel(clv_compose *c, const clv_panel *panel, int y0, clv_stage2 *stage)
{
    c->panel = panel;
    c->y0 = y0;
    c->stage = stage;
    c->strip = clv_stage2_strip(stage);
    clv_status status = CLV_OK;
    for (int t = 0; t < c->series->dates && status == CLV_OK; t++)
        if (c->slot[t] < 0)
            status = begin_date(c, t);
    return status;
}

/* ---- Reading own rows ---------------------------------------------------------------------------- */

/* Some pixel of the working rows at work lacks data in some band, at date t. */
static bool has_holes(const clv_compose *c, int t)
{
    for (int y = c->y0; y < c->y1; y++)
        for (int x = c->panel->x0; x < c->panel->x1; x++)
            if (clv_compose_has_holes(c, t, x, y))
                return true;
    return false;
}

static clv_status find_holes(clv_compose *c, int t, clv_rect native)
{
    const void **raw = clv_alloc_array((size_t)c->series->channels, 1, sizeof *raw);
    if (!raw)
        return clv_fail_memory(c->ctx);
    for (int k = 0; k < c->series->channels; k++)
        raw[k] = clv_sink_row(&c->sinks[t].image, k, native.y);
    const clv_status status = clv_holes_find(c->ctx, c->series, t, native, has_holes(c, t), raw, &c->sinks[t].holes);
    free(raw);
    return status;
}

static clv_status load_date(void *arg, int t, int number)
{
    (void)number;
    clv_compose *c = arg;
    if (c->slot[t] >= 0)
        return clv_compose_keep_warped(c, t);
    date_sinks *s = &c->sinks[t];
    clv_rect native =
        clv_native_rect(&c->series->acquisitions[t], &c->series->grid, c->panel->x0, c->y0, c->panel->x1, c->y1);
    if (native.height == 0 || native.width == 0)
        return CLV_OK;
    clv_status status = clv_sink_extend(c->ctx, &s->image, native.y + native.height);
    if (status == CLV_OK && c->setup.masks)
        status = clv_sink_extend(c->ctx, &s->mask, native.y + native.height);
    if (status == CLV_OK && c->setup.quality)
        status = clv_sink_extend(c->ctx, &s->quality, native.y + native.height);
    for (int k = 0; k < c->series->channels && status == CLV_OK; k++)
        status = clv_series_read_raw(c->ctx, c->series, t, k, native, clv_sink_row(&s->image, k, native.y));
    return status == CLV_OK ? find_holes(c, t, native) : status;
}

/* ---- Filling ------------------------------------------------------------------------------------- */

/* Buffers of one task. */
typedef struct row_buffers {
    float *fine;         /* [dates, fine columns] own values along one fine row of the panel */
    uint8_t *unknown;    /* [dates, fine columns] no own value there */
    float *value;        /* [native columns] */
    uint8_t *select;     /* [native columns] */
    uint8_t *hole;       /* [native columns] */
    bool *fills;         /* [dates] the working row has something to fill */
    int *first, *second; /* [dates, panel columns] dates whose detail is used, -1 = none */
    float *weight;       /* [dates, panel columns] of `second` */
} row_buffers;

/* What date t gets at a working pixel: the filled value, or with `full` the prediction everywhere. */
static float target_value(const clv_compose *c, int t, int k, int x, int y, float fallback)
{
    float v;
    if (c->setup.full && clv_compose_filled(c, clv_compose_state(c, t, x, y)))
        return *clv_stage2_prediction(c->stage, t, k, x, y);
    return clv_compose_value(c, t, k, x, y, &v) ? v : fallback;
}

/* Neighbours and weights of bilinear enlargement at fine position `sub` of a working pixel. */
static void bilinear(int at, int sub, int factor, int length, int *other, float *weight)
{
    float u = ((float)sub + 0.5f) / (float)factor - 0.5f;
    *other = u < 0 ? at - 1 : at + 1;
    *weight = fabsf(u);
    if (*other < 0 || *other >= length) {
        *other = at;
        *weight = 0;
    }
}

typedef struct fine_place {
    int x, y, x2, y2; /* working pixel and its neighbours */
    float wx, wy;     /* weights of the neighbours */
} fine_place;

/* The filled series of date t, enlarged to a fine pixel. Unfilled neighbours count as the centre. */
static float enlarged(const clv_compose *c, int t, int k, const fine_place *p, bool target)
{
    float centre = 0, v[4];
    if (target)
        centre = target_value(c, t, k, p->x, p->y, 0);
    else
        clv_compose_value(c, t, k, p->x, p->y, &centre);
    const int xs[4] = {p->x, p->x2, p->x, p->x2}, ys[4] = {p->y, p->y, p->y2, p->y2};
    v[0] = centre;
    for (int i = 1; i < 4; i++) {
        v[i] = centre;
        if (target)
            v[i] = target_value(c, t, k, xs[i], ys[i], centre);
        else
            clv_compose_value(c, t, k, xs[i], ys[i], &v[i]);
    }
    return (1 - p->wy) * ((1 - p->wx) * v[0] + p->wx * v[1]) + p->wy * ((1 - p->wx) * v[2] + p->wx * v[3]);
}

/* Dates share fine detail when their native pixels are equally fine: those with the largest factor. */
static bool has_detail(const clv_compose *c, int i)
{
    return c->detail_factor > 1 && c->slot[i] < 0 && c->series->acquisitions[i].factor == c->detail_factor;
}

/* For every pixel of a working row that date t fills: the nearest observing dates before and after, and their weights.
 */
static void choose_detail(const clv_compose *c, int t, int y, row_buffers *b)
{
    const clv_acquisition *a = c->series->acquisitions;
    int columns = c->panel->x1 - c->panel->x0, dates = c->series->dates;
    for (int i = 0; i < columns; i++) {
        size_t at = (size_t)t * (size_t)columns + (size_t)i;
        int x = c->panel->x0 + i, before = t - 1, after = t + 1;
        b->first[at] = b->second[at] = -1;
        b->weight[at] = 0;
        if (!clv_compose_filled(c, clv_compose_state(c, t, x, y)) && !clv_compose_has_holes(c, t, x, y))
            continue;
        while (before >= 0 && (clv_compose_state(c, before, x, y) || !has_detail(c, before)))
            before--;
        while (after < dates && (clv_compose_state(c, after, x, y) || !has_detail(c, after)))
            after++;
        b->first[at] = before >= 0 ? before : after < dates ? after : -1;
        if (before >= 0 && after < dates) {
            double span = a[after].days - a[before].days;
            b->second[at] = after;
            b->weight[at] = span > 0 ? (float)((a[t].days - a[before].days) / span) : 0.5f;
        }
    }
}

/* Own values of every date with fine detail along fine row `fine_y` of the working grid. */
static void decode_fine(const clv_compose *c, int k, int fine_y, row_buffers *b)
{
    int factor = c->detail_factor, width = (c->panel->x1 - c->panel->x0) * factor, from = c->panel->x0 * factor;
    for (int i = 0; i < c->series->dates; i++) {
        uint8_t *unknown = b->unknown + (size_t)i * (size_t)width;
        float *fine = b->fine + (size_t)i * (size_t)width;
        memset(unknown, 1, (size_t)width);
        if (!has_detail(c, i))
            continue;
        const clv_acquisition *a = &c->series->acquisitions[i];
        const clv_sink *sink = &c->sinks[i].image;
        int y = a->yoff + fine_y;
        if (y < sink->y0 || y >= sink->y1)
            continue;
        int x0 = a->xoff + from, start = x0 > sink->x ? x0 : sink->x;
        int end = x0 + width < sink->x + sink->width ? x0 + width : sink->x + sink->width;
        if (end <= start)
            continue;
        const clv_band *band = &a->bands[k];
        const unsigned char *raw = clv_sink_row(sink, k, y);
        memset(unknown + (start - x0), 0, (size_t)(end - start));
        clv_band_decode(band, false, raw + (size_t)(start - sink->x) * clv_pixel_size(band->type),
                        (size_t)(end - start), fine + (start - x0), unknown + (start - x0));
        const uint8_t *hole = clv_holes_row(&c->sinks[i].holes, y);
        for (int x = start; hole && x < end; x++) {
            if (hole[x - sink->x] != CLV_NATIVE_THERE)
                clv_band_screen_alone(band, raw + (size_t)(x - sink->x) * clv_pixel_size(band->type), 1,
                                      fine + (x - x0), unknown + (x - x0));
            unknown[x - x0] |= hole[x - sink->x] == CLV_NATIVE_MISSING ||
                               (hole[x - sink->x] == CLV_NATIVE_DEAD &&
                                clv_band_is_zero(band, raw + (size_t)(x - sink->x) * clv_pixel_size(band->type)));
        }
    }
}

/* The detail of the dates chosen for a pixel: their own value less what enlarging the working grid gives. */
static float detail(const clv_compose *c, int t, int k, int fine_x, const fine_place *p, const row_buffers *b)
{
    int columns = c->panel->x1 - c->panel->x0, width = columns * c->detail_factor,
        at = fine_x - c->panel->x0 * c->detail_factor;
    size_t column = (size_t)t * (size_t)columns + (size_t)(p->x - c->panel->x0);
    const int dates[2] = {b->first[column], b->second[column]};
    const float weights[2] = {1 - b->weight[column], b->weight[column]};
    float sum = 0;
    for (int j = 0; j < 2; j++) {
        size_t i = (size_t)(dates[j] < 0 ? 0 : dates[j]) * (size_t)width + (size_t)at;
        if (dates[j] >= 0 && weights[j] > 0 && !b->unknown[i])
            sum += weights[j] * (b->fine[i] - enlarged(c, dates[j], k, p, false));
    }
    return sum;
}

/* Whether a native pixel of channel k takes a value: hole: it has none of its own. Where the working pixel is observed
 * that is its mean, enlarged. */
static bool takes_value(const clv_compose *c, int t, int k, int x, int y, bool hole)
{
    const uint8_t state = clv_compose_state(c, t, x, y);
    float unused;
    if (clv_compose_band_unseen(c, k, x, y))
        return false;
    if (clv_compose_filled(c, state))
        return !(hole && c->setup.keep_nodata);
    return hole && !c->setup.keep_nodata && clv_compose_value(c, t, k, x, y, &unused);
}

/* One own row of one channel of date t, that follows working row y; inside: it lies in the working grid. */
static void fill_row(const clv_compose *c, int t, int k, int native_y, int y, bool inside, row_buffers *b)
{
    const clv_acquisition *a = &c->series->acquisitions[t];
    const clv_grid *grid = &c->series->grid;
    const clv_sink *sink = &c->sinks[t].image;
    int factor = a->factor, middle = (factor - 1) / 2;
    fine_place p = {.y = y};
    bilinear(y, inside ? native_y - a->yoff - y * factor : middle, factor, grid->height, &p.y2, &p.wy);
    const clv_band *band = &a->bands[k];
    unsigned char *raw = clv_sink_row(sink, k, native_y);
    const uint8_t *hole = clv_holes_row(&c->sinks[t].holes, native_y);
    if (hole)
        clv_holes_band(c->series, t, k, hole, raw, (size_t)sink->width, b->value, b->hole);
    for (int i = 0; i < sink->width; i++) {
        p.x = c->columns[t][i];
        b->select[i] = p.x >= 0 && takes_value(c, t, k, p.x, y, hole && b->hole[i]);
        if (!b->select[i])
            continue;
        if (factor == 1) {
            b->value[i] = *clv_stage2_prediction(c->stage, t, k, p.x, y);
            continue;
        }
        int fine_x = sink->x + i - a->xoff, sub = fine_x - p.x * factor;
        bool within = inside && sub >= 0 && sub < factor;
        bilinear(p.x, within ? sub : middle, factor, grid->width, &p.x2, &p.wx);
        b->value[i] = enlarged(c, t, k, &p, true) + (within && has_detail(c, t) ? detail(c, t, k, fine_x, &p, b) : 0);
    }
    clv_band_encode(band, b->value, b->select, (size_t)sink->width, raw);
}

static bool fills_anything(const clv_compose *c, int t, int y)
{
    for (int x = c->panel->x0; x < c->panel->x1; x++)
        if (clv_compose_filled(c, clv_compose_state(c, t, x, y)) ||
            (!c->setup.keep_nodata && clv_compose_has_holes(c, t, x, y)))
            return true;
    return false;
}

/* The own rows of date t that follow working row y; those in [*in0, *in1) lie inside the working grid. */
static clv_rect native_rows(const clv_compose *c, int t, int y, int *in0, int *in1)
{
    const clv_acquisition *a = &c->series->acquisitions[t];
    clv_rect r = clv_native_rect(a, &c->series->grid, c->panel->x0, y, c->panel->x1, y + 1);
    *in0 = a->yoff + y * a->factor;
    *in1 = *in0 + a->factor;
    return r;
}

/* Rows of date t outside the working grid, or of a date without fine detail. */
static void fill_plain_rows(const clv_compose *c, int t, int y, row_buffers *b)
{
    const clv_acquisition *a = &c->series->acquisitions[t];
    int in0, in1;
    clv_rect rows = native_rows(c, t, y, &in0, &in1);
    for (int native_y = rows.y; native_y < rows.y + rows.height; native_y++) {
        bool inside = native_y >= in0 && native_y < in1;
        if ((inside && has_detail(c, t)) ||
            clv_native_to_working(native_y, a->yoff, a->factor, c->series->grid.height) < 0)
            continue;
        for (int k = 0; k < c->series->channels; k++)
            fill_row(c, t, k, native_y, y, inside, b);
    }
}

static void fill_working_row(const clv_compose *c, int y, row_buffers *b)
{
    int dates = c->series->dates, in0, in1;
    bool any = false;
    for (int t = 0; t < dates; t++) {
        b->fills[t] = c->slot[t] < 0 && fills_anything(c, t, y);
        if (!b->fills[t])
            continue;
        fill_plain_rows(c, t, y, b);
        if (has_detail(c, t)) {
            choose_detail(c, t, y, b);
            any = true;
        }
    }
    for (int k = 0; any && k < c->series->channels; k++)
        for (int sub = 0; sub < c->detail_factor; sub++) {
            decode_fine(c, k, y * c->detail_factor + sub, b);
            for (int t = 0; t < dates; t++) {
                if (!b->fills[t] || !has_detail(c, t))
                    continue;
                clv_rect rows = native_rows(c, t, y, &in0, &in1);
                if (in0 + sub >= rows.y && in0 + sub < rows.y + rows.height)
                    fill_row(c, t, k, in0 + sub, y, true, b);
            }
        }
}

static clv_status fill_chunk(void *arg, int index, int number)
{
    (void)number;
    const clv_compose *c = arg;
    size_t dates = (size_t)c->series->dates, columns = (size_t)(c->panel->x1 - c->panel->x0), native = 1;
    size_t fine = c->detail_factor > 1 ? columns * (size_t)c->detail_factor : 1;
    for (size_t t = 0; t < dates; t++)
        native = (size_t)c->sinks[t].image.width > native ? (size_t)c->sinks[t].image.width : native;
    row_buffers b = {clv_alloc_array(dates, fine, sizeof(float)),
                     clv_alloc_array(dates, fine, 1),
                     clv_alloc_array(native, 1, sizeof(float)),
                     clv_alloc_array(native, 1, 1),
                     clv_alloc_array(native, 1, 1),
                     clv_alloc_array(dates, 1, sizeof(bool)),
                     clv_alloc_array(dates, columns, sizeof(int)),
                     clv_alloc_array(dates, columns, sizeof(int)),
                     clv_alloc_array(dates, columns, sizeof(float))};
    clv_status status = CLV_OK;
    if (!b.fine || !b.unknown || !b.value || !b.select || !b.hole || !b.fills || !b.first || !b.second || !b.weight)
        status = clv_fail(c->ctx, CLV_ERROR_MEMORY, "out of memory; give a smaller -mem");
    int y0 = c->y0 + index * CHUNK, y1 = y0 + CHUNK < c->y1 ? y0 + CHUNK : c->y1;
    for (int y = y0; y < y1 && status == CLV_OK; y++)
        fill_working_row(c, y, &b);
    free(b.fine);
    free(b.unknown);
    free(b.value);
    free(b.select);
    free(b.hole);
    free(b.fills);
    free(b.first);
    free(b.second);
    free(b.weight);
    return status;
}

/* ---- Mask, quality, counts ----------------------------------------------------------------------- */

/* filled: [native columns] of the row. */
static void describe_row(clv_compose *c, int t, int native_y, int working_y, uint8_t *filled)
{
    const clv_sink *image = &c->sinks[t].image;
    uint8_t *mask = c->setup.masks ? clv_sink_row(&c->sinks[t].mask, 0, native_y) : NULL;
    uint16_t *source = c->setup.quality ? clv_sink_row(&c->sinks[t].quality, 0, native_y) : NULL;
    uint16_t *days = c->setup.quality ? clv_sink_row(&c->sinks[t].quality, 1, native_y) : NULL;
    uint16_t *deviation = c->setup.quality ? clv_sink_row(&c->sinks[t].quality, 2, native_y) : NULL;
    clv_compose_date *count = &c->counts[t];
    const uint8_t *holes = clv_holes_row(&c->sinks[t].holes, native_y);
    for (int i = 0; i < image->width; i++) {
        int x = c->columns[t][i];
        bool known = working_y >= 0 && x >= 0;
        uint8_t gap = known ? clv_compose_state(c, t, x, working_y) : CLV_PIXEL_BEYOND;
        bool fills = known && clv_compose_filled(c, gap), predicted = known && clv_compose_predicted(c, gap);
        const bool unseen = known && clv_compose_unseen(c, x, working_y);
        if (unseen)
            clv_compose_note_unseen(c, t, x, working_y);
        else if (holes && holes[i] && known)
            fills = clv_holes_filled(holes[i], fills, c->setup.keep_nodata, &gap);
        const bool kept = known && !unseen && clv_compose_kept(c, holes ? holes[i] : CLV_NATIVE_THERE, &gap);
        uint16_t d = known ? 0 : CLV_DAYS_NONE;
        if (unseen) {
            gap |= CLV_PIXEL_MISSING;
            d = CLV_DAYS_NONE;
        } else if (known && (fills || (source && gap)))
            d = clv_compose_days(c, t, x, working_y);
        filled[i] = fills;
        count->pixels++;
        count->filled += fills;
        count->never += fills && !unseen && d == CLV_DAYS_NONE;
        count->unseen += unseen;
        if (mask)
            mask[i] = (uint8_t)clv_pixel_mask_class(gap);
        if (source) {
            source[i] = (uint16_t)clv_pixel_source(gap, fills && !unseen && !kept, d);
            days[i] = d;
            deviation[i] =
                known ? clv_pixel_deviation(gap, fills && !unseen && !kept,
                                            fills && predicted ? clv_stage2_deviation(c->stage, t, x, working_y) : NAN)
                      : CLV_DEVIATION_NONE;
        }
    }
}

static clv_status describe_date(void *arg, int t, int number)
{
    (void)number;
    clv_compose *c = arg;
    if (c->slot[t] >= 0)
        return CLV_OK;
    const clv_acquisition *a = &c->series->acquisitions[t];
    clv_rect native = clv_native_rect(a, &c->series->grid, c->panel->x0, c->y0, c->panel->x1, c->y1);
    if (native.width == 0 || native.height == 0)
        return CLV_OK;
    uint8_t *filled = clv_alloc_array((size_t)native.width, (size_t)native.height, 1);
    if (!filled)
        return clv_fail(c->ctx, CLV_ERROR_MEMORY, "out of memory; give a smaller -mem");
    for (int y = 0; y < native.height; y++)
        describe_row(c, t, native.y + y,
                     clv_native_to_working(native.y + y, a->yoff, a->factor, c->series->grid.height),
                     filled + (size_t)y * (size_t)native.width);
    /* A stack has no mask of its own: whose would it be? */
    clv_status status = c->one_writer ? CLV_OK : clv_writer_filled(c->setup.outputs[t], native, filled);
    free(filled);
    return status;
}

/* ---- A panel's rows ------------------------------------------------------------------------------ */

static clv_status flush_date(clv_compose *c, int t, bool everything)
{
    if (c->slot[t] >= 0)
        return CLV_OK;
    clv_status status = clv_sink_flush(&c->sinks[t].image, everything);
    if (status == CLV_OK && c->setup.masks)
        status = clv_sink_flush(&c->sinks[t].mask, everything);
    if (status == CLV_OK && c->setup.quality)
        status = clv_sink_flush(&c->sinks[t].quality, everything);
    return status;
}

static clv_status flush_rows(void *arg, int t, int number)
{
    (void)number;
    return flush_date(arg, t, false);
}

static clv_status flush_rest(void *arg, int t, int number)
{
    (void)number;
    return flush_date(arg, t, true);
}

static clv_status preview_rows(clv_compose *c)
{
    clv_rect rows = {c->panel->x0, c->y0, c->panel->x1 - c->panel->x0, c->y1 - c->y0};
    size_t n = (size_t)rows.width * (size_t)rows.height;
    float *before = clv_alloc_array(3, n, sizeof *before), *after = clv_alloc_array(3, n, sizeof *after);
    uint8_t *mask = clv_alloc_array(1, n, 1);
    clv_status status = before && after && mask ? CLV_OK : clv_fail_memory(c->ctx);
    for (int t = 0; t < c->series->dates && status == CLV_OK; t++) {
        const clv_rect covered = clv_compose_covered(c, t);
        for (size_t i = 0; i < n; i++) {
            int x = rows.x + (int)(i % (size_t)rows.width), y = rows.y + (int)(i / (size_t)rows.width);
            const bool there = clv_compose_covers(covered, x, y);
            mask[i] = there && clv_compose_filled(c, clv_compose_state(c, t, x, y));
            for (int k = 0; k < 3; k++) {
                float was = *clv_strip_value(c->strip, t, k, x, y);
                before[(size_t)k * n + i] = was;
                after[(size_t)k * n + i] = was;
                if (mask[i])
                    after[(size_t)k * n + i] = *clv_stage2_prediction(c->stage, t, k, x, y);
                else if (there)
                    clv_compose_value(c, t, k, x, y, &after[(size_t)k * n + i]);
            }
        }
        status = clv_preview_add(c->setup.preview, t, rows, before, mask, after);
    }
    free(before);
    free(after);
    free(mask);
    return status;
}

clv_status clv_compose_rows(clv_compose *c, int y0, int y1)
{
    c->y0 = y0;
    c->y1 = y1;
    int dates = c->series->dates;
    clv_status status = clv_parallel_for(c->ctx, dates, 0, load_date, c);
    if (status == CLV_OK)
        status = clv_parallel_for(c->ctx, dates, 0, describe_date, c);
    if (status == CLV_OK)
        status = clv_parallel_for(c->ctx, (y1 - y0 + CHUNK - 1) / CHUNK, 0, fill_chunk, c);
    if (status == CLV_OK && c->setup.preview)
        status = preview_rows(c);
    if (status == CLV_OK && c->setup.pictures)
        status = clv_compose_show(c);
    if (status == CLV_OK)
        status = clv_parallel_for(c->ctx, dates, c->one_writer ? 1 : 0, flush_rows, c);
    return status;
}

clv_status clv_compose_end_panel(clv_compose *c, bool flush)
{
    clv_status status = CLV_OK;
    if (flush)
        status = clv_parallel_for(c->ctx, c->series->dates, c->one_writer ? 1 : 0, flush_rest, c);
    end_sinks(c);
    return status;
}

const clv_compose_date *clv_compose_counts(const clv_compose *c)
{
    return c->counts;
}

bool clv_compose_unseen_band(const clv_compose *c, int t, int k)
{
    return c->unseen[(size_t)t * (size_t)c->series->channels + (size_t)k];
}
