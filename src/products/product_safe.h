/* SPDX-License-Identifier: MIT
 *
 * product_safe: Sentinel-2 products as ESA ships them (.SAFE folders) as bundles: which band files they hold, offset,
 * scale and baseline, sensing time, scene classification, from MTD_MSIL1C.xml or MTD_MSIL2A.xml.
 *
 * Offsets are the product's own (RADIO_ADD_OFFSET, BOA_ADD_OFFSET, band by band), never guessed from the date:
 * reprocessed old acquisitions have one too. Products of several granules (before December 2016) are none of ours:
 * GDAL's SENTINEL2 driver mosaics them.
 *
 *     clv_bundle *bundle;
 *     if ((status = clv_safe_open(ctx, "S2A_MSIL2A_....SAFE/MTD_MSIL2A.xml", &bundle)) == CLV_OK && bundle) ...
 */
#ifndef CLV_PRODUCTS_PRODUCT_SAFE_H
#define CLV_PRODUCTS_PRODUCT_SAFE_H

#include "products/bundle.h"

/* Whether the base name is that of a product's metadata file. */
bool clv_safe_is_metadata(const char *name);
/* The metadata file of a product's folder; NULL when the folder is none; free(). */
char *clv_safe_metadata_of(const char *folder);
/* *out: NULL (and CLV_OK) for products of several granules. */
clv_status clv_safe_open(clv_context *ctx, const char *metadata, clv_bundle **out);

#endif
