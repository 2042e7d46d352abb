/* SPDX-License-Identifier: MIT
 *
 * series_private: what series*.c share about the files behind the dates. Not for other parts.
 *
 * Files are opened when they are read and closed when more than CLV_MAX_OPEN are open, the least recently used first,
 * so that a series of 500 dates does not run out of file descriptors. A date that is being read (users > 0) is never
 * closed.
 */
#ifndef CLV_SERIES_SERIES_PRIVATE_H
#define CLV_SERIES_SERIES_PRIVATE_H

#include <pthread.h>

#include "image/byte_areas.h"
#include "products/inputs.h"
#include "raster/open_options.h"
#include "raster/regrid.h"
#include "series/crop.h"
#include "series/dataset.h"
#include "series/empty_areas.h"
#include "series/masks.h"
#include "series/stream_copy.h"

#define CLV_MAX_OPEN 96
#define CLV_DATE_MASKS (CLV_DATE_FACT_MASKS + 3) /* the product's own, a cube's own, -mask, -scl */

typedef struct clv_date_files {
    /* Fixed once the series is open. */
    clv_grid native;        /* the input's grid: with -tr the acquisition carries the output's */
    int factor, xoff, yoff; /* of `native` to the whole working grid, when not warped */
    int x, y;   /* crop: where its output begins, in pixels of `native` (regridded: of the whole working grid) */
    char *copy; /* of what came through a stream, NULL: the acquisition's source is opened */
    bool warped;
    bool regridded;                   /* raw values are made from the working grid */
    GDALDatasetH memory, memory_mask; /* cubes and unpacked copies: owned, always open */
    GDALResampleAlg resampling;       /* of warped dates */
    const char *mask, *scl;           /* names in the private lists, NULL = none */
    int mask_band, scl_band;
    clv_empty_areas *empty; /* areas where bands are 0 and have no data, NULL: none */
    clv_byte_areas *bytes;  /* areas of an 8-bit date that have no data, NULL: none */
    clv_series *series;     /* to which the date belongs; set where a view of it asks for its pixels */
    /* Handles. */
    GDALDatasetH image, view;
    clv_mask masks[CLV_DATE_MASKS];
    int mask_count;
    int own_masks; /* of these the first ones came with the data */
    bool masks_open;
    int open; /* datasets counted in the series' total */
    int users;
    unsigned long used;
} clv_date_files;

struct clv_series_private {
    clv_date_files *files; /* [dates] */
    clv_inputs masks, scls;
    clv_inputs named; /* files that the user named, used or not: no output may replace them */
    clv_open_options open_options;
    clv_stream_copy copies;
    clv_grid whole;       /* the working grid without crop; views lie on it */
    int x, y;             /* where series->grid begins on it */
    clv_rect asked;       /* what is asked for of it, by all pieces together (clv_whole_window) */
    char *reference;      /* -ref, NULL when not given */
    pthread_mutex_t lock; /* users, used, open, total, clock */
    int total;
    unsigned long clock;
};

/* Notes what of the working grid lies under each date (acquisition->extent). unite: the working grid, so far that of
 * the reference, becomes that over all dates, in whole pixels of it; an error where a date overlaps none, or where they
 * are not joined. sources [dates]: names for messages. first: the date of the reference. */
clv_status clv_series_extents(clv_context *ctx, clv_series *series, const char *const *sources, int first, bool unite);
/* Warns, in one line, of dates that reach beyond the working grid. limit: whose extent that is; advice: what follows.
 */
void clv_series_warn_outside(clv_context *ctx, const clv_series *series, const char *const *sources, const char *limit,
                             const char *advice);
/* Cuts the series to the crop, as clv_series_open_around says. Grids and files of the dates are set; dates that the
 * crop does not touch get an output of width 0: none. */
clv_status clv_series_cut(clv_context *ctx, clv_series *series, const clv_crop *crop, int margin);
/* clv_series_read and clv_series_read_mask in a window of the whole working grid, whatever the crop is. */
clv_status clv_series_read_whole(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x,
                                 uint8_t *missing);
clv_status clv_series_read_mask_whole(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *mask);
/* Hands an open dataset over to date t (counted). */
void clv_series_adopt(clv_series *series, int t, GDALDatasetH image);
void clv_series_close_files(clv_date_files *files);

#endif
