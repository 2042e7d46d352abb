/* SPDX-License-Identifier: MIT
 * pixel_state: each question, for every state that a pixel can have. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image/pixel_state.h"

#define STATES 32

static void filled_where_a_date_has_data(void **state)
{
    (void)state;
    assert_false(clv_pixel_filled(0, false, false));
    assert_true(clv_pixel_filled(0, true, false));
    assert_true(clv_pixel_filled(0, true, true));
    assert_true(clv_pixel_filled(CLV_PIXEL_CLOUD, false, false));
    assert_true(clv_pixel_filled(CLV_PIXEL_SHADOW, false, true));
    assert_true(clv_pixel_filled(CLV_PIXEL_MISSING, false, false));
    assert_false(clv_pixel_filled(CLV_PIXEL_MISSING, false, true));
    assert_false(clv_pixel_filled(CLV_PIXEL_MISSING, true, true));
    assert_false(clv_pixel_filled(CLV_PIXEL_CLOUD | CLV_PIXEL_MISSING, false, true));
    assert_false(clv_pixel_filled(CLV_PIXEL_CLOUD | CLV_PIXEL_MISSING | CLV_PIXEL_NOWHERE, false, false));
}

/* By the words of the header, bit by bit. */
static void filled_for_every_state(void **state)
{
    (void)state;
    for (int s = 0; s < STATES; s++)
        for (int full = 0; full < 2; full++)
            for (int keep = 0; keep < 2; keep++) {
                bool missing = s & 4, nowhere = s & 16, gap = s & (1 | 2 | 4);
                bool expected = nowhere ? false : keep && missing ? false : full ? true : gap;
                assert_int_equal(clv_pixel_filled((uint8_t)s, full, keep), expected);
            }
}

static void mask_class_for_every_state(void **state)
{
    (void)state;
    for (int s = 0; s < STATES; s++)
        assert_int_equal(clv_pixel_mask_class((uint8_t)s), s & 1 ? 1 : s & 2 ? 2 : s & 4 ? 255 : 0);
}

static void source_classes(void **state)
{
    (void)state;
    assert_int_equal(clv_pixel_source(0, false, 0), CLV_SOURCE_OBSERVED);
    assert_int_equal(clv_pixel_source(CLV_PIXEL_MISSING, false, 3), CLV_SOURCE_NODATA);
    assert_int_equal(clv_pixel_source(CLV_PIXEL_MISSING | CLV_PIXEL_NOWHERE, false, CLV_DAYS_NONE), CLV_SOURCE_NODATA);
    assert_int_equal(clv_pixel_source(CLV_PIXEL_CLOUD, true, 0), CLV_SOURCE_FILLED);
    assert_int_equal(clv_pixel_source(CLV_PIXEL_CLOUD, true, CLV_DAYS_NONE - 1), CLV_SOURCE_FILLED);
    assert_int_equal(clv_pixel_source(CLV_PIXEL_SHADOW, true, CLV_DAYS_NONE), CLV_SOURCE_NEVER);
    assert_int_equal(clv_pixel_source(0, true, 0), CLV_SOURCE_FILLED); /* predicted in full */
}

static void days_of_a_known_case(void **state)
{
    (void)state;
    const uint8_t gap[] = {0, 1, 1, /**/ 2, 4, 1, /**/ 1, 0, 1}; /* [3 dates, 3 pixels] */
    const double days[] = {10, 12, 17};
    const uint16_t at_0[] = {0, 7, CLV_DAYS_NONE}, at_1[] = {2, 5, CLV_DAYS_NONE}, at_2[] = {7, 0, CLV_DAYS_NONE};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(clv_pixel_days(gap + i, 3, days, 3, 0), at_0[i]);
        assert_int_equal(clv_pixel_days(gap + i, 3, days, 3, 1), at_1[i]);
        assert_int_equal(clv_pixel_days(gap + i, 3, days, 3, 2), at_2[i]);
    }
}

static void days_are_rounded_and_limited(void **state)
{
    (void)state;
    const uint8_t gap[] = {0, 1};
    const double half[] = {0, 2.5}, less[] = {0, 2.4375}, far[] = {-1e6, 0}, limit[] = {0, CLV_DAYS_NONE - 1};
    assert_int_equal(clv_pixel_days(gap, 1, half, 2, 1), 3);
    assert_int_equal(clv_pixel_days(gap, 1, less, 2, 1), 2);
    assert_int_equal(clv_pixel_days(gap, 1, far, 2, 1), CLV_DAYS_NONE - 1);
    assert_int_equal(clv_pixel_days(gap, 1, limit, 2, 1), CLV_DAYS_NONE - 1);
}

/* The dates are visited by growing distance instead. */
static void days_equal_a_search_outwards(void **state)
{
    (void)state;
    enum { T = 9, N = 200 };
    const int days[T] = {-20, -3, 0, 0, 4, 10, 30, 31, 400};
    double as_double[T];
    uint8_t gap[T * N];
    uint32_t seed = 3;
    for (int t = 0; t < T; t++)
        as_double[t] = days[t];
    for (int i = 0; i < T * N; i++) {
        seed = seed * 1664525u + 1013904223u;
        gap[i] = (seed >> 8) % 4 ? 1 + (seed >> 12) % 31 : 0;
    }
    for (int t = 0; t < T; t++)
        for (int i = 0; i < N; i++) {
            int expected = CLV_DAYS_NONE;
            for (int distance = 0; distance < 500 && expected == CLV_DAYS_NONE; distance++)
                for (int u = 0; u < T; u++)
                    if (!gap[u * N + i] && abs(days[u] - days[t]) == distance)
                        expected = distance;
            assert_int_equal(clv_pixel_days(gap + i, N, as_double, T, t), expected);
        }
}

static void deviation_in_its_unit(void **state)
{
    (void)state;
    assert_int_equal(clv_pixel_deviation(0, false, 0.5), 0);
    assert_int_equal(clv_pixel_deviation(CLV_PIXEL_MISSING, false, 0.5), CLV_DEVIATION_NONE);
    assert_int_equal(clv_pixel_deviation(CLV_PIXEL_CLOUD, true, 0), 0);
    assert_int_equal(clv_pixel_deviation(CLV_PIXEL_CLOUD, true, 0.0123), 123);
    assert_int_equal(clv_pixel_deviation(CLV_PIXEL_CLOUD, true, 0.01236), 124);
    assert_int_equal(clv_pixel_deviation(CLV_PIXEL_CLOUD, true, 100), CLV_DEVIATION_NONE - 1);
    assert_int_equal(clv_pixel_deviation(CLV_PIXEL_CLOUD, true, (double)NAN), CLV_DEVIATION_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filled_where_a_date_has_data), cmocka_unit_test(filled_for_every_state),
        cmocka_unit_test(mask_class_for_every_state),   cmocka_unit_test(source_classes),
        cmocka_unit_test(days_of_a_known_case),         cmocka_unit_test(days_are_rounded_and_limited),
        cmocka_unit_test(days_equal_a_search_outwards), cmocka_unit_test(deviation_in_its_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
