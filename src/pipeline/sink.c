/* SPDX-License-Identifier: MIT */
#include "pipeline/sink.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

clv_status clv_sink_begin(clv_context *ctx, clv_sink *sink, clv_writer *writer, const clv_sink_band *bands, int count,
                          int x, int width, int y)
{
    memset(sink, 0, sizeof *sink);
    sink->writer = writer;
    sink->count = count;
    sink->x = x;
    sink->width = width;
    sink->y0 = sink->y1 = y;
    sink->bands = calloc((size_t)count, sizeof *sink->bands);
    sink->row0 = calloc((size_t)count, sizeof *sink->row0);
    if (!sink->bands || !sink->row0)
        return clv_fail_memory(ctx);
    memcpy(sink->bands, bands, (size_t)count * sizeof *bands);
    return CLV_OK;
}

clv_status clv_sink_extend(clv_context *ctx, clv_sink *sink, int y1)
{
    if (y1 <= sink->y1)
        return CLV_OK;
    int rows = y1 - sink->y0;
    if (rows > sink->capacity) {
        int capacity = rows + clv_writer_block_rows(sink->writer);
        for (int b = 0; b < sink->count; b++) {
            size_t row = (size_t)sink->width * sink->bands[b].size, bytes = 0;
            unsigned char *grown =
                clv_size_mul((size_t)capacity, row, &bytes) ? realloc(sink->row0[b], bytes ? bytes : 1) : NULL;
            if (!grown)
                return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory; give a smaller -mem");
            sink->row0[b] = grown;
        }
        sink->capacity = capacity;
    }
    sink->y1 = y1;
    return CLV_OK;
}

clv_status clv_sink_flush(clv_sink *sink, bool everything)
{
    int block = clv_writer_block_rows(sink->writer);
    int end = everything || block < 1 ? sink->y1 : sink->y1 / block * block;
    if (end <= sink->y0 || sink->width == 0)
        return CLV_OK;
    clv_rect window = {sink->x, sink->y0, sink->width, end - sink->y0};
    for (int b = 0; b < sink->count; b++) {
        clv_status status = clv_writer_write(sink->writer, sink->bands[b].band, window, sink->row0[b]);
        if (status != CLV_OK)
            return status;
        size_t row = (size_t)sink->width * sink->bands[b].size;
        memmove(sink->row0[b], sink->row0[b] + (size_t)window.height * row, (size_t)(sink->y1 - end) * row);
    }
    sink->y0 = end;
    return CLV_OK;
}

void clv_sink_end(clv_sink *sink)
{
    for (int b = 0; sink->row0 && b < sink->count; b++)
        free(sink->row0[b]);
    free(sink->row0);
    free(sink->bands);
    memset(sink, 0, sizeof *sink);
}
