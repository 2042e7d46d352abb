/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "image/unlike_reflectance.h"

enum { WIDTH = 64, PIXELS = 64 * 40 };

static float values[4][PIXELS];
static uint8_t follows[PIXELS];
static uint32_t seed;

static double noise(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) / 16777216.;
}

/* Ground in fields of 8 pixels and finer texture; the fourth band is made by the tests. */
static const char *judge(double (*band)(int x, int y, int i), double scale)
{
    seed = 7;
    for (int i = 0; i < PIXELS; i++) {
        const int x = i % WIDTH, y = i / WIDTH;
        const double field = 1 + (x / 8 * 7 + y / 8 * 3) % 5, texture = 0.9 + 0.2 * noise();
        values[0][i] = (float)floor(250 * field * texture * scale) / (float)scale;
        values[1][i] = (float)floor((300 + 180 * field) * texture * scale) / (float)scale;
        values[2][i] = (float)floor(200 * field * (0.9 + 0.2 * noise()) * scale) / (float)scale;
        follows[i] = x > 0;
    }
    for (int i = 0; i < PIXELS; i++)
        values[3][i] = (float)band(i % WIDTH, i / WIDTH, i);
    const clv_value_sample sample = {
        .bands = 4, .count = PIXELS, .values = values[0], .follows = follows, .visible = {0, 1, 2}};
    return clv_value_sample_unlike(&sample, 3);
}

static double infrared(int x, int y, int i)
{
    (void)x;
    (void)y;
    return floor(4000 - 0.8 * (double)values[0][i] + 600 * noise());
}

static double dark(int x, int y, int i) /* short-wave infrared of water: few numbers, and no two alike side by side */
{
    (void)x;
    (void)y;
    (void)i;
    return floor(9 * noise());
}

static double random_numbers(int x, int y, int i)
{
    (void)x;
    (void)y;
    (void)i;
    return floor(9999 * noise());
}

static double absent(int x, int y, int i)
{
    (void)x;
    (void)y;
    (void)i;
    return 0;
}

static double coarse(int x, int y, int i) /* 60 m in pixels of 10 m */
{
    (void)i;
    return floor(1200 + 900 * sin(x / 6 * 3.1 + y / 6 * 1.7));
}

static double classes(int x, int y, int i)
{
    (void)i;
    return 4 + (x / 9 + y / 11) % 4;
}

static double probability(int x, int y, int i)
{
    (void)i;
    return x < 40 ? 0 : fmin(100, floor((x - 40) * 5 + y / 3. + 20 * noise()));
}

static double angle(int x, int y, int i)
{
    (void)i;
    return 3120 + 3 * x + 7 * y;
}

static double index_of(int x, int y, int i)
{
    (void)x;
    (void)y;
    const double a = (double)values[1][i], b = (double)values[0][i];
    return floor(10000 * (a - b) / (a + b));
}

static double below_zero(int x, int y, int i)
{
    (void)x;
    (void)y;
    (void)i;
    return -3000 * noise();
}

static double constant(int x, int y, int i)
{
    (void)x;
    (void)y;
    (void)i;
    return 36;
}

static double far_above(int x, int y, int i)
{
    (void)x;
    (void)y;
    (void)i;
    return 90000 + 30000 * noise();
}

static void reflectance_stays(void **state)
{
    (void)state;
    assert_null(judge(infrared, 1));
    assert_null(judge(dark, 1));
    assert_null(judge(absent, 1));
    assert_null(judge(coarse, 1));
}

static void what_is_none_is_found(void **state)
{
    (void)state;
    assert_non_null(judge(classes, 1));
    assert_non_null(judge(probability, 1));
    assert_non_null(judge(angle, 1));
    assert_non_null(judge(index_of, 1));
    assert_non_null(judge(below_zero, 1));
    assert_non_null(judge(constant, 1));
    assert_non_null(judge(far_above, 1));
    assert_non_null(judge(random_numbers, 1));
}

static void too_little_is_no_proof(void **state)
{
    (void)state;
    assert_non_null(judge(classes, 1));
    for (int i = 150; i < PIXELS; i++)
        values[1][i] = NAN;
    const clv_value_sample sample = {
        .bands = 4, .count = PIXELS, .values = values[0], .follows = follows, .visible = {0, 1, 2}};
    assert_null(clv_value_sample_unlike(&sample, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reflectance_stays), cmocka_unit_test(what_is_none_is_found),
                                       cmocka_unit_test(too_little_is_no_proof)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
