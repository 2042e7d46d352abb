/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "gapfill/baselines.h"

/* Four dates of one row of pixels; the days are not even. What lies under a gap is NaN: it must never be read. */
static void each_by_hand(void **state)
{
    (void)state;
    const double days[] = {0, 4, 10, 11};
    const uint8_t gap[4 * 4] = {
        0, 1, 1, 1, /* pixel 0: gap at date 1; 1: at dates 0, 3; 2: never seen; 3: at date 0 and 2 */
        1, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 0};
    const float x[4 * 4] = {1, NAN, NAN, NAN, NAN, 2, NAN, 5, 3, 4, NAN, NAN, 7, NAN, NAN, 9};
    const clv_stack stack = {x, gap, days, 4, 1, 1, 4};
    const float mean = (1 + 2 + 5 + 3 + 4 + 7 + 9) / 7.0f;
    const float want[4][16] = {[CLV_BASELINE_LAST] = {1, 2, mean, 5, 1, 2, mean, 5, 3, 4, mean, 5, 7, 4, mean, 9},
                               [CLV_BASELINE_NEXT] = {1, 2, mean, 5, 3, 2, mean, 5, 3, 4, mean, 9, 7, 4, mean, 9},
                               [CLV_BASELINE_CLOSEST] = {1, 2, mean, 5, 1, 2, mean, 5, 3, 4, mean, 9, 7, 4, mean, 9},
                               [CLV_BASELINE_MEDIAN] = {1, 2, mean, 5, 3, 2, mean, 5, 3, 4, mean, 5, 7, 2, mean, 9}};
    for (int kind = 0; kind < 4; kind++) {
        float out[16];
        assert_int_equal(clv_baseline_fill(NULL, (clv_baseline)kind, &stack, out), CLV_OK);
        for (int i = 0; i < 16; i++)
            if (!(fabsf(out[i] - want[kind][i]) < 1e-6f))
                fail_msg("baseline %d, value %d: %g instead of %g", kind, i, (double)out[i], (double)want[kind][i]);
    }
}

static void bands_are_filled_from_the_same_date(void **state)
{
    (void)state;
    const double days[] = {0, 1, 2};
    const uint8_t gap[] = {0, 1, 0};
    const float x[] = {1, 10, NAN, NAN, 2, 20};
    const clv_stack stack = {x, gap, days, 3, 2, 1, 1};
    float out[6];
    assert_int_equal(clv_baseline_fill(NULL, CLV_BASELINE_CLOSEST, &stack, out), CLV_OK);
    assert_true(out[2] == 1 && out[3] == 10); /* of equally near ones the earlier */
    assert_int_equal(clv_baseline_fill(NULL, CLV_BASELINE_NEXT, &stack, out), CLV_OK);
    assert_true(out[2] == 2 && out[3] == 20);
}

static void nothing_observed_gives_zero(void **state)
{
    (void)state;
    const double days[] = {0, 1};
    const uint8_t gap[] = {1, 1};
    const float x[] = {NAN, NAN};
    const clv_stack stack = {x, gap, days, 2, 1, 1, 1};
    float out[2];
    for (int kind = 0; kind < 4; kind++) {
        assert_int_equal(clv_baseline_fill(NULL, (clv_baseline)kind, &stack, out), CLV_OK);
        assert_true(out[0] == 0 && out[1] == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_by_hand),
        cmocka_unit_test(bands_are_filled_from_the_same_date),
        cmocka_unit_test(nothing_observed_gives_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
