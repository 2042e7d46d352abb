/* SPDX-License-Identifier: MIT
 *
 * byte_alpha: an 8-bit date for the warper, which cannot be told of areas without data by a number: bytes hold every
 * one.
 *
 *     GDALDatasetH source = clv_byte_alpha_open(series, t, image);    // image: the date's own, open as long
 *     GDALReleaseDataset(source);
 *
 * Threads: as any dataset: one thread at a time.
 */
#ifndef CLV_SERIES_BYTE_ALPHA_H
#define CLV_SERIES_BYTE_ALPHA_H

#include <gdal.h>

#include "series/series.h"

/* Date t's channels as bands 1, 2, ... and alpha behind them, which is 0 in the areas that byte_nodata.h has found.
 * NULL: out of memory. */
GDALDatasetH clv_byte_alpha_open(clv_series *series, int t, GDALDatasetH image);

#endif
