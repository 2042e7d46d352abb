/* SPDX-License-Identifier: MIT
 *
 * What compose.c, compose_warped.c and compose_pictures.c share. compose.c calls the other two, which call nothing of
 * it. */
#ifndef CLV_PIPELINE_COMPOSE_PRIVATE_H
#define CLV_PIPELINE_COMPOSE_PRIVATE_H

#include <math.h>

#include "pipeline/compose.h"
#include "pipeline/holes.h"

/* Where the outputs of one date go while a panel runs. */
typedef struct date_sinks {
    clv_sink image, mask, quality;
    clv_holes holes;
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
    int y0, y1;    /* working rows at work */
    double *dates; /* [dates] days of each date */
    int *slot;     /* [dates] index among the warped dates, -1 for the others */
    int warped;
    clv_scratch *prediction; /* Float32, warped x channels */
    clv_scratch *gaps;       /* Byte, warped: states of the pixels */
    clv_scratch *days;       /* UInt16, warped: days to the nearest observation; with quality only */
    clv_scratch *deviation;  /* UInt16, warped: as band 3 of the quality raster; with quality only */
    int detail_factor;       /* native pixels a working pixel, of the dates with the finest pixels */
    uint8_t *unseen;         /* [dates, channels] the date has pixels at which no date shows the band */
    int **columns;           /* [dates][native columns of the panel] working column, -1 = too far outside */
};

/* The state of a working pixel that the strip holds. */
static inline uint8_t clv_compose_state(const clv_compose *c, int t, int x, int y)
{
    return *clv_strip_flag(c->strip, c->strip->gap, t, x, y);
}

/* Pixels of the working grid that date t's output covers, at least in part; of a warped date one more around them. */
static inline clv_rect clv_compose_covered(const clv_compose *c, int t)
{
    const clv_acquisition *a = &c->series->acquisitions[t];
    if (a->warped)
        return a->extent;
    const double factor = a->factor;
    const int x0 = (int)floor(-a->xoff / factor), y0 = (int)floor(-a->yoff / factor);
    return (clv_rect){x0, y0, (int)floor((a->grid.width - 1 - a->xoff) / factor) + 1 - x0,
                      (int)floor((a->grid.height - 1 - a->yoff) / factor) + 1 - y0};
}

static inline bool clv_compose_covers(clv_rect covered, int x, int y)
{
    return x >= covered.x && x < covered.x + covered.width && y >= covered.y && y < covered.y + covered.height;
}

/* Whether a pixel of this state gets the prediction. */
static inline bool clv_compose_filled(const clv_compose *c, uint8_t state)
{
    return clv_pixel_filled(state, c->setup.full, c->setup.keep_nodata);
}

/* Whether there is a prediction of a pixel of this state. */
static inline bool clv_compose_predicted(const clv_compose *c, uint8_t state)
{
    return clv_pixel_predicted(state, c->setup.full, c->setup.keep_nodata);
}

/* What a native pixel that stays without data, in some band at least, is in the mask and quality rasters: no cloud,
 * whatever lies over its other bands. hole: enum clv_native_missing. Whether it is such a pixel. */
static inline bool clv_compose_kept(const clv_compose *c, uint8_t hole, uint8_t *state)
{
    if (!c->setup.keep_nodata || hole == CLV_NATIVE_THERE)
        return false;
    *state = (uint8_t)((*state & ~CLV_PIXEL_OCCLUDED) | CLV_PIXEL_MISSING);
    return true;
}

/* No date has data in channel k at a working pixel. */
static inline bool clv_compose_band_unseen(const clv_compose *c, int k, int x, int y)
{
    for (int t = 0; t < c->series->dates; t++) {
        const uint8_t missing = *clv_strip_flag(c->strip, c->strip->missing, t, x, y);
        /* A band that misses the whole working pixel is 0 there. */
        if (missing & CLV_MISSING_PARTLY ? *clv_strip_value(c->strip, t, k, x, y) != 0 : !(missing & CLV_MISSING_CORE))
            return false;
    }
    return true;
}

/* ... in some channel, while others have data. */
static inline bool clv_compose_unseen(const clv_compose *c, int x, int y)
{
    bool partly = false;
    for (int t = 0; t < c->series->dates; t++) {
        const uint8_t missing = *clv_strip_flag(c->strip, c->strip->missing, t, x, y);
        if (!(missing & (CLV_MISSING_PARTLY | CLV_MISSING_CORE)))
            return false;
        partly = partly || (missing & CLV_MISSING_PARTLY);
    }
    for (int k = 0; partly && k < c->series->channels; k++)
        if (clv_compose_band_unseen(c, k, x, y))
            return true;
    return false;
}

/* The filled series on the working grid: what date t shows, else the prediction; false where it stays unfilled. */
static inline bool clv_compose_value(const clv_compose *c, int t, int k, int x, int y, float *v)
{
    const uint8_t gap = clv_compose_state(c, t, x, y);
    if (clv_compose_band_unseen(c, k, x, y))
        return false;
    if (clv_pixel_filled(gap, false, c->setup.keep_nodata)) {
        *v = *clv_stage2_prediction(c->stage, t, k, x, y);
        return true;
    }
    if (gap & ~CLV_PIXEL_PARTLY)
        return false;
    *v = *clv_strip_value(c->strip, t, k, x, y);
    /* A band that misses the whole working pixel is 0 there. */
    if (*v != 0 || !(*clv_strip_flag(c->strip, c->strip->missing, t, x, y) & CLV_MISSING_PARTLY))
        return true;
    if (!clv_pixel_predicted(gap, false, c->setup.keep_nodata))
        return false;
    *v = *clv_stage2_prediction(c->stage, t, k, x, y);
    return true;
}

/* Whether a native pixel in it may be missing in some band. */
static inline bool clv_compose_has_holes(const clv_compose *c, int t, int x, int y)
{
    return *clv_strip_flag(c->strip, c->strip->missing, t, x, y) != 0;
}

/* Days from date t to the nearest observation of a working pixel. */
static inline uint16_t clv_compose_days(const clv_compose *c, int t, int x, int y)
{
    return clv_pixel_days(clv_strip_flag(c->strip, c->strip->gap, 0, x, y), clv_strip_plane(c->strip), c->dates,
                          c->series->dates, t);
}

/* Band 3 of the quality raster at a working pixel of this state. */
static inline uint16_t clv_compose_deviation(const clv_compose *c, uint8_t state, int t, int x, int y)
{
    bool filled = clv_compose_filled(c, state);
    return clv_pixel_deviation(state, filled, filled ? clv_stage2_deviation(c->stage, t, x, y) : 0);
}

/* Which bands that are. */
static inline void clv_compose_note_unseen(clv_compose *c, int t, int x, int y)
{
    uint8_t *bands = c->unseen + (size_t)t * (size_t)c->series->channels;
    for (int k = 0; k < c->series->channels; k++)
        bands[k] |= clv_compose_band_unseen(c, k, x, y);
}

/* Keeps the rows at work of a date that does not fit the working grid (compose_warped.c). */
clv_status clv_compose_keep_warped(clv_compose *c, int t);
/* Gives the rows at work to the pictures of a page (compose_pictures.c); after filling, before anything is flushed. */
clv_status clv_compose_show(clv_compose *c);

#endif
