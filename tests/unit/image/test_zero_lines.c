/* SPDX-License-Identifier: MIT
 * zero_lines: lines and strips are found, dark places stay, whatever part of the raster is looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/zero_lines.h"

enum { W = 200, H = 150, N = W * H };

static uint8_t zero[N], none[N], dead[N];

static void clear(void)
{
    memset(zero, 0, N);
    memset(none, 0, N);
}

static void put(uint8_t *plane, int x0, int y0, int width, int height)
{
    for (int y = y0; y < y0 + height; y++)
        memset(plane + y * W + x0, 1, (size_t)width);
}

/* The part of the raster into `out` [part], from no more than it may depend on. */
static void find(clv_rect part, uint8_t *out)
{
    const int reach = CLV_ZERO_LINES_REACH;
    const clv_rect r =
        clv_rect_intersect((clv_rect){0, 0, W, H},
                           (clv_rect){part.x - reach, part.y - reach, part.width + 2 * reach, part.height + 2 * reach});
    const size_t n = (size_t)r.width * (size_t)r.height;
    uint8_t *z = malloc(8 * n), *m = z + n;
    int32_t *sums = malloc(2 * (size_t)(r.width + 1) * (size_t)(r.height + 1) * sizeof *sums);
    assert_non_null(z);
    assert_non_null(sums);
    for (int y = 0; y < r.height; y++) {
        memcpy(z + y * r.width, zero + (r.y + y) * W + r.x, (size_t)r.width);
        memcpy(m + y * r.width, none + (r.y + y) * W + r.x, (size_t)r.width);
    }
    const clv_zero_lines_rim rim = {r.x == 0, r.x + r.width == W, r.y == 0, r.y + r.height == H};
    memset(out, 0, (size_t)part.width * (size_t)part.height);
    clv_zero_lines(z, m, r.width, r.height, (clv_rect){part.x - r.x, part.y - r.y, part.width, part.height}, &rim,
                   z + 2 * n, sums, out);
    free(z);
    free(sums);
}

static int count(void)
{
    int sum = 0;
    find((clv_rect){0, 0, W, H}, dead);
    for (int i = 0; i < N; i++)
        sum += dead[i];
    /* Parts say the same. */
    static uint8_t part[70 * 50];
    for (int y = 0; y < H; y += 50)
        for (int x = 0; x + 70 <= W; x += 65) {
            find((clv_rect){x, y, 70, 50}, part);
            for (int i = 0; i < 70 * 50; i++)
                assert_int_equal(part[i], dead[(y + i / 70) * W + x + i % 70]);
        }
    return sum;
}

static void lines_are_found(void **state)
{
    (void)state;
    clear();
    put(zero, 0, 71, W, 1);
    assert_int_equal(count(), W);
    clear();
    put(zero, 40, 0, 2, H);
    assert_int_equal(count(), 2 * H);
    clear();
    put(zero, 60, 30, 40, 1); /* a part of a row */
    assert_int_equal(count(), 40);
    clear();
    put(zero, 0, 0, W, 1); /* at the rim */
    assert_int_equal(count(), W);
}

static void wide_lines_are_found(void **state)
{
    (void)state;
    for (int width = 3; width <= 8; width++) {
        clear();
        put(zero, 97, 0, width, H); /* a column through the whole raster */
        assert_int_equal(count(), width * H);
        clear();
        put(zero, 110, 60, W - 110, width); /* a row that ends in it, over 70 pixels */
        assert_int_equal(count(), width * (W - 110));
    }
    clear();
    put(zero, 50, 0, 9, H); /* a canal */
    assert_int_equal(count(), 0);
    /* Through lakes, beside which it is known from further along. */
    clear();
    put(zero, 120, 0, 5, H);
    for (int y = 0; y < 24; y++)
        put(zero, 120 - y % 12, 50 + y, 20, 1);
    const int all = count();
    assert_true(all >= 5 * H && all < 5 * H + 30);
    for (int y = 0; y < H; y++)
        for (int x = 120; x < 125; x++)
            assert_int_equal(dead[y * W + x], 1);
    /* Water of that width bends. */
    clear();
    for (int y = 0; y < H; y++)
        put(zero, 90 + (y * y / 160) % 40 + y / 9 % 2, y, 4, 1);
    assert_int_equal(count(), 0);
}

static void dark_places_stay(void **state)
{
    (void)state;
    clear();
    put(zero, 17, 33, 1, 1);
    put(zero, 50, 60, 20, 1);  /* short */
    put(zero, 90, 40, 70, 60); /* a lake */
    put(zero, 10, 100, 60, 3); /* a river */
    assert_int_equal(count(), 0);
    for (int i = 0; i < N; i++) /* noise in dark water */
        zero[i] = (uint32_t)i * 2654435761u >> 28 < 12;
    assert_true(count() < N / 200);
}

static void strips_along_a_swath_are_found(void **state)
{
    (void)state;
    clear();
    int strip = 0;
    for (int y = 0; y < H; y++) { /* slanted: the band begins 6 pixels further in than the others */
        put(none, 0, y, 30 + y / 6, 1);
        put(zero, 30 + y / 6, y, 6, 1);
        strip += 6;
    }
    assert_true(count() >= strip - 6);
    clear();
    put(zero, 0, 0, 9, H); /* the raster begins within it */
    assert_int_equal(count(), 9 * H);
    clear();
    put(zero, 0, 40, 9, 20); /* a pond at the rim */
    assert_int_equal(count(), 0);
    clear();
    put(none, 0, 0, 30, H);
    put(zero, 30, 20, 90, 90); /* a lake at the swath's edge */
    assert_int_equal(count(), 0);
}

/* Edges of bands that see the ground from different places, in all directions and slopes. */
static void slanted_edges_leave_nothing(void **state)
{
    (void)state;
    for (int slope = 1; slope <= 4; slope++)
        for (int strip = 1; strip <= 10; strip += 3)
            for (int side = 0; side < 4; side++) {
                int gone = 0;
                clear();
                for (int y = 0; y < H; y++)
                    for (int x = 0; x < W; x++) {
                        const int u = side & 1 ? W - 1 - x : x, v = side & 2 ? H - 1 - y : y;
                        const int at = 4 * u + slope * v;
                        none[y * W + x] = at < 4 * 70;
                        zero[y * W + x] = at >= 4 * 70 && at < 4 * (70 + strip);
                        gone += zero[y * W + x];
                    }
                assert_int_equal(count(), gone);
            }
    /* Along the rim only, to nothing. */
    clear();
    int gone = 0;
    for (int x = 60; x < W; x++) {
        const int width = (x - 60) / 11;
        put(zero, x, H - width, 1, width);
        gone += width;
    }
    assert_int_equal(count(), gone);
}

/* Where other ground lies at the same edge too. */
static void water_at_a_swath_stays(void **state)
{
    (void)state;
    clear();
    for (int y = 0; y < H; y++)
        put(none, 0, y, 30 + y / 3, 1);
    for (int y = 40; y < 60; y++) /* a pond */
        put(zero, 30 + y / 3, y, 12, 1);
    for (int y = -40; y <= 40; y++) /* a round lake beyond the edge */
        for (int x = -40; x <= 40; x++)
            if (x * x + y * y < 40 * 40 && !none[(100 + y) * W + 130 + x])
                zero[(100 + y) * W + 130 + x] = 1;
    assert_true(count() < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_found),
        cmocka_unit_test(wide_lines_are_found),
        cmocka_unit_test(dark_places_stay),
        cmocka_unit_test(strips_along_a_swath_are_found),
        cmocka_unit_test(slanted_edges_leave_nothing),
        cmocka_unit_test(water_at_a_swath_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
