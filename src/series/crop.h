/* SPDX-License-Identifier: MIT
 *
 * crop: the part of a series that is wanted: -te, -projwin or -srcwin, as a rectangle of the working grid.
 *
 * Plain values, nothing is owned.
 *
 *     clv_crop crop;
 *     clv_grid native = {.width = 100, .height = 80};
 *     const clv_crop_reference first = {"a.tif", &native, 2, 0, 0};
 *     clv_status status = clv_crop_of(ctx, &options.input, &first, &working, &crop);
 *     if (crop.wanted) ... crop.x0 .. crop.x1 ...
 */
#ifndef CLV_SERIES_CROP_H
#define CLV_SERIES_CROP_H

#include "image/windows.h"
#include "raster/grid.h"

typedef struct clv_crop {
    bool wanted;
    double x0, y0, x1, y1; /* pixels of the working grid, inside it; not wanted: all of it */
} clv_crop;

/* The raster whose native grid -srcwin counts and whose CRS -te and -projwin are in unless told. */
typedef struct clv_crop_reference {
    const char *name;
    const clv_grid *grid;
    int factor; /* its pixels in a pixel of the working grid */
    int x, y;   /* where it begins on the working grid, in pixels of that */
} clv_crop_reference;

/* A warning when the crop reaches beyond the working grid, an error when it lies outside. */
clv_status clv_crop_of(clv_context *ctx, const clv_input_options *options, const clv_crop_reference *reference,
                       const clv_grid *working, clv_crop *out);
/* The crop in pixels of the reference; negative left of it and above it. */
clv_rect clv_crop_window(const clv_crop *crop, const clv_crop_reference *reference, const clv_grid *working);

/* The whole pixels, of a raster of width x height, that touch the crop; (x, y) = offset + factor * crop. Width 0: none.
 */
clv_rect clv_crop_pixels(const clv_crop *crop, int xoff, int yoff, int factor, int width, int height);
/* The same for a raster of another CRS or phase: the pixels of a bounding box. */
clv_rect clv_crop_mapped(const clv_crop *crop, const clv_grid *from, const clv_grid *to);

#endif
