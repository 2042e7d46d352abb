/* SPDX-License-Identifier: MIT
 * byte_areas: which areas of 0 or 255 in 8-bit pictures are no data, and which are cloud, snow and shadow.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/byte_areas.h"

enum { WIDTH = 150, HEIGHT = 135, N = WIDTH * HEIGHT, BANDS = 3 };

static uint8_t planes[BANDS][N];
static uint8_t missing[N];
static bool found[CLV_BYTE_AREAS_VALUES];

static const uint8_t *const rows_of[BANDS] = {planes[0], planes[1], planes[2]};

/* Ground of 40 to 100. */
static void ground(void)
{
    for (int b = 0; b < BANDS; b++)
        for (int i = 0; i < N; i++)
            planes[b][i] = (uint8_t)(40 + 15 * b + (i % WIDTH * 37 + i / WIDTH * 61) % 31);
}

static void put(int x, int y, int value)
{
    for (int b = 0; b < BANDS; b++)
        planes[b][y * WIDTH + x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* A swath's end, slanted. */
static bool in_wedge(int x, int y)
{
    return 3 * x + 2 * y < 160;
}

static void wedge(int value)
{
    for (int i = 0; i < N; i++)
        if (in_wedge(i % WIDTH, i / WIDTH))
            put(i % WIDTH, i / WIDTH, value);
}

/* Pixels that are missing. */
static int judge(void)
{
    const bool told[CLV_BYTE_AREAS_VALUES] = {false};
    bool memory = false;
    clv_byte_areas *a = clv_byte_areas_new(BANDS, WIDTH, HEIGHT);
    assert_non_null(a);
    for (int row = 0; row < a->rows; row++) {
        const int first = row * CLV_BYTE_AREAS_BLOCK - CLV_BYTE_AREAS_AROUND,
                  last = (row + 1) * CLV_BYTE_AREAS_BLOCK + CLV_BYTE_AREAS_AROUND;
        const int top = first < 0 ? 0 : first, end = last < HEIGHT ? last : HEIGHT;
        const uint8_t *at[BANDS];
        for (int b = 0; b < BANDS; b++)
            at[b] = planes[b] + top * WIDTH;
        clv_byte_areas_look(a, row, at, top, end - top);
    }
    const bool any = clv_byte_areas_decide(a, told, &memory);
    assert_true(memory);
    memset(missing, 0, sizeof missing);
    clv_byte_areas_mark(a, (clv_rect){0, 0, WIDTH, HEIGHT}, rows_of, missing, WIDTH, 1);
    memcpy(found, a->found, sizeof found);
    clv_byte_areas_free(a);
    int count = 0;
    for (int i = 0; i < N; i++)
        count += missing[i];
    assert_int_equal(any, count > 0);
    return count;
}

/* A saturated picture ends at the swath's end as sharply and straight as no data would. */
static void saturated_up_to_a_swath_end_stays_a_cloud(void **state)
{
    (void)state;
    for (int hole = 0; hole < 2; hole++) {
        ground();
        for (int i = 0; i < N; i++) {
            const int x = i % WIDTH - 110, y = i / WIDTH - 90;
            if (!hole || x * x + y * y > 400 + 90 * ((i * 7) % 5)) /* ground shows through a ragged hole */
                put(i % WIDTH, i / WIDTH, 255);
        }
        wedge(0);
        judge();
        assert_true(found[0] && !found[1]);
        for (int i = 0; i < N; i++)
            assert_int_equal(missing[i], in_wedge(i % WIDTH, i / WIDTH));
    }
}

static void a_swath_ends_straight(void **state)
{
    (void)state;
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++) {
        ground();
        wedge(clv_byte_areas_value[k]);
        judge();
        assert_true(found[k] && !found[!k]);
        for (int i = 0; i < N; i++)
            assert_int_equal(missing[i], in_wedge(i % WIDTH, i / WIDTH));
    }
}

static void corners_and_frames_too(void **state)
{
    (void)state;
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++) {
        ground();
        for (int y = 0; y < 40; y++)
            for (int x = 0; x < 55; x++)
                put(x, y, clv_byte_areas_value[k]);
        assert_int_equal(judge(), 40 * 55);
        ground();
        for (int i = 0; i < N; i++)
            if (i % WIDTH < 6 || i / WIDTH < 6 || i % WIDTH >= WIDTH - 6 || i / WIDTH >= HEIGHT - 6)
                put(i % WIDTH, i / WIDTH, clv_byte_areas_value[k]);
        assert_int_equal(judge(), N - (WIDTH - 12) * (HEIGHT - 12));
    }
    /* A date that is 0 all over has no data, one that is white all over is cloud. */
    memset(planes, 0, sizeof planes);
    assert_int_equal(judge(), N);
    memset(planes, 255, sizeof planes);
    assert_int_equal(judge(), 0);
}

static void dark_pixels_stay(void **state)
{
    (void)state;
    ground();
    for (int i = 0; i < N; i += 97)
        put(i % WIDTH, i / WIDTH, 0);
    assert_int_equal(judge(), 0);
    for (int i = 0; i < N; i++) /* in one band alone */
        planes[1][i] = in_wedge(i % WIDTH, i / WIDTH) ? 0 : planes[1][i];
    assert_int_equal(judge(), 0);
    /* With a swath's end in the picture they stay as well, away from it. */
    const int dark = (HEIGHT - 20) * WIDTH + WIDTH - 20;
    put(dark % WIDTH, dark / WIDTH, 0);
    wedge(0);
    assert_true(judge() > 0 && found[0]);
    assert_int_equal(missing[dark], 0);
}

/* Distance from an outline that clouds and shadows have, from the left rim inwards; below 0 inside. */
static double outline(int x, int y)
{
    return x - 60 - 12 * sin(y / 7.0) - 6 * sin(y / 2.3) - 3 * sin(y * 1.9 + x / 3.0);
}

/* Saturated clouds and snow, and dark places that are clipped, reach the rim as well. */
static void clouds_and_shadows_are_no_areas_without_data(void **state)
{
    (void)state;
    ground();
    for (int i = 0; i < N; i++) { /* soft */
        const double away = outline(i % WIDTH, i / WIDTH);
        if (away < 12)
            put(i % WIDTH, i / WIDTH, (int)(255 - 13 * away));
    }
    assert_int_equal(judge(), 0);
    ground();
    for (int i = 0; i < N; i++) /* snow that ends at rock at once */
        if (outline(i % WIDTH, i / WIDTH) < 0)
            put(i % WIDTH, i / WIDTH, 255);
    assert_int_equal(judge(), 0);
    ground();
    for (int i = 0; i < N; i++) { /* straight, as shadows and trails are, but soft */
        const int away = 3 * (i % WIDTH) + 2 * (i / WIDTH) - 160;
        if (away < 50)
            put(i % WIDTH, i / WIDTH, away < 0 ? 0 : away);
    }
    assert_int_equal(judge(), 0);
    ground();
    for (int i = 0; i < N; i++) { /* sea that is clipped, in one band further out than in the others */
        const double away = outline(i % WIDTH, i / WIDTH);
        if (away < 0)
            put(i % WIDTH, i / WIDTH, 0);
        else if (away < 10)
            planes[0][i] = 0;
    }
    assert_int_equal(judge(), 0);
}

/* An area that does not reach the rim is a roof or a lake. */
static void inside_nothing_is_taken(void **state)
{
    (void)state;
    for (int k = 0; k < CLV_BYTE_AREAS_VALUES; k++) {
        ground();
        for (int y = 30; y < 90; y++)
            for (int x = 30; x < 90; x++)
                put(x, y, clv_byte_areas_value[k]);
        assert_int_equal(judge(), 0);
    }
}

static void a_cloud_beside_it_stays_a_cloud(void **state)
{
    (void)state;
    ground();
    for (int i = 0; i < N; i++) {
        const double away = hypot(i % WIDTH - 115, i / WIDTH - 80) - 20 - 4 * sin(i / WIDTH);
        if (away < 12)
            put(i % WIDTH, i / WIDTH, (int)(255 - 13 * away));
    }
    wedge(255);
    judge();
    for (int i = 0; i < N; i++)
        assert_int_equal(missing[i], in_wedge(i % WIDTH, i / WIDTH));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_swath_ends_straight),
        cmocka_unit_test(saturated_up_to_a_swath_end_stays_a_cloud),
        cmocka_unit_test(corners_and_frames_too),
        cmocka_unit_test(dark_pixels_stay),
        cmocka_unit_test(clouds_and_shadows_are_no_areas_without_data),
        cmocka_unit_test(inside_nothing_is_taken),
        cmocka_unit_test(a_cloud_beside_it_stays_a_cloud),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
