/* SPDX-License-Identifier: MIT
 * The ground under the gaps: whatever is predicted together, a window's prediction is the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline/scene.h"
#include "pipeline/stage2.h"

enum { DATES = 4, WIDTH = 800, HEIGHT = 300, CHANNELS = 4 };

/* Blocks at both ends of the scene, and one across column 768, where panels meet. */
static bool blocks(int t, double column, double row)
{
    double x = column < 400 ? column : column - 600;
    return scene_block(t, x, row) || scene_block(t, x, row - 210);
}

static void open_scene(scene *s)
{
    scene_files(s, DATES, WIDTH, HEIGHT, 20, scene_land, blocks);
    scene_open(s, DATES);
}

/* [DATES, CHANNELS + 1, HEIGHT, WIDTH]: predictions and the deviation; NaN where none was asked for. */
static float *new_result(void)
{
    size_t n = (size_t)DATES * (CHANNELS + 1) * HEIGHT * WIDTH;
    float *x = malloc(n * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = NAN;
    return x;
}

static float *at(float *result, int t, int c, int x, int y)
{
    return result + (((size_t)t * (CHANNELS + 1) + (size_t)c) * HEIGHT + (size_t)y) * WIDTH + x;
}

/* Keeps what is final of the panel's columns, where something is to be filled. */
static void keep(const clv_stage2 *stage, const clv_panel *panel, int y0, int y1, float *result)
{
    const clv_strip *strip = clv_stage2_strip(stage);
    for (int t = 0; t < DATES; t++)
        for (int y = y0; y < y1; y++)
            for (int x = panel->x0; x < panel->x1; x++) {
                if (!*clv_strip_flag(strip, strip->gap, t, x, y))
                    continue;
                for (int c = 0; c < CHANNELS; c++)
                    *at(result, t, c, x, y) = *clv_stage2_prediction(stage, t, c, x, y);
                *at(result, t, CHANNELS, x, y) = clv_stage2_deviation(stage, t, x, y);
            }
}

/* Of every method here. */
static clv_window_grid grid(void)
{
    return clv_stage2_windows(CLV_METHOD_GAUSSIAN);
}

static void run_panel(scene *s, clv_stage2 *stage, const clv_panel *panel, int first, float *result)
{
    const clv_window_grid windows = grid();
    int rows = clv_window_count(HEIGHT, windows.size, windows.stride), done = first * windows.stride, ready = 0;
    assert_int_equal(clv_stage2_begin_panel(stage, panel, first), CLV_OK);
    for (int row = first; row < rows; row++) {
        if (clv_stage2_row(stage, row, &ready) != CLV_OK)
            fail_msg("%s", clv_context_error(s->ctx));
        keep(stage, panel, done, ready, result);
        clv_stage2_release(stage, ready);
        done = ready;
    }
    assert_int_equal(done, HEIGHT);
    clv_stage2_end_panel(stage);
}

static clv_stage2 *new_stage(scene *s, clv_method method, bool deviation)
{
    clv_stage2_setup setup = {.method = method,
                              .compute = &s->options.compute,
                              .window = 15,
                              .deviation = deviation,
                              .flags = scene_flags,
                              .user = s};
    const clv_stack_reader reader = clv_series_stack_reader(s->series);
    clv_stage2 *stage = NULL;
    char sha256[65];
    if (clv_stage2_new(s->ctx, &reader, &setup, &stage, sha256) != CLV_OK)
        fail_msg("%s", clv_context_error(s->ctx));
    assert_string_equal(sha256, "");
    return stage;
}

static float *predict(scene *s, clv_method method, bool deviation, int panels)
{
    float *result = new_result();
    clv_stage2 *stage = new_stage(s, method, deviation);
    for (int i = 0; i < panels; i++) {
        clv_panel panel =
            clv_panel_at(WIDTH, grid(), 1, i * CLV_PANEL_STEP, i + 1 < panels ? (i + 1) * CLV_PANEL_STEP : WIDTH);
        run_panel(s, stage, &panel, 0, result);
    }
    clv_stage2_free(stage);
    return result;
}

static void assert_same(float *a, float *b)
{
    assert_memory_equal(a, b, sizeof *a * DATES * (CHANNELS + 1) * HEIGHT * WIDTH);
}

/* What is asked for at a time, and how many threads work, decides about nothing. */
static void check_independence(clv_method method)
{
    scene s;
    open_scene(&s);
    clv_context_set_threads(s.ctx, 2);
    float *one = predict(&s, method, true, 1), *two = predict(&s, method, true, 2);
    assert_same(one, two);
    clv_context_set_threads(s.ctx, 1);
    float *alone = predict(&s, method, true, 1);
    assert_same(one, alone);
    free(one);
    free(two);
    free(alone);
    scene_close(&s);
}

static void linear_does_not_depend_on_panels(void **state)
{
    (void)state;
    check_independence(CLV_METHOD_LINEAR);
}

static void gaussian_does_not_depend_on_panels(void **state)
{
    (void)state;
    check_independence(CLV_METHOD_GAUSSIAN);
}

/* A panel may begin at any row of windows: what only its windows cover is as in the whole. */
static void a_panel_may_begin_further_down(void **state)
{
    (void)state;
    scene s;
    open_scene(&s);
    float *whole = predict(&s, CLV_METHOD_LINEAR, false, 1), *part = new_result();
    clv_stage2 *stage = new_stage(&s, CLV_METHOD_LINEAR, false);
    clv_panel panel = clv_panel_at(WIDTH, grid(), 1, 0, WIDTH);
    run_panel(&s, stage, &panel, 1, part);
    int filled = 0;
    for (int y = grid().size; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            for (int t = 0; t < DATES; t++) {
                assert_memory_equal(at(part, t, 1, x, y), at(whole, t, 1, x, y), sizeof(float));
                filled += !isnan(*at(part, t, 1, x, y));
            }
    assert_true(filled > 1000);
    clv_stage2_free(stage);
    free(whole);
    free(part);
    scene_close(&s);
}

/* Linear interpolation is known; the land changes by the same amount from date to date. */
static void linear_predicts_what_lies_between(void **state)
{
    (void)state;
    scene s;
    open_scene(&s);
    float *x = predict(&s, CLV_METHOD_LINEAR, false, 1);
    int filled = 0;
    for (int t = 1; t < DATES - 1; t++)
        for (int row = 20; row < 60; row++)
            for (int column = 30 + 45 * t; column < 70 + 45 * t; column++) {
                /* B04 is red, the first channel. */
                double truth = scene_land(t, column, row, 3) / 1e4;
                assert_float_equal(*at(x, t, 0, column, row), truth, 2e-4);
                filled++;
            }
    assert_true(filled == 2 * 1600);
    free(x);
    scene_close(&s);
}

static void deviation_is_told_where_it_is_known(void **state)
{
    (void)state;
    scene s;
    open_scene(&s);
    float *told = predict(&s, CLV_METHOD_GAUSSIAN, true, 1), *silent = predict(&s, CLV_METHOD_GAUSSIAN, false, 1),
          *linear = predict(&s, CLV_METHOD_LINEAR, true, 1);
    int filled = 0;
    for (int t = 0; t < DATES; t++)
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                if (!blocks(t, x + 0.5, y + 0.5))
                    continue;
                float d = *at(told, t, CHANNELS, x, y);
                assert_true(d > 0 && d < 0.2f);
                assert_true(isnan(*at(silent, t, CHANNELS, x, y)));
                assert_true(isnan(*at(linear, t, CHANNELS, x, y)));
                /* Asking for it changes no prediction. */
                assert_memory_equal(at(told, t, 2, x, y), at(silent, t, 2, x, y), sizeof(float));
                filled++;
            }
    assert_true(filled > 10000);
    free(told);
    free(silent);
    free(linear);
    scene_close(&s);
}

/* Every date takes its prediction from one window that holds it, the one in which it is most central. */
static void windows_in_time(void **state)
{
    (void)state;
    assert_int_equal(clv_time_window(5, 15, 4), 0);
    for (int dates = 2; dates < 40; dates++)
        for (int window = 2; window < 20; window++)
            for (int t = 0; t < dates; t++) {
                int start = clv_time_window(dates, window, t);
                assert_true(start >= 0 && start <= t &&
                            (dates <= window || (start + window <= dates && t < start + window)));
                if (t > 0)
                    assert_true(start >= clv_time_window(dates, window, t - 1));
            }
    assert_int_equal(clv_time_window(30, 10, 0), 0);
    assert_int_equal(clv_time_window(30, 10, 15), 10); /* windows begin every 5 dates; 10 to 19 has it in the middle */
    assert_int_equal(clv_time_window(30, 10, 29), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_does_not_depend_on_panels),    cmocka_unit_test(gaussian_does_not_depend_on_panels),
        cmocka_unit_test(a_panel_may_begin_further_down),      cmocka_unit_test(linear_predicts_what_lies_between),
        cmocka_unit_test(deviation_is_told_where_it_is_known), cmocka_unit_test(windows_in_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
