/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learn/dataset/cutting.h"

static void test_positions(void **state)
{
    (void)state;
    assert_int_equal(clv_cut_count(127, 128), 0);
    assert_int_equal(clv_cut_count(128, 128), 1);
    assert_int_equal(clv_cut_count(128 + 31, 128), 1); /* less than a quarter is left over */
    assert_int_equal(clv_cut_count(128 + 32, 128), 2);
    assert_int_equal(clv_cut_position(160, 128, 1), 32);
    assert_int_equal(clv_cut_count(467, 128), 4);
    assert_int_equal(clv_cut_position(467, 128, 2), 256);
    assert_int_equal(clv_cut_position(467, 128, 3), 339);
    assert_int_equal(clv_cut_count(200, 0), 0);
    /* Any length and stride: all windows inside, in order, none twice. */
    for (int length = 128; length < 700; length += 7)
        for (int stride = 1; stride < 300; stride += 13)
            for (int i = 0, n = clv_cut_count(length, stride), before = -1; i < n; i++) {
                int at = clv_cut_position(length, stride, i);
                assert_true(at > before && at + CLV_CUT_SIDE <= length);
                before = at;
            }
}

static void test_quantise(void **state)
{
    static float x[3 * CLV_CUT_PIXELS];
    static uint8_t gap[CLV_CUT_PIXELS];
    static int16_t value[3 * CLV_CUT_PIXELS];
    (void)state;
    memset(gap, 0, sizeof gap);
    for (int i = 0; i < 3 * CLV_CUT_PIXELS; i++)
        x[i] = 0.1234f;
    x[0] = -0.01f;
    x[1] = 9.0f;
    x[2] = 0.00006f;
    x[CLV_CUT_PIXELS + 3] = NAN; /* in one band: the pixel is missing in all */
    gap[4] = CLV_PIXEL_SHADOW;
    clv_cut_quantise(x, 3, gap, value);
    assert_int_equal(value[0], 0);
    assert_int_equal(value[1], 32767);
    assert_int_equal(value[2], 1);
    for (int c = 0; c < 3; c++) {
        assert_int_equal(value[c * CLV_CUT_PIXELS + 3], 0);
        assert_int_equal(value[c * CLV_CUT_PIXELS + 4], 0);
        assert_int_equal(value[c * CLV_CUT_PIXELS + 5], 1234);
    }
    assert_int_equal(gap[3], CLV_PIXEL_MISSING);
    assert_true(clv_cut_cover(gap) == 2.0 / CLV_CUT_PIXELS);
}

static void test_shape(void **state)
{
    static uint8_t gap[CLV_CUT_PIXELS], shape[CLV_CUT_PIXELS];
    (void)state;
    memset(gap, 0, sizeof gap);
    int tenth = (int)ceil(0.10 * CLV_CUT_PIXELS);
    memset(gap, CLV_PIXEL_CLOUD | CLV_PIXEL_SHADOW, (size_t)tenth - 2);
    gap[tenth - 2] = CLV_PIXEL_SHADOW;
    gap[tenth - 1] = CLV_PIXEL_CLOUD | CLV_PIXEL_MISSING; /* what is missing has no shape */
    assert_false(clv_cut_shape(gap, shape));
    gap[tenth] = CLV_PIXEL_CLOUD;
    assert_true(clv_cut_shape(gap, shape));
    assert_int_equal(shape[0], 1);
    assert_int_equal(shape[tenth - 2], 2);
    assert_int_equal(shape[tenth - 1], 0);
    assert_int_equal(shape[tenth], 1);
    assert_int_equal(shape[tenth + 1], 0);
}

static void test_mirrored(void **state)
{
    static uint8_t gap[CLV_CUT_PIXELS];
    const uint8_t raster[6] = {0, 1, 2, 255, 0, 1}; /* 3x2 */
    (void)state;
    clv_cut_mirrored(raster, 3, 2, 0, 0, gap);
    const uint8_t row[8] = {0, 1, 2, 1, 0, 1, 2, 1};
    assert_memory_equal(gap, row, 8);
    assert_int_equal(gap[CLV_CUT_SIDE], 0); /* 255 is no cloud */
    assert_int_equal(gap[CLV_CUT_SIDE + 2], 1);
    assert_memory_equal(gap + 2 * CLV_CUT_SIDE, row, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_quantise),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_mirrored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
