/* SPDX-License-Identifier: MIT
 *
 * inputs: what the user named, spelled out: text files are replaced by the datasets they name, a product's folder by
 * its dataset; folders, empty names and missing files become errors that say what to give instead.
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

#define CLV_MAX_INPUTS 4096

typedef struct clv_inputs {
    char **names;
    int count, capacity;
} clv_inputs;

/* what: the word for messages ("input", "mask"). On failure the list may hold part of it: clear it. */
clv_status clv_inputs_expand(clv_context *ctx, const char *const *names, int count, const char *what, clv_inputs *list);
void clv_inputs_clear(clv_inputs *list);
/* Whether the name ends in .ext (ASCII letters in either case). */
int clv_name_ends(const char *name, const char *ext);
/* The part after the last slash (either kind), inside name. */
const char *clv_name_base(const char *name);

#endif
