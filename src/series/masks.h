/* SPDX-License-Identifier: MIT
 *
 * masks: what the user says is cloud (-mask, -scl), read on the working grid: a working pixel is flagged when any mask
 * pixel in it is.
 *
 * A mask may lie on the date's grid, on the working grid or on any other grid; without georeference it must have the
 * date's size. Nothing is interpolated: a mask on another grid is looked up by the nearest pixel, several times per
 * working pixel where it is finer.
 *
 *     clv_mask mask;
 *     clv_mask_open(ctx, "scl.tif", NULL, CLV_MASK_KIND_SCL, 1, native, working, &mask);
 *     clv_mask_read(ctx, &mask, window, flags);    // CLV_PIXEL_CLOUD, _SHADOW or _MISSING
 *     clv_mask_close(&mask);
 *
 * A mask belongs to one thread at a time.
 */
#ifndef CLV_SERIES_MASKS_H
#define CLV_SERIES_MASKS_H

#include "image/pixel_state.h"
#include "image/windows.h"
#include "raster/grid.h"
#include "raster/open_options.h"
#include "sentinel2/mask_kind.h"

typedef struct clv_mask {
    const char *name; /* for messages; the caller's */
    clv_mask_kind kind;
    int band;
    GDALDatasetH dataset, view; /* view: onto the working grid refined by factor, NULL when the mask fits; owned */
    bool owns_dataset;
    int factor, xoff, yoff; /* working pixel (i, j) covers mask pixels xoff + i * factor .. */
} clv_mask;

/* Whether the name is the text of a VRT that joins the masks of one day (same_day.h): -if is not meant for it. */
static inline bool clv_mask_is_joined(const char *name)
{
    return name[0] == '<';
}

/* native: the date's grid, lent to masks without georeference. how: may be NULL. */
clv_status clv_mask_open(clv_context *ctx, const char *name, const clv_open_options *how, clv_mask_kind kind, int band,
                         const clv_grid *native, const clv_grid *working, clv_mask *out);
/* The same on a dataset that stays the caller's. */
clv_status clv_mask_of_dataset(clv_context *ctx, const char *name, GDALDatasetH ds, clv_mask_kind kind, int band,
                               const clv_grid *native, const clv_grid *working, clv_mask *out);
/* Adds what the mask says to flags [height, width]: CLV_PIXEL_CLOUD wins over CLV_PIXEL_SHADOW wins over
 * CLV_PIXEL_MISSING wins over 0. A working pixel is cloud or shadow when any mask pixel in it is, and missing when all
 * of them are: the pictures have data in the others. */
clv_status clv_mask_read(clv_context *ctx, const clv_mask *mask, clv_rect window, uint8_t *flags);
void clv_mask_close(clv_mask *mask);

#endif
