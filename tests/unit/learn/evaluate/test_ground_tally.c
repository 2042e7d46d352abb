/* SPDX-License-Identifier: MIT
 *
 * What is counted of a ground: shares, F1, and that rims around labels do not count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "image/pixel_state.h"
#include "learn/evaluate/ground_tally.h"

enum { SIDE = 20, N = SIDE * SIDE };

static void nothing_to_count(void **state)
{
    (void)state;
    const clv_ground_tally tally = {0};
    for (int m = CLV_MEASURE_NONE; m <= CLV_MEASURE_RMSE; m++)
        assert_true(isnan(clv_ground_tally_value(&tally, (clv_ground_measure)m)));
}

static void ground(void **state)
{
    (void)state;
    uint8_t truth[N], flags[N] = {0};
    memset(truth, CLV_TRUTH_GROUND, N);
    memset(truth, CLV_TRUTH_UNKNOWN, SIDE);
    memset(flags, CLV_PIXEL_CLOUD, (size_t)3 * SIDE); /* one row of it is unknown */
    memset(flags + 3 * SIDE, CLV_PIXEL_SHADOW, SIDE);
    clv_ground_tally tally = {0};
    assert_true(clv_ground_tally_add(&tally, truth, flags, SIDE, SIDE));
    assert_int_equal(tally.pixels, N - SIDE);
    assert_true(fabs(clv_ground_tally_value(&tally, CLV_MEASURE_FLAGGED) - 3.0 / (SIDE - 1)) < 1e-12);
    assert_true(fabs(clv_ground_tally_value(&tally, CLV_MEASURE_SHADOW) - 1.0 / (SIDE - 1)) < 1e-12);
    assert_true(isnan(clv_ground_tally_value(&tally, CLV_MEASURE_FOUND)));
}

/* Rows 0 to 4 cloud, 10 to 12 shadow; found: cloud two rows further, shadow one row less and called cloud there. */
static void cloud_and_shadow(void **state)
{
    (void)state;
    uint8_t truth[N] = {0}, flags[N] = {0};
    memset(truth, CLV_TRUTH_CLOUD, (size_t)5 * SIDE);
    memset(truth + 10 * SIDE, CLV_TRUTH_SHADOW, (size_t)3 * SIDE);
    memset(flags, CLV_PIXEL_CLOUD, (size_t)7 * SIDE);
    memset(flags + 10 * SIDE, CLV_PIXEL_SHADOW, (size_t)2 * SIDE);
    memset(flags + 12 * SIDE, CLV_PIXEL_CLOUD, SIDE);
    clv_ground_tally tally = {0};
    assert_true(clv_ground_tally_add(&tally, truth, flags, SIDE, SIDE));
    assert_true(clv_ground_tally_value(&tally, CLV_MEASURE_FOUND) == 1);
    assert_true(fabs(clv_ground_tally_value(&tally, CLV_MEASURE_F1) - 10.0 / 11) < 1e-12); /* the shadow's row */
    assert_true(fabs(clv_ground_tally_value(&tally, CLV_MEASURE_F1_SHADOW) - 0.8) < 1e-12);
    memset(flags + 7 * SIDE, CLV_PIXEL_CLOUD, SIDE); /* three rows behind the cloud: beyond the rim of both */
    tally = (clv_ground_tally){0};
    assert_true(clv_ground_tally_add(&tally, truth, flags, SIDE, SIDE));
    assert_true(fabs(clv_ground_tally_value(&tally, CLV_MEASURE_F1) - 10.0 / 12) < 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_to_count), cmocka_unit_test(ground),
                                       cmocka_unit_test(cloud_and_shadow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
