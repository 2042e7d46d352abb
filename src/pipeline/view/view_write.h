/* SPDX-License-Identifier: MIT
 *
 * view_write: `-of CLEARVISION`: instead of pixels, small files (.cvrt.json) that say which series is to be cleared and
 * how; GDAL's driver CLEARVISION computes the pixels when they are read. Files appear all or not at all.
 *
 *     if (clv_view_wanted(&options->output)) return clv_view_write(&removal, inputs, count, json);
 */
#ifndef CLV_PIPELINE_VIEW_VIEW_WRITE_H
#define CLV_PIPELINE_VIEW_VIEW_WRITE_H

#include "pipeline/remove/removal.h"

/* Crops and reprojection are not a view's: CLV_ERROR_ARGUMENT. */
clv_status clv_view_check_options(clv_context *ctx, const clv_remove_options *options);
bool clv_view_wanted(const clv_output_options *output);
/* removal: its series is open (clv_removal_open_series), nothing else. One file per date (and product, with masks and
 * quality) in the folder -o, or one for the whole series when -o is a file. json: as for clv_remove(). */
clv_status clv_view_write(clv_removal *removal, const char *const *inputs, int count, char **json);

#endif
