/* SPDX-License-Identifier: MIT
 *
 * file: whole files of our own (weights, lists, metadata): reading within a limit, writing completely or not at all.
 * Rasters go through GDAL instead. A writer belongs to the thread that made it.
 *
 *     clv_file_writer *w;
 *     if ((status = clv_file_create(ctx, "a.safetensors", &w)) != CLV_OK) return status;
 *     clv_file_write(w, header, header_size);
 *     clv_file_write(w, data, data_size);       // does nothing after a failure
 *     return clv_file_finish(w, true);          // the first failure, or CLV_OK: the file is there and complete
 */
#ifndef CLV_BASE_FILE_H
#define CLV_BASE_FILE_H

#include "base/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads a whole file, or what comes out of a pipe, into memory (free()); at most max_bytes. One 0 byte, not counted,
 * follows the data, so that text is a C string. The file is an input from here on (input_files.h). CLV_ERROR_OPEN: not
 * there, no permission, a folder; CLV_ERROR_FORMAT: too large. */
clv_status clv_read_file(clv_context *ctx, const char *path, size_t max_bytes, uint8_t **data, size_t *size);
/* The same for a file that the program keeps for itself, such as a manifest: no input, it may be replaced. */
clv_status clv_read_own_file(clv_context *ctx, const char *path, size_t max_bytes, uint8_t **data, size_t *size);

/* Writing goes to a temporary sibling which clv_file_finish syncs to disk and renames to path; an existing file is
 * replaced then and untouched before. ctx must live until finish. path must not be a device, pipe or folder, nor an
 * input (input_files.h). */
typedef struct clv_file_writer clv_file_writer;
clv_status clv_file_create(clv_context *ctx, const char *path, clv_file_writer **out);
clv_status clv_file_write(clv_file_writer *w, const void *data, size_t size);
/* Frees w (NULL gives CLV_OK). keep false: nothing is left behind. */
clv_status clv_file_finish(clv_file_writer *w, bool keep);

#ifdef __cplusplus
}
#endif
#endif
