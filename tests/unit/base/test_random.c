/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "base/random.h"

/* The published first outputs of splitmix64 for seed 1234567. */
static void stream_is_splitmix64(void **state)
{
    static const uint64_t expected[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                        UINT64_C(16408922859458223821)};
    clv_random rng;
    (void)state;
    clv_random_seed(&rng, 1234567);
    for (int i = 0; i < 5; i++)
        assert_true(clv_random_next(&rng) == expected[i]);
}

static void units_fill_the_interval_evenly(void **state)
{
    enum { N = 200000, BINS = 20 };
    int stream[BINS] = {0}, hashed[BINS] = {0};
    clv_random rng;
    (void)state;
    clv_random_seed(&rng, 5);
    for (int i = 0; i < N; i++) {
        const double a = clv_random_unit(&rng), b = clv_hash_unit(clv_hash2(5, i % 400, i / 400));
        assert_true(a >= 0.0 && a < 1.0 && b >= 0.0 && b < 1.0);
        stream[(int)(a * BINS)]++;
        hashed[(int)(b * BINS)]++;
    }
    for (int k = 0; k < BINS; k++) { /* five standard deviations */
        assert_in_range(stream[k], N / BINS - 500, N / BINS + 500);
        assert_in_range(hashed[k], N / BINS - 500, N / BINS + 500);
    }
    assert_true(clv_hash_unit(UINT64_MAX) < 1.0);
    assert_true(clv_hash_unit(0) == 0.0);
}

static void neighbours_are_independent(void **state)
{
    double along_x = 0.0, along_y = 0.0, along_seed = 0.0;
    const int n = 100;
    (void)state;
    for (int y = 0; y < n; y++)
        for (int x = 0; x < n; x++) {
            const double here = clv_hash_gauss(clv_hash2(3, x, y));
            along_x += here * clv_hash_gauss(clv_hash2(3, x + 1, y));
            along_y += here * clv_hash_gauss(clv_hash2(3, x, y + 1));
            along_seed += here * clv_hash_gauss(clv_hash2(4, x, y));
        }
    assert_true(fabs(along_x) / (n * n) < 0.05);
    assert_true(fabs(along_y) / (n * n) < 0.05);
    assert_true(fabs(along_seed) / (n * n) < 0.05);
}

static void moments_are_normal(double (*draw)(void *), void *arg, double reach)
{
    const int n = 200000;
    double sum = 0.0, square = 0.0, cube = 0.0;
    for (int i = 0; i < n; i++) {
        const double v = draw(arg);
        assert_true(fabs(v) <= reach);
        sum += v;
        square += v * v;
        cube += v * v * v;
    }
    assert_true(fabs(sum / n) < 0.01);
    assert_true(fabs(square / n - 1.0) < 0.015);
    assert_true(fabs(cube / n) < 0.03);
}

static double draw_stream(void *arg)
{
    return clv_random_gauss(arg);
}

static double draw_hash(void *arg)
{
    return clv_hash_gauss(clv_random_next(arg));
}

static void gaussians_have_mean_zero_and_variance_one(void **state)
{
    clv_random rng;
    (void)state;
    clv_random_seed(&rng, 11);
    moments_are_normal(draw_stream, &rng, 6.0);
    moments_are_normal(draw_hash, &rng, 3.4642);
    assert_true(clv_hash_gauss(0) < -3.46 && clv_hash_gauss(UINT64_MAX) > 3.46);
}

static void integers_stay_below_n(void **state)
{
    int seen[7] = {0};
    clv_random rng;
    (void)state;
    clv_random_seed(&rng, 1);
    for (int i = 0; i < 7000; i++) {
        const int v = clv_random_int(&rng, 7);
        assert_in_range(v, 0, 6);
        seen[v]++;
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 850, 1150);
    assert_int_equal(clv_random_int(&rng, 0), 0);
    assert_int_equal(clv_random_int(&rng, -3), 0);
    assert_int_equal(clv_random_int(&rng, 1), 0);
}

static void seeds_of_parts_differ(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++)
        for (uint64_t salt = 1; salt < 30; salt++) {
            assert_true(clv_hash_seed(seed, salt) != clv_hash_seed(seed, salt - 1));
            assert_true(clv_hash_seed(seed, salt) != clv_hash_seed(seed + 1, salt));
        }
}

static void parts_of_a_hash_are_its_sixteen_bits(void **state)
{
    (void)state;
    const uint64_t h = UINT64_C(0xFFFF800040000000);
    assert_true(clv_hash_part(h, 0) == 0.0 && clv_hash_part(h, 1) == 0.25 && clv_hash_part(h, 2) == 0.5);
    assert_true(clv_hash_part(h, 3) < 1.0 && clv_hash_part(h, 3) > 0.9999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_is_splitmix64),
        cmocka_unit_test(units_fill_the_interval_evenly),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(gaussians_have_mean_zero_and_variance_one),
        cmocka_unit_test(integers_stay_below_n),
        cmocka_unit_test(seeds_of_parts_differ),
        cmocka_unit_test(parts_of_a_hash_are_its_sixteen_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
