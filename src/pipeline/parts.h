/* SPDX-License-Identifier: MIT
 *
 * parts: -of VRT: a result made part by part, that goes on where it stopped. A part is a strip of rows of the series,
 * worked as a crop, so that its pixels are those of the whole run. It lies in a folder of its own beside the VRTs:
 *
 *     out/a.vrt, out/b.vrt ...                 written last, over
 *     out/a_tiles/0001/a.tif, b.tif ...        the first strip
 *     out/a_tiles/0001/report.json             its record, written when the strip is whole (part_folder.h)
 *     out/a_tiles/manifest.json                see manifest.h: the parts of another run are never taken for ours
 *
 * With -overwrite the parts are made beside those of the old result (part_sets.h). Whatever moment a run is killed at,
 * every VRT shows either the old or the new, and the same command goes on: until the manifest says "complete", which is
 * the last that is written.
 *
 * One thread; the work itself uses the context's threads.
 */
#ifndef CLV_PIPELINE_PARTS_H
#define CLV_PIPELINE_PARTS_H

#include "formats/json.h"
#include "series/series.h"

/* Working rows of a strip; the configuration option CLEARVISION_PART_ROWS says another number. */
#define CLV_PART_ROWS 2048

typedef struct clv_parts {
    clv_context *ctx;
    const char *const *inputs;
    int count;
    void *options;            /* the command's options, a copy: run() gets them with a crop and a folder of a part */
    clv_input_options *input; /* its members, changed while a part is made */
    clv_output_options *output;
    const clv_detect_settings *detect;
    const clv_compute_options *compute;
    const char *command;         /* "remove", "detect" */
    const char *const *suffixes; /* of the outputs of a date: "", "_mask" ..., ended by NULL */
    const char *single;          /* base name of the first output when there is one for all dates, else NULL */
    /* Writes the command's settings that are in none of these structs as members, see manifest.h. */
    void (*describe)(clv_json_writer *w, const void *options);
    /* The work as a whole. json: see clv_remove(). */
    clv_status (*run)(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json);
} clv_parts;

/* Initialises what every command has; the other members follow it. `copy` points to a copy of the command's options. */
#define CLV_PARTS_OF(context, input_names, input_count, copy)                                                          \
    .ctx = (context), .inputs = (input_names), .count = (input_count), .options = (copy), .input = &(copy)->input,     \
    .output = &(copy)->output, .detect = &(copy)->detect, .compute = &(copy)->compute

bool clv_parts_wanted(const clv_output_options *output);
clv_status clv_parts_run(const clv_parts *parts, char **json);

/* One report out of those of the strips: numbers weighted by rows (weights), names of files through `rename` (free()).
 * NULL when out of memory or when the reports do not tell of the same run. */
char *clv_parts_report(const clv_json *const *reports, const double *weights, int count,
                       char *(*rename)(const char *text, void *user), void *user);

#endif
