/* SPDX-License-Identifier: MIT
 * given_scales: one value for all dates, or one each.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "series/given_scales.h"

static const double offsets[4] = {0, NAN, -0.1, -0.2}, scale[1] = {2e-4};

static void each_date_gets_its_own(void **state)
{
    (void)state;
    const clv_input_options o = {.in_scale = 1e-4, .in_offset = 5, .in_offsets = offsets, .in_offset_count = 4};
    clv_input_options rest = clv_given_scales_from(&o, 2); /* an input of two dates came before */
    assert_true(clv_given_scales_of(&rest, 0).in_offset == -0.1);
    assert_true(clv_given_scales_of(&rest, 1).in_offset == -0.2);
    assert_true(clv_given_scales_of(&rest, 1).in_scale == 1e-4);
    assert_int_equal(clv_given_scales_of(&rest, 1).in_offset_count, 0);
    rest = clv_given_scales_from(&o, 0);
    assert_true(clv_given_scales_of(&rest, 0).in_offset == 0);
    assert_true(isnan(clv_given_scales_of(&rest, 1).in_offset)); /* found, not given */
}

static void one_is_for_all(void **state)
{
    (void)state;
    const clv_input_options o = {.in_scale = NAN, .in_offset = -0.3, .in_scales = scale, .in_scale_count = 1};
    for (int first = 0; first < 3; first++) {
        const clv_input_options rest = clv_given_scales_from(&o, first);
        assert_true(clv_given_scales_of(&rest, 1).in_scale == 2e-4);
        assert_true(clv_given_scales_of(&rest, 1).in_offset == -0.3);
    }
}

static void counts_are_checked(void **state)
{
    (void)state;
    const clv_input_options none = {0}, one = {.in_scales = scale, .in_scale_count = 1},
                            four = {.in_offsets = offsets, .in_offset_count = 4};
    assert_int_equal(clv_given_scales_check(NULL, &none, 7), CLV_OK);
    assert_int_equal(clv_given_scales_check(NULL, &one, 7), CLV_OK);
    assert_int_equal(clv_given_scales_check(NULL, &four, 4), CLV_OK);
    assert_int_equal(clv_given_scales_check(NULL, &four, 5), CLV_ERROR_ARGUMENT);
    assert_int_equal(clv_given_scales_check(NULL, &four, 1), CLV_ERROR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_date_gets_its_own),
        cmocka_unit_test(one_is_for_all),
        cmocka_unit_test(counts_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
