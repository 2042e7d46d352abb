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
#include "synth/surface.h"

static const clv_weather DRY = {0};

static double ndvi(clv_spectrum s)
{
    return (double)((s.band[CLV_ROLE_NIR] - s.band[CLV_ROLE_RED]) / (s.band[CLV_ROLE_NIR] + s.band[CLV_ROLE_RED]));
}

static void reflectances_are_physical(void **state)
{
    (void)state;
    for (int kind = CLV_GROUND_CROP; kind <= CLV_GROUND_WORKS; kind++)
        for (uint64_t id = 0; id < 60; id++)
            for (int day = 1; day <= 366; day += 5)
                for (int wet = 0; wet < 2; wet++) {
                    const clv_weather weather = {.wet = wet, .glint = 0.03 * wet, .spring = 8.0 * wet - 4.0};
                    const clv_spectrum s = clv_surface((clv_ground_kind)kind, id * 977, day, &weather);
                    for (int b = 0; b < 4; b++)
                        assert_true(s.band[b] > 0.005f && s.band[b] < 0.6f);
                }
}

/* Most fields are green in some part of the year, and ploughed land and ripe land are not. */
static void crops_have_seasons(void **state)
{
    int seasonal = 0;
    (void)state;
    for (uint64_t id = 0; id < 400; id++) {
        double low = 1.0, high = -1.0;
        for (int day = 60; day < 300; day += 3) {
            const double v = ndvi(clv_surface(CLV_GROUND_CROP, id, day, &DRY));
            low = v < low ? v : low;
            high = v > high ? v : high;
        }
        seasonal += high > 0.65 && low < 0.45;
    }
    assert_in_range(seasonal, 200, 380);
}

/* Harvest comes overnight, on different days for different fields; nothing else jumps. */
static void harvest_is_sudden_and_fields_differ(void **state)
{
    int days_with_jump = 0, jumps = 0;
    (void)state;
    for (int day = 180; day < 230; day++) {
        int today = 0;
        for (uint64_t id = 0; id < 400; id++) {
            const clv_spectrum a = clv_surface(CLV_GROUND_CROP, id, day, &DRY),
                               b = clv_surface(CLV_GROUND_CROP, id, day + 1, &DRY);
            today += fabsf(a.band[CLV_ROLE_RED] - b.band[CLV_ROLE_RED]) > 0.02f;
        }
        days_with_jump += today > 0;
        jumps += today;
    }
    assert_true(days_with_jump > 15);
    assert_in_range(jumps, 100, 1500);
}

static void woods_come_into_leaf_and_conifers_stay(void **state)
{
    (void)state;
    const clv_spectrum bare = clv_surface(CLV_GROUND_BROADLEAF, 3, 80, &DRY),
                       leaf = clv_surface(CLV_GROUND_BROADLEAF, 3, 170, &DRY);
    assert_true(ndvi(bare) < 0.55 && ndvi(leaf) > 0.8);
    const clv_spectrum winter = clv_surface(CLV_GROUND_CONIFER, 3, 60, &DRY),
                       summer = clv_surface(CLV_GROUND_CONIFER, 3, 190, &DRY);
    assert_true(fabs(ndvi(winter) - ndvi(summer)) < 0.06);
}

static void water_is_dark_and_darkest_in_nir(void **state)
{
    (void)state;
    const clv_spectrum lake = clv_surface(CLV_GROUND_LAKE, 1, 150, &DRY);
    for (int b = 0; b < 4; b++)
        assert_true(lake.band[b] < 0.05f);
    assert_true(ndvi(lake) < 0.0);
    const clv_weather rain = {.wet = 1.0}, glint = {.glint = 0.03};
    assert_true(clv_surface(CLV_GROUND_RIVER, 1, 150, &rain).band[CLV_ROLE_RED] >
                1.5f * clv_surface(CLV_GROUND_RIVER, 1, 150, &DRY).band[CLV_ROLE_RED]);
    assert_true(clv_surface(CLV_GROUND_LAKE, 1, 150, &glint).band[CLV_ROLE_NIR] > lake.band[CLV_ROLE_NIR] + 0.02f);
}

static void rain_darkens_soil(void **state)
{
    const clv_weather rain = {.wet = 1.0};
    int darker = 0, bare = 0;
    (void)state;
    for (uint64_t id = 0; id < 200; id++) {
        const clv_spectrum dry = clv_surface(CLV_GROUND_CROP, id, 118, &DRY),
                           wet = clv_surface(CLV_GROUND_CROP, id, 118, &rain);
        if (ndvi(dry) > 0.3)
            continue;
        bare++;
        darker += wet.band[CLV_ROLE_RED] < 0.8f * dry.band[CLV_ROLE_RED];
    }
    assert_true(bare > 20);
    assert_int_equal(darker, bare);
}

static void some_crops_have_rows(void **state)
{
    int rows = 0;
    (void)state;
    for (uint64_t id = 0; id < 1000; id++)
        rows += clv_surface_rows(CLV_GROUND_CROP, id) > 0.0;
    assert_in_range(rows, 40, 130);
    assert_true(clv_surface_rows(CLV_GROUND_LAKE, 1) == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reflectances_are_physical),
        cmocka_unit_test(crops_have_seasons),
        cmocka_unit_test(harvest_is_sudden_and_fields_differ),
        cmocka_unit_test(woods_come_into_leaf_and_conifers_stay),
        cmocka_unit_test(water_is_dark_and_darkest_in_nir),
        cmocka_unit_test(rain_darkens_soil),
        cmocka_unit_test(some_crops_have_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
