/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/number.h"

#include <math.h>

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},        {"-0.25", -0.25}, {"+3", 3},         {".5", 0.5},
                {"1e-3", 0.001}, {"-9999", -9999}, {"inf", INFINITY}, {"-Inf", -INFINITY}};
    static const char *const bad[] = {"", " ", " 1", "1 ", "1,5", "1.5.2", "1x", "x", "--1", "1e", "1\n", "none"};
    double x;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(clv_number_parse(good[i].text, &x));
        assert_true(x == good[i].value);
    }
    assert_true(clv_number_parse("nan", &x) && isnan(x));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        x = 42;
        assert_false(clv_number_parse(bad[i], &x));
        assert_true(x == 42);
    }
    assert_false(clv_number_parse(NULL, &x));
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.1, "0.1"},       {20, "20"},        {-0.1 - 0.2, "-0.30000000000000004"},
                 {NAN, "nan"},       {INFINITY, "inf"}, {-INFINITY, "-inf"},
                 {5e-324, "5e-324"}, {3e-310, "3e-310"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CLV_NUMBER_SIZE];
        clv_number_format(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
