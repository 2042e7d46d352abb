/* SPDX-License-Identifier: MIT
 *
 * window_read: a window of a date read part by part, and made pixels of the working grid: the mean of the native pixels
 * that are not missing, and the bits of clv_missing_bits.
 *
 *     clv_read_target to = {.plane = plane, .width = width, .factor = 2}; // ... and x and missing
 *     clv_status status = clv_window_read(ctx, name, &p, raster, acquisition, &to, rows_wanted);
 *
 * Threads: as native_part.h.
 */
#ifndef CLV_SERIES_WINDOW_READ_H
#define CLV_SERIES_WINDOW_READ_H

#include "series/native_part.h"

/* Where the window's planes go: x [channels, h, w] with a row of `width` and plane of `plane` pixels, from row y on. */
typedef struct clv_read_target {
    float *x;
    uint8_t *missing;
    size_t plane;
    int width, y, rows, factor;
} clv_read_target;

/* Reads the window in parts of rows that keep the buffers small. p: dataset and bands; its place and buffers are set
 * here. raster: all of the dataset; outside it pixels are missing. acquisition: the window's pixels in it. rows_wanted:
 * of the window. name: for messages. Errors: CLV_ERROR_READ, CLV_ERROR_MEMORY. */
clv_status clv_window_read(clv_context *ctx, const char *name, clv_native_part *p, clv_rect raster,
                           clv_rect acquisition, clv_read_target *to, int rows_wanted);

#endif
