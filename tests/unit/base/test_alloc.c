/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static void test_size_mul(void **state)
{
    (void)state;
    size_t n = 5;
    assert_true(clv_size_mul(0, SIZE_MAX, &n));
    assert_int_equal(n, 0);
    assert_true(clv_size_mul(SIZE_MAX, 0, &n));
    assert_true(clv_size_mul(SIZE_MAX, 1, &n));
    assert_true(n == SIZE_MAX);
    n = 5;
    assert_false(clv_size_mul(SIZE_MAX, 2, &n));
    assert_false(clv_size_mul(SIZE_MAX / 2 + 1, 2, &n));
    assert_false(clv_size_mul((size_t)1 << 32, (size_t)1 << 32, &n));
    assert_int_equal(n, 5);
    assert_true(clv_size_mul(SIZE_MAX / 2, 2, &n));
}

static void test_array_is_zeroed_and_aligned(void **state)
{
    (void)state;
    for (size_t n = 0; n < 300; n += 7) {
        unsigned char *p = clv_alloc_array(n, 3, 1);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        size_t bytes = n ? n * 3 : 64;
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xFF, bytes); /* so that the next one does not find zeros by luck, and a sanitizer sees the size */
        free(p);
    }
}

static void test_array_refuses_what_overflows(void **state)
{
    (void)state;
    assert_null(clv_alloc_array(SIZE_MAX, 2, 1));
    assert_null(clv_alloc_array(SIZE_MAX / 4, 1, 8));
    assert_null(clv_alloc_array((size_t)1 << 33, (size_t)1 << 33, 4));
    assert_null(clv_alloc_array(SIZE_MAX, 1, 1)); /* would wrap when rounded up */
    assert_null(clv_alloc_array(PTRDIFF_MAX, 1, 1));
    void *p = clv_alloc_array(SIZE_MAX, 0, SIZE_MAX); /* nothing at all is no overflow */
    assert_non_null(p);
    free(p);
}

static void test_strings(void **state)
{
    (void)state;
    assert_null(clv_strdup(NULL));
    char *copy = clv_strdup("");
    assert_string_equal(copy, "");
    free(copy);
    char original[] = "Bozen";
    copy = clv_strdup(original);
    original[0] = 'x';
    assert_string_equal(copy, "Bozen");
    free(copy);

    char filler[5000];
    memset(filler, 'a', sizeof filler - 1);
    filler[sizeof filler - 1] = 0;
    char *text = clv_format("%s-%d", filler, -17);
    assert_int_equal(strlen(text), sizeof filler - 1 + 4);
    assert_string_equal(text + sizeof filler - 1, "--17");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size_mul),
        cmocka_unit_test(test_array_is_zeroed_and_aligned),
        cmocka_unit_test(test_array_refuses_what_overflows),
        cmocka_unit_test(test_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
