/* SPDX-License-Identifier: MIT
 * nodata_rule: which numbers fill areas like no data do.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sentinel2/nodata_rule.h"

enum { SIDE = 40, N = SIDE * SIDE, BANDS = 4 };

static double planes[BANDS][N];

/* Ground around 1100, and `value` in the bands of `bands` (bits) in a rectangle. */
static clv_nodata_window window(double value, unsigned bands, int x0, int y0, int width, int height)
{
    clv_nodata_window w = {.bands = BANDS, .width = SIDE, .height = SIDE, .left = true, .top = true};
    for (int b = 0; b < BANDS; b++) {
        w.values[b] = planes[b];
        for (int i = 0; i < N; i++) {
            const int x = i % SIDE, y = i / SIDE;
            const bool in = x >= x0 && x < x0 + width && y >= y0 && y < y0 + height;
            planes[b][i] = in && (bands >> b & 1) ? value : 900 + 100 * b + (x * 37 + y * 61) % 211;
        }
    }
    return w;
}

static bool sure(double value, unsigned bands, int x0, int y0, int width, int height)
{
    const clv_nodata_window w = window(value, bands, x0, y0, width, height);
    clv_nodata_evidence e = {0};
    clv_nodata_count(&w, value, &e);
    assert_int_equal(e.pixels, N);
    return clv_nodata_sure(value, 1100, &e);
}

static void values_of_the_field_are_known_at_the_rim(void **state)
{
    (void)state;
    const double values[] = {0, -999, -9999, -10000, -32767, -32768, 65535, 9.96921e36, -3.4e38, -INFINITY};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_true(sure(values[i], 15, 0, 0, 9, 6));
}

static void inside_only_what_is_no_reflectance(void **state)
{
    (void)state;
    assert_true(sure(-10000, 15, 11, 9, 7, 8));
    assert_true(sure(-28672, 15, 11, 9, 7, 8)); /* nobody's, but no reflectance */
    assert_true(sure(65535, 15, 11, 9, 7, 8));
    assert_false(sure(0, 15, 11, 9, 7, 8)); /* deep shadow */
    assert_false(sure(-999, 15, 11, 9, 7, 8));
    assert_false(sure(10000, 15, 0, 0, 20, 20)); /* clouds clipped */
    assert_false(sure(1234, 15, 0, 0, 20, 20));
}

static void one_pixel_or_one_band_proves_nothing(void **state)
{
    (void)state;
    assert_false(sure(-9999, 15, 0, 0, 1, 1));
    assert_false(sure(-9999, 15, 0, 0, 4, 5)); /* too few */
    for (unsigned bands = 1; bands < 15; bands++)
        assert_false(sure(0, bands, 0, 0, 12, 12));
}

static void strips_of_one_pixel_are_enough(void **state)
{
    (void)state;
    const double values[] = {0, -999, -9999, -10000, 65535, -32768, -INFINITY};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (int width = 1; width <= 3; width++) {
            assert_true(sure(values[i], 15, 0, 0, SIDE, width)); /* along the rim */
            assert_true(sure(values[i], 15, 0, 3, width, SIDE - 3));
            assert_true(sure(values[i], 15, 17, 0, width, 34)); /* from the rim inwards */
        }
        assert_false(sure(values[i], 7, 0, 0, SIDE, 2)); /* not in all bands */
    }
    assert_false(sure(0, 15, 0, 0, 20, 2));          /* short, and dark places are 0 */
    assert_false(sure(0, 15, 4, 9, SIDE - 4, 2));    /* inside */
    assert_true(sure(-9999, 15, 4, 9, SIDE - 4, 2)); /* nothing real is that */
    assert_false(sure(10000, 15, 0, 0, SIDE, 2));    /* clouds clipped */
    assert_false(sure(-28672, 15, 0, 0, SIDE, 2));   /* nobody's */
}

/* Bands see the ground from different places: their edges do not lie on each other. */
static void bands_edges_may_differ(void **state)
{
    (void)state;
    const double values[] = {-9999, -10000, -999, 65535, -32768};
    for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
        clv_nodata_window w = window(values[v], 15, 0, 0, 5, SIDE);
        for (int b = 0; b < BANDS; b++)
            for (int y = 0; y < SIDE; y++)
                for (int x = 5; x < 5 + 3 * (BANDS - b); x++)
                    planes[b][y * SIDE + x] = values[v];
        clv_nodata_evidence e = {0};
        clv_nodata_count(&w, values[v], &e);
        assert_true(e.all < 0.5 * e.red);
        assert_true(clv_nodata_sure(values[v], 1100, &e));
    }
}

static bool sure_of(const clv_nodata_window *w, double value)
{
    clv_nodata_evidence e = {0};
    clv_nodata_count(w, value, &e);
    return clv_nodata_sure(value, 1100, &e);
}

/* Numbers that nobody is known to use: an area at the rim that ends where the ground begins. */
static void any_other_ends_sharply_at_the_rim(void **state)
{
    (void)state;
    const double values[] = {1, 2, -7, -99, -500, 65534, 55537, 45000};
    for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
        assert_true(sure(values[v], 15, 0, 0, 9, 12));
        assert_false(sure(values[v], 15, 11, 9, 7, 8)); /* inside */
        assert_false(sure(values[v], 7, 0, 0, 9, 12));  /* not in all bands */
        assert_false(sure(values[v], 15, 0, 0, 2, SIDE));
    }
    assert_false(sure(300, 15, 0, 0, 9, 12)); /* dark, or clouds clipped */
    assert_false(sure(28000, 15, 0, 0, 9, 12));
    /* Dark water, and clouds above what the format holds: the ground leads up to the number. */
    const double clipped[] = {1, -20, 60000};
    for (size_t v = 0; v < sizeof clipped / sizeof *clipped; v++) {
        clv_nodata_window w = window(clipped[v], 15, 0, 0, 12, 12);
        for (int b = 0; b < BANDS; b++)
            for (int i = 0; i < N; i++) {
                const int x = i % SIDE, y = i / SIDE, away = (x > y ? x : y) - 11;
                if (away > 0 && away < 6)
                    planes[b][i] = clipped[v] > 1100 ? clipped[v] - 3000 * away : clipped[v] + 30 * away;
            }
        assert_false(sure_of(&w, clipped[v]));
    }
    /* Where blue is clipped to the number here and there, it is one of the ground. */
    clv_nodata_window w = window(1, 15, 0, 0, 12, 12);
    for (int i = 0; i < N; i += 9)
        planes[2][i] = 1;
    assert_false(sure_of(&w, 1));
}

static void candidates_repeat_in_red(void **state)
{
    (void)state;
    double found[CLV_NODATA_CANDIDATES];
    clv_nodata_window w = window(-777, 1, 8, 3, 8, 2);
    assert_int_equal(clv_nodata_candidates(&w, CLV_TYPE_INT16, found), 1);
    assert_true(found[0] == -777);
    assert_int_equal(clv_nodata_candidates(&w, CLV_TYPE_BYTE, found), 0);
    w = window(-777, 1, 8, 3, 2, 20);
    assert_int_equal(clv_nodata_candidates(&w, CLV_TYPE_INT16, found), 1);
    w = window(-777, 1, 8, 3, 3, 3);
    assert_int_equal(clv_nodata_candidates(&w, CLV_TYPE_INT16, found), 0);
    w = window(NAN, 15, 0, 0, 20, 20);
    assert_int_equal(clv_nodata_candidates(&w, CLV_TYPE_FLOAT32, found), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_the_field_are_known_at_the_rim),
        cmocka_unit_test(inside_only_what_is_no_reflectance),
        cmocka_unit_test(one_pixel_or_one_band_proves_nothing),
        cmocka_unit_test(strips_of_one_pixel_are_enough),
        cmocka_unit_test(bands_edges_may_differ),
        cmocka_unit_test(any_other_ends_sharply_at_the_rim),
        cmocka_unit_test(candidates_repeat_in_red),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
