/* SPDX-License-Identifier: MIT
 *
 * warped_view: a date that does not fit the working grid, as a dataset that does: its channels through GDAL's warper,
 * which gets them with one value for all that is missing.
 *
 *     GDALDatasetH view;
 *     clv_status status = clv_warped_view(ctx, series, t, f, &view);    // channel c is its band c + 1
 *
 * Threads: as series.h: a date is read by one thread at a time.
 */
#ifndef CLV_SERIES_WARPED_VIEW_H
#define CLV_SERIES_WARPED_VIEW_H

#include "series/date_files.h"
#include "series/series.h"

/* Whether the warper gets the date's pixels with all marked that are missing. Bytes hold every number; a mask band is
 * the warper's own matter. */
bool clv_warped_is_screened(const clv_acquisition *a, int channels);
/* What marks missing pixels before the warper mixes them with their neighbours, and in the view of a screened date: no
 * number of a picture. */
double clv_warped_marker(clv_pixel_type type);
/* Values that mean "missing" in the view of another date: outside what reflectances use, or NaN. */
double clv_warped_fill(const clv_band *band);

/* The view of date t, on the whole working grid, made where there is none yet; owned by f, which is in use. Errors: as
 * clv_date_files_image(), CLV_ERROR_UNSUPPORTED, CLV_ERROR_MEMORY and the warper's. */
clv_status clv_warped_view(clv_context *ctx, clv_series *series, int t, clv_date_files *f, GDALDatasetH *out);

#endif
