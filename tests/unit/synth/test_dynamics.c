/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "synth/dynamics.h"

enum { SIDE = 96, N = SIDE * SIDE, DATES = 10, BANDS = 4, ALL = DATES * BANDS * N, WATER = 8 /* rows */ };

static const clv_dynamics_options growth_only = {1.0, 0.0, 0.0, 0.0}, haze_only = {0.0, 1.0, 0.0, 0.0},
                                  jitter_only = {0.0, 0.0, 0.35, 0.0}, noise_only = {0.0, 0.0, 0.0, 1.0},
                                  nothing = {0.0, 0.0, 0.0, 0.0};

/* Squares of crops and of bare ground, a little uneven, with water along the upper edge. */
static void draw_fields(float *picture, uint64_t seed)
{
    static const float ground[3][BANDS] = {
        {0.04f, 0.07f, 0.03f, 0.42f}, {0.18f, 0.14f, 0.1f, 0.26f}, {0.02f, 0.03f, 0.03f, 0.01f}};
    for (int i = 0; i < N; i++) {
        const int x = i % SIDE, y = i / SIDE;
        const int kind = y < WATER ? 2 : clv_hash2(seed, x / 16, y / 16) % 2;
        const float shade = 1.0f + 0.05f * (float)clv_hash_gauss(clv_hash2(seed + 1, x / 2, y / 2));
        for (int b = 0; b < BANDS; b++)
            picture[b * N + i] = ground[kind][b] * shade;
    }
}

typedef struct scene {
    float *picture, *x;
    double days[DATES];
    clv_dynamics_work *work;
} scene;

static int set_up(void **state)
{
    scene *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->picture = malloc(BANDS * N * sizeof(float));
    s->x = malloc(ALL * sizeof(float));
    s->work = clv_dynamics_work_new(N);
    assert_true(s->picture && s->x && s->work);
    draw_fields(s->picture, 1);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    free(s->picture);
    free(s->x);
    clv_dynamics_work_free(s->work);
    free(s);
    return 0;
}

static const float *make(scene *s, uint64_t seed, const clv_dynamics_options *options)
{
    clv_random rng;
    clv_random_seed(&rng, seed);
    clv_dynamics_days(&rng, DATES, s->days);
    assert_true(clv_dynamics_make(&rng, options, s->picture, BANDS, SIDE, SIDE, DATES, s->days, s->x, s->work));
    return s->x;
}

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double mean(const float *x, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += (double)x[i];
    return sum / n;
}

static double deviation(const float *x, int n)
{
    const double middle = mean(x, n);
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += ((double)x[i] - middle) * ((double)x[i] - middle);
    return sqrt(sum / n);
}

static void the_stream_decides(void **state)
{
    scene *s = *state;
    clv_dynamics_options options;
    clv_dynamics_options_init(&options);
    float *first = malloc(ALL * sizeof(float));
    assert_non_null(first);
    memcpy(first, make(s, 5, &options), ALL * sizeof(float));
    assert_memory_not_equal(first, make(s, 6, &options), ALL * sizeof(float));
    /* Whatever the work was used for before. */
    assert_memory_equal(first, make(s, 5, &options), ALL * sizeof(float));
    clv_dynamics_work_free(s->work);
    s->work = clv_dynamics_work_new(N + 100);
    assert_non_null(s->work);
    assert_memory_equal(first, make(s, 5, &options), ALL * sizeof(float));
    free(first);

    /* One number is taken, whatever is asked for. */
    clv_random a, b;
    clv_random_seed(&a, 9);
    clv_random_seed(&b, 9);
    assert_true(clv_dynamics_make(&a, &options, s->picture, BANDS, SIDE, SIDE, 3, s->days, s->x, s->work));
    assert_true(clv_dynamics_make(&b, &nothing, s->picture, 3, 5, 4, 1, s->days, s->x, s->work));
    assert_true(clv_random_next(&a) == clv_random_next(&b));
}

static void without_strength_dates_are_the_picture(void **state)
{
    scene *s = *state;
    const float *x = make(s, 3, &nothing);
    for (int t = 0; t < DATES; t++)
        assert_memory_equal(x + (size_t)t * BANDS * N, s->picture, BANDS * N * sizeof(float));
    const clv_dynamics_options *const one[] = {&growth_only, &haze_only, &jitter_only, &noise_only};
    for (int k = 0; k < 4; k++)
        assert_memory_not_equal(make(s, 3, one[k]), s->picture, BANDS * N * sizeof(float));
}

/* Median change of a pixel between dates that follow one another: clear dates of real series of farmland have 0.011 in
 * red and 0.02 to 0.025 in NIR. */
static void dates_differ_as_real_ones(void **state)
{
    enum { SCENES = 12, PAIRS = (DATES - 1) * N };
    scene *s = *state;
    clv_dynamics_options options;
    clv_dynamics_options_init(&options);
    float *change = malloc(PAIRS * sizeof(float));
    assert_non_null(change);
    double all[BANDS] = {0.0};
    for (int seed = 0; seed < SCENES; seed++) {
        draw_fields(s->picture, (uint64_t)seed);
        const float *x = make(s, (uint64_t)seed, &options);
        for (int b = 0; b < BANDS; b++) {
            for (int i = 0; i < PAIRS; i++) {
                const int t = i / N, at = (t * BANDS + b) * N + i % N;
                change[i] = fabsf(x[at + BANDS * N] - x[at]);
            }
            qsort(change, PAIRS, sizeof *change, compare_floats);
            const double median = (double)change[PAIRS / 2];
            assert_true(median > 0.001 && median < (b == 3 ? 0.08 : 0.04));
            assert_true(change[PAIRS - 1 - PAIRS / 1000] < 0.5f);
            all[b] += median / SCENES;
        }
    }
    free(change);
    assert_true(all[0] > 0.004 && all[0] < 0.02);
    assert_true(all[3] > 0.007 && all[3] < 0.05);
}

static double ndvi(const float *date, int i)
{
    return (double)(date[3 * N + i] - date[i]) / (double)(date[3 * N + i] + date[i]);
}

static void fields_change_as_vegetation_does_and_water_hardly(void **state)
{
    scene *s = *state;
    double fields = 0.0, water = 0.0;
    int greener = 0, red_down = 0, sudden = 0, extreme = 0, all = 0;
    for (uint64_t seed = 0; seed < 12; seed++) {
        draw_fields(s->picture, seed);
        const float *x = make(s, seed, &growth_only);
        for (int t = 0; t < DATES; t++) {
            const float *date = x + (size_t)t * BANDS * N;
            for (int i = 0; i < N; i++) {
                const double factor = log((double)date[3 * N + i] / (double)s->picture[3 * N + i]);
                if (i < (WATER - 3) * SIDE)
                    water += fabs(factor) / ((WATER - 3) * SIDE);
                if (i < (WATER + 3) * SIDE)
                    continue;
                fields += fabs(factor) / (N - (WATER + 3) * SIDE);
                if (ndvi(date, i) > ndvi(s->picture, i) + 0.05) {
                    greener++;
                    red_down += date[i] < s->picture[i];
                }
                all++;
                extreme += date[i] < 0.35f * s->picture[i] || date[i] > 2.8f * s->picture[i];
                sudden +=
                    t > 0 && s->days[t] - s->days[t - 1] <= 5.0 && ndvi(date - BANDS * N, i) - ndvi(date, i) > 0.3;
            }
        }
    }
    assert_true(fields > 5.0); /* 120 dates: 4 % at least */
    assert_true(water < 0.1 * fields);
    assert_true(greener > 5000);
    assert_true(red_down > 0.9 * greener);
    assert_true(extreme < 0.01 * all);
    assert_true(sudden > 1000); /* harvests */
}

/* Correlation of a date's change of NIR, as the logarithm of a factor, with that of pixels `lag` to the right. */
static double correlation(const float *change, int lag)
{
    double aa = 0.0, bb = 0.0, ab = 0.0, a1 = 0.0, b1 = 0.0, n = 0.0;
    for (int y = WATER + 3; y < SIDE; y++)
        for (int x = 0; x + lag < SIDE; x++) {
            const double a = (double)change[y * SIDE + x], b = (double)change[y * SIDE + x + lag];
            aa += a * a;
            bb += b * b;
            ab += a * b;
            a1 += a;
            b1 += b;
            n += 1.0;
        }
    return (ab - a1 * b1 / n) / sqrt((aa - a1 * a1 / n) * (bb - b1 * b1 / n));
}

static void changes_belong_to_regions(void **state)
{
    scene *s = *state;
    float *change = malloc(N * sizeof(float));
    assert_non_null(change);
    double near = 0.0, far = 0.0;
    const int scenes = 12;
    for (uint64_t seed = 0; seed < (uint64_t)scenes; seed++) {
        draw_fields(s->picture, seed);
        const float *first = make(s, seed, &growth_only) + 3 * N, *last = first + (size_t)(DATES - 1) * BANDS * N;
        for (int i = 0; i < N; i++)
            change[i] = logf(last[i] / first[i]);
        assert_true(deviation(change, N) > 0.01); /* not the same everywhere */
        near += correlation(change, 1) / scenes;
        far += correlation(change, 40) / scenes;
    }
    free(change);
    assert_true(near > 0.75);
    assert_true(far < 0.4);
}

static void haze_is_blue_smooth_and_mostly_mild(void **state)
{
    scene *s = *state;
    float blue[40 * DATES];
    double share = 0.0, roughest = 0.0;
    int count = 0, uneven = 0;
    for (int i = 0; i < BANDS * N; i++)
        s->picture[i] = 0.0f; /* gains do nothing */
    for (uint64_t seed = 0; seed < 40; seed++) {
        const float *x = make(s, seed, &haze_only);
        for (int t = 0; t < DATES; t++) {
            const float *date = x + (size_t)t * BANDS * N;
            blue[count++] = (float)mean(date + 2 * N, N);
            share += mean(date + 3 * N, N) / mean(date + 2 * N, N) / (40 * DATES);
            uneven += deviation(date + 2 * N, N) > 0.05 * mean(date + 2 * N, N);
            for (int i = 1; i < SIDE; i++)
                roughest = fmax(roughest, fabs((double)(date[2 * N + i] - date[2 * N + i - 1])));
        }
    }
    qsort(blue, (size_t)count, sizeof *blue, compare_floats);
    assert_true(blue[0] > 0.0f);
    assert_true(blue[count / 2] > 0.003f && blue[count / 2] < 0.015f);
    assert_true(blue[count * 98 / 100] > 3.0f * blue[count / 2]); /* a heavy tail */
    assert_true(blue[count - 1] < 0.06f);
    assert_true(share > 0.1 && share < 0.35);
    assert_true(uneven > count / 3);
    assert_true(roughest < 0.004);
}

static void light_is_a_gain(void **state)
{
    scene *s = *state;
    float gains[40 * DATES];
    double uneven = 0.0;
    int count = 0;
    for (int i = 0; i < BANDS * N; i++)
        s->picture[i] = 0.6f; /* haze is small against it */
    for (uint64_t seed = 0; seed < 40; seed++) {
        const float *x = make(s, seed, &haze_only);
        for (int t = 0; t < DATES; t++) {
            const float *nir = x + ((size_t)t * BANDS + 3) * N;
            assert_true(deviation(nir, N) < 0.1 * mean(nir, N));
            uneven += deviation(nir, N) / mean(nir, N) / (40 * DATES);
            gains[count++] = (float)(mean(nir, N) / 0.6);
        }
    }
    assert_true(deviation(gains, count) > 0.015 && deviation(gains, count) < 0.08);
    assert_true(fabs(mean(gains, count) - 1.0) < 0.03);
    assert_true(uneven > 0.003 && uneven < 0.02);
}

static void jitter_shifts_by_parts_of_a_pixel(void **state)
{
    scene *s = *state;
    double least = 1.0, most = -1.0;
    for (int i = 0; i < BANDS * N; i++)
        s->picture[i] = i < N       ? 0.1f + 0.005f * (float)(i % SIDE)
                        : i < 2 * N ? 0.2f
                                    : 0.1f + 0.005f * (float)(i / SIDE % SIDE);
    for (uint64_t seed = 0; seed < 10; seed++) {
        const float *x = make(s, seed, &jitter_only);
        for (int t = 0; t < DATES; t++) {
            const float *date = x + (size_t)t * BANDS * N;
            const int at = 30 * SIDE + 50;
            const double across = ((double)date[at] - (double)s->picture[at]) / 0.005;
            const double down = ((double)date[2 * N + at] - (double)s->picture[2 * N + at]) / 0.005;
            assert_true(fabs(across) < 0.45 && fabs(down) < 0.45);
            least = fmin(least, fmin(across, down));
            most = fmax(most, fmax(across, down));
            assert_true(fabs((double)(date[at + 7 * SIDE] - date[at])) < 1e-5); /* the same everywhere */
            for (int i = 0; i < N; i++)
                assert_true(fabs((double)date[N + i] - 0.2) < 1e-6); /* flat ground stays, at borders too */
        }
    }
    assert_true(least < -0.2 && most > 0.2);
}

static void noise_is_white_and_grows_with_light(void **state)
{
    scene *s = *state;
    for (int i = 0; i < BANDS * N; i++)
        s->picture[i] = i < N ? 0.13f : i < 2 * N ? 0.5f : 0.02f;
    for (uint64_t seed = 0; seed < 5; seed++) {
        const float *x = make(s, seed, &noise_only);
        for (int t = 0; t < DATES; t++) {
            const float *date = x + (size_t)t * BANDS * N;
            const double middle = deviation(date, N);
            assert_true(middle > 0.0007 && middle < 0.0033);
            assert_true(deviation(date + N, N) > 1.4 * middle && deviation(date + N, N) < 2.2 * middle);
            assert_true(deviation(date + 2 * N, N) < 0.8 * middle);
            assert_true(fabs(mean(date, N) - 0.13) < 0.0002);
            assert_true(fabs(correlation(date, 1)) < 0.06);
        }
    }
}

/* Buffers of the exact size: what goes beyond them is found by the sanitizers. */
static void any_size_and_any_values(void **state)
{
    static const int sizes[][2] = {{1, 1}, {1, 9}, {9, 1}, {2, 2}, {3, 8}, {17, 5}, {64, 33}, {200, 3}};
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int bands = 3; bands <= 4; bands++)
            for (int wild = 0; wild < 3; wild++) {
                const int width = sizes[k][0], height = sizes[k][1], n = width * height, dates = 4;
                float *picture = malloc((size_t)(bands * n) * sizeof(float));
                float *x = malloc((size_t)(dates * bands * n) * sizeof(float));
                clv_dynamics_work *work = clv_dynamics_work_new((size_t)n);
                const clv_dynamics_options strong = {2.0, 2.0, wild == 1 ? 1000.0 : 2.5, 2.0};
                const double days[] = {18000.0, 18000.0, 18003.5, 18400.0};
                assert_true(picture && x && work);
                clv_random rng;
                clv_random_seed(&rng, k);
                for (int i = 0; i < bands * n; i++) {
                    picture[i] = (float)clv_random_range(&rng, 0.0, wild ? 1.6 : 0.5);
                    if (wild == 2 && i % 7 == 0)
                        picture[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1.0f;
                }
                assert_true(clv_dynamics_make(&rng, &strong, picture, bands, width, height, dates, days, x, work));
                for (int i = 0; i < dates * bands * n; i++)
                    assert_true(x[i] >= 0.0f && x[i] <= 1.5f);
                clv_dynamics_work_free(work);
                free(x);
                free(picture);
            }
}

static void refuses_what_it_cannot_do(void **state)
{
    scene *s = *state;
    clv_random rng;
    clv_random_seed(&rng, 1);
    s->days[0] = 18000.0;
    s->x[0] = -7.0f;
    assert_false(clv_dynamics_make(&rng, &nothing, s->picture, 2, 4, 4, 1, s->days, s->x, s->work));
    assert_false(clv_dynamics_make(&rng, &nothing, s->picture, 5, 4, 4, 1, s->days, s->x, s->work));
    assert_false(clv_dynamics_make(&rng, &nothing, s->picture, 4, 0, 4, 1, s->days, s->x, s->work));
    assert_false(clv_dynamics_make(&rng, &nothing, s->picture, 4, 4, -1, 1, s->days, s->x, s->work));
    assert_false(clv_dynamics_make(&rng, &nothing, s->picture, 4, 4, 4, 0, s->days, s->x, s->work));
    assert_false(clv_dynamics_make(&rng, &nothing, s->picture, 4, SIDE, SIDE + 1, 1, s->days, s->x, s->work));
    assert_true(s->x[0] == -7.0f);
    assert_null(clv_dynamics_work_new(0));
    assert_null(clv_dynamics_work_new(SIZE_MAX));
    clv_dynamics_work_free(NULL);
}

static void days_are_those_of_orbits(void **state)
{
    enum { MANY = 30, SERIES = 400 };
    int fives = 0, tens = 0, mixed = 0, gaps = 0, longest = 0, early = 0;
    (void)state;
    for (uint64_t seed = 0; seed < SERIES; seed++) {
        double days[MANY];
        clv_random rng;
        clv_random_seed(&rng, seed);
        clv_dynamics_days(&rng, MANY, days);
        assert_true(days[0] >= 17167.0 && days[0] <= 20088.0);
        early += days[0] < 17167.0 + 1461.0;
        int by_ten = 1, by_five = 1;
        for (int t = 1; t < MANY; t++) {
            const int step = (int)(days[t] - days[t - 1]);
            assert_true((double)step == days[t] - days[t - 1]);
            assert_true(step >= 2 && step <= 240);
            by_five = by_five && step % 5 == 0;
            by_ten = by_ten && step % 10 == 0;
            gaps += step > 10;
            longest = step > longest ? step : longest;
            /* Two orbits: every other pass is five days on. */
            const int past = (int)(days[t] - days[0]) % 5;
            assert_true(by_five || past == 0 || past == 2 || past == 3);
        }
        tens += by_ten;
        fives += by_five && !by_ten;
        mixed += !by_five;
    }
    assert_true(fives > SERIES / 3 && tens > SERIES / 10 && mixed > SERIES / 8);
    assert_true(gaps > SERIES && longest > 30);
    assert_true(early > SERIES / 3 && early < SERIES * 2 / 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_stream_decides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_strength_dates_are_the_picture, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dates_differ_as_real_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fields_change_as_vegetation_does_and_water_hardly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_belong_to_regions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(haze_is_blue_smooth_and_mostly_mild, set_up, tear_down),
        cmocka_unit_test_setup_teardown(light_is_a_gain, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jitter_shifts_by_parts_of_a_pixel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_is_white_and_grows_with_light, set_up, tear_down),
        cmocka_unit_test(any_size_and_any_values),
        cmocka_unit_test_setup_teardown(refuses_what_it_cannot_do, set_up, tear_down),
        cmocka_unit_test(days_are_those_of_orbits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
