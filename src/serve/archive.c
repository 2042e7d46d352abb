/* SPDX-License-Identifier: MIT */
#include "serve/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <zlib.h>

#include "base/alloc.h"

enum {
    LOCAL_BYTES = 30,
    LOCAL_EXTRA = 20, /* 64-bit sizes: always there, so that a header's length does not hang on the file's */
    CENTRAL_BYTES = 46,
    CENTRAL_EXTRA = 28,
    TAIL_BYTES = 56 + 20 + 22, /* 64-bit end record, its locator, end record */
    MAX_ENTRIES = 65000,
    CHUNK = 1 << 18,
    UTF8_NAME = 1 << 11,
    NEEDS_64 = 45
};

typedef struct entry {
    char *path, *name;
    uint8_t *head; /* the local header, name and extra field */
    size_t head_size;
    uint64_t start, size; /* of the header in the archive; of the file */
    uint32_t crc;
} entry;

struct clv_archive {
    entry *entries;
    int count;
    uint64_t end; /* of the last file */
    uint8_t *tail;
    size_t tail_size;
    uint32_t stamp; /* date and time as MS-DOS wrote them */
};

struct clv_archive_reader {
    const clv_archive *zip;
    int open, fd; /* number of the entry whose file is open, -1 */
};

/* ---- Records ------------------------------------------------------------------------------------- */

static uint8_t *put(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

/* A number in a 32-bit field; what does not fit stands in the extra field, and here all bits are set. */
static uint32_t short_of(uint64_t value)
{
    return value < 0xFFFFFFFFu ? (uint32_t)value : 0xFFFFFFFFu;
}

static bool make_head(entry *e, uint32_t stamp)
{
    const size_t n = strlen(e->name);
    e->head_size = LOCAL_BYTES + n + LOCAL_EXTRA;
    uint8_t *at = e->head = malloc(e->head_size);
    if (!at)
        return false;
    at = put(at, 0x04034b50, 4);
    at = put(at, NEEDS_64, 2);
    at = put(at, UTF8_NAME, 2);
    at = put(at, 0, 2); /* stored */
    at = put(at, stamp, 4);
    at = put(at, e->crc, 4);
    at = put(at, 0xFFFFFFFFu, 4); /* both sizes: in the extra field */
    at = put(at, 0xFFFFFFFFu, 4);
    at = put(at, n, 2);
    at = put(at, LOCAL_EXTRA, 2);
    memcpy(at, e->name, n);
    at = put(at + n, 1, 2);
    at = put(at, 16, 2);
    at = put(at, e->size, 8);
    put(at, e->size, 8);
    return true;
}

static uint8_t *put_central(uint8_t *at, const entry *e, uint32_t stamp)
{
    const size_t n = strlen(e->name);
    at = put(at, 0x02014b50, 4);
    at = put(at, 3 << 8 | NEEDS_64, 2); /* made on Unix */
    at = put(at, NEEDS_64, 2);
    at = put(at, UTF8_NAME, 2);
    at = put(at, 0, 2);
    at = put(at, stamp, 4);
    at = put(at, e->crc, 4);
    at = put(at, 0xFFFFFFFFu, 4);
    at = put(at, 0xFFFFFFFFu, 4);
    at = put(at, n, 2);
    at = put(at, CENTRAL_EXTRA, 2);
    at = put(at, 0, 2); /* no comment */
    at = put(at, 0, 2);
    at = put(at, 0, 2);
    at = put(at, (uint64_t)0100644 << 16, 4);
    at = put(at, 0xFFFFFFFFu, 4);
    memcpy(at, e->name, n);
    at = put(at + n, 1, 2);
    at = put(at, 24, 2);
    at = put(at, e->size, 8);
    at = put(at, e->size, 8);
    return put(at, e->start, 8);
}

clv_status clv_archive_close(clv_context *ctx, clv_archive *zip)
{
    size_t directory = 0;
    for (int i = 0; i < zip->count; i++)
        directory += CENTRAL_BYTES + strlen(zip->entries[i].name) + CENTRAL_EXTRA;
    zip->tail_size = directory + TAIL_BYTES;
    uint8_t *at = zip->tail = malloc(zip->tail_size);
    if (!at)
        return clv_fail_memory(ctx);
    for (int i = 0; i < zip->count; i++)
        at = put_central(at, &zip->entries[i], zip->stamp);
    at = put(at, 0x06064b50, 4);
    at = put(at, 44, 8); /* of the record, from here on */
    at = put(at, 3 << 8 | NEEDS_64, 2);
    at = put(at, NEEDS_64, 2);
    at = put(at, 0, 8); /* one disk */
    at = put(at, (uint64_t)zip->count, 8);
    at = put(at, (uint64_t)zip->count, 8);
    at = put(at, directory, 8);
    at = put(at, zip->end, 8);
    at = put(at, 0x07064b50, 4);
    at = put(at, 0, 4);
    at = put(at, zip->end + directory, 8);
    at = put(at, 1, 4);
    at = put(at, 0x06054b50, 4);
    at = put(at, 0, 4);
    at = put(at, (uint64_t)zip->count, 2);
    at = put(at, (uint64_t)zip->count, 2);
    at = put(at, short_of(directory), 4);
    at = put(at, short_of(zip->end), 4);
    put(at, 0, 2);
    return CLV_OK;
}

/* ---- Making -------------------------------------------------------------------------------------- */

clv_archive *clv_archive_new(void)
{
    clv_archive *zip = calloc(1, sizeof *zip);
    struct tm t;
    const time_t now = time(NULL);
    if (zip && localtime_r(&now, &t) && t.tm_year >= 80 && t.tm_year < 208)
        zip->stamp = (uint32_t)(t.tm_sec / 2 | t.tm_min << 5 | t.tm_hour << 11) |
                     (uint32_t)(t.tm_mday | (t.tm_mon + 1) << 5 | (t.tm_year - 80) << 9) << 16;
    return zip;
}

void clv_archive_free(clv_archive *zip)
{
    for (int i = 0; zip && i < zip->count; i++) {
        free(zip->entries[i].path);
        free(zip->entries[i].name);
        free(zip->entries[i].head);
    }
    if (zip) {
        free(zip->entries);
        free(zip->tail);
    }
    free(zip);
}

static clv_status measure(clv_context *ctx, entry *e)
{
    clv_status status = CLV_OK;
    uint8_t *buffer = malloc(CHUNK);
    const int fd = open(e->path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;
    if (!buffer)
        status = clv_fail_memory(ctx);
    else if (fd < 0)
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: %s", e->path, strerror(errno));
    while (status == CLV_OK && n > 0) {
        status = clv_check_cancel(ctx);
        n = read(fd, buffer, CHUNK);
        if (n < 0)
            status = clv_fail(ctx, CLV_ERROR_READ, "%s: %s", e->path, strerror(errno));
        else {
            e->crc = (uint32_t)crc32(e->crc, buffer, (uInt)n);
            e->size += (uint64_t)n;
        }
    }
    if (fd >= 0)
        close(fd);
    free(buffer);
    return status;
}

clv_status clv_archive_add(clv_context *ctx, clv_archive *zip, const char *path, const char *name)
{
    if (zip->count == MAX_ENTRIES || strlen(name) > 60000)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: too many files, or too long a name, for an archive", name);
    entry *grown = realloc(zip->entries, ((size_t)zip->count + 1) * sizeof *grown);
    if (!grown)
        return clv_fail_memory(ctx);
    zip->entries = grown;
    entry *e = &grown[zip->count++];
    *e = (entry){.path = clv_strdup(path), .name = clv_strdup(name), .start = zip->end};
    if (!e->path || !e->name)
        return clv_fail_memory(ctx);
    clv_status status = measure(ctx, e);
    if (status == CLV_OK && !make_head(e, zip->stamp))
        status = clv_fail_memory(ctx);
    zip->end += e->head_size + e->size;
    return status;
}

uint64_t clv_archive_size(const clv_archive *zip)
{
    return zip->end + zip->tail_size;
}

/* ---- Reading ------------------------------------------------------------------------------------- */

clv_archive_reader *clv_archive_open(const clv_archive *zip)
{
    clv_archive_reader *reader = calloc(1, sizeof *reader);
    if (reader)
        *reader = (clv_archive_reader){.zip = zip, .open = -1, .fd = -1};
    return reader;
}

void clv_archive_reader_free(clv_archive_reader *reader)
{
    if (reader && reader->fd >= 0)
        close(reader->fd);
    free(reader);
}

static ssize_t copy(void *buffer, size_t size, const uint8_t *from, uint64_t offset, uint64_t length)
{
    const size_t n = length - offset < size ? (size_t)(length - offset) : size;
    memcpy(buffer, from + offset, n);
    return (ssize_t)n;
}

static int entry_at(const clv_archive *zip, uint64_t position)
{
    int low = 0, high = zip->count - 1;
    while (low < high) {
        const int middle = (low + high + 1) / 2;
        if (zip->entries[middle].start <= position)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static ssize_t read_file(clv_archive_reader *reader, int number, uint64_t offset, void *buffer, size_t size)
{
    const entry *e = &reader->zip->entries[number];
    if (reader->open != number) {
        if (reader->fd >= 0)
            close(reader->fd);
        reader->fd = open(e->path, O_RDONLY | O_CLOEXEC);
        reader->open = number;
    }
    if (reader->fd < 0)
        return -1;
    const size_t n = e->size - offset < size ? (size_t)(e->size - offset) : size;
    const ssize_t got = pread(reader->fd, buffer, n, (off_t)offset);
    return got > 0 ? got : -1; /* 0: shorter than it was */
}

ssize_t clv_archive_read(clv_archive_reader *reader, uint64_t position, void *buffer, size_t size)
{
    const clv_archive *zip = reader->zip;
    if (size == 0 || position >= clv_archive_size(zip))
        return 0;
    if (position >= zip->end)
        return copy(buffer, size, zip->tail, position - zip->end, zip->tail_size);
    const int number = entry_at(zip, position);
    const entry *e = &zip->entries[number];
    const uint64_t offset = position - e->start;
    if (offset < e->head_size)
        return copy(buffer, size, e->head, offset, e->head_size);
    return read_file(reader, number, offset - e->head_size, buffer, size);
}
