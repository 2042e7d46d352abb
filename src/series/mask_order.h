/* SPDX-License-Identifier: MIT
 *
 * mask_order: masks that the user gave, one an input, in an order that their names contradict: those of folders come
 * in the order of names, in which 2023/4/16 stands before 2023/4/6.
 *
 *     clv_inputs masks = {0}, inputs = {0};      // filled
 *     const double days[2] = {19453, 19463};
 *     clv_status status = clv_masks_by_day(ctx, &masks, "-mask", days, inputs.names);     // as many masks as inputs
 *
 * Threads: one at a time for a list.
 */
#ifndef CLV_SERIES_MASK_ORDER_H
#define CLV_SERIES_MASK_ORDER_H

#include "products/input_list.h"

/* Where the names of all masks tell days, which are those of the inputs, each once, the masks are put into the inputs'
 * order, with a warning when that was another. Else a mask that is called after another input's day is warned of.
 * days [masks->count]: day numbers of the inputs, NaN for those that have several dates, none that is known, or are
 * joined with another of their day: nothing is said of their masks. */
clv_status clv_masks_by_day(clv_context *ctx, clv_inputs *masks, const char *option, const double *days,
                            char *const *inputs);

#endif
