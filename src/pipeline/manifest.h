/* SPDX-License-Identifier: MIT
 *
 * manifest: what a run in parts (parts.h) was made of and with, as one JSON object: the version, the inputs with their
 * sizes and times, and every setting that decides about the pixels or the files, each under a name of its own; models
 * by their names, not their contents. Its member "parts" tells how far the run is and is not compared. Parts of a run
 * are continued only by a run whose manifest says the same. Members may be added; their order does not matter.
 *
 *     char *wanted = clv_manifest_write(&run);                                    // NULL: out of memory
 *     status = clv_manifest_check(ctx, "out/a_tiles", theirs, wanted);            // CLV_OK: the same run
 *
 * One thread at a time; nothing is kept.
 */
#ifndef CLV_PIPELINE_MANIFEST_H
#define CLV_PIPELINE_MANIFEST_H

#include "formats/json.h"
#include "series/series.h"

typedef struct clv_manifest_run {
    const char *command; /* "remove", "detect" */
    const char *const *inputs;
    int count;
    const clv_input_options *input; /* the crop is in window */
    const clv_output_options *output;
    const clv_detect_settings *detect;
    const clv_compute_options *compute;
    clv_series *series;
    clv_rect window; /* pixels of the reference that are written */
    int rows;        /* of a part, in those pixels */
    /* Writes the command's further settings as members (clv_jw_put_...). */
    void (*describe)(clv_json_writer *w, const void *options);
    const void *options;
    int set;                    /* which of the sets of parts in the folder (part_sets.h) */
    bool complete;              /* the VRTs are in place, and what they replace is gone */
    const char *const *outputs; /* base names, ended by NULL */
} clv_manifest_run;

/* free(); NULL when out of memory. */
char *clv_manifest_write(const clv_manifest_run *run);

/* CLV_OK when theirs, an object, and wanted say the same. Otherwise CLV_ERROR_EXISTS: the message names folder, the
 * members that differ or that another version has written it, and what to do. */
clv_status clv_manifest_check(clv_context *ctx, const char *folder, const clv_json *theirs, const char *wanted);
bool clv_manifest_same(const clv_json *theirs, const char *wanted);

#endif
