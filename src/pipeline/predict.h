/* SPDX-License-Identifier: MIT
 *
 * predict: stage 2's network on top of the gap filling, for one window at a time.
 *
 * The network sees red, green, blue (and NIR); the other bands keep the gap filling. Which planes it gets is the
 * model's own affair (clv_net_info): the `reference` family gets the bands with gaps set to 1, `clear` the gap-filled
 * bands, validity and days to the previous and next observation. Where a network says how sure it is, and is less sure
 * than the gap filling, the gap filling stays (gapfill/merge_by_variance.h).
 */
#ifndef CLV_PIPELINE_PREDICT_H
#define CLV_PIPELINE_PREDICT_H

#include "gapfill/gapfill.h"
#include "pipeline/engine.h"
#include "series/series.h"

typedef struct clv_predictor clv_predictor;

/* has_nir: the stacks' fourth band is near infrared. workers: threads that will call run() with numbers 0 ..
 * workers-1. On a CPU each gets a network of its own. */
clv_status clv_predictor_new(clv_context *ctx, bool has_nir, const char *model, const clv_compute_options *compute,
                             int workers, clv_predictor **out, char sha256[65]);
void clv_predictor_free(clv_predictor *p);
/* As clv_gapfill: fills out [dates, bands, roi] for the wanted dates. deviation is that of the one with the smaller
 * variance, where the network starts from the gap filling; else NaN. */
clv_status clv_predictor_run(clv_context *ctx, clv_predictor *p, int worker, clv_gapfill_work *work,
                             const clv_gapfill_options *options, const clv_stack *stack, clv_rect roi,
                             const uint8_t *wanted, float *out, float *deviation);

#endif
