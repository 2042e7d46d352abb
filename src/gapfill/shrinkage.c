/* SPDX-License-Identifier: MIT
 *
 * The samples of a date are divided into four spatially separate parts, and four more models are fitted, each without
 * one of them (the sums of products are known already). Where these models disagree, the regression is extrapolated to
 * ground that differs from what it was fitted to, and may be far off; where they agree it is reliable even far from
 * step 2. Their variance (a block jackknife, Quenouille 1956, Tukey 1958) is compared with step 2's mean squared error,
 * the quotient averaged over the leading bands:
 *
 *     result = step 2 + (step 3 - step 2) * trust / (1 + variance / error^2)
 *
 * trust is lower for dates that observe very little: n / (n + 100), with n pixels beyond the minimum for a model. Step
 * 2 is shrunk toward step 1 by the same factor, so that results are continuous between a date that observes nothing and
 * one that observes next to nothing. For the same reason results are blended with step 1 far from all pixels that the
 * date observes in the stack. And no result lies outside the range of step 2 and all other dates, but for a margin. */
#include <math.h>
#include <string.h>

#include "base/cpu_dispatch.h"
#include "gapfill/job.h"
#include "gapfill/samples.h"
#include "gapfill/shrinkage.h"
#include "image/morphology.h"

#define BLOCK CLV_FIELD_BLOCK
#define PARTS CLV_SAMPLE_PARTS
#define HALF_TRUSTED 100.0 /* pixels beyond the minimum at which trust is one half */
#define FADE_BEGINS 64     /* pixels from the nearest one of the train mask */
#define FADE_ENDS 160      /* a window and its context reach 192 */
#define LEAST_ERROR 1e-8   /* reflectance squared */

double clv_shrinkage_trust(const clv_gapfill_options *options, int train_count)
{
    const double beyond = fmax(train_count - fmax(options->min_pixels, CLV_TRAINING_LEAST_PIXELS), 0);
    return options->shrinkage ? beyond / (beyond + HALF_TRUSTED) : 1;
}

void clv_shrinkage_learn(const clv_regression *r, clv_regression_model *m)
{
    const clv_regressors *l = &m->l;
    const int own = l->others * l->lead;
    for (int c = 0; c < l->lead; c++) {
        const float *root = r->ridge.share ? r->ridge.root : r->ridge.root + (size_t)c * (size_t)r->ridge.padded;
        double sum = 0, weight = 0;
        for (int s = 0; s < r->ridge.samples; s++) {
            const double d = (double)r->ridge.y[c][s] - (double)r->rows[own + c][s], w = (double)root[s] * root[s];
            sum += w * d * d;
            weight += w;
        }
        m->error[c] = fmax(weight > 0 ? sum / weight : 0, LEAST_ERROR);
    }
    for (int k = 0; k < PARTS * l->lead * l->common; k++)
        m->without[k] = (float)r->ridge.without[k];
}

/* Adds the variance of a leading band in units of its error: (parts - 1) / parts * sum of squares around the mean. */
CLV_CPU_DISPATCH static void add_variance(float part[PARTS][BLOCK], float scale, float *variance)
{
    for (int i = 0; i < BLOCK; i++) {
        float mean = 0, sum = 0;
        for (int k = 0; k < PARTS; k++)
            mean += part[k][i] / PARTS;
        for (int k = 0; k < PARTS; k++)
            sum += (part[k][i] - mean) * (part[k][i] - mean);
        variance[i] += sum * scale;
    }
}

/* Limits results to the range of step 2 and the other dates, and a margin. rows: the band in the other dates, `step`
 * blocks apart. */
CLV_CPU_DISPATCH static void keep_inside(const float *rows, size_t step, int others, const float *own, float *out)
{
    for (int i = 0; i < BLOCK; i++) {
        float low = own[i], high = own[i];
        for (int k = 0; k < others; k++) {
            const float v = rows[(size_t)k * step * BLOCK + (size_t)i];
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
        out[i] = clv_shrinkage_inside(low, high, out[i]);
    }
}

void clv_shrinkage_block(const clv_regression_model *m, const float *rows, float *out)
{
    const clv_regressors *l = &m->l;
    const float *own = rows + (size_t)(l->others * l->lead) * BLOCK;
    float part[PARTS][BLOCK], variance[BLOCK] = {0};
    for (int c = 0; c < l->lead; c++) {
        memset(part, 0, sizeof part);
        for (int k = 0; k < PARTS; k++)
            clv_ridge_add_rows(m->without + ((size_t)k * l->lead + c) * l->common, l->common, rows, part[k]);
        add_variance(part, (float)((PARTS - 1.0) / PARTS / m->error[c] / l->lead), variance);
    }
    for (int c = 0; c < l->bands; c++)
        for (int i = 0; i < BLOCK; i++)
            out[c * BLOCK + i] =
                own[c * BLOCK + i] + (out[c * BLOCK + i] - own[c * BLOCK + i]) * m->trust / (1 + variance[i]);
    for (int c = 0; c < l->bands; c++) {
        const bool lead = c < l->lead;
        const float *others = rows + (size_t)(lead ? c : l->common + (c - l->lead) * l->others) * BLOCK;
        keep_inside(others, lead ? (size_t)l->lead : 1, l->others, own + (size_t)c * BLOCK, out + (size_t)c * BLOCK);
    }
}

bool clv_shrinkage_begin_fade(clv_gapfill_job *j, int t)
{
    j->distance = NULL;
    if (!j->options->shrinkage || !j->start.blended)
        return true;
    j->distance = clv_buffer_hold(&j->work->distance, (size_t)j->f->n, 1, sizeof *j->distance);
    if (!j->distance)
        return false;
    clv_distance(j->set.train_mask + (size_t)t * (size_t)j->f->n, j->f->width, j->f->height, j->distance);
    return true;
}

void clv_shrinkage_fade_block(const clv_gapfill_job *j, const int *pixels, float *out, float *weight)
{
    float start[CLV_SPREAD_PLANES * BLOCK];
    bool far = false;
    for (int i = 0; i < BLOCK; i++) {
        const float d = j->distance ? (float)j->distance[pixels[i]] / 3 : 0;
        weight[i] = fminf(fmaxf((FADE_ENDS - d) / (FADE_ENDS - FADE_BEGINS), 0), 1);
        far |= weight[i] < 1;
    }
    if (!far)
        return;
    clv_date_blend_block(j->f, j->start.weights, pixels, start);
    for (int c = 0; c < j->f->bands; c++)
        for (int i = 0; i < BLOCK; i++)
            out[c * BLOCK + i] = start[c * BLOCK + i] + weight[i] * (out[c * BLOCK + i] - start[c * BLOCK + i]);
}
