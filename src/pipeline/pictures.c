/* SPDX-License-Identifier: MIT */
#include "pipeline/pictures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "formats/half.h"
#include "image/pixel_state.h"
#include "image/stretch.h"
#include "output/png.h"
#include "pipeline/compose.h"

/* Planes of a date in the scratch raster. Values are half floats: eleven bits are more than a screen shows. */
enum { BEFORE, AFTER = 3, CLASSES = 6, DAYS, PLANES };
/* Classes of a block, in one number: mask + SOURCE_UNIT * source. */
enum { SOURCE_UNIT = 16, SAMPLES = 200000, MASKS = 4 };
/* Of zlib: half the time of its default for 7 % more bytes. */
enum { FAST = 3 };

typedef struct block {
    float before[3], after[3], days;
    uint32_t seen, shown, filled; /* pixels with a value before, after; filled pixels */
    uint32_t mask[MASKS], source[4];
} block;

/* A row of blocks that grows, and the block at a panel's end, which the next panel goes on with. */
typedef struct open_row {
    block *blocks; /* [width] */
    block *cut;    /* [height] */
} open_row;

struct clv_pictures {
    clv_context *ctx;
    int dates, factor, step;
    int rows_width, rows_height; /* of the rows' grid */
    int width, height;           /* of a picture */
    open_row *open;              /* [dates] */
    clv_scratch *scratch;
    clv_stretch stretch[3];
};

/* Class of mask: clear, cloud, shadow, no data. */
static int mask_index(uint8_t mask)
{
    return mask == CLV_MASK_CLASS_NODATA ? 3 : mask < 3 ? mask : 0;
}

/* ---- Size ------------------------------------------------------------------------------------------ */

static void choose_size(clv_pictures *p, const clv_series *series)
{
    int w = series->core.width, h = series->core.height, finest = 1;
    double area = (double)w * h, side = CLV_PICTURE_SIDE;
    double longest = w > h ? w : h;
    /* The side that makes all pictures together as large as they may be. */
    double allowed = longest * sqrt(CLV_PICTURE_PIXELS / p->dates / area);
    side = allowed < side ? allowed : side;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        if (!a->warped && a->factor > finest)
            finest = a->factor;
    }
    p->factor = longest < side ? finest : 1;
    p->rows_width = w * p->factor;
    p->rows_height = h * p->factor;
    p->step = (int)ceil(longest * p->factor / side - 1e-9);
    p->step = p->step < 1 ? 1 : p->step;
    p->width = (p->rows_width + p->step - 1) / p->step;
    p->height = (p->rows_height + p->step - 1) / p->step;
}

clv_status clv_pictures_new(clv_context *ctx, clv_outputs *set, const clv_series *series, clv_pictures **out)
{
    *out = NULL;
    clv_status status = clv_png_check(ctx, "-report");
    if (status != CLV_OK)
        return status;
    clv_pictures *p = calloc(1, sizeof *p);
    if (!p)
        return clv_fail_memory(ctx);
    p->ctx = ctx;
    p->dates = series->dates;
    choose_size(p, series);
    p->open = calloc((size_t)p->dates, sizeof *p->open);
    bool complete = p->open != NULL;
    for (int t = 0; t < p->dates && complete; t++) {
        p->open[t].blocks = clv_alloc_array((size_t)p->width, 1, sizeof(block));
        p->open[t].cut = clv_alloc_array((size_t)p->height, 1, sizeof(block));
        complete = p->open[t].blocks && p->open[t].cut;
    }
    const clv_grid grid = {.width = p->width, .height = p->height};
    status = complete ? clv_scratch_new(set, &grid, GDT_UInt16, PLANES * p->dates, &p->scratch) : clv_fail_memory(ctx);
    if (status == CLV_OK)
        *out = p;
    else
        clv_pictures_free(p);
    return status;
}

void clv_pictures_free(clv_pictures *p)
{
    if (!p)
        return;
    for (int t = 0; p->open && t < p->dates; t++) {
        free(p->open[t].blocks);
        free(p->open[t].cut);
    }
    free(p->open);
    clv_scratch_free(p->scratch);
    free(p);
}

int clv_pictures_factor(const clv_pictures *p)
{
    return p->factor;
}

/* ---- Collecting ------------------------------------------------------------------------------------ */

static void add_pixel(block *b, const clv_picture_row *row, int i)
{
    bool seen = !isnan(row->before[0][i]), shown = !isnan(row->after[0][i]);
    for (int c = 0; c < 3; c++) {
        b->before[c] += seen ? row->before[c][i] : 0;
        b->after[c] += shown ? row->after[c][i] : 0;
    }
    b->seen += seen;
    b->shown += shown;
    b->mask[mask_index(row->mask[i])]++;
    b->source[row->source[i] & 3]++;
    if (row->source[i] == CLV_SOURCE_FILLED) {
        b->days += row->days[i];
        b->filled++;
    }
}

/* The class with the most pixels; of equals the later one, which has more to say. */
static int most(const uint32_t *counts, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        best = counts[i] && counts[i] >= counts[best] ? i : best;
    return best;
}

static void close_block(const block *b, uint16_t values[PLANES])
{
    for (int c = 0; c < 3; c++) {
        values[BEFORE + c] = clv_float_to_half(b->seen ? b->before[c] / (float)b->seen : NAN);
        values[AFTER + c] = clv_float_to_half(b->shown ? b->after[c] / (float)b->shown : NAN);
    }
    values[CLASSES] = (uint16_t)(most(b->mask, MASKS) + SOURCE_UNIT * most(b->source, 4));
    values[DAYS] = (uint16_t)(b->filled ? b->days / (float)b->filled + 0.5f : 0);
}

static clv_status write_blocks(const clv_pictures *p, int t, int y, int x0, int x1)
{
    int n = x1 - x0;
    uint16_t *planes = clv_alloc_array(PLANES, (size_t)n, sizeof *planes), values[PLANES];
    clv_status status = planes ? CLV_OK : clv_fail_memory(p->ctx);
    for (int i = 0; i < n && status == CLV_OK; i++) {
        close_block(&p->open[t].blocks[x0 + i], values);
        for (int k = 0; k < PLANES; k++)
            planes[k * n + i] = values[k];
    }
    for (int k = 0; k < PLANES && status == CLV_OK; k++)
        status = clv_scratch_write(p->scratch, t * PLANES + k, (clv_rect){x0, y, n, 1}, planes + k * n);
    free(planes);
    return status;
}

clv_status clv_pictures_row(clv_pictures *p, int t, int x, int y, const clv_picture_row *row)
{
    if (t < 0 || t >= p->dates || x < 0 || y < 0 || y >= p->rows_height || row->width < 1 ||
        row->width > p->rows_width - x)
        return clv_fail(p->ctx, CLV_ERROR_INTERNAL, "pictures: row %d,%d of %d pixels of date %d lies outside", x, y,
                        row->width, t);
    open_row *o = &p->open[t];
    int end = x + row->width, x0 = x / p->step, x1 = (end + p->step - 1) / p->step, by = y / p->step;
    if (y % p->step == 0) {
        memset(o->blocks + x0, 0, (size_t)(x1 - x0) * sizeof *o->blocks);
        if (x % p->step)
            o->blocks[x0] = o->cut[by];
    }
    for (int i = 0, at = x0, left = p->step - x % p->step; i < row->width; i++) {
        add_pixel(&o->blocks[at], row, i);
        if (--left == 0) {
            left = p->step;
            at++;
        }
    }
    if ((y + 1) % p->step != 0 && y + 1 < p->rows_height)
        return CLV_OK;
    if (end % p->step)
        o->cut[by] = o->blocks[x1 - 1];
    return write_blocks(p, t, by, x0, x1);
}

/* ---- Stretching ------------------------------------------------------------------------------------ */

static clv_status read_row(const clv_pictures *p, int t, int plane, int y, uint16_t *values)
{
    return clv_scratch_read(p->scratch, t * PLANES + plane, (clv_rect){0, y, p->width, 1}, values);
}

/* Values of a channel: of inputs where they are clear, or of results. Every `skip`th of them, at most `room`. */
static clv_status sample(const clv_pictures *p, int channel, bool results, float *values, size_t room, size_t *count)
{
    uint16_t *row = clv_alloc_array(2, (size_t)p->width, sizeof *row), *classes = row ? row + p->width : NULL;
    clv_status status = row ? CLV_OK : clv_fail_memory(p->ctx);
    double all = (double)p->width * p->height * p->dates;
    int skip = (int)sqrt(all / (double)room) + 1; /* in both directions */
    *count = 0;
    for (int t = 0; t < p->dates && status == CLV_OK; t++)
        for (int y = 0; y < p->height && status == CLV_OK; y += skip) {
            status = read_row(p, t, (results ? AFTER : BEFORE) + channel, y, row);
            if (status == CLV_OK)
                status = read_row(p, t, CLASSES, y, classes);
            for (int x = t % skip; x < p->width && status == CLV_OK && *count < room; x += skip) {
                float v = clv_half_to_float(row[x]);
                if (isfinite(v) && (results || classes[x] % SOURCE_UNIT == 0))
                    values[(*count)++] = v;
            }
        }
    free(row);
    return status;
}

clv_status clv_pictures_finish(clv_pictures *p)
{
    float *values = clv_alloc_array(SAMPLES, 1, sizeof *values);
    clv_status status = values ? CLV_OK : clv_fail_memory(p->ctx);
    for (int c = 0; c < 3 && status == CLV_OK; c++) {
        size_t count;
        status = sample(p, c, false, values, SAMPLES, &count);
        if (status == CLV_OK && count < 100)
            status = sample(p, c, true, values, SAMPLES, &count);
        if (status == CLV_OK)
            p->stretch[c] = clv_stretch_find(values, count);
    }
    free(values);
    return status;
}

/* ---- Drawing --------------------------------------------------------------------------------------- */

typedef struct color_text {
    uint8_t color[3];
    const char *text;
} color_text;

/* Two colours that differ in lightness too, on white clouds and on dark ground. */
static const color_text mask_legend[] = {
    {{224, 69, 123}, "cloud"}, {{90, 95, 214}, "cloud shadow"}, {{154, 161, 168}, "no data"}};
/* From near to far in time, from light to dark. */
static const color_text quality_legend[] = {
    {{253, 231, 37}, "filled; observed within 5 days"},
    {{94, 201, 98}, "within 10 days"},
    {{33, 145, 140}, "within 20 days"},
    {{59, 82, 139}, "within 40 days"},
    {{68, 1, 84}, "later or earlier than that"},
    {{224, 69, 123}, "filled; never observed"},
};
static const int quality_days[] = {5, 10, 20, 40};

static const color_text *mask_color(int classes)
{
    int mask = classes % SOURCE_UNIT;
    return mask ? &mask_legend[mask - 1] : NULL;
}

static const color_text *quality_color(int classes, int days)
{
    int source = classes / SOURCE_UNIT, i = 0;
    if (source == CLV_SOURCE_NEVER)
        return &quality_legend[5];
    if (source != CLV_SOURCE_FILLED)
        return NULL;
    while (i < 4 && days > quality_days[i])
        i++;
    return &quality_legend[i];
}

/* What is clear ground takes most of the range; clouds, far brighter, share the rest, so that they are not one white.
 */
static uint8_t shown_value(const clv_stretch *s, float v)
{
    const float ground = 232;
    float over = (v - s->high) / (s->high - s->low);
    if (over > 0)
        return (uint8_t)(ground + (255 - ground) * (1 - expf(-over / 2)) + 0.5f);
    return (uint8_t)((float)clv_stretched(s, v) * ground / 255 + 0.5f);
}

static void set_pixel(uint8_t *rgba, size_t plane, size_t at, const uint8_t color[3])
{
    for (size_t c = 0; c < 3; c++)
        rgba[c * plane + at] = color[c];
    rgba[3 * plane + at] = 255;
}

static clv_status draw_values(const clv_pictures *p, int t, int first, uint8_t *rgba, uint16_t *row)
{
    size_t plane = (size_t)p->width * (size_t)p->height;
    clv_status status = CLV_OK;
    for (int y = 0; y < p->height && status == CLV_OK; y++)
        for (size_t c = 0; c < 3 && status == CLV_OK; c++) {
            status = read_row(p, t, first + (int)c, y, row);
            for (int x = 0; x < p->width && status == CLV_OK; x++) {
                size_t at = (size_t)y * (size_t)p->width + (size_t)x;
                float v = clv_half_to_float(row[x]);
                rgba[c * plane + at] = isnan(v) ? 0 : shown_value(&p->stretch[c], v);
                rgba[3 * plane + at] = isnan(v) ? 0 : 255;
            }
        }
    return status;
}

static clv_status draw_classes(const clv_pictures *p, int t, bool quality, uint8_t *rgba, uint16_t *row)
{
    size_t plane = (size_t)p->width * (size_t)p->height;
    uint16_t *days = row + p->width;
    clv_status status = CLV_OK;
    for (int y = 0; y < p->height && status == CLV_OK; y++) {
        status = read_row(p, t, CLASSES, y, row);
        if (status == CLV_OK)
            status = read_row(p, t, DAYS, y, days);
        for (int x = 0; x < p->width && status == CLV_OK; x++) {
            const color_text *color = quality ? quality_color(row[x], days[x]) : mask_color(row[x]);
            if (color)
                set_pixel(rgba, plane, (size_t)y * (size_t)p->width + (size_t)x, color->color);
        }
    }
    return status;
}

/* Means over blocks, weighted by alpha; in place. */
static void make_thumb(uint8_t *rgba, int *width, int *height)
{
    int longest = *width > *height ? *width : *height, step = (longest + CLV_PICTURE_THUMB - 1) / CLV_PICTURE_THUMB;
    int w = (*width + step - 1) / step, h = (*height + step - 1) / step;
    size_t from = (size_t)*width * (size_t)*height, to = (size_t)w * (size_t)h;
    const uint8_t *alpha = rgba + 3 * from;
    for (size_t c = 0; c < 4; c++)
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++) {
                uint32_t sum = 0, weight = 0, n = 0;
                for (int j = y * step; j < (y + 1) * step && j < *height; j++)
                    for (int i = x * step; i < (x + 1) * step && i < *width; i++) {
                        size_t at = (size_t)j * (size_t)*width + (size_t)i;
                        sum += alpha[at] ? rgba[c * from + at] : 0;
                        weight += alpha[at] != 0;
                        n++;
                    }
                /* Written behind what is still to be read: a block begins at or after its own place. */
                rgba[c * to + (size_t)y * (size_t)w + (size_t)x] = (uint8_t)(c == 3   ? (2 * weight >= n ? 255 : 0)
                                                                             : weight ? (sum + weight / 2) / weight
                                                                                      : 0);
            }
    *width = w;
    *height = h;
}

clv_status clv_pictures_write(const clv_pictures *p, int t, clv_picture kind, const char *path)
{
    int width = p->width, height = p->height;
    uint8_t *rgba = clv_alloc_array((size_t)width * (size_t)height, 4, 1);
    uint16_t *row = clv_alloc_array(2, (size_t)width, sizeof *row);
    clv_status status = rgba && row ? CLV_OK : clv_fail_memory(p->ctx);
    if (status == CLV_OK && (kind == CLV_PICTURE_MASK || kind == CLV_PICTURE_QUALITY))
        status = draw_classes(p, t, kind == CLV_PICTURE_QUALITY, rgba, row);
    else if (status == CLV_OK)
        status = draw_values(p, t, kind == CLV_PICTURE_CLEAR ? AFTER : BEFORE, rgba, row);
    if (status == CLV_OK && kind == CLV_PICTURE_THUMB_INPUT)
        make_thumb(rgba, &width, &height);
    char why[CLV_PNG_WHY];
    size_t plane = (size_t)width * (size_t)height;
    /* Most pictures have data everywhere: without alpha they are smaller. */
    bool opaque = rgba && !memchr(rgba + 3 * plane, 0, plane);
    if (status == CLV_OK && !clv_png_write_planes(path, rgba, opaque ? 3 : 4, width, height, FAST, why))
        status = clv_fail(p->ctx, CLV_ERROR_WRITE, "%s: cannot be written: %s", path, why);
    free(rgba);
    free(row);
    return status;
}

/* ---- Description ----------------------------------------------------------------------------------- */

static void describe_legend(clv_json_writer *w, const char *key, const color_text *list, size_t count)
{
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (size_t i = 0; i < count; i++) {
        char color[8];
        snprintf(color, sizeof color, "#%02x%02x%02x", list[i].color[0], list[i].color[1], list[i].color[2]);
        clv_jw_object(w);
        clv_jw_key(w, "color");
        clv_jw_string(w, color);
        clv_jw_key(w, "text");
        clv_jw_string(w, list[i].text);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

void clv_pictures_describe(const clv_pictures *p, clv_json_writer *w)
{
    clv_jw_key(w, "picture");
    clv_jw_object(w);
    clv_jw_key(w, "width");
    clv_jw_integer(w, p->width);
    clv_jw_key(w, "height");
    clv_jw_integer(w, p->height);
    clv_jw_key(w, "scale");
    clv_jw_number(w, (double)p->step / p->factor);
    clv_jw_end(w);
    clv_jw_key(w, "legend");
    clv_jw_object(w);
    describe_legend(w, "mask", mask_legend, sizeof mask_legend / sizeof *mask_legend);
    describe_legend(w, "quality", quality_legend, sizeof quality_legend / sizeof *quality_legend);
    clv_jw_end(w);
}
