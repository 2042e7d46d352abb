/* SPDX-License-Identifier: MIT
 *
 * safetensors: strict reader over a memory block and a writer of files. Data only, nothing is ever executed.
 *
 * Checked: header length <= 100 MB and inside the file, valid JSON object without duplicate keys, dtype known, shape's
 * product times element size equals the offsets' difference, offsets contiguous from 0 to the end, no overlap, no gap.
 * The reader keeps pointers into the caller's block, which must outlive it. Many threads may read from it.
 *
 *     clv_safetensors *weights;
 *     if ((status = clv_safetensors_open(ctx, path, CLV_WEIGHTS_MAX, &weights)) != CLV_OK) return status;
 *     const clv_tensor *kernel = clv_safetensors_find(weights, "stem.weight");     // NULL when absent
 *     clv_safetensors_free(weights);
 */
#ifndef CLV_FORMATS_SAFETENSORS_H
#define CLV_FORMATS_SAFETENSORS_H

#include "base/context.h"
#include "base/file.h"
#include "formats/json.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum clv_dtype {
    CLV_F64,
    CLV_F32,
    CLV_F16,
    CLV_BF16,
    CLV_I64,
    CLV_I32,
    CLV_I16,
    CLV_I8,
    CLV_U8,
    CLV_BOOL
} clv_dtype;
#define CLV_TENSOR_MAX_DIMS 8
#define CLV_SAFETENSORS_HEADER_MAX (100 * 1024 * 1024)
#define CLV_WEIGHTS_MAX ((size_t)2 * 1024 * 1024 * 1024) /* no file of weights is larger */

typedef struct clv_tensor {
    const char *name;
    clv_dtype dtype;
    int dims;
    int64_t shape[CLV_TENSOR_MAX_DIMS];
    const void *data; /* little-endian, not necessarily aligned */
    size_t bytes;
} clv_tensor;

typedef struct clv_safetensors clv_safetensors;

size_t clv_dtype_size(clv_dtype dtype);      /* bytes of one element */
const char *clv_dtype_name(clv_dtype dtype); /* as in the file: "F32" */
/* The bytes that dtype and shape ask for; false when they overflow or are negative. */
bool clv_tensor_size(const clv_tensor *tensor, size_t *bytes);

/* Reads a file of at most max_bytes and keeps its bytes until clv_safetensors_free; messages start with the path. */
clv_status clv_safetensors_open(clv_context *ctx, const char *path, size_t max_bytes, clv_safetensors **out);
/* CLV_ERROR_FORMAT: breaks a rule above; CLV_ERROR_UNSUPPORTED: a dtype or number of axes not known here. */
clv_status clv_safetensors_parse(clv_context *ctx, const uint8_t *data, size_t size, clv_safetensors **out);
void clv_safetensors_free(clv_safetensors *st);
int clv_safetensors_count(const clv_safetensors *st);
const clv_tensor *clv_safetensors_at(const clv_safetensors *st, int index);
const clv_tensor *clv_safetensors_find(const clv_safetensors *st, const char *name); /* NULL when absent */
const char *clv_safetensors_metadata(const clv_safetensors *st, const char *key);    /* NULL when absent */
/* Writes atomically (temporary sibling, fsync, rename): metadata is count pairs key, value. Deterministic bytes:
 * tensors and metadata in the order given. CLV_ERROR_ARGUMENT: a name twice, or a shape that does not fit the bytes. */
clv_status clv_safetensors_write(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                                 const char *const *metadata, int metadata_pairs);

/* The same for files larger than memory: begin takes the tensors' names, types, shapes and bytes (their data is not
 * looked at), put appends their data in order, in pieces of any size, and end renames the file into place (keep) or
 * leaves nothing. A stream belongs to one thread; ctx must live until the end, which frees it (NULL gives CLV_OK).
 *
 *     clv_safetensors_stream *file;
 *     if ((status = clv_safetensors_begin(ctx, path, tensors, count, NULL, 0, &file)) != CLV_OK) return status;
 *     for (int i = 0; i < count; i++) clv_safetensors_put(file, data[i], tensors[i].bytes);     // nothing after a
 * failure return clv_safetensors_end(file, true);                        // CLV_ERROR_ARGUMENT: bytes are missing */
typedef struct clv_safetensors_stream clv_safetensors_stream;
clv_status clv_safetensors_begin(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                                 const char *const *metadata, int metadata_pairs, clv_safetensors_stream **out);
clv_status clv_safetensors_put(clv_safetensors_stream *stream, const void *data, size_t size);
clv_status clv_safetensors_end(clv_safetensors_stream *stream, bool keep);

#ifdef __cplusplus
}
#endif
#endif
