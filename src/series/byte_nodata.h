/* SPDX-License-Identifier: MIT
 *
 * byte_nodata: finds the areas along the rim of 8-bit dates where 0 or 255 in all bands is no data (image/byte_areas.h)
 * though neither tag, mask band nor -srcnodata says so, and keeps them with the date's files, from which reading takes
 * them.
 *
 *     clv_status status = clv_series_find_byte_nodata(ctx, series);
 *
 * A few rows tell whether a large picture is read as a whole; what comes through a network is not looked at. A crop
 * does not change what is looked at. Called by one thread, before the series is read by others.
 */
#ifndef CLV_SERIES_BYTE_NODATA_H
#define CLV_SERIES_BYTE_NODATA_H

#include "series/series.h"

/* Errors: CLV_ERROR_MEMORY, CLV_ERROR_CANCELLED. What cannot be read is not looked at. Warns, in one line. */
clv_status clv_series_find_byte_nodata(clv_context *ctx, clv_series *series);

#endif
