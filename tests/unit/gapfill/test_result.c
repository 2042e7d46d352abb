/* SPDX-License-Identifier: MIT
 * pixels, result and training_set: lists and rectangles of pixels, what is written where, which pixels are predicted.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gapfill/pixels.h"
#include "gapfill/result.h"
#include "gapfill/training_set.h"

enum { W = 60, H = 50, N = W * H, DATES = 2, BANDS = 2 };

static void lists_rows_of_a_rectangle(void **state)
{
    (void)state;
    uint8_t mask[N] = {0};
    int pixels[N + CLV_FIELD_BLOCK];
    const clv_rect r = {10, 20, 3, 2};
    assert_int_equal(clv_pixels_list(NULL, W, r, pixels), 6);
    const int expected[] = {20 * W + 10, 20 * W + 11, 20 * W + 12, 21 * W + 10, 21 * W + 11, 21 * W + 12};
    assert_memory_equal(pixels, expected, sizeof expected);
    mask[21 * W + 11] = 5;
    mask[22 * W + 11] = 1; /* outside */
    assert_int_equal(clv_pixels_list(mask, W, r, pixels), 1);
    assert_int_equal(pixels[0], 21 * W + 11);
    assert_int_equal(clv_pixels_pad(pixels, 1), CLV_FIELD_BLOCK);
    for (int i = 0; i < CLV_FIELD_BLOCK; i++)
        assert_int_equal(pixels[i], 21 * W + 11);
    assert_int_equal(clv_pixels_pad(pixels, CLV_FIELD_BLOCK), CLV_FIELD_BLOCK);
}

static void reach_encloses_the_pixels(void **state)
{
    (void)state;
    const clv_field f = {.width = W, .height = H, .n = N};
    const int pixels[] = {25 * W + 40, 26 * W + 22, 27 * W + 30};
    const clv_rect r = clv_pixels_reach(&f, pixels, 3);
    assert_int_equal(r.x, 22 - CLV_SPREAD_REACH);
    assert_int_equal(r.x + r.width, W); /* 40 + 1 + CLV_SPREAD_REACH lies outside */
    assert_int_equal(r.y, 25 - CLV_SPREAD_REACH);
    assert_int_equal(r.y + r.height, 27 + 1 + CLV_SPREAD_REACH);
    const clv_rect all = clv_pixels_whole(&f);
    assert_true(all.x == 0 && all.y == 0 && all.width == W && all.height == H);
}

static void writes_limited_values_at_their_place(void **state)
{
    (void)state;
    enum { RW = 4, RH = 3 };
    float out[DATES * BANDS * RW * RH], deviation[DATES * RW * RH];
    for (int i = 0; i < DATES * BANDS * RW * RH; i++)
        out[i] = -9;
    for (int i = 0; i < DATES * RW * RH; i++)
        deviation[i] = -9;
    const clv_gapfill_result r = {
        .roi = {8, 5, RW, RH}, .width = W, .bands = BANDS, .out = out, .deviation = deviation};
    clv_result_write(&r, 1, 6 * W + 10, 1, 0.25);
    clv_result_write(&r, 0, 5 * W + 8, 0, -0.5);
    clv_result_write(&r, 0, 5 * W + 9, 0, 7);
    clv_result_write(&r, 0, 5 * W + 11, 0, (double)NAN);
    clv_result_write_deviation(&r, 1, 7 * W + 11, 0.125);
    assert_true(out[(1 * BANDS + 1) * RW * RH + 1 * RW + 2] == 0.25f);
    assert_true(out[0] == 0 && out[1] == CLV_GAPFILL_LARGEST && out[2] == -9 && out[3] == 0);
    assert_true(deviation[1 * RW * RH + 2 * RW + 3] == 0.125f);
    int written = 0;
    for (int i = 0; i < DATES * BANDS * RW * RH; i++)
        written += out[i] != -9;
    assert_int_equal(written, 4);
    assert_ptr_equal(clv_result_plane(&r, 1, 1), out + 3 * RW * RH);
    const float lowest[BANDS] = {-0.02f, 0};
    clv_gapfill_result deep = r;
    deep.lowest = lowest;
    clv_result_write(&deep, 0, 5 * W + 8, 0, -0.015);
    clv_result_write(&deep, 0, 5 * W + 9, 0, -0.03);
    clv_result_write(&deep, 0, 5 * W + 8, 1, -0.015);
    assert_true(out[0] == -0.015f && out[1] == -0.02f && out[RW * RH] == 0);
}

/* A gap at pixel 3 of the region's first row and a screened pixel beside it, which the field has as a gap, too. */
static void targets_are_gaps_that_are_not_screened(void **state)
{
    (void)state;
    static uint8_t gap[DATES * N], screened[N], scratch[N];
    static float x[BANDS * N], out[DATES * BANDS * 10 * 4];
    int pixels[N + CLV_FIELD_BLOCK];
    const int row = 7 * W + 20, hole = row + 3, cloud = row + 4;
    memset(gap, 0, sizeof gap);
    memset(screened, 0, sizeof screened);
    for (int i = 0; i < BANDS * N; i++)
        x[i] = (float)i;
    gap[N + hole] = gap[N + cloud] = screened[cloud] = 1;
    const clv_field f = {.dates = DATES, .bands = BANDS, .width = W, .height = H, .n = N, .gap = gap};
    clv_gapfill_result r = {.roi = {20, 7, 10, 4}, .width = W, .bands = BANDS, .out = out};
    assert_int_equal(clv_result_list_targets(&r, &f, 0, NULL, scratch, pixels), 0);
    assert_int_equal(clv_result_list_targets(&r, &f, 1, NULL, scratch, pixels), 2);
    assert_int_equal(clv_result_list_targets(&r, &f, 1, screened, scratch, pixels), 1);
    assert_int_equal(pixels[0], hole);
    for (size_t i = 0; i < sizeof out / sizeof *out; i++)
        out[i] = -1;
    clv_result_write_observed(&r, &f, 1, x, screened);
    const float *plane = clv_result_plane(&r, 1, 1);
    assert_true(plane[3] == -1 && plane[4] == (float)(N + cloud) && plane[39] == (float)(N + 10 * W + 29));
    assert_true(out[0] == -1); /* another date */
    r.full = true;
    assert_int_equal(clv_result_list_targets(&r, &f, 1, screened, scratch, pixels), 40);
}

static void a_date_without_gaps_trains_on_all(void **state)
{
    (void)state;
    clv_training_buffers buffers = {0};
    clv_training_set set = {0};
    assert_true(clv_training_hold(&buffers, DATES, N, &set));
    memset(set.train_mask, 0, DATES * N);
    clv_training_use_all(&set, 1, N);
    assert_int_equal(set.train_count[1], N);
    for (int i = 0; i < N; i++)
        assert_true(!set.train_mask[i] && set.train_mask[N + i] == 1);
    assert_null(clv_training_screened(&set, 1, N));
    static const uint8_t screened[DATES * N];
    set.screened = screened;
    assert_ptr_equal(clv_training_screened(&set, 1, N), screened + N);
    clv_training_buffers_free(&buffers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_rows_of_a_rectangle),
        cmocka_unit_test(reach_encloses_the_pixels),
        cmocka_unit_test(writes_limited_values_at_their_place),
        cmocka_unit_test(targets_are_gaps_that_are_not_screened),
        cmocka_unit_test(a_date_without_gaps_trains_on_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
