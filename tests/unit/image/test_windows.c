/* SPDX-License-Identifier: MIT
 * windows: coverage and weights for every length, reflection, rectangles.
 */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "image/windows.h"

#define LONGEST 700
#define LARGEST_WINDOW 256

static const struct {
    int size, stride;
} layouts[] = {{128, 96}, {128, 64}, {128, 128}, {128, 40}, {64, 63},
               {100, 33}, {17, 5},   {16, 1},    {31, 31},  {256, 200}};
#define LAYOUTS ((int)(sizeof layouts / sizeof layouts[0]))

static void check_axis(int length, int size, int stride)
{
    double sum[LONGEST] = {0};
    float weight[LARGEST_WINDOW];
    int count = clv_window_count(length, size, stride);
    assert_true(count >= 1);
    assert_true((count - 1) * stride + size >= length);
    /* No window more than needed. */
    assert_true(count == 1 || (count - 2) * stride + size < length);
    for (int i = 0; i < count; i++) {
        clv_window_weights(length, size, stride, i, weight);
        for (int k = 0; k < size; k++) {
            assert_true(isfinite(weight[k]) && weight[k] > 0 && weight[k] <= 1.0f);
            if (i * stride + k < length)
                sum[i * stride + k] += weight[k];
        }
    }
    for (int p = 0; p < length; p++)
        if (fabs(sum[p] - 1.0) > 1e-6)
            fail_msg("length %d, size %d, stride %d: weights of pixel %d sum to %.9f", length, size, stride, p, sum[p]);
}

static void weights_sum_to_one(void **state)
{
    (void)state;
    for (int k = 0; k < LAYOUTS; k++)
        for (int length = 16; length <= LONGEST; length++)
            check_axis(length, layouts[k].size, layouts[k].stride);
}

static void weights_sum_to_one_in_the_plane(void **state)
{
    (void)state;
    const int scenes[][2] = {{16, 16}, {129, 300}, {333, 97}, {225, 224}};
    for (int s = 0; s < 4; s++) {
        int w = scenes[s][0], h = scenes[s][1], size = 128, stride = 96;
        double *sum = calloc((size_t)w * h, sizeof *sum);
        float across[128], down[128];
        assert_non_null(sum);
        for (int j = 0; j < clv_window_count(h, size, stride); j++)
            for (int i = 0; i < clv_window_count(w, size, stride); i++) {
                clv_window_weights(w, size, stride, i, across);
                clv_window_weights(h, size, stride, j, down);
                for (int y = 0; y < size && j * stride + y < h; y++)
                    for (int x = 0; x < size && i * stride + x < w; x++)
                        sum[(size_t)(j * stride + y) * w + i * stride + x] += across[x] * down[y];
            }
        for (int i = 0; i < w * h; i++)
            assert_true(fabs(sum[i] - 1.0) < 1e-6);
        free(sum);
    }
}

static void weights_are_flat_outside_overlaps(void **state)
{
    (void)state;
    float weight[128];
    clv_window_weights(1000, 128, 96, 0, weight);
    for (int k = 0; k < 96; k++)
        assert_true(weight[k] == 1.0f);
    for (int k = 97; k < 128; k++)
        assert_true(weight[k] < weight[k - 1]);
    clv_window_weights(1000, 128, 96, 3, weight);
    for (int k = 0; k < 64; k++)
        assert_true(fabsf(weight[k] - weight[127 - k]) < 1e-6f);
    for (int k = 32; k < 96; k++)
        assert_true(weight[k] == 1.0f);
    int last = clv_window_count(1000, 128, 96) - 1;
    clv_window_weights(1000, 128, 96, last, weight);
    for (int k = 32; k < 128; k++)
        assert_true(weight[k] == 1.0f);
    clv_window_weights(100, 128, 96, 0, weight);
    for (int k = 0; k < 128; k++)
        assert_true(weight[k] == 1.0f);
}

static void check_range(int length, int size, int stride, int from, int to)
{
    int first, last, low = -1, high = -1;
    clv_window_range(length, size, stride, from, to, &first, &last);
    for (int i = 0; i < clv_window_count(length, size, stride); i++)
        if (i * stride < to && i * stride + size > from) {
            low = low < 0 ? i : low;
            high = i;
        }
    assert_int_equal(first, low);
    assert_int_equal(last, high);
}

static void range_matches_search(void **state)
{
    (void)state;
    const int lengths[] = {16, 128, 129, 224, 225, 500, 693};
    for (int k = 0; k < LAYOUTS; k++)
        for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++)
            for (int from = 0; from < lengths[l]; from += 7)
                for (int to = from + 1; to <= lengths[l]; to += 13)
                    check_range(lengths[l], layouts[k].size, layouts[k].stride, from, to);
}

/* Walks step by step, turning at the ends. */
static void reflection_walks_back_and_forth(void **state)
{
    (void)state;
    for (int length = 1; length <= 40; length++) {
        int at = 0, step = 1;
        for (int i = 0; i <= 500; i++) {
            assert_int_equal(clv_reflect(i, length), at);
            assert_int_equal(clv_reflect(-i, length), at);
            if (length == 1)
                continue;
            if (at + step < 0 || at + step >= length)
                step = -step;
            at += step;
        }
    }
    assert_int_equal(clv_reflect(-1, 5), 1);
    assert_int_equal(clv_reflect(5, 5), 3);
    for (int length = 1; length < 9; length++) {
        assert_in_range(clv_reflect(INT_MAX, length), 0, length - 1);
        assert_in_range(clv_reflect(INT_MIN, length), 0, length - 1);
    }
    assert_in_range(clv_reflect(INT_MIN, INT_MAX), 0, INT_MAX - 1);
}

static void rectangles_intersect(void **state)
{
    (void)state;
    clv_rect r = clv_rect_intersect((clv_rect){0, 0, 10, 10}, (clv_rect){4, -3, 20, 8});
    assert_int_equal(r.x, 4);
    assert_int_equal(r.y, 0);
    assert_int_equal(r.width, 6);
    assert_int_equal(r.height, 5);
    r = clv_rect_intersect((clv_rect){0, 0, 10, 10}, (clv_rect){10, 0, 5, 5});
    assert_int_equal(r.width, 0);
    assert_int_equal(r.height, 0);
    r = clv_rect_intersect((clv_rect){INT_MAX - 5, 0, 100, 10}, (clv_rect){INT_MAX - 3, 2, 100, 3});
    assert_int_equal(r.x, INT_MAX - 3);
    assert_int_equal(r.width, 98);
    assert_int_equal(r.height, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_sum_to_one),
        cmocka_unit_test(weights_sum_to_one_in_the_plane),
        cmocka_unit_test(weights_are_flat_outside_overlaps),
        cmocka_unit_test(range_matches_search),
        cmocka_unit_test(reflection_walks_back_and_forth),
        cmocka_unit_test(rectangles_intersect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
