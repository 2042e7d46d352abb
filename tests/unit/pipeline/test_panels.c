/* SPDX-License-Identifier: MIT
 * Panels cover the scene once, carry every window they need, and keep to the budget; windows in time are the most
 * central. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline/stage2.h"
#include "pipeline/strip.h"

static void check_plan(int width, clv_window_grid g, int pad, double budget)
{
    clv_panel *p = NULL;
    int n = clv_panels_plan(width, g, pad, 1.0, budget, &p);
    assert_true(n >= 1);
    assert_int_equal(p[0].x0, 0);
    assert_int_equal(p[n - 1].x1, width);
    for (int i = 0; i < n; i++) {
        if (i > 0)
            assert_int_equal(p[i].x0, p[i - 1].x1);
        assert_true(p[i].x1 > p[i].x0);
        if (i + 1 < n)
            assert_int_equal(p[i].x1 % CLV_PANEL_STEP, 0);
        assert_true(p[i].read1 - p[i].read0 <= budget || p[i].x1 - p[i].x0 <= CLV_PANEL_STEP);
        int from = p[i].x0 - pad > 0 ? p[i].x0 - pad : 0, to = p[i].x1 + pad < width ? p[i].x1 + pad : width;
        int count = clv_window_count(width, g.size, g.stride);
        for (int w = 0; w < count; w++) {
            int start = w * g.stride, end = start + g.size;
            if (start < to &&
                end > from) /* a window that touches the panel is in its range, and all it reads is there */
                assert_true(w >= p[i].first && w <= p[i].last);
            if (w < p[i].first || w > p[i].last)
                continue;
            for (int k = start - g.context; k < end + g.context; k++) {
                int x = k >= start && k < end ? clv_reflect(k, width) : k;
                if (x >= 0 && x < width)
                    assert_true(x >= p[i].read0 && x < p[i].read1);
            }
        }
    }
    free(p);
}

static void plans(void **state)
{
    (void)state;
    static const int widths[] = {16, 100, 128, 129, 224, 225, 768, 769, 1537, 2196, 5490, 10980};
    static const double budgets[] = {1, 1500, 4000, 1e9};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t b = 0; b < sizeof budgets / sizeof *budgets; b++) {
            check_plan(widths[w], (clv_window_grid){128, 96, 0}, 0, budgets[b]);
            check_plan(widths[w], (clv_window_grid){128, 96, 64}, 1, budgets[b]);
            check_plan(widths[w], (clv_window_grid){224, 192, 64}, 1, budgets[b]);
        }
}

static void central_window_in_time(void **state)
{
    (void)state;
    for (int dates = 1; dates < 70; dates++)
        for (int window = 2; window < 15; window++)
            for (int t = 0; t < dates; t++) {
                int start = clv_time_window(dates, window, t);
                if (dates <= window) {
                    assert_int_equal(start, 0);
                    continue;
                }
                assert_true(start >= 0 && start + window <= dates && t >= start && t < start + window);
                int margin = t - start < start + window - 1 - t ? t - start : start + window - 1 - t;
                /* No date of the inside sits nearer to a border than a quarter of the window, less rounding. */
                if (t >= window / 2 && t < dates - window / 2)
                    assert_true(margin >= window / 4 - 1);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plans), cmocka_unit_test(central_window_in_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
