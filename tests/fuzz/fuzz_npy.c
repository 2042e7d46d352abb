/* SPDX-License-Identifier: MIT
 *
 * npy: an accepted header's sizes neither overflow nor contradict each other, and elements that are there can be read.
 */
#include "fuzz.h"

#include "formats/npy.h"

#include <math.h>

static void require_strides(const clv_npy *npy)
{
    int64_t strides[CLV_NPY_MAX_DIMS], last = 0;

    clv_npy_strides(npy, strides);
    for (int i = 0; i < npy->dims && npy->count > 0; i++)
        last += (npy->shape[i] - 1) * strides[i];
    clv_require(npy->count == 0 || (size_t)last == npy->count - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_context *ctx = clv_context_new();
    clv_npy npy;

    clv_status status = clv_npy_parse(ctx, "x", data, size, &npy);
    clv_require((status == CLV_OK) == (clv_context_error(ctx)[0] == 0));
    if (status == CLV_OK) {
        clv_require(npy.dims >= 0 && npy.dims <= CLV_NPY_MAX_DIMS && npy.data_offset <= size);
        clv_require(npy.count <= (size_t)PTRDIFF_MAX / (size_t)npy.item_size);
        require_strides(&npy);
        size_t there = (size - npy.data_offset) / (size_t)npy.item_size;
        for (size_t i = 0; i < npy.count && i < there; i++)
            clv_require(isfinite(clv_npy_value(&npy, data + npy.data_offset, i)) || npy.kind == 'f');
    }
    clv_context_free(ctx);
    return 0;
}
