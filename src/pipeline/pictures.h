/* SPDX-License-Identifier: MIT
 *
 * pictures: small pictures of every date for a page: input, result, mask and quality, averaged over blocks of pixels.
 * Collected while the scene streams by, row by row, in a scratch raster: memory does not grow with the scene.
 *
 *     clv_pictures_new(ctx, set, series, &p);
 *     clv_pictures_row(p, t, x, y, &row);                // every pixel once, a panel's rows from top to bottom
 *     clv_pictures_finish(p);                            // finds the stretch: all rows are there
 *     clv_pictures_write(p, t, CLV_PICTURE_CLEAR, path); // PNG
 *     clv_pictures_free(p);
 *
 * Rows are rows of the working grid (of series->core, what the outputs show), or of a grid `factor` times finer with
 * the same corner, when the dates' native pixels are finer and the scene is small enough for that to be seen.
 *
 * Threads: different dates may be added and written from different threads at the same time.
 */
#ifndef CLV_PIPELINE_PICTURES_H
#define CLV_PIPELINE_PICTURES_H

#include "formats/json.h"
#include "output/writer.h"

/* A picture's longer side, in pixels, and all pictures of a kind together: 19 dates have full size, 60 have 577. */
#define CLV_PICTURE_SIDE 1024
#define CLV_PICTURE_PIXELS 20000000.0
#define CLV_PICTURE_THUMB 160

typedef struct clv_pictures clv_pictures;

typedef enum clv_picture {
    CLV_PICTURE_INPUT,
    CLV_PICTURE_CLEAR,
    CLV_PICTURE_MASK,
    CLV_PICTURE_QUALITY,
    CLV_PICTURE_THUMB_INPUT, /* the input, at most CLV_PICTURE_THUMB pixels a side */
    CLV_PICTURE_KINDS
} clv_picture;

/* One row of `width` pixels; reflectance is NaN where there is no value. */
typedef struct clv_picture_row {
    int width;
    const float *before[3], *after[3]; /* red, green, blue */
    const uint8_t *mask;               /* enum clv_mask_class */
    const uint8_t *source;             /* enum clv_source */
    const uint16_t *days;              /* to the nearest observation, where source is CLV_SOURCE_FILLED */
} clv_picture_row;

clv_status clv_pictures_new(clv_context *ctx, clv_outputs *set, const clv_series *series, clv_pictures **out);
void clv_pictures_free(clv_pictures *pictures);
/* Pixels of the rows a side of a working pixel, 1 or more. */
int clv_pictures_factor(const clv_pictures *pictures);
clv_status clv_pictures_row(clv_pictures *pictures, int t, int x, int y, const clv_picture_row *row);
/* One stretch for all dates, from the pixels of all inputs that are clear (of all results when there are none). */
clv_status clv_pictures_finish(clv_pictures *pictures);
clv_status clv_pictures_write(const clv_pictures *pictures, int t, clv_picture kind, const char *path);

/* Members "picture" and "legend" of series.json. */
void clv_pictures_describe(const clv_pictures *pictures, clv_json_writer *w);

#endif
