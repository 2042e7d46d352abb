/* SPDX-License-Identifier: MIT
 * haze: what lies between the clouds of a date, compared with the days around it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "image/haze.h"

enum { DATES = 5, BANDS = 4, N = 1600 };

typedef struct series {
    float x[DATES * BANDS * N], work[CLV_HAZE_WORK(N)];
    uint8_t missing[DATES * N], flagged[DATES * N];
} series;

static float *at(series *s, int t, int b)
{
    return s->x + ((size_t)t * BANDS + (size_t)b) * N;
}

static bool snow; /* the rise is uneven: 0 to twice as much */

/* Date 2 has cloud on its first `flagged` pixels; the rest is brighter by rise[band]. */
static double score_of(int flagged, const float rise[BANDS])
{
    series *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int t = 0; t < DATES; t++)
        for (int b = 0; b < BANDS; b++)
            for (int i = 0; i < N; i++)
                at(s, t, b)[i] = 0.05f + 0.02f * (float)b +
                                 0.01f * (float)clv_hash_gauss(clv_hash_seed(3, (uint64_t)(b * N + i))) +
                                 0.002f * (float)clv_hash_gauss(clv_hash_seed(4 + (uint64_t)t, (uint64_t)(b * N + i)));
    for (int b = 0; b < BANDS; b++)
        for (int i = 0; i < N; i++)
            at(s, 2, b)[i] = i < flagged ? 0.5f : at(s, 2, b)[i] + rise[b] * (snow ? (float)(i % 16) / 8 : 1);
    memset(s->flagged + 2 * N, 1, (size_t)flagged);
    memset(s->flagged + 1 * N, 1, N / 2); /* the day before is clouded over half: the one before it is looked at */
    for (int b = 0; b < BANDS; b++)
        for (int i = 0; i < N / 2; i++)
            at(s, 1, b)[i] = 0.6f;
    memset(s->missing + 3 * N, 1, N / 4);
    const clv_haze_scene scene = {DATES, BANDS, N, s->x, s->missing, s->flagged};
    const double score = clv_haze_score(&scene, 2, s->work);
    free(s);
    return score;
}

static void haze_between_clouds_is_told(void **state)
{
    (void)state;
    assert_true(score_of(N / 2, (float[]){0.02f, 0.022f, 0.024f, 0.01f}) == 1);
    assert_true(score_of(N / 2, (float[]){0.011f, 0.011f, 0.011f, 0.011f}) > 0.4);
    assert_true(score_of(N / 2, (float[]){0.011f, 0.011f, 0.011f, 0.011f}) < 0.6);
    assert_true(score_of(N / 10, (float[]){0.035f, 0.035f, 0.035f, 0.02f}) == 1);
}

static void clear_ground_between_clouds_stays(void **state)
{
    (void)state;
    assert_true(score_of(N / 2, (float[]){0, 0, 0, 0}) == 0);
    assert_true(score_of(N / 2, (float[]){0.004f, 0.004f, 0.005f, 0.01f}) == 0);
    assert_true(score_of(N / 2, (float[]){-0.03f, -0.03f, -0.03f, -0.03f}) == 0);
}

/* Bare soil after the harvest: red rises, blue hardly. */
static void harvest_is_no_haze(void **state)
{
    (void)state;
    assert_true(score_of(N / 2, (float[]){0.06f, 0.03f, 0.004f, -0.05f}) == 0);
}

/* Snow on half of the ground: in the median as bright as thick haze, but uneven. */
static void fresh_snow_is_no_haze(void **state)
{
    (void)state;
    snow = true;
    assert_true(score_of(N / 2, (float[]){0.08f, 0.08f, 0.08f, 0.08f}) == 0);
    snow = false;
}

static void date_without_clouds_is_taken_as_it_is(void **state)
{
    (void)state;
    assert_true(score_of(0, (float[]){0.04f, 0.04f, 0.04f, 0.02f}) == 0);
    assert_true(score_of(N / 10, (float[]){0.012f, 0.012f, 0.012f, 0.01f}) == 0);
}

static void little_that_is_seen_says_nothing(void **state)
{
    (void)state;
    assert_true(score_of(N - 150, (float[]){0.04f, 0.04f, 0.04f, 0.02f}) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(haze_between_clouds_is_told),
        cmocka_unit_test(clear_ground_between_clouds_stays),
        cmocka_unit_test(harvest_is_no_haze),
        cmocka_unit_test(fresh_snow_is_no_haze),
        cmocka_unit_test(date_without_clouds_is_taken_as_it_is),
        cmocka_unit_test(little_that_is_seen_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
