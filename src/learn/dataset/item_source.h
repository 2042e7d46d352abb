/* SPDX-License-Identifier: MIT
 *
 * item_source: the pictures of a training list's line as an open series, at the line's pixel size.
 *
 * Georeferenced pictures are put on a grid whose pixel is the multiple of their own nearest to tr=; pictures without
 * georeference have pixel= metres and are reduced by block means of a whole factor. All sizes and windows are pixels of
 * the source. Errors: those of clv_series_open.
 *
 *     clv_item_source source;
 *     if ((status = clv_item_source_open(ctx, item, 0, item->path_count, false, &source)) != CLV_OK) return status;
 *     status = clv_item_source_read(ctx, &source, t, window, x, missing);
 *     clv_item_source_close(&source);
 *
 * The source owns its series. Threads: as for clv_series.
 */
#ifndef CLV_LEARN_DATASET_ITEM_SOURCE_H
#define CLV_LEARN_DATASET_ITEM_SOURCE_H

#include "learn/dataset/train_list.h"
#include "series/series.h"

typedef struct clv_item_source {
    clv_series *series;
    bool minicube;     /* GreenEarthNet's: its masks know cloud and shadow apart */
    int factor;        /* pixels of the series' working grid per pixel of the source, each way */
    int width, height; /* pixels */
    int bands;         /* 3, or 4 with NIR */
    double pixel_m;
} clv_item_source;

/* Opens the item's paths [first, first + count), of a cube line one path at a time; dates are made up for single
 * pictures. with_masks: the item's masks (scl=, mask=, a cube's own) are opened too and replace the network. */
clv_status clv_item_source_open(clv_context *ctx, const clv_train_item *item, int first, int count, bool with_masks,
                                clv_item_source *out);
void clv_item_source_close(clv_item_source *source);
/* The window in pixels of the series' working grid. */
clv_rect clv_item_source_fine(const clv_item_source *source, clv_rect window);
/* A window (inside the source) of date t: x [bands, h, w] reflectance, missing [h, w]. */
clv_status clv_item_source_read(clv_context *ctx, clv_item_source *source, int t, clv_rect window, float *x,
                                uint8_t *missing);

#endif
