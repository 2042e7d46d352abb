/* SPDX-License-Identifier: MIT
 *
 * stac_item: what the STAC item beside a date's band files tells: sensing time, processing baseline, whether the offset
 * is applied, scale and offset, georeference.
 *
 * Public items contradict themselves (an asset's offset of -0.1 beside earthsearch:boa_offset_applied = true), so the
 * order is: what the files themselves say; boa_offset_applied; an asset's scale and offset; the baseline. The values
 * are looked at later: where they do not fit what was told, that is said.
 *
 *     clv_stac_item_apply("a/S2A_33TWM_20230815_0_L2A.json", bundle);   // no item: nothing happens
 */
#ifndef CLV_PRODUCTS_STAC_ITEM_H
#define CLV_PRODUCTS_STAC_ITEM_H

#include "products/bundle.h"

/* What cannot be read, is no item, or has members of a wrong type is noted in the bundle (damaged.h). */
void clv_stac_item_apply(const char *path, clv_bundle *bundle);

#endif
