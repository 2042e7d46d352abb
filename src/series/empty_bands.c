/* SPDX-License-Identifier: MIT */
#include "series/empty_bands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/parallel.h"
#include "image/empty_band.h"
#include "raster/paths.h"
#include "series/empty_areas.h"
#include "series/series_private.h"

#define SIDE CLV_EMPTY_SIDE
#define WHOLE 48e6       /* values of all dates and channels that are looked at one by one */
#define WHOLE_PACKED 1e6 /* pixels, where some dates are JPEG 2000 */
#define BLOCKS 768       /* of all dates together, of larger series */
#define FEWEST 6         /* blocks along a side */
#define MOST 20          /* the same */
#define ROOM (4 << 20)   /* values in memory */
#define ROWS 8           /* of blocks that are read at once: what is around them is read too */
#define BESIDE 2         /* blocks around an area that may belong to it: a slanted edge and a border meet in a tip */
#define WIDEST 1024      /* columns that are read at once */

/* Blocks [height, width] lie `step_x`, `step_y` pixels of the whole working grid apart. */
typedef struct lattice {
    int width, height;
    double step_x, step_y;
} lattice;

typedef struct search {
    clv_context *ctx;
    clv_series *series;
    lattice blocks;
    bool every;        /* blocks lie side by side */
    uint8_t **verdict; /* [dates, channels] */
    float *zero;       /* [dates, channels] */
    float *x;          /* [dates, channels, rows] */
    uint8_t *missing;  /* [dates, rows] */
    clv_rect window;   /* in work */
    int row, column;   /* block in its corner */
} search;

/* ---- What is looked at ---------------------------------------------------------------------------- */

/* 0 may have been measured there, or not. */
static bool is_candidate(const clv_acquisition *a)
{
    return a->facts.zero_lines;
}

static bool is_remote(const clv_acquisition *a)
{
    return clv_path_is_remote(a->source) || clv_path_is_remote(a->facts.vrt);
}

static int spread(int dates, int length)
{
    int n = (int)sqrt((double)BLOCKS / dates);
    n = n < FEWEST ? FEWEST : n > MOST ? MOST : n;
    return n < length ? n : length;
}

/* False: nothing can be found, or it would take too long. */
static bool choose_blocks(search *s)
{
    const clv_series *series = s->series;
    const clv_grid *whole = &series->private_data->whole;
    const double pixels = (double)whole->width * whole->height;
    bool any = false, packed = false, remote = false;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        any = any || is_candidate(a);
        packed = packed || a->facts.packed;
        remote = remote || is_remote(a);
    }
    if (!any || remote || series->dates < 2 || series->channels < 3)
        return false;
    s->every = pixels * series->dates * series->channels <= WHOLE && !(packed && pixels > WHOLE_PACKED);
    s->blocks.width = (whole->width + SIDE - 1) / SIDE;
    s->blocks.height = (whole->height + SIDE - 1) / SIDE;
    s->blocks.step_x = s->blocks.step_y = SIDE;
    if (s->every)
        return true;
    s->blocks.width = spread(series->dates, s->blocks.width);
    s->blocks.height = spread(series->dates, s->blocks.height);
    s->blocks.step_x = s->blocks.width > 1 ? (double)(whole->width - SIDE) / (s->blocks.width - 1) : 0;
    s->blocks.step_y = s->blocks.height > 1 ? (double)(whole->height - SIDE) / (s->blocks.height - 1) : 0;
    return !packed;
}

/* ---- Looking -------------------------------------------------------------------------------------- */

static clv_status read_date(void *arg, int t, int worker)
{
    (void)worker;
    search *s = arg;
    const size_t n = (size_t)s->window.width * (size_t)s->window.height;
    uint8_t *missing = s->missing + (size_t)t * n;
    if (clv_series_read_whole(NULL, s->series, t, s->window, s->x + (size_t)t * (size_t)s->series->channels * n,
                              missing) != CLV_OK)
        memset(missing, 1, n);
    return CLV_OK;
}

/* A date's blocks in the window. */
static clv_status judge_date(void *arg, int t, int worker)
{
    (void)worker;
    search *s = arg;
    const int channels = s->series->channels;
    const size_t n = (size_t)s->window.width * (size_t)s->window.height;
    if (!is_candidate(&s->series->acquisitions[t]))
        return CLV_OK;
    for (int y = 0, row = s->row; y < s->window.height; y += SIDE, row++)
        for (int x = 0, column = s->column; x < s->window.width; x += SIDE, column++) {
            const size_t at = (size_t)y * (size_t)s->window.width + (size_t)x;
            const clv_empty_block b = {.dates = s->series->dates,
                                       .channels = channels,
                                       .width = s->window.width - x < SIDE ? s->window.width - x : SIDE,
                                       .height = s->window.height - y < SIDE ? s->window.height - y : SIDE,
                                       .row = (size_t)s->window.width,
                                       .plane = n,
                                       .x = s->x + at,
                                       .missing = s->missing + at,
                                       .zero = s->zero};
            for (int c = 0; c < channels; c++)
                s->verdict[t * channels + c][row * s->blocks.width + column] = (uint8_t)clv_empty_block_judge(&b, t, c);
        }
    return CLV_OK;
}

static clv_status look_at(search *s, clv_rect window, int row, int column)
{
    s->window = window;
    s->row = row;
    s->column = column;
    clv_status status = clv_parallel_for(s->ctx, s->series->dates, 0, read_date, s);
    return status == CLV_OK ? clv_parallel_for(s->ctx, s->series->dates, 0, judge_date, s) : status;
}

/* Rows and columns of blocks that are read at once. */
static int rows_at_once(const search *s)
{
    return s->every ? ROWS : 1;
}

static int columns_at_once(const search *s)
{
    const int most = ROOM / (s->series->dates * (s->series->channels + 1) * SIDE * SIDE * ROWS);
    return !s->every || most < 1 ? 1 : most < WIDEST ? most : WIDEST;
}

static clv_status look_everywhere(search *s)
{
    const clv_grid *whole = &s->series->private_data->whole;
    const int rows = rows_at_once(s), columns = columns_at_once(s);
    clv_status status = CLV_OK;
    for (int y = 0; y < s->blocks.height && status == CLV_OK; y += rows)
        for (int x = 0; x < s->blocks.width && status == CLV_OK; x += columns) {
            const clv_rect r = {(int)(x * s->blocks.step_x), (int)(y * s->blocks.step_y), columns * SIDE, rows * SIDE};
            status = look_at(s, clv_rect_intersect(r, (clv_rect){0, 0, whole->width, whole->height}), y, x);
        }
    return status;
}

/* ---- What was found ------------------------------------------------------------------------------- */

static int nearest(double at, double step, int count)
{
    const double k = step > 0 ? floor((at - SIDE / 2.0) / step + 0.5) : 0;
    return k < 0 ? 0 : k > count - 1 ? count - 1 : (int)k;
}

/* A pixel of the working grid lies in an area, or beside one. */
static bool is_in(const lattice *b, const uint8_t *verdict, double x, double y)
{
    const int bx = nearest(x, b->step_x, b->width), by = nearest(y, b->step_y, b->height);
    for (int j = by > BESIDE ? by - BESIDE : 0; j <= by + BESIDE && j < b->height; j++)
        for (int i = bx > BESIDE ? bx - BESIDE : 0; i <= bx + BESIDE && i < b->width; i++)
            if (verdict[j * b->width + i] == CLV_EMPTY_SURE)
                return true;
    return false;
}

/* Centres of a row of the date's own blocks on the working grid. ok [width]: they are known. */
static void map_row(const clv_series *series, int t, int row, int width, double *x, double *y, int *ok)
{
    const clv_date_files *f = &series->private_data->files[t];
    for (int i = 0; i < width; i++) {
        x[i] = (i + 0.5) * CLV_EMPTY_AREAS_BLOCK;
        y[i] = (row + 0.5) * CLV_EMPTY_AREAS_BLOCK;
        ok[i] = 1;
    }
    if (f->warped) {
        const bool done = clv_grid_map_pixels(&f->native, &series->private_data->whole, width, x, y, ok);
        for (int i = 0; i < width && !done; i++)
            ok[i] = 0;
        return;
    }
    for (int i = 0; i < width; i++) {
        x[i] = (x[i] - f->xoff) / f->factor;
        y[i] = (y[i] - f->yoff) / f->factor;
    }
}

/* lacks [channels] */
static clv_status keep_date(search *s, int t, const bool *lacks)
{
    const clv_series *series = s->series;
    clv_date_files *f = &series->private_data->files[t];
    clv_empty_areas *e = clv_empty_areas_new(series->channels, f->native.width, f->native.height);
    f->empty = e;
    if (!e)
        return clv_fail_memory(s->ctx);
    double *x = clv_alloc_array((size_t)e->width, 2, sizeof *x), *y = x ? x + e->width : NULL;
    int *ok = clv_alloc_array((size_t)e->width, 1, sizeof *ok);
    bool room = x && ok;
    for (int c = 0; c < series->channels && room; c++)
        room = !lacks[c] || (e->in[c] = clv_alloc_array((size_t)e->width, (size_t)e->height, 1));
    for (int row = 0; row < e->height && room; row++) {
        map_row(series, t, row, e->width, x, y, ok);
        for (int c = 0; c < series->channels; c++)
            for (int i = 0; i < e->width && lacks[c]; i++)
                e->in[c][(size_t)row * (size_t)e->width + (size_t)i] =
                    ok[i] && is_in(&s->blocks, s->verdict[t * series->channels + c], x[i], y[i]);
    }
    free(x);
    free(ok);
    series->private_data->total -= f->open; /* what a view has read before does not know of it */
    clv_series_close_files(f);
    return room ? CLV_OK : clv_fail_memory(s->ctx);
}

static void add_name(char *text, size_t size, const char *name)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%.40s", used ? ", " : "", name);
}

static void describe(clv_acquisition *a, const char *names)
{
    char *how = a->facts.nodata_how;
    const size_t size = sizeof a->facts.nodata_how, used = strlen(how);
    snprintf(how + used, size - used, "%s0 over areas of %.60s alone", used ? "; " : "", names);
}

static clv_status keep_found(search *s)
{
    clv_series *series = s->series;
    const int channels = series->channels;
    int *stack = clv_alloc_array((size_t)s->blocks.width * (size_t)s->blocks.height, 1, sizeof *stack);
    clv_status status = stack ? CLV_OK : clv_fail_memory(s->ctx);
    char first[200] = "", first_names[120] = "";
    int found = 0;
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        bool lacks[CLV_MAX_CHANNELS] = {false}, any = false;
        char names[120] = "";
        clv_acquisition *a = &series->acquisitions[t];
        for (int c = 0; c < channels; c++) {
            lacks[c] = clv_empty_blocks_join(s->verdict[t * channels + c], s->blocks.width, s->blocks.height, stack);
            any = any || lacks[c];
            if (lacks[c]) {
                add_name(names, sizeof names, a->bands[c].name);
                a->bands[c].empty_share = 0;
            }
        }
        if (!any)
            continue;
        describe(a, names);
        if (found++ == 0) {
            snprintf(first, sizeof first, "%.190s", clv_name_base(a->source));
            memcpy(first_names, names, sizeof names);
        }
        status = keep_date(s, t, lacks);
    }
    free(stack);
    char more[48] = "";
    if (found > 1)
        snprintf(more, sizeof more, " (and %d more date%s)", found - 1, found > 2 ? "s" : "");
    if (found > 0 && status == CLV_OK)
        clv_warn(s->ctx,
                 "%s%s: %s is 0 over an area where the date's other bands show ground and other dates show the band: "
                 "taken as no data in that band; give -srcnodata none when that is wrong",
                 first, more, first_names);
    return status;
}

/* What one date's sample shows, and no other date could tell. */
static void warn_of_others(clv_context *ctx, const clv_series *series)
{
    for (int t = 0; t < series->dates; t++)
        for (int c = 0; c < series->channels; c++) {
            const clv_acquisition *a = &series->acquisitions[t];
            if (a->bands[c].empty_share > 0)
                clv_warn(ctx,
                         "%s: band %s is 0 in %.0f %% of the middle where the other bands show ground, and is kept as "
                         "measured; give the pixels the file's nodata value other than 0, or leave the date out",
                         a->source, a->bands[c].name, 100 * a->bands[c].empty_share);
        }
}

static bool new_buffers(search *s)
{
    const size_t dates = (size_t)s->series->dates, channels = (size_t)s->series->channels,
                 blocks = (size_t)s->blocks.width * (size_t)s->blocks.height,
                 n = (size_t)rows_at_once(s) * (size_t)columns_at_once(s) * SIDE * SIDE;
    s->verdict = clv_alloc_array(dates, channels, sizeof *s->verdict);
    s->zero = clv_alloc_array(dates, channels, sizeof *s->zero);
    s->x = clv_alloc_array(dates * channels, n, sizeof *s->x);
    s->missing = clv_alloc_array(dates, n, 1);
    if (!s->verdict || !s->zero || !s->x || !s->missing)
        return false;
    for (size_t i = 0; i < dates * channels; i++) {
        s->verdict[i] = clv_alloc_array(blocks, 1, 1);
        if (!s->verdict[i])
            return false;
        s->zero[i] = (float)s->series->acquisitions[i / channels].bands[i % channels].offset;
    }
    return true;
}

static void free_buffers(search *s)
{
    for (int i = 0; s->verdict && i < s->series->dates * s->series->channels; i++)
        free(s->verdict[i]);
    free(s->verdict);
    free(s->zero);
    free(s->x);
    free(s->missing);
}

clv_status clv_series_find_empty_bands(clv_context *ctx, clv_series *series)
{
    search s = {.ctx = ctx, .series = series};
    clv_status status = CLV_OK;
    if (choose_blocks(&s)) {
        status = new_buffers(&s) ? look_everywhere(&s) : clv_fail_memory(ctx);
        if (status == CLV_OK)
            status = keep_found(&s);
        free_buffers(&s);
    }
    if (status == CLV_OK)
        warn_of_others(ctx, series);
    return status;
}
