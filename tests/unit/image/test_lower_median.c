/* SPDX-License-Identifier: MIT
 * lower_median and select: lower median over time, order statistics.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/select.h"
#include "image/lower_median.h"

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void check_lower_median(int dates, uint32_t seed)
{
    enum { C = 3, PIXELS = 60 };
    float *x = malloc((size_t)dates * C * PIXELS * sizeof *x), *sorted = malloc((size_t)dates * sizeof *sorted);
    uint8_t *missing = malloc((size_t)dates * PIXELS);
    float out[C * PIXELS], again[C * PIXELS];
    uint16_t count[PIXELS];
    assert_true(x && sorted && missing);
    for (int i = 0; i < dates * C * PIXELS; i++)
        x[i] = (float)(next_random(&seed) % 50) / 50;
    for (int i = 0; i < dates * PIXELS; i++)
        missing[i] = i % PIXELS < 3 || next_random(&seed) % 3 == 0;
    clv_lower_median(x, missing, dates, C, PIXELS, out, count);
    clv_lower_median(x, missing, dates, C, PIXELS, again, NULL);
    assert_memory_equal(out, again, sizeof out);
    for (int c = 0; c < C; c++)
        for (int i = 0; i < PIXELS; i++) {
            int k = 0;
            for (int t = 0; t < dates; t++)
                if (!missing[t * PIXELS + i])
                    sorted[k++] = x[(t * C + c) * PIXELS + i];
            qsort(sorted, (size_t)k, sizeof *sorted, ascending);
            assert_int_equal(count[i], k);
            assert_true(out[c * PIXELS + i] == (k ? sorted[(k - 1) / 2] : 0.0f));
        }
    free(x);
    free(sorted);
    free(missing);
}

static void lower_median_equals_sorting(void **state)
{
    (void)state;
    for (int dates = 1; dates <= 20; dates++)
        check_lower_median(dates, (uint32_t)dates);
    check_lower_median(62, 1);
    check_lower_median(512, 2);
}

static void selection_equals_sorting(void **state)
{
    (void)state;
    uint32_t seed = 11;
    for (int round = 0; round < 400; round++) {
        float values[300], copy[300], sorted[300];
        int n = 1 + (int)(next_random(&seed) % 300);
        uint32_t kinds = 1 + next_random(&seed) % 500;
        for (int i = 0; i < n; i++)
            sorted[i] = values[i] = round % 3 == 0 ? (float)i : (float)(next_random(&seed) % kinds);
        qsort(sorted, (size_t)n, sizeof *sorted, ascending);
        int k = (int)(next_random(&seed) % (uint32_t)n);
        memcpy(copy, values, sizeof copy);
        assert_true(clv_select(copy, n, k) == sorted[k]);
        for (int i = 0; i < n; i++)
            assert_true(i < k ? copy[i] <= sorted[k] : copy[i] >= sorted[k]);
        memcpy(copy, values, sizeof copy);
        double median = n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
        assert_true(fabs(clv_median(copy, n) - median) < 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lower_median_equals_sorting),
        cmocka_unit_test(selection_equals_sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
