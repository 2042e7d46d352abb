/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "gapfill/baselines.h"
#include "gapfill/gmm.h"
#include "pipeline/stage2.h"

enum { MOST_WINDOW = 64 };

static clv_status fill_dates(clv_context *ctx, clv_fill_method method, const clv_stack *part, const uint8_t *wanted,
                             clv_predictor *predictor, int worker, clv_gapfill_work *work, float *out, float *deviation)
{
    const clv_rect all = {0, 0, part->width, part->height};
    clv_gapfill_options options =
        method == CLV_FILL_REGRESSION ? clv_gapfill_options_fast() : clv_gapfill_options_gaussian();
    options.share_weights = part->bands > 4;
    if (method == CLV_FILL_LINEAR)
        return clv_interpolate(ctx, work, part, all, wanted, false, out);
    if (method == CLV_FILL_REGRESSION || method == CLV_FILL_GAUSSIAN)
        return clv_gapfill(ctx, work, &options, part, all, wanted, out, deviation);
    return clv_predictor_run(ctx, predictor, worker, work, &options, part, all, wanted, out, deviation);
}

/* A network predicts everywhere; what was observed stays, as in the outputs of `remove`. */
static void keep_observed(const clv_stack *s, float *out)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (size_t plane = 0; plane < (size_t)s->dates * (size_t)s->bands; plane++) {
        const uint8_t *gap = s->gap + plane / (size_t)s->bands * n;
        for (size_t i = 0; i < n; i++)
            if (!gap[i])
                out[plane * n + i] = s->x[plane * n + i];
    }
}

clv_status clv_fill_run(clv_context *ctx, clv_fill_method method, const clv_stack *stack, int window,
                        clv_predictor *predictor, int worker, clv_gapfill_work *work, float *out, float *deviation)
{
    static const clv_baseline baselines[] = {CLV_BASELINE_LAST, CLV_BASELINE_NEXT, CLV_BASELINE_CLOSEST,
                                             CLV_BASELINE_MEDIAN};
    const size_t n = (size_t)stack->width * (size_t)stack->height, frame = (size_t)stack->bands * n;
    for (size_t i = 0; i < (size_t)stack->dates * n; i++)
        deviation[i] = NAN;
    if (method < CLV_FILL_LINEAR)
        return clv_baseline_fill(ctx, baselines[method], stack, out);
    const int most = method == CLV_FILL_LINEAR || method == CLV_FILL_REGRESSION ? MOST_WINDOW : CLV_GMM_DATES;
    if (window > most)
        window = most;
    if (window > stack->dates)
        window = stack->dates;
    float *result = clv_alloc_array((size_t)window, frame + n, sizeof *result);
    if (!result)
        return clv_fail_memory(ctx);
    float *doubt = result + (size_t)window * frame;
    for (size_t i = 0; i < (size_t)window * n; i++)
        doubt[i] = NAN;
    clv_status status = CLV_OK;
    for (int t = 0, start = -1; t < stack->dates && status == CLV_OK; t++) {
        uint8_t wanted[MOST_WINDOW];
        const int next = clv_time_window(stack->dates, window, t);
        if (next == start)
            continue;
        start = next;
        for (int k = 0; k < window; k++)
            wanted[k] = clv_time_window(stack->dates, window, start + k) == start;
        clv_stack part = *stack;
        part.dates = window;
        part.x += (size_t)start * frame;
        part.gap += (size_t)start * n;
        part.days += start;
        status = fill_dates(ctx, method, &part, wanted, predictor, worker, work, result, doubt);
        for (int k = 0; k < window && status == CLV_OK; k++) {
            if (!wanted[k])
                continue;
            memcpy(out + (size_t)(start + k) * frame, result + (size_t)k * frame, frame * sizeof *out);
            memcpy(deviation + (size_t)(start + k) * n, doubt + (size_t)k * n, n * sizeof *out);
        }
    }
    free(result);
    keep_observed(stack, out);
    return status;
}
