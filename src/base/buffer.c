/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

#include <stdlib.h>

#include "base/alloc.h"

void *clv_buffer_hold(clv_buffer *buffer, size_t a, size_t b, size_t size)
{
    size_t bytes;
    if (!clv_size_mul(a, b, &bytes) || !clv_size_mul(bytes, size, &bytes))
        return NULL;
    if (buffer->data && bytes <= buffer->bytes)
        return buffer->data;
    clv_buffer_free(buffer);
    buffer->data = clv_alloc_array(bytes, 1, 1);
    buffer->bytes = buffer->data ? bytes : 0;
    return buffer->data;
}

void clv_buffer_free(clv_buffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
    buffer->bytes = 0;
}
