/* SPDX-License-Identifier: MIT
 *
 * archive: files as one zip archive that is never written: its length is known beforehand and any part of it can be
 * read, so that a download needs no second copy on disk and can be resumed. Entries are stored, not compressed (the
 * rasters are compressed already); archives and files above 4 GB get the 64-bit fields (APPNOTE 4.3 and 4.5.3).
 *
 *     clv_archive *zip = clv_archive_new();
 *     status = clv_archive_add(ctx, zip, "/tmp/x/a.tif", "a.tif");     // reads the file once, for its checksum
 *     status = clv_archive_close(ctx, zip);
 *     clv_archive_reader *reader = clv_archive_open(zip);
 *     ssize_t n = clv_archive_read(reader, position, buffer, size);    // 0 at the end, -1 when a file has changed
 *     clv_archive_reader_free(reader);
 *     clv_archive_free(zip);
 *
 * A closed archive may have many readers, one thread each; it must outlive them.
 */
#ifndef CLV_SERVE_ARCHIVE_H
#define CLV_SERVE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/context.h"

typedef struct clv_archive clv_archive;
typedef struct clv_archive_reader clv_archive_reader;

clv_archive *clv_archive_new(void); /* NULL when out of memory */
void clv_archive_free(clv_archive *zip);
/* name: UTF-8, with '/' between folders. Cancellable through ctx. */
clv_status clv_archive_add(clv_context *ctx, clv_archive *zip, const char *path, const char *name);
clv_status clv_archive_close(clv_context *ctx, clv_archive *zip);
uint64_t clv_archive_size(const clv_archive *zip);

clv_archive_reader *clv_archive_open(const clv_archive *zip);
void clv_archive_reader_free(clv_archive_reader *reader);
ssize_t clv_archive_read(clv_archive_reader *reader, uint64_t position, void *buffer, size_t size);

#endif
