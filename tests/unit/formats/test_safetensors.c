/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "formats/safetensors.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file in memory, allocated exactly, so that a sanitizer sees every byte read too many. */
static uint8_t *build(const char *header, uint64_t announced, size_t data_bytes, size_t *size)
{
    size_t length = strlen(header);
    *size = 8 + length + data_bytes;
    uint8_t *file = malloc(*size);
    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)(announced >> 8 * i);
    memcpy(file + 8, header, length);
    for (size_t i = 0; i < data_bytes; i++)
        file[8 + length + i] = (uint8_t)(i * 37);
    return file;
}

static clv_status parse_header(const char *header, size_t data_bytes)
{
    size_t size;
    uint8_t *file = build(header, strlen(header), data_bytes, &size);
    clv_context *ctx = clv_context_new();
    clv_safetensors *st = (clv_safetensors *)ctx; /* must be overwritten */
    clv_status status = clv_safetensors_parse(ctx, file, size, &st);
    if (status != CLV_OK) {
        assert_null(st);
        assert_true(strlen(clv_context_error(ctx)) > 10);
    }
    clv_safetensors_free(st);
    clv_context_free(ctx);
    free(file);
    return status;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static void test_reads(void **state)
{
    (void)state;
    const char *header = "{\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
                         "\"__metadata__\":{\"kind\":\"unet\",\"n\":\"5\"},"
                         "\"a\":{\"data_offsets\":[0,8],\"shape\":[],\"dtype\":\"F64\"},"
                         "\"none\":{\"dtype\":\"I8\",\"shape\":[4,0],\"data_offsets\":[8,8]}}   ";
    size_t size;
    uint8_t *file = build(header, strlen(header), 32, &size);
    clv_safetensors *st;
    assert_int_equal(clv_safetensors_parse(NULL, file, size, &st), CLV_OK);
    assert_int_equal(clv_safetensors_count(st), 3);
    assert_string_equal(clv_safetensors_at(st, 0)->name, "b"); /* the header's order */
    assert_string_equal(clv_safetensors_at(st, 2)->name, "none");
    assert_null(clv_safetensors_at(st, 3));
    assert_null(clv_safetensors_at(st, -1));
    const clv_tensor *b = clv_safetensors_find(st, "b"), *a = clv_safetensors_find(st, "a");
    assert_int_equal(b->dtype, CLV_F32);
    assert_int_equal(b->dims, 2);
    assert_int_equal(b->shape[0], 2);
    assert_int_equal(b->shape[1], 3);
    assert_int_equal(b->bytes, 24);
    assert_ptr_equal(b->data, file + size - 24);
    assert_int_equal(a->dims, 0);
    assert_ptr_equal(a->data, file + size - 32);
    assert_int_equal(clv_safetensors_find(st, "none")->bytes, 0);
    assert_null(clv_safetensors_find(st, "c"));
    assert_null(clv_safetensors_find(st, "__metadata__"));
    assert_null(clv_safetensors_find(NULL, "a"));
    assert_non_null(clv_safetensors_metadata(st, "n"));
    assert_string_equal(clv_safetensors_metadata(st, "kind"), "unet");
    assert_null(clv_safetensors_metadata(st, "none"));
    clv_safetensors_free(st);
    clv_safetensors_free(NULL);
    free(file);
}

static void test_empty(void **state)
{
    (void)state;
    assert_int_equal(parse_header("{}", 0), CLV_OK);
    assert_int_equal(parse_header("{\"__metadata__\":{}}", 0), CLV_OK);
    assert_int_equal(parse_header("{}", 1), CLV_ERROR_FORMAT);
}

#define T(name, dtype, shape, begin, end)                                                                              \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        clv_status status;
    } bad[] = {
        /* no such header */
        {"", CLV_ERROR_FORMAT},
        {"[]", CLV_ERROR_FORMAT},
        {" {}", CLV_ERROR_FORMAT},
        {"{} x", CLV_ERROR_FORMAT},
        {"{\"a\":1}", CLV_ERROR_FORMAT},
        {"{\"\xFF\":1}", CLV_ERROR_FORMAT},
        {"{\"a\":{}}", CLV_ERROR_FORMAT},
        /* members */
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[8]}}", CLV_ERROR_FORMAT},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8],\"strides\":[1]}}", CLV_ERROR_FORMAT},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"offsets\":[0,8]}}", CLV_ERROR_FORMAT},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]}}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[8]", "0", "8") "," T("a", "U8", "[0]", "8", "8") "}", CLV_ERROR_FORMAT},
        /* dtype */
        {"{" T("a", "U32", "[2]", "0", "8") "}", CLV_ERROR_UNSUPPORTED},
        {"{" T("a", "f32", "[2]", "0", "8") "}", CLV_ERROR_UNSUPPORTED},
        {"{\"a\":{\"dtype\":7,\"shape\":[8],\"data_offsets\":[0,8]}}", CLV_ERROR_FORMAT},
        /* shape */
        {"{" T("a", "U8", "[7]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[2,-4]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[-2,-4]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[8.0]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[\"8\"]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "8", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "null", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[4294967296,4294967296,8]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "F64", "[2305843009213693953]", "0", "8") "}", CLV_ERROR_FORMAT}, /* times 8 wraps to 8 */
        {"{" T("a", "U8", "[9223372036854775808]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[0,9223372036854775807,3]", "0", "0") "," T("b", "U8", "[8]", "0", "8") "}",
         CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[1,1,1,1,1,1,1,1,8]", "0", "8") "}", CLV_ERROR_UNSUPPORTED},
        /* offsets */
        {"{" T("a", "U8", "[8]", "-8", "0") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[8]", "8", "0") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[9]", "0", "9") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[8]", "9223372036854775800", "9223372036854775808") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[8]", "18446744073709551608", "0") "}", CLV_ERROR_FORMAT},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,4,8]}}", CLV_ERROR_FORMAT},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":{\"x\":0,\"y\":8}}}", CLV_ERROR_FORMAT},
        /* layout */
        {"{" T("a", "U8", "[4]", "4", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[4]", "0", "4") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[3]", "0", "3") "," T("b", "U8", "[4]", "4", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[5]", "0", "5") "," T("b", "U8", "[4]", "4", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[8]", "0", "8") "," T("b", "U8", "[8]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{" T("a", "U8", "[8]", "0", "8") "," T("b", "U8", "[0]", "4", "4") "}", CLV_ERROR_FORMAT},
        /* metadata */
        {"{\"__metadata__\":[]," T("a", "U8", "[8]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{\"__metadata__\":{\"n\":5}," T("a", "U8", "[8]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{\"__metadata__\":{\"n\":\"5\",\"n\":\"6\"}," T("a", "U8", "[8]", "0", "8") "}", CLV_ERROR_FORMAT},
        {"{\"__metadata__\":{\"n\":\"a\\u0000b\"}," T("a", "U8", "[8]", "0", "8") "}", CLV_ERROR_FORMAT},
    };
    assert_int_equal(parse_header("{" T("a", "U8", "[8]", "0", "8") "}", 8), CLV_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        clv_status status = parse_header(bad[i].header, 8);
        if (status != bad[i].status)
            print_error("%s\n", bad[i].header);
        assert_int_equal(status, bad[i].status);
    }
}

static void test_refuses_wrong_header_lengths(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {0,
                                       1,
                                       3,
                                       100,
                                       100 * 1024 * 1024 + 1,
                                       (uint64_t)1 << 31,
                                       (uint64_t)1 << 32,
                                       (uint64_t)1 << 63,
                                       UINT64_MAX - 7,
                                       UINT64_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t size;
        uint8_t *file = build("{}", lengths[i], 0, &size);
        clv_safetensors *st;
        assert_int_equal(clv_safetensors_parse(NULL, file, size, &st), CLV_ERROR_FORMAT);
        assert_null(st);
        free(file);
    }
}

static void test_refuses_every_truncation(void **state)
{
    (void)state;
    const char *header = "{" T("a", "U8", "[3]", "0", "3") "," T("b", "F16", "[2]", "3", "7") "}";
    size_t size;
    uint8_t *file = build(header, strlen(header), 7, &size);
    clv_safetensors *st;
    for (size_t n = 0; n < size; n++) {
        uint8_t *part = malloc(n ? n : 1);
        memcpy(part, file, n);
        assert_int_equal(clv_safetensors_parse(NULL, part, n, &st), CLV_ERROR_FORMAT);
        free(part);
    }
    assert_int_equal(clv_safetensors_parse(NULL, file, size, &st), CLV_OK);
    clv_safetensors_free(st);
    free(file);
}

static void test_refuses_deep_json(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *header = malloc(DEPTH * 5 + 2);
    for (int i = 0; i < DEPTH; i++)
        memcpy(header + i * 5, "{\"a\":", 5);
    memcpy(header + DEPTH * 5, "1", 2);
    assert_int_equal(parse_header(header, 0), CLV_ERROR_FORMAT);
    free(header);
}

static void test_many_tensors(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    clv_tensor *tensors = calloc(COUNT, sizeof *tensors);
    char(*names)[16] = calloc(COUNT, sizeof *names);
    int16_t values[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(names[i], sizeof names[i], "t%d", i * 3571 % COUNT);
        values[i] = (int16_t)i;
        tensors[i] = (clv_tensor){.name = names[i], .dtype = CLV_I16, .dims = 1, .shape = {1}, .bytes = 2};
        tensors[i].data = &values[i];
    }
    char path[] = "/tmp/clv_many_XXXXXX";
    close(mkstemp(path));
    assert_int_equal(clv_safetensors_write(NULL, path, tensors, COUNT, NULL, 0), CLV_OK);
    clv_safetensors *st;
    assert_int_equal(clv_safetensors_open(NULL, path, CLV_WEIGHTS_MAX, &st), CLV_OK);
    for (int i = 0; i < COUNT; i++) {
        int16_t value;
        memcpy(&value, clv_safetensors_find(st, names[i])->data, sizeof value);
        assert_int_equal(value, i);
    }
    clv_safetensors_free(st);
    unlink(path);
    free(names);
    free(tensors);
}

/* ---- Elements ---------------------------------------------------------------------------------- */

static void test_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {8, 4, 2, 2, 8, 4, 2, 1, 1, 1};
    for (int dtype = CLV_F64; dtype <= CLV_BOOL; dtype++) {
        clv_tensor t = {.dtype = (clv_dtype)dtype, .dims = 1, .shape = {2}};
        assert_int_equal(clv_dtype_size(t.dtype), sizes[dtype]);
        assert_true(clv_tensor_size(&t, &t.bytes));
        assert_int_equal(t.bytes, 2 * sizes[dtype]);
    }
    assert_int_equal(clv_dtype_size((clv_dtype)77), 0);
}

/* ---- Writing ----------------------------------------------------------------------------------- */

static void test_write_and_read(void **state)
{
    (void)state;
    float weights[6] = {0, 1, -2.5f, 1e-40f, INFINITY, 3};
    uint8_t flag = 1;
    const clv_tensor tensors[] = {
        {.name = "z.weight", .dtype = CLV_F32, .dims = 2, .shape = {3, 2}, .data = weights, .bytes = sizeof weights},
        {.name = "a", .dtype = CLV_BOOL, .dims = 0, .data = &flag, .bytes = 1},
        {.name = "\xC3\xA4 \"q\"", .dtype = CLV_I64, .dims = 1, .shape = {0}, .data = NULL, .bytes = 0},
    };
    const char *const metadata[] = {"clearvision.kind", "unet", "text", "line 1\nline 2 \\ \"q\" \xE2\x82\xAC"};
    char path[] = "/tmp/clv_st_XXXXXX";
    close(mkstemp(path));
    clv_safetensors *st;
    uint8_t *first, *second;
    size_t first_size, second_size;
    assert_int_equal(clv_safetensors_write(NULL, path, tensors, 3, metadata, 2), CLV_OK);
    assert_int_equal(clv_safetensors_open(NULL, path, CLV_WEIGHTS_MAX, &st), CLV_OK);
    assert_int_equal(clv_safetensors_count(st), 3);
    for (int i = 0; i < 3; i++) {
        const clv_tensor *t = clv_safetensors_at(st, i);
        assert_string_equal(t->name, tensors[i].name);
        assert_int_equal(t->dtype, tensors[i].dtype);
        assert_int_equal(t->dims, tensors[i].dims);
        assert_int_equal(t->bytes, tensors[i].bytes);
        assert_memory_equal(t->shape, tensors[i].shape, sizeof t->shape);
        if (t->bytes)
            assert_memory_equal(t->data, tensors[i].data, t->bytes);
    }
    assert_string_equal(clv_safetensors_metadata(st, "text"), metadata[3]);
    assert_string_equal(clv_safetensors_metadata(st, "clearvision.kind"), "unet");
    clv_safetensors_free(st);

    assert_int_equal(clv_read_file(NULL, path, 1 << 20, &first, &first_size), CLV_OK);
    assert_int_equal(first[0] % 8, 0); /* the data is aligned */
    assert_int_equal(clv_safetensors_write(NULL, path, tensors, 3, metadata, 2), CLV_OK);
    assert_int_equal(clv_read_file(NULL, path, 1 << 20, &second, &second_size), CLV_OK);
    assert_int_equal(first_size, second_size);
    assert_memory_equal(first, second, first_size);
    free(first);
    free(second);

    assert_int_equal(clv_safetensors_write(NULL, path, NULL, 0, NULL, 0), CLV_OK); /* nothing at all */
    assert_int_equal(clv_safetensors_open(NULL, path, CLV_WEIGHTS_MAX, &st), CLV_OK);
    assert_int_equal(clv_safetensors_count(st), 0);
    assert_null(clv_safetensors_find(st, "a"));
    assert_null(clv_safetensors_metadata(st, "a"));
    clv_safetensors_free(st);
    unlink(path);
}

static void test_write_refuses_what_could_not_be_read(void **state)
{
    (void)state;
    float x = 1;
    const clv_tensor good = {.name = "a", .dtype = CLV_F32, .dims = 1, .shape = {1}, .data = &x, .bytes = 4};
    clv_tensor bad[7] = {good, good, good, good, good, good, good};
    bad[0].bytes = 3;
    bad[1].name = NULL;
    bad[2].name = "__metadata__";
    bad[3].shape[0] = -1;
    bad[4].dtype = (clv_dtype)50;
    bad[5].dims = 9;
    bad[6].data = NULL;
    char path[64];
    snprintf(path, sizeof path, "/tmp/clv_never_%ld", (long)getpid());
    for (int i = 0; i < 7; i++)
        assert_int_equal(clv_safetensors_write(NULL, path, &bad[i], 1, NULL, 0), CLV_ERROR_ARGUMENT);
    const clv_tensor twice[] = {good, good};
    assert_int_equal(clv_safetensors_write(NULL, path, twice, 2, NULL, 0), CLV_ERROR_ARGUMENT);
    const char *const metadata[] = {"k", "1", "k", "2", "n", NULL};
    assert_int_equal(clv_safetensors_write(NULL, path, &good, 1, metadata, 2), CLV_ERROR_ARGUMENT);
    assert_int_equal(clv_safetensors_write(NULL, path, &good, 1, metadata + 2, 2), CLV_ERROR_ARGUMENT);
    assert_int_not_equal(access(path, F_OK), 0);
}

static size_t file_bytes(const char *path, uint8_t *out, size_t room)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    size_t n = fread(out, 1, room, f);
    fclose(f);
    return n;
}

/* A stream in pieces gives the bytes that writing at once gives; a wrong amount of data gives no file. */
static void test_stream(void **state)
{
    (void)state;
    char folder[] = "/tmp/clv_stream_XXXXXX", at_once[64], pieces[64];
    uint8_t data[48], a[1024], b[1024];
    assert_non_null(mkdtemp(folder));
    snprintf(at_once, sizeof at_once, "%s/a", folder);
    snprintf(pieces, sizeof pieces, "%s/b", folder);
    for (int i = 0; i < 48; i++)
        data[i] = (uint8_t)(7 * i);
    const clv_tensor tensors[] = {{"x", CLV_I16, 2, {2, 6}, data, 24}, {"y", CLV_F64, 1, {3}, data + 24, 24}};
    const char *const metadata[] = {"kind", "test"};
    clv_context *ctx = clv_context_new();
    assert_int_equal(clv_safetensors_write(ctx, at_once, tensors, 2, metadata, 1), CLV_OK);

    clv_safetensors_stream *stream = NULL;
    clv_tensor bare[] = {tensors[0], tensors[1]};
    bare[0].data = bare[1].data = NULL;
    assert_int_equal(clv_safetensors_begin(ctx, pieces, bare, 2, metadata, 1, &stream), CLV_OK);
    for (size_t at = 0; at < 48; at += 16)
        assert_int_equal(clv_safetensors_put(stream, data + at, 16), CLV_OK);
    assert_int_equal(clv_safetensors_put(stream, data, 1), CLV_ERROR_ARGUMENT);
    assert_int_equal(clv_safetensors_end(stream, true), CLV_OK);
    size_t size = file_bytes(at_once, a, sizeof a);
    assert_true(size > 48);
    assert_int_equal(file_bytes(pieces, b, sizeof b), size);
    assert_memory_equal(a, b, size);
    assert_int_equal(unlink(pieces), 0);

    clv_clear_error(ctx);
    assert_int_equal(clv_safetensors_begin(ctx, pieces, bare, 2, metadata, 1, &stream), CLV_OK);
    assert_int_equal(clv_safetensors_put(stream, data, 47), CLV_OK);
    assert_int_equal(clv_safetensors_end(stream, true), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(clv_context_error(ctx), "47 of 48 bytes"));
    assert_int_equal(access(pieces, F_OK), -1);
    assert_int_equal(clv_safetensors_end(NULL, true), CLV_OK);
    clv_context_free(ctx);
    assert_int_equal(unlink(at_once), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing temporary is left */
}

static void test_open_names_the_file(void **state)
{
    (void)state;
    char path[] = "/tmp/clv_bad_XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "no tensors here", 15), 15);
    close(fd);
    clv_context *ctx = clv_context_new();
    clv_safetensors *st;
    assert_int_equal(clv_safetensors_open(ctx, path, CLV_WEIGHTS_MAX, &st), CLV_ERROR_FORMAT);
    assert_memory_equal(clv_context_error(ctx), path, strlen(path));
    unlink(path);
    clv_clear_error(ctx);
    assert_int_equal(clv_safetensors_open(ctx, path, CLV_WEIGHTS_MAX, &st), CLV_ERROR_OPEN);
    assert_null(st);
    clv_context_free(ctx);
}

/* ---- Files that others wrote -------------------------------------------------------------------- */

static void test_reads_the_vectors(void **state)
{
    (void)state;
    DIR *dir = opendir(CLV_TEST_SHARED "/parity");
    int files = 0;
    if (!dir) {
        print_message("no folder with parity vectors: skipped\n");
        skip();
    }
    for (struct dirent *e; (e = readdir(dir));) {
        const char *end = strrchr(e->d_name, '.');
        if (!end || strcmp(end, ".safetensors") != 0)
            continue;
        char *path = clv_format("%s/parity/%s", CLV_TEST_SHARED, e->d_name);
        clv_safetensors *st;
        assert_int_equal(clv_safetensors_open(NULL, path, CLV_WEIGHTS_MAX, &st), CLV_OK);
        assert_non_null(clv_safetensors_find(st, "input"));
        assert_non_null(clv_safetensors_find(st, "output"));
        for (int i = 0; i < clv_safetensors_count(st); i++) {
            const clv_tensor *t = clv_safetensors_at(st, i);
            assert_ptr_equal(clv_safetensors_find(st, t->name), t);
            for (size_t k = 0; t->dtype == CLV_F32 && k < t->bytes / sizeof(float); k++) {
                float value;
                memcpy(&value, (const uint8_t *)t->data + k * sizeof value, sizeof value);
                assert_true(isfinite(value));
            }
        }
        clv_safetensors_free(st);
        free(path);
        files++;
    }
    closedir(dir);
    assert_true(files > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_refuses_wrong_header_lengths),
        cmocka_unit_test(test_refuses_every_truncation),
        cmocka_unit_test(test_refuses_deep_json),
        cmocka_unit_test(test_many_tensors),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_write_and_read),
        cmocka_unit_test(test_write_refuses_what_could_not_be_read),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_open_names_the_file),
        cmocka_unit_test(test_reads_the_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
