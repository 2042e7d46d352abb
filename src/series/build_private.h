/* SPDX-License-Identifier: MIT
 *
 * build_private: a series under construction, and the steps by which clv_series_open_around() makes it; series.c has
 * their order. Implemented by build_inputs.c, build_dates.c, build_channels.c, build_radiometry.c, build_grid.c and
 * build_masks.c. Not for other parts.
 *
 * Steps that return a status have said what was wrong. One thread.
 */
#ifndef CLV_SERIES_BUILD_PRIVATE_H
#define CLV_SERIES_BUILD_PRIVATE_H

#include "products/inputs.h"
#include "series/dataset.h"
#include "series/same_day.h"
#include "series/series_private.h"

/* A series under construction. Acquisitions are moved out of their datasets into dates. */
typedef struct clv_series_build {
    clv_context *ctx;
    const clv_input_options *options;
    clv_inputs inputs;
    clv_dataset *datasets; /* [inputs.count] */
    char **partner;        /* [inputs.count]: the other file of a joined cube */
    struct clv_build_date {
        clv_dataset_acquisition *acquisition;
        int input, number; /* number: acquisition within the input */
    } *dates;
    int count;
    clv_day_date *days; /* [count before joining]: what became of the inputs of one day */
    int day_count;
    clv_series *series;
    int margin;                          /* around a crop */
    const clv_detect_settings *dilation; /* further pixels around it; NULL: none */
    bool unites;                         /* the working grid covers all dates */
    clv_grid reference;                  /* native grid of the first input or -ref */
} clv_series_build;

/* ---- Inputs (build_inputs.c) ------------------------------------------------------------------- */

/* Name of date d's input for messages; the build's. */
const char *clv_build_source(const clv_series_build *b, int d);
/* The error of a series with more than CLV_MAX_DATES dates. */
clv_status clv_build_too_many_dates(clv_series_build *b);
/* Notes a name that the user has given, where it is a file. */
clv_status clv_build_keep_name(clv_series_build *b, const char *name);
/* The same for names [count], of which some may be NULL, and for the inputs that they were expanded to. */
clv_status clv_build_keep_names(clv_series_build *b, const char *const *names, int count);
/* Opens all inputs, and lists the dates in them: datasets, partner, dates, count. */
clv_status clv_build_open_datasets(clv_series_build *b);

/* ---- Dates (build_dates.c) --------------------------------------------------------------------- */

/* The day of every date: by -date, else by metadata, names and folders, each in the light of the others. An error where
 * one of several is not known. */
clv_status clv_build_check_dates(clv_series_build *b);
/* Inputs that are parts of one picture become one date. */
clv_status clv_build_join_days(clv_series_build *b);
/* In order of time. An error where two dates that are not parts of one picture are of one day and nothing tells them
 * apart. */
clv_status clv_build_sort_dates(clv_series_build *b);

/* ---- Channels (build_channels.c) --------------------------------------------------------------- */

/* Beside Landsat, whose near infrared is narrow, Sentinel-2's narrow band is the near infrared. */
void clv_build_agree_on_nir(clv_series_build *b);
/* Every date gets the channels that all dates have, in the first date's order. */
clv_status clv_build_common_channels(clv_series_build *b);
/* Which bands beyond them are copied, and how (fill_bands.h). */
clv_status clv_build_settle_bands(clv_series_build *b);
/* All dates came from one raster. */
bool clv_build_is_single_stack(const clv_series_build *b);

/* ---- Radiometry and nodata (build_radiometry.c) ------------------------------------------------ */

/* Scales and offsets that the values contradict (tag_scales.h, item_offsets.h, impossible_offsets.h). */
clv_status clv_build_settle_tags(clv_series_build *b);
/* A date in which nothing valid was seen gets the scale of the dates of its type: what is filled in must look like
 * them. So does a date that shows too little to contradict tags that the others do. */
void clv_build_adopt_scales(clv_series_build *b);
/* Dates without a tag take the values that other dates declare. What the pixels told is said once. */
void clv_build_share_nodata(clv_series_build *b);
/* One warning a kind: the radiometry's own, and the offset's when no date of its time shows a low value. The last step:
 * the levels are known. */
void clv_build_warn_radiometry(clv_series_build *b);

/* ---- Grids (build_grid.c) ---------------------------------------------------------------------- */

/* The working grid, from the first input's grid or that of -ref: b->reference, series->grid. Before the dates are
 * sorted. */
clv_status clv_build_choose_grid(clv_series_build *b);
/* How date d lies on the working grid. With -tr its output lies there too. */
clv_status clv_build_place_date(clv_series_build *b, int d);
/* The working grid over all dates, or a word on what it leaves out. */
clv_status clv_build_choose_extent(clv_series_build *b, bool cropped);
/* Cuts the series to -srcwin, -te or -projwin. An error where no date shows anything of the crop. */
clv_status clv_build_cut(clv_series_build *b);

/* ---- Masks (build_masks.c) --------------------------------------------------------------------- */

/* Gives each date its masks of -mask and -scl. The series has its dates. */
clv_status clv_build_attach_masks(clv_series_build *b);

#endif
