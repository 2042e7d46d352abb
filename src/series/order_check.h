/* SPDX-License-Identifier: MIT
 *
 * order_check: whether the dates of an opened series hold red, green, blue and near infrared in one order
 * (image/band_order.h). Files without band names are taken in the order that is usual; where the other dates, first of
 * all those whose bands have names, show that it is another one, the bands are taken as the pixels say. Names are
 * believed unless several other dates contradict them (one, where the date's own plants do too), or the plants of the
 * whole series (image/band_colours.h). What -b says is never changed. Every change and every doubt is a warning that
 * names -b.
 *
 *     clv_series_check_order(ctx, series, &sample);       // level_check.c, which has the sample
 *
 * Called by one thread, before the series is read by others.
 */
#ifndef CLV_SERIES_ORDER_CHECK_H
#define CLV_SERIES_ORDER_CHECK_H

#include "series/series.h"

/* Pixels of all dates. */
typedef struct clv_order_sample {
    int bands, pixels;    /* the first 3 or 4 of `bands` are compared: the channels of the same number */
    float *x;             /* [dates, bands, pixels] reflectance; put in order with the channels */
    const uint8_t *state; /* [dates, pixels] clv_level_scene.state */
} clv_order_sample;

/* Reorders acquisitions[].bands of the dates that it changes. Errors: CLV_ERROR_MEMORY. */
clv_status clv_series_check_order(clv_context *ctx, clv_series *series, const clv_order_sample *sample);

#endif
