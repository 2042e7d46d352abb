/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "raster/axis.h"

#include <math.h>

enum { N = 50 };

static void fill(double *values, double first, double step)
{
    for (int i = 0; i < N; i++)
        values[i] = first + i * step;
}

static void transform_is(const double *t, double left, double dx, double top, double dy)
{
    assert_float_equal(t[0], left, 1e-6);
    assert_float_equal(t[1], dx, 1e-9);
    assert_float_equal(t[3], top, 1e-6);
    assert_float_equal(t[5], dy, 1e-9);
    assert_true(t[2] == 0 && t[4] == 0);
}

static void centres_make_a_grid(void **state)
{
    (void)state;
    double x[N], y[N], t[6];
    clv_axis ax, ay;
    fill(x, 431235, 10);
    fill(y, 6203465, -10);
    assert_true(clv_axis_of(x, N, &ax) && clv_axis_of(y, N, &ay));
    assert_true(clv_axes_transform(&ax, &ay, NULL, t));
    transform_is(t, 431230, 10, 6203470, -10);
    fill(y, 6202975, 10); /* rows run north */
    assert_true(clv_axis_of(y, N, &ay) && clv_axes_transform(&ax, &ay, NULL, t));
    transform_is(t, 431230, 10, 6202970, 10);
}

static void stated_corners_count(void **state)
{
    (void)state;
    double x[N], y[N], t[6];
    /* Of a larger raster that this one was cut from. */
    const double corners[6] = {430030, 10, 0, 6204470, 0, -10}, centres[6] = {430035, 10, 0, 6204475, 0, -10};
    const double other[6] = {431230, 20, 0, 6203470, 0, -20};
    clv_axis ax, ay;
    fill(x, 431230, 10);
    fill(y, 6203470, -10);
    assert_true(clv_axis_of(x, N, &ax) && clv_axis_of(y, N, &ay));
    assert_true(clv_axes_transform(&ax, &ay, corners, t));
    transform_is(t, 431230, 10, 6203470, -10);
    assert_true(clv_axes_transform(&ax, &ay, centres, t));
    transform_is(t, 431225, 10, 6203475, -10);
    assert_true(clv_axes_transform(&ax, &ay, other, t)); /* another pixel size: not of this raster */
    transform_is(t, 431225, 10, 6203475, -10);
    fill(y, 6202980, 10); /* the same corners, south first */
    assert_true(clv_axis_of(y, N, &ay) && clv_axes_transform(&ax, &ay, corners, t));
    transform_is(t, 431230, 10, 6202970, 10);
}

static void uneven_axes_are_none(void **state)
{
    (void)state;
    double x[N];
    clv_axis axis;
    fill(x, 431235, 10);
    x[N / 2] += 1.5;
    assert_false(clv_axis_of(x, N, &axis));
    fill(x, 431235, 10);
    x[3] = NAN;
    assert_false(clv_axis_of(x, N, &axis));
    fill(x, 5, 0);
    assert_false(clv_axis_of(x, N, &axis));
    assert_false(clv_axis_of(x, 0, &axis));
    for (int i = 0; i < N; i++) /* what a float keeps of a northing */
        x[i] = (double)(float)(6203465.3 - 10.0 * i);
    assert_true(clv_axis_of(x, N, &axis));
    assert_float_equal(axis.step, -10, 0.02);
}

static void a_single_row_takes_the_other_size(void **state)
{
    (void)state;
    double x[N], t[6];
    const double y[1] = {6203465}, stated[6] = {431230, 10, 0, 6203470, 0, -20};
    clv_axis ax, ay;
    fill(x, 431235, 10);
    assert_true(clv_axis_of(x, N, &ax) && clv_axis_of(y, 1, &ay));
    assert_true(clv_axes_transform(&ax, &ay, NULL, t));
    transform_is(t, 431230, 10, 6203470, -10);
    assert_true(clv_axes_transform(&ax, &ay, stated, t));
    assert_float_equal(t[5], -20, 1e-9);
    assert_true(clv_axis_of(y, 1, &ax));
    assert_false(clv_axes_transform(&ax, &ay, NULL, t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(centres_make_a_grid),
        cmocka_unit_test(stated_corners_count),
        cmocka_unit_test(uneven_axes_are_none),
        cmocka_unit_test(a_single_row_takes_the_other_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
