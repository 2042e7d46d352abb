/* SPDX-License-Identifier: MIT
 *
 * date_files: the files behind the dates of a series: opened when they are read, and closed when more than CLV_MAX_OPEN
 * are open, the least recently used first, so that a series of 500 dates does not run out of file descriptors. A date
 * that is being read (users > 0) is never closed.
 *
 *     GDALDatasetH image;
 *     clv_date_files *f = clv_date_files_begin(series, t);
 *     clv_status status = clv_date_files_image(ctx, series, t, f, &image);
 *     clv_date_files_end(series, t);
 *
 * Threads: a date's handles belong to one thread at a time; what dates share (the total of open files, the clock) is
 * locked.
 */
#ifndef CLV_SERIES_DATE_FILES_H
#define CLV_SERIES_DATE_FILES_H

#include "image/byte_areas.h"
#include "raster/regrid.h"
#include "series/empty_areas.h"
#include "series/masks.h"
#include "series/series.h"

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

/* Begins reading date t: it stays open until clv_date_files_end(). Closes idle dates where too many are open. */
clv_date_files *clv_date_files_begin(clv_series *series, int t);
void clv_date_files_end(clv_series *series, int t);
/* Notes that date t, which is being read, has one more dataset open. */
void clv_date_files_count_open(clv_series *series, int t);
/* The date's own dataset, opened where it is not yet; owned by f. Errors: what opening says, and CLV_ERROR_READ where
 * the file is no longer as it was when the series was opened. */
clv_status clv_date_files_image(clv_context *ctx, clv_series *series, int t, clv_date_files *f, GDALDatasetH *out);
/* Hands an open dataset over to date t (counted). */
void clv_series_adopt(clv_series *series, int t, GDALDatasetH image);
/* Closes all that was opened for the date. The series' total stays as it is. */
void clv_series_close_files(clv_date_files *files);

#endif
