/* SPDX-License-Identifier: MIT
 *
 * damaged: metadata beside a date's files that are there and cannot be used. They are no error, since names and values
 * may tell enough, but what they would have told is missing: that is said.
 *
 *     clv_damaged_note(bundle, "a/S2A_33TWM.json", "is no JSON: unexpected end");   // when the date is put together
 *     clv_damaged_warn(ctx, &inputs);                                               // once, when all dates are
 *
 * Threads: as for the bundles.
 */
#ifndef CLV_PRODUCTS_DAMAGED_H
#define CLV_PRODUCTS_DAMAGED_H

#include "products/input_list.h"

/* why: a phrase that follows the name. The first note of a bundle stays. */
void clv_damaged_note(clv_bundle *bundle, const char *path, const char *why);
/* One warning for all dates of the inputs that have a note. */
void clv_damaged_warn(clv_context *ctx, const clv_inputs *inputs);

#endif
