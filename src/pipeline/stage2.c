/* SPDX-License-Identifier: MIT */
#include "pipeline/stage2.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "gapfill/gmm.h"
#include "pipeline/native.h"
#include "pipeline/predict.h"

#define CONTEXT 64 /* pixels */
#define LARGEST 224

/* Each window learns its own model, from its context too: the larger, the fewer pixels are learned from twice. Networks
 * have learned with windows of CLV_WINDOW_SIZE. */
clv_window_grid clv_stage2_windows(clv_method method)
{
    if (method == CLV_METHOD_CLEAR)
        return (clv_window_grid){CLV_WINDOW_SIZE, CLV_WINDOW_STRIDE, CONTEXT};
    return (clv_window_grid){LARGEST, LARGEST - (CLV_WINDOW_SIZE - CLV_WINDOW_STRIDE), CONTEXT};
}

typedef struct stage2_worker {
    clv_gapfill_work *gapfill;
    float *x;         /* [window, channels, wide] */
    uint8_t *gap;     /* [window, wide] */
    float *out;       /* [window, channels, pixels] */
    float *deviation; /* [window, pixels], or NULL */
    uint8_t *wanted;  /* [window] */
    double *days;     /* [window] */
    int *place;       /* [window] a date's place among those that are looked at, -1 = it shows nothing there */
} stage2_worker;

struct clv_stage2 {
    clv_context *ctx;
    clv_stack_reader stack;
    clv_stage2_setup setup;
    clv_window_grid windows;
    size_t pixels, wide; /* of a window, without and with its context */
    double *days;
    int window, workers;
    int planes; /* channels, and one for the deviation where that is wanted and the method tells it */
    stage2_worker *worker;
    clv_predictor *predictor; /* NULL: the gap filling alone */
    const clv_panel *panel;
    clv_strip *strip;
    int row, group;
    float *result; /* [windows of the group, dates, planes, pixels] */
    bool *filled;  /* [windows of the group, dates]: result is there */
    float *sum;    /* [dates, planes, sum rows, sum_width] */
    int sum_x, sum_width, sum_y;
    int fresh; /* first row whose gaps are to be read */
};

int clv_time_window(int dates, int window, int t)
{
    if (dates <= window)
        return 0;
    int step = window / 2 > 0 ? window / 2 : 1, best = 0;
    double distance = INFINITY;
    for (int s = 0;; s += step) {
        int start = s + window < dates ? s : dates - window;
        double d = fabs(t - (start + (window - 1) / 2.0));
        if (d < distance && t >= start && t < start + window) {
            distance = d;
            best = start;
        }
        if (start == dates - window)
            return best;
    }
}

/* Rows that a row of windows reads. */
static int read_rows(clv_window_grid windows)
{
    return windows.size + 2 * windows.context;
}

/* A row of windows and the rows around it that enlarging the rows before and after it still looks at. */
static int sum_rows(clv_window_grid windows)
{
    return windows.size + 2;
}

double clv_stage2_bytes_per_column(clv_method method, int dates, int channels, bool deviation)
{
    const double planes = channels + (deviation ? 1 : 0);
    const clv_window_grid windows = clv_stage2_windows(method);
    return (double)dates * (read_rows(windows) * (channels * 4.0 + 2) + sum_rows(windows) * planes * 4.0);
}

/* The others have no limit to their dates, and no measure of their doubt. */
static bool uses_gmm(clv_method method)
{
    return method == CLV_METHOD_GAUSSIAN || method == CLV_METHOD_CLEAR;
}

clv_status clv_stage2_new(clv_context *ctx, const clv_stack_reader *stack, const clv_stage2_setup *setup,
                          clv_stage2 **out, char sha256[65])
{
    clv_stage2 *s = calloc(1, sizeof *s);
    *out = s;
    sha256[0] = 0;
    if (!s)
        return clv_fail_memory(ctx);
    s->ctx = ctx;
    s->stack = *stack;
    s->setup = *setup;
    s->windows = clv_stage2_windows(setup->method);
    s->pixels = (size_t)s->windows.size * (size_t)s->windows.size;
    s->wide = (size_t)read_rows(s->windows) * (size_t)read_rows(s->windows);
    s->window = setup->window < stack->dates ? setup->window : stack->dates;
    if (uses_gmm(setup->method) && s->window > CLV_GMM_DATES)
        s->window = CLV_GMM_DATES;
    s->workers = clv_threads(ctx);
    s->setup.deviation &= uses_gmm(setup->method);
    s->planes = stack->channels + (s->setup.deviation ? 1 : 0);
    s->worker = calloc((size_t)s->workers, sizeof *s->worker);
    s->days = clv_alloc_array((size_t)stack->dates, 1, sizeof *s->days);
    bool ok = s->worker && s->days;
    for (int t = 0; ok && t < stack->dates; t++)
        s->days[t] = stack->day(stack->user, t);
    size_t planes = (size_t)s->window * (size_t)stack->channels;
    for (int i = 0; ok && i < s->workers; i++) {
        stage2_worker *w = &s->worker[i];
        w->gapfill = clv_gapfill_work_new();
        w->x = clv_alloc_array(planes, s->wide, sizeof *w->x);
        w->gap = clv_alloc_array((size_t)s->window, s->wide, 1);
        w->out = clv_alloc_array(planes, s->pixels, sizeof *w->out);
        w->wanted = clv_alloc_array((size_t)s->window, 2, 1);
        w->days = clv_alloc_array((size_t)s->window, 1, sizeof *w->days);
        w->place = clv_alloc_array((size_t)s->window, 1, sizeof *w->place);
        if (s->setup.deviation)
            w->deviation = clv_alloc_array((size_t)s->window, s->pixels, sizeof *w->deviation);
        ok = w->gapfill && w->x && w->gap && w->out && w->wanted && w->days && w->place &&
             (w->deviation || !s->setup.deviation);
    }
    size_t group = (size_t)clv_window_group(s->windows, s->workers);
    s->result =
        ok ? clv_alloc_array(group * (size_t)stack->dates, (size_t)s->planes * s->pixels, sizeof *s->result) : NULL;
    s->filled = ok ? clv_alloc_array(group, (size_t)stack->dates, sizeof *s->filled) : NULL;
    clv_status status = s->result && s->filled ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK && setup->method == CLV_METHOD_CLEAR)
        status = clv_predictor_new(ctx, stack->has_nir, setup->model ? setup->model : "remove", setup->compute,
                                   s->workers, &s->predictor, sha256);
    if (status != CLV_OK) {
        clv_stage2_free(s);
        *out = NULL;
    }
    return status;
}

void clv_stage2_free(clv_stage2 *s)
{
    if (!s)
        return;
    clv_stage2_end_panel(s);
    clv_predictor_free(s->predictor);
    for (int i = 0; s->worker && i < s->workers; i++) {
        clv_gapfill_work_free(s->worker[i].gapfill);
        free(s->worker[i].x);
        free(s->worker[i].gap);
        free(s->worker[i].out);
        free(s->worker[i].deviation);
        free(s->worker[i].wanted);
        free(s->worker[i].days);
        free(s->worker[i].place);
    }
    free(s->worker);
    free(s->days);
    free(s->result);
    free(s->filled);
    free(s);
}

clv_status clv_stage2_begin_panel(clv_stage2 *s, const clv_panel *panel, int row)
{
    s->panel = panel;
    s->sum_x = panel->x0 > 0 ? panel->x0 - 1 : 0;
    int end = panel->x1 < s->stack.width ? panel->x1 + 1 : panel->x1;
    s->sum_width = end - s->sum_x;
    s->sum_y = row * s->windows.stride;
    s->sum = clv_alloc_array((size_t)s->stack.dates * (size_t)s->planes,
                             (size_t)sum_rows(s->windows) * (size_t)s->sum_width, sizeof *s->sum);
    if (!s->sum)
        return clv_fail(s->ctx, CLV_ERROR_MEMORY, "out of memory; give a smaller -mem");
    return clv_strip_new(s->ctx, &s->stack, panel->read0, panel->read1 - panel->read0, read_rows(s->windows),
                         &s->strip);
}

void clv_stage2_end_panel(clv_stage2 *s)
{
    clv_strip_free(s->strip);
    free(s->sum);
    s->strip = NULL;
    s->sum = NULL;
}

const clv_strip *clv_stage2_strip(const clv_stage2 *s)
{
    return s->strip;
}

static float *sum_at(const clv_stage2 *s, int t, int c, int x, int y)
{
    return s->sum +
           ((((size_t)t * (size_t)s->planes + (size_t)c) * (size_t)sum_rows(s->windows) + (size_t)(y - s->sum_y)) *
                (size_t)s->sum_width +
            (size_t)(x - s->sum_x));
}

const float *clv_stage2_prediction(const clv_stage2 *s, int t, int c, int x, int y)
{
    return sum_at(s, t, c, x, y);
}

float clv_stage2_deviation(const clv_stage2 *s, int t, int x, int y)
{
    return s->setup.deviation ? *sum_at(s, t, s->stack.channels, x, y) : NAN;
}

void clv_stage2_release(clv_stage2 *s, int y)
{
    int drop = y - s->sum_y;
    if (drop <= 0)
        return;
    size_t row = (size_t)s->sum_width, plane = (size_t)sum_rows(s->windows) * row, gone = (size_t)drop * row;
    for (size_t k = 0; k < (size_t)s->stack.dates * (size_t)s->planes; k++) {
        float *p = s->sum + k * plane;
        memmove(p, p + gone, (plane - gone) * sizeof *p);
        memset(p + plane - gone, 0, gone * sizeof *p);
    }
    s->sum_y = y;
}

/* ---- Gaps ---------------------------------------------------------------------------------------- */

/* Marks what no output of date t has. Enlarging and warping back look at pixels around it. */
static void mark_outside(const clv_stage2 *s, int t, clv_rect rows, uint8_t *gap)
{
    const clv_rect in = clv_stack_area(&s->stack, t, CLV_OUTPUT_MARGIN, rows);
    for (int y = rows.y; y < rows.y + rows.height; y++, gap += rows.width) {
        const bool inside = y >= in.y && y < in.y + in.height;
        for (int x = 0; x < rows.width; x++)
            if (!inside || x + rows.x < in.x || x + rows.x >= in.x + in.width)
                gap[x] |= CLV_PIXEL_MISSING | CLV_PIXEL_OUTSIDE;
    }
}

static clv_status read_gaps(void *arg, int t, int number)
{
    (void)number;
    clv_stage2 *s = arg;
    clv_strip *strip = s->strip;
    clv_rect rows = {strip->x, s->fresh, strip->width, strip->y1 - s->fresh};
    uint8_t *gap = clv_strip_flag(strip, strip->gap, t, strip->x, s->fresh);
    clv_status status = s->setup.flags(s->setup.user, t, rows, gap);
    size_t n = (size_t)rows.width * (size_t)rows.height;
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        gap[i] &= CLV_PIXEL_GAP;
    const uint8_t *missing = clv_strip_flag(strip, strip->missing, t, strip->x, s->fresh);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        if (missing[i] & CLV_MISSING_PARTLY)
            gap[i] = (uint8_t)((gap[i] & ~CLV_PIXEL_MISSING) | CLV_PIXEL_PARTLY);
        else if (missing[i] & CLV_MISSING_CORE) /* stage 1 does not look for rows and columns of 0 everywhere */
            gap[i] |= CLV_PIXEL_MISSING;
    if (status == CLV_OK && s->stack.outside)
        mark_outside(s, t, rows, gap);
    return status;
}

/* Marks pixels that no date has data for. Where every date lacks some band, but shows red, green, blue and NIR, these
 * are not given up for the band. */
static void mark_nowhere(clv_stage2 *s)
{
    clv_strip *strip = s->strip;
    size_t n = (size_t)strip->width * (size_t)(strip->y1 - s->fresh), plane = clv_strip_plane(strip);
    uint8_t *gap = clv_strip_flag(strip, strip->gap, 0, strip->x, s->fresh);
    const uint8_t *missing = clv_strip_flag(strip, strip->missing, 0, strip->x, s->fresh);
    for (size_t i = 0; i < n; i++) {
        bool nowhere_whole = true;
        for (int t = 0; t < strip->dates && nowhere_whole; t++)
            nowhere_whole = missing[(size_t)t * plane + i] & (CLV_MISSING_CORE | CLV_MISSING_PARTLY);
        for (int t = 0; nowhere_whole && t < strip->dates; t++)
            if (!(missing[(size_t)t * plane + i] & CLV_MISSING_CORE))
                gap[(size_t)t * plane + i] &= (uint8_t)~CLV_PIXEL_PARTLY;
        uint8_t all = CLV_PIXEL_MISSING;
        for (int t = 0; t < strip->dates; t++)
            all &= gap[(size_t)t * plane + i];
        for (int t = 0; all && t < strip->dates; t++)
            gap[(size_t)t * plane + i] |= CLV_PIXEL_NOWHERE;
    }
}

/* ---- Windows ------------------------------------------------------------------------------------- */

static bool has_work(const clv_stage2 *s, int t, clv_rect roi)
{
    for (int y = roi.y; y < roi.y + roi.height; y++) {
        const uint8_t *gap = clv_strip_flag(s->strip, s->strip->gap, t, roi.x, y);
        for (int x = 0; x < roi.width; x++)
            if (clv_pixel_predicted(gap[x], s->setup.full, s->setup.keep_nodata))
                return true;
    }
    return false;
}

/* Around a crop there are windows that only what is read needs; enlarging looks one pixel further than what is written.
 */
static bool is_needed(const clv_stage2 *s, clv_rect roi)
{
    const clv_rect *core = &s->stack.core;
    clv_rect wide = {core->x - 1, core->y - 1, core->width + 2, core->height + 2};
    clv_rect common = clv_rect_intersect(wide, roi);
    return common.width > 0 && common.height > 0;
}

/* Of a grid over dates of several extents those that do not lie there are left out. Gives the number of the others. */
static int choose_dates(const clv_stage2 *s, stage2_worker *w, int start, clv_rect area)
{
    int n = 0;
    for (int k = 0; k < s->window; k++) {
        const bool there = !s->stack.outside || w->wanted[k] || n + s->window - k <= 2 /* a series */ ||
                           clv_stack_area(&s->stack, start + k, 0, area).width > 0;
        w->place[k] = there ? n : -1;
        if (!there)
            continue;
        w->days[n] = s->days[start + k];
        w->wanted[s->window + n++] = w->wanted[k];
    }
    return n;
}

static void gather(const clv_stage2 *s, stage2_worker *w, int start, clv_rect area)
{
    int channels = s->stack.channels;
    size_t plane = (size_t)area.width * (size_t)area.height, bytes = (size_t)area.width * sizeof(float);
    for (int k = 0; k < s->window; k++)
        for (int y = 0; y < area.height && w->place[k] >= 0; y++) {
            size_t row = (size_t)y * (size_t)area.width, place = (size_t)w->place[k];
            memcpy(w->gap + place * plane + row, clv_strip_flag(s->strip, s->strip->gap, start + k, area.x, area.y + y),
                   (size_t)area.width);
            for (int c = 0; c < channels; c++)
                memcpy(w->x + (place * (size_t)channels + (size_t)c) * plane + row,
                       clv_strip_value(s->strip, start + k, c, area.x, area.y + y), bytes);
        }
}

/* Predicts the dates of one window in time that take their result from it. */
static clv_status predict_times(clv_stage2 *s, stage2_worker *w, int number, int start, clv_rect roi, clv_rect area)
{
    const int dates = choose_dates(s, w, start, area);
    const uint8_t *wanted = w->wanted + s->window;
    gather(s, w, start, area);
    clv_rect inner = {roi.x - area.x, roi.y - area.y, roi.width, roi.height};
    clv_stack stack = {w->x, w->gap, w->days, dates, s->stack.channels, area.height, area.width};
    if (s->setup.method == CLV_METHOD_LINEAR)
        return clv_interpolate(s->ctx, w->gapfill, &stack, inner, wanted, s->setup.full, w->out);
    clv_gapfill_options options =
        s->setup.method == CLV_METHOD_REGRESSION ? clv_gapfill_options_fast() : clv_gapfill_options_gaussian();
    options.full = s->setup.full;
    /* Own robust weights for each band are worth 0.2 dB and cost what sharing saves; with many bands that is too much.
     */
    options.share_weights = s->stack.channels > 4;
    if (!s->predictor)
        return clv_gapfill(s->ctx, w->gapfill, &options, &stack, inner, wanted, w->out, w->deviation);
    return clv_predictor_run(s->ctx, s->predictor, number, w->gapfill, &options, &stack, inner, wanted, w->out,
                             w->deviation);
}

/* Date k of those that were looked at, pixels of `plane`, into result [planes, pixels]. */
static void keep_result(const clv_stage2 *s, const stage2_worker *w, int k, float *result, size_t plane)
{
    const int channels = s->stack.channels;
    for (int c = 0; c < s->planes; c++) {
        const float *from = c < channels ? w->out + ((size_t)k * (size_t)channels + (size_t)c) * plane
                                         : w->deviation + (size_t)k * plane;
        memcpy(result + (size_t)c * s->pixels, from, plane * sizeof *from);
    }
}

static clv_status predict_window(void *arg, int index, int number)
{
    clv_stage2 *s = arg;
    stage2_worker *w = &s->worker[number];
    const clv_stack_reader *stack = &s->stack;
    int dates = s->stack.dates;
    clv_rect extent = {0, 0, stack->width, stack->height};
    const clv_window_grid g = s->windows;
    clv_rect window = {(s->group + index) * g.stride, s->row * g.stride, g.size, g.size};
    clv_rect wide = {window.x - g.context, window.y - g.context, read_rows(g), read_rows(g)};
    clv_rect roi = clv_rect_intersect(window, extent), area = clv_rect_intersect(wide, extent);
    bool *filled = s->filled + (size_t)index * (size_t)dates;
    bool needed = is_needed(s, roi);
    for (int t = 0; t < dates; t++)
        filled[t] = needed && has_work(s, t, roi);
    size_t result_date = (size_t)s->planes * s->pixels, out_plane = (size_t)roi.width * (size_t)roi.height;
    for (int t = 0, start = -1; t < dates; t++) {
        int next = clv_time_window(dates, s->window, t);
        if (next == start)
            continue;
        start = next;
        bool any = false;
        for (int k = 0; k < s->window; k++) {
            w->wanted[k] = filled[start + k] && clv_time_window(dates, s->window, start + k) == start;
            any |= w->wanted[k] != 0;
        }
        if (!any)
            continue;
        clv_status status = predict_times(s, w, number, start, roi, area);
        if (status != CLV_OK)
            return status;
        for (int k = 0; k < s->window; k++)
            if (w->wanted[k])
                keep_result(s, w, w->place[k],
                            s->result + ((size_t)index * (size_t)dates + (size_t)(start + k)) * result_date, out_plane);
    }
    return CLV_OK;
}

/* Adds the group's windows of one date, in the order of the windows. */
static clv_status blend_windows(void *arg, int t, int number)
{
    (void)number;
    clv_stage2 *s = arg;
    const clv_stack_reader *stack = &s->stack;
    const int size = s->windows.size, stride = s->windows.stride;
    int dates = s->stack.dates, y0 = s->row * stride;
    int height = y0 + size < stack->height ? size : stack->height - y0;
    float wy[LARGEST], wx[LARGEST];
    clv_window_weights(stack->height, size, stride, s->row, wy);
    for (int j = s->group; j <= s->panel->last && j < s->group + clv_window_group(s->windows, s->workers); j++) {
        int index = j - s->group, x0 = j * stride;
        if (!s->filled[(size_t)index * (size_t)dates + (size_t)t])
            continue;
        int width = x0 + size < stack->width ? size : stack->width - x0;
        int from = x0 > s->sum_x ? x0 : s->sum_x, sum_end = s->sum_x + s->sum_width;
        int to = x0 + width < sum_end ? x0 + width : sum_end;
        clv_window_weights(stack->width, size, stride, j, wx);
        for (int c = 0; c < s->planes; c++) {
            const float *r =
                s->result + (((size_t)index * (size_t)dates + (size_t)t) * (size_t)s->planes + (size_t)c) * s->pixels;
            for (int y = 0; y < height; y++) {
                float *sum = sum_at(s, t, c, s->sum_x, y0 + y);
                for (int x = from; x < to; x++)
                    sum[x - s->sum_x] += wy[y] * wx[x - x0] * r[(size_t)y * (size_t)width + (size_t)(x - x0)];
            }
        }
    }
    return CLV_OK;
}

clv_status clv_stage2_row(clv_stage2 *s, int row, int *ready)
{
    const clv_stack_reader *stack = &s->stack;
    const clv_window_grid g = s->windows;
    int group = clv_window_group(s->windows, s->workers), y0 = row * g.stride - g.context;
    int y1 = row * g.stride + g.size + g.context;
    s->row = row;
    clv_status status =
        clv_strip_advance(s->ctx, s->strip, y0 > 0 ? y0 : 0, y1 < stack->height ? y1 : stack->height, &s->fresh);
    if (status == CLV_OK && s->fresh < s->strip->y1) {
        status = clv_parallel_for(s->ctx, s->stack.dates, 0, read_gaps, s);
        if (status == CLV_OK)
            mark_nowhere(s);
    }
    for (s->group = s->panel->first; s->group <= s->panel->last && status == CLV_OK; s->group += group) {
        int windows = s->panel->last - s->group + 1;
        status = clv_parallel_for(s->ctx, windows < group ? windows : group, s->workers, predict_window, s);
        if (status == CLV_OK)
            status = clv_parallel_for(s->ctx, s->stack.dates, 0, blend_windows, s);
    }
    bool last = row == clv_window_count(stack->height, g.size, g.stride) - 1;
    *ready = last ? stack->height : (row + 1) * g.stride;
    return status;
}
