/* SPDX-License-Identifier: MIT
 *
 * Clouds with soft edges: their numbers, cover, edges, shadows, what is left as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "synth/soft_clouds.h"

enum { SIDE = 256, N = SIDE * SIDE };

static void lay(const clv_soft_clouds *c, float *x, float *alpha, float *shadow)
{
    float *bands[4];
    for (int b = 0; b < 4; b++) {
        bands[b] = x + (size_t)b * N;
        for (int i = 0; i < N; i++)
            bands[b][i] = 0.05f * (float)(b + 1);
    }
    clv_soft_clouds_lay(c, bands, SIDE, SIDE, alpha, shadow);
}

static void numbers_are_within_bounds(void **state)
{
    (void)state;
    clv_random rng;
    int veils = 0;
    clv_random_seed(&rng, 5);
    for (int i = 0; i < 2000; i++) {
        const clv_soft_clouds c = clv_soft_clouds_draw(&rng, 1);
        const double way = hypot(c.dx, c.dy);
        assert_true(c.cover >= 0.15 && c.cover <= 0.7 && c.correlation >= 14 && c.correlation <= 40);
        assert_true(c.rise >= 12 && c.rise <= 40 && c.veil >= 0 && c.veil <= 0.11);
        assert_true(c.brightness >= 0.45 && c.brightness <= 0.71 && way >= 4 - 1e-9 && way <= 12 + 1e-9);
        veils += c.veil > 0;
    }
    assert_in_range(veils, 900, 1100);
    const double way = 0.5; /* at 40 m */
    for (int i = 0; i < 100; i++) {
        const clv_soft_clouds c = clv_soft_clouds_draw(&rng, way);
        assert_true(c.correlation <= 20 && hypot(c.dx, c.dy) <= 6 + 1e-9);
    }
}

static void cover_edges_and_ground(void **state)
{
    (void)state;
    float *x = malloc(4 * N * sizeof *x), *alpha = malloc(N * sizeof *alpha), *shadow = malloc(N * sizeof *shadow);
    clv_soft_clouds c = {
        .seed = 9, .veil_seed = 4, .cover = 0.4, .correlation = 20, .rise = 20, .brightness = 0.6, .dx = 8};
    lay(&c, x, alpha, shadow);
    int covered = 0, soft = 0, opaque = 0, alike = 0, away = 0;
    for (int i = 0; i < N; i++) {
        covered += alpha[i] > 0;
        soft += alpha[i] > 0 && alpha[i] < 0.9;
        opaque += alpha[i] >= 0.9;
        for (int b = 0; b < 4 && alpha[i] == 0 && shadow[i] == 0; b++)
            assert_float_equal(x[(size_t)b * N + (size_t)i], 0.05 * (b + 1), 1e-7); /* nothing else is touched */
        if (i % SIDE >= 8) {
            away++;
            alike += fabsf(shadow[i] - alpha[i - 8]) < 1e-4f; /* the cloud's own shape, eight pixels on */
        }
    }
    assert_in_range(covered, (int)(0.38 * N), (int)(0.42 * N));
    assert_true(soft > N / 20 && opaque > N / 20);
    assert_int_equal(alike, away);
    for (int i = 0; i < N; i++) {
        if (alpha[i] == 0 && shadow[i] > 0.999f) {
            assert_float_equal(x[i], 0.05 * 0.42, 1e-3); /* red; NIR loses most, blue least */
            assert_float_equal(x[2 * N + i], 0.15 * 0.55, 1e-3);
            assert_float_equal(x[3 * N + i], 0.2 * 0.34, 1e-3);
        }
        if (alpha[i] > 0.999f)
            assert_float_equal(x[i], 0.6, 2e-3);
    }
    free(x);
    free(alpha);
    free(shadow);
}

static void a_veil_lies_over_everything_thinly(void **state)
{
    (void)state;
    float *x = malloc(4 * N * sizeof *x), *alpha = malloc(N * sizeof *alpha), *shadow = malloc(N * sizeof *shadow);
    clv_soft_clouds c = {.seed = 2,
                         .veil_seed = 3,
                         .cover = 0.2,
                         .correlation = 15,
                         .rise = 30,
                         .veil = 0.1,
                         .brightness = 0.5,
                         .dy = 5};
    lay(&c, x, alpha, shadow);
    int thin = 0;
    float least = 1;
    for (int i = 0; i < N; i++) {
        thin += alpha[i] < 0.1f;
        least = fminf(least, alpha[i]);
    }
    assert_true(least >= 0 && thin > N / 2);
    double sum = 0;
    for (int i = 0; i < N; i++)
        sum += alpha[i] < 0.1f ? alpha[i] : 0;
    assert_true(sum / thin > 0.02 && sum / thin < 0.08);
    float *again = malloc(4 * N * sizeof *again);
    lay(&c, again, alpha, shadow);
    assert_memory_equal(x, again, 4 * N * sizeof *x);
    free(again);
    free(x);
    free(alpha);
    free(shadow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_within_bounds),
        cmocka_unit_test(cover_edges_and_ground),
        cmocka_unit_test(a_veil_lies_over_everything_thinly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
