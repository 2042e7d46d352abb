/* SPDX-License-Identifier: MIT
 *
 * holes: native pixels without data: along a swath's edge some of those in an observed working pixel, and lines and
 * edges of single bands. What is missing is filled, what is there keeps its bits.
 *
 *     clv_holes holes = {0};
 *     clv_holes_find(ctx, series, t, window, true, raw, &holes);      // raw: as read, before anything is filled
 *     const uint8_t *row = clv_holes_row(&holes, y);                   // NULL: the row has none
 *     clv_holes_clear(&holes);
 *
 * The struct owns its memory. Threads: one date belongs to one thread while it is found; reading is free.
 */
#ifndef CLV_PIPELINE_HOLES_H
#define CLV_PIPELINE_HOLES_H

#include "image/pixel_state.h"
#include "series/series.h"

typedef struct clv_holes {
    uint8_t *pixels; /* [height, width] enum clv_native_missing; NULL: none */
    uint8_t *rows;   /* [height] the row has some */
    clv_rect window; /* of the date's own grid */
} clv_holes;

/* Finds those of a window of date t. any: there may be some; else, and where the date has no nodata, there are none.
 * raw [channels]: the window as clv_series_read_raw() gives it. */
clv_status clv_holes_find(clv_context *ctx, clv_series *series, int t, clv_rect window, bool any,
                          const void *const *raw, clv_holes *out);
/* The same for who has not read the window. */
clv_status clv_holes_read(clv_context *ctx, clv_series *series, int t, clv_rect window, clv_holes *out);
void clv_holes_clear(clv_holes *holes);

/* Row y of the date's grid, from the window's first column; NULL where it has none. */
const uint8_t *clv_holes_row(const clv_holes *holes, int y);

/* Which of the pixels of a row miss channel k. row: of clv_holes_row(). raw: the channel's n numbers. values [n]: work
 * space. missing [n]: 0 or 1. */
void clv_holes_band(const clv_series *series, int t, int k, const uint8_t *row, const void *raw, size_t n,
                    float *values, uint8_t *missing);

/* What a native pixel of kind `hole` is in the mask and quality rasters. *state: of its working pixel; becomes MISSING
 * too where that is what the pixel shows. filled: the working pixel's. */
bool clv_holes_filled(uint8_t hole, bool filled, bool keep_nodata, uint8_t *state);

/* The same of a date that does not lie on the working grid. state: of the nearest working pixel. filled: some band got
 * a value. */
uint8_t clv_holes_warped_state(uint8_t hole, bool filled, bool full, uint8_t state);

#endif
