/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "sentinel2/roles.h"
#include "synth/landscape.h"

/* A rendered window, all on the heap. */
typedef struct picture {
    int width, height;
    float *bands[4];
} picture;

static picture take(const clv_landscape *land, const clv_landscape_day *day, int x, int y, int width, int height)
{
    picture p = {.width = width, .height = height};
    clv_ground *ground = calloc(clv_landscape_ground_count(width, height), sizeof *ground);
    float *work = calloc(clv_landscape_work_count(width, height), sizeof *work);
    assert_non_null(ground);
    assert_non_null(work);
    for (int b = 0; b < 4; b++) {
        p.bands[b] = calloc((size_t)width * (size_t)height, sizeof(float));
        assert_non_null(p.bands[b]);
    }
    const int rows = clv_landscape_survey_rows(height), half = rows / 2;
    clv_landscape_survey(land, x, y, width, half, rows, ground); /* in any order */
    clv_landscape_survey(land, x, y, width, 0, half, ground);
    clv_landscape_render(land, day, ground, x, y, width, height, p.bands, work);
    free(ground);
    free(work);
    return p;
}

static void drop(picture *p)
{
    for (int b = 0; b < 4; b++)
        free(p->bands[b]);
}

static uint64_t fnv_of(const picture *p)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int b = 0; b < 4; b++) {
        const unsigned char *c = (const unsigned char *)p->bands[b];
        for (size_t i = 0; i < (size_t)p->width * (size_t)p->height * sizeof(float); i++)
            hash = (hash ^ c[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

/* Integer arithmetic and correctly rounded operations only: these hold on every machine, compiler and optimisation. */
static void same_seed_same_bits_everywhere(void **state)
{
    clv_landscape land;
    clv_landscape_day day;
    (void)state;
    clv_landscape_init(&land, 3, 20.0);
    clv_landscape_day_init(&day, &land, 2, 150.0);
    picture p = take(&land, &day, 100, 50, 96, 96);
    assert_true(fnv_of(&p) == UINT64_C(0x084a286978f906af));
    drop(&p);
    clv_landscape_init(&land, 4, 20.0);
    clv_landscape_day_init(&day, &land, 2, 150.0);
    p = take(&land, &day, 100, 50, 96, 96);
    assert_false(fnv_of(&p) == UINT64_C(0x084a286978f906af));
    drop(&p);
}

static void windows_agree_with_the_whole(void **state)
{
    clv_landscape land;
    clv_landscape_day day;
    (void)state;
    clv_landscape_init(&land, 8, 20.0);
    clv_landscape_day_init(&day, &land, 1, 130.0);
    picture whole = take(&land, &day, 0, 0, 90, 70), part = take(&land, &day, 31, 17, 40, 33);
    for (int b = 0; b < 4; b++)
        for (int y = 0; y < 33; y++)
            assert_memory_equal(part.bands[b] + y * 40, whole.bands[b] + (y + 17) * 90 + 31, 40 * sizeof(float));
    drop(&whole);
    drop(&part);
}

/* Magnitudes of Level-2A over central Europe in May: band means, spread, and the order of bands. */
static void reflectances_look_like_sentinel_2(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        clv_landscape land;
        clv_landscape_day day;
        double mean[4] = {0};
        clv_landscape_init(&land, seed, 20.0);
        clv_landscape_day_init(&day, &land, 0, 145.0);
        picture p = take(&land, &day, 0, 0, 200, 200);
        for (int b = 0; b < 4; b++)
            for (int i = 0; i < 200 * 200; i++) {
                assert_true(p.bands[b][i] > 0.003f && p.bands[b][i] < 0.9f);
                mean[b] += (double)p.bands[b][i] / (200.0 * 200.0);
            }
        assert_true(mean[CLV_ROLE_RED] > 0.025 && mean[CLV_ROLE_RED] < 0.14);
        assert_true(mean[CLV_ROLE_BLUE] > 0.02 && mean[CLV_ROLE_BLUE] < 0.10);
        assert_true(mean[CLV_ROLE_NIR] > 0.2 && mean[CLV_ROLE_NIR] < 0.42);
        assert_true(mean[CLV_ROLE_GREEN] > mean[CLV_ROLE_BLUE]);
        drop(&p);
    }
}

/* The sun stands in the south-east at ten, highest in June. */
static void sun_follows_the_year(void **state)
{
    clv_landscape land;
    clv_landscape_day june, december;
    (void)state;
    clv_landscape_init(&land, 1, 20.0);
    clv_landscape_day_init(&june, &land, 0, 172.0);
    clv_landscape_day_init(&december, &land, 1, 355.0);
    const double *s = june.sun;
    assert_true(fabs(s[0] * s[0] + s[1] * s[1] + s[2] * s[2] - 1.0) < 1e-6);
    assert_true(s[0] > 0.0 && s[1] > 0.0);
    /* Noon heights at 46.5 degrees north are 67 and 20 degrees; at twenty degrees of hour angle less. */
    assert_true(s[2] > sin(58.0 * 3.14159265 / 180.0) && s[2] < sin(67.0 * 3.14159265 / 180.0));
    assert_true(december.sun[2] > sin(14.0 * 3.14159265 / 180.0) && december.sun[2] < sin(20.0 * 3.14159265 / 180.0));
    assert_true(fabs(june.shift_x) <= 0.25 && fabs(june.shift_y) <= 0.25);
}

/* Slopes that face the sun are brighter than those that face away, the more the lower it stands. */
static void relief_is_shaded(void **state)
{
    double contrast[2];
    (void)state;
    for (int k = 0; k < 2; k++) {
        enum { S = 60 };
        clv_landscape land;
        clv_landscape_day day;
        clv_landscape_init(&land, 5, 20.0);
        clv_landscape_day_init(&day, &land, 0, k ? 172.0 : 60.0);
        const size_t count = clv_landscape_ground_count(S, S);
        clv_ground *ground = calloc(count, sizeof *ground);
        float *work = calloc(clv_landscape_work_count(S, S), sizeof *work), *nir = calloc(S * S, sizeof *nir);
        assert_true(ground && work && nir);
        for (size_t i = 0; i < count; i++) {
            ground[i].kind = CLV_GROUND_CONIFER;
            ground[i].texture = 1.0f;
            /* The left half faces the sun, the right half faces away. */
            const float slope = i % (size_t)(2 * S + 8) < S + 4 ? -0.3f : 0.3f;
            ground[i].slope_x = slope * (float)day.sun[0];
            ground[i].slope_y = slope * (float)day.sun[1];
        }
        float *bands[4] = {NULL, NULL, NULL, nir};
        clv_landscape_render(&land, &day, ground, 0, 0, S, S, bands, work);
        contrast[k] = (double)(nir[S * 20 + 10] / nir[S * 20 + 50]);
        free(ground);
        free(work);
        free(nir);
    }
    assert_true(contrast[1] > 1.05);
    assert_true(contrast[0] > contrast[1] + 0.05);
}

static void digital_numbers_have_noise_and_no_nodata(void **state)
{
    clv_landscape land;
    clv_landscape_day day, other;
    double sum = 0.0, square = 0.0;
    int equal = 0;
    (void)state;
    clv_landscape_init(&land, 1, 20.0);
    clv_landscape_day_init(&day, &land, 0, 100.0);
    clv_landscape_day_init(&other, &land, 1, 100.0);
    for (int i = 0; i < 10000; i++) {
        const double v = clv_landscape_digital(&day, CLV_ROLE_NIR, i % 100, i / 100, 0.3f);
        sum += v;
        square += v * v;
        equal += v == (double)clv_landscape_digital(&other, CLV_ROLE_NIR, i % 100, i / 100, 0.3f);
    }
    const double mean = sum / 10000.0, deviation = sqrt(square / 10000.0 - mean * mean);
    assert_true(fabs(mean - 3000.0) < 2.0);
    assert_true(fabs(deviation - 24.0) < 2.0);
    assert_true(equal < 1000);
    assert_int_equal(clv_landscape_digital(&day, CLV_ROLE_RED, 5, 5, -1.0f), 1);
    assert_int_equal(clv_landscape_digital(&day, CLV_ROLE_RED, 5, 5, 99.0f), 65535);
}

/* Between two dates most land changes a little and some fields change a lot. */
static void fields_change_and_woods_hardly(void **state)
{
    clv_landscape land;
    clv_landscape_day may, july;
    int large = 0, small = 0;
    (void)state;
    clv_landscape_init(&land, 2, 20.0);
    clv_landscape_day_init(&may, &land, 0, 135.0);
    clv_landscape_day_init(&july, &land, 0, 190.0);
    picture a = take(&land, &may, 0, 0, 128, 128), b = take(&land, &july, 0, 0, 128, 128);
    for (int i = 0; i < 128 * 128; i++) {
        const float change = fabsf(a.bands[CLV_ROLE_RED][i] - b.bands[CLV_ROLE_RED][i]);
        large += change > 0.05f;
        small += change < 0.02f;
    }
    assert_true(large > 128 * 128 / 10);
    assert_true(small > 128 * 128 / 10);
    drop(&a);
    drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_bits_everywhere),
        cmocka_unit_test(windows_agree_with_the_whole),
        cmocka_unit_test(reflectances_look_like_sentinel_2),
        cmocka_unit_test(sun_follows_the_year),
        cmocka_unit_test(relief_is_shaded),
        cmocka_unit_test(digital_numbers_have_noise_and_no_nodata),
        cmocka_unit_test(fields_change_and_woods_hardly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
