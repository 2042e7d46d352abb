/* SPDX-License-Identifier: MIT
 *
 * empty_bands: areas in which a date's band is 0, without a tag that says so, while its other bands show ground and the
 * other dates show the band (image/empty_band.h). What is found is kept with the date's files, block by block; reading
 * takes a 0 there as no data in that band (empty_areas.h).
 *
 *     clv_status status = clv_series_find_empty_bands(ctx, series);   // once the levels are settled
 *
 * Small series are looked at as a whole, large ones at blocks spread over them; what comes through a network, and large
 * pictures in JPEG 2000, are not. A crop does not change what is looked at. Called by one thread, before the series is
 * read by others.
 */
#ifndef CLV_SERIES_EMPTY_BANDS_H
#define CLV_SERIES_EMPTY_BANDS_H

#include "series/series.h"

/* Errors: CLV_ERROR_MEMORY, CLV_ERROR_CANCELLED. What cannot be read is not looked at. Warns, in one line. */
clv_status clv_series_find_empty_bands(clv_context *ctx, clv_series *series);

#endif
