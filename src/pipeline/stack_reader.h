/* SPDX-License-Identifier: MIT
 *
 * stack_reader: a stack of dates on one grid that is read window by window, wherever it lies: a series of rasters, or
 * arrays in memory (fill.c). A plain value that is copied freely; what `user` points to must outlive the copies.
 *
 *     clv_stack_reader reader = clv_series_stack_reader(series);
 *     status = reader.read(ctx, reader.user, t, window, x, missing);
 *
 * Threads: different dates may be read from different threads at the same time, one date from one thread at a time.
 */
#ifndef CLV_PIPELINE_STACK_READER_H
#define CLV_PIPELINE_STACK_READER_H

#include "series/series.h"

typedef struct clv_stack_reader {
    int dates, channels, width, height;
    bool has_nir;  /* channel 3 is near infrared */
    clv_rect core; /* the part that the outputs need */
    /* As clv_series_read_bits(): x [channels, window] reflectance, 0 where missing; missing [window]. */
    clv_status (*read)(clv_context *ctx, void *user, int t, clv_rect window, float *x, uint8_t *missing);
    /* What of the stack date t shows, and `margin` pixels around it; elsewhere all is missing. NULL: all of it. */
    clv_rect (*area)(const void *user, int t, int margin);
    bool outside; /* what lies outside of a date's area is needed by no output */
    /* Day number of date t. */
    double (*day)(const void *user, int t);
    void *user;
} clv_stack_reader;

/* Date t's part of a window; width or height 0: none. */
clv_rect clv_stack_area(const clv_stack_reader *stack, int t, int margin, clv_rect window);
/* Reads the series, which stays the caller's. */
clv_stack_reader clv_series_stack_reader(clv_series *series);

#endif
