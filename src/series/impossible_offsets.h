/* SPDX-License-Identifier: MIT
 *
 * impossible_offsets: the -1000 of processing baseline 04.00 that an item, a name or a file's tags tell, over values
 * from which it was subtracted already. Product metadata are believed, and so is -in_offset.
 *
 *     clv_status status = clv_impossible_offsets_drop(ctx, dates, count, channels);     // dates in order of time
 *
 * Threads: pure function.
 */
#ifndef CLV_SERIES_IMPOSSIBLE_OFFSETS_H
#define CLV_SERIES_IMPOSSIBLE_OFFSETS_H

#include "series/dataset.h"

/* Dates whose red would lie below -0.05 in a tenth of the sampled pixels, which no surface does, lose the offset and
 * get a warning; so do dates that do not show it (clouds) between such ones that were told it alike. The others stay:
 * level_check.h compares them, and of several dates those that were told it with those that were not. */
clv_status clv_impossible_offsets_drop(clv_context *ctx, clv_dataset_acquisition **dates, int count, int channels);

#endif
