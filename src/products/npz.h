/* SPDX-License-Identifier: MIT
 *
 * npz: NumPy's archives of arrays, read through GDAL's virtual file systems (/vsizip/, /vsimem/, /vsicurl/ ...). An
 * array's shape is known from its first bytes; its values are unpacked once, when they are first asked for.
 *
 *     clv_npz *npz;
 *     clv_npz_array *array;
 *     if ((status = clv_npz_open(ctx, "cube.npz", &npz)) != CLV_OK) return status;
 *     if ((status = clv_npz_array_open(ctx, npz, "highresdynamic", &array)) == CLV_OK) {
 *         ... array->npy.shape ...
 *         if ((status = clv_npz_array_check(ctx, npz, array, 1 << 29)) == CLV_OK &&
 *             (status = clv_npz_array_load(ctx, npz, array)) == CLV_OK)
 *             v = clv_npy_value(&array->npy, array->data, index);
 *     }
 *     clv_npz_array_free(array);
 *     clv_npz_free(npz);
 *
 * The archive and each array are the caller's; an array may outlive its archive once it is loaded. One thread at a
 * time for one archive and its arrays.
 */
#ifndef CLV_PRODUCTS_NPZ_H
#define CLV_PRODUCTS_NPZ_H

#include "formats/npy.h"
#include "formats/zip.h"

typedef struct clv_npz clv_npz;

typedef struct clv_npz_array {
    char name[32]; /* without .npy */
    clv_npy npy;
    clv_zip_member member;
    int64_t strides[CLV_NPY_MAX_DIMS]; /* in elements */
    uint8_t *data;                     /* the first element; NULL until loaded */
} clv_npz_array;

clv_status clv_npz_open(clv_context *ctx, const char *path, clv_npz **out);
void clv_npz_free(clv_npz *npz);
bool clv_npz_has(const clv_npz *npz, const char *name);
/* Reads the array's header. On failure *out is NULL. */
clv_status clv_npz_array_open(clv_context *ctx, const clv_npz *npz, const char *name, clv_npz_array **out);
/* Whether the member has as many bytes as the shape wants, and these are at most max_bytes. */
clv_status clv_npz_array_check(clv_context *ctx, const clv_npz *npz, const clv_npz_array *array, size_t max_bytes);
/* Unpacks the values, the first time. For arrays that passed the check. */
clv_status clv_npz_array_load(clv_context *ctx, const clv_npz *npz, clv_npz_array *array);
void clv_npz_array_free(clv_npz_array *array);

#endif
