/* SPDX-License-Identifier: MIT
 *
 * The archive that is never written: GDAL reads it, whatever parts it is fetched in; files above 4 GB too.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* VSIStatBufL */
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_string.h>
#include <cpl_vsi.h>

#include "serve/archive.h"

static char folder[] = "/tmp/clv-zip-XXXXXX";

static void write_file(const char *name, const char *text, char path[64])
{
    snprintf(path, 64, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* All of an archive, fetched in pieces of at most `piece` bytes. */
static uint8_t *fetch(const clv_archive *zip, size_t piece)
{
    uint8_t *all = malloc((size_t)clv_archive_size(zip));
    clv_archive_reader *reader = clv_archive_open(zip);
    assert_non_null(all);
    assert_non_null(reader);
    uint64_t at = 0;
    for (ssize_t n; (n = clv_archive_read(reader, at, all + at, piece)) > 0; at += (uint64_t)n)
        assert_true((size_t)n <= piece);
    assert_int_equal(at, clv_archive_size(zip));
    clv_archive_reader_free(reader);
    return all;
}

static void members_come_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"first", "", "third, a little longer"};
    static const char *const names[] = {"a.txt", "empty", "folder/W\xc3\xbcste.tif"};
    char path[3][64];
    clv_context *ctx = clv_context_new();
    clv_archive *zip = clv_archive_new();
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "f%d", i);
        write_file(name, texts[i], path[i]);
        assert_int_equal(clv_archive_add(ctx, zip, path[i], names[i]), CLV_OK);
    }
    assert_int_equal(clv_archive_add(ctx, zip, "/nothing/there", "x"), CLV_ERROR_OPEN);
    clv_archive_free(zip);

    zip = clv_archive_new();
    for (int i = 0; i < 3; i++)
        assert_int_equal(clv_archive_add(ctx, zip, path[i], names[i]), CLV_OK);
    assert_int_equal(clv_archive_close(ctx, zip), CLV_OK);
    uint8_t *whole = fetch(zip, 1 << 20);
    for (size_t piece = 1; piece < 40; piece += 6) {
        uint8_t *again = fetch(zip, piece);
        assert_memory_equal(whole, again, clv_archive_size(zip));
        free(again);
    }
    VSIFCloseL(VSIFileFromMemBuffer("/vsimem/a.zip", whole, clv_archive_size(zip), FALSE));
    for (int i = 0; i < 3; i++) {
        char name[64];
        GByte *text = NULL;
        vsi_l_offset size = 0;
        snprintf(name, sizeof name, "/vsizip/vsimem/a.zip/%s", names[i]);
        VSIStatBufL look;
        assert_int_equal(VSIStatL(name, &look), 0);
        assert_int_equal(look.st_size, strlen(texts[i]));
        if (*texts[i]) {
            assert_true(VSIIngestFile(NULL, name, &text, &size, -1));
            assert_string_equal((char *)text, texts[i]);
        }
        CPLFree(text);
    }
    VSIUnlink("/vsimem/a.zip");
    free(whole);

    /* A file that has become shorter or is gone is noticed. */
    clv_archive_reader *reader = clv_archive_open(zip);
    char byte[64];
    assert_int_equal(truncate(path[2], 3), 0);
    const uint64_t end = clv_archive_size(zip);
    bool failed = false;
    for (uint64_t at = 0; at < end && !failed;) {
        const ssize_t n = clv_archive_read(reader, at, byte, sizeof byte);
        failed = n < 0;
        at += n > 0 ? (uint64_t)n : 0;
    }
    assert_true(failed);
    clv_archive_reader_free(reader);
    clv_archive_free(zip);
    for (int i = 0; i < 3; i++)
        unlink(path[i]);
    clv_context_free(ctx);
}

/* A sparse file of more than 4 GB: what stands behind it is found through the 64-bit fields. */
static void above_four_gigabytes(void **state)
{
    (void)state;
    if (!getenv("CLV_TEST_LARGE")) /* reads it all for its checksum: some seconds */
        skip();
    char big[64], small[64];
    clv_context *ctx = clv_context_new();
    clv_archive *zip = clv_archive_new();
    write_file("big", "x", big);
    write_file("small", "behind it", small);
    assert_int_equal(truncate(big, (off_t)4400000000), 0);
    assert_int_equal(clv_archive_add(ctx, zip, big, "big"), CLV_OK);
    assert_int_equal(clv_archive_add(ctx, zip, small, "small"), CLV_OK);
    assert_int_equal(clv_archive_close(ctx, zip), CLV_OK);
    char path[64];
    snprintf(path, sizeof path, "%s/a.zip", folder);
    clv_archive_reader *reader = clv_archive_open(zip);
    FILE *file = fopen(path, "wb");
    static char buffer[1 << 20];
    static const char zeros[1 << 20];
    uint64_t at = 0;
    for (ssize_t n; (n = clv_archive_read(reader, at, buffer, sizeof buffer)) > 0; at += (uint64_t)n) /* sparse again */
        if (memcmp(buffer, zeros, (size_t)n) == 0)
            assert_int_equal(fseeko(file, (off_t)n, SEEK_CUR), 0);
        else
            assert_int_equal(fwrite(buffer, 1, (size_t)n, file), n);
    fclose(file);
    GByte *text = NULL;
    char name[96];
    snprintf(name, sizeof name, "/vsizip/%s/small", path);
    assert_true(VSIIngestFile(NULL, name, &text, NULL, -1));
    assert_string_equal((char *)text, "behind it");
    CPLFree(text);
    VSIStatBufL look;
    snprintf(name, sizeof name, "/vsizip/%s/big", path);
    assert_int_equal(VSIStatL(name, &look), 0);
    assert_true(look.st_size == (vsi_l_offset)4400000000);
    unlink(path);
    unlink(big);
    unlink(small);
    clv_archive_reader_free(reader);
    clv_archive_free(zip);
    clv_context_free(ctx);
}

static int begin(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(members_come_back), cmocka_unit_test(above_four_gigabytes)};
    return cmocka_run_group_tests(tests, begin, end);
}
