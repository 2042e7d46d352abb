/* SPDX-License-Identifier: MIT
 *
 * zip: the table of contents of a ZIP archive, and its members' bytes, for archives that may be hostile. Stored and
 * deflated members, ZIP64 sizes; no encryption, no archives in several parts.
 *
 * Nothing is unpacked but what is asked for, into memory of the caller's, so names inside the archive never become
 * paths. Sizes are checked against the archive's own before anything is allocated for them: a member that claims to
 * be more than deflate can make of its compressed bytes is refused, and one whose name is there twice too (programs
 * do not agree which of both counts).
 *
 *     clv_zip zip = {0};
 *     clv_zip_member member;
 *     const clv_zip_source source = {read_some, file, size};
 *     if ((status = clv_zip_open(ctx, "cube.npz", &source, &zip)) == CLV_OK &&
 *         (status = clv_zip_find(ctx, &zip, "highresdynamic.npy", &member)) == CLV_OK && member.size <= wanted)
 *         status = clv_zip_read(ctx, &zip, &member, buffer, member.size);
 *     clv_zip_clear(&zip);
 *
 * A clv_zip owns its copy of the directory; the source stays the caller's and must outlive it. One thread at a time.
 * Format: PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3.
 */
#ifndef CLV_FORMATS_ZIP_H
#define CLV_FORMATS_ZIP_H

#include "base/context.h"

/* Where an archive's bytes come from. read: n bytes from offset (both inside the archive) into out; false when that
 * fails. */
typedef struct clv_zip_source {
    bool (*read)(void *user, uint64_t offset, void *out, size_t n);
    void *user;
    uint64_t size;
} clv_zip_source;

typedef struct clv_zip {
    const char *name; /* for messages; the caller's */
    clv_zip_source source;
    uint8_t *directory; /* owned */
    size_t directory_size;
    int members;
} clv_zip;

typedef struct clv_zip_member {
    int method; /* 0 stored, 8 deflated */
    uint32_t crc;
    uint64_t compressed, size; /* bytes in the archive, and unpacked */
    uint64_t data;             /* where the former begin */
} clv_zip_member;

/* name is used in messages. On failure *out is empty. */
clv_status clv_zip_open(clv_context *ctx, const char *name, const clv_zip_source *source, clv_zip *out);
void clv_zip_clear(clv_zip *zip);
/* Number of members of that name; they are not looked at. */
int clv_zip_count(const clv_zip *zip, const char *member);
/* CLV_ERROR_FORMAT when there is none, when there are several, or when it cannot be what it says. */
clv_status clv_zip_find(clv_context *ctx, const clv_zip *zip, const char *member, clv_zip_member *out);
/* The first n (at most member->size) bytes. When they are all, their checksum is verified. */
clv_status clv_zip_read(clv_context *ctx, const clv_zip *zip, const clv_zip_member *member, void *out, size_t n);

#endif
