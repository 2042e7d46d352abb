/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/zip.h"

#include <stdlib.h>
#include <string.h>

/* An archive in memory: two members "a" = "hello" stored, "b" = 1000 times 'x' deflated; made by Python's zipfile. */
static const uint8_t archive[] = {
    0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x52, 0x86, 0xa6, 0x10, 0x36,
    0x05, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x61, 0x68, 0x65, 0x6c, 0x6c, 0x6f,
    0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x21, 0x52, 0xe6, 0xc9, 0x41, 0x3b,
    0x0b, 0x00, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x62, 0xab, 0xa8, 0x18, 0x05, 0xa3,
    0x60, 0x14, 0x0c, 0x77, 0x00, 0x00, 0x50, 0x4b, 0x01, 0x02, 0x14, 0x03, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x21, 0x52, 0x86, 0xa6, 0x10, 0x36, 0x05, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x01, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00, 0x61, 0x50,
    0x4b, 0x01, 0x02, 0x14, 0x03, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x21, 0x52, 0xe6, 0xc9, 0x41,
    0x3b, 0x0b, 0x00, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x80, 0x01, 0x24, 0x00, 0x00, 0x00, 0x62, 0x50, 0x4b, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x02, 0x00, 0x5e, 0x00, 0x00, 0x00, 0x4e, 0x00, 0x00, 0x00, 0x00, 0x00,
};

enum { LOCAL_B = 36, DIRECTORY = 78, ENTRY_B = 125 };

static uint8_t bytes[sizeof archive];
static clv_context *ctx;

static int fresh(void **state)
{
    (void)state;
    memcpy(bytes, archive, sizeof archive);
    ctx = clv_context_new();
    return ctx ? 0 : 1;
}

static int done(void **state)
{
    (void)state;
    clv_context_free(ctx);
    return 0;
}

/* Never asked for what lies outside. */
static bool read_bytes(void *user, uint64_t offset, void *out, size_t n)
{
    const uint64_t *size = user;
    assert_true(offset <= *size && n <= *size - offset);
    memcpy(out, bytes + offset, n);
    return true;
}

static uint64_t size_now;

static clv_status open_first(size_t size, clv_zip *zip)
{
    size_now = size;
    const clv_zip_source source = {read_bytes, &size_now, size};
    clv_clear_error(ctx);
    return clv_zip_open(ctx, "a.zip", &source, zip);
}

/* Opens, finds and reads one member; the first failure. */
static clv_status take(const char *name, void *out, size_t n)
{
    clv_zip zip;
    clv_zip_member member;
    clv_status status = open_first(sizeof bytes, &zip);
    if (status == CLV_OK && (status = clv_zip_find(ctx, &zip, name, &member)) == CLV_OK)
        status = clv_zip_read(ctx, &zip, &member, out, n);
    clv_zip_clear(&zip);
    return status;
}

static void members_are_read(void **state)
{
    (void)state;
    char out[1000];
    assert_int_equal(take("a", out, 5), CLV_OK);
    assert_memory_equal(out, "hello", 5);
    for (size_t n = 0; n <= 1000; n += 125) {
        memset(out, 0, sizeof out);
        assert_int_equal(take("b", out, n), CLV_OK);
        for (size_t i = 0; i < 1000; i++)
            assert_int_equal(out[i], i < n ? 'x' : 0);
    }
}

static void refused(const char *name, size_t n, clv_status status, const char *text)
{
    char out[2000];
    clv_status got = take(name, out, n);
    if (got != status || !strstr(clv_context_error(ctx), text))
        fail_msg("status %d: %s (expected %d: %s)", (int)got, clv_context_error(ctx), (int)status, text);
    memcpy(bytes, archive, sizeof archive);
}

static void damage_is_noticed(void **state)
{
    (void)state;
    refused("c", 1, CLV_ERROR_FORMAT, "no c in it");
    refused("a", 6, CLV_ERROR_FORMAT, "shorter than it should be");
    bytes[DIRECTORY + 16] ^= 1;
    refused("a", 5, CLV_ERROR_FORMAT, "checksum is wrong");
    bytes[ENTRY_B + 16] ^= 1;
    refused("b", 1000, CLV_ERROR_FORMAT, "checksum is wrong");
    bytes[DIRECTORY + 8] = 1;
    refused("a", 5, CLV_ERROR_UNSUPPORTED, "encrypted");
    bytes[DIRECTORY + 10] = 99;
    refused("a", 5, CLV_ERROR_UNSUPPORTED, "method 99");
    bytes[DIRECTORY + 24] = 6; /* stored, but of another size */
    refused("a", 5, CLV_ERROR_FORMAT, "cannot be as large");
    bytes[ENTRY_B + 26] = 255; /* 16 MB from ten bytes */
    refused("b", 5, CLV_ERROR_FORMAT, "cannot be as large");
    bytes[ENTRY_B + 20] += 200; /* compressed bytes beyond the end */
    refused("b", 5, CLV_ERROR_FORMAT, "cut short");
    bytes[ENTRY_B + 42] = LOCAL_B + 1;
    refused("b", 5, CLV_ERROR_FORMAT, "not where the directory says");
    bytes[ENTRY_B + 46] = 'a'; /* both are "a" now */
    refused("a", 5, CLV_ERROR_FORMAT, "2 members a");
    memset(bytes + LOCAL_B + 31, 0xFF, 8); /* no deflate stream */
    refused("b", 1000, CLV_ERROR_FORMAT, "cannot be unpacked");
    bytes[DIRECTORY + 28] = 255; /* a name longer than the directory */
    refused("a", 5, CLV_ERROR_FORMAT, "directory is cut short");
    bytes[sizeof bytes - 22 + 4] = 1;
    refused("a", 5, CLV_ERROR_UNSUPPORTED, "several parts");
    bytes[sizeof bytes - 22 + 12] = 0xFF; /* a directory that reaches over the end record */
    refused("a", 5, CLV_ERROR_FORMAT, "does not lie before its end");
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    clv_zip zip;
    for (size_t size = 0; size < sizeof bytes; size++) {
        assert_int_not_equal(open_first(size, &zip), CLV_OK);
        assert_null(zip.directory);
    }
    assert_int_equal(open_first(sizeof bytes, &zip), CLV_OK);
    assert_int_equal(clv_zip_count(&zip, "a"), 1);
    assert_int_equal(clv_zip_count(&zip, ""), 0);
    clv_zip_clear(&zip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members_are_read, fresh, done),
        cmocka_unit_test_setup_teardown(damage_is_noticed, fresh, done),
        cmocka_unit_test_setup_teardown(every_cut_is_refused, fresh, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
