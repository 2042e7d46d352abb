/* SPDX-License-Identifier: MIT
 *
 * jp2_cache: JPEG 2000 decoded once, instead of every time that a row of a picture is read.
 *
 * Products keep their bands in blocks of 1024x1024 pixels that are slow to decode. The stages walk over all dates in
 * strips, several times; the blocks of ten dates of a tile do not fit into GDAL's block cache, and each would be
 * decoded for every strip that it touches. So dates in JPEG 2000 are first copied into temporary rasters, of which only
 * the open file is left: they are gone however the process ends.
 *
 *     if ((status = clv_series_cache_jp2(ctx, series, set)) != CLV_OK) ...   // after opening the series
 *
 * Small series, whose pixels all fit into the cache, are left as they are.
 */
#ifndef CLV_OUTPUT_JP2_CACHE_H
#define CLV_OUTPUT_JP2_CACHE_H

#include "output/writer.h"

/* set: whose place for temporary files is used. Reports progress from 0 to 1. */
clv_status clv_series_cache_jp2(clv_context *ctx, clv_series *series, clv_outputs *set);

#endif
