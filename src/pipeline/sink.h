/* SPDX-License-Identifier: MIT
 *
 * sink: rows of one output, collected until whole rows of the file's tiles are there, so that every tile is compressed
 * and written once. One panel at a time, from top to bottom.
 *
 *     clv_sink_begin(ctx, &sink, writer, bands, count, x, width, y);    // at the start of a panel
 *     clv_sink_extend(ctx, &sink, y1);                                  // room for rows up to y1
 *     memcpy(clv_sink_row(&sink, band, y), row, size);                  // fill the new rows of every band
 *     clv_sink_flush(&sink, false);                                     // writes whole rows of tiles; true: everything
 *     clv_sink_end(&sink);
 */
#ifndef CLV_PIPELINE_SINK_H
#define CLV_PIPELINE_SINK_H

#include "output/writer.h"

typedef struct clv_sink_band {
    int band;    /* 1-based band of the output */
    size_t size; /* bytes a pixel */
} clv_sink_band;

typedef struct clv_sink {
    clv_writer *writer;
    clv_sink_band *bands;
    int count;
    int x, width;         /* columns of the output */
    int y0, y1;           /* rows held */
    int capacity;         /* rows there is room for */
    unsigned char **row0; /* [count] buffers; row y at (y - y0) * width * size */
} clv_sink;

/* Columns [x, x + width) of the output; the panel's first row is y. The sink copies `bands`. */
clv_status clv_sink_begin(clv_context *ctx, clv_sink *sink, clv_writer *writer, const clv_sink_band *bands, int count,
                          int x, int width, int y);
clv_status clv_sink_extend(clv_context *ctx, clv_sink *sink, int y1);
static inline void *clv_sink_row(const clv_sink *sink, int band, int y)
{
    return sink->row0[band] + (size_t)(y - sink->y0) * (size_t)sink->width * sink->bands[band].size;
}
clv_status clv_sink_flush(clv_sink *sink, bool everything);
void clv_sink_end(clv_sink *sink);

#endif
