/* SPDX-License-Identifier: MIT
 *
 * zip: files as one zip archive that is never written: its length is known beforehand and any part of it can be read,
 * so that a download needs no second copy on disk and can be resumed. Entries are stored, not compressed (the rasters
 * are compressed already); archives and files above 4 GB get the 64-bit fields (APPNOTE 4.3 and 4.5.3).
 *
 *     clv_zip *zip = clv_zip_new();
 *     status = clv_zip_add(ctx, zip, "/tmp/x/a.tif", "a.tif");     // reads the file once, for its checksum
 *     status = clv_zip_close(ctx, zip);
 *     clv_zip_reader *reader = clv_zip_open(zip);
 *     ssize_t n = clv_zip_read(reader, position, buffer, size);    // 0 at the end, -1 when a file has changed or is
 * gone clv_zip_reader_free(reader); clv_zip_free(zip);
 *
 * A closed archive may have many readers, one thread each; it must outlive them.
 */
#ifndef CLV_SERVE_ZIP_H
#define CLV_SERVE_ZIP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/context.h"

typedef struct clv_zip clv_zip;
typedef struct clv_zip_reader clv_zip_reader;

clv_zip *clv_zip_new(void); /* NULL when out of memory */
void clv_zip_free(clv_zip *zip);
/* name: UTF-8, with '/' between folders. Cancellable through ctx. */
clv_status clv_zip_add(clv_context *ctx, clv_zip *zip, const char *path, const char *name);
clv_status clv_zip_close(clv_context *ctx, clv_zip *zip);
uint64_t clv_zip_size(const clv_zip *zip);

clv_zip_reader *clv_zip_open(const clv_zip *zip);
void clv_zip_reader_free(clv_zip_reader *reader);
ssize_t clv_zip_read(clv_zip_reader *reader, uint64_t position, void *buffer, size_t size);

/* CRC-32 of the zip format; start with 0. */
uint32_t clv_crc32(uint32_t crc, const void *data, size_t size);

#endif
