/* SPDX-License-Identifier: MIT
 *
 * npy: strict header parser of NumPy's .npy format and conversion of its elements to float. Versions 1.0 to 3.0, header
 * at most 64 KB, dtypes f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8, b1, either byte order, C and Fortran order, at most 8 axes.
 * Object and structured arrays are refused (they would be programs or need a schema).
 */
#ifndef CLV_FORMATS_NPY_H
#define CLV_FORMATS_NPY_H

#include "base/context.h"

#define CLV_NPY_MAX_DIMS 8

typedef struct clv_npy {
    char kind;     /* 'f', 'i', 'u' or 'b' */
    int item_size; /* bytes */
    bool big_endian, fortran_order;
    int dims;
    int64_t shape[CLV_NPY_MAX_DIMS];
    size_t data_offset; /* bytes from the start of the file */
    size_t count;       /* elements; count * item_size is checked against overflow */
} clv_npy;

/* name is used in messages. size may be the whole file's or just the head's; at least the header must be there. */
clv_status clv_npy_parse(clv_context *ctx, const char *name, const uint8_t *data, size_t size, clv_npy *out);
/* Element `index` (in storage order) of the array as float; data points at the first element. */
float clv_npy_value(const clv_npy *npy, const uint8_t *data, size_t index);
/* Strides in elements for each axis, honouring fortran_order. */
void clv_npy_strides(const clv_npy *npy, int64_t strides[CLV_NPY_MAX_DIMS]);

#endif
