/* SPDX-License-Identifier: MIT
 *
 * stac: items, collections and answers of APIs as inputs, and links. No file that they name is opened; what is refused
 * says why.
 */
#include "fuzz.h"

#include <cpl_vsi.h>

#include "products/href.h"
#include "products/stac_collection.h"
#include "products/stac_item.h"

#define FILE_NAME "/vsimem/fuzz_stac/search.json"

static void look_at(const clv_inputs *list)
{
    for (int i = 0; i < list->count; i++) {
        const clv_bundle *b = list->bundles[i];
        clv_require(list->names[i]);
        if (!b)
            continue;
        clv_require(b->label && b->stem && !strchr(b->stem, '/') && b->count <= CLV_BUNDLE_FILES);
        clv_require(b->baseline >= -1 && b->baseline < 2001);
        for (int k = 0; k < b->count; k++)
            clv_require(b->files[k].path && strlen(b->files[k].band) < sizeof b->files[k].band);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_context *ctx = clv_context_new();
    clv_inputs list = {0};
    bool is_stac = false;
    clv_require(ctx);
    VSIFCloseL(VSIFileFromMemBuffer(FILE_NAME, (GByte *)data, size, FALSE));
    clv_status status = clv_stac_collection_add(ctx, FILE_NAME, &is_stac, &list);
    const char *error = clv_context_error(ctx);
    clv_require((status == CLV_OK) == !*error && !strchr(error, '\n'));
    clv_require(is_stac || list.count == 0);
    look_at(&list);
    clv_inputs_clear(&list);
    VSIUnlink(FILE_NAME);

    char *text = clv_fuzz_text(data, size), *path = clv_href_path(text, "folder");
    clv_require(path && !strchr(strncmp(path, "/vsicurl", 8) == 0 ? path : "", '\n'));
    free(path);
    free(text);
    clv_context_free(ctx);
    return 0;
}
