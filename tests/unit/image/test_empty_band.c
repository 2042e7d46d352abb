/* SPDX-License-Identifier: MIT
 * empty_band: a block that lacks a band is told from a dark one by the other dates; areas of zeros are found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/empty_band.h"

enum { T = 4, C = 4, S = CLV_EMPTY_SIDE, N = S * S };

static float x[T * C * N], zero[T * C];
static uint8_t missing[T * N];

static void put(int t, int c, float value)
{
    for (int i = 0; i < N; i++)
        x[(t * C + c) * N + i] = value;
}

/* Ground in all dates. */
static void reset(void)
{
    static const float ground[C] = {0.09F, 0.08F, 0.06F, 0.27F};
    memset(missing, 0, sizeof missing);
    memset(zero, 0, sizeof zero);
    for (int t = 0; t < T; t++)
        for (int c = 0; c < C; c++)
            put(t, c, ground[c] * (1 + 0.1F * (float)t));
}

static clv_empty_verdict judge(int t, int c)
{
    const clv_empty_block b = {.dates = T,
                               .channels = C,
                               .width = S,
                               .height = S,
                               .row = S,
                               .plane = N,
                               .x = x,
                               .missing = missing,
                               .zero = zero};
    return clv_empty_block_judge(&b, t, c);
}

static void what_other_dates_show_is_lacking(void **state)
{
    (void)state;
    reset();
    assert_int_equal(judge(1, 3), CLV_EMPTY_NO);
    put(1, 3, 0);
    assert_int_equal(judge(1, 3), CLV_EMPTY_SURE);
    x[(C + 3) * N + 17] = 0.01F;
    assert_int_equal(judge(1, 3), CLV_EMPTY_NO);
    missing[N + 17] = 1;
    assert_int_equal(judge(1, 3), CLV_EMPTY_SURE);
    /* Two bands at once; the number 0 with an offset. */
    put(1, 0, -0.1F);
    zero[C] = -0.1F;
    assert_int_equal(judge(1, 3), CLV_EMPTY_SURE);
    assert_int_equal(judge(1, 0), CLV_EMPTY_SURE);
    /* With one band left nothing is known. */
    put(1, 1, 0);
    assert_int_equal(judge(1, 3), CLV_EMPTY_UNKNOWN);
}

static void dark_places_are_none(void **state)
{
    (void)state;
    reset();
    for (int t = 0; t < T; t++)
        put(t, 3, t == 2 ? 0.05F : 0.003F);
    put(1, 3, 0);
    assert_int_equal(judge(1, 3), CLV_EMPTY_DARK);
    /* Water on another day than ground, or under cloud in all others: it does not look alike. */
    reset();
    put(1, 0, 0.02F);
    put(1, 1, 0.03F);
    put(1, 2, 0.05F);
    put(1, 3, 0);
    assert_int_equal(judge(1, 3), CLV_EMPTY_UNKNOWN);
    reset();
    for (int t = 0; t < T; t++)
        for (int c = 0; c < C && t != 1; c++)
            put(t, c, 0.6F);
    put(1, 3, 0);
    assert_int_equal(judge(1, 3), CLV_EMPTY_UNKNOWN);
}

static void blocks_are_joined(void **state)
{
    (void)state;
    enum { W = 6, H = 4 };
    int stack[W * H];
    uint8_t v[W * H] = {0};
    v[0] = CLV_EMPTY_SURE;
    v[1] = v[2] = CLV_EMPTY_UNKNOWN;
    v[W + 3] = CLV_EMPTY_DARK;
    v[3 * W + 5] = CLV_EMPTY_DARK;
    assert_false(clv_empty_blocks_join(v, W, H, stack));
    v[W] = CLV_EMPTY_SURE;
    assert_true(clv_empty_blocks_join(v, W, H, stack));
    assert_int_equal(v[2], CLV_EMPTY_SURE);
    assert_int_equal(v[W + 3], CLV_EMPTY_SURE);
    assert_int_equal(v[3 * W + 5], CLV_EMPTY_DARK);
    /* What is dark everywhere outweighs a few. */
    memset(v, CLV_EMPTY_DARK, sizeof v);
    v[0] = v[1] = v[2] = CLV_EMPTY_SURE;
    assert_true(clv_empty_blocks_join(v, W, H, stack));
    enum { MANY = 40 };
    uint8_t many[MANY * MANY];
    int *more = malloc(sizeof many * sizeof *more);
    assert_non_null(more);
    memset(many, CLV_EMPTY_DARK, sizeof many);
    many[0] = many[1] = CLV_EMPTY_SURE;
    assert_false(clv_empty_blocks_join(many, MANY, MANY, more));
    free(more);
}

static void areas_are_found(void **state)
{
    (void)state;
    enum { W = 150, H = 120 };
    static uint8_t z[W * H], none[W * H], dead[W * H], part[40 * 30], work[2 * W * H];
    static int32_t sums[(W + 1) * (H + 1)];
    int count = 0, expected = 0;
    for (int y = 0; y < H; y++)
        for (int i = 0; i < W; i++) {
            const int wedge = i > 90 && 3 * (i - 90) > y; /* pointed */
            const int speck = i < 60 && (i * 7 + y * 3) % 11 < 3;
            z[y * W + i] = (uint8_t)(wedge || speck);
            expected += wedge;
        }
    clv_zero_areas(z, none, W, H, (clv_rect){0, 0, W, H}, work, sums, dead);
    for (int i = 0; i < W * H; i++)
        count += dead[i];
    assert_int_equal(count, expected);
    /* Parts say the same. */
    const int reach = CLV_EMPTY_AREA_REACH;
    for (int y = 0; y + 30 <= H; y += 30)
        for (int i = 0; i + 40 <= W; i += 35) {
            const clv_rect r = clv_rect_intersect((clv_rect){0, 0, W, H},
                                                  (clv_rect){i - reach, y - reach, 40 + 2 * reach, 30 + 2 * reach});
            static uint8_t zs[W * H], ns[W * H];
            for (int j = 0; j < r.height; j++)
                memcpy(zs + j * r.width, z + (r.y + j) * W + r.x, (size_t)r.width);
            memset(part, 0, sizeof part);
            clv_zero_areas(zs, ns, r.width, r.height, (clv_rect){i - r.x, y - r.y, 40, 30}, work, sums, part);
            for (int k = 0; k < 40 * 30; k++)
                assert_int_equal(part[k], dead[(y + k / 40) * W + i + k % 40]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_other_dates_show_is_lacking),
        cmocka_unit_test(dark_places_are_none),
        cmocka_unit_test(blocks_are_joined),
        cmocka_unit_test(areas_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
