/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cpu_dispatch.h"
#include "gapfill/job.h"
#include "gapfill/samples.h"
#include "gapfill/shrinkage.h"

#define BLOCK CLV_FIELD_BLOCK
#define SAMPLED 4   /* a quarter of the samples of step 3: there are few coefficients */
#define SHRINK 1e-4 /* toward step 1 */

CLV_CPU_DISPATCH static void apply_fit(const float *coefficients, int bands, const float *lowest, const float *in,
                                       float *out)
{
    for (int c = 0; c < bands; c++) {
        const float *b = coefficients + (size_t)c * (bands + 1);
        float *to = out + (size_t)c * BLOCK;
        for (int i = 0; i < BLOCK; i++)
            to[i] = b[bands];
        for (int k = 0; k < bands; k++)
            for (int i = 0; i < BLOCK; i++)
                to[i] += b[k] * in[k * BLOCK + i];
        for (int i = 0; i < BLOCK; i++)
            to[i] = to[i] < lowest[c] ? lowest[c] : to[i] > CLV_GAPFILL_LARGEST ? CLV_GAPFILL_LARGEST : to[i];
    }
}

/* Step 1: the interpolation, or the blend of dates. */
static void start_block(const clv_gapfill_job *j, int t, const int *pixels, float *out)
{
    if (j->start.blended)
        clv_date_blend_block(j->f, j->start.weights, pixels, out);
    else
        clv_field_interpolate(j->f, t, false, pixels, out);
}

/* Step 2 at a block of pixels of date t, before its gaps have been filled. out [bands, BLOCK] */
static void fit_block(const clv_gapfill_job *j, int t, const int *pixels, float *out)
{
    float step1[CLV_SPREAD_PLANES * BLOCK];
    start_block(j, t, pixels, step1);
    apply_fit(j->fit.coefficients + (size_t)t * j->f->bands * (j->f->bands + 1), j->f->bands, j->f->lowest, step1, out);
}

void clv_radiometric_fit_block(const clv_gapfill_job *j, int t, const int *pixels, float *out)
{
    const uint8_t *gap = j->f->gap + (size_t)t * j->f->n;
    int gaps = 0;
    for (int i = 0; i < BLOCK; i++)
        gaps += gap[pixels[i]];
    if (gaps < BLOCK || j->start.blended)
        fit_block(j, t, pixels, out);
    for (int c = 0; c < j->f->bands && gaps && !j->start.blended; c++) {
        const float *x = clv_field_plane(j->f, t, c);
        for (int i = 0; i < BLOCK; i++)
            if (gap[pixels[i]])
                out[c * BLOCK + i] = x[pixels[i]];
    }
}

static void set_identity(clv_gapfill_job *j, int t)
{
    int bands = j->f->bands;
    float *coefficients = j->fit.coefficients + (size_t)t * bands * (bands + 1);
    memset(coefficients, 0, (size_t)bands * (bands + 1) * sizeof *coefficients);
    for (int c = 0; c < bands; c++)
        coefficients[c * (bands + 1) + c] = 1;
}

/* Samples of date t that another date observes as well. 0 when there are too few. */
static int pick_samples(clv_gapfill_job *j, int t)
{
    const clv_field *f = j->f;
    int count = 0;
    for (int i = 0; i < f->n; i++) {
        j->scratch[i] = j->set.train_mask[(size_t)t * f->n + i] && clv_field_elsewhere(f, t, i);
        count += j->scratch[i];
    }
    if (count < j->options->min_pixels || count < 1)
        return 0;
    return clv_pick_samples(j->scratch, f->width, f->height, count, j->options->sample_pixels / SAMPLED,
                            j->set.samples);
}

bool clv_radiometric_fit_learn(clv_gapfill_job *j, int t)
{
    int bands = j->f->bands, n = bands + 1;
    set_identity(j, t);
    int samples = pick_samples(j, t);
    clv_regression r;
    if (!samples)
        return true;
    if (!clv_regression_hold(&j->work->regression, j->options, n, bands, samples, &r))
        return false;
    int padded = clv_pixels_pad(j->set.samples, samples);
    for (int s = 0; s < padded; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        start_block(j, t, j->set.samples + s, block);
        for (int c = 0; c < bands; c++)
            memcpy(r.values + (size_t)c * padded + s, block + c * BLOCK, BLOCK * sizeof *block);
    }
    clv_regression_set_ones(r.values + (size_t)bands * padded, padded);
    clv_regression_gather_targets(j->f, t, j->set.samples, padded, r.values + (size_t)n * padded);
    for (int k = 0; k < n; k++)
        r.shrink[k] = SHRINK;
    for (int c = 0; c < bands; c++)
        r.toward[c * n + c] = 1;
    if (!clv_robust_ridge(&j->work->regression.ridge, &r.ridge))
        return false;
    float *coefficients = j->fit.coefficients + (size_t)t * bands * n;
    const double trust = clv_shrinkage_trust(j->options, j->set.train_count[t]);
    for (int k = 0; k < bands * n; k++) /* from the identity, which is step 1 */
        coefficients[k] = (float)(coefficients[k] + trust * (r.ridge.b[k] - coefficients[k]));
    return true;
}

void clv_radiometric_fit_fill(clv_gapfill_job *j, int t)
{
    clv_field *f = j->f;
    int count = clv_pixels_list(f->gap + (size_t)t * f->n, f->width, clv_pixels_whole(f), j->pixels);
    if (!count)
        return;
    clv_pixels_pad(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        fit_block(j, t, j->pixels + s, block);
        int end = count - s < BLOCK ? count - s : BLOCK;
        for (int c = 0; c < f->bands; c++) {
            float *x = clv_field_own(f, t, c);
            for (int i = 0; i < end; i++)
                x[j->pixels[s + i]] = block[c * BLOCK + i];
        }
    }
}
