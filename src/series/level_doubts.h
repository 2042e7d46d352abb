/* SPDX-License-Identifier: MIT
 *
 * level_doubts: what the sample of an opened series (level_check.h) tells of single dates, beside what a comparison of
 * the dates' levels finds: a scale or an offset, most of all of the user's, that leaves no reflectance of land; dark
 * ground of one date that was cut off at 0; bands and dates that are copies of others. All are warnings that say what
 * to do; nothing is changed.
 *
 *     clv_series_doubt_scales(ctx, series, &sample);
 *     clv_series_doubt_clipped(ctx, series, &sample);
 *
 * Called by one thread, before bands' scales are changed for what the pixels say.
 */
#ifndef CLV_SERIES_LEVEL_DOUBTS_H
#define CLV_SERIES_LEVEL_DOUBTS_H

#include "series/order_check.h"

/* Errors: CLV_ERROR_MEMORY. */
clv_status clv_series_doubt_scales(clv_context *ctx, const clv_series *series, const clv_order_sample *sample);
clv_status clv_series_doubt_clipped(clv_context *ctx, const clv_series *series, const clv_order_sample *sample);
void clv_series_doubt_copies(clv_context *ctx, const clv_series *series, const clv_order_sample *sample);

#endif
