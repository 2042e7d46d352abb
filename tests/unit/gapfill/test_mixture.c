/* SPDX-License-Identifier: MIT
 *
 * The prior with options.gaussian, where it differs from the regression: gaps that lie on each other, masks that are
 * too tight, how far a result may be off. What holds for both is in test_gapfill.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gapfill/gmm.h"
#include "made_series.h"

enum { SIDE = 96, AREA = SIDE * SIDE };

/* Gaps on most dates, each pixel shown by three to five of seven. */
static series gappy_series(int bands, uint32_t seed)
{
    series s = make_series(7, bands, SIDE, SIDE, seed);
    for (int t = 0; t < 7; t++)
        cover(&s, t, t * 12, t % 3 * 20, t * 12 + 40 < SIDE ? t * 12 + 40 : SIDE, t % 3 * 20 + 50);
    return s;
}

/* Where the other dates have gaps too, the regression takes guesses for observed; here they count for what they are. */
static void gaps_upon_gaps_are_filled_better_than_by_regression(void **state)
{
    (void)state;
    double gaussian = 0, regression = 0;
    for (uint32_t seed = 1; seed <= 4; seed++) {
        series s = gappy_series(4, seed);
        float *a = run(&s, clv_gapfill_options_gaussian(), all_of(&s.stack), NULL);
        float *b = run(&s, clv_gapfill_options_fast(), all_of(&s.stack), NULL);
        for (int t = 0; t < 7; t++) {
            gaussian += rms_in_gaps(&s, a, t);
            regression += rms_in_gaps(&s, b, t);
        }
        free(a);
        free(b);
        free_series(&s);
    }
    assert_true(gaussian < 0.9 * regression);
}

/* A cloud whose edge the mask has missed, two pixels wide: what it hides and where other dates take from it. */
static void a_tight_mask_does_little_harm(void **state)
{
    (void)state;
    series s = make_series(7, 4, SIDE, SIDE, 21), tight = make_series(7, 4, SIDE, SIDE, 21);
    for (int y = 28; y < 62; y++)
        for (int x = 28; x < 62; x++)
            for (int c = 0; c < 4; c++)
                tight.x[(2 * 4 + c) * AREA + y * SIDE + x] += 0.15f;
    for (int k = 0; k < 2; k++) {
        cover(k ? &tight : &s, 2, 30, 30, 60, 60);
        cover(k ? &tight : &s, 4, 10, 10, 50, 50);
    }
    float *good = run(&s, clv_gapfill_options_gaussian(), all_of(&s.stack), NULL);
    float *bad = run(&tight, clv_gapfill_options_gaussian(), all_of(&tight.stack), NULL);
    assert_true(rms_in_gaps(&tight, bad, 2) < 1.2 * rms_in_gaps(&s, good, 2));
    assert_true(rms_in_gaps(&tight, bad, 4) < 1.2 * rms_in_gaps(&s, good, 4));
    free(good);
    free(bad);
    free_series(&s);
    free_series(&tight);
}

/* The land of all dates as a sensor sees it: edges are two or three pixels wide. */
static void soften(series *s)
{
    for (size_t plane = 0; plane < stack_size(&s->stack) / AREA; plane++) {
        float *x = s->truth + plane * AREA;
        for (int direction = 0; direction < 2; direction++)
            for (int i = 0; i < SIDE; i++) {
                const size_t step = direction ? SIDE : 1, first = direction ? (size_t)i : (size_t)i * SIDE;
                float before = x[first];
                for (int k = 1; k + 1 < SIDE; k++) {
                    float *v = &x[first + (size_t)k * step];
                    const float here = *v;
                    *v = (before + 2 * here + v[step]) / 4;
                    before = here;
                }
            }
    }
}

/* A date that lies a third of a pixel aside of the others, and is less sharp for that, is filled as it lies. Without
 * that the error is more than four times as large as where nothing lies aside. */
static void a_date_that_lies_aside(void **state)
{
    (void)state;
    double error[2];
    for (int aside = 0; aside < 2; aside++) {
        uint32_t noise = 7;
        series s = make_series(6, 4, SIDE, SIDE, 31);
        soften(&s);
        for (size_t i = 3 * 4 * AREA; aside && i < 4 * 4 * AREA; i++)
            s.truth[i] += i % SIDE + 1 < SIDE ? (s.truth[i + 1] - s.truth[i]) / 3 : 0;
        for (size_t i = 0; i < stack_size(&s.stack); i++)
            s.x[i] = s.truth[i] + 0.002f * (float)(uniform(&noise) - 0.5);
        cover(&s, 3, 20, 20, 70, 70);
        float *out = run(&s, clv_gapfill_options_gaussian(), all_of(&s.stack), NULL);
        error[aside] = rms_in_gaps(&s, out, 3);
        free(out);
        free_series(&s);
    }
    assert_true(error[1] < 3 * error[0]);
}

/* Two thirds of the errors lie within the deviation, as they would if they were normal; it is 0 where observed. A date
 * that shows nothing is surer by nobody. */
static void the_deviation_tells_how_far_results_are_off(void **state)
{
    (void)state;
    series s = gappy_series(4, 5);
    cover(&s, 6, 0, 0, SIDE, SIDE);
    float *out = malloc(stack_size(&s.stack) * sizeof *out), *deviation = malloc(7 * AREA * sizeof *deviation);
    clv_gapfill_work *work = clv_gapfill_work_new();
    const clv_gapfill_options options = clv_gapfill_options_gaussian();
    assert_true(out && deviation && work);
    assert_int_equal(clv_gapfill(NULL, work, &options, &s.stack, all_of(&s.stack), NULL, out, deviation), CLV_OK);
    int within = 0, gaps = 0;
    double seen = 0, unseen = 0;
    for (int t = 0; t < 7; t++)
        for (int i = 0; i < AREA; i++) {
            const float d = deviation[t * AREA + i];
            if (!s.gap[t * AREA + i]) {
                assert_true(d == 0);
                continue;
            }
            assert_true(d > 0 && d < 0.1f);
            *(t == 6 ? &unseen : &seen) += (double)d;
            for (int c = 0; c < 3 && t < 6; c++, gaps++)
                within += fabsf(out[(t * 4 + c) * AREA + i] - s.truth[(t * 4 + c) * AREA + i]) <= d;
        }
    assert_true(within > 0.58 * gaps && within < 0.85 * gaps);
    assert_true(unseen / AREA > 2 * seen / (gaps / 3));
    const clv_gapfill_options regression = clv_gapfill_options_fast();
    assert_int_equal(clv_gapfill(NULL, work, &regression, &s.stack, all_of(&s.stack), NULL, out, deviation), CLV_OK);
    for (int i = 0; i < 7 * AREA; i++)
        assert_true(s.gap[i] ? isnan(deviation[i]) : deviation[i] == 0);
    clv_gapfill_work_free(work);
    free(out);
    free(deviation);
    free_series(&s);
}

/* Land that gets brighter to the right, a place that no date shows and one that a single date shows at the gap_buffer
 * of its gap: the first is made from its surroundings, not from the mean of the picture; the second helps to fill the
 * others.
 */
static void ground_that_few_show(void **state)
{
    (void)state;
    series s = make_series(5, 4, SIDE, SIDE, 8);
    for (size_t i = 0; i < stack_size(&s.stack); i++) {
        s.truth[i] += 0.004f * (float)(i % SIDE);
        s.x[i] = s.truth[i];
    }
    for (int t = 0; t < 5; t++)
        cover(&s, t, 78, 40, 86, 48);
    for (int t = 0; t < 5; t++)
        cover(&s, t, 4, t == 2 ? 14 : 10, 12, 24);
    float *out = run(&s, clv_gapfill_options_gaussian(), all_of(&s.stack), NULL);
    double never = 0, once = 0;
    for (int t = 0; t < 5; t++) {
        for (int y = 40; y < 48; y++)
            for (int x = 78; x < 86; x++)
                never += fabs((double)out[(t * 4 + 1) * AREA + y * SIDE + x] -
                              (double)s.truth[(t * 4 + 1) * AREA + y * SIDE + x]) /
                         (5 * 64);
        for (int y = 10; y < 14; y++)
            for (int x = 4; x < 12; x++)
                once += fabs((double)out[(t * 4 + 1) * AREA + y * SIDE + x] -
                             (double)s.truth[(t * 4 + 1) * AREA + y * SIDE + x]) /
                        (4 * 32);
    }
    assert_true(never < 0.07); /* fields of 7 pixels differ by 0.05; the picture's mean is 0.14 off */
    assert_true(once < 0.01);
    free(out);
    free_series(&s);
}

/* More than four bands are learned in groups, also where a date shows nothing and is mixed from the others; with a date
 * more than it can hold the regression steps in. */
static void many_bands_and_dates(void **state)
{
    (void)state;
    const clv_rect part = {10, 10, 40, 40};
    const int bands[] = {2, 5, 9};
    series s;
    for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++) {
        for (int whole = 0; whole < 2; whole++) {
            s = gappy_series(bands[i], 6);
            if (whole)
                cover(&s, 4, 0, 0, SIDE, SIDE);
            check_part(&s, clv_gapfill_options_gaussian(), part);
            free_series(&s);
        }
    }
    s = make_series(CLV_GMM_DATES + 1, 1, 24, 24, 2);
    cover(&s, 15, 4, 4, 20, 20);
    float *out = run(&s, clv_gapfill_options_gaussian(), all_of(&s.stack), NULL);
    assert_true(rms_in_gaps(&s, out, 15) < 0.01);
    free(out);
    free_series(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaps_upon_gaps_are_filled_better_than_by_regression),
        cmocka_unit_test(a_tight_mask_does_little_harm),
        cmocka_unit_test(a_date_that_lies_aside),
        cmocka_unit_test(the_deviation_tells_how_far_results_are_off),
        cmocka_unit_test(ground_that_few_show),
        cmocka_unit_test(many_bands_and_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
