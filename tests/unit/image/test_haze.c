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

enum { DATES = 5, BANDS = 4, SIDE = 60, N = SIDE * SIDE };

typedef enum change { EVEN, SNOW, NEW_FORMS, SLOPE } change;

typedef struct series {
    float x[DATES * BANDS * N], score[N];
    uint8_t missing[DATES * N], flagged[DATES * N];
} series;

static float *at(series *s, int t, int b)
{
    return s->x + ((size_t)t * BANDS + (size_t)b) * N;
}

static float forms(int seed, int b, int i)
{
    return (float)clv_hash_gauss(clv_hash_seed((uint64_t)seed, (uint64_t)(b * N + i)));
}

/* Date 2 has cloud on its first `rows` rows; the rest is brighter by rise[band]. contrast: of the ground. */
static series *haze_of(int rows, const float rise[BANDS], change kind, float contrast)
{
    series *s = calloc(1, sizeof *s);
    clv_buffer work = {0};
    assert_non_null(s);
    for (int t = 0; t < DATES; t++)
        for (int b = 0; b < BANDS; b++)
            for (int i = 0; i < N; i++)
                at(s, t, b)[i] = 0.08f + 0.02f * (float)b + contrast * forms(3, b, i) + 0.002f * forms(4 + t, b, i);
    for (int b = 0; b < BANDS; b++)
        for (int i = 0; i < N; i++) {
            const float part = kind == SNOW    ? 2.5f * (forms(20, 0, i) > 0.25f)
                               : kind == SLOPE ? (float)(i % SIDE) / SIDE
                                               : 1;
            if (kind == NEW_FORMS)
                at(s, 2, b)[i] += contrast * (forms(21, b, i) - forms(3, b, i));
            at(s, 2, b)[i] = i < rows * SIDE ? 0.5f : at(s, 2, b)[i] + part * rise[b];
        }
    memset(s->flagged + 2 * N, 1, (size_t)(rows * SIDE));
    memset(s->flagged + 1 * N, 1, N / 2); /* the day before is clouded over half: the one before it is looked at */
    for (int b = 0; b < BANDS; b++)
        for (int i = 0; i < N / 2; i++)
            at(s, 1, b)[i] = 0.6f;
    memset(s->missing + 3 * N, 1, N / 4);
    const clv_haze_scene scene = {DATES, BANDS, SIDE, SIDE, s->x, s->missing, s->flagged};
    assert_true(clv_haze_score(&scene, 2, &work, s->score));
    clv_buffer_free(&work);
    return s;
}

/* Score in the middle of the row `below` rows above the end. */
static double score_at(int rows, const float rise[BANDS], change kind, float contrast, int below)
{
    series *s = haze_of(rows, rise, kind, contrast);
    const double score = (double)s->score[(SIDE - 1 - below) * SIDE + SIDE / 2];
    free(s);
    return score;
}

static double score_of(int rows, const float rise[BANDS])
{
    return score_at(rows, rise, EVEN, 0.01f, 20);
}

static void haze_between_clouds_is_told(void **state)
{
    (void)state;
    series *s = haze_of(SIDE / 2, (float[]){0.04f, 0.04f, 0.04f, 0.04f}, EVEN, 0.01f);
    for (int i = 0; i < N; i++)
        assert_true(i < N / 2 ? s->score[i] == 0 : s->score[i] > 0.99f); /* a shadow stays a shadow */
    free(s);
    assert_true(score_of(SIDE / 2, (float[]){0.032f, 0.034f, 0.036f, 0.01f}) > 0.99);
    assert_true(score_of(SIDE / 2, (float[]){0.025f, 0.025f, 0.025f, 0.025f}) > 0.3);
    assert_true(score_of(SIDE / 2, (float[]){0.025f, 0.025f, 0.025f, 0.025f}) < 0.7);
}

static void clear_ground_between_clouds_stays(void **state)
{
    (void)state;
    assert_true(score_of(SIDE / 2, (float[]){0, 0, 0, 0}) == 0);
    assert_true(score_of(SIDE / 2, (float[]){0.004f, 0.004f, 0.005f, 0.01f}) == 0);
    assert_true(score_of(SIDE / 2, (float[]){-0.03f, -0.03f, -0.03f, -0.03f}) == 0);
}

/* Of which the network has seen nothing. Fine dust raises red least. */
static void haze_over_the_whole_date_is_told(void **state)
{
    (void)state;
    assert_true(score_of(0, (float[]){0.023f, 0.042f, 0.070f, 0.009f}) > 0.5);
    assert_true(score_of(0, (float[]){0.035f, 0.035f, 0.035f, 0.03f}) > 0.99);
}

static void air_of_a_clear_day_stays(void **state)
{
    (void)state;
    assert_true(score_of(0, (float[]){0.009f, 0.017f, 0.028f, 0.004f}) == 0);
    assert_true(score_of(0, (float[]){0.015f, 0.015f, 0.015f, 0.01f}) == 0);
}

/* Bare soil after the harvest: red rises most. */
static void harvest_is_no_haze(void **state)
{
    (void)state;
    assert_true(score_of(SIDE / 2, (float[]){0.06f, 0.03f, 0.004f, -0.05f}) == 0);
    assert_true(score_of(SIDE / 2, (float[]){0.06f, 0.045f, 0.035f, 0.02f}) == 0);
}

/* As bright as thick haze in the mean, but uneven. */
static void fresh_snow_is_no_haze(void **state)
{
    (void)state;
    assert_true(score_at(SIDE / 2, (float[]){0.08f, 0.08f, 0.08f, 0.08f}, SNOW, 0.01f, 8) < 0.1);
}

/* Bright all over, in forms of its own. */
static void new_ground_is_no_haze(void **state)
{
    (void)state;
    assert_true(score_at(0, (float[]){0.05f, 0.05f, 0.05f, 0.05f}, NEW_FORMS, 0.02f, 8) == 0);
    assert_true(score_at(0, (float[]){0.05f, 0.05f, 0.05f, 0.05f}, EVEN, 0.02f, 8) > 0.99);
}

static void water_says_nothing(void **state)
{
    (void)state;
    assert_true(score_at(0, (float[]){0.05f, 0.05f, 0.05f, 0.05f}, EVEN, 0, 8) == 0);
}

static void little_that_is_seen_says_nothing(void **state)
{
    (void)state;
    assert_true(score_at(SIDE - 2, (float[]){0.04f, 0.04f, 0.04f, 0.02f}, EVEN, 0.01f, 0) == 0);
    assert_true(score_at(SIDE - 5, (float[]){0.04f, 0.04f, 0.04f, 0.02f}, EVEN, 0.01f, 0) > 0.99);
}

/* Haze that grows from left to right: so does its score, without a step. */
static void score_is_smooth(void **state)
{
    (void)state;
    series *s = haze_of(0, (float[]){0.06f, 0.06f, 0.06f, 0.06f}, SLOPE, 0.01f);
    const float *row = s->score + (SIDE / 2) * SIDE;
    assert_true(row[0] < 0.01f && row[SIDE - 1] > 0.99f);
    for (int x = 1; x < SIDE; x++)
        assert_true(row[x] - row[x - 1] < 0.2f && row[x] - row[x - 1] > -0.1f);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(haze_between_clouds_is_told),
        cmocka_unit_test(clear_ground_between_clouds_stays),
        cmocka_unit_test(haze_over_the_whole_date_is_told),
        cmocka_unit_test(air_of_a_clear_day_stays),
        cmocka_unit_test(harvest_is_no_haze),
        cmocka_unit_test(fresh_snow_is_no_haze),
        cmocka_unit_test(new_ground_is_no_haze),
        cmocka_unit_test(water_says_nothing),
        cmocka_unit_test(little_that_is_seen_says_nothing),
        cmocka_unit_test(score_is_smooth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
