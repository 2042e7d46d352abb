/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "image/stretch.h"

static void percentiles_are_the_ends(void **state)
{
    (void)state;
    float values[101];
    for (int i = 0; i <= 100; i++)
        values[i] = (float)((i * 37) % 101) / 100; /* 0 to 1 in disorder */
    const clv_stretch s = clv_stretch_find(values, 101);
    assert_float_equal(s.low, 0.02, 1e-6);
    assert_float_equal(s.high, 0.98, 1e-6);
    assert_int_equal(clv_stretched(&s, 0.02f), 0);
    assert_int_equal(clv_stretched(&s, -5), 0);
    assert_int_equal(clv_stretched(&s, 0.98f), 255);
    assert_int_equal(clv_stretched(&s, 5), 255);
    assert_int_equal(clv_stretched(&s, 0.5f), 161); /* 255 * 0.5^(1 / 1.5) */
}

static void nothing_and_one_value(void **state)
{
    (void)state;
    float value = 0.3f;
    clv_stretch s = clv_stretch_find(&value, 0);
    assert_true(s.low == 0 && s.high == 1);
    s = clv_stretch_find(&value, 1);
    assert_true(s.high > s.low);
    assert_int_equal(clv_stretched(&s, 0.3f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_the_ends),
        cmocka_unit_test(nothing_and_one_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
