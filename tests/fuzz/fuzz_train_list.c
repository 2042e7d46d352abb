/* SPDX-License-Identifier: MIT
 *
 * train_list: an accepted list is complete; a refused one says where and why.
 */
#include "fuzz.h"

#include "learn/dataset/train_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_context *ctx = clv_context_new();
    clv_train_list *list = NULL;

    clv_status status = clv_train_list_parse(ctx, "list", "/nowhere", (const char *)data, size, &list);
    clv_require((status == CLV_OK) == (list != NULL));
    clv_require((status == CLV_OK) == (clv_context_error(ctx)[0] == 0));
    for (int i = 0; list && i < list->count; i++) {
        const clv_train_item *item = &list->items[i];
        clv_require(item->place && item->line >= 1 && item->path_count >= 1 && item->weight >= 0);
        clv_require(item->band_count >= 0 && item->band_count <= 4);
        for (int k = 0; k < item->path_count; k++)
            clv_require(item->paths[k]);
    }
    clv_train_list_free(list);
    clv_context_free(ctx);
    return 0;
}
