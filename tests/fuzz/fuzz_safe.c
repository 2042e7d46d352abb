/* SPDX-License-Identifier: MIT
 *
 * A product's metadata, and the STAC item beside a date: what they say goes into a bundle. No file that they name
 * exists.
 */
#include "fuzz.h"

#include <cpl_vsi.h>

#include "products/product_safe.h"
#include "products/stac_item.h"

#define FOLDER "/vsimem/fuzz.SAFE"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_context *ctx = clv_context_new();
    clv_bundle *bundle = NULL, *item = clv_bundle_new("a", "a");
    clv_require(ctx && item);
    VSIFCloseL(VSIFileFromMemBuffer(FOLDER "/MTD_MSIL2A.xml", (GByte *)data, size, FALSE));
    clv_status status = clv_safe_open(ctx, FOLDER "/MTD_MSIL2A.xml", &bundle);
    clv_require(status == CLV_OK || (!bundle && clv_context_error(ctx)[0] && !strchr(clv_context_error(ctx), '\n')));
    clv_bundle_free(bundle);
    clv_require(clv_bundle_add(ctx, item, "a/B04.tif", "B04", 10) == CLV_OK);
    clv_stac_item_apply(FOLDER "/MTD_MSIL2A.xml", item);
    clv_require(item->baseline >= -1 && item->baseline < 2001);
    clv_bundle_free(item);
    VSIUnlink(FOLDER "/MTD_MSIL2A.xml");
    clv_context_free(ctx);
    return 0;
}
