/* SPDX-License-Identifier: MIT
 * What compose.c and compose_warped.c share. */
#ifndef CLV_PIPELINE_COMPOSE_PRIVATE_H
#define CLV_PIPELINE_COMPOSE_PRIVATE_H

#include "pipeline/compose.h"

/* Where the outputs of one date go while a panel runs. */
typedef struct date_sinks {
    clv_sink image, mask, quality;
} date_sinks;

struct clv_compose {
    clv_context *ctx;
    clv_outputs *set;
    clv_series *series;
    clv_compose_setup setup;
    clv_compose_date *counts; /* [dates] */
    date_sinks *sinks;        /* [dates] */
    bool one_writer;          /* a stack: writes are serialised */
    const clv_panel *panel;
    clv_stage2 *stage;
    const clv_strip *strip;
    int y0, y1; /* working rows at work */
    int *slot;  /* [dates] index among the warped dates, -1 for the others */
    int warped;
    clv_scratch *prediction; /* Float32, warped x channels */
    clv_scratch *gaps;       /* Byte, warped: gap bits */
    clv_scratch *days;       /* UInt16, warped: days to the nearest observation; with quality only */
    clv_scratch *deviation;  /* UInt16, warped: as band 3 of the quality raster; with quality only */
    int detail_factor;       /* native pixels a working pixel, of the dates with the finest pixels */
    int **columns;           /* [dates][native columns of the panel] working column, -1 = too far outside */
};

/* Days from date t to the nearest date whose gap bits at this pixel are 0, rounded; CLV_DAYS_NONE when there is none.
 * gap: date 0's bits of the pixel, `stride` apart. */
uint16_t clv_compose_days(const clv_compose *c, const uint8_t *gap, size_t stride, int t);
/* Source class of the quality raster. */
uint8_t clv_compose_source(const clv_compose *c, uint8_t gap, uint16_t days);
/* Standard deviation of date t's prediction at a working pixel with these gap bits, in units of CLV_DEVIATION_SCALE; 0
 * where it is observed. */
uint16_t clv_compose_deviation(const clv_compose *c, uint8_t gap, int t, int x, int y);
/* Whether a pixel with these gap bits gets the prediction. */
bool clv_compose_fills(const clv_compose *c, uint8_t gap);
clv_status clv_compose_keep_warped(clv_compose *c, int t);
/* Gives the rows at work to the pictures of a page; after filling, before anything is flushed. */
clv_status clv_compose_show(clv_compose *c);

#endif
