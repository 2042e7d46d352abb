/* SPDX-License-Identifier: MIT
 *
 * gmm: predictions against conditional distributions worked out by elimination; what is learned from pixels that
 * each lack some dates against what they were drawn from. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gapfill/gmm.h"

enum { DATES = 4, BANDS = 2, DIMS = DATES * BANDS, COUNT = 6000, CHUNK = CLV_GMM_CHUNK };

static uint32_t state = 1;

static double uniform(void)
{
    state = state * 1664525u + 1013904223u;
    return ((state >> 8) + 0.5) / 16777216.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

/* Values whose covariance is mix mix'. */
static const double scale = 0.01;
static double mix[DIMS][DIMS], mean[DIMS];

static void make_mix(uint32_t seed)
{
    state = seed;
    for (int i = 0; i < DIMS; i++) {
        mean[i] = 0.1 + 0.1 * uniform();
        for (int k = 0; k < DIMS; k++)
            mix[i][k] = scale * (k == 0 ? 2 : (i == k) + 0.5 * normal());
    }
}

static double covariance(int i, int j)
{
    double sum = 0;
    for (int k = 0; k < DIMS; k++)
        sum += mix[i][k] * mix[j][k];
    return sum;
}

static void draw(double *values)
{
    double z[DIMS];
    for (int k = 0; k < DIMS; k++)
        z[k] = normal();
    for (int i = 0; i < DIMS; i++) {
        values[i] = mean[i];
        for (int k = 0; k < DIMS; k++)
            values[i] += mix[i][k] * z[k];
    }
}

/* Value i given the values of the listed dims, by Gaussian elimination: what is expected and its variance. */
static void condition(int i, const int *given, int count, const double *values, double *expected, double *variance)
{
    double a[DIMS][DIMS + 1];
    for (int r = 0; r < count; r++) {
        for (int c = 0; c < count; c++)
            a[r][c] = covariance(given[r], given[c]);
        a[r][count] = covariance(given[r], i);
    }
    for (int k = 0; k < count; k++)
        for (int r = 0; r < count; r++)
            for (int c = count; r != k && c >= k; c--)
                a[r][c] -= a[r][k] / a[k][k] * a[k][c];
    *expected = mean[i];
    *variance = covariance(i, i);
    for (int k = 0; k < count; k++) {
        const double weight = a[k][count] / a[k][k];
        *expected += weight * (values[given[k]] - mean[given[k]]);
        *variance -= weight * covariance(given[k], i);
    }
}

/* Pixels that lack each date with the given chance, at least one date seen; hidden values are set to the mean. */
static void draw_all(double *values, double *truth, uint64_t *seen, double chance)
{
    for (int p = 0; p < COUNT; p++) {
        draw(truth + (size_t)p * DIMS);
        memcpy(values + (size_t)p * DIMS, truth + (size_t)p * DIMS, DIMS * sizeof *values);
        seen[p] = 1u << (p % DATES);
        for (int t = 0; t < DATES; t++)
            if (uniform() > chance)
                seen[p] |= 1u << t;
        for (int i = 0; i < DIMS; i++)
            if (!(seen[p] >> (i / BANDS) & 1))
                values[(size_t)p * DIMS + (size_t)i] = mean[i];
    }
}

static void predictions_are_the_conditional_distribution(void **unused)
{
    (void)unused;
    const clv_gmm_options o = {.components = 1, .rounds = 1};
    clv_gmm g = {0};
    static double values[COUNT * DIMS], truth[COUNT * DIMS], out[CHUNK * DIMS], variance[CHUNK * DIMS];
    static uint64_t seen[COUNT];
    make_mix(7);
    draw_all(values, truth, seen, 0);
    assert_true(clv_gmm_fit(&g, &o, DATES, BANDS, COUNT, truth, seen));
    for (int i = 0; i < DIMS; i++) { /* the very distribution, not what was learned of it */
        g.mean[i] = mean[i];
        for (int k = 0; k < DIMS; k++)
            g.cov[i * DIMS + k] = covariance(i, k);
    }
    for (uint64_t pattern = 0; pattern < 1u << DATES; pattern++) {
        clv_gmm_set(&g, pattern, true);
        clv_gmm_predict(&g, truth, true, out, variance);
        for (int p = 0; p < CHUNK; p++)
            for (int i = 0; i < DIMS; i++) {
                int given[DIMS], count = 0;
                double expected, spread;
                for (int k = 0; k < DIMS; k++)
                    if ((pattern >> (k / BANDS) & 1) && k / BANDS != i / BANDS)
                        given[count++] = k;
                condition(i, given, count, truth + (size_t)p * DIMS, &expected, &spread);
                assert_true(fabs(out[p * DIMS + i] - expected) < 1e-9);
                assert_true(fabs(variance[p * DIMS + i] - spread) < 1e-9);
            }
        clv_gmm_predict(&g, truth, false, out, NULL);
        for (int i = 0; i < CHUNK * DIMS; i++)
            assert_true(!(pattern >> (i % DIMS / BANDS) & 1) || fabs(out[i] - truth[i]) < 1e-12);
    }
    clv_gmm_free(&g);
}

static void what_is_learned_with_dates_missing_is_what_was_drawn_from(void **unused)
{
    (void)unused;
    const clv_gmm_options o = {.components = 1, .rounds = 40};
    clv_gmm g = {0};
    static double values[COUNT * DIMS], truth[COUNT * DIMS];
    static uint64_t seen[COUNT];
    make_mix(11);
    draw_all(values, truth, seen, 0.4);
    assert_true(clv_gmm_fit(&g, &o, DATES, BANDS, COUNT, values, seen));
    for (int i = 0; i < DIMS; i++) {
        assert_true(fabs(g.mean[i] - mean[i]) < 0.08 * sqrt(covariance(i, i)));
        for (int k = 0; k < DIMS; k++)
            assert_true(fabs(g.cov[i * DIMS + k] - covariance(i, k)) < 0.1 * sqrt(covariance(i, i) * covariance(k, k)));
    }
    clv_gmm_free(&g);
}

/* Two kinds of ground whose dates go together in opposite ways: one Gaussian can't say what two can. */
static void components_part_kinds_of_ground(void **unused)
{
    (void)unused;
    static double values[COUNT * DIMS], out[CHUNK * DIMS];
    static uint64_t seen[COUNT];
    double error[3] = {0};
    state = 3;
    for (int p = 0; p < COUNT; p++) {
        const double kind = p % 2 ? 1 : -1, growth = 0.02 * normal();
        for (int i = 0; i < DIMS; i++)
            values[(size_t)p * DIMS + (size_t)i] =
                0.2 + 0.08 * kind + (i / BANDS == DATES - 1 ? kind : 1) * growth + 0.001 * normal();
        seen[p] = (1u << DATES) - 1;
    }
    for (int k = 1; k <= 2; k++) {
        const clv_gmm_options o = {.components = k, .rounds = 20, .noise = 1e-8};
        clv_gmm g = {0};
        assert_true(clv_gmm_fit(&g, &o, DATES, BANDS, COUNT, values, seen));
        clv_gmm_set(&g, (1u << (DATES - 1)) - 1, false);
        clv_gmm_predict(&g, values, false, out, NULL);
        for (int p = 0; p < CHUNK; p++)
            error[k] += fabs(out[p * DIMS + DIMS - 1] - values[p * DIMS + DIMS - 1]) / CHUNK;
        clv_gmm_free(&g);
    }
    assert_true(error[2] < 0.002 && error[1] > 0.01);
}

/* Constant values, fewer pixels than dims, a date that nobody shows. */
static void degenerate_pixels_are_survived(void **unused)
{
    (void)unused;
    static double values[CHUNK * DIMS], out[CHUNK * DIMS], variance[CHUNK * DIMS];
    uint64_t seen[3] = {1, 3, 1};
    const clv_gmm_options o = {.components = 2, .rounds = 10};
    clv_gmm g = {0};
    for (int i = 0; i < CHUNK * DIMS; i++)
        values[i] = 0.25;
    assert_true(clv_gmm_fit(&g, &o, DATES, BANDS, 3, values, seen));
    for (uint64_t pattern = 0; pattern < 1u << DATES; pattern++) {
        clv_gmm_set(&g, pattern, true);
        clv_gmm_predict(&g, values, true, out, variance);
        for (int i = 0; i < CHUNK * DIMS; i++)
            assert_true(fabs(out[i] - 0.25) < 1e-6 && variance[i] >= 0 && variance[i] < 1);
    }
    clv_gmm_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_are_the_conditional_distribution),
        cmocka_unit_test(what_is_learned_with_dates_missing_is_what_was_drawn_from),
        cmocka_unit_test(components_part_kinds_of_ground),
        cmocka_unit_test(degenerate_pixels_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
