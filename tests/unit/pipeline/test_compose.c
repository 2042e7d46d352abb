/* SPDX-License-Identifier: MIT
 * From the working grid to the dates' own rasters: what is observed keeps its bits, what is filled keeps the detail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline/compose.h"
#include "pipeline/scene.h"

enum { DATES = 4, WIDTH = 220, HEIGHT = 300 };

typedef struct fixture {
    scene s;
    clv_writer *outputs[DATES], *masks[DATES], *quality[DATES];
    clv_stage2 *stage;
    clv_compose *compose;
} fixture;

static void begin(fixture *f, double pixel, scene_value value)
{
    scene *s = &f->s;
    char path[64], sha256[65];
    scene_files(s, DATES, WIDTH, HEIGHT, pixel, value, scene_block);
    scene_open(s, DATES);
    const clv_product_band mask = {.name = "mask", .has_nodata = true, .nodata = 255};
    const clv_product_band quality[3] = {{.name = "source"}, {.name = "days"}, {.name = "deviation"}};
    for (int t = 0; t < DATES; t++) {
        const clv_grid *grid = &s->series->acquisitions[t].grid;
        snprintf(path, sizeof path, "/vsimem/t/out/%d.tif", t);
        assert_int_equal(clv_writer_create_like(s->set, path, s->series, t, &f->outputs[t]), CLV_OK);
        snprintf(path, sizeof path, "/vsimem/t/out/%d_mask.tif", t);
        assert_int_equal(clv_writer_create(s->set, path, grid, GDT_Byte, &mask, 1, NULL, &f->masks[t]), CLV_OK);
        snprintf(path, sizeof path, "/vsimem/t/out/%d_quality.tif", t);
        assert_int_equal(clv_writer_create(s->set, path, grid, GDT_UInt16, quality, 3, NULL, &f->quality[t]), CLV_OK);
    }
    const clv_stage2_setup stage = {.method = CLV_METHOD_LINEAR,
                                    .compute = &s->options.compute,
                                    .window = 15,
                                    .deviation = true,
                                    .flags = scene_flags,
                                    .user = s};
    const clv_stack_reader reader = clv_series_stack_reader(s->series);
    const clv_compose_setup setup = {.outputs = f->outputs, .masks = f->masks, .quality = f->quality};
    assert_int_equal(clv_stage2_new(s->ctx, &reader, &stage, &f->stage, sha256), CLV_OK);
    assert_int_equal(clv_compose_new(s->ctx, s->set, s->series, &setup, &f->compose), CLV_OK);
}

/* All rows of the scene, in one panel. */
static void compose_scene(fixture *f, bool flush)
{
    const clv_window_grid windows = clv_stage2_windows(CLV_METHOD_LINEAR);
    const clv_panel panel = clv_panel_at(WIDTH, windows, 1, 0, WIDTH);
    int written = 0, rows = clv_window_count(HEIGHT, windows.size, windows.stride);
    assert_int_equal(clv_stage2_begin_panel(f->stage, &panel, 0), CLV_OK);
    assert_int_equal(clv_compose_begin_panel(f->compose, &panel, 0, f->stage), CLV_OK);
    for (int row = 0; row < rows; row++) {
        int ready;
        assert_int_equal(clv_stage2_row(f->stage, row, &ready), CLV_OK);
        int end = ready == HEIGHT ? HEIGHT : ready - 1;
        assert_int_equal(clv_compose_rows(f->compose, written, end), CLV_OK);
        clv_stage2_release(f->stage, end - 1);
        written = end;
    }
    assert_int_equal(clv_compose_end_panel(f->compose, flush), CLV_OK);
    clv_stage2_end_panel(f->stage);
    assert_int_equal(clv_compose_warped(f->compose), CLV_OK);
}

static void end(fixture *f)
{
    clv_compose_free(f->compose);
    clv_stage2_free(f->stage);
    scene_close(&f->s);
}

/* Publishes the outputs, which can then be opened by their names. */
static void publish(fixture *f)
{
    if (clv_outputs_publish(f->s.set) != CLV_OK)
        fail_msg("%s", clv_context_error(f->s.ctx));
}

static GDALDatasetH open_output(int t, const char *suffix)
{
    char path[64];
    snprintf(path, sizeof path, "/vsimem/t/out/%d%s.tif", t, suffix);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    return ds;
}

/* Value of an output; 1-based band. */
static int value_at(GDALDatasetH ds, int band, int x, int y)
{
    uint16_t value = 0;
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, band), GF_Read, x, y, 1, 1, &value, 1, 1, GDT_UInt16, 0, 0),
                     CE_None);
    return value;
}

/* Publishes and calls check for every pixel of every date's own grid: in, out and whether a mask covers it. */
static void for_pixels(fixture *f, int factor,
                       void (*check)(int t, int x, int y, bool cloud, int band, int in, int out))
{
    uint16_t in[WIDTH * 2], out[WIDTH * 2];
    publish(f);
    for (int t = 0; t < DATES; t++) {
        GDALDatasetH source = GDALOpen(f->s.names[t], GA_ReadOnly), result = open_output(t, "");
        assert_int_equal(GDALGetRasterXSize(result), WIDTH * factor);
        for (int band = 1; band <= 4; band++)
            for (int y = 0; y < HEIGHT * factor; y++) {
                const int n = WIDTH * factor;
                GDALDatasetH const sets[2] = {source, result};
                for (int k = 0; k < 2; k++)
                    assert_int_equal(GDALRasterIO(GDALGetRasterBand(sets[k], band), GF_Read, 0, y, n, 1, k ? out : in,
                                                  n, 1, GDT_UInt16, 0, 0),
                                     CE_None);
                for (int x = 0; x < n; x++)
                    check(t, x, y, scene_block(t, (x + 0.5) / factor, (y + 0.5) / factor), band, in[x], out[x]);
            }
        GDALClose(source);
        GDALClose(result);
    }
}

static void check_land(int t, int x, int y, bool cloud, int band, int in, int out)
{
    if (!cloud)
        assert_int_equal(out, in);
    else if (t > 0 && t < DATES - 1) /* the land changes evenly, so interpolation finds it */
        assert_in_range(out, (int)scene_land(t, x, y, band) - 2, (int)scene_land(t, x, y, band) + 2);
}

static void observed_pixels_keep_their_bits(void **state)
{
    (void)state;
    fixture f;
    begin(&f, 20, scene_land);
    compose_scene(&f, true);
    for_pixels(&f, 1, check_land);
    for (int t = 0; t < DATES; t++) {
        const clv_compose_date *count = &clv_compose_counts(f.compose)[t];
        assert_true(count->pixels == WIDTH * HEIGHT);
        assert_true(count->filled == 1600);
        assert_true(count->never == 0);
    }
    end(&f);
}

/* Columns 30 to 70 are filled at date 0; the next date shows them, five days later. */
static void masks_and_quality_tell_what_happened(void **state)
{
    (void)state;
    fixture f;
    begin(&f, 20, scene_land);
    compose_scene(&f, true);
    publish(&f);
    GDALDatasetH mask = open_output(0, "_mask"), quality = open_output(0, "_quality");
    assert_int_equal(value_at(mask, 1, 35, 30), 1);
    assert_int_equal(value_at(mask, 1, 29, 30), 0);
    assert_int_equal(value_at(quality, 1, 29, 30), 1); /* observed */
    assert_int_equal(value_at(quality, 2, 29, 30), 0);
    assert_int_equal(value_at(quality, 3, 29, 30), 0);
    assert_int_equal(value_at(quality, 1, 35, 30), 2); /* filled */
    assert_int_equal(value_at(quality, 2, 35, 30), 5);
    assert_int_equal(value_at(quality, 3, 35, 30), CLV_DEVIATION_NONE); /* linear tells none */
    GDALClose(mask);
    GDALClose(quality);
    end(&f);
}

static double constant(int t, double column, double row, int band)
{
    (void)t, (void)column, (void)row;
    return 1000 * band + 7;
}

static void check_constant(int t, int x, int y, bool cloud, int band, int in, int out)
{
    (void)t, (void)x, (void)y, (void)cloud, (void)in;
    assert_int_equal(out, 1000 * band + 7);
}

static void a_constant_scene_stays_constant(void **state)
{
    (void)state;
    fixture f;
    begin(&f, 10, constant);
    assert_int_equal(f.s.series->acquisitions[0].factor, 2);
    compose_scene(&f, true);
    for_pixels(&f, 2, check_constant);
    assert_true(clv_compose_counts(f.compose)[0].filled == 4 * 1600);
    end(&f);
}

/* A pattern finer than the working grid, the same at every date. */
static double checkers(int t, double column, double row, int band)
{
    (void)t;
    int x = (int)(column * 2), y = (int)(row * 2);
    return 2000 + 100 * band + ((x + y) % 2 ? 400 : -400);
}

static void check_checkers(int t, int x, int y, bool cloud, int band, int in, int out)
{
    (void)t, (void)x, (void)y, (void)band;
    if (cloud)
        assert_in_range(out, in - 1, in + 1);
    else
        assert_int_equal(out, in);
}

static void finer_pixels_keep_their_detail(void **state)
{
    (void)state;
    fixture f;
    begin(&f, 10, checkers);
    compose_scene(&f, true);
    for_pixels(&f, 2, check_checkers);
    end(&f);
}

/* After a failure nothing is flushed: what waited for its row of tiles is not in the output. */
static void what_is_collected_can_be_dropped(void **state)
{
    (void)state;
    fixture f;
    begin(&f, 20, constant);
    int block = clv_writer_block_rows(f.quality[0]), rest = HEIGHT / block * block;
    assert_true(rest > 0 && rest < HEIGHT);
    compose_scene(&f, false);
    GDALDatasetH quality = clv_writer_dataset(f.quality[0]);
    assert_int_equal(value_at(quality, 1, 100, rest - 1), 1);
    assert_int_equal(value_at(quality, 1, 100, rest), 0);
    assert_int_equal(value_at(quality, 1, 100, HEIGHT - 1), 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observed_pixels_keep_their_bits), cmocka_unit_test(masks_and_quality_tell_what_happened),
        cmocka_unit_test(a_constant_scene_stays_constant), cmocka_unit_test(finer_pixels_keep_their_detail),
        cmocka_unit_test(what_is_collected_can_be_dropped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
