/* SPDX-License-Identifier: MIT
 * The way from the working grid to a date's own grid and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline/native.h"

static clv_acquisition date_of(int width, int height, int factor, int xoff, int yoff)
{
    clv_acquisition a = {.factor = factor, .xoff = xoff, .yoff = yoff};
    a.grid.width = width;
    a.grid.height = height;
    return a;
}

/* Every own pixel belongs to exactly one of the tiles that cover the working grid, whatever the offset. */
static void tiles_cover_native_pixels_once(void **state)
{
    (void)state;
    static const int factors[] = {1, 2, 3};
    for (size_t f = 0; f < 3; f++)
        for (int xoff = -3; xoff <= 3; xoff++) {
            clv_grid working = {.width = 50, .height = 20};
            clv_acquisition a = date_of(50 * factors[f] + 1, 20 * factors[f] - 1, factors[f], xoff, 0);
            unsigned char seen[200 * 100] = {0};
            for (int y = 0; y < 20; y += 7)
                for (int x = 0; x < 50; x += 16) {
                    clv_rect r =
                        clv_native_rect(&a, &working, x, y, x + 16 < 50 ? x + 16 : 50, y + 7 < 20 ? y + 7 : 20);
                    for (int j = r.y; j < r.y + r.height; j++)
                        for (int i = r.x; i < r.x + r.width; i++)
                            seen[j * a.grid.width + i]++;
                }
            for (int i = 0; i < a.grid.width * a.grid.height; i++)
                assert_int_equal(seen[i], 1);
        }
}

static void own_pixel_to_working_pixel(void **state)
{
    (void)state;
    assert_int_equal(clv_native_to_working(0, 0, 2, 10), 0);
    assert_int_equal(clv_native_to_working(1, 0, 2, 10), 0);
    assert_int_equal(clv_native_to_working(2, 0, 2, 10), 1);
    assert_int_equal(clv_native_to_working(0, 1, 2, 10), 0);   /* half a working pixel outside: its neighbour */
    assert_int_equal(clv_native_to_working(21, 0, 2, 10), 9);  /* just beyond the end */
    assert_int_equal(clv_native_to_working(23, 0, 2, 10), 9);  /* two working pixels beyond */
    assert_int_equal(clv_native_to_working(24, 0, 2, 10), -1); /* too far */
    assert_int_equal(clv_native_to_working(0, 5, 2, 10), -1);  /* three working pixels before the start */
    assert_int_equal(clv_native_to_working(-5, -7, 2, 10), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiles_cover_native_pixels_once),
                                       cmocka_unit_test(own_pixel_to_working_pixel)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
