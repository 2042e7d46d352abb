/* SPDX-License-Identifier: MIT
 *
 * given_scales: -in_scale and -in_offset, of which a user gives one value for all dates or one for each date.
 *
 *     clv_input_options rest = clv_given_scales_from(options, 4);             // for the input after four dates
 *     clv_input_options own = clv_given_scales_of(&rest, 0);                  // for its first date
 *     if (!isnan(own.in_offset))
 *         ...
 *
 * The structs that are returned borrow from `options`. Threads: pure functions.
 */
#ifndef CLV_SERIES_GIVEN_SCALES_H
#define CLV_SERIES_GIVEN_SCALES_H

#include "base/context.h"

/* The options as an input sees them before which there are `first` dates. */
clv_input_options clv_given_scales_from(const clv_input_options *options, int first);
/* The same with in_scale and in_offset of date `date` (0-based, of that input) and no lists. */
clv_input_options clv_given_scales_of(const clv_input_options *options, int date);
/* CLV_ERROR_ARGUMENT where there is neither one value nor one for each of the dates. */
clv_status clv_given_scales_check(clv_context *ctx, const clv_input_options *options, int dates);

#endif
