/* SPDX-License-Identifier: MIT */
#include "pipeline/strip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/parallel.h"

clv_status clv_strip_new(clv_context *ctx, const clv_stack_reader *stack, int x, int width, int capacity,
                         clv_strip **out)
{
    clv_strip *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return clv_fail_memory(ctx);
    s->stack = *stack;
    s->dates = stack->dates;
    s->channels = stack->channels;
    s->x = x;
    s->width = width;
    s->capacity = capacity;
    size_t plane = clv_strip_plane(s);
    s->values = clv_alloc_array((size_t)s->dates * (size_t)s->channels, plane, sizeof *s->values);
    s->missing = clv_alloc_array((size_t)s->dates, plane, 1);
    s->gap = clv_alloc_array((size_t)s->dates, plane, 1);
    if (s->values && s->missing && s->gap)
        return CLV_OK;
    clv_strip_free(s);
    *out = NULL;
    return clv_fail(ctx, CLV_ERROR_MEMORY, "%d dates of %d bands, %d columns: out of memory; give a smaller -mem",
                    stack->dates, stack->channels, width);
}

void clv_strip_free(clv_strip *strip)
{
    if (!strip)
        return;
    free(strip->values);
    free(strip->missing);
    free(strip->gap);
    free(strip);
}

typedef struct read_job {
    clv_context *ctx;
    clv_strip *strip;
    int from, to, shift, kept; /* rows to read; rows dropped at the top; rows kept */
} read_job;

/* Reads a window of the strip. The reader gives planes packed to the window, the strip's planes have room for more
 * rows, and its rows perhaps for more columns. values, missing: the strip's at the window's corner. */
static clv_status read_part(clv_context *ctx, clv_strip *s, int t, clv_rect window, float *values, uint8_t *missing)
{
    const size_t n = (size_t)window.width * (size_t)window.height, width = (size_t)window.width;
    const bool whole = window.width == s->width;
    float *block = clv_alloc_array((size_t)s->channels, n, sizeof *block);
    uint8_t *flags = whole ? missing : clv_alloc_array(n, 1, 1);
    clv_status status =
        block && flags ? s->stack.read(ctx, s->stack.user, t, window, block, flags) : clv_fail_memory(ctx);
    for (int c = 0; c < s->channels && status == CLV_OK; c++)
        for (int y = 0; y < (whole ? 1 : window.height); y++)
            memcpy(values + (size_t)c * clv_strip_plane(s) + (size_t)y * (size_t)s->width,
                   block + (size_t)c * n + (size_t)y * width, (whole ? n : width) * sizeof *values);
    for (int y = 0; !whole && y < window.height && status == CLV_OK; y++)
        memcpy(missing + (size_t)y * (size_t)s->width, flags + (size_t)y * width, width);
    if (!whole)
        free(flags);
    free(block);
    return status;
}

/* Drops old rows of one date and reads its new ones; what it does not show is missing. */
static clv_status read_date(void *arg, int t, int worker)
{
    (void)worker;
    read_job *job = arg;
    clv_strip *s = job->strip;
    size_t plane = clv_strip_plane(s), width = (size_t)s->width;
    size_t keep = (size_t)job->kept * width, drop = (size_t)job->shift * width;
    float *values = s->values + (size_t)t * (size_t)s->channels * plane;
    uint8_t *missing = s->missing + (size_t)t * plane, *gap = s->gap + (size_t)t * plane;
    if (drop > 0) {
        for (int c = 0; c < s->channels; c++)
            memmove(values + (size_t)c * plane, values + (size_t)c * plane + drop, keep * sizeof *values);
        memmove(missing, missing + drop, keep);
        memmove(gap, gap + drop, keep);
    }
    int rows = job->to - job->from;
    if (rows <= 0)
        return CLV_OK;
    size_t fresh = (size_t)rows * width;
    clv_rect window = {s->x, job->from, s->width, rows}, shown = clv_stack_area(&s->stack, t, 0, window);
    memset(gap + keep, 0, fresh);
    if (shown.width == window.width && shown.height == window.height)
        return read_part(job->ctx, s, t, window, values + keep, missing + keep);
    for (int c = 0; c < s->channels; c++)
        memset(values + (size_t)c * plane + keep, 0, fresh * sizeof *values);
    memset(missing + keep, 1, fresh);
    size_t begin = keep + (size_t)(shown.y - window.y) * width + (size_t)(shown.x - window.x);
    return shown.width > 0 ? read_part(job->ctx, s, t, shown, values + begin, missing + begin) : CLV_OK;
}

clv_status clv_strip_advance(clv_context *ctx, clv_strip *s, int y0, int y1, int *fresh)
{
    int kept_from = y0 < s->y1 ? y0 : s->y1;
    read_job job = {ctx, s, s->y1 > y0 ? s->y1 : y0, y1, kept_from - s->y0, s->y1 - kept_from};
    if (y1 - y0 > s->capacity)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "strip: %d rows asked for, room for %d", y1 - y0, s->capacity);
    clv_status status = clv_parallel_for(ctx, s->dates, 0, read_date, &job);
    s->y0 = y0;
    s->y1 = y1;
    if (fresh)
        *fresh = job.from;
    return status;
}

int clv_window_read_start(clv_window_grid windows, int index, int length)
{
    int start = index * windows.stride;
    int mirrored = length > windows.size ? length - windows.size : 0;
    return start < mirrored ? start : mirrored;
}

clv_panel clv_panel_at(int width, clv_window_grid windows, int pad, int x0, int x1)
{
    clv_panel p = {x0, x1, 0, 0, 0, 0};
    clv_window_range(width, windows.size, windows.stride, x0 > pad ? x0 - pad : 0, x1 + pad < width ? x1 + pad : width,
                     &p.first, &p.last);
    p.read0 = clv_window_read_start(windows, p.first, width) - windows.context;
    p.read1 = p.last * windows.stride + windows.size + windows.context;
    p.read0 = p.read0 < 0 ? 0 : p.read0;
    p.read1 = p.read1 > width ? width : p.read1;
    return p;
}

int clv_panels_plan(int width, clv_window_grid windows, int pad, double bytes_per_column, double budget,
                    clv_panel **panels)
{
    int overhead = 2 * (windows.context + windows.size);
    double columns = floor(budget / (bytes_per_column > 1 ? bytes_per_column : 1)) - overhead;
    int steps = columns < CLV_PANEL_STEP ? 1
                : columns >= width       ? width / CLV_PANEL_STEP + 1
                                         : (int)(columns / CLV_PANEL_STEP);
    int size = steps * CLV_PANEL_STEP, count = (width + size - 1) / size;
    /* Panels of about equal width: a thin last one would pay the overlap for little. */
    int even = (width + count - 1) / count;
    size = (even + CLV_PANEL_STEP - 1) / CLV_PANEL_STEP * CLV_PANEL_STEP;
    count = (width + size - 1) / size;
    *panels = calloc((size_t)count, sizeof **panels);
    if (!*panels)
        return 0;
    for (int i = 0; i < count; i++)
        (*panels)[i] = clv_panel_at(width, windows, pad, i * size, i + 1 < count ? (i + 1) * size : width);
    return count;
}

double clv_memory_budget(const clv_compute_options *options)
{
    if (options->memory_mb > 0)
        return options->memory_mb * 1e6;
    double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    return machine / 4 < 1e9 ? machine / 4 : 1e9;
}
