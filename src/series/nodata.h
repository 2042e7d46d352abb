/* SPDX-License-Identifier: MIT
 *
 * nodata: which pixels of a date are missing: by -srcnodata, which wins; the file's tag; a mask band or alpha; what is
 * usual for the type; and a sample of the pixels, for what no tag tells (nodata_rule.h). What was decided is kept in
 * the bands (nodata, other_nodata) and the date's facts (all_zero, use_mask, nodata_how, nodata_found).
 *
 *     clv_nodata_find(ctx, dataset, name, options, &acquisition);      // bands are known
 *     clv_nodata_settle(&acquisition.facts, acquisition.bands, acquisition.channels);    // and their scale
 *
 * The sample is at most 13 windows of 64 x 64 pixels of red, at the rim and inside; the other bands are read only where
 * red holds what a fill value would look like. Threads: one dataset belongs to one thread.
 */
#ifndef CLV_SERIES_NODATA_H
#define CLV_SERIES_NODATA_H

#include "series/dataset.h"

/* Errors: CLV_ERROR_ARGUMENT (-srcnodata), CLV_ERROR_READ, CLV_ERROR_MEMORY. */
clv_status clv_nodata_find(clv_context *ctx, GDALDatasetH ds, const char *name, const clv_input_options *options,
                           clv_dataset_acquisition *acquisition);

/* Once scale and offset are known, and again when they change: whether 0 in one band is a dark place, and the words for
 * the user. */
void clv_nodata_settle(clv_date_facts *facts, const clv_band *bands, int channels);

/* A date whose file declares nothing also gets the value that `other`, a date of the same types, declares. */
void clv_nodata_adopt(clv_dataset_acquisition *acquisition, const clv_dataset_acquisition *other);

#endif
