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
#ifndef CLV_PRODUCTS_INPUTS_H
#define CLV_PRODUCTS_INPUTS_H

#include "products/input_list.h"

/* what: the word for messages ("input"; others, such as "file" or "-mask", stand for single rasters: no folders,
 * nothing is put together). On failure the list may hold part of it: clear it. */
clv_status clv_inputs_expand(clv_context *ctx, const char *const *names, int count, const char *what, clv_inputs *list);

#endif
