/* SPDX-License-Identifier: MIT */
#include "pipeline/stage1.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "base/parallel.h"
#include "image/detect_input.h"
#include "gapfill/pushpull.h"
#include "image/haze.h"
#include "image/lower_median.h"
#include "image/other_bands.h"
#include "image/time_review.h"
#include "image/vote.h"
#include "pipeline/strip.h"

#define SIZE CLV_WINDOW_SIZE
#define STRIDE CLV_WINDOW_STRIDE
#define PIXELS (SIZE * SIZE)
static const clv_window_grid detect_windows = {SIZE, STRIDE, 0};
#define BATCH 16          /* frames a call: enough to amortise it, small in memory */
#define HAZY 0.5f         /* score of what the other dates are not compared with */
#define REFERENCE_DATES 3 /* fewer dates give no median worth the name */

/* Work space of one thread. On a CPU each has a network of its own with one libtorch thread: windows run side by side,
 * and a window's result does not depend on how many. */
typedef struct stage1_worker {
    clv_net *net;
    float *x;         /* [dates, 4, PIXELS] */
    uint8_t *missing; /* [dates, PIXELS] */
    float *reference; /* [4, PIXELS] */
    uint16_t *seen;   /* [PIXELS] dates behind the reference */
    bool *empty;      /* [dates] the date shows nothing of the window */
    float *in, *out;  /* [BATCH, 8, PIXELS], [BATCH, 2, PIXELS] */
    uint8_t *unknown; /* [dates, PIXELS] as missing, before it is filled from the series */
    uint8_t *flagged; /* [dates, PIXELS] */
    uint8_t *own;     /* [dates, PIXELS] what the masks say that came with the data; reviewing masks only */
    uint8_t *known;   /* [PIXELS] */
    clv_buffer smooth;
    clv_time_review_work review;
    float *swir, *cirrus;    /* [dates, PIXELS] B11, B10; 0 where not known. NULL: no such band */
    float *cirrus_reference; /* [PIXELS] */
    uint8_t *snow;           /* [3, PIXELS] */
    clv_buffer haze, scores; /* scores [dates, PIXELS] */
} stage1_worker;

struct clv_stage1_finder {
    clv_context *ctx;
    clv_series *series;
    clv_stage1 *job;
    const clv_net_api *api;
    int workers, colours; /* colours: 3, or 4 with NIR */
    stage1_worker *worker;
    bool *ask;    /* [dates] the network is asked about this date */
    double *days; /* [dates] */
    const clv_panel *panel;
    clv_strip *strip;
    int row;    /* row of windows */
    int group;  /* first window of the group at work */
    int planes; /* 2: cloud, shadow; 3: and the share of windows in which a mask that came with the data is refuted */
    float *result; /* [windows of the group, dates, planes, PIXELS] */
    float *sum;    /* [dates, planes, SIZE rows, panel columns]: blended, row 0 is STRIDE * row */
    uint8_t *own;  /* [dates, SIZE, columns of the strip] those masks in the strip's rows; with 3 planes only */
    int emit_y, emit_rows;
    pthread_mutex_t lock; /* serialises one network on a GPU */
    bool shared_net;
    bool wants_network; /* there is a date to ask it about */
    int swir, cirrus;   /* channels of B11 and B10, -1: none */
};
typedef struct clv_stage1_finder stage1_state;

/* Row k of a window, of a band that the network does not see. */
static void gather_row(const stage1_state *s, float *plane, int channel, int t, int k, int y, const int *columns)
{
    if (!plane)
        return;
    const float *v = clv_strip_value(s->strip, t, channel, s->strip->x, y);
    float *to = plane + t * PIXELS + k * SIZE;
    for (int i = 0; i < SIZE; i++)
        to[i] = v[columns[i]];
}

static void gather(const stage1_state *s, stage1_worker *w, int x0)
{
    const clv_strip *strip = s->strip;
    const clv_grid *grid = &s->series->grid;
    int columns[SIZE];
    for (int k = 0; k < SIZE; k++)
        columns[k] = clv_reflect(x0 + k, grid->width) - strip->x;
    for (int k = 0; k < SIZE; k++) {
        int y = clv_reflect(s->row * STRIDE + k, grid->height);
        for (int t = 0; t < strip->dates; t++) {
            const uint8_t *m = clv_strip_flag(strip, strip->missing, t, strip->x, y);
            for (int i = 0; i < SIZE; i++)
                w->missing[t * PIXELS + k * SIZE + i] = m[columns[i]] & CLV_MISSING_CORE;
            if (s->own) {
                const uint8_t *own = clv_strip_flag(strip, s->own, t, strip->x, y);
                for (int i = 0; i < SIZE; i++)
                    w->own[t * PIXELS + k * SIZE + i] = own[columns[i]];
            }
            for (int c = 0; c < s->colours; c++) {
                const float *v = clv_strip_value(strip, t, c, strip->x, y);
                float *to = w->x + (t * s->colours + c) * PIXELS + k * SIZE;
                for (int i = 0; i < SIZE; i++)
                    to[i] = v[columns[i]];
            }
            gather_row(s, w->swir, s->swir, t, k, y, columns);
            gather_row(s, w->cirrus, s->cirrus, t, k, y, columns);
        }
    }
}

/* What a date does not show looks like the series: the border of a swath is no cloud. */
static void fill_from_series(stage1_worker *w, int dates, int colours)
{
    for (int t = 0; t < dates; t++)
        for (int i = 0; i < PIXELS; i++) {
            if (!w->missing[t * PIXELS + i] || w->seen[i] == 0)
                continue;
            for (int c = 0; c < colours; c++)
                w->x[(t * colours + c) * PIXELS + i] = w->reference[c * PIXELS + i];
        }
}

/* Pixels that no date shows continue what lies beside them: an edge in the picture would look like a cloud's. False:
 * out of memory. */
static bool fill_nowhere(stage1_worker *w, int dates, int colours)
{
    bool all = true;
    for (int i = 0; i < PIXELS; i++) {
        w->known[i] = w->seen[i] > 0;
        all = all && w->known[i];
    }
    return all || (clv_pushpull(w->x, dates * colours, w->known, SIZE, SIZE, &w->smooth) &&
                   clv_pushpull(w->reference, colours, w->known, SIZE, SIZE, &w->smooth));
}

/* The same for dates that are not compared with the series. */
static bool fill_alone(stage1_worker *w, int dates, int colours)
{
    for (int t = 0; t < dates; t++) {
        bool all = true;
        for (int i = 0; i < PIXELS; i++) {
            w->known[i] = !w->missing[t * PIXELS + i];
            all = all && w->known[i];
        }
        if (!all && !clv_pushpull(w->x + t * colours * PIXELS, colours, w->known, SIZE, SIZE, &w->smooth))
            return false;
    }
    return true;
}

static clv_status run_batch(stage1_state *s, stage1_worker *w, int n)
{
    clv_net_error error = {{0}};
    if (s->shared_net)
        pthread_mutex_lock(&s->lock);
    clv_net *net = s->shared_net ? s->worker[0].net : w->net;
    clv_status status = s->api->detect(net, w->in, n, SIZE, SIZE, w->out, &error);
    if (s->shared_net)
        pthread_mutex_unlock(&s->lock);
    return status == CLV_OK ? CLV_OK : clv_fail(s->ctx, status, "%s", error.text);
}

/* Whether any date lies under a window of the row at work. */
static bool shows_anything(const stage1_state *s, int x0)
{
    for (int t = 0; t < s->series->dates; t++) {
        clv_rect r = clv_rect_intersect((clv_rect){x0, s->row * STRIDE, SIZE, SIZE}, clv_series_area(s->series, t, 0));
        if (r.width > 0 && r.height > 0)
            return true;
    }
    return false;
}

static bool is_flagged(const clv_detect_settings *settings, const float *cloud_and_shadow)
{
    return cloud_and_shadow[0] >= settings->threshold || cloud_and_shadow[PIXELS] >= settings->shadow_threshold;
}

/* What lies under haze goes with the clouds. Twice: what is hazy itself says nothing of the days around it. result
 * [dates, planes, PIXELS]. False: out of memory. */
static bool mark_haze(const stage1_state *s, stage1_worker *w, float *result)
{
    const int dates = s->series->dates;
    const clv_haze_scene scene = {dates, s->colours, SIZE, SIZE, w->x, w->unknown, w->flagged};
    float *scores = clv_buffer_hold(&w->scores, (size_t)dates, PIXELS, sizeof *scores);
    bool any = scores != NULL;
    for (int round = 0; round < 2 && any; round++) {
        any = false;
        for (int t = 0; t < dates; t++)
            if (!clv_haze_score(&scene, t, &w->haze, scores + (size_t)t * PIXELS))
                return false;
        for (int i = 0; i < dates * PIXELS; i++) {
            float *cloud = result + (size_t)(i / PIXELS) * (size_t)s->planes * PIXELS + i % PIXELS;
            if (scores[i] >= HAZY && !(w->flagged[i] & CLV_HAZE_FLAGGED)) {
                w->flagged[i] |= CLV_HAZE_HAZY;
                any = true;
            }
            *cloud = scores[i] > *cloud ? scores[i] : *cloud;
        }
    }
    return scores != NULL;
}

/* Snow that the network took for cloud. p [2, PIXELS] of date t */
static void take_back_snow(const stage1_state *s, stage1_worker *w, int t, float *p)
{
    const float *x = w->x + t * s->colours * PIXELS;
    uint8_t *snow = w->snow, *cloud = snow + PIXELS, *carried = cloud + PIXELS;
    clv_snow_find(x + PIXELS, s->colours == 4 ? x + 3 * PIXELS : NULL, w->swir + t * PIXELS, PIXELS, snow);
    for (int i = 0; i < PIXELS; i++) {
        cloud[i] = !w->unknown[t * PIXELS + i] && p[i] >= s->job->settings->threshold;
        snow[i] = snow[i] && cloud[i];
    }
    clv_vote(snow, cloud, SIZE, (clv_rect){0, 0, SIZE, SIZE}, 2, carried);
    for (int i = 0; i < PIXELS; i++)
        if (carried[i])
            p[i] = 0;
}

/* High cloud that the network did not see. */
static void add_cirrus(const stage1_state *s, stage1_worker *w, int t, float *p)
{
    const bool compare = s->series->dates >= REFERENCE_DATES;
    for (int i = 0; i < PIXELS; i++) {
        const float clear = compare && w->seen[i] ? w->cirrus_reference[i] : -1;
        const float high = clv_cirrus_probability(w->cirrus[t * PIXELS + i], clear);
        if (!w->unknown[t * PIXELS + i] && p[i] < high)
            p[i] = high;
    }
}

/* What B10 adds to the findings: after the review, which would find the same ground below on other dates. result
 * [dates, planes, PIXELS] */
static void add_high_clouds(const stage1_state *s, stage1_worker *w, float *result)
{
    const int dates = s->series->dates;
    if (!w->cirrus || s->job->settings->no_review)
        return;
    for (int i = 0; i < dates * PIXELS; i++) /* its purpose is served */
        w->missing[i] = w->unknown[i] || !(w->cirrus[i] > 0);
    if (dates >= REFERENCE_DATES)
        clv_lower_median(w->cirrus, w->missing, dates, 1, PIXELS, w->cirrus_reference, w->seen);
    for (int t = 0; t < dates; t++)
        if (s->ask[t])
            add_cirrus(s, w, t, result + t * s->planes * PIXELS);
}

/* What the other dates say of the masks that came with the data: plane 2 of the result is 1 where they refute one.
 * Where the network has found cloud (w->flagged, reviewed) there is nothing to ask, and the date is no witness; it is
 * one where a mask alone flags it, since a mask may be wrong in the same way on most dates. */
static bool review_masks(const stage1_state *s, stage1_worker *w, clv_time_review review, float *result)
{
    const int dates = review.dates;
    bool any = false;
    for (int i = 0; i < dates * PIXELS; i++) {
        w->own[i] = w->own[i] && !w->flagged[i] && !w->unknown[i];
        any = any || w->own[i];
    }
    if (!any)
        return true;
    memcpy(w->missing, w->own, (size_t)dates * PIXELS); /* its purpose is served */
    review.cloudy = w->flagged;
    if (!clv_time_review_run(&review, &w->review, w->own))
        return false;
    for (int t = 0; t < dates; t++) {
        float *refuted = result + (t * s->planes + 2) * PIXELS;
        for (int i = 0; i < PIXELS; i++)
            refuted[i] = w->missing[t * PIXELS + i] && !w->own[t * PIXELS + i];
    }
    return true;
}

/* What the other dates say of the network's findings: takes back what they refute, and adds haze. result
 * [dates, planes, PIXELS]. Dates that the network has not seen say nothing: what is cloud there only their masks know.
 */
static clv_status review_window(const stage1_state *s, stage1_worker *w, float *result)
{
    const clv_detect_settings *settings = s->job->settings;
    const int dates = s->series->dates;
    const clv_time_review review = {.dates = dates,
                                    .bands = s->colours,
                                    .width = SIZE,
                                    .height = SIZE,
                                    .x = w->x,
                                    .missing = w->unknown,
                                    .days = s->days};
    for (int t = 0; t < dates; t++)
        for (int i = 0; i < PIXELS; i++) {
            uint8_t *unknown = &w->unknown[t * PIXELS + i];
            *unknown |= !s->ask[t];
            w->flagged[t * PIXELS + i] = !*unknown && is_flagged(settings, result + t * s->planes * PIXELS + i);
        }
    if (!settings->no_review && !clv_time_review_run(&review, &w->review, w->flagged))
        return clv_fail_memory(s->ctx);
    for (int t = 0; t < dates && !settings->no_review; t++)
        for (int i = 0; i < PIXELS; i++) {
            float *p = result + t * s->planes * PIXELS + i;
            if (!w->flagged[t * PIXELS + i] && !w->unknown[t * PIXELS + i] && is_flagged(settings, p))
                p[0] = p[PIXELS] = 0;
        }
    if (s->own && !review_masks(s, w, review, result))
        return clv_fail_memory(s->ctx);
    if (settings->haze == CLV_HAZE_FILL && !mark_haze(s, w, result))
        return clv_fail_memory(s->ctx);
    return CLV_OK;
}

static clv_status detect_window(void *arg, int index, int number)
{
    stage1_state *s = arg;
    stage1_worker *w = &s->worker[number];
    int dates = s->series->dates, colours = s->colours;
    float *result = s->result + (size_t)index * (size_t)dates * (size_t)s->planes * PIXELS;
    memset(result, 0, (size_t)dates * (size_t)s->planes * PIXELS * sizeof *result);
    if (!shows_anything(s, (s->group + index) * STRIDE))
        return CLV_OK;
    gather(s, w, (s->group + index) * STRIDE);
    bool compare = dates >= REFERENCE_DATES;
    bool nothing = true;
    for (int t = 0; t < dates; t++) {
        w->empty[t] = memchr(w->missing + t * PIXELS, 0, PIXELS) == NULL;
        nothing = nothing && w->empty[t];
    }
    if (nothing)
        return CLV_OK;
    memcpy(w->unknown, w->missing, (size_t)dates * PIXELS);
    if (compare)
        clv_lower_median(w->x, w->missing, dates, colours, PIXELS, w->reference, w->seen);
    if (compare)
        fill_from_series(w, dates, colours);
    if (!(compare ? fill_nowhere(w, dates, colours) : fill_alone(w, dates, colours)))
        return clv_fail_memory(s->ctx);
    memset(w->missing, 0, (size_t)dates * PIXELS);
    const float *reference[4] = {w->reference, w->reference + PIXELS, w->reference + 2 * PIXELS,
                                 colours == 4 ? w->reference + 3 * PIXELS : NULL};
    int batch[BATCH], n = 0;
    for (int t = 0; t < dates; t++) {
        const uint8_t *missing = w->missing + t * PIXELS;
        if (s->ask[t] && !w->empty[t]) {
            const float *x = w->x + t * colours * PIXELS;
            const float *bands[4] = {x, x + PIXELS, x + 2 * PIXELS, colours == 4 ? x + 3 * PIXELS : NULL};
            clv_detect_input(bands, compare ? reference : NULL, missing, PIXELS,
                             w->in + n * CLV_DETECT_CHANNELS * PIXELS);
            batch[n++] = t;
        }
        if (n == BATCH || (n > 0 && t == dates - 1)) {
            clv_status status = run_batch(s, w, n);
            if (status != CLV_OK)
                return status;
            for (int k = 0; k < n; k++)
                memcpy(result + batch[k] * s->planes * PIXELS, w->out + k * 2 * PIXELS, 2 * PIXELS * sizeof *result);
            n = 0;
        }
    }
    for (int t = 0; t < dates && w->swir && !s->job->settings->no_review; t++)
        if (s->ask[t])
            take_back_snow(s, w, t, result + t * s->planes * PIXELS);
    const clv_status status = compare ? review_window(s, w, result) : CLV_OK;
    add_high_clouds(s, w, result);
    return status;
}

/* Adds the group's windows of one date to the blended sum, in the order of the windows: the same sum with any number of
 * threads. */
static clv_status blend_windows(void *arg, int t, int number)
{
    (void)number;
    stage1_state *s = arg;
    const clv_panel *p = s->panel;
    const clv_grid *grid = &s->series->grid;
    int width = p->x1 - p->x0;
    float wy[SIZE], wx[SIZE];
    clv_window_weights(grid->height, SIZE, STRIDE, s->row, wy);
    for (int j = s->group; j <= p->last && j < s->group + clv_window_group(detect_windows, s->workers); j++) {
        clv_window_weights(grid->width, SIZE, STRIDE, j, wx);
        int from = j * STRIDE > p->x0 ? j * STRIDE : p->x0;
        int to = j * STRIDE + SIZE < p->x1 ? j * STRIDE + SIZE : p->x1;
        const size_t planes = (size_t)s->planes;
        const float *result =
            s->result + ((size_t)(j - s->group) * (size_t)s->series->dates + (size_t)t) * planes * PIXELS;
        for (int k = 0; k < s->planes; k++)
            for (int y = 0; y < SIZE; y++) {
                float *sum = s->sum + (((size_t)t * planes + (size_t)k) * SIZE + (size_t)y) * (size_t)width - p->x0;
                const float *r = result + k * PIXELS + y * SIZE - j * STRIDE;
                for (int x = from; x < to; x++)
                    sum[x] += wy[y] * wx[x - j * STRIDE] * r[x];
            }
    }
    return CLV_OK;
}

/* Only what is asked for is counted; of a grid over dates of several extents what lies under the date. */
static clv_rect counted(const clv_series *series, int t)
{
    return series->extended ? clv_rect_intersect(series->core, clv_series_area(series, t, 0)) : series->core;
}

/* The masks of rows, without what the other dates refute (refuted: NULL where nothing was compared; from 0.5 on).
 * given: room for the rows. */
static clv_status read_known(const stage1_state *s, int t, clv_rect rows, const float *refuted, uint8_t *given,
                             uint8_t *known)
{
    if (!refuted)
        return clv_series_read_mask(s->ctx, s->series, t, rows, known);
    const clv_rect core = counted(s->series, t);
    const size_t n = (size_t)rows.width * (size_t)rows.height;
    clv_status status = clv_series_read_masks(s->ctx, s->series, t, rows, known, given);
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        const int x = rows.x + (int)(i % (size_t)rows.width), y = rows.y + (int)(i / (size_t)rows.width);
        if (known[i] && refuted[i] >= 0.5f) {
            known[i] = 0;
            s->job->dates[t].refuted +=
                x >= core.x && y >= core.y && x < core.x + core.width && y < core.y + core.height;
        }
        known[i] = clv_mask_flag_join(known[i], given[i]);
    }
    return status;
}

/* Flags of rows from probabilities (NULL: none), known masks and missing data (clv_missing_bits). */
static void make_flags(const stage1_state *s, int t, clv_rect rows, const float *cloud, const float *shadow,
                       const uint8_t *missing, const uint8_t *known, uint8_t *flags)
{
    const clv_rect core = counted(s->series, t);
    size_t n = (size_t)rows.width * (size_t)rows.height;
    const clv_detect_settings *set = s->job->settings;
    uint8_t exact = s->job->user_masks ? CLV_PIXEL_EXACT : s->job->user_scls ? CLV_PIXEL_KNOWN : 0;
    clv_stage1_date *count = &s->job->dates[t];
    for (size_t i = 0; i < n; i++) {
        const bool whole = (missing[i] & CLV_MISSING_CORE) && !(missing[i] & CLV_MISSING_PARTLY);
        uint8_t f = missing[i] & CLV_MISSING_CORE ? CLV_PIXEL_MISSING : 0;
        const bool seen = !f || (missing[i] & CLV_MISSING_PARTLY); /* a line of one band under a cloud is cloud too */
        if (seen && cloud && cloud[i] >= set->threshold)
            f |= CLV_PIXEL_CLOUD;
        else if (seen && cloud && shadow[i] >= set->shadow_threshold)
            f |= CLV_PIXEL_SHADOW;
        if (known && known[i] == CLV_PIXEL_MISSING)
            f |= CLV_PIXEL_MISSING;
        else if (known && known[i])
            f |= (uint8_t)(known[i] | exact);
        flags[i] = f | (missing[i] && !whole ? CLV_PIXEL_PARTLY : 0);
        int x = rows.x + (int)(i % (size_t)rows.width) - core.x, y = rows.y + (int)(i / (size_t)rows.width) - core.y;
        if (x < 0 || y < 0 || x >= core.width || y >= core.height)
            continue;
        count->missing += (f & CLV_PIXEL_MISSING) != 0;
        count->cloud += (f & CLV_PIXEL_CLOUD) != 0;
        count->shadow += (f & CLV_PIXEL_SHADOW) && !(f & CLV_PIXEL_CLOUD);
    }
}

/* Of rows that no network looks at. Lines of 0 in one band are only found where all bands are read. */
static clv_status read_missing(const stage1_state *s, int t, clv_rect rows, uint8_t *missing)
{
    float *x = NULL;
    if (s->job->exact_missing && clv_series_may_miss(s->series, t)) {
        x = clv_alloc_array((size_t)s->series->channels * (size_t)rows.height, (size_t)rows.width, sizeof *x);
        if (!x)
            return clv_fail(s->ctx, CLV_ERROR_MEMORY, "out of memory; give a smaller -mem");
    }
    const clv_status status = clv_series_read_bits(s->ctx, s->series, t, rows, x, missing);
    free(x);
    return status;
}

/* Turns the finished rows of one date into flags and hands them on. */
static clv_status emit_date(void *arg, int t, int number)
{
    (void)number;
    stage1_state *s = arg;
    const clv_panel *p = s->panel;
    clv_rect rows = {p->x0, s->emit_y, p->x1 - p->x0, s->emit_rows};
    size_t n = (size_t)rows.width * (size_t)rows.height;
    uint8_t *buffer = clv_alloc_array(3, n, 1);
    if (!buffer)
        return clv_fail_memory(s->ctx);
    uint8_t *missing = buffer, *known = buffer + n, *flags = buffer + 2 * n;
    clv_status status = CLV_OK;
    float *cloud = NULL, *shadow = NULL;
    if (s->strip) {
        for (int y = 0; y < rows.height; y++)
            memcpy(missing + (size_t)y * (size_t)rows.width,
                   clv_strip_flag(s->strip, s->strip->missing, t, rows.x, rows.y + y), (size_t)rows.width);
        cloud = s->sum + (size_t)t * (size_t)s->planes * SIZE * (size_t)rows.width;
        shadow = cloud + (size_t)SIZE * (size_t)rows.width;
    } else {
        status = read_missing(s, t, rows, missing);
    }
    if (status == CLV_OK && s->series->has_masks && !s->job->network_only)
        status = read_known(s, t, rows, s->own ? shadow + (size_t)SIZE * (size_t)rows.width : NULL, flags, known);
    if (status != CLV_OK)
        goto cleanup;
    make_flags(s, t, rows, s->ask[t] ? cloud : NULL, shadow, missing, known, flags);
    if (s->job->flags)
        status = clv_scratch_write(s->job->flags, t, rows, flags);
    for (size_t i = 0; cloud && i < n; i++)
        if (missing[i] & CLV_MISSING_CORE)
            cloud[i] = shadow[i] = CLV_PROBABILITY_NODATA; /* these rows of the sum are done with */
    if (status == CLV_OK && s->job->probability && cloud)
        status = s->job->probability(s->job->user, t, rows, cloud, shadow);

cleanup:
    free(buffer);
    return status;
}

static void drop_rows(stage1_state *s, int rows)
{
    size_t width = (size_t)(s->panel->x1 - s->panel->x0), plane = SIZE * width, drop = (size_t)rows * width;
    for (size_t k = 0; k < (size_t)s->series->dates * (size_t)s->planes; k++) {
        memmove(s->sum + k * plane, s->sum + k * plane + drop, (plane - drop) * sizeof *s->sum);
        memset(s->sum + k * plane + plane - drop, 0, drop * sizeof *s->sum);
    }
}

/* The masks of date t that came with the data, in the strip's rows. */
static clv_status read_own(void *arg, int t, int number)
{
    (void)number;
    stage1_state *s = arg;
    const clv_strip *strip = s->strip;
    const clv_rect rows = {strip->x, strip->y0, strip->width, strip->y1 - strip->y0};
    uint8_t *own = s->own + (size_t)t * clv_strip_plane(strip);
    if (!clv_series_has_own_mask(s->series, t)) {
        memset(own, 0, clv_strip_plane(strip));
        return CLV_OK;
    }
    uint8_t *given = clv_alloc_array((size_t)rows.width, (size_t)rows.height, 1);
    clv_status status = given ? clv_series_read_masks(s->ctx, s->series, t, rows, own, given) : clv_fail_memory(s->ctx);
    free(given);
    return status;
}

/* The panel's rows [y0, y1) with the network; y0 begins a row of windows, y1 too or ends the scene. Rows that only the
 * row of windows above y0 gives first are worked, not emitted. */
static clv_status run_panel(stage1_state *s, int y0, int y1, double done, double share)
{
    const clv_grid *grid = &s->series->grid;
    int dates = s->series->dates, count = clv_window_count(grid->height, SIZE, STRIDE);
    int first = y0 / STRIDE > 0 ? y0 / STRIDE - 1 : 0, rows = y1 == grid->height ? count : y1 / STRIDE;
    int group = clv_window_group(detect_windows, s->workers);
    const clv_stack_reader stack = clv_series_stack_reader(s->series);
    clv_status status =
        clv_strip_new(s->ctx, &stack, s->panel->read0, s->panel->read1 - s->panel->read0, SIZE, &s->strip);
    const size_t planes = (size_t)s->planes;
    s->result = clv_alloc_array((size_t)group * (size_t)dates, planes * PIXELS, sizeof *s->result);
    s->sum = clv_alloc_array((size_t)dates * planes * SIZE, (size_t)(s->panel->x1 - s->panel->x0), sizeof *s->sum);
    if (status == CLV_OK && s->planes == 3)
        s->own = clv_alloc_array((size_t)dates, clv_strip_plane(s->strip), 1);
    if (status == CLV_OK && (!s->result || !s->sum || (s->planes == 3 && !s->own)))
        status = clv_fail(s->ctx, CLV_ERROR_MEMORY, "out of memory; give a smaller -mem");
    for (s->row = first; s->row < rows && status == CLV_OK; s->row++) {
        int end = s->row * STRIDE + SIZE;
        s->emit_y = s->row * STRIDE;
        s->emit_rows = s->row == count - 1 ? grid->height - s->emit_y : STRIDE;
        status = clv_strip_advance(s->ctx, s->strip, clv_window_read_start(detect_windows, s->row, grid->height),
                                   end < grid->height ? end : grid->height, NULL);
        if (status == CLV_OK && s->own)
            status = clv_parallel_for(s->ctx, dates, 0, read_own, s);
        for (s->group = s->panel->first; s->group <= s->panel->last && status == CLV_OK; s->group += group) {
            int windows = s->panel->last - s->group + 1;
            status = clv_parallel_for(s->ctx, windows < group ? windows : group, s->workers, detect_window, s);
            if (status == CLV_OK)
                status = clv_parallel_for(s->ctx, dates, 0, blend_windows, s);
        }
        if (status == CLV_OK && s->emit_y >= y0)
            status = clv_parallel_for(s->ctx, dates, 0, emit_date, s);
        if (s->row < rows - 1)
            drop_rows(s, STRIDE);
        if (status == CLV_OK)
            status = clv_progress(s->ctx, done + share * (s->row + 1 - first) / (rows - first));
    }
    clv_strip_free(s->strip);
    free(s->result);
    free(s->sum);
    free(s->own);
    s->strip = NULL;
    s->result = s->sum = NULL;
    s->own = NULL;
    return status;
}

/* Known masks and missing data only, for rows [y0, y1) of a panel. */
static clv_status run_without_network(stage1_state *s, int y0, int y1, double done, double share)
{
    clv_status status = CLV_OK;
    for (s->emit_y = y0; s->emit_y < y1 && status == CLV_OK; s->emit_y += s->emit_rows) {
        s->emit_rows = y1 - s->emit_y < 256 ? y1 - s->emit_y : 256;
        status = clv_parallel_for(s->ctx, s->series->dates, 0, emit_date, s);
        if (status == CLV_OK)
            status = clv_progress(s->ctx, done + share * (double)(s->emit_y + s->emit_rows - y0) / (y1 - y0));
    }
    return status;
}

static clv_status open_networks(stage1_state *s)
{
    const char *name = s->job->settings->model ? s->job->settings->model : "detect";
    clv_status status = clv_engine_api(s->ctx, &s->api);
    if (status != CLV_OK)
        return status;
    s->api->set_threads(1);
    for (int i = 0; i < s->workers && status == CLV_OK; i++) {
        stage1_worker *w = &s->worker[i];
        size_t dates = (size_t)s->series->dates;
        if (i == 0 || !s->shared_net) {
            clv_net_info info;
            status = clv_engine_open(s->ctx, name, CLV_NET_UNET, s->job->compute, &w->net, &info,
                                     i == 0 ? s->job->model_sha256 : NULL);
            if (status == CLV_OK && i == 0) {
                memcpy(s->job->device, info.device, sizeof s->job->device);
                s->shared_net = strncmp(info.device, "cpu", 3) != 0;
            }
        }
        w->x = clv_alloc_array(dates * 4, PIXELS, sizeof *w->x);
        w->missing = clv_alloc_array(dates, PIXELS, 1);
        w->reference = clv_alloc_array(4, PIXELS, sizeof *w->reference);
        w->seen = clv_alloc_array(1, PIXELS, sizeof *w->seen);
        w->empty = clv_alloc_array(1, dates, sizeof *w->empty);
        w->in = clv_alloc_array(BATCH * CLV_DETECT_CHANNELS, PIXELS, sizeof *w->in);
        w->out = clv_alloc_array(BATCH * 2, PIXELS, sizeof *w->out);
        w->unknown = clv_alloc_array(dates, PIXELS, 1);
        w->flagged = clv_alloc_array(dates, PIXELS, 1);
        w->known = clv_alloc_array(1, PIXELS, 1);
        w->own = s->planes == 3 ? clv_alloc_array(dates, PIXELS, 1) : NULL;
        w->snow = clv_alloc_array(3, PIXELS, 1);
        w->swir = s->swir < 0 ? NULL : clv_alloc_array(dates, PIXELS, sizeof *w->swir);
        w->cirrus = s->cirrus < 0 ? NULL : clv_alloc_array(dates, PIXELS, sizeof *w->cirrus);
        w->cirrus_reference = s->cirrus < 0 ? NULL : clv_alloc_array(1, PIXELS, sizeof *w->cirrus_reference);
        if (status == CLV_OK &&
            (!w->x || !w->missing || !w->reference || !w->seen || !w->empty || !w->in || !w->out || !w->unknown ||
             !w->flagged || !w->known || !w->snow || (s->swir >= 0 && !w->swir) ||
             (s->cirrus >= 0 && (!w->cirrus || !w->cirrus_reference)) || (s->planes == 3 && !w->own)))
            status = clv_fail_memory(s->ctx);
    }
    s->job->used_network = status == CLV_OK;
    return status;
}

static void close_networks(stage1_state *s)
{
    for (int i = 0; s->worker && i < s->workers; i++) {
        stage1_worker *w = &s->worker[i];
        if (w->net)
            s->api->close(w->net);
        free(w->x);
        free(w->missing);
        free(w->reference);
        free(w->seen);
        free(w->empty);
        free(w->in);
        free(w->out);
        free(w->unknown);
        free(w->flagged);
        free(w->known);
        free(w->own);
        clv_buffer_free(&w->smooth);
        free(w->snow);
        free(w->swir);
        free(w->cirrus);
        free(w->cirrus_reference);
        clv_buffer_free(&w->haze);
        clv_buffer_free(&w->scores);
        clv_time_review_free(&w->review);
        *w = (stage1_worker){0};
    }
}

/* Whether any pixel of date t is known to a mask, so that with `replace` the network is not asked. */
static bool choose_dates(stage1_state *s)
{
    bool any = false;
    for (int t = 0; t < s->series->dates; t++) {
        s->ask[t] = s->job->network_only ||
                    !(s->series->mask_mode == CLV_MASK_REPLACE && s->series->has_masks &&
                      (s->series->masks_cover_all || clv_date_facts_masked(&s->series->acquisitions[t].facts)));
        any |= s->ask[t];
    }
    return any;
}

/* The channel of a Sentinel-2 band, -1: there is none. */
static int channel_of(const clv_series *series, const char *band)
{
    for (int c = series->has_nir ? 4 : 3; c < series->channels; c++)
        if (strcmp(series->acquisitions[0].bands[c].pair, band) == 0)
            return c;
    return -1;
}

/* Bands that single dates lack are in no series: what they could have told is not known. */
static void warn_of_lost(clv_context *ctx, const clv_series *series, const char *band, const char *consequence)
{
    for (int t = 0; t < series->dates; t++)
        for (int b = series->channels; b < series->acquisitions[t].bands_found; b++)
            if (strcmp(series->acquisitions[t].bands[b].pair, band) == 0) {
                clv_warn(ctx, "%s is not in every date, so %s; leave out the dates that lack it, or give it for all",
                         band, consequence);
                return;
            }
}

/* Whether masks that came with the data are compared with what the dates show. With `replace` they stand instead of all
 * judgement. */
static bool reviews_masks(const clv_series *series, const clv_stage1 *job)
{
    bool any = false;
    for (int t = 0; t < series->dates; t++)
        any = any || clv_series_has_own_mask(series, t);
    return any && !job->network_only && !job->settings->no_review && series->dates >= REFERENCE_DATES &&
           series->mask_mode == CLV_MASK_JOIN;
}

clv_status clv_stage1_open(clv_context *ctx, clv_series *series, clv_stage1 *job, clv_stage1_finder **out)
{
    stage1_state *s = calloc(1, sizeof *s);
    *out = s;
    if (!s)
        return clv_fail_memory(ctx);
    *s = (stage1_state){
        .ctx = ctx, .series = series, .job = job, .workers = clv_threads(ctx), .colours = series->has_nir ? 4 : 3};
    pthread_mutex_init(&s->lock, NULL);
    memset(job->dates, 0, (size_t)series->dates * sizeof *job->dates);
    job->used_network = job->reviewed_masks = false;
    job->dilated = clv_dilation_pixels(job->settings, series->grid.pixel_m);
    job->model_sha256[0] = job->device[0] = 0;
    s->ask = calloc((size_t)series->dates, sizeof *s->ask);
    s->worker = calloc((size_t)s->workers, sizeof *s->worker);
    s->days = calloc((size_t)series->dates, sizeof *s->days);
    if (!s->ask || !s->worker || !s->days) {
        clv_stage1_close(s);
        *out = NULL;
        return clv_fail_memory(ctx);
    }
    for (int t = 0; t < series->dates; t++)
        s->days[t] = series->acquisitions[t].days;
    s->wants_network = choose_dates(s);
    s->swir = channel_of(series, "B11");
    s->cirrus = channel_of(series, "B10");
    if (s->swir < 0 && s->wants_network && !job->settings->no_review)
        warn_of_lost(ctx, series, "B11", "snow is not told from cloud by it");
    if (s->cirrus < 0 && s->wants_network && !job->settings->no_review)
        warn_of_lost(ctx, series, "B10", "high cloud is not found by it");
    job->reviewed_masks = reviews_masks(series, job);
    s->planes = job->reviewed_masks ? 3 : 2;
    return CLV_OK;
}

bool clv_stage1_wants_network(const clv_stage1_finder *s)
{
    return s->wants_network;
}

static clv_status run_rows(stage1_state *s, const clv_panel *panel, int y0, int y1, double done, double share)
{
    clv_status status = CLV_OK;
    s->panel = panel;
    if (!s->wants_network) {
        status = run_without_network(s, y0, y1, done, share);
    } else {
        if (!s->job->used_network && (status = open_networks(s)) != CLV_OK)
            close_networks(s);
        if (status == CLV_OK)
            status = run_panel(s, y0, y1, done, share);
    }
    s->panel = NULL;
    return status;
}

clv_status clv_stage1_region(clv_stage1_finder *s, clv_rect area)
{
    clv_panel panel = clv_panel_at(s->series->grid.width, detect_windows, 0, area.x, area.x + area.width);
    return run_rows(s, &panel, area.y, area.y + area.height, 0, 1);
}

void clv_stage1_close(clv_stage1_finder *s)
{
    if (!s)
        return;
    close_networks(s);
    free(s->worker);
    free(s->ask);
    free(s->days);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

clv_status clv_stage1_run(clv_context *ctx, clv_series *series, clv_stage1 *job)
{
    clv_stage1_finder *finder = NULL;
    clv_panel *panels = NULL;
    clv_status status = clv_stage1_open(ctx, series, job, &finder);
    const double sums = job->reviewed_masks ? 3 * 4.0 + 1 : 2 * 4.0; /* blended, and masks */
    const double per_column = (double)series->dates * SIZE * (series->channels * 4.0 + 2 + sums);
    int count = status == CLV_OK ? clv_panels_plan(series->grid.width, detect_windows, 0, per_column,
                                                   clv_memory_budget(job->compute), &panels)
                                 : 0;
    if (status == CLV_OK && count == 0)
        status = clv_fail_memory(ctx);
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = run_rows(finder, &panels[i], 0, series->grid.height, (double)i / count, 1.0 / count);
    for (int t = 0; t < series->dates; t++) {
        const clv_rect core = counted(series, t);
        const double pixels = core.width > 0 && core.height > 0 ? (double)core.width * core.height : 1;
        job->dates[t].cloud /= pixels;
        job->dates[t].shadow /= pixels;
        job->dates[t].missing /= pixels;
        job->dates[t].refuted /= pixels;
    }
    free(panels);
    clv_stage1_close(finder);
    return status;
}
