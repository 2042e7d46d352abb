/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "synth/terrain.h"

static clv_place look(const clv_terrain *t, double x, double y)
{
    return clv_terrain_place(t, &(clv_terrain_cache){0}, x, y);
}

/* A scene of the default size (7.7 km) has a river and a town, whatever the seed. */
static void small_scenes_have_river_and_town(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        clv_terrain t;
        clv_terrain_cache cache = {0};
        int river = 0, town = 0;
        clv_terrain_init(&t, seed);
        for (int j = 0; j < 192; j++)
            for (int i = 0; i < 192; i++) {
                const clv_place p = clv_terrain_place(&t, &cache, i * 40.0, j * 40.0);
                river += p.river_m < 0.0;
                town += p.town > 0.0;
            }
        if (river < 50 || river > 3000 || town < 50)
            fail_msg("seed %d: %d samples of river, %d of town", (int)seed, river, town);
    }
}

static void caches_change_nothing(void **state)
{
    clv_terrain t;
    clv_terrain_cache cache = {0};
    (void)state;
    clv_terrain_init(&t, 9);
    for (int k = 0; k < 4000; k++) {
        const double x = (k % 80) * 133.0 - 900.0, y = (k / 80) * 211.0;
        const clv_place a = clv_terrain_place(&t, &cache, x, y), b = look(&t, x, y);
        assert_true(a.u == b.u && a.v == b.v && a.hill == b.hill && a.river_m == b.river_m && a.lake_m == b.lake_m);
        assert_true(a.road_m == b.road_m && a.motorway_m == b.motorway_m && a.town == b.town && a.works == b.works);
        assert_int_equal(a.town_id, b.town_id);
        assert_true(clv_terrain_height(&t, &cache, &a, x, y) ==
                    clv_terrain_height(&t, &(clv_terrain_cache){0}, &b, x, y));
    }
}

/* Near a river the distance to it is metric: a step of 5 m changes it by about that at most. */
static void distances_are_distances(void **state)
{
    clv_terrain t;
    int steps = 0;
    (void)state;
    clv_terrain_init(&t, 4);
    for (int k = 0; k < 60000; k++) {
        const double x = (k % 300) * 24.0, y = (k / 300) * 36.0;
        const clv_place a = look(&t, x, y), b = look(&t, x + 3.0, y + 4.0);
        if (fabs(a.v) > 150.0)
            continue;
        assert_true(fabs(a.river_m - b.river_m) < 8.0);
        steps++;
    }
    assert_true(steps > 500);
}

static void rivers_lie_low_and_hills_high(void **state)
{
    double low = 0.0, high = 0.0;
    int lows = 0, highs = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        clv_terrain t;
        clv_terrain_cache cache = {0};
        clv_terrain_init(&t, seed);
        for (int j = 0; j < 100; j++)
            for (int i = 0; i < 100; i++) {
                const double x = i * 250.0, y = j * 250.0;
                const clv_place p = clv_terrain_place(&t, &cache, x, y);
                const double h = clv_terrain_height(&t, &cache, &p, x, y);
                assert_true(p.hill >= 0.0 && p.hill <= 1.0);
                assert_true(h > -80.0 && h < 2200.0);
                if (fabs(p.river_m) < 50.0) {
                    assert_true(p.hill < 0.4);
                    low += h;
                    lows++;
                }
                if (p.hill > 0.9) {
                    high += h;
                    highs++;
                }
            }
    }
    assert_true(lows > 50 && highs > 500);
    assert_true(high / highs > low / lows + 300.0);
}

static void seeds_differ(void **state)
{
    clv_terrain a, b;
    int different = 0;
    (void)state;
    clv_terrain_init(&a, 1);
    clv_terrain_init(&b, 2);
    for (int i = 0; i < 100; i++)
        different += fabs(look(&a, i * 90.0, 3000.0).river_m - look(&b, i * 90.0, 3000.0).river_m) > 50.0;
    assert_true(different > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_scenes_have_river_and_town),
        cmocka_unit_test(caches_change_nothing),
        cmocka_unit_test(distances_are_distances),
        cmocka_unit_test(rivers_lie_low_and_hills_high),
        cmocka_unit_test(seeds_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
