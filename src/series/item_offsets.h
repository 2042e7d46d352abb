/* SPDX-License-Identifier: MIT
 *
 * item_offsets: an offset that STAC items claim and nothing else speaks for (products/stac_item.h). Many items say -0.1
 * whether it was subtracted from the values or not; a date under clouds alone cannot tell, so all dates are asked.
 *
 *     clv_status status = clv_item_offsets_settle(ctx, dates, count, channels);     // when all dates are known
 *
 * Threads: pure function.
 */
#ifndef CLV_SERIES_ITEM_OFFSETS_H
#define CLV_SERIES_ITEM_OFFSETS_H

#include "series/dataset.h"

/* Dates whose scale rests on nothing else take the claimed offset where the values of the dates of their time, before
 * processing baseline 04.00 and since then, begin where it lets them; else they stay without it and get a warning. */
clv_status clv_item_offsets_settle(clv_context *ctx, clv_dataset_acquisition **dates, int count, int channels);

#endif
