/* SPDX-License-Identifier: MIT
 *
 * stac_collection: a saved STAC item, item collection or answer of a STAC API as an input: items become dates, their
 * assets the bands (bundle.h).
 *
 * An asset's band is told by its common name (eo:bands, or bands of STAC 1.1), else by its band's name in the numbers
 * of the item's sensor (sensor.h), else by its key. Links may be local or on the network (href.h); nothing is read but
 * headers and pixels of the assets that are used.
 *
 *     bool is_stac;
 *     clv_stac_collection_add(ctx, "search.json", &is_stac, &list);   // list.bundles[i]: the files of a date
 *
 * One thread at a time for a list.
 */
#ifndef CLV_PRODUCTS_STAC_COLLECTION_H
#define CLV_PRODUCTS_STAC_COLLECTION_H

#include "products/input_list.h"

/* Appends the dates of the file: an item, a collection, or an array of items. Damaged items and those without red,
 * green and blue are left out with a warning each kind; where there are no others, that is an error. *is_stac false
 * (and nothing appended): a file without an item, which the caller may read as something else. */
clv_status clv_stac_collection_add(clv_context *ctx, const char *path, bool *is_stac, clv_inputs *list);

#endif
