/* SPDX-License-Identifier: MIT
 *
 * clv_fill(): stage 2 on arrays in memory. What is not observed is noted once, in an array of its own, so that the
 * arrays may be filled in place: stage 2 never looks at values under a gap, and a filled pixel stays a gap to it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/options.h"
#include "base/parallel.h"
#include "gapfill/spread.h"
#include "image/pixel_state.h"
#include "pipeline/stage2.h"

#define MIN_DATES 2
#define MAX_SIDE (1 << 29) /* pixel numbers and window ends are ints */

typedef struct fill_job {
    clv_context *ctx;
    clv_method method;
    int dates, bands, height, width;
    const float *reflectance;
    const uint8_t *mask;
    const int32_t *days;
    float *out;
    uint8_t *source;
    float *deviation;
    uint8_t *gap; /* [dates, height, width], non-zero = not observed */
    bool *seen;   /* [dates] anything is observed */
    clv_stage2 *stage;
    const clv_panel *panel;
    int y0, y1; /* rows at work */
} fill_job;

static size_t plane_of(const fill_job *j)
{
    return (size_t)j->height * (size_t)j->width;
}

/* Index of pixel (x, y) of date t in arrays without bands. */
static size_t at(const fill_job *j, int t, int x, int y)
{
    return ((size_t)t * (size_t)j->height + (size_t)y) * (size_t)j->width + (size_t)x;
}

/* Index of pixel (x, y) of band c of date t. */
static size_t at_band(const fill_job *j, int t, int c, int x, int y)
{
    return at(j, t * j->bands + c, x, y);
}

/* ---- What is asked for --------------------------------------------------------------------------- */

static bool addressable(const fill_job *j)
{
    size_t n = sizeof(float);
    const int sizes[] = {j->dates, j->bands, j->height, j->width};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if ((size_t)sizes[i] > PTRDIFF_MAX / n)
            return false;
        n *= (size_t)sizes[i];
    }
    return j->height <= MAX_SIDE && j->width <= MAX_SIDE && j->dates <= MAX_SIDE / j->bands;
}

static clv_status check_arrays(const fill_job *j)
{
    if (j->dates < MIN_DATES)
        return clv_fail(j->ctx, CLV_ERROR_ARGUMENT, "fill: %d dates; give at least %d (5 to 10 are best)", j->dates,
                        MIN_DATES);
    if (j->bands < 1 || j->bands > CLV_SPREAD_PLANES)
        return clv_fail(j->ctx, CLV_ERROR_ARGUMENT, "fill: %d bands; give 1 to %d", j->bands, CLV_SPREAD_PLANES);
    if (j->height < CLV_MIN_SIDE || j->width < CLV_MIN_SIDE)
        return clv_fail(j->ctx, CLV_ERROR_ARGUMENT, "fill: %d x %d pixels; give at least %d x %d", j->width, j->height,
                        CLV_MIN_SIDE, CLV_MIN_SIDE);
    if (!addressable(j))
        return clv_fail(j->ctx, CLV_ERROR_ARGUMENT, "fill: %d dates, %d bands, %d x %d pixels: too large to address",
                        j->dates, j->bands, j->width, j->height);
    if (!j->reflectance || !j->days || !j->out)
        return clv_fail(j->ctx, CLV_ERROR_ARGUMENT, "fill: reflectance, days and out must be given");
    for (int t = 1; t < j->dates; t++)
        if (j->days[t] <= j->days[t - 1])
            return clv_fail(j->ctx, CLV_ERROR_ARGUMENT,
                            "fill: days[%d] is %d after %d; sort the dates, and give one picture a day", t, j->days[t],
                            j->days[t - 1]);
    return CLV_OK;
}

static clv_status choose_method(clv_context *ctx, const clv_fill_options *options, clv_method *method)
{
    switch (options->method) {
    case CLV_METHOD_AUTO:
        *method = CLV_METHOD_GAUSSIAN;
        return CLV_OK;
    case CLV_METHOD_GAUSSIAN:
    case CLV_METHOD_REGRESSION:
    case CLV_METHOD_LINEAR:
        *method = options->method;
        return CLV_OK;
    case CLV_METHOD_CLEAR:
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                        "fill: no network is used on arrays; choose gaussian, regression or linear");
    }
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "fill: method %d is unknown", (int)options->method);
}

/* ---- Gaps ---------------------------------------------------------------------------------------- */

static clv_status find_gaps(void *arg, int t, int number)
{
    (void)number;
    fill_job *j = arg;
    const size_t n = plane_of(j);
    uint8_t *gap = j->gap + (size_t)t * n;
    if (j->mask)
        memcpy(gap, j->mask + (size_t)t * n, n);
    for (int c = 0; c < j->bands; c++) {
        const float *x = j->reflectance + at_band(j, t, c, 0, 0);
        for (size_t i = 0; i < n; i++)
            gap[i] |= !isfinite(x[i]);
    }
    j->seen[t] = memchr(gap, 0, n) != NULL;
    return CLV_OK;
}

static clv_status find_all_gaps(fill_job *j)
{
    j->gap = clv_alloc_array((size_t)j->dates, plane_of(j), 1);
    j->seen = clv_alloc_array((size_t)j->dates, 1, sizeof *j->seen);
    if (!j->gap || !j->seen)
        return clv_fail(j->ctx, CLV_ERROR_MEMORY, "out of memory");
    clv_status status = clv_parallel_for(j->ctx, j->dates, 0, find_gaps, j);
    for (int t = 0; t < j->dates && status == CLV_OK; t++)
        if (j->seen[t])
            return CLV_OK;
    return status != CLV_OK
               ? status
               : clv_fail(j->ctx, CLV_ERROR_ARGUMENT, "fill: no pixel is observed at any of %d dates", j->dates);
}

/* ---- What stage 2 reads -------------------------------------------------------------------------- */

static clv_status read_window(clv_context *ctx, void *user, int t, clv_rect r, float *x, uint8_t *missing)
{
    (void)ctx;
    const fill_job *j = user;
    for (int c = 0; c < j->bands; c++)
        for (int y = r.y; y < r.y + r.height; y++) {
            const float *from = j->reflectance + at_band(j, t, c, r.x, y);
            const uint8_t *gap = j->gap + at(j, t, r.x, y);
            for (int i = 0; i < r.width; i++)
                *x++ = gap[i] ? 0 : from[i];
        }
    memset(missing, 0, (size_t)r.width * (size_t)r.height);
    return CLV_OK;
}

/* Whatever the reason, a gap is treated as a cloud: it is filled even where no date shows the ground. */
static clv_status read_flags(void *user, int t, clv_rect r, uint8_t *flags)
{
    const fill_job *j = user;
    for (int y = r.y; y < r.y + r.height; y++) {
        const uint8_t *gap = j->gap + at(j, t, r.x, y);
        for (int i = 0; i < r.width; i++)
            *flags++ = gap[i] ? CLV_PIXEL_CLOUD : 0;
    }
    return CLV_OK;
}

static double day(const void *user, int t)
{
    return ((const fill_job *)user)->days[t];
}

/* ---- What comes out ------------------------------------------------------------------------------ */

static bool ever_observed(const fill_job *j, int x, int y)
{
    for (int t = 0; t < j->dates; t++)
        if (!j->gap[at(j, t, x, y)])
            return true;
    return false;
}

/* One row of the panel of date t. */
static void write_row(const fill_job *j, int t, int y)
{
    const int x0 = j->panel->x0, x1 = j->panel->x1;
    const uint8_t *gap = j->gap + at(j, t, 0, y);
    for (int c = 0; c < j->bands; c++) {
        float *out = j->out + at_band(j, t, c, 0, y);
        if (j->out != j->reflectance)
            memcpy(out + x0, j->reflectance + at_band(j, t, c, x0, y), (size_t)(x1 - x0) * sizeof *out);
        for (int x = x0; x < x1; x++)
            if (gap[x])
                out[x] = *clv_stage2_prediction(j->stage, t, c, x, y);
    }
    for (int x = x0; j->source && x < x1; x++)
        j->source[at(j, t, x, y)] = !gap[x]                  ? CLV_SOURCE_OBSERVED
                                    : ever_observed(j, x, y) ? CLV_SOURCE_FILLED
                                                             : CLV_SOURCE_NEVER;
    for (int x = x0; j->deviation && x < x1; x++)
        j->deviation[at(j, t, x, y)] = gap[x] ? clv_stage2_deviation(j->stage, t, x, y) : 0;
}

static clv_status write_date(void *arg, int t, int number)
{
    (void)number;
    const fill_job *j = arg;
    for (int y = j->y0; y < j->y1; y++)
        write_row(j, t, y);
    return CLV_OK;
}

static clv_status fill_panel(fill_job *j, const clv_panel *panel, double done, double share)
{
    const clv_window_grid windows = clv_stage2_windows(j->method);
    const int rows = clv_window_count(j->height, windows.size, windows.stride);
    j->panel = panel;
    j->y1 = 0;
    clv_status status = clv_stage2_begin_panel(j->stage, panel, 0);
    for (int row = 0; row < rows && status == CLV_OK; row++) {
        j->y0 = j->y1;
        status = clv_stage2_row(j->stage, row, &j->y1);
        if (status == CLV_OK)
            status = clv_parallel_for(j->ctx, j->dates, 0, write_date, j);
        clv_stage2_release(j->stage, j->y1);
        if (status == CLV_OK)
            status = clv_progress(j->ctx, done + share * (row + 1) / rows);
    }
    clv_stage2_end_panel(j->stage);
    return status;
}

static clv_status fill_panels(fill_job *j, double memory_mb)
{
    const clv_compute_options compute = {.memory_mb = memory_mb};
    clv_panel *panels = NULL;
    int count = clv_panels_plan(j->width, clv_stage2_windows(j->method), 0,
                                clv_stage2_bytes_per_column(j->method, j->dates, j->bands, j->deviation != NULL),
                                clv_memory_budget(&compute), &panels);
    clv_status status = count > 0 ? CLV_OK : clv_fail(j->ctx, CLV_ERROR_MEMORY, "out of memory");
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = fill_panel(j, &panels[i], (double)i / count, 1.0 / count);
    free(panels);
    return status;
}

static clv_status fill_arrays(fill_job *j, double memory_mb)
{
    clv_remove_options usual;
    clv_remove_options_init(&usual);
    const clv_stack_reader stack = {.dates = j->dates,
                                    .channels = j->bands,
                                    .width = j->width,
                                    .height = j->height,
                                    .has_nir = j->bands > 3,
                                    .core = {0, 0, j->width, j->height},
                                    .read = read_window,
                                    .day = day,
                                    .user = j};
    const clv_stage2_setup setup = {.method = j->method,
                                    .compute = &usual.compute,
                                    .window = usual.window,
                                    .deviation = j->deviation != NULL,
                                    .flags = read_flags,
                                    .user = j};
    char no_model[65];
    clv_status status = find_all_gaps(j);
    if (status == CLV_OK)
        status = clv_stage2_new(j->ctx, &stack, &setup, &j->stage, no_model);
    if (status == CLV_OK)
        status = fill_panels(j, memory_mb);
    clv_stage2_free(j->stage);
    free(j->gap);
    free(j->seen);
    return status;
}

clv_status clv_fill(clv_context *ctx, int dates, int bands, int height, int width, const float *reflectance,
                    const uint8_t *mask, const int32_t *days, const clv_fill_options *options, float *out,
                    uint8_t *source, float *deviation)
{
    fill_job job = {.ctx = ctx,
                    .dates = dates,
                    .bands = bands,
                    .height = height,
                    .width = width,
                    .reflectance = reflectance,
                    .mask = mask,
                    .days = days,
                    .out = out,
                    .source = source,
                    .deviation = deviation};
    clv_fill_options own;
    clv_clear_error(ctx);
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_fill_options_init);
    if (status == CLV_OK && (own.threads < 0 || !(own.memory_mb >= 0 && own.memory_mb <= 1e9)))
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "fill: %d threads, %g MB; give 0 for what is usual, or more",
                          own.threads, own.memory_mb);
    if (status == CLV_OK)
        status = choose_method(ctx, &own, &job.method);
    if (status == CLV_OK)
        status = check_arrays(&job);
    if (status != CLV_OK)
        return status;
    const int former = own.threads > 0 ? clv_threads_replace(ctx, own.threads) : 0;
    status = fill_arrays(&job, own.memory_mb);
    if (own.threads > 0)
        clv_threads_replace(ctx, former);
    return status;
}
