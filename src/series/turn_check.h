/* SPDX-License-Identifier: MIT
 *
 * turn_check: dates that lie mirrored or with rows and columns exchanged against the others (image/orientation.h): an
 * array written in another order, or without the geotransform that told it. Their ground would be called cloud and
 * change. Nothing is changed: a warning names the date and how it lies.
 *
 *     clv_status status = clv_series_check_turns(ctx, series, &sample, &scene);    // level_check.c, which has both
 *
 * Called by one thread, before the series is read by others.
 */
#ifndef CLV_SERIES_TURN_CHECK_H
#define CLV_SERIES_TURN_CHECK_H

#include "image/orientation.h"
#include "series/order_check.h"

/* scene: where the sample's pixels lie. Errors: CLV_ERROR_MEMORY. */
clv_status clv_series_check_turns(clv_context *ctx, const clv_series *series, const clv_order_sample *sample,
                                  clv_orientation_scene *scene);

#endif
