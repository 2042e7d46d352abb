/* SPDX-License-Identifier: MIT */
#include "gapfill/gapfill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gapfill/date_blend.h"
#include "gapfill/fill_gaps.h"
#include "gapfill/job.h"
#include "gapfill/mixture.h"
#include "gapfill/shrinkage.h"

#define BLOCK CLV_FIELD_BLOCK

clv_gapfill_options clv_gapfill_options_exact(void)
{
    return (clv_gapfill_options){
        .gap_buffer = 4, .strength = 1e-3, .own_share = 0.05, .passes = 4, .min_pixels = 200, .spread_rest = 1e-3};
}

clv_gapfill_options clv_gapfill_options_fast(void)
{
    return (clv_gapfill_options){.gap_buffer = 4,
                                 .strength = 3e-4,
                                 .own_share = 1,
                                 .passes = 3,
                                 .min_pixels = 200,
                                 .sample_pixels = 4096,
                                 .spread_rest = 0.05,
                                 .smooth = true,
                                 .missed_cloud = true,
                                 .shrinkage = true};
}

clv_gapfill_options clv_gapfill_options_gaussian(void)
{
    clv_gapfill_options o = clv_gapfill_options_fast();
    o.gaussian = true;
    o.min_pixels = 60; /* enough for a mixture that all dates share; clv_shrinkage_trust() begins at 0 */
    return o;
}

clv_gapfill_work *clv_gapfill_work_new(void)
{
    return calloc(1, sizeof(clv_gapfill_work));
}

void clv_gapfill_work_free(clv_gapfill_work *work)
{
    if (!work)
        return;
    clv_field_free(&work->field);
    clv_spread_free(&work->spread);
    clv_training_buffers_free(&work->set);
    clv_regression_buffers_free(&work->regression);
    clv_model_buffers_free(&work->model);
    clv_prediction_buffers_free(&work->prediction);
    clv_buffer *others[] = {&work->dense,       &work->pyramid,       &work->start,
                            &work->fit,         &work->outliers.mask, &work->outliers.residual_scale,
                            &work->shift_basis, &work->distance,      &work->pixels,
                            &work->scratch,     &work->scratch_values};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        clv_buffer_free(others[i]);
    free(work);
}

/* ---- Arguments --------------------------------------------------------------------------------- */

static clv_status check_stack(clv_context *ctx, const clv_stack *s, clv_rect roi)
{
    if (s->dates < 1 || s->bands < 1 || s->height < 1 || s->width < 1 || s->bands > CLV_SPREAD_PLANES ||
        s->dates > UINT16_MAX || s->width > (1 << 20) / s->height)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "gap filling: a stack of %d dates, %d bands and %d x %d pixels is out of range; use windows "
                        "of at most 1024 x 1024 pixels and %d bands",
                        s->dates, s->bands, s->width, s->height, CLV_SPREAD_PLANES);
    if (roi.x < 0 || roi.y < 0 || roi.width < 1 || roi.height < 1 || roi.width > s->width - roi.x ||
        roi.height > s->height - roi.y)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "gap filling: the part %d,%d %d x %d lies outside the stack of %d x %d", roi.x, roi.y,
                        roi.width, roi.height, s->width, s->height);
    for (int t = 0; t < s->dates; t++)
        if (!isfinite(s->days[t]) || (t && s->days[t] < s->days[t - 1]))
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "gap filling: date %d is not in ascending order", t + 1);
    return CLV_OK;
}

static clv_status out_of_memory(clv_context *ctx)
{
    return clv_fail(ctx, CLV_ERROR_MEMORY, "gap filling: out of memory; use smaller windows or fewer dates");
}

/* ---- Step 4: residuals around a gap, spread into it -------------------------------------------- */

/* Prepares the residuals of the train mask of date t in `part` for spreading. */
static bool gather_residuals(clv_gapfill_job *j, const clv_regression_model *m, int t, clv_rect part)
{
    const clv_field *f = j->f;
    size_t area = (size_t)part.width * part.height;
    float *residual =
        clv_buffer_hold(&j->work->scratch_values, area * (size_t)f->bands + (area + 3) / 4, 1, sizeof *residual);
    if (!residual || !clv_spread_begin(&j->work->spread, part.width, part.height, f->bands))
        return false;
    uint8_t *known = (uint8_t *)(residual + area * (size_t)f->bands);
    memset(known, 0, area);
    int count = clv_pixels_list(j->set.train_mask + (size_t)t * f->n, f->width, part, j->set.samples);
    if (count)
        clv_pixels_pad(j->set.samples, count);
    float limit = (float)m->limit;
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        clv_regression_block(j, m, t, j->set.samples + s, false, block);
        int end = count - s < BLOCK ? count - s : BLOCK;
        for (int i = 0; i < end; i++) {
            int p = j->set.samples[s + i];
            size_t at = (size_t)(p / f->width - part.y) * part.width + (p % f->width - part.x);
            known[at] = 1;
            for (int c = 0; c < f->bands; c++) {
                float d = clv_field_plane(f, t, c)[p] - block[c * BLOCK + i];
                residual[c * area + at] = d < -limit ? -limit : d > limit ? limit : d;
            }
        }
    }
    clv_spread_fill(&j->work->spread, known, residual);
    return true;
}

static void clear_deviation(const clv_gapfill_job *j, int dates, const uint8_t *wanted)
{
    const size_t area = (size_t)j->result.roi.width * j->result.roi.height;
    for (int t = 0; t < dates && j->result.deviation; t++)
        if (!wanted || wanted[t])
            memset(j->result.deviation + (size_t)t * area, 0, area * sizeof *j->result.deviation);
}

static bool predict_list(clv_gapfill_job *j, const clv_regression_model *m, int t, int count)
{
    const clv_field *f = j->f;
    clv_rect part = clv_pixels_reach(f, j->pixels, count);
    if (!gather_residuals(j, m, t, part) || !clv_shrinkage_begin_fade(j, t))
        return false;
    clv_pixels_pad(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        clv_regression_block(j, m, t, j->pixels + s, true, block);
        int end = count - s < BLOCK ? count - s : BLOCK;
        for (int i = 0; i < end; i++) {
            double sum[CLV_SPREAD_PLANES];
            int p = j->pixels[s + i];
            double total = clv_spread_at(&j->work->spread, p % f->width - part.x, p / f->width - part.y, false, sum);
            for (int c = 0; c < f->bands; c++)
                block[c * BLOCK + i] += (float)(sum[c] / (total + j->options->spread_rest));
        }
        float weight[BLOCK];
        clv_shrinkage_fade_block(j, j->pixels + s, block, weight);
        for (int i = 0; i < end; i++)
            for (int c = 0; c < f->bands; c++)
                clv_result_write(&j->result, t, j->pixels[s + i], c, block[c * BLOCK + i]);
    }
    return true;
}

/* ---- A call ------------------------------------------------------------------------------------ */

static void write_observed(const clv_gapfill_job *j, const clv_stack *stack, int t)
{
    clv_result_write_observed(&j->result, j->f, t, stack->x + (size_t)t * stack->bands * j->f->n,
                              clv_training_screened(&j->set, t, j->f->n));
}

/* A prediction of date t at a block of pixels. out [bands, BLOCK] */
typedef void (*block_function)(const clv_gapfill_job *j, int t, const int *pixels, float *out);

static void write_list(clv_gapfill_job *j, int t, int count, block_function predict)
{
    if (count)
        clv_pixels_pad(j->pixels, count);
    for (int s = 0; s < count; s += BLOCK) {
        float block[CLV_SPREAD_PLANES * BLOCK];
        predict(j, t, j->pixels + s, block);
        for (int i = 0; i < BLOCK && s + i < count; i++)
            for (int c = 0; c < j->f->bands; c++)
                clv_result_write(&j->result, t, j->pixels[s + i], c, block[c * BLOCK + i]);
    }
}

static void interpolate_gaps(const clv_gapfill_job *j, int t, const int *pixels, float *out)
{
    clv_field_interpolate(j->f, t, true, pixels, out);
}

static void interpolate_others(const clv_gapfill_job *j, int t, const int *pixels, float *out)
{
    clv_field_interpolate(j->f, t, false, pixels, out);
}

static void write_unseen_deviation(clv_gapfill_job *j, int t, int count)
{
    for (int i = 0; i < count && j->result.deviation; i++)
        clv_result_write_deviation(&j->result, t, j->pixels[i], j->result.unseen_deviation);
}

/* Date t, which has too few pixels for a model of its own, by step 2. */
static void write_radiometric_fit(clv_gapfill_job *j, int t)
{
    const int count = clv_gapfill_list_targets(j, t);
    clv_gapfill_choose_start(&j->start, t);
    write_list(j, t, count, clv_radiometric_fit_block);
    write_unseen_deviation(j, t, count);
}

static bool predict_date(clv_gapfill_job *j, int t)
{
    const int count = clv_gapfill_list_targets(j, t);
    clv_regression_model m;
    if (!count)
        return true;
    write_unseen_deviation(j, t, count);
    clv_gapfill_choose_start(&j->start, t);
    return clv_regression_learn(j, t, &m) && predict_list(j, &m, t, count);
}

static bool begin_job(clv_gapfill_job *j, const clv_stack *stack)
{
    clv_gapfill_work *w = j->work;
    j->f = &w->field;
    if (!clv_field_load(j->f, stack))
        return false;
    size_t n = (size_t)j->f->n, dates = (size_t)stack->dates, bands = (size_t)stack->bands;
    j->fit.coefficients = clv_buffer_hold(&w->fit, dates, bands * (bands + 1), sizeof *j->fit.coefficients);
    j->scratch = clv_buffer_hold(&w->scratch, n, 1, 1);
    j->pixels = clv_buffer_hold(&w->pixels, n + BLOCK, 1, sizeof *j->pixels);
    j->start.weights =
        clv_buffer_hold(&w->start, dates + clv_date_blend_count(stack->dates), 1, sizeof *j->start.weights);
    return clv_training_hold(&w->set, stack->dates, j->f->n, &j->set) && j->fit.coefficients && j->scratch &&
           j->pixels && j->start.weights;
}

clv_status clv_gapfill(clv_context *ctx, clv_gapfill_work *work, const clv_gapfill_options *options,
                       const clv_stack *stack, clv_rect roi, const uint8_t *wanted, float *out, float *deviation)
{
    clv_status status = check_stack(ctx, stack, roi);
    if (status != CLV_OK)
        return status;
    const bool gaussian = options->gaussian && stack->dates > 1 && stack->dates <= CLV_GMM_DATES;
    clv_gapfill_job j = {.work = work,
                         .options = options,
                         .result = {.roi = roi,
                                    .width = stack->width,
                                    .bands = stack->bands,
                                    .lowest = work->field.lowest,
                                    .full = options->full,
                                    .out = out,
                                    .deviation = deviation,
                                    .unseen_deviation = NAN}};
    clear_deviation(&j, stack->dates, wanted);
    if (!begin_job(&j, stack) || !clv_gapfill_fill(&j, stack, wanted) || (gaussian && !clv_gapfill_mixture(&j, wanted)))
        return out_of_memory(ctx);
    for (int t = 0; t < stack->dates; t++) {
        if (wanted && !wanted[t])
            continue;
        if (!j.result.full)
            write_observed(&j, stack, t);
        if (!j.set.usable[t])
            write_radiometric_fit(&j, t);
        else if (!gaussian && !predict_date(&j, t))
            return out_of_memory(ctx);
    }
    return CLV_OK;
}

clv_status clv_interpolate(clv_context *ctx, clv_gapfill_work *work, const clv_stack *stack, clv_rect roi,
                           const uint8_t *wanted, bool full, float *out)
{
    clv_status status = check_stack(ctx, stack, roi);
    if (status != CLV_OK)
        return status;
    clv_gapfill_job j = {.work = work, .result = {.roi = roi, .full = full, .out = out}};
    j.result.width = stack->width;
    j.result.bands = stack->bands;
    j.result.lowest = work->field.lowest;
    if (!begin_job(&j, stack))
        return out_of_memory(ctx);
    const clv_surroundings around = {&work->spread, &work->dense, &work->pyramid, false}; /* as the reference does */
    for (int t = 0; t < stack->dates; t++) {
        if (wanted && !wanted[t])
            continue;
        if (!full)
            write_observed(&j, stack, t);
        int count = clv_gapfill_list_targets(&j, t);
        if (!count)
            continue;
        if (!clv_field_surround(j.f, t, !full, &around))
            return out_of_memory(ctx);
        write_list(&j, t, count, full ? interpolate_others : interpolate_gaps);
    }
    return CLV_OK;
}
