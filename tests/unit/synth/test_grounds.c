/* SPDX-License-Identifier: MIT
 *
 * Made grounds: what each maker changes, where its truth says so, and that a seed gives the same again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "synth/grounds.h"

enum { SIDE = 96, N = SIDE * SIDE, DATES = 4, ALL = DATES * 4 * N };

static const char *const names[] = {"snow",  "salt",  "sand",  "film", "lake",   "ice",      "burn", "surf",
                                    "glint", "plume", "ships", "haze", "cirrus", "contrail", "cloud"};
enum { NAMES = sizeof names / sizeof *names };

typedef struct land {
    clv_grounds_scene scene;
    float *before;
} land;

static land land_new(uint64_t seed)
{
    land l = {{DATES, SIDE, SIDE, false, calloc(ALL, sizeof(float)), calloc(DATES * N, 1)}, NULL};
    assert_true(clv_grounds_land(&l.scene, seed));
    assert_true(l.scene.has_nir);
    l.before = malloc(ALL * sizeof(float));
    memcpy(l.before, l.scene.x, ALL * sizeof(float));
    return l;
}

static void land_free(land *l)
{
    free(l->scene.x);
    free(l->scene.truth);
    free(l->before);
}

static bool make(land *l, const char *name, const bool *on, uint64_t seed)
{
    const clv_grounds_maker *maker = clv_grounds_maker_named(name);
    assert_non_null(maker);
    return maker->make(&l->scene, on, maker->amount, seed);
}

static int count(const land *l, int t, uint8_t truth)
{
    int n = 0;
    for (int i = 0; i < N; i++)
        n += l->scene.truth[t * N + i] == truth;
    return n;
}

/* Mean of a band of date t where the truth is so. */
static double mean(const land *l, const float *x, int t, int band, uint8_t truth)
{
    double sum = 0;
    for (int i = 0; i < N; i++)
        if (l->scene.truth[t * N + i] == truth)
            sum += x[(t * 4 + band) * N + i];
    return sum / count(l, t, truth);
}

static void makers_have_names(void **state)
{
    (void)state;
    assert_null(clv_grounds_maker_named("rain"));
    for (int i = 0; i < NAMES; i++) {
        const clv_grounds_maker *maker = clv_grounds_maker_named(names[i]);
        assert_non_null(maker);
        assert_true(maker->amount >= maker->least && maker->amount <= maker->most);
        assert_non_null(strstr(clv_grounds_maker_names(), names[i]));
    }
}

/* Only dates that are on, the same for the same seed, another for another, and plausible reflectances. */
static void only_chosen_dates(void **state)
{
    static const bool on[DATES] = {false, true, false, true};
    (void)state;
    for (int k = 0; k < NAMES; k++) {
        land a = land_new(3), b = land_new(3);
        assert_true(make(&a, names[k], on, 8) && make(&b, names[k], on, 8));
        assert_memory_equal(a.scene.x, b.scene.x, ALL * sizeof(float));
        assert_memory_equal(a.scene.truth, b.scene.truth, DATES * N);
        for (int t = 0; t < DATES; t++) {
            assert_int_equal(count(&a, t, CLV_TRUTH_CLEAR) == N, !on[t]);
            for (int i = 0; i < 4 * N; i++)
                assert_true(a.scene.x[t * 4 * N + i] > -0.05f && a.scene.x[t * 4 * N + i] <= 1.2f);
        }
        if (clv_grounds_maker_named(names[k])->when == CLV_GROUNDS_MIDDLE && strcmp(names[k], "haze") != 0) {
            assert_true(make(&b, names[k], on, 9));
            assert_memory_not_equal(a.scene.x, b.scene.x, ALL * sizeof(float));
        }
        land_free(&a);
        land_free(&b);
    }
}

static void surfaces_have_their_colour(void **state)
{
    static const bool on[DATES] = {true, true, true, true};
    static const struct {
        const char *name;
        double red, nir; /* on average */
    } wanted[] = {{"snow", 0.85, 0.75}, {"salt", 0.56, 0.60}, {"sand", 0.65, 0.70}, {"film", 0.46, 0.48}};
    (void)state;
    for (int k = 0; k < 4; k++) {
        land l = land_new(5);
        assert_true(make(&l, wanted[k].name, on, 2));
        assert_true(fabs(mean(&l, l.scene.x, 1, 0, CLV_TRUTH_GROUND) - wanted[k].red) < 0.09);
        assert_true(fabs(mean(&l, l.scene.x, 1, 3, CLV_TRUTH_GROUND) - wanted[k].nir) < 0.09);
        land_free(&l);
    }
    land l = land_new(5);
    assert_true(make(&l, "film", on, 2));
    assert_in_range(count(&l, 0, CLV_TRUTH_GROUND), N / 10, N * 6 / 10);
    land_free(&l);
    l = land_new(5);
    assert_true(make(&l, "ice", on, 2));
    assert_in_range(count(&l, 0, CLV_TRUTH_GROUND), N * 35 / 100, N * 45 / 100);
    assert_true(mean(&l, l.scene.x, 0, 1, CLV_TRUTH_GROUND) > 0.3);
    land_free(&l);
    l = land_new(5);
    assert_true(make(&l, "lake", on, 2));
    assert_true(mean(&l, l.scene.x, 0, 3, CLV_TRUTH_GROUND) < 0.03);
    land_free(&l);
}

/* What is on the water lies on water, and is brighter than it. */
static void water_is_bright(void **state)
{
    static const bool on[DATES] = {false, false, true, false};
    static const char *const water[] = {"surf", "glint", "plume", "ships"};
    (void)state;
    for (int k = 0; k < 4; k++) {
        land l = land_new(5);
        uint8_t *sea = malloc(N);
        assert_true(make(&l, water[k], on, 4));
        clv_grounds_find_water(&(clv_grounds_scene){1, SIDE, SIDE, true, l.scene.x, NULL}, sea);
        int outside = 0;
        for (int i = 0; i < N; i++)
            outside += l.scene.truth[2 * N + i] == CLV_TRUTH_GROUND && !sea[i];
        assert_true(count(&l, 2, CLV_TRUTH_GROUND) > 20 && outside * 50 < count(&l, 2, CLV_TRUTH_GROUND));
        double date0 = 0, date2 = 0;
        for (int i = 0; i < N; i++)
            if (l.scene.truth[2 * N + i] == CLV_TRUTH_GROUND) {
                date0 += l.scene.x[i];
                date2 += l.scene.x[2 * 4 * N + i];
            }
        assert_true(date2 > 1.5 * date0);
        free(sea);
        land_free(&l);
    }
}

static void air_brightens_by_its_amount(void **state)
{
    static const bool on[DATES] = {false, true, false, false};
    (void)state;
    land l = land_new(6);
    assert_true(make(&l, "haze", on, 4));
    assert_int_equal(count(&l, 1, CLV_TRUTH_CLOUD), N);
    const double blue = mean(&l, l.scene.x, 1, 2, CLV_TRUTH_CLOUD) - mean(&l, l.before, 1, 2, CLV_TRUTH_CLOUD);
    assert_true(blue > 0.05 && blue < 0.08);
    land_free(&l);
    l = land_new(6);
    assert_true(make(&l, "cirrus", on, 4));
    assert_in_range(count(&l, 1, CLV_TRUTH_CLOUD), N / 10, N * 6 / 10);
    const double seen = mean(&l, l.scene.x, 1, 0, CLV_TRUTH_CLOUD) - mean(&l, l.before, 1, 0, CLV_TRUTH_CLOUD);
    const double clear = mean(&l, l.scene.x, 1, 0, CLV_TRUTH_CLEAR) - mean(&l, l.before, 1, 0, CLV_TRUTH_CLEAR);
    assert_true(seen > 0.03 && seen < 0.06 && fabs(clear) < 0.002);
    land_free(&l);
    l = land_new(6);
    assert_true(make(&l, "cloud", on, 4));
    assert_true(count(&l, 1, CLV_TRUTH_CLOUD) > N / 10 && count(&l, 1, CLV_TRUTH_SHADOW) > 50);
    assert_true(mean(&l, l.scene.x, 1, 3, CLV_TRUTH_SHADOW) < 0.8 * mean(&l, l.before, 1, 3, CLV_TRUTH_SHADOW));
    land_free(&l);
}

/* A stable series: dates differ, but by little. */
static void a_series_varies(void **state)
{
    (void)state;
    land l = land_new(7);
    for (int t = 1; t < DATES; t++)
        memcpy(l.scene.x + t * 4 * N, l.scene.x, 4 * N * sizeof(float));
    memcpy(l.before, l.scene.x, ALL * sizeof(float));
    assert_true(clv_grounds_vary(&l.scene, 3));
    assert_true(memcmp(l.scene.x, l.scene.x + 4 * N, 4 * N * sizeof(float)) != 0);
    for (int t = 0; t < DATES; t++) {
        double was = 0, is = 0;
        for (int i = 0; i < N; i++) {
            was += l.before[(t * 4 + 2) * N + i];
            is += l.scene.x[(t * 4 + 2) * N + i];
        }
        assert_true(is > 0.93 * was && is < 1.07 * was + 0.016 * N);
    }
    land_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makers_have_names),           cmocka_unit_test(only_chosen_dates),
        cmocka_unit_test(surfaces_have_their_colour),  cmocka_unit_test(water_is_bright),
        cmocka_unit_test(air_brightens_by_its_amount), cmocka_unit_test(a_series_varies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
