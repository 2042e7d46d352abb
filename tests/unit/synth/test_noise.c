/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "synth/noise.h"

static void statistics_are_as_promised(void **state)
{
    double sum = 0.0, square = 0.0, fractal = 0.0;
    const int n = 400;
    (void)state;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            const double v = clv_noise(NULL, 7, i * 0.37 - 70.0, j * 0.41 - 33.0);
            assert_true(v >= -1.0 && v <= 1.0);
            sum += v;
            square += v * v;
            const double f = clv_noise_fractal(NULL, 7, i * 0.37, j * 0.41, 6, 0.55);
            fractal += f * f;
        }
    assert_true(fabs(sum / (n * n)) < 0.01);
    assert_true(fabs(sqrt(square / (n * n)) - 0.176) < 0.01);
    assert_true(fabs(sqrt(fractal / (n * n)) - 1.0) < 0.08);
}

/* Continuous with continuous slope, across lattice lines and around zero too. */
static void fields_are_smooth(void **state)
{
    const double h = 1e-5;
    (void)state;
    for (int i = -300; i < 300; i++) {
        const double x = i / 50.0, y = -0.73 + i / 130.0;
        const double left = clv_noise(NULL, 3, x - h, y), here = clv_noise(NULL, 3, x, y),
                     right = clv_noise(NULL, 3, x + h, y);
        assert_true(fabs(right - here) < 4.0 * h);
        assert_true(fabs((right - here) - (here - left)) < 100.0 * h * h);
    }
}

static void caches_change_nothing(void **state)
{
    clv_noise_cell cache[CLV_NOISE_OCTAVES] = {0}, one = {0};
    (void)state;
    for (int k = 0; k < 3000; k++) {
        /* Walks, jumps and changes of seed. */
        const double x = (k % 100) * 0.13 - 5.0 + (k % 701 == 0 ? 1000.0 : 0.0), y = (k / 100) * 0.13;
        const uint32_t seed = k % 500 < 490 ? 1u : 2u;
        const double with = clv_noise_fractal(cache, seed, x, y, 5, 0.5),
                     without = clv_noise_fractal(NULL, seed, x, y, 5, 0.5);
        assert_memory_equal(&with, &without, sizeof with);
        const double a = clv_noise(&one, seed, x, y), b = clv_noise(NULL, seed, x, y);
        assert_memory_equal(&a, &b, sizeof a);
    }
}

static void seeds_give_other_fields(void **state)
{
    double product = 0.0;
    const int n = 200;
    (void)state;
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            product += clv_noise_fractal(NULL, 1, i * 0.4, j * 0.4, 4, 0.5) *
                       clv_noise_fractal(NULL, 2, i * 0.4, j * 0.4, 4, 0.5);
    assert_true(fabs(product / (n * n)) < 0.06);
}

static void octaves_are_bounded(void **state)
{
    (void)state;
    assert_true(clv_noise_fractal(NULL, 1, 0.3, 0.4, 0, 0.5) == 0.0);
    const double most = clv_noise_fractal(NULL, 1, 0.3, 0.4, CLV_NOISE_OCTAVES, 0.5);
    const double more = clv_noise_fractal(NULL, 1, 0.3, 0.4, 1000, 0.5);
    assert_memory_equal(&most, &more, sizeof most);
}

static void smoothstep_has_its_ends(void **state)
{
    (void)state;
    assert_true(clv_smoothstep(1.0, 3.0, 0.9) == 0.0);
    assert_true(clv_smoothstep(1.0, 3.0, 1.0) == 0.0);
    assert_true(clv_smoothstep(1.0, 3.0, 2.0) == 0.5);
    assert_true(clv_smoothstep(1.0, 3.0, 3.0) == 1.0);
    assert_true(clv_smoothstep(2.0, 2.0, 2.5) == 1.0);
    assert_true(clv_smoothstep(1.0, 3.0, NAN) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_as_promised), cmocka_unit_test(fields_are_smooth),
        cmocka_unit_test(caches_change_nothing),      cmocka_unit_test(seeds_give_other_fields),
        cmocka_unit_test(octaves_are_bounded),        cmocka_unit_test(smoothstep_has_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
