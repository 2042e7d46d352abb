/* SPDX-License-Identifier: MIT
 *
 * safetensors: accepted tensors lie inside the block and fill it without gap or overlap.
 */
#include "fuzz.h"

#include "formats/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_context *ctx = clv_context_new();
    clv_safetensors *st;
    size_t total = 0;

    clv_status status = clv_safetensors_parse(ctx, data, size, &st);
    clv_require((status == CLV_OK) == (st != NULL));
    clv_require((status == CLV_OK) == (clv_context_error(ctx)[0] == 0));
    for (int i = 0; i < clv_safetensors_count(st); i++) {
        const clv_tensor *t = clv_safetensors_at(st, i);
        const uint8_t *begin = t->data;
        size_t bytes;
        clv_require(begin >= data + 8 && begin <= data + size && t->bytes <= (size_t)(data + size - begin));
        clv_require(clv_tensor_size(t, &bytes) && bytes == t->bytes);
        clv_require(clv_safetensors_find(st, t->name) == t);
        total += t->bytes;
    }
    clv_require(total <= size);
    clv_safetensors_free(st);
    clv_context_free(ctx);
    return 0;
}
