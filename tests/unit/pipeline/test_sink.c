/* SPDX-License-Identifier: MIT
 * Rows on their way into an output: once each, by rows of tiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline/scene.h"
#include "pipeline/sink.h"

enum { DATES = 2, WIDTH = 64, HEIGHT = 600 };

typedef struct fixture {
    scene s;
    clv_writer *writer;
    clv_sink sink;
    clv_sink_band bands[2];
} fixture;

static void begin(fixture *f)
{
    scene_files(&f->s, DATES, WIDTH, HEIGHT, 20, scene_land, scene_block);
    scene_open(&f->s, DATES);
    const clv_product_band bands[2] = {{.name = "a"}, {.name = "b"}};
    if (clv_writer_create(f->s.set, "/vsimem/t/out/x.tif", &f->s.series->grid, GDT_UInt16, bands, 2, NULL,
                          &f->writer) != CLV_OK)
        fail_msg("%s", clv_context_error(f->s.ctx));
    f->bands[0] = (clv_sink_band){1, 2};
    f->bands[1] = (clv_sink_band){2, 2};
    assert_int_equal(clv_sink_begin(f->s.ctx, &f->sink, f->writer, f->bands, 2, 0, WIDTH, 0), CLV_OK);
    f->bands[0].band = f->bands[1].band = 77; /* the sink has its copy */
}

/* Fills what is new since row y. */
static void fill(fixture *f, int y)
{
    for (; y < f->sink.y1; y++)
        for (int b = 0; b < 2; b++) {
            uint16_t *row = clv_sink_row(&f->sink, b, y);
            for (int x = 0; x < WIDTH; x++)
                row[x] = (uint16_t)(1 + y * 2 + b);
        }
}

static uint16_t pixel(GDALDatasetH ds, int band, int y)
{
    uint16_t value = 0;
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, band), GF_Read, 5, y, 1, 1, &value, 1, 1, GDT_UInt16, 0, 0),
                     CE_None);
    return value;
}

static void rows_come_out_once(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    int block = clv_writer_block_rows(f.writer), written = 0;
    assert_true(block > 0 && block < HEIGHT);
    for (int y = 0; y < HEIGHT;) {
        int next = y + 37 < HEIGHT ? y + 37 : HEIGHT;
        assert_int_equal(clv_sink_extend(f.s.ctx, &f.sink, next), CLV_OK);
        fill(&f, y);
        assert_int_equal(clv_sink_flush(&f.sink, next == HEIGHT), CLV_OK);
        /* Whole rows of tiles leave; the rest waits, and stays what it was. */
        assert_int_equal(f.sink.y0, next == HEIGHT ? HEIGHT : next / block * block);
        for (int k = f.sink.y0; k < f.sink.y1; k++)
            assert_int_equal(((uint16_t *)clv_sink_row(&f.sink, 1, k))[5], 1 + k * 2 + 1);
        /* What has left is not written again: a change of the output stays. */
        if (f.sink.y0 > written) {
            uint16_t mark = 9999;
            assert_int_equal(clv_writer_write(f.writer, 1, (clv_rect){5, written, 1, 1}, &mark), CLV_OK);
            written = f.sink.y0;
        }
        y = next;
    }
    clv_sink_end(&f.sink);
    assert_int_equal(clv_outputs_publish(f.s.set), CLV_OK);
    GDALDatasetH ds = GDALOpen("/vsimem/t/out/x.tif", GA_ReadOnly);
    assert_non_null(ds);
    int marks = 0;
    for (int y = 0; y < HEIGHT; y++) {
        bool marked = pixel(ds, 1, y) == 9999;
        marks += marked;
        assert_true(marked || pixel(ds, 1, y) == 1 + y * 2);
        assert_int_equal(pixel(ds, 2, y), 1 + y * 2 + 1);
    }
    assert_int_equal(marks, (HEIGHT + block - 1) / block);
    GDALClose(ds);
    scene_close(&f.s);
}

/* Ended without a flush, as after a failure: nothing of what was held reaches the output. */
static void what_is_not_flushed_is_dropped(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    int block = clv_writer_block_rows(f.writer);
    assert_int_equal(clv_sink_extend(f.s.ctx, &f.sink, block + 10), CLV_OK);
    fill(&f, 0);
    assert_int_equal(clv_sink_flush(&f.sink, false), CLV_OK);
    clv_sink_end(&f.sink);
    assert_null(f.sink.row0);
    GDALDatasetH ds = clv_writer_dataset(f.writer);
    assert_int_equal(pixel(ds, 1, block - 1), 1 + (block - 1) * 2);
    for (int y = block; y < block + 10; y++)
        assert_int_equal(pixel(ds, 1, y), 0);
    scene_close(&f.s);
}

/* Extending keeps rows and never takes any back. */
static void extending_keeps_rows(void **state)
{
    (void)state;
    fixture f;
    begin(&f);
    assert_int_equal(clv_sink_extend(f.s.ctx, &f.sink, 10), CLV_OK);
    fill(&f, 0);
    assert_int_equal(clv_sink_extend(f.s.ctx, &f.sink, HEIGHT), CLV_OK);
    for (int y = 0; y < 10; y++)
        assert_int_equal(((uint16_t *)clv_sink_row(&f.sink, 0, y))[WIDTH - 1], 1 + y * 2);
    assert_int_equal(clv_sink_extend(f.s.ctx, &f.sink, 3), CLV_OK);
    assert_int_equal(f.sink.y1, HEIGHT);
    clv_sink_end(&f.sink);
    scene_close(&f.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_come_out_once),
                                       cmocka_unit_test(what_is_not_flushed_is_dropped),
                                       cmocka_unit_test(extending_keeps_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
