/* SPDX-License-Identifier: MIT
 *
 * Covers of clear ground: their spectra, how much they cover, what shows through, that they repeat.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "synth/ground_cover.h"

enum { SIDE = 96, N = SIDE * SIDE, RED = 0, GREEN, BLUE, NIR };

/* Meadow in the left half, forest in the right one. */
static void make_land(float *x, float *bands[4])
{
    static const float meadow[4] = {0.09f, 0.09f, 0.06f, 0.18f}, forest[4] = {0.03f, 0.05f, 0.03f, 0.30f};
    for (int b = 0; b < 4; b++) {
        bands[b] = x + (size_t)b * N;
        for (int i = 0; i < N; i++)
            bands[b][i] = (i % SIDE < SIDE / 2 ? meadow : forest)[b];
    }
}

static double mean_of(const float *plane, int from, int to)
{
    double sum = 0;
    for (int y = 0; y < SIDE; y++)
        for (int x = from; x < to; x++)
            sum += plane[y * SIDE + x];
    return sum / (SIDE * (to - from));
}

static void snow_is_white_and_forest_stays_darker(void **state)
{
    (void)state;
    float *x = malloc(4 * N * sizeof *x), *bands[4];
    clv_random rng;
    clv_random_seed(&rng, 3);
    for (int k = 0; k < 50; k++) {
        clv_ground_cover snow = clv_ground_cover_draw(&rng, CLV_COVER_SNOW);
        snow.level = -9; /* everywhere */
        snow.trees = 0.9;
        make_land(x, bands);
        clv_ground_cover_lay(&snow, bands, SIDE, SIDE);
        const double open = mean_of(bands[GREEN], 0, SIDE / 2), forest = mean_of(bands[GREEN], SIDE / 2, SIDE);
        assert_true(open > 0.35 && open < 1.15);
        assert_true(forest < 0.5 * open);
        assert_true(mean_of(bands[NIR], 0, SIDE / 2) < mean_of(bands[GREEN], 0, SIDE / 2));
    }
    free(x);
}

static void sand_rises_to_near_infrared(void **state)
{
    (void)state;
    float *x = malloc(4 * N * sizeof *x), *bands[4];
    clv_random rng;
    clv_random_seed(&rng, 4);
    for (int k = 0; k < 50; k++) {
        clv_ground_cover sand = clv_ground_cover_draw(&rng, CLV_COVER_SAND);
        sand.level = -9;
        make_land(x, bands);
        clv_ground_cover_lay(&sand, bands, SIDE, SIDE);
        const double blue = mean_of(bands[BLUE], 0, SIDE), nir = mean_of(bands[NIR], 0, SIDE);
        assert_true(blue > 0.1 && blue < 0.8);
        assert_true(nir > 0.85 * blue && nir < 1);
    }
    free(x);
}

static void patches_are_sharp_and_few(void **state)
{
    (void)state;
    float *x = malloc(4 * N * sizeof *x), *land = malloc(4 * N * sizeof *land), *bands[4], *before[4];
    clv_random rng;
    clv_random_seed(&rng, 5);
    make_land(land, before);
    int some = 0;
    for (int k = 0; k < 50; k++) {
        const clv_ground_cover film = clv_ground_cover_draw(&rng, CLV_COVER_PATCHES);
        make_land(x, bands);
        clv_ground_cover_lay(&film, bands, SIDE, SIDE);
        int changed = 0, soft = 0;
        for (int y = 1; y < SIDE - 1; y++)
            for (int i = y * SIDE + 1; i < y * SIDE + SIDE - 1; i++) {
                if (bands[RED][i] == before[RED][i])
                    continue;
                changed++;
                /* Partly covered pixels lie at an edge: in a straight line across it there is one of them. */
                const float left = bands[RED][i - 1] - before[RED][i - 1],
                            up = bands[RED][i - SIDE] - before[RED][i - SIDE];
                soft += fabsf(left) < 1e-6f || fabsf(up) < 1e-6f;
            }
        some += changed > 20;
        assert_true(changed < N && (changed == 0 || soft > 0));
    }
    assert_true(some > 40);
    free(x);
    free(land);
}

static void burnt_ground_is_dark_in_near_infrared_and_the_rest_is_left(void **state)
{
    (void)state;
    float *x = malloc(4 * N * sizeof *x), *land = malloc(4 * N * sizeof *land), *bands[4], *before[4];
    clv_random rng;
    clv_random_seed(&rng, 6);
    make_land(land, before);
    for (int k = 0; k < 20; k++) {
        clv_ground_cover burn = clv_ground_cover_draw(&rng, CLV_COVER_BURN);
        burn.size = 10;
        make_land(x, bands);
        clv_ground_cover_lay(&burn, bands, SIDE, SIDE);
        int burnt = 0, left = 0;
        for (int i = 0; i < N; i++) {
            assert_true(bands[NIR][i] <= before[NIR][i]);
            burnt += bands[NIR][i] < 0.65f * before[NIR][i];
            left += bands[NIR][i] == before[NIR][i];
        }
        assert_true(burnt > 20 && left > N / 4);
    }
    free(x);
    free(land);
}

static void the_same_cover_gives_the_same_pixels(void **state)
{
    (void)state;
    float *x = malloc(4 * N * sizeof *x), *y = malloc(4 * N * sizeof *y), *bands[4];
    clv_random rng;
    clv_random_seed(&rng, 7);
    for (int kind = CLV_COVER_SNOW; kind <= CLV_COVER_BURN; kind++) {
        const clv_ground_cover cover = clv_ground_cover_draw(&rng, (clv_cover_kind)kind);
        make_land(x, bands);
        clv_ground_cover_lay(&cover, bands, SIDE, SIDE);
        make_land(y, bands);
        clv_ground_cover_lay(&cover, bands, SIDE, SIDE);
        assert_memory_equal(x, y, 4 * N * sizeof *x);
        for (int i = 0; i < 4 * N; i++)
            assert_true(isfinite(x[i]) && x[i] >= 0);
    }
    free(x);
    free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snow_is_white_and_forest_stays_darker),
        cmocka_unit_test(sand_rises_to_near_infrared),
        cmocka_unit_test(patches_are_sharp_and_few),
        cmocka_unit_test(burnt_ground_is_dark_in_near_infrared_and_the_rest_is_left),
        cmocka_unit_test(the_same_cover_gives_the_same_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
