/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The head of a file, allocated exactly, so that a sanitizer sees every byte read too many. */
static uint8_t *build(int version, const char *header, size_t *size)
{
    size_t length = strlen(header), start = version == 1 ? 10 : 12;
    *size = start + length;
    uint8_t *file = malloc(*size);
    memcpy(file, "\x93NUMPY", 6);
    file[6] = (uint8_t)version;
    file[7] = 0;
    for (size_t i = 8; i < start; i++)
        file[i] = (uint8_t)((uint64_t)length >> 8 * (i - 8));
    memcpy(file + start, header, length);
    return file;
}

static clv_status parse(int version, const char *header, clv_npy *npy)
{
    size_t size;
    uint8_t *file = build(version, header, &size);
    clv_context *ctx = clv_context_new();
    clv_status status = clv_npy_parse(ctx, "a.npz:x.npy", file, size, npy);
    if (status != CLV_OK) {
        assert_memory_equal(clv_context_error(ctx), "a.npz:x.npy: ", 13);
        assert_int_equal(npy->count, 0);
        assert_int_equal(npy->dims, 0);
    }
    clv_context_free(ctx);
    free(file);
    return status;
}

/* ---- Headers ----------------------------------------------------------------------------------- */

static void test_as_numpy_writes_it(void **state)
{
    (void)state;
    clv_npy npy;
    const char *header = "{'descr': '<f2', 'fortran_order': False, 'shape': (128, 128, 7, 30), }             \n";
    for (int version = 1; version <= 3; version++) {
        assert_int_equal(parse(version, header, &npy), CLV_OK);
        assert_int_equal(npy.kind, 'f');
        assert_int_equal(npy.item_size, 2);
        assert_false(npy.big_endian);
        assert_false(npy.fortran_order);
        assert_int_equal(npy.dims, 4);
        assert_int_equal(npy.shape[0], 128);
        assert_int_equal(npy.shape[3], 30);
        assert_int_equal(npy.count, 128 * 128 * 7 * 30);
        assert_int_equal(npy.data_offset, (version == 1 ? 10 : 12) + strlen(header));
    }
}

static void test_other_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        char kind;
        int size, big, fortran, dims;
        size_t count;
    } cases[] = {
        {"{\"shape\":(3,),\"fortran_order\":True,\"descr\":\">i4\"}", 'i', 4, 1, 1, 1, 3},
        {"{'descr':'|u1','fortran_order':False,'shape':()}\n", 'u', 1, 0, 0, 0, 1},
        {"{'descr':'|b1','fortran_order':False,'shape':(2,3)}\n", 'b', 1, 0, 0, 2, 6},
        {"{'descr':'<u8','fortran_order':False,'shape':(2L,3L,)}\n", 'u', 8, 0, 0, 2, 6},
        {"{'descr':'<f8','fortran_order':False,'shape':(0,3)}\n", 'f', 8, 0, 0, 2, 0},
        {" {\t'descr' : '<i1' ,\n'fortran_order' : False , 'shape' : ( 1 , 1,1,1,1,1,1, 5 ) , } ", 'i', 1, 0, 0, 8, 5},
        {"{'descr':'<i2','fortran_order':False,'shape':(007,)}", 'i', 2, 0, 0, 1, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clv_npy npy;
        assert_int_equal(parse(1, cases[i].header, &npy), CLV_OK);
        assert_int_equal(npy.kind, cases[i].kind);
        assert_int_equal(npy.item_size, cases[i].size);
        assert_int_equal(npy.big_endian, cases[i].big);
        assert_int_equal(npy.fortran_order, cases[i].fortran);
        assert_int_equal(npy.dims, cases[i].dims);
        assert_int_equal(npy.count, cases[i].count);
    }
}

#define H(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape ", }\n"

static void test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        clv_status status;
    } bad[] = {
        /* programs, schemas, other types */
        {H("'|O'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<O8'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("[('a', '<f4'), ('b', '|O')]", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<c8'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<U5'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'|S5'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<M8[ns]'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'|V16'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<f16'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<f3'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<f1'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<b2'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<i'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'<'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("'f4'", "(3,)"), CLV_ERROR_UNSUPPORTED},
        {H("''", "(3,)"), CLV_ERROR_FORMAT},
        {H("'=f4'", "(3,)"), CLV_ERROR_FORMAT},
        {H("'|f4'", "(3,)"), CLV_ERROR_FORMAT},
        {H("5", "(3,)"), CLV_ERROR_FORMAT},
        {H("\"<f4", "(3,)"), CLV_ERROR_FORMAT},
        {H("'<f4444444444444444444444444'", "(3,)"), CLV_ERROR_FORMAT},
        /* shapes */
        {H("'<f4'", "3"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(3)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "[3]"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(-3,)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(3.0,)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(3 4)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(,)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(3,,4)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(3,"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(0x3,)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "((3,),)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(1,1,1,1,1,1,1,1,1)"), CLV_ERROR_UNSUPPORTED},
        {H("'<f4'", "(9223372036854775808,)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(99999999999999999999999999999999,)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(9223372036854775807,)"), CLV_ERROR_FORMAT},
        {H("'<f4'", "(4294967296,4294967296)"), CLV_ERROR_FORMAT},
        {H("'<f8'", "(2305843009213693953,)"), CLV_ERROR_FORMAT},    /* times 8 wraps to 8 */
        {H("'<f4'", "(0,4294967296,4294967296)"), CLV_ERROR_FORMAT}, /* its strides would overflow */
        /* dicts */
        {"", CLV_ERROR_FORMAT},
        {"\n", CLV_ERROR_FORMAT},
        {"{}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"{'fortran_order': False, 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,)", CLV_ERROR_FORMAT},
        {"{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"{, 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'shape': (4,)}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': Falsex, 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} #", CLV_ERROR_FORMAT},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}{}", CLV_ERROR_FORMAT},
        {"{\"descr': '<f4', 'fortran_order': False, 'shape': (3,)}", CLV_ERROR_FORMAT},
        {"dict(descr='<f4', fortran_order=False, shape=(3,))", CLV_ERROR_FORMAT},
        {"{__import__('os').system('id'): 1}", CLV_ERROR_FORMAT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        clv_npy npy;
        clv_status status = parse(1, bad[i].header, &npy);
        if (status != bad[i].status)
            print_error("%s\n", bad[i].header);
        assert_int_equal(status, bad[i].status);
    }
}

static void test_refuses_other_files(void **state)
{
    (void)state;
    size_t size;
    clv_npy npy;
    uint8_t *file = build(1, H("'<f4'", "(3,)"), &size);
    for (size_t n = 0; n < size; n++) { /* every truncation of the header */
        uint8_t *part = malloc(n ? n : 1);
        memcpy(part, file, n);
        assert_int_equal(clv_npy_parse(NULL, "x", part, n, &npy), CLV_ERROR_FORMAT);
        free(part);
    }
    static const struct {
        int at, value;
        clv_status status;
    } changes[] = {{0, 0x92, CLV_ERROR_FORMAT},   {5, 'y', CLV_ERROR_FORMAT},    {6, 0, CLV_ERROR_UNSUPPORTED},
                   {6, 4, CLV_ERROR_UNSUPPORTED}, {7, 1, CLV_ERROR_UNSUPPORTED}, {9, 0xFF, CLV_ERROR_FORMAT}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint8_t kept = file[changes[i].at];
        file[changes[i].at] = (uint8_t)changes[i].value;
        assert_int_equal(clv_npy_parse(NULL, "x", file, size, &npy), changes[i].status);
        file[changes[i].at] = kept;
    }
    free(file);
}

static char *padded(size_t length)
{
    const char *dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
    char *header = malloc(length + 1);
    memset(header, ' ', length);
    header[length] = 0;
    memcpy(header, dict, strlen(dict));
    return header;
}

static void test_header_size(void **state)
{
    (void)state;
    clv_npy npy;
    char *header = padded(65535);
    assert_int_equal(parse(1, header, &npy), CLV_OK);
    assert_int_equal(npy.data_offset, 10 + 65535);
    free(header);
    header = padded(65536);
    assert_int_equal(parse(2, header, &npy), CLV_OK);
    free(header);
    header = padded(65537);
    assert_int_equal(parse(2, header, &npy), CLV_ERROR_FORMAT);
    free(header);
    uint8_t huge[] = "\x93NUMPY\x02\0\xFF\xFF\xFF\xFF{}";
    assert_int_equal(clv_npy_parse(NULL, "x", huge, sizeof huge - 1, &npy), CLV_ERROR_FORMAT);
}

/* ---- Elements ---------------------------------------------------------------------------------- */

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *descr;
        uint8_t bytes[8]; /* little-endian */
        double value;
    } cases[] = {
        {"f2", {0x00, 0xC1}, -2.5},
        {"f2", {0x01, 0x00}, 0x1p-24},
        {"f4", {0, 0, 0x20, 0xC0}, -2.5},
        {"f8", {0, 0, 0, 0, 0, 0, 0x04, 0xC0}, -2.5},
        {"f8", {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xEF, 0x7F}, INFINITY}, /* beyond float */
        {"i1", {0xFE}, -2},
        {"i2", {0x18, 0xFC}, -1000},
        {"i2", {0xFF, 0x7F}, 32767},
        {"i4", {0, 0, 0, 0x80}, -2147483648.0},
        {"i8", {0, 0, 0, 0, 0, 0, 0, 0x80}, -0x1p63},
        {"i8", {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, -1},
        {"u1", {0xFE}, 254},
        {"u2", {0x10, 0x27}, 10000},
        {"u4", {0, 0, 0, 0x80}, 2147483648.0},
        {"u8", {0, 0, 0, 0, 0, 0, 0, 0x80}, 0x1p63},
        {"b1", {1}, 1},
        {"b1", {0}, 0},
        {"b1", {7}, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int big = 0; big < 2; big++) {
            clv_npy npy;
            char header[100];
            uint8_t data[17]; /* the second of two elements, unaligned */
            snprintf(header, sizeof header, "{'descr':'%c%s','fortran_order':False,'shape':(2,)}", big ? '>' : '<',
                     cases[i].descr);
            assert_int_equal(parse(1, header, &npy), CLV_OK);
            int size = npy.item_size;
            memset(data, 0x55, sizeof data);
            for (int k = 0; k < size; k++)
                data[1 + size + k] = cases[i].bytes[big ? size - 1 - k : k];
            assert_true(clv_npy_value(&npy, data + 1, 1) == (float)cases[i].value);
        }
    }
    clv_npy npy;
    const uint8_t nan_bits[] = {0x00, 0x7E};
    assert_int_equal(parse(1, H("'<f2'", "(1,)"), &npy), CLV_OK);
    assert_true(isnan(clv_npy_value(&npy, nan_bits, 0)));
}

static void test_strides(void **state)
{
    (void)state;
    clv_npy npy;
    int64_t strides[CLV_NPY_MAX_DIMS];
    assert_int_equal(parse(1, H("'<f4'", "(4, 3, 2)"), &npy), CLV_OK);
    clv_npy_strides(&npy, strides);
    assert_int_equal(strides[0], 6);
    assert_int_equal(strides[1], 2);
    assert_int_equal(strides[2], 1);
    npy.fortran_order = true;
    clv_npy_strides(&npy, strides);
    assert_int_equal(strides[0], 1);
    assert_int_equal(strides[1], 4);
    assert_int_equal(strides[2], 12);
    assert_int_equal(parse(1, H("'<f4'", "()"), &npy), CLV_OK);
    clv_npy_strides(&npy, strides);
    assert_int_equal(parse(1, H("'<f4'", "(2, 0, 1000000000000)"), &npy), CLV_OK);
    clv_npy_strides(&npy, strides);
    assert_int_equal(strides[1], 1000000000000);
    assert_int_equal(strides[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_numpy_writes_it),
        cmocka_unit_test(test_other_spellings),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_refuses_other_files),
        cmocka_unit_test(test_header_size),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_strides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
