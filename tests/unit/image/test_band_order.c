/* SPDX-License-Identifier: MIT
 * band_order: swapped bands are told, in whatever order; haze, seasons and clouds turn nothing over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image/band_order.h"

enum { N = 3000 };

static float x[2][CLV_ORDER_BANDS][N];
static uint8_t use[N];

static float noise(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(*seed >> 8) / (float)(1 << 24);
}

/* Soil, crops and woods; what grows at the first date may be bare at the second. */
static void draw(float haze, int harvest)
{
    static const float soil[4] = {0.16F, 0.12F, 0.08F, 0.24F}, crop[4] = {0.04F, 0.07F, 0.03F, 0.42F},
                       wood[4] = {0.02F, 0.03F, 0.018F, 0.25F}, water[4] = {0.02F, 0.04F, 0.06F, 0.01F};
    unsigned seed = 5;
    for (int i = 0; i < N; i++) {
        const float kind = noise(&seed), bright = 0.8F + 0.4F * noise(&seed);
        for (int t = 0; t < 2; t++) {
            const int grows = (kind < 0.3F) != (t == 1 && harvest);
            const float *g = kind < 0.6F ? (grows ? crop : soil) : kind < 0.9F ? wood : water;
            for (int c = 0; c < CLV_ORDER_BANDS; c++)
                x[t][c][i] = g[c] * bright + 0.004F * (noise(&seed) - 0.5F) +
                             (t == 1 && c < 3 ? haze * (0.5F + 0.25F * (float)c) : 0);
        }
        use[i] = 1;
    }
}

/* The second date with plane k holding band held[k]. */
static clv_order_verdict compare(int bands, const int *held, int *order)
{
    const float *own[CLV_ORDER_BANDS], *other[CLV_ORDER_BANDS];
    for (int c = 0; c < bands; c++) {
        own[c] = x[1][held[c]];
        other[c] = x[0][c];
    }
    return clv_band_order(own, other, use, bands, N, order);
}

static void the_same_order_is_told(void **state)
{
    (void)state;
    static const int held[4] = {0, 1, 2, 3};
    int order[4];
    for (int bands = 3; bands <= 4; bands++) {
        draw(0, 0);
        assert_int_equal(compare(bands, held, order), CLV_ORDER_SAME);
        draw(0.08F, 0);
        assert_int_equal(compare(bands, held, order), CLV_ORDER_SAME);
        draw(0.03F, 1);
        assert_int_not_equal(compare(bands, held, order), CLV_ORDER_OTHER);
    }
}

static void other_orders_are_told(void **state)
{
    (void)state;
    static const int swapped[4] = {2, 1, 0, 3}, turned[4] = {3, 2, 1, 0}, mixed[4] = {1, 3, 0, 2};
    int order[4];
    draw(0.01F, 0);
    assert_int_equal(compare(3, swapped, order), CLV_ORDER_OTHER);
    for (int c = 0; c < 3; c++)
        assert_int_equal(order[c], 2 - c);
    assert_int_equal(compare(4, swapped, order), CLV_ORDER_OTHER);
    assert_true(order[0] == 2 && order[2] == 0 && order[3] == 3);
    assert_int_equal(compare(4, turned, order), CLV_ORDER_OTHER);
    assert_true(order[0] == 3 && order[1] == 2 && order[3] == 0);
    assert_int_equal(compare(4, mixed, order), CLV_ORDER_OTHER);
    for (int c = 0; c < 4; c++)
        assert_int_equal(mixed[order[c]], c);
}

static void little_ground_tells_nothing(void **state)
{
    (void)state;
    static const int swapped[4] = {2, 1, 0, 3};
    int order[4];
    draw(0, 0);
    for (int i = 300; i < N; i++)
        use[i] = 0;
    assert_int_equal(compare(4, swapped, order), CLV_ORDER_UNKNOWN);
    draw(0, 0);
    for (int i = 300; i < N; i++)
        x[1][0][i] = x[1][1][i] = x[1][2][i] = 0.6F; /* cloud */
    assert_int_equal(compare(4, swapped, order), CLV_ORDER_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_order_is_told),
        cmocka_unit_test(other_orders_are_told),
        cmocka_unit_test(little_ground_tells_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
