/* SPDX-License-Identifier: MIT
 *
 * part_folder: the folder of one part (parts.h) and its record, report.json: the report of the part's run, and the
 * files that it consists of with size, driver and hash. A part is whole when its record is there and agrees with its
 * files; only files that a record names, or that an unfinished part has under the names of its outputs, are ever
 * removed, and never through links. What else lies in the folder belongs to somebody else and stays.
 *
 * Version 0.1 wrote the bare report: then the files are those that it names, without size and hash.
 *
 * One thread at a time; nothing is kept.
 */
#ifndef CLV_PIPELINE_PART_FOLDER_H
#define CLV_PIPELINE_PART_FOLDER_H

#include "formats/json.h"
#include "series/series.h"

#define CLV_PART_RECORD "report.json"

/* outputs: base names without extension, ended by NULL. report: JSON text. The record is written last: the part is
 * whole then. */
clv_status clv_part_seal(clv_context *ctx, const char *folder, char *const *outputs, const char *report);
/* The record of a whole part; NULL when there is none or, with verify, a file of it is missing or is not what it was.
 * clv_json_free() */
clv_json *clv_part_open(clv_context *ctx, const char *folder, bool verify);
/* Whether the record names the file "a.tif". */
bool clv_part_has(const clv_json *record, const char *file);
/* Removes what a killed or failed run has left of a part that is not whole. */
void clv_part_clean(clv_context *ctx, const char *folder, char *const *outputs);

/* What removing parts has left. */
typedef struct clv_part_rest {
    int kept;      /* files of ours that are still needed */
    int foreign;   /* files and folders of somebody else, or changed since */
    char name[80]; /* of one of them */
} clv_part_rest;

/* Removes the files of a part but those whose base name needed() knows, and the folder when it is empty then. */
void clv_part_remove(clv_context *ctx, const char *folder, bool (*needed)(const char *stem, const void *user),
                     const void *user, clv_part_rest *rest);
/* The name that a file was to get which this process, or one that has ended, was writing; free(). NULL: it is no such
 * file. */
char *clv_part_unfinished(const char *file);

#endif
