/* SPDX-License-Identifier: MIT
 *
 * fill: every method of filling gaps (gapfill/methods.h), for an evaluation: the simple baselines, linear
 * interpolation, the regression and the Gaussian mixture, a network. Longer sequences are worked by a window that
 * slides in time, as `remove` does it.
 *
 * Threads: run() may be called from several threads with different worker numbers.
 */
#ifndef CLV_LEARN_EVALUATE_FILL_H
#define CLV_LEARN_EVALUATE_FILL_H

#include "gapfill/gapfill.h"
#include "gapfill/methods.h"
#include "pipeline/predict.h"

/* out [dates, bands, height, width]: the stack where observed, the prediction in the gaps. deviation [dates, height,
 * width]: as in clv_gapfill, NaN with methods that do not tell it. window: dates looked at
 * together. predictor: for CLV_FILL_MODEL, else NULL. */
clv_status clv_fill_run(clv_context *ctx, clv_fill_method method, const clv_stack *stack, int window,
                        clv_predictor *predictor, int worker, clv_gapfill_work *work, float *out, float *deviation);

#endif
