/* SPDX-License-Identifier: MIT
 * time_review: what the other dates of a series say of cloud and shadow.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "image/time_review.h"

enum { DATES = 8, BANDS = 4, W = 40, H = 30, N = W * H };

/* A patch of 14 x 12 pixels, or all of them, is flagged on some dates. */
typedef struct series {
    float x[DATES * BANDS * N];
    uint8_t missing[DATES * N], flagged[DATES * N];
    double days[DATES];
    bool everywhere;
} series;

static bool in_patch(const series *s, int i)
{
    return s->everywhere || (i % W >= 12 && i % W < 26 && i / W >= 9 && i / W < 21);
}

static float noise(uint64_t seed, int i, float size)
{
    return size * (float)clv_hash_gauss(clv_hash_seed(seed, (uint64_t)i));
}

static float *at(series *s, int t, int b)
{
    return s->x + ((size_t)t * BANDS + (size_t)b) * N;
}

/* Fields and woods of one structure, the light of each day a little different. */
static series *new_series(void)
{
    series *s = calloc(1, sizeof *s);
    assert_non_null(s);
    for (int t = 0; t < DATES; t++) {
        s->days[t] = 10 * t;
        for (int b = 0; b < BANDS; b++)
            for (int i = 0; i < N; i++)
                at(s, t, b)[i] = (b == 3 ? 0.3f : 0.07f) + noise(1, i, 0.01f) + noise(100 + (uint64_t)t, i, 0.001f) +
                                 0.002f * (float)(t % 3);
    }
    return s;
}

/* Lays a surface of that brightness and structure (by its seed) on the patch, flagged or not. */
static void lay(series *s, int t, float level, uint64_t seed, float structure, bool flagged)
{
    for (int i = 0; i < N; i++) {
        if (!in_patch(s, i))
            continue;
        for (int b = 0; b < BANDS; b++)
            at(s, t, b)[i] = level + noise(seed, i, structure) + noise(200 + (uint64_t)t, i, 0.001f);
        s->flagged[t * N + i] = flagged;
    }
}

/* Of the patch's pixels of date t, the share that is still flagged. */
static double left(const series *s, int t)
{
    int all = 0, flagged = 0;
    for (int i = 0; i < N; i++) {
        all += in_patch(s, i);
        flagged += s->flagged[t * N + i];
    }
    return (double)flagged / all;
}

static void review(series *s, int dates)
{
    clv_time_review_work work = {0};
    const clv_time_review r = {
        .dates = dates, .bands = BANDS, .width = W, .height = H, .x = s->x, .missing = s->missing, .days = s->days};
    assert_true(clv_time_review_run(&r, &work, s->flagged));
    clv_time_review_free(&work);
}

static void clouds_of_different_days_stay(void **state)
{
    (void)state;
    series *s = new_series();
    s->everywhere = true;
    for (int t = 1; t < 7; t++)
        lay(s, t, 0.35f + 0.06f * (float)t, 20 + (uint64_t)t, 0.02f, true);
    review(s, DATES);
    for (int t = 1; t < 7; t++)
        assert_true(left(s, t) > 0.98);
    free(s);
}

static void flat_clouds_of_one_brightness_stay(void **state)
{
    (void)state;
    series *s = new_series();
    s->everywhere = true;
    for (int t = 2; t < 5; t++)
        lay(s, t, 0.6f, 20 + (uint64_t)t, 0.0f, true);
    review(s, DATES);
    for (int t = 2; t < 5; t++)
        assert_true(left(s, t) > 0.98);
    free(s);
}

static void salt_that_is_flagged_on_every_date_is_ground(void **state)
{
    (void)state;
    series *s = new_series();
    for (int t = 0; t < DATES; t++)
        lay(s, t, 0.55f + 0.01f * (float)(t % 3), 20 + (uint64_t)t, 0.001f, true);
    review(s, DATES);
    for (int t = 0; t < DATES; t++)
        assert_true(left(s, t) == 0);
    free(s);
}

static void snow_of_three_dates_is_ground_by_its_structure(void **state)
{
    (void)state;
    series *s = new_series();
    for (int t = 3; t < 6; t++)
        lay(s, t, 0.7f, 20, 0.03f, true);
    review(s, DATES);
    for (int t = 3; t < 6; t++)
        assert_true(left(s, t) < 0.02);
    free(s);
}

static void change_that_stays_is_no_shadow(void **state)
{
    (void)state;
    series *s = new_series();
    for (int t = 5; t < DATES; t++) /* burnt; called shadow on the first of the dates */
        lay(s, t, 0.03f, 20, 0.004f, t == 5);
    review(s, DATES);
    assert_true(left(s, 5) == 0);
    free(s);
}

static void haze_over_one_ground_on_two_dates_stays(void **state)
{
    (void)state;
    series *s = new_series();
    s->everywhere = true;
    for (int t = 4; t < 6; t++)
        for (int i = 0; i < N; i++) {
            if (!in_patch(s, i))
                continue;
            for (int b = 0; b < BANDS; b++)
                at(s, t, b)[i] += 0.07f;
            s->flagged[t * N + i] = 1;
        }
    review(s, DATES);
    assert_true(left(s, 4) > 0.98);
    assert_true(left(s, 5) > 0.98);
    free(s);
}

static void clipped_values_say_nothing(void **state)
{
    (void)state;
    series *s = new_series();
    s->everywhere = true;
    for (int t = 0; t < 6; t++)
        for (int i = 0; i < N; i++)
            if (in_patch(s, i)) {
                for (int b = 0; b < BANDS; b++)
                    at(s, t, b)[i] = 1;
                s->flagged[t * N + i] = 1;
            }
    review(s, DATES);
    for (int t = 0; t < 6; t++)
        assert_true(left(s, t) > 0.98);
    free(s);
}

static void two_pictures_of_one_day_are_one_witness(void **state)
{
    (void)state;
    series *s = new_series();
    for (int t = 3; t < 6; t++)
        lay(s, t, 0.5f, 20, 0.03f, true);
    s->days[4] = s->days[3] + 0.01;
    s->days[5] = s->days[3] + 0.02;
    review(s, DATES);
    for (int t = 3; t < 6; t++)
        assert_true(left(s, t) > 0.98);
    free(s);
}

/* Roofs that glitter: strong structure at the same place, brightness of each day its own. */
static void glass_roofs_are_ground(void **state)
{
    (void)state;
    series *s = new_series();
    for (int t = 2; t < 5; t++)
        for (int i = 0; i < N; i++)
            if (i % W >= 18 && i % W < 20 && i / W >= 14 && i / W < 17) {
                for (int b = 0; b < BANDS; b++)
                    at(s, t, b)[i] = 0.4f + 0.2f * (float)(t - 2);
                s->flagged[t * N + i] = 1;
            }
    review(s, DATES);
    for (int t = 2; t < 5; t++)
        assert_true(left(s, t) == 0);
    free(s);
}

/* The edge of a swath is the same on every date, and no structure of the ground. */
static void what_is_missing_is_no_structure(void **state)
{
    (void)state;
    series *s = new_series();
    s->everywhere = true;
    for (int t = 0; t < DATES; t++)
        for (int i = 0; i < N; i++)
            if (i % W == 18) {
                s->missing[t * N + i] = 1;
                for (int b = 0; b < BANDS; b++)
                    at(s, t, b)[i] = 0;
            }
    for (int t = 1; t < 6; t++)
        lay(s, t, 0.35f + 0.06f * (float)t, 20 + (uint64_t)t, 0.02f, true);
    for (int t = 0; t < DATES; t++)
        for (int i = 18; i < N; i += W) {
            s->flagged[t * N + i] = 0;
            for (int b = 0; b < BANDS; b++)
                at(s, t, b)[i] = 0;
        }
    review(s, DATES);
    for (int t = 1; t < 6; t++)
        assert_true(left(s, t) > 0.9);
    free(s);
}

/* Of a mask, which may be wrong on every date: others than the flagged dates do not show the ground. */
static void review_mask(series *s, const uint8_t *cloudy)
{
    clv_time_review_work work = {0};
    const clv_time_review r = {.dates = DATES,
                               .bands = BANDS,
                               .width = W,
                               .height = H,
                               .x = s->x,
                               .missing = s->missing,
                               .days = s->days,
                               .cloudy = cloudy};
    assert_true(clv_time_review_run(&r, &work, s->flagged));
    clv_time_review_free(&work);
}

static void a_mask_of_growing_fields_is_refuted(void **state)
{
    (void)state;
    series *s = new_series(), *known = new_series();
    uint8_t *cloudy = calloc(DATES, N);
    assert_non_null(cloudy);
    s->everywhere = known->everywhere = true; /* the edge of a patch is a structure of its own */
    for (int t = 0; t < DATES; t++)           /* no two dates have the same values */
        lay(s, t, 0.05f + 0.1f * (float)t, 20 + (uint64_t)t, 0.001f, true);
    memcpy(known->x, s->x, sizeof s->x);
    memcpy(known->flagged, s->flagged, sizeof s->flagged);
    review(known, DATES);
    review_mask(s, cloudy);
    for (int t = 1; t < DATES - 1; t++)
        assert_true(left(known, t) == 1 && left(s, t) < 0.01);
    free(s);
    free(known);
    free(cloudy);
}

static void a_mask_of_cloud_is_believed(void **state)
{
    (void)state;
    series *s = new_series();
    uint8_t *cloudy = calloc(DATES, N);
    assert_non_null(cloudy);
    s->everywhere = true;
    lay(s, 3, 0.4f, 20, 0.02f, true);  /* found by the mask alone */
    lay(s, 4, 0.5f, 21, 0.02f, true);  /* by the network too: no witness */
    lay(s, 5, 0.03f, 22, 0.01f, true); /* a shadow */
    memcpy(cloudy + (size_t)4 * N, s->flagged + (size_t)4 * N, N);
    review_mask(s, cloudy);
    for (int t = 3; t < 6; t++)
        assert_true(left(s, t) > 0.95);
    free(s);
    free(cloudy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mask_of_growing_fields_is_refuted),
        cmocka_unit_test(a_mask_of_cloud_is_believed),
        cmocka_unit_test(clouds_of_different_days_stay),
        cmocka_unit_test(flat_clouds_of_one_brightness_stay),
        cmocka_unit_test(salt_that_is_flagged_on_every_date_is_ground),
        cmocka_unit_test(snow_of_three_dates_is_ground_by_its_structure),
        cmocka_unit_test(change_that_stays_is_no_shadow),
        cmocka_unit_test(haze_over_one_ground_on_two_dates_stays),
        cmocka_unit_test(clipped_values_say_nothing),
        cmocka_unit_test(two_pictures_of_one_day_are_one_witness),
        cmocka_unit_test(glass_roofs_are_ground),
        cmocka_unit_test(what_is_missing_is_no_structure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
