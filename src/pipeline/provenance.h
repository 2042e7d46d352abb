/* SPDX-License-Identifier: MIT
 *
 * provenance: the metadata items that say how a raster was made: method, weights, dates, and the options by which its
 * pixels differ from those of a run without any.
 *
 *     CLEARVISION_OPTIONS=-dilate 4 -in_offset -0.1 -mask_mode replace
 *
 * No time of day, no folder and nothing of the machine: the same inputs and options give the same bytes anywhere.
 */
#ifndef CLV_PIPELINE_PROVENANCE_H
#define CLV_PIPELINE_PROVENANCE_H

#include <clearvision/clearvision.h>

#include "output/writer.h"
#include "pipeline/stage1.h"

/* The options that decide about pixels and are not at their defaults, as on the command line, of files the last part of
 * the name, of masks their number; "" when there are none. remove: the rest of remove's, NULL for detect. free(); NULL:
 * out of memory. */
char *clv_provenance_options(const clv_input_options *input, const clv_detect_settings *detect,
                             const clv_compute_options *compute, const clv_output_options *output,
                             const clv_remove_options *remove);
/* CLEARVISION_OPTIONS for all outputs, left out where it would be empty. options: free()d; NULL: CLV_ERROR_MEMORY. */
clv_status clv_provenance_tag(clv_context *ctx, clv_outputs *set, char *options);
/* CLEARVISION_DETECT_SHA256, the weights that stage 1 has used; left out where it used none. */
clv_status clv_provenance_tag_detector(clv_outputs *set, const clv_stage1 *stage);

#endif
