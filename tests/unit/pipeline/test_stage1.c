/* SPDX-License-Identifier: MIT
 * Flags of a series with known masks; regions; specks and dilation on reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline/flags.h"
#include "pipeline/scene.h"
#include "pipeline/stage1.h"

enum { DATES = 3, WIDTH = 200, HEIGHT = 210 };

/* Date 1 has no data in its first 10 columns. */
static double land_with_hole(int t, double column, double row, int band)
{
    return t == 1 && column < 10 ? 0 : scene_land(t, column, row, band);
}

static void open_scene(scene *s)
{
    scene_files(s, DATES, WIDTH, HEIGHT, 20, land_with_hole, scene_block);
    scene_open(s, DATES);
}

static void read_flags(scene *s, int t, clv_rect window, uint8_t *flags)
{
    assert_int_equal(clv_flags_read(s->ctx, s->flags, &s->series->grid, t, &s->options.detect, window, flags), CLV_OK);
}

static void masks_become_flags(void **state)
{
    (void)state;
    scene s;
    uint8_t flags[WIDTH * HEIGHT];
    open_scene(&s);
    assert_false(s.stage1.used_network);
    assert_string_equal(s.stage1.model_sha256, "");
    for (int t = 0; t < DATES; t++) {
        read_flags(&s, t, (clv_rect){0, 0, WIDTH, HEIGHT}, flags);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                uint8_t f = flags[y * WIDTH + x];
                /* A user's mask is exact: nothing is dilated. */
                assert_int_equal((f & CLV_PIXEL_CLOUD) != 0, scene_block(t, x + 0.5, y + 0.5));
                assert_int_equal((f & CLV_PIXEL_MISSING) != 0, t == 1 && x < 10);
                assert_false(f & CLV_PIXEL_SHADOW);
            }
        assert_float_equal(s.found[t].cloud, 1600.0 / (WIDTH * HEIGHT), 1e-9);
        assert_float_equal(s.found[t].missing, t == 1 ? 10.0 / WIDTH : 0, 1e-9);
    }
    scene_close(&s);
}

static void regions_equal_the_whole(void **state)
{
    (void)state;
    scene s;
    clv_scratch *parts = NULL;
    clv_stage1_finder *finder = NULL;
    clv_stage1_date found[DATES];
    uint8_t whole[WIDTH * HEIGHT], some[WIDTH * HEIGHT];
    open_scene(&s);
    assert_int_equal(clv_scratch_new(s.set, &s.series->grid, GDT_Byte, DATES, &parts), CLV_OK);
    clv_stage1 job = s.stage1;
    job.flags = parts;
    job.dates = found;
    assert_int_equal(clv_stage1_open(s.ctx, s.series, &job, &finder), CLV_OK);
    assert_false(clv_stage1_wants_network(finder));
    const clv_rect regions[] = {
        {0, 96, WIDTH, 96}, {0, 192, WIDTH, HEIGHT - 192}, {0, 0, 96, 96}, {96, 0, WIDTH - 96, 96}};
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
        assert_int_equal(clv_stage1_region(finder, regions[i]), CLV_OK);
    for (int t = 0; t < DATES; t++) {
        assert_int_equal(clv_scratch_read(s.flags, t, (clv_rect){0, 0, WIDTH, HEIGHT}, whole), CLV_OK);
        assert_int_equal(clv_scratch_read(parts, t, (clv_rect){0, 0, WIDTH, HEIGHT}, some), CLV_OK);
        assert_memory_equal(some, whole, sizeof whole);
        assert_float_equal(found[t].cloud, 1600, 1e-9); /* pixels, of every region */
    }
    clv_stage1_close(finder);
    clv_scratch_free(parts);
    scene_close(&s);
}

static void put(scene *s, clv_rect r, uint8_t flag)
{
    uint8_t flags[64 * 64];
    memset(flags, flag, sizeof flags);
    assert_int_equal(clv_scratch_write(s->flags, 0, r, flags), CLV_OK);
}

static void specks_vanish_and_clouds_grow(void **state)
{
    (void)state;
    scene s;
    uint8_t f[100 * 100];
    open_scene(&s);
    s.options.detect.dilate = 2;
    put(&s, (clv_rect){0, 0, 64, 64}, 0);
    put(&s, (clv_rect){64, 0, 64, 64}, 0);
    put(&s, (clv_rect){5, 5, 3, 1}, CLV_PIXEL_CLOUD);                     /* smaller than CLV_SPECK_PIXELS */
    put(&s, (clv_rect){20, 20, 3, 3}, CLV_PIXEL_CLOUD);                   /* grows */
    put(&s, (clv_rect){23, 20, 1, 9}, CLV_PIXEL_SHADOW);                  /* beside it: stays shadow */
    put(&s, (clv_rect){40, 40, 1, 1}, CLV_PIXEL_CLOUD | CLV_PIXEL_EXACT); /* a user's: as it is */
    put(&s, (clv_rect){50, 10, 2, 2}, CLV_PIXEL_MISSING);
    read_flags(&s, 0, (clv_rect){0, 0, 100, 100}, f);
    assert_int_equal(f[5 * 100 + 6], 0);
    assert_int_equal(f[21 * 100 + 18], CLV_PIXEL_CLOUD);
    assert_int_equal(f[21 * 100 + 17], 0);
    assert_true(f[21 * 100 + 23] & CLV_PIXEL_SHADOW);
    assert_false(f[21 * 100 + 23] & CLV_PIXEL_CLOUD);
    assert_true(f[27 * 100 + 25] & CLV_PIXEL_SHADOW); /* shadows grow, too */
    assert_int_equal(f[40 * 100 + 40], CLV_PIXEL_CLOUD | CLV_PIXEL_EXACT);
    assert_int_equal(f[40 * 100 + 41], 0);
    assert_int_equal(f[10 * 100 + 51], CLV_PIXEL_MISSING);
    assert_int_equal(f[10 * 100 + 52], 0);

    /* Any window gives the same flags for the same pixel. */
    for (int y = 0; y < 64; y += 7)
        for (int x = 0; x < 64; x += 5) {
            uint8_t part[9 * 6];
            read_flags(&s, 0, (clv_rect){x, y, 9, 6}, part);
            for (int j = 0; j < 6; j++)
                assert_memory_equal(part + j * 9, f + (y + j) * 100 + x, 9);
        }
    assert_true(clv_margin() > clv_flags_reach(&s.options.detect, &s.series->grid));
    /* Metres on a grid of 20 m. */
    const int reach = clv_flags_reach(&s.options.detect, &s.series->grid);
    s.options.detect.dilate = -1;
    s.options.detect.dilate_m = 40;
    uint8_t metres[100 * 100];
    read_flags(&s, 0, (clv_rect){0, 0, 100, 100}, metres);
    assert_memory_equal(metres, f, sizeof f);
    assert_int_equal(clv_flags_reach(&s.options.detect, &s.series->grid), reach);
    s.options.detect.dilate_m = 100;
    assert_int_equal(clv_flags_reach(&s.options.detect, &s.series->grid), reach + 3);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_become_flags), cmocka_unit_test(regions_equal_the_whole),
                                       cmocka_unit_test(specks_vanish_and_clouds_grow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
