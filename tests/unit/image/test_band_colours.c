/* SPDX-License-Identifier: MIT
 * band_colours: plants tell near infrared, and red from blue, in whatever plane they are; water and clouds tell
 * nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image/band_colours.h"

enum { N = 4000 };

static float x[CLV_ORDER_BANDS][N], scratch[2 * N];
static uint8_t use[N];

static float noise(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (float)(*seed >> 8) / (float)(1 << 24);
}

/* Soil and crops, of which `plants` are crops; the rest beyond `land` is water. */
static void draw(float plants, float land, float haze)
{
    static const float soil[4] = {0.18F, 0.13F, 0.09F, 0.25F}, crop[4] = {0.03F, 0.06F, 0.03F, 0.4F},
                       water[4] = {0.02F, 0.04F, 0.05F, 0.01F};
    unsigned seed = 9;
    for (int i = 0; i < N; i++) {
        const float kind = noise(&seed), bright = 0.8F + 0.4F * noise(&seed);
        const float *g = kind < plants ? crop : kind < land ? soil : water;
        for (int c = 0; c < CLV_ORDER_BANDS; c++)
            x[c][i] = g[c] * bright + (c < 3 ? haze * (0.5F + 0.25F * (float)c) : 0);
        use[i] = 1;
    }
}

static clv_colours look(int r, int g, int b, int n)
{
    const float *planes[CLV_ORDER_BANDS] = {x[r], x[g], x[b], x[n]};
    return clv_band_colours(planes, use, N, scratch);
}

static void the_right_order_fits(void **state)
{
    (void)state;
    draw(0.4F, 1, 0);
    assert_int_equal(look(0, 1, 2, 3).verdict, CLV_COLOURS_FIT);
    draw(0.4F, 0.7F, 0.03F);
    assert_int_equal(look(0, 1, 2, 3).verdict, CLV_COLOURS_FIT);
}

static void another_order_is_told(void **state)
{
    (void)state;
    draw(0.4F, 0.9F, 0.02F);
    assert_int_equal(look(2, 1, 0, 3).verdict, CLV_COLOURS_SWAPPED);
    for (int k = 0; k < 3; k++) {
        int order[4] = {0, 1, 2, 3};
        order[k] = 3;
        order[3] = k;
        const clv_colours found = look(order[0], order[1], order[2], order[3]);
        assert_int_equal(found.verdict, CLV_COLOURS_NIR_ELSEWHERE);
        assert_int_equal(found.nir, k);
    }
}

static void without_plants_nothing_is_told(void **state)
{
    (void)state;
    draw(0, 1, 0);
    assert_int_equal(look(2, 1, 0, 3).verdict, CLV_COLOURS_UNKNOWN);
    draw(0, 0, 0);
    assert_int_equal(look(3, 1, 2, 0).verdict, CLV_COLOURS_UNKNOWN);
    draw(0.4F, 1, 0);
    for (int i = 0; i < N; i++) /* all under cloud */
        for (int c = 0; c < CLV_ORDER_BANDS; c++)
            x[c][i] += 0.4F;
    assert_int_equal(look(3, 1, 2, 0).verdict, CLV_COLOURS_UNKNOWN);
    draw(0.4F, 1, 0);
    for (int i = 0; i < N; i++) /* masked */
        use[i] = i % 20 == 0;
    assert_int_equal(look(3, 1, 2, 0).verdict, CLV_COLOURS_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_order_fits),
        cmocka_unit_test(another_order_is_told),
        cmocka_unit_test(without_plants_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
