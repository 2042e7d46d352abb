/* SPDX-License-Identifier: MIT
 *
 * inputs: what the user named, spelled out: text files are replaced by the datasets they name, folders, archives and
 * Sentinel-2 products by the dates that they hold, and files that hold one band each are put together into dates; empty
 * names and folders that hold no dates become errors that say what to give instead.
 *
 * A text file (.txt, .lst, .list) names one input a line, relative to its own folder; blank lines and lines that begin
 * with # are skipped; text files may name text files. Everything is read through GDAL's VSI, so /vsizip/... works.
 *
 *     clv_inputs list = {0};
 *     clv_status status = clv_inputs_expand(ctx, names, count, "input", &list);
 *     for (int i = 0; i < list.count; i++) ... list.names[i] ...
 *     clv_inputs_clear(&list);
 */
#ifndef CLV_GEO_INPUTS_H
#define CLV_GEO_INPUTS_H

#include "core/context.h"
#include "geo/bundle.h"

#define CLV_MAX_INPUTS 4096
#define CLV_MAX_FILES 65536 /* behind the inputs */

typedef struct clv_inputs {
    char **names;
    clv_bundle *
        *bundles; /* beside the names: the files of a date that is more than one dataset; NULL for others; owned */
    int count, capacity;
} clv_inputs;

/* what: the word for messages ("input"; others, such as "file" or "-mask", stand for single rasters: no folders,
 * nothing is put together). On failure the list may hold part of it: clear it. */
clv_status clv_inputs_expand(clv_context *ctx, const char *const *names, int count, const char *what, clv_inputs *list);
void clv_inputs_clear(clv_inputs *list);
/* Appends a copy of the name; the bundle (may be NULL) goes over to the list, also on failure. */
clv_status clv_inputs_add(clv_context *ctx, clv_inputs *list, const char *name, clv_bundle *bundle);
/* Whether the name ends in .ext (ASCII letters in either case). */
int clv_name_ends(const char *name, const char *ext);
/* The part after the last slash (either kind), inside name. */
const char *clv_name_base(const char *name);

#endif
