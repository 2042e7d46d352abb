/* SPDX-License-Identifier: MIT
 *
 * buffer: a piece of memory that is kept between calls and grows when more is needed. One thread at a time.
 *
 *     clv_buffer b = {0};
 *     float *x = clv_buffer_hold(&b, n, 1, sizeof *x);    // NULL when out of memory; the former content is lost
 *     clv_buffer_free(&b);
 */
#ifndef CLV_BASE_BUFFER_H
#define CLV_BASE_BUFFER_H

#include <stddef.h>

typedef struct clv_buffer {
    void *data;
    size_t bytes;
} clv_buffer;

/* At least a * b * size bytes, 64-byte aligned, content undefined. NULL when it overflows or memory is out. */
void *clv_buffer_hold(clv_buffer *buffer, size_t a, size_t b, size_t size);
void clv_buffer_free(clv_buffer *buffer);

#endif
