/* SPDX-License-Identifier: MIT
 *
 * end_to_end: what a user gets. Clouds with soft edges, thin parts, veils and shadows (synth/soft_clouds.h) are laid on
 * half of a place's clear dates, and the whole run follows, once with clouds found by stage 1 and once with the true
 * masks: pixels changed by more than 0.004, dilated by two. All pixels are compared with what was there, spoilt or not.
 * The error of the first run over that of the second is the price of judgement.
 *
 * The rasters are written to GDAL's memory and read again by remove itself; nothing reaches the disk but remove's own
 * temporary files.
 *
 *     status = clv_end_to_end(ctx, inputs, count, options, &text);     // JSON; free()
 */
#ifndef CLV_LEARN_EVALUATE_END_TO_END_H
#define CLV_LEARN_EVALUATE_END_TO_END_H

#include "base/context.h"

/* Series and cubes; dates are clear when at most 5 % of the region (the middle, at most 512 x 512 working pixels) is
 * flagged. Draws begin at options->seed. CLV_ERROR_ARGUMENT when no input has five clear dates. */
clv_status clv_end_to_end(clv_context *ctx, const char *const *inputs, int count,
                          const clv_evaluate_remove_options *options, char **json);

#endif
