/* SPDX-License-Identifier: MIT
 *
 * input_files: the files that a call has read: pictures, masks, lists, metadata, weights, training sets. What writes,
 * replaces or removes a file asks here first: an input is never touched, with -overwrite neither, however its path is
 * spelled.
 *
 *     clv_input_files_add(ctx, "in/a.tif");                              // whoever opens a file for reading
 *     if ((status = clv_input_files_spare(ctx, "out/a.tif")) != CLV_OK)  // whoever is about to write
 *         return status;
 *
 * clv_read_file() and clv_raster_open() add what they read themselves. A public call begins with none
 * (clv_clear_error()). Files are known as in file_set.h. All functions may be called from any thread; ctx may be NULL
 * (then nothing is known).
 */
#ifndef CLV_BASE_INPUT_FILES_H
#define CLV_BASE_INPUT_FILES_H

#include <stdbool.h>

#include "base/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* name: a path, or a name of GDAL's with the path of a file in it (NETCDF:"a.nc":b02, /vsizip/a.zip/b.tif): then that
 * file. Names that lead to no file of this machine are remembered as they are. Out of memory is told when it is asked
 * for. */
void clv_input_files_add(clv_context *ctx, const char *name);
/* CLV_ERROR_ARGUMENT when path leads to an input; the message names both. CLV_ERROR_MEMORY: an input could not be
 * noted. */
clv_status clv_input_files_spare(clv_context *ctx, const char *path);
/* Whether path leads to an input; also when memory has run out. */
bool clv_input_files_has(clv_context *ctx, const char *path);
/* Calls visit for every input that is a file of this machine until it returns false. */
void clv_input_files_each(clv_context *ctx, bool (*visit)(const char *name, void *user), void *user);
/* While kept, public calls on this context do not begin with none: for one that is made inside another. */
void clv_input_files_keep(clv_context *ctx, bool keep);

#ifdef __cplusplus
}
#endif
#endif
