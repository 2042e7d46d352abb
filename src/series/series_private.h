/* SPDX-License-Identifier: MIT
 *
 * series_private: what the files that implement series.h share: what a series holds beyond what it shows, its place on
 * the whole working grid, and the steps that read or cut it there. The files behind the dates: date_files.h. Not for
 * other parts.
 */
#ifndef CLV_SERIES_SERIES_PRIVATE_H
#define CLV_SERIES_SERIES_PRIVATE_H

#include <pthread.h>

#include "products/inputs.h"
#include "raster/open_options.h"
#include "raster/regrid.h"
#include "series/crop.h"
#include "series/dataset.h"
#include "series/date_files.h"
#include "series/stream_copy.h"

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
/* CLV_ERROR_INTERNAL where the window does not lie in a raster of width x height pixels, or there is no date t. */
clv_status clv_series_check_window(clv_context *ctx, const clv_series *series, int t, clv_rect w, int width,
                                   int height);
/* Windows of the working grid as the files know it: the whole one. */
clv_rect clv_series_on_whole(const clv_series *series, clv_rect w);
/* Pixels of a plane, or of some of its rows. */
static inline size_t clv_area(int width, int height)
{
    return (size_t)width * (size_t)height;
}

#endif
