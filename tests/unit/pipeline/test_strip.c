/* SPDX-License-Identifier: MIT
 * Rows in memory: what advancing keeps and what it reads; panels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline/scene.h"
#include "pipeline/strip.h"

enum { DATES = 3, WIDTH = 150, HEIGHT = 200 };

static void open_scene(scene *s)
{
    scene_files(s, DATES, WIDTH, HEIGHT, 20, scene_land, scene_block);
    scene_open(s, DATES);
}

/* Rows y0 to y1 hold what the series shows. */
static void assert_rows(scene *s, const clv_strip *strip, int y0, int y1)
{
    size_t n = (size_t)strip->width * (size_t)(y1 - y0);
    float *x = malloc(n * (size_t)strip->channels * sizeof *x);
    uint8_t *missing = malloc(n);
    for (int t = 0; t < DATES; t++) {
        clv_rect window = {strip->x, y0, strip->width, y1 - y0};
        assert_int_equal(clv_series_read(s->ctx, s->series, t, window, x, missing), CLV_OK);
        for (int c = 0; c < strip->channels; c++)
            for (int y = y0; y < y1; y++)
                assert_memory_equal(clv_strip_value(strip, t, c, strip->x, y),
                                    x + (size_t)c * n + (size_t)(y - y0) * (size_t)strip->width,
                                    (size_t)strip->width * sizeof *x);
    }
    free(x);
    free(missing);
}

static void advancing_keeps_rows(void **state)
{
    (void)state;
    scene s;
    clv_strip *strip = NULL;
    int fresh = -1;
    open_scene(&s);
    assert_int_equal(
        clv_strip_new(s.ctx, &(clv_stack_reader[]){clv_series_stack_reader(s.series)}[0], 10, 100, 80, &strip), CLV_OK);
    assert_int_equal(clv_strip_advance(s.ctx, strip, 0, 80, &fresh), CLV_OK);
    assert_int_equal(fresh, 0);
    assert_rows(&s, strip, 0, 80);

    /* Marks in a row that stays show that it is moved and not read again, and that gaps move with the values. */
    for (int t = 0; t < DATES; t++) {
        *clv_strip_value(strip, t, 2, 33, 60) = 7.5f;
        *clv_strip_flag(strip, strip->gap, t, 33, 60) = 9;
    }
    assert_int_equal(clv_strip_advance(s.ctx, strip, 50, 120, &fresh), CLV_OK);
    assert_int_equal(fresh, 80);
    assert_int_equal(strip->y0, 50);
    assert_int_equal(strip->y1, 120);
    for (int t = 0; t < DATES; t++) {
        assert_true(*clv_strip_value(strip, t, 2, 33, 60) == 7.5f);
        assert_int_equal(*clv_strip_flag(strip, strip->gap, t, 33, 60), 9);
        assert_int_equal(*clv_strip_flag(strip, strip->gap, t, 33, 61), 0);
        for (int y = 80; y < 120; y++)
            assert_int_equal(*clv_strip_flag(strip, strip->gap, t, 33, y), 0);
    }
    assert_rows(&s, strip, 50, 60);
    assert_rows(&s, strip, 61, 120);

    /* Beyond what is held: nothing is kept. */
    assert_int_equal(clv_strip_advance(s.ctx, strip, 130, HEIGHT, &fresh), CLV_OK);
    assert_int_equal(fresh, 130);
    assert_rows(&s, strip, 130, HEIGHT);
    clv_strip_free(strip);
    scene_close(&s);
}

static void more_rows_than_room_are_refused(void **state)
{
    (void)state;
    scene s;
    clv_strip *strip = NULL;
    open_scene(&s);
    assert_int_equal(
        clv_strip_new(s.ctx, &(clv_stack_reader[]){clv_series_stack_reader(s.series)}[0], 0, WIDTH, 64, &strip),
        CLV_OK);
    assert_int_equal(clv_strip_advance(s.ctx, strip, 0, 65, NULL), CLV_ERROR_INTERNAL);
    assert_int_equal(clv_strip_advance(s.ctx, strip, 0, 64, NULL), CLV_OK);
    clv_strip_free(strip);
    scene_close(&s);
}

static const clv_window_grid g = {128, 96, 64};

/* Panels answer for every column once, and read what their windows and the margin need. */
static void panels_cover_the_scene_once(void **state)
{
    (void)state;
    static const int widths[] = {16, 128, 767, 768, 769, 3000, 10980};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        for (double budget = 1e3; budget < 1e8; budget *= 10) {
            clv_panel *panels = NULL;
            int width = widths[i], count = clv_panels_plan(width, g, 1, 1000, budget, &panels), x = 0;
            assert_true(count > 0);
            for (int k = 0; k < count; k++) {
                const clv_panel *p = &panels[k];
                assert_int_equal(p->x0, x);
                assert_true(p->x1 > p->x0);
                assert_true(k == count - 1 || (p->x1 - p->x0) % CLV_PANEL_STEP == 0);
                int first = p->first * g.stride, end = p->last * g.stride + g.size;
                assert_true(first <= (p->x0 > 0 ? p->x0 - 1 : 0));
                assert_true(end >= (p->x1 < width ? p->x1 + 1 : width));
                assert_true(p->read0 >= 0 && p->read0 <= (first > 64 ? first - 64 : 0));
                assert_true(p->read1 <= width && p->read1 >= (end + 64 < width ? end + 64 : width));
                x = p->x1;
            }
            assert_int_equal(x, width);
            free(panels);
        }
}

/* With a larger budget there are no more panels, and one when everything fits. */
static void a_budget_makes_panels_wide(void **state)
{
    (void)state;
    clv_panel *panels = NULL;
    int before = 1000;
    for (double budget = 1e6; budget < 1e9; budget *= 2) {
        int count = clv_panels_plan(10980, g, 1, 20000, budget, &panels);
        free(panels);
        assert_true(count <= before);
        before = count;
    }
    assert_int_equal(before, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advancing_keeps_rows), cmocka_unit_test(more_rows_than_room_are_refused),
        cmocka_unit_test(panels_cover_the_scene_once), cmocka_unit_test(a_budget_makes_panels_wide)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
