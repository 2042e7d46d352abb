/* SPDX-License-Identifier: MIT
 *
 * safetensors: strict reader over a memory block and a writer of files. Data only, nothing is ever executed.
 *
 * Checked: header length <= 100 MB and inside the file, valid JSON object without duplicate keys, dtype known, shape's
 * product times element size equals the offsets' difference, offsets contiguous from 0 to the end, no overlap, no gap.
 * The reader keeps pointers into the caller's block, which must outlive it.
 */
#ifndef CLV_CORE_SAFETENSORS_H
#define CLV_CORE_SAFETENSORS_H

#include "core/context.h"
#include "core/json.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum clv_dtype { CLV_F64, CLV_F32, CLV_F16, CLV_BF16, CLV_I64, CLV_I32, CLV_I16, CLV_I8, CLV_U8, CLV_BOOL } clv_dtype;
#define CLV_TENSOR_MAX_DIMS 8

typedef struct clv_tensor {
    const char *name;
    clv_dtype dtype;
    int dims;
    int64_t shape[CLV_TENSOR_MAX_DIMS];
    const void *data; /* little-endian, not necessarily aligned */
    size_t bytes;
} clv_tensor;

typedef struct clv_safetensors clv_safetensors;

size_t clv_dtype_size(clv_dtype dtype);
/* Reads a whole file into memory (free()); at most max_bytes. */
clv_status clv_read_file(clv_context *ctx, const char *path, size_t max_bytes, uint8_t **data, size_t *size);
clv_status clv_safetensors_parse(clv_context *ctx, const uint8_t *data, size_t size, clv_safetensors **out);
void clv_safetensors_free(clv_safetensors *st);
int clv_safetensors_count(const clv_safetensors *st);
const clv_tensor *clv_safetensors_at(const clv_safetensors *st, int index);
const clv_tensor *clv_safetensors_find(const clv_safetensors *st, const char *name); /* NULL when absent */
const char *clv_safetensors_metadata(const clv_safetensors *st, const char *key);    /* NULL when absent */
int clv_safetensors_metadata_count(const clv_safetensors *st);
const char *clv_safetensors_metadata_key(const clv_safetensors *st, int index);
/* Writes atomically (temporary sibling, fsync, rename): metadata is count pairs key, value. Deterministic bytes:
 * tensors and metadata in the order given. */
clv_status clv_safetensors_write(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                                 const char *const *metadata, int metadata_pairs);

#ifdef __cplusplus
}
#endif
#endif
