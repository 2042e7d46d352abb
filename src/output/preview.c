/* SPDX-License-Identifier: MIT */
#include "output/preview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "image/stretch.h"
#include "output/glyphs.h"
#include "output/outputs_private.h"
#include "output/png.h"

enum {
    MAX_COLUMNS = 7,  /* more dates are wrapped: a wide strip shows nothing on a page */
    MAX_WIDTH = 2000, /* of the pictures in a line */
    MARGIN = 16,
    GAP = 6,       /* between pictures */
    LINE_GAP = 26, /* between lines of dates */
    SAMPLES = 200000
};

enum { BEFORE, AFTER, PICTURES };
static const char *const row_names[] = {"BEFORE", "MASK", "AFTER"};

/* Clouds are white, so the paper is not. */
static const uint8_t paper = 228, ink[3] = {50, 50, 56}, filled_color[3] = {232, 60, 120};

/* Sums over blocks of pixels: windows may cut a block in two. Only who adds a date touches its sums. */
typedef struct date_sums {
    float *sum[PICTURES]; /* [3, th, tw] */
    float *masked;        /* [th, tw] number of filled pixels */
    float *count;         /* [th, tw] */
    char label[32];
} date_sums;

struct clv_preview {
    clv_outputs *set;
    clv_item *item;
    int dates, width, height;
    clv_rect core; /* the part of the working grid that is shown */
    int step;      /* pixels of the working grid a side of a block */
    int tw, th;    /* blocks of a picture */
    int enlarge;   /* small scenes are shown larger: pixels a side of a block in the sheet */
    date_sums *sums;
};

/* ---- Collecting ------------------------------------------------------------------------------------- */

static int columns_of(int dates)
{
    int lines = (dates + MAX_COLUMNS - 1) / MAX_COLUMNS;
    return (dates + lines - 1) / lines;
}

static clv_status new_sums(clv_preview *p, const clv_series *series)
{
    p->sums = clv_alloc_array((size_t)p->dates, 1, sizeof *p->sums);
    bool complete = p->sums != NULL;
    size_t n = (size_t)p->tw * (size_t)p->th;
    for (int t = 0; complete && t < p->dates; t++) {
        date_sums *d = &p->sums[t];
        d->sum[BEFORE] = clv_alloc_array(3, n, sizeof(float));
        d->sum[AFTER] = clv_alloc_array(3, n, sizeof(float));
        d->masked = clv_alloc_array(n, 1, sizeof(float));
        d->count = clv_alloc_array(n, 1, sizeof(float));
        complete = d->sum[BEFORE] && d->sum[AFTER] && d->masked && d->count;
        clv_date_format(&series->acquisitions[t].facts.date, d->label);
        d->label[10] = '\0'; /* the day is enough */
    }
    return complete ? CLV_OK : clv_fail_memory(p->set->ctx);
}

clv_status clv_preview_new(clv_outputs *set, const char *path, const clv_series *series, clv_preview **out)
{
    *out = NULL;
    clv_status status = clv_png_check(set->ctx, "-preview");
    if (status != CLV_OK)
        return status;
    clv_preview *p = calloc(1, sizeof *p);
    if (!p)
        return clv_fail_memory(set->ctx);
    p->set = set;
    p->dates = series->dates;
    p->width = series->grid.width;
    p->height = series->grid.height;
    p->core = series->core;
    int longest = p->core.width > p->core.height ? p->core.width : p->core.height;
    int room = MAX_WIDTH / columns_of(p->dates);
    room = room > CLV_PREVIEW_TILE ? CLV_PREVIEW_TILE : room;
    /* The nearest whole step, but never more than the memory is meant for. */
    p->step = (longest + room / 2) / room;
    if (p->step < (longest + CLV_PREVIEW_TILE - 1) / CLV_PREVIEW_TILE)
        p->step = (longest + CLV_PREVIEW_TILE - 1) / CLV_PREVIEW_TILE;
    p->step = p->step < 1 ? 1 : p->step;
    p->tw = (p->core.width + p->step - 1) / p->step;
    p->th = (p->core.height + p->step - 1) / p->step;
    p->enlarge = p->step == 1 && room > longest ? room / longest : 1;
    status = new_sums(p, series);
    if (status == CLV_OK)
        status = clv_outputs_reserve(set, path, series, "png", &p->item);
    if (status == CLV_OK)
        *out = p;
    else
        clv_preview_free(p);
    return status;
}

void clv_preview_free(clv_preview *preview)
{
    if (!preview)
        return;
    for (int t = 0; preview->sums && t < preview->dates; t++) {
        free(preview->sums[t].sum[BEFORE]);
        free(preview->sums[t].sum[AFTER]);
        free(preview->sums[t].masked);
        free(preview->sums[t].count);
    }
    free(preview->sums);
    free(preview);
}

clv_status clv_preview_add(clv_preview *preview, int t, clv_rect window, const float *before, const uint8_t *mask,
                           const float *after)
{
    if (t < 0 || t >= preview->dates || window.x < 0 || window.y < 0 || window.width < 1 || window.height < 1 ||
        window.width > preview->width - window.x || window.height > preview->height - window.y)
        return clv_fail(preview->set->ctx, CLV_ERROR_INTERNAL, "preview: window %d,%d %dx%d of date %d lies outside",
                        window.x, window.y, window.width, window.height, t);
    date_sums *d = &preview->sums[t];
    size_t tile = (size_t)preview->tw * (size_t)preview->th, plane = (size_t)window.width * (size_t)window.height;
    const clv_rect shown = clv_rect_intersect(window, preview->core);
    for (int y = shown.y - window.y; y < shown.y - window.y + shown.height; y++) {
        size_t row = (size_t)((window.y + y - preview->core.y) / preview->step) * (size_t)preview->tw;
        for (int x = shown.x - window.x; x < shown.x - window.x + shown.width; x++) {
            size_t to = row + (size_t)((window.x + x - preview->core.x) / preview->step);
            size_t from = (size_t)y * (size_t)window.width + (size_t)x;
            for (size_t c = 0; c < 3; c++) {
                d->sum[BEFORE][c * tile + to] += before[c * plane + from];
                d->sum[AFTER][c * tile + to] += after[c * plane + from];
            }
            d->masked[to] += mask[from] != 0;
            d->count[to] += 1;
        }
    }
    return CLV_OK;
}

/* ---- Stretching ------------------------------------------------------------------------------------- */

/* Of a channel of all results; pixels without any value (0 everywhere) do not count. */
static clv_status find_stretch(const clv_preview *p, int channel, clv_stretch *stretch)
{
    size_t tile = (size_t)p->tw * (size_t)p->th, all = tile * (size_t)p->dates;
    size_t skip = all / SAMPLES + 1, n = 0;
    float *values = clv_alloc_array(all / skip + 1, 1, sizeof *values);
    if (!values)
        return clv_fail_memory(p->set->ctx);
    for (size_t i = 0; i < all; i += skip) {
        const date_sums *d = &p->sums[i / tile];
        size_t at = i % tile;
        float v = d->count[at] > 0 ? d->sum[AFTER][(size_t)channel * tile + at] / d->count[at] : 0;
        if (v != 0 && isfinite(v))
            values[n++] = v;
    }
    *stretch = clv_stretch_find(values, n);
    free(values);
    return CLV_OK;
}

/* ---- Drawing ---------------------------------------------------------------------------------------- */

typedef struct sheet {
    int width, height;
    uint8_t *planes; /* [3, height, width] */
} sheet;

static void set_pixel(sheet *s, int x, int y, const uint8_t color[3])
{
    if (x < 0 || y < 0 || x >= s->width || y >= s->height)
        return;
    for (int c = 0; c < 3; c++)
        s->planes[((size_t)c * (size_t)s->height + (size_t)y) * (size_t)s->width + (size_t)x] = color[c];
}

/* upward: turned by a quarter, to be read from below. (x, y) is the upper left corner of what is drawn. */
static void draw_text(sheet *s, const char *text, int x, int y, int scale, bool upward)
{
    int length = clv_glyph_text_width(text) * scale;
    for (int i = 0; i < length; i++)
        for (int j = 0; j < CLV_GLYPH_HEIGHT * scale; j++) {
            int column = i / scale;
            if (clv_glyph_ink(text[column / CLV_GLYPH_STEP], column % CLV_GLYPH_STEP, j / scale))
                set_pixel(s, upward ? x + j : x + i, upward ? y + length - 1 - i : y + j, ink);
        }
}

static void blend(uint8_t color[3], const uint8_t over[3], float share)
{
    for (int c = 0; c < 3; c++)
        color[c] = (uint8_t)((float)color[c] + share * ((float)over[c] - (float)color[c]) + 0.5f);
}

static void color_of_block(const clv_preview *p, const date_sums *d, int row, size_t at, const clv_stretch stretch[3],
                           uint8_t color[3])
{
    size_t tile = (size_t)p->tw * (size_t)p->th;
    const float *sum = d->sum[row == 2 ? AFTER : BEFORE];
    float count = d->count[at] > 0 ? d->count[at] : 1;
    for (size_t c = 0; c < 3; c++)
        color[c] = clv_stretched(&stretch[c], sum[c * tile + at] / count);
    if (row != 1)
        return;
    /* The picture stays visible, grey, under the colour of what was filled. */
    uint8_t grey = (uint8_t)((2 * color[0] + 5 * color[1] + color[2]) / 8);
    memset(color, (uint8_t)(96 + grey / 2), 3);
    blend(color, filled_color, 0.72f * d->masked[at] / count);
}

static void draw_picture(sheet *s, const clv_preview *p, const date_sums *d, int row, int x0, int y0,
                         const clv_stretch stretch[3])
{
    for (int y = 0; y < p->th * p->enlarge; y++)
        for (int x = 0; x < p->tw * p->enlarge; x++) {
            uint8_t color[3];
            size_t at = (size_t)(y / p->enlarge) * (size_t)p->tw + (size_t)(x / p->enlarge);
            color_of_block(p, d, row, at, stretch, color);
            set_pixel(s, x0 + x, y0 + y, color);
        }
}

static clv_status draw_sheet(const clv_preview *p, sheet *s)
{
    int w = p->tw * p->enlarge, h = p->th * p->enlarge;
    int columns = columns_of(p->dates), lines = (p->dates + columns - 1) / columns;
    int scale = w >= 2 * 10 * CLV_GLYPH_STEP ? 2 : 1; /* a date has ten characters */
    int text = CLV_GLYPH_HEIGHT * scale, head = text + 8, side = text + 8;
    int line = head + 3 * h + 2 * GAP;
    /* Pictures narrower than their date stand further apart. */
    int pitch = w > 10 * CLV_GLYPH_STEP * scale ? w + GAP : 10 * CLV_GLYPH_STEP * scale + GAP;
    s->width = 2 * MARGIN + side + columns * pitch - GAP;
    s->height = 2 * MARGIN + lines * line + (lines - 1) * LINE_GAP;
    s->planes = clv_alloc_array((size_t)s->width, (size_t)s->height, 3);
    if (!s->planes)
        return clv_fail_memory(p->set->ctx);
    memset(s->planes, paper, (size_t)s->width * (size_t)s->height * 3);
    clv_stretch stretch[3];
    for (int c = 0; c < 3; c++) {
        clv_status status = find_stretch(p, c, &stretch[c]);
        if (status != CLV_OK)
            return status;
    }
    for (int t = 0; t < p->dates; t++) {
        int x = MARGIN + side + t % columns * pitch, y = MARGIN + t / columns * (line + LINE_GAP);
        int length = clv_glyph_text_width(p->sums[t].label) * scale;
        draw_text(s, p->sums[t].label, x + (pitch - GAP - length) / 2, y, scale, false);
        for (int row = 0; row < 3; row++) {
            int top = y + head + row * (h + GAP);
            draw_picture(s, p, &p->sums[t], row, x + (pitch - GAP - w) / 2, top, stretch);
            int name = clv_glyph_text_width(row_names[row]) * scale;
            if (t % columns == 0 && name <= h)
                draw_text(s, row_names[row], MARGIN, top + (h - name) / 2, scale, true);
        }
    }
    return CLV_OK;
}

static clv_status write_sheet(const clv_preview *p, const sheet *s)
{
    char why[CLV_PNG_WHY];
    if (clv_png_write(p->item->temporary, s->planes, s->width, s->height, why))
        return CLV_OK;
    return clv_outputs_fail_write(p->set, p->item->path, "the preview cannot be written", why);
}

clv_status clv_preview_finish(clv_preview *preview)
{
    sheet s = {0};
    clv_status status = draw_sheet(preview, &s);
    if (status == CLV_OK)
        status = write_sheet(preview, &s);
    free(s.planes);
    return status;
}
