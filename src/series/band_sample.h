/* SPDX-License-Identifier: MIT
 *
 * band_sample: values of some bands of a dataset at five places, for judging what a band holds.
 *
 *     clv_value_sample sample;
 *     clv_band_sample_take(ctx, dataset, "a.tif", indices, 4, nodata, &sample);      // visible is the caller's to set
 *     clv_band_sample_clear(&sample);
 *
 * One thread at a time.
 */
#ifndef CLV_SERIES_BAND_SAMPLE_H
#define CLV_SERIES_BAND_SAMPLE_H

#include <gdal.h>

#include "base/context.h"
#include "image/unlike_reflectance.h"

/* indices, nodata [count]: band numbers, and the value that becomes NaN (NaN: none). At most 8 blocks' corners are
 * read, a few thousand pixels. */
clv_status clv_band_sample_take(clv_context *ctx, GDALDatasetH ds, const char *name, const int *indices, int count,
                                const double *nodata, clv_value_sample *out);
void clv_band_sample_clear(clv_value_sample *sample);

#endif
