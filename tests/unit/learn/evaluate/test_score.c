/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "learn/evaluate/score.h"

static void test_counts(void **state)
{
    static const uint8_t label[8] = {1, 1, 1, 0, 0, 2, 255, 2};
    static const float cloud[8] = {0.9f, 0.5f, 0.1f, 0.7f, 0.2f, 0.1f, 0.9f, 0.8f};
    static const float shadow[8] = {0.9f, 0, 0.6f, 0, 0.1f, 0.7f, 0, 0.9f};
    clv_score s = {{{0}}};
    (void)state;
    clv_score_add(&s, label, cloud, shadow, 8);
    assert_int_equal(s.pixels[1][1], 2);
    assert_int_equal(s.pixels[1][2], 1);
    assert_int_equal(s.pixels[0][1], 1);
    assert_int_equal(s.pixels[0][0], 1);
    assert_int_equal(s.pixels[2][2], 1);
    assert_int_equal(s.pixels[2][1], 1);
    /* cloud: precision 2/4, recall 2/3 */
    assert_true(fabs(clv_score_precision(&s, 1) - 2.0 / 4.0) < 1e-12);
    assert_true(fabs(clv_score_recall(&s, 1) - 2.0 / 3.0) < 1e-12);
    assert_true(fabs(clv_score_f1(&s, 1) - 4.0 / 7.0) < 1e-12);
    /* shadow: one of two that are predicted, one of two that are labelled */
    assert_true(clv_score_precision(&s, 2) == 0.5 && clv_score_recall(&s, 2) == 0.5);
    assert_true(fabs(clv_score_false_alarms(&s) - 0.5) < 1e-12);
    clv_score twice = s;
    clv_score_join(&twice, &s);
    assert_int_equal(twice.pixels[1][1], 4);
    assert_true(clv_score_f1(&twice, 2) == clv_score_f1(&s, 2));
}

static void test_empty(void **state)
{
    clv_score s = {{{0}}};
    (void)state;
    assert_true(isnan(clv_score_f1(&s, 1)) && isnan(clv_score_recall(&s, 1)));
    assert_true(isnan(clv_score_precision(&s, 1)));
    s.pixels[0][1] = 3; /* nothing is cloud, and something is called so */
    assert_true(isnan(clv_score_recall(&s, 1)) && clv_score_precision(&s, 1) == 0);
    s = (clv_score){{{0}}};
    assert_true(isnan(clv_score_false_alarms(&s)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_empty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
