/* SPDX-License-Identifier: MIT
 *
 * One Gaussian mixture over all dates (gmm.h) is fitted to pixels with missing values: each contributes with the dates
 * that observe it, whereas the regressions of step 3 use the filled values of steps 1 and 2 as if they were observed.
 * It predicts every date, with a variance, from the dates that observe a pixel. The missing values start from steps 1
 * and 2. Bands are modelled in groups of at most four. Pixels that no other date observes keep step 2.
 *
 * It is fitted twice: first to the pixels away from the gaps, as a mask may be too small; then the observations are
 * reviewed (outlier_review.c), and it is fitted to those that agree with the other dates.
 *
 * Predictions are co-registered to the date (coregister.c), and residuals around a gap are spread into it, as in step
 * 4. As in step 3 (shrinkage.c), dates that observe little are shrunk toward step 2, results are blended with step 1
 * far from what a date observes, and they are limited to the range of step 2 and the other dates. Dates that observe
 * too little for a model are filled by steps 1 and 2, which then use the other dates as filled here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gapfill/job.h"
#include "gapfill/mixture.h"
#include "gapfill/samples.h"
#include "gapfill/shrinkage.h"

#define BLOCK CLV_FIELD_BLOCK
#define CHUNK CLV_GMM_CHUNK
#define GROUP CLV_GMM_BANDS /* bands: red, green, blue, NIR; then any */
#define COLOURS CLV_GAPFILL_COLOURS
#define DEVIATION_SAMPLES 1024
#define MOST_TRUSTED 0.95 /* the rest is step 2: two normal distributions do not describe all land */

/* The first fit, for the review, and the second. More rounds, components or samples together gain less than 0.05 dB and
 * take two to four times as long. */
static const clv_gmm_options rough = {.components = 1, .rounds = 6, .noise = 1e-6};
static const clv_gmm_options fine = {.components = 2, .rounds = 12, .noise = 1e-6, .pooled = 300, .first = 1000};
#define ROUGH_SHARE 2      /* the first fit has half of the samples */
#define LEAST_SAMPLES 1024 /* of a date, if */
#define MOST_ADDED 10240   /* all dates together need no more than these */

/* For every pixel the usable dates whose `maps` [dates, n] hold `value`, as bits. */
static void find_patterns(clv_gapfill_job *j, const uint8_t *maps, uint8_t value)
{
    const size_t n = (size_t)j->f->n;
    memset(j->prediction.patterns, 0, n * sizeof *j->prediction.patterns);
    for (int t = 0; t < j->f->dates; t++)
        for (size_t p = 0; p < n && j->set.usable[t]; p++)
            j->prediction.patterns[p] |= (uint64_t)(maps[(size_t)t * n + p] == value) << t;
}

/* All dates at up to CHUNK pixels. Plane by plane, as the planes often lie a multiple of a power of two apart, and
 * would evict each other from the cache. values [count, dims] */
static void gather(const clv_gapfill_job *j, clv_gapfill_bands b, const int *pixels, int count, double *values)
{
    const int dims = j->f->dates * b.count;
    for (int d = 0; d < dims; d++) {
        const float *plane = clv_field_plane(j->f, d / b.count, b.first + d % b.count);
        for (int i = 0; i < count; i++)
            values[(size_t)i * (size_t)dims + (size_t)d] = plane[pixels[i]];
    }
}

void clv_prediction_buffers_free(clv_prediction_buffers *buffers)
{
    clv_gmm_free(&buffers->gmm);
    clv_buffer_free(&buffers->values);
    clv_buffer_free(&buffers->variance);
    clv_buffer_free(&buffers->scales);
    clv_buffer_free(&buffers->patterns);
}

/* ---- Fitting ----------------------------------------------------------------------------------- */

/* Finds the patterns of the train masks, and samples: pixels in the train mask of any date, evenly spread, and of every
 * date at least LEAST_SAMPLES or all that it has, as an even selection has few pixels of dates that observe little.
 * Returns how many. */
static int pick_samples(clv_gapfill_job *j, int wanted)
{
    const clv_field *f = j->f;
    const size_t n = (size_t)f->n;
    const int share = MOST_ADDED / f->dates, least = share < LEAST_SAMPLES ? share : LEAST_SAMPLES;
    int trained = 0, count = 0;
    find_patterns(j, j->set.train_mask, 1);
    for (int p = 0; p < f->n; p++) {
        j->scratch[p] = j->prediction.patterns[p] != 0;
        trained += j->scratch[p];
    }
    if (!trained)
        return 0;
    count = clv_pick_samples(j->scratch, f->width, f->height, trained, wanted, j->set.samples);
    memset(j->scratch, 0, n);
    for (int i = 0; i < count; i++)
        j->scratch[j->set.samples[i]] = 1;
    for (int t = 0; t < f->dates; t++) {
        const uint8_t *train_mask = j->set.train_mask + (size_t)t * n;
        int sampled = 0;
        for (int p = 0; p < f->n && j->set.usable[t]; p++)
            sampled += j->scratch[p] && train_mask[p];
        if (!j->set.usable[t] || sampled >= least || sampled == j->set.train_count[t])
            continue;
        count = clv_pick_samples(train_mask, f->width, f->height, j->set.train_count[t], least, j->set.samples);
        for (int i = 0; i < count; i++)
            j->scratch[j->set.samples[i]] = 1;
    }
    return clv_pixels_list(j->scratch, f->width, clv_pixels_whole(f), j->set.samples);
}

/* Fits the mixture to the samples, with the patterns that pick_samples() found. */
static bool fit_mixture(clv_gapfill_job *j, clv_gapfill_bands b, const clv_gmm_options *options, int samples)
{
    const size_t dims = (size_t)j->f->dates * (size_t)b.count;
    double *values = clv_buffer_hold(&j->work->regression.features, (size_t)samples, (dims + 1) * sizeof *values, 1);
    if (!values)
        return false;
    uint64_t *seen = (uint64_t *)(void *)(values + (size_t)samples * dims);
    for (int i = 0; i < samples; i += CHUNK)
        gather(j, b, j->set.samples + i, samples - i < CHUNK ? samples - i : CHUNK, values + (size_t)i * dims);
    for (int i = 0; i < samples; i++)
        seen[i] = j->prediction.patterns[j->set.samples[i]];
    return clv_gmm_fit(&j->work->prediction.gmm, options, j->f->dates, b.count, samples, values, seen);
}

/* ---- All dates from the others ----------------------------------------------------------------- */

/* predicted, variance [count, dims] */
static void keep_prediction(const clv_gapfill_job *j, clv_gapfill_bands b, const int *pixels, int count,
                            const double *predicted, const double *variance)
{
    const int dims = j->f->dates * b.count, colours = b.count < COLOURS ? b.count : COLOURS;
    for (int d = 0; d < dims; d++) {
        float *plane = j->prediction.values + (size_t)d * (size_t)j->f->n;
        for (int i = 0; i < count; i++)
            plane[pixels[i]] = (float)predicted[(size_t)i * (size_t)dims + (size_t)d];
    }
    for (int t = 0; t < j->f->dates && variance; t++)
        for (int i = 0; i < count; i++) {
            double sum = 0;
            for (int c = 0; c < colours; c++)
                sum += variance[(size_t)i * (size_t)dims + (size_t)(t * b.count + c)] / colours;
            j->prediction.variance[(size_t)t * (size_t)j->f->n + (size_t)pixels[i]] = (float)sum;
        }
}

/* Predicts the listed pixels: j->prediction.values, and its variance where that is wanted. */
static bool predict(clv_gapfill_job *j, clv_gapfill_bands b, const int *list, int count, bool variance)
{
    const size_t dims = (size_t)j->f->dates * (size_t)b.count;
    clv_seen_pixel *order = clv_buffer_hold(&j->work->regression.features, (size_t)count, 1, sizeof *order);
    double *values = clv_buffer_hold(&j->work->regression.coefficients, dims, 3 * CHUNK, sizeof *values);
    j->prediction.values =
        clv_buffer_hold(&j->work->prediction.values, dims, (size_t)j->f->n, sizeof *j->prediction.values);
    if (!order || !values || !j->prediction.values)
        return false;
    double *predicted = values + dims * CHUNK, *spread = variance ? predicted + dims * CHUNK : NULL;
    find_patterns(j, j->outliers.mask, 0);
    for (int i = 0; i < count; i++)
        order[i] = (clv_seen_pixel){j->prediction.patterns[list[i]], list[i]};
    clv_sort_by_pattern(order, count);
    for (int i = 0, m; i < count; i += m) {
        int pixels[CHUNK];
        if (i == 0 || order[i].seen != order[i - 1].seen)
            clv_gmm_set(&j->work->prediction.gmm, order[i].seen, true);
        for (m = 0; m < CHUNK && i + m < count && order[i + m].seen == order[i].seen; m++)
            pixels[m] = order[i + m].pixel;
        for (int k = m; k < CHUNK; k++)
            pixels[k] = pixels[m - 1]; /* cppcheck-suppress uninitvar ; m is 1 at least */
        gather(j, b, pixels, CHUNK, values);
        clv_gmm_predict(&j->work->prediction.gmm, values, true, predicted, spread);
        keep_prediction(j, b, pixels, m, predicted, spread);
    }
    return true;
}

/* ---- Results ----------------------------------------------------------------------------------- */

/* Prepares the residuals of date t in `part` for spreading, limited to twice the residual scale of the first group of
 * bands. Pixels that no other date observes have none. */
static bool gather_residuals(clv_gapfill_job *j, clv_gapfill_bands b, int t, clv_rect part)
{
    const clv_field *f = j->f;
    const size_t n = (size_t)f->n, area = (size_t)part.width * (size_t)part.height;
    float *residual = clv_buffer_hold(&j->work->scratch_values, area, (size_t)b.count * sizeof *residual + 1, 1);
    if (!residual || !clv_spread_begin(&j->work->spread, part.width, part.height, b.count))
        return false;
    uint8_t *known = (uint8_t *)(residual + area * (size_t)b.count);
    const float limit = 2 * j->outliers.residual_scale[t];
    for (size_t i = 0; i < area; i++) {
        const size_t p =
            (i / (size_t)part.width + (size_t)part.y) * (size_t)f->width + i % (size_t)part.width + (size_t)part.x;
        known[i] = j->set.train_mask[(size_t)t * n + p] && clv_prediction_others_observe(&j->prediction, t, p);
        for (int c = 0; known[i] && c < b.count; c++)
            residual[(size_t)c * area + i] = fminf(
                fmaxf(clv_field_plane(f, t, b.first + c)[p] - j->prediction.values[(size_t)(t * b.count + c) * n + p],
                      -limit),
                limit);
    }
    clv_spread_fill(&j->work->spread, known, residual);
    return true;
}

/* v, limited to the range of step 2 and the other dates in band c of the pixel, and a margin. */
static float inside_observed(const clv_gapfill_job *j, int t, int c, size_t p, float step2, float v)
{
    float low = step2, high = step2;
    for (int u = 0; u < j->f->dates; u++) {
        if (u == t || !(j->prediction.patterns[p] >> u & 1))
            continue;
        const float other = clv_field_plane(j->f, u, c)[p];
        low = other < low ? other : low; /* not fminf(): it is a function call for every date of every pixel */
        high = other > high ? other : high;
    }
    return clv_shrinkage_inside(low, high, v);
}

/* The group's bands at a block of pixels of date t. out [bands, BLOCK], which holds step 2 */
static void result_block(const clv_gapfill_job *j, clv_gapfill_bands b, int t, clv_rect part, const int *pixels,
                         float *out)
{
    const clv_field *f = j->f;
    const float date_trust = (float)(MOST_TRUSTED * clv_shrinkage_trust(j->options, j->set.train_count[t]));
    for (int i = 0; i < BLOCK; i++) {
        double sum[CLV_SPREAD_PLANES];
        const int p = pixels[i];
        const float trust = clv_prediction_others_observe(&j->prediction, t, (size_t)p) ? date_trust : 0;
        const double total = clv_spread_at(&j->work->spread, p % f->width - part.x, p / f->width - part.y, false, sum);
        for (int c = 0; c < b.count; c++) {
            float *to = &out[(b.first + c) * BLOCK + i];
            const float v = j->prediction.values[(size_t)(t * b.count + c) * (size_t)f->n + (size_t)p] +
                            (float)(sum[c] / (total + j->options->spread_rest));
            *to = inside_observed(j, t, b.first + c, (size_t)p, *to, *to + trust * (v - *to));
        }
    }
}

/* weight: of the prediction; the rest is that of steps 1 and 2. */
static void write_deviation(clv_gapfill_job *j, int t, int pixel, double weight)
{
    const clv_gapfill_prediction *p = &j->prediction;
    const double variance = p->scales[t] * p->variance[(size_t)t * (size_t)j->f->n + (size_t)pixel];
    const double deviation = j->result.unseen_deviation, unseen = isnan(deviation) ? variance : deviation * deviation;
    clv_result_write_deviation(&j->result, t, pixel, sqrt(weight * variance + (1 - weight) * unseen));
}

/* For each date the ratio of the squared differences at the samples to the variance predicted for them. Predicts the
 * samples. */
static bool find_scales(clv_gapfill_job *j, clv_gapfill_bands b, int samples)
{
    const size_t n = (size_t)j->f->n;
    const int colours = b.count < COLOURS ? b.count : COLOURS;
    if (!predict(j, b, j->set.samples, samples, true))
        return false;
    for (int t = 0; t < j->f->dates; t++) {
        double found = 0, expected = 0;
        for (int i = 0; i < samples; i++) {
            const size_t p = (size_t)j->set.samples[i];
            if (!j->set.train_mask[(size_t)t * n + p])
                continue;
            expected += j->prediction.variance[(size_t)t * n + p];
            for (int c = 0; c < colours; c++) {
                const double d =
                    clv_field_plane(j->f, t, c)[p] - j->prediction.values[(size_t)(t * b.count + c) * n + p];
                found += d * d / colours;
            }
        }
        j->prediction.scales[t] = (expected > 0 ? found / expected : 1) * j->shift_basis[t].residual_share;
    }
    return true;
}

/* The error of step 1 where a date is observed, as an estimate of its error where it is not. */
static void find_unseen_deviation(clv_gapfill_job *j)
{
    const clv_field *f = j->f;
    const int colours = f->bands < COLOURS ? f->bands : COLOURS;
    double sum = 0;
    int dates = 0;
    for (int t = 0; t < f->dates; t++) {
        if (!j->set.usable[t] || !clv_gapfill_choose_start(&j->start, t))
            continue;
        const int count = clv_pick_samples(j->set.train_mask + (size_t)t * (size_t)f->n, f->width, f->height,
                                           j->set.train_count[t], DEVIATION_SAMPLES, j->set.samples);
        double squares = 0;
        if (count)
            clv_pixels_pad(j->set.samples, count);
        for (int s = 0; s < count; s += BLOCK) {
            float block[CLV_SPREAD_PLANES * BLOCK];
            clv_date_blend_block(f, j->start.weights, j->set.samples + s, block);
            for (int c = 0; c < colours; c++)
                for (int i = 0; i < BLOCK && s + i < count; i++) {
                    const double d = clv_field_plane(f, t, c)[j->set.samples[s + i]] - block[c * BLOCK + i];
                    squares += d * d / colours;
                }
        }
        if (count) {
            sum += squares / count;
            dates++;
        }
    }
    if (dates)
        j->result.unseen_deviation = sqrt(sum / dates);
}

static bool write_date(clv_gapfill_job *j, clv_gapfill_bands b, int t)
{
    const int count = clv_gapfill_list_targets(j, t);
    if (!count)
        return true;
    const clv_rect part = clv_pixels_reach(j->f, j->pixels, count);
    if (!clv_coregister(j, b, t, part) || !gather_residuals(j, b, t, part) || !clv_shrinkage_begin_fade(j, t))
        return false;
    const double trust = clv_shrinkage_trust(j->options, j->set.train_count[t]);
    clv_pixels_pad(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK], weight[BLOCK];
        clv_radiometric_fit_block(j, t, j->pixels + s, block);
        result_block(j, b, t, part, j->pixels + s, block);
        clv_shrinkage_fade_block(j, j->pixels + s, block, weight);
        for (int i = 0; i < BLOCK && s + i < count; i++) {
            const int p = j->pixels[s + i];
            for (int c = b.first; c < b.first + b.count; c++)
                clv_result_write(&j->result, t, p, c, block[c * BLOCK + i]);
            if (j->prediction.variance && b.first == 0)
                write_deviation(j, t, p,
                                clv_prediction_others_observe(&j->prediction, t, (size_t)p) ? trust * weight[i] : 0);
        }
    }
    return true;
}

/* There is nothing to fit to: all dates are filled by step 2. */
static bool use_no_date(clv_gapfill_job *j)
{
    memset(j->set.usable, 0, (size_t)j->f->dates);
    return true;
}

/* Writes the predictions into the gaps of the listed pixels where another date observes the pixel: steps 1 and 2 of the
 * remaining dates are made from them. */
static void fill_field(clv_gapfill_job *j, clv_gapfill_bands b, const int *list, int count)
{
    clv_field *f = j->f;
    for (int t = 0; t < f->dates; t++) {
        const uint8_t *gap = f->gap + (size_t)t * (size_t)f->n;
        if (!j->set.usable[t] || !memchr(gap, 1, (size_t)f->n))
            continue;
        for (int c = 0; c < b.count; c++) {
            const float *from = j->prediction.values + (size_t)(t * b.count + c) * (size_t)f->n;
            float *to = clv_field_own(f, t, b.first + c);
            for (int i = 0; i < count; i++) {
                const int p = list[i];
                if (gap[p] && clv_prediction_others_observe(&j->prediction, t, (size_t)p))
                    to[p] = inside_observed(j, t, b.first + c, (size_t)p, to[p], from[p]);
            }
        }
    }
}

static bool fill_group(clv_gapfill_job *j, clv_gapfill_bands b, const uint8_t *wanted)
{
    /* The shift basis needs a pixel more around it than the spreading. */
    const clv_rect roi = {j->result.roi.x - 1, j->result.roi.y - 1, j->result.roi.width + 2, j->result.roi.height + 2};
    const clv_rect whole = clv_pixels_whole(j->f), near = clv_pixels_near(j->f, roi);
    const int width = j->f->width, wanted_samples = j->options->sample_pixels;
    const bool variance = j->prediction.variance && b.first == 0;
    int samples;
    if (b.first == 0) {
        samples = pick_samples(j, wanted_samples / ROUGH_SHARE);
        if (samples == 0)
            return use_no_date(j);
        if (!fit_mixture(j, b, &rough, samples) ||
            !predict(j, b, j->pixels, clv_pixels_list(NULL, width, whole, j->pixels), false) ||
            !clv_outlier_review(j, b) || !clv_coregister_learn(j, b))
            return false;
    }
    samples = pick_samples(j, wanted_samples);
    if (samples == 0)
        return use_no_date(j);
    if (!fit_mixture(j, b, &fine, samples) || (variance && !find_scales(j, b, samples)))
        return false;
    const int count = clv_pixels_list(NULL, width, near, j->pixels);
    if (!predict(j, b, j->pixels, count, variance))
        return false;
    if (j->options->smooth) /* else step 1 uses the two dates around, and the gaps hold step 2 */
        fill_field(j, b, j->pixels, count);
    for (int t = 0; t < j->f->dates; t++) {
        if ((wanted && !wanted[t]) || !j->set.usable[t])
            continue;
        clv_gapfill_choose_start(&j->start, t);
        if (!write_date(j, b, t))
            return false;
    }
    return true;
}

bool clv_gapfill_mixture(clv_gapfill_job *j, const uint8_t *wanted)
{
    const clv_field *f = j->f;
    const size_t n = (size_t)f->n, dates = (size_t)f->dates;
    const int groups = (f->bands + GROUP - 1) / GROUP;
    clv_gapfill_prediction *p = &j->prediction;
    clv_outliers *o = &j->outliers;
    o->mask = clv_buffer_hold(&j->work->outliers.mask, dates, n, 1);
    o->residual_scale = clv_buffer_hold(&j->work->outliers.residual_scale, dates, 1, sizeof *o->residual_scale);
    p->scales = clv_buffer_hold(&j->work->prediction.scales, dates, 1, sizeof *p->scales);
    p->patterns = clv_buffer_hold(&j->work->prediction.patterns, n, 1, sizeof *p->patterns);
    j->shift_basis = clv_buffer_hold(&j->work->shift_basis, dates, 1, sizeof *j->shift_basis);
    if (!o->mask || !o->residual_scale || !p->scales || !p->patterns || !j->shift_basis)
        return false;
    memcpy(j->outliers.mask, f->gap, dates * n);
    for (int t = 0; t < f->dates; t++)
        if (!j->set.target[t]) /* without gaps: clv_gapfill_fill() has not made its train mask */
            clv_training_use_all(&j->set, t, f->n);
    if (j->result.deviation) {
        p->variance = clv_buffer_hold(&j->work->prediction.variance, dates, n, sizeof *p->variance);
        if (!p->variance)
            return false;
        find_unseen_deviation(j);
    }
    for (int i = 0; i < groups; i++) {
        const int first = (i * f->bands + groups - 1) / groups, end = ((i + 1) * f->bands + groups - 1) / groups;
        if (!fill_group(j, (clv_gapfill_bands){first, end - first}, wanted))
            return false;
    }
    return true;
}
