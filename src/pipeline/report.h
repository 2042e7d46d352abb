/* SPDX-License-Identifier: MIT
 *
 * report: what detect and remove say about their input and result: notes for people, members of the JSON object.
 */
#ifndef CLV_PIPELINE_REPORT_H
#define CLV_PIPELINE_REPORT_H

#include "formats/json.h"
#include "pipeline/stage1.h"
#include "series/series.h"

/* Refuses thresholds, dilations and outputs that make no sense. */
clv_status clv_check_settings(clv_context *ctx, const clv_detect_settings *settings, const clv_output_options *output);
/* Refuses metres that are too many pixels of the grid; warns where its pixels' size is not known. */
clv_status clv_check_dilation(clv_context *ctx, const clv_detect_settings *settings, const clv_grid *grid);
/* The series with what is looked at around a crop. -te is a crop unless outputs are resampled: then it says their
 * bounds. */
clv_status clv_open_to_write(clv_context *ctx, const char *const *inputs, int count, const clv_input_options *input,
                             const clv_output_options *output, const clv_detect_settings *detect, clv_extent extent,
                             clv_series **out);

/* One note on the series: dates, working grid, bands. */
void clv_report_series(clv_context *ctx, const clv_series *series);
/* A note on the clouds found; warnings where the series does not suit. */
void clv_report_clouds(clv_context *ctx, const clv_series *series, const clv_stage1 *stage);
/* Members "detect": model, device, thresholds. */
void clv_report_stage1(clv_json_writer *w, const clv_stage1 *stage, const clv_detect_settings *settings);
/* Members of one date's object: date, source, shares. */
void clv_report_date(clv_json_writer *w, const clv_series *series, int t, const clv_stage1_date *shares);

/* The grid's geotransform as six numbers, null when there is none. */
void clv_report_transform(clv_json_writer *w, const char *key, const clv_grid *grid);

#endif
