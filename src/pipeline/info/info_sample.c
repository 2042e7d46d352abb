/* SPDX-License-Identifier: MIT */
#include "pipeline/info/info_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "image/pixel_state.h"
#include "image/lower_median.h"

const char clv_series_sample_text[] = "The network has not looked: detect and remove find clouds more closely, and "
                                      "join masks with them, so that their shares "
                                      "differ";

enum { SIDE = 64, PER_AXIS = 4, PIXELS = SIDE * SIDE, MOST_DATES = 512 };

/* Sums of one date over all windows. */
typedef struct tally {
    double fine, coarse; /* squared Laplacians */
    long fine_count, coarse_count;
    long pixels, missing, cloud;
    long pairs, equal_right, equal_below;
} tally;

/* The window in work: the planes of all dates. */
typedef struct sampler {
    clv_context *ctx;
    clv_series *series;
    clv_rect window;
    int referenced;    /* dates that the reference is made of */
    float *x;          /* [dates, 3, pixels] */
    uint8_t *missing;  /* [dates, pixels] */
    uint8_t *cloud;    /* [dates, pixels] */
    float *reference;  /* [3, pixels] */
    float **channels;  /* [workers] of [channels, pixels] */
    float **luminance; /* [workers] of [2 * pixels] */
    tally *tallies;    /* [dates] */
} sampler;

static bool has_mask(const clv_series *series, int t)
{
    return series->has_masks && clv_date_facts_masked(&series->acquisitions[t].facts);
}

/* The clouds of a date's masks; what these have no data of is missing. */
static clv_status read_clouds(const sampler *s, int t, size_t n)
{
    uint8_t *cloud = s->cloud + (size_t)t * n, *missing = s->missing + (size_t)t * n;
    const clv_status status = clv_series_read_mask(s->ctx, s->series, t, s->window, cloud);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        if (cloud[i] == CLV_PIXEL_MISSING) {
            cloud[i] = 0;
            missing[i] = 1;
        }
    return status;
}

static clv_status read_date(void *arg, int t, int worker)
{
    sampler *s = arg;
    const size_t n = (size_t)s->window.width * (size_t)s->window.height;
    uint8_t *missing = s->missing + (size_t)t * n;
    clv_status status = clv_series_read(s->ctx, s->series, t, s->window, s->channels[worker], missing);
    if (status == CLV_OK && has_mask(s->series, t))
        status = read_clouds(s, t, n);
    for (int c = 0; status == CLV_OK && c < 3; c++)
        memcpy(s->x + ((size_t)t * 3 + (size_t)c) * n, s->channels[worker] + (size_t)c * n, n * sizeof(float));
    return status;
}

/* ---- Cloud --------------------------------------------------------------------------------------- */

static bool bright_and_white(float r, float g, float b)
{
    const float low = fminf(fminf(r, g), b), high = fmaxf(fmaxf(r, g), b);
    return low > 0.25f && low > 0.75f * high;
}

static void mark_clouds(const sampler *s, int t, size_t n)
{
    const float *r = s->x + (size_t)t * 3 * n, *g = r + n, *b = g + n;
    const float *ref_r = s->reference, *ref_g = ref_r + n, *ref_b = ref_g + n;
    uint8_t *cloud = s->cloud + (size_t)t * n;
    for (size_t i = 0; i < n; i++) {
        const float rise = fminf(fminf(r[i] - ref_r[i], g[i] - ref_g[i]), b[i] - ref_b[i]);
        cloud[i] = (rise > 0.04f && b[i] > 0.1f) ||
                   (bright_and_white(ref_r[i], ref_g[i], ref_b[i]) && bright_and_white(r[i], g[i], b[i]));
    }
}

/* ---- Sharpness ----------------------------------------------------------------------------------- */

/* Sum of squared Laplacians over the inner pixels whose neighbours are all usable (value not NaN). */
static void laplacian(const float *v, int width, int height, double *sum, long *count)
{
    for (int y = 1; y + 1 < height; y++)
        for (int x = 1; x + 1 < width; x++) {
            const float *p = v + (size_t)y * (size_t)width + x;
            const float d = *p - 0.25f * (p[-1] + p[1] + p[-width] + p[width]);
            if (!isnan(d)) {
                *sum += (double)d * d;
                ++*count;
            }
        }
}

static void halve(const float *v, int width, int height, float *out)
{
    for (int y = 0; y < height / 2; y++)
        for (int x = 0; x < width / 2; x++) {
            const float *p = v + (size_t)(2 * y) * (size_t)width + 2 * x;
            *out++ = 0.25f * (p[0] + p[1] + p[width] + p[width + 1]);
        }
}

static void count_repeats(const float *x, const float *luminance, int width, int height, tally *sums)
{
    const size_t n = (size_t)width * (size_t)height;
    for (int y = 0; y + 1 < height; y++)
        for (int i = y * width; i < y * width + width - 1; i++) {
            if (isnan(luminance[i]) || isnan(luminance[i + 1]) || isnan(luminance[i + width]))
                continue;
            bool right = true, below = true;
            for (size_t c = 0; c < 3; c++) {
                right = right && x[c * n + (size_t)i] == x[c * n + (size_t)i + 1];
                below = below && x[c * n + (size_t)i] == x[c * n + (size_t)(i + width)];
            }
            sums->pairs++;
            sums->equal_right += right;
            sums->equal_below += below;
        }
}

/* The part of the window that says what a date lacks: where dates have several extents that which it can show. */
static clv_rect counted(const sampler *s, int t)
{
    clv_rect r = s->series->extended ? clv_rect_intersect(s->window, clv_series_area(s->series, t, 0)) : s->window;
    return r.width > 0 && r.height > 0 ? r : (clv_rect){0};
}

static clv_status judge_date(void *arg, int t, int worker)
{
    sampler *s = arg;
    const int width = s->window.width, height = s->window.height;
    const size_t n = (size_t)width * (size_t)height;
    const float *x = s->x + (size_t)t * 3 * n;
    const uint8_t *missing = s->missing + (size_t)t * n, *cloud = s->cloud + (size_t)t * n;
    float *light = s->luminance[worker], *half = light + PIXELS;
    tally *sums = &s->tallies[t];
    if (!has_mask(s->series, t))
        mark_clouds(s, t, n);
    const clv_rect shown = counted(s, t);
    for (size_t i = 0; i < n; i++) {
        sums->missing += missing[i] != 0;
        sums->cloud += !missing[i] && cloud[i];
        light[i] = missing[i] || cloud[i] ? NAN : x[i] + x[n + i] + x[2 * n + i];
    }
    const long outside = (long)n - (long)shown.width * shown.height;
    sums->pixels += (long)n - outside;
    sums->missing -= outside; /* all of it */
    laplacian(light, width, height, &sums->fine, &sums->fine_count);
    halve(light, width, height, half);
    laplacian(half, width / 2, height / 2, &sums->coarse, &sums->coarse_count);
    count_repeats(x, light, width, height, sums);
    return CLV_OK;
}

/* ---- All windows --------------------------------------------------------------------------------- */

/* Start of window i of `count` along an axis: spread evenly, first and last at the borders. */
static int start_of(int length, int size, int count, int i)
{
    return count < 2 ? (length - size) / 2 : (int)((int64_t)(length - size) * i / (count - 1));
}

static clv_status do_window(sampler *s, long *seen, long *never)
{
    const int dates = s->series->dates;
    const size_t n = (size_t)s->window.width * (size_t)s->window.height;
    clv_status status = clv_parallel_for(s->ctx, dates, 0, read_date, s);
    if (status != CLV_OK)
        return status;
    clv_lower_median(s->x, s->missing, s->referenced, 3, (int)n, s->reference, NULL);
    status = clv_parallel_for(s->ctx, dates, 0, judge_date, s);
    for (size_t i = 0; i < n; i++) {
        bool data = false, clear = false;
        for (int t = 0; t < dates && !clear; t++) {
            const size_t at = (size_t)t * n + i;
            data = data || !s->missing[at];
            clear = !s->missing[at] && !s->cloud[at];
        }
        *seen += data;
        *never += data && !clear;
    }
    return status;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static void summarise(const sampler *s, clv_series_sample *out)
{
    for (int t = 0; t < s->series->dates; t++) {
        const tally *sums = &s->tallies[t];
        clv_date_sample *d = &out->dates[t];
        const bool enough = sums->coarse_count >= 100 && sums->coarse > 0;
        d->cloud = share((double)sums->cloud, (double)(sums->pixels - sums->missing));
        d->nodata = share((double)sums->missing, (double)sums->pixels);
        const double fine = share(sums->fine, (double)sums->fine_count);
        const double coarse = share(sums->coarse, (double)sums->coarse_count);
        const long equal = sums->equal_right < sums->equal_below ? sums->equal_right : sums->equal_below;
        d->sharpness = enough ? fine / coarse : NAN;
        d->repeated = enough ? share((double)equal, (double)sums->pairs) : NAN;
        d->from_masks = has_mask(s->series, t);
    }
}

static void free_workers(float **buffers, int workers)
{
    for (int i = 0; buffers && i < workers; i++)
        free(buffers[i]);
    free(buffers);
}

static float **new_workers(int workers, size_t planes)
{
    float **buffers = clv_alloc_array((size_t)workers, 1, sizeof *buffers);
    for (int i = 0; buffers && i < workers; i++) {
        buffers[i] = clv_alloc_array(planes, PIXELS, sizeof **buffers);
        if (!buffers[i]) {
            free_workers(buffers, workers);
            return NULL;
        }
    }
    return buffers;
}

clv_status clv_series_sample_take(clv_context *ctx, clv_series *series, clv_series_sample *out)
{
    const size_t dates = (size_t)series->dates;
    const int workers = clv_threads(ctx), width = series->grid.width, height = series->grid.height;
    const int size_x = width < SIDE ? width : SIDE, size_y = height < SIDE ? height : SIDE;
    const int count_x = width >= PER_AXIS * SIDE ? PER_AXIS : (width + SIDE - 1) / SIDE;
    const int count_y = height >= PER_AXIS * SIDE ? PER_AXIS : (height + SIDE - 1) / SIDE;
    long seen = 0, never = 0;
    clv_status status = CLV_OK;
    sampler s = {.ctx = ctx, .series = series, .referenced = series->dates < MOST_DATES ? series->dates : MOST_DATES};
    s.x = clv_alloc_array(dates * 3, PIXELS, sizeof *s.x);
    s.missing = clv_alloc_array(dates, PIXELS, 1);
    s.cloud = clv_alloc_array(dates, PIXELS, 1);
    s.reference = clv_alloc_array(3, PIXELS, sizeof *s.reference);
    s.channels = new_workers(workers, (size_t)series->channels);
    s.luminance = new_workers(workers, 2);
    s.tallies = clv_alloc_array(dates, 1, sizeof *s.tallies);
    out->dates = clv_alloc_array(dates, 1, sizeof *out->dates);
    out->never = NAN;
    if (!s.x || !s.missing || !s.cloud || !s.reference || !s.channels || !s.luminance || !s.tallies || !out->dates) {
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for a sample of %d dates", series->dates);
        goto cleanup;
    }
    for (int j = 0; j < count_y; j++)
        for (int i = 0; i < count_x; i++) {
            s.window =
                (clv_rect){start_of(width, size_x, count_x, i), start_of(height, size_y, count_y, j), size_x, size_y};
            status = do_window(&s, &seen, &never);
            if (status != CLV_OK)
                goto cleanup;
        }
    summarise(&s, out);
    out->never = share((double)never, (double)seen);

cleanup:
    if (status != CLV_OK) {
        free(out->dates);
        out->dates = NULL;
    }
    free(s.x);
    free(s.missing);
    free(s.cloud);
    free(s.reference);
    free_workers(s.channels, workers);
    free_workers(s.luminance, workers);
    free(s.tallies);
    return status;
}
