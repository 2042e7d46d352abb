/* SPDX-License-Identifier: MIT
 *
 * tag_scales: dates of one type whose files carry the same scale and offset are decided together: whether the values
 * contradict these tags. A dark or a snowy date alone would say otherwise than its neighbours.
 *
 *     clv_status status = clv_tag_scales_settle(ctx, dates, count, channels);     // when all dates are known
 *
 * Threads: pure function.
 */
#ifndef CLV_SERIES_TAG_SCALES_H
#define CLV_SERIES_TAG_SCALES_H

#include "series/dataset.h"

/* dates [count], of which each has `channels` bands. Sets scale, offset, facts.scale_how, scale_warn and tags_aside. */
clv_status clv_tag_scales_settle(clv_context *ctx, clv_dataset_acquisition **dates, int count, int channels);

#endif
