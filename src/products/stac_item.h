/* SPDX-License-Identifier: MIT
 *
 * stac_item: what a STAC item tells of a date: sensing time, processing baseline, whether the offset is applied, scale
 * and offset, georeference. The item may lie beside the date's band files, or be the input itself (stac_collection.h).
 *
 * Public items contradict themselves (an asset's offset of -0.1 beside earthsearch:boa_offset_applied = true), so the
 * order is: what the files themselves say; boa_offset_applied; an asset's scale and offset; the baseline. An offset
 * that nothing else speaks for is a claim, which the values decide (series/item_offsets.h). All values are looked at
 * later: where they do not fit what was told, that is said.
 *
 *     clv_stac_item_apply("a/S2A_33TWM_20230815_0_L2A.json", bundle);   // no item: nothing happens
 */
#ifndef CLV_PRODUCTS_STAC_ITEM_H
#define CLV_PRODUCTS_STAC_ITEM_H

#include "formats/json.h"
#include "products/bundle.h"

/* What cannot be read, is no item, or has members of a wrong type is noted in the bundle (damaged.h). */
void clv_stac_item_apply(const char *path, clv_bundle *bundle);

/* Whether it is a STAC item (a Feature with assets and a stac_version, or with assets and a datetime). */
bool clv_stac_item_is(const clv_json *item);
/* What the item itself says: time, baseline, product, level. path: for messages. */
void clv_stac_item_read(const char *path, const clv_json *item, clv_bundle *bundle);
/* Scale and offset of every file. path: for messages; assets [bundle->count]: the asset of each file, NULL where there
 * is none. */
void clv_stac_item_offsets(const char *path, const clv_json *item, const clv_json *const *assets, clv_bundle *bundle);
/* The georeference of an asset, for files that have none. */
void clv_stac_item_place(const clv_json *item, const clv_json *asset, clv_bundle *bundle);
/* proj:transform of an asset, else of the item: GDAL's geotransform; false when there is none or it is no place. */
bool clv_stac_item_transform(const clv_json *item, const clv_json *asset, double transform[6]);

#endif
