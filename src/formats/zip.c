/* SPDX-License-Identifier: MIT */
#include "formats/zip.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#define END_SIZE 22 /* end of central directory record, without its comment */
#define END_SEARCH (END_SIZE + 65535)
#define ENTRY_SIZE 46 /* of the central directory, without its three texts */
#define LOCAL_SIZE 30
#define MAX_DIRECTORY ((size_t)1 << 20)
#define MAX_RATIO 1032 /* deflate's: 258 bytes from two bits */
#define CHUNK ((size_t)1 << 16)
#define ZIP64_EXTRA 1

/* A fuzzer cannot guess checksums, and is to look behind them. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#define CHECKS_SUMS false
#else
#define CHECKS_SUMS true
#endif

/* ---- Numbers ----------------------------------------------------------------------------------- */

static uint64_t number(const uint8_t *p, int bytes)
{
    uint64_t n = 0;
    for (int i = bytes - 1; i >= 0; i--)
        n = n << 8 | p[i];
    return n;
}

static clv_status damaged(clv_context *ctx, const clv_zip *zip, const char *what)
{
    return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: damaged ZIP archive: %s", zip->name, what);
}

static bool fetch(const clv_zip *zip, uint64_t offset, void *out, size_t n)
{
    return n <= zip->source.size && offset <= zip->source.size - n &&
           (n == 0 || zip->source.read(zip->source.user, offset, out, n));
}

/* ---- Directory --------------------------------------------------------------------------------- */

/* The end record lies at the end, before a comment of at most 64 KB whose length it gives. */
static clv_status find_end(clv_context *ctx, const clv_zip *zip, uint8_t end[END_SIZE], uint64_t *at)
{
    size_t n = zip->source.size < END_SEARCH ? (size_t)zip->source.size : END_SEARCH;
    uint64_t start = zip->source.size - n;
    if (n < END_SIZE)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: is not a ZIP archive", zip->name);
    uint8_t *tail = malloc(n);
    if (!tail)
        return clv_fail_memory_for(ctx, zip->name);
    clv_status status = CLV_OK;
    bool found = false;
    if (!fetch(zip, start, tail, n))
        status = clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be read", zip->name);
    for (size_t i = n - END_SIZE + 1; i-- > 0 && !found && status == CLV_OK;)
        if (memcmp(tail + i, "PK\5\6", 4) == 0 && i + END_SIZE + number(tail + i + 20, 2) == n) {
            memcpy(end, tail + i, END_SIZE);
            *at = start + i;
            found = true;
        }
    free(tail);
    if (status == CLV_OK && !found)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: is not a ZIP archive, or is cut short", zip->name);
    return status;
}

/* Every entry must lie inside the directory; from here on none is checked for that again. */
static bool entries_fit(const clv_zip *zip)
{
    size_t at = 0;
    for (int i = 0; i < zip->members; i++) {
        const uint8_t *e = zip->directory + at;
        if (zip->directory_size - at < ENTRY_SIZE || memcmp(e, "PK\1\2", 4) != 0)
            return false;
        size_t texts = (size_t)(number(e + 28, 2) + number(e + 30, 2) + number(e + 32, 2));
        if (zip->directory_size - at - ENTRY_SIZE < texts)
            return false;
        at += ENTRY_SIZE + texts;
    }
    return true;
}

clv_status clv_zip_open(clv_context *ctx, const char *name, const clv_zip_source *source, clv_zip *out)
{
    uint8_t end[END_SIZE];
    uint64_t end_at = 0;
    *out = (clv_zip){.name = name, .source = *source};
    clv_status status = find_end(ctx, out, end, &end_at);
    if (status != CLV_OK)
        goto cleanup;
    uint64_t size = number(end + 12, 4), offset = number(end + 16, 4);
    if (number(end + 4, 2) != 0 || number(end + 6, 2) != 0 || number(end + 8, 2) != number(end + 10, 2)) {
        status = clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: a ZIP archive in several parts", name);
    } else if (size > MAX_DIRECTORY || number(end + 10, 2) == 0xFFFF || offset == 0xFFFFFFFF) {
        status =
            clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: a ZIP archive with too many members, or of more than 4 GB", name);
    } else if (offset > end_at || size > end_at - offset) {
        status = damaged(ctx, out, "its directory does not lie before its end");
    }
    if (status != CLV_OK)
        goto cleanup;
    out->members = (int)number(end + 10, 2);
    out->directory_size = (size_t)size;
    out->directory = malloc(size ? (size_t)size : 1);
    if (!out->directory)
        status = clv_fail_memory_for(ctx, name);
    else if (!fetch(out, offset, out->directory, (size_t)size))
        status = clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be read", name);
    else if (!entries_fit(out))
        status = damaged(ctx, out, "its directory is cut short");

cleanup:
    if (status != CLV_OK)
        clv_zip_clear(out);
    return status;
}

void clv_zip_clear(clv_zip *zip)
{
    free(zip->directory);
    *zip = (clv_zip){0};
}

/* ---- Members ----------------------------------------------------------------------------------- */

/* How many entries have that name; *first: one of them. */
static int look_up(const clv_zip *zip, const char *member, const uint8_t **first)
{
    size_t length = strlen(member);
    const uint8_t *e = zip->directory;
    int found = 0;
    for (int i = 0; i < zip->members; i++) {
        size_t n = (size_t)number(e + 28, 2);
        if (n == length && memcmp(e + ENTRY_SIZE, member, n) == 0 && found++ == 0)
            *first = e;
        e += ENTRY_SIZE + n + number(e + 30, 2) + number(e + 32, 2);
    }
    return found;
}

int clv_zip_count(const clv_zip *zip, const char *member)
{
    const uint8_t *entry = NULL;
    return look_up(zip, member, &entry);
}

/* Sizes and offset that do not fit into 32 bits stand in an extra field, in this order, each only if it is needed. */
static bool read_sizes(const uint8_t *entry, clv_zip_member *out, uint64_t *local)
{
    const uint8_t *extra = entry + ENTRY_SIZE + number(entry + 28, 2);
    size_t left = (size_t)number(entry + 30, 2);
    uint64_t *const values[] = {&out->size, &out->compressed, local};
    const int at[] = {24, 20, 42};
    int missing = 0;
    for (int i = 0; i < 3; i++) {
        *values[i] = number(entry + at[i], 4);
        missing += *values[i] == 0xFFFFFFFF;
    }
    while (missing && left >= 4) {
        size_t n = (size_t)number(extra + 2, 2);
        if (n > left - 4)
            return false;
        if (number(extra, 2) == ZIP64_EXTRA) {
            const uint8_t *p = extra + 4;
            for (int i = 0; i < 3; i++)
                if (*values[i] == 0xFFFFFFFF) {
                    if (n < 8)
                        return false;
                    *values[i] = number(p, 8);
                    p += 8;
                    n -= 8;
                }
            return true;
        }
        extra += 4 + n;
        left -= 4 + n;
    }
    return !missing;
}

static clv_status check_member(clv_context *ctx, const clv_zip *zip, const uint8_t *entry, clv_zip_member *out)
{
    uint8_t head[LOCAL_SIZE];
    uint64_t local;
    if (number(entry + 8, 2) & 0x41)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: is an encrypted archive", zip->name);
    out->method = (int)number(entry + 10, 2);
    out->crc = (uint32_t)number(entry + 16, 4);
    if (out->method != 0 && out->method != 8)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                        "%s: compressed by method %d; stored and deflated members can be read", zip->name, out->method);
    if (!read_sizes(entry, out, &local) || !fetch(zip, local, head, LOCAL_SIZE) || memcmp(head, "PK\3\4", 4) != 0)
        return damaged(ctx, zip, "a member is not where the directory says");
    out->data = local + LOCAL_SIZE + number(head + 26, 2) + number(head + 28, 2);
    if (out->data > zip->source.size || out->compressed > zip->source.size - out->data)
        return damaged(ctx, zip, "a member is cut short");
    if (out->method == 0 ? out->size != out->compressed : out->size / MAX_RATIO > out->compressed)
        return damaged(ctx, zip, "a member cannot be as large as it says");
    return CLV_OK;
}

clv_status clv_zip_find(clv_context *ctx, const clv_zip *zip, const char *member, clv_zip_member *out)
{
    const uint8_t *entry = NULL;
    *out = (clv_zip_member){0};
    int found = look_up(zip, member, &entry);
    if (found == 0)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: no %s in it", zip->name, member);
    if (found > 1)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: has %d members %s, and it is not clear which counts", zip->name,
                        found, member);
    return check_member(ctx, zip, entry, out);
}

/* ---- Bytes ------------------------------------------------------------------------------------- */

static clv_status inflate_member(clv_context *ctx, const clv_zip *zip, const clv_zip_member *member, uint8_t *out,
                                 size_t n)
{
    z_stream z = {0};
    uint64_t at = member->data, left = member->compressed;
    clv_status status = CLV_OK;
    int result = Z_OK;
    uint8_t *chunk = malloc(CHUNK);
    if (!chunk || inflateInit2(&z, -MAX_WBITS) != Z_OK) {
        free(chunk);
        return clv_fail_memory_for(ctx, zip->name);
    }
    for (size_t done = 0; done < n && status == CLV_OK;) {
        if (z.avail_in == 0 && left > 0) {
            size_t part = left < CHUNK ? (size_t)left : CHUNK;
            if (!fetch(zip, at, chunk, part)) {
                status = clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be read", zip->name);
                break;
            }
            z.next_in = chunk;
            z.avail_in = (uInt)part;
            at += part;
            left -= part;
        }
        size_t room = n - done < ((size_t)1 << 30) ? n - done : (size_t)1 << 30;
        z.next_out = out + done;
        z.avail_out = (uInt)room;
        result = inflate(&z, Z_NO_FLUSH);
        done += room - z.avail_out;
        bool stuck = (result == Z_STREAM_END || (z.avail_in == 0 && left == 0)) && done < n;
        if ((result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) || stuck)
            status = damaged(ctx, zip, "a member cannot be unpacked");
    }
    inflateEnd(&z);
    free(chunk);
    return status;
}

static uint32_t checksum(const uint8_t *data, size_t n)
{
    uLong crc = crc32(0, Z_NULL, 0);
    for (size_t done = 0; done < n;) {
        size_t part = n - done < ((size_t)1 << 30) ? n - done : (size_t)1 << 30;
        crc = crc32(crc, data + done, (uInt)part);
        done += part;
    }
    return (uint32_t)crc;
}

clv_status clv_zip_read(clv_context *ctx, const clv_zip *zip, const clv_zip_member *member, void *out, size_t n)
{
    clv_status status = CLV_OK;
    if (n > member->size)
        return damaged(ctx, zip, "a member is shorter than it should be");
    if (member->method == 8)
        status = inflate_member(ctx, zip, member, out, n);
    else if (!fetch(zip, member->data, out, n))
        status = clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be read", zip->name);
    if (CHECKS_SUMS && status == CLV_OK && n == member->size && checksum(out, n) != member->crc)
        status = damaged(ctx, zip, "a member's checksum is wrong");
    return status;
}
