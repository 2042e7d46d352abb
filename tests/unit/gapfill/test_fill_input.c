/* SPDX-License-Identifier: MIT
 *
 * The planes of a stage-2 network, on stacks small enough to tell every number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "gapfill/fill_input.h"

/* 3 dates of 2 bands and 2x1 pixels; the left pixel is a gap on dates 0 and 1, the right one on date 1. */
static const float x[12] = {0};
static const uint8_t gap[6] = {1, 0, 1, 1, 0, 0};
static const double days[3] = {18000, 18005, 18012};
static const float filled[12] = {0.1f, 0.2f, 0.3f, 1.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1.0f, 1.1f, -0.1f};
static const clv_stack stack = {x, gap, days, 3, 2, 1, 2};
static const clv_rect all = {0, 0, 2, 1};

static void test_from_gapfill(void **state)
{
    (void)state;
    const clv_fill_form form = {2, true};
    float in[5 * 4];
    assert_int_equal(clv_fill_planes(&form), 5);
    clv_fill_input(&form, &stack, all, 1, filled, 2, in);
    /* Continued by reflection downwards: both rows alike. */
    const float expected[5][2] = {{0.5f, 0.6f}, {0.7f, 0.8f}, {0, 0}, {-1, 5}, {7, 7}};
    for (int p = 0; p < 5; p++)
        for (int i = 0; i < 4; i++)
            assert_float_equal(in[p * 4 + i], expected[p][i % 2], 0);
    clv_fill_input(&form, &stack, all, 2, filled, 2, in);
    for (int p = 2; p < 5; p++)
        for (int i = 0; i < 4; i++)
            assert_float_equal(in[p * 4 + i], p == 2 ? 1 : 0, 0);
    assert_float_equal(clv_fill_day(&form, &stack, 2), 12, 0);
}

static void test_alone(void **state)
{
    (void)state;
    const clv_fill_form form = {1, false};
    float in[4];
    assert_int_equal(clv_fill_planes(&form), 1);
    clv_fill_input(&form, &stack, all, 0, filled, 2, in);
    assert_float_equal(in[0], 1, 0); /* a gap */
    assert_float_equal(in[1], 0.2f, 0);
    const clv_fill_form both = {2, false};
    float more[8];
    clv_fill_input(&both, &stack, all, 2, filled, 2, more);
    assert_float_equal(more[4], 1, 0); /* limited to [0, 1] */
    assert_float_equal(more[5], 0, 0);
    assert_float_equal(clv_fill_day(&form, &stack, 0), 103, 0); /* 2019-04-14 is day 103 of its year, from 0 */
}

static void test_part(void **state)
{
    (void)state;
    const clv_fill_form form = {2, true};
    const clv_rect right = {1, 0, 1, 1};
    const float part[6] = {0.2f, 1.4f, 0.6f, 0.8f, 1.0f, -0.1f};
    float in[5];
    clv_fill_input(&form, &stack, right, 1, part, 1, in);
    assert_float_equal(in[0], 0.6f, 0);
    assert_float_equal(in[1], 0.8f, 0);
    assert_float_equal(in[2], 0, 0);
    assert_float_equal(in[3], 5, 0);
    assert_float_equal(in[4], 7, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_gapfill),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
