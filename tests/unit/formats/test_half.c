/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/half.h"

#include <math.h>
#include <string.h>

/* Independent of the bit tricks: from the definition of binary16. */
static double half_by_definition(unsigned bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double mantissa = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
    if (exponent == 31)
        return mantissa != 0 ? NAN : sign * INFINITY;
    return exponent == 0 ? sign * ldexp(mantissa, -24) : sign * ldexp(1024 + mantissa, exponent - 25);
}

static void test_every_half(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 65536; bits++) {
        float value = clv_half_to_float((uint16_t)bits);
        double expected = half_by_definition(bits);
        if (isnan(expected)) {
            assert_true(isnan(value));
            assert_true(isnan(clv_half_to_float(clv_float_to_half(value))));
            continue;
        }
        assert_true((double)value == expected);
        assert_int_equal(signbit(value) != 0, bits >> 15);
        assert_int_equal(clv_float_to_half(value), bits);
    }
}

/* Between two neighbours the nearer wins, in the middle the even one. */
static void test_rounding_to_half(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 0x7BFF; bits++) {
        float low = clv_half_to_float((uint16_t)bits), high = clv_half_to_float((uint16_t)(bits + 1));
        float middle = low + (high - low) / 2; /* exact: one bit more than a half has */
        assert_int_equal(clv_float_to_half(middle), bits & 1 ? bits + 1 : bits);
        assert_int_equal(clv_float_to_half(nextafterf(middle, 0)), bits);
        assert_int_equal(clv_float_to_half(nextafterf(middle, INFINITY)), bits + 1);
        assert_int_equal(clv_float_to_half(-nextafterf(middle, INFINITY)), 0x8000 | (bits + 1));
    }
    assert_int_equal(clv_float_to_half(65519.996f), 0x7BFF);
    assert_int_equal(clv_float_to_half(65520), 0x7C00); /* the middle to what would be 65536: even, so infinity */
    assert_int_equal(clv_float_to_half(1e30f), 0x7C00);
    assert_int_equal(clv_float_to_half(-INFINITY), 0xFC00);
    assert_int_equal(clv_float_to_half(1e-40f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_half),
        cmocka_unit_test(test_rounding_to_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
