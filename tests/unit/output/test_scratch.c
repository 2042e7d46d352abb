/* SPDX-License-Identifier: MIT
 * Temporary rasters: windows in and out, several threads, nothing left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cpl_conv.h>

#include "base/parallel.h"
#include "unit/writing.h"

enum { W = 700, H = 600, BANDS = 5 };

static clv_outputs *open_set(bench *b, const char *path)
{
    clv_output_options o = {.path = path};
    clv_outputs *set = NULL;
    assert_int_equal(clv_outputs_new(b->ctx, &o, &set), CLV_OK);
    return set;
}

static const clv_grid grid = {.width = W, .height = H, .has_transform = true, .transform = {100, 20, 0, 200, 0, -20}};

static void unwritten_parts_are_zero(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder);
    static const GDALDataType types[] = {GDT_Byte, GDT_Float32};
    for (int i = 0; i < 2; i++) {
        clv_scratch *s = NULL;
        assert_int_equal(clv_scratch_new(set, &grid, types[i], BANDS, &s), CLV_OK);
        float part[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, found[25];
        uint8_t small[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, seen[25];
        clv_rect inner = {255, 255, 3, 3}, outer = {254, 254, 5, 5};
        assert_int_equal(clv_scratch_write(s, 3, inner, i ? (void *)part : (void *)small), CLV_OK);
        for (int band = 0; band < BANDS; band++) {
            assert_int_equal(clv_scratch_read(s, band, outer, i ? (void *)found : (void *)seen), CLV_OK);
            for (int k = 0; k < 25; k++) {
                int x = k % 5 - 1, y = k / 5 - 1;
                double expected = band == 3 && x >= 0 && x < 3 && y >= 0 && y < 3 ? part[y * 3 + x] : 0;
                assert_true((i ? (double)found[k] : (double)seen[k]) == expected);
            }
        }
        assert_int_equal(clv_scratch_read(s, BANDS, outer, found), CLV_ERROR_INTERNAL);
        assert_int_equal(clv_scratch_read(s, 0, (clv_rect){W - 2, 0, 5, 5}, found), CLV_ERROR_INTERNAL);
        clv_clear_error(b->ctx);
        clv_scratch_free(s);
    }
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 0);
    clv_scratch_free(NULL);
}

typedef struct job {
    clv_context *ctx;
    clv_scratch *scratch;
} job;

static uint8_t value_at(int band, int x, int y)
{
    return (uint8_t)(band * 31 + x * 7 + y * 3);
}

/* A strip of one band, whose height does not fit the tiles; each strip is read back by whoever wrote it. */
static clv_status write_strip(void *arg, int index, int worker)
{
    (void)worker;
    job *j = arg;
    int band = index % BANDS, y0 = index / BANDS * 50;
    clv_rect r = {0, y0, W, 50};
    uint8_t *data = malloc((size_t)W * 50), *back = malloc((size_t)W * 50);
    for (int y = 0; y < 50; y++)
        for (int x = 0; x < W; x++)
            data[y * W + x] = value_at(band, x, y0 + y);
    clv_status status = clv_scratch_write(j->scratch, band, r, data);
    if (status == CLV_OK)
        status = clv_scratch_read(j->scratch, band, r, back);
    if (status == CLV_OK && memcmp(data, back, (size_t)W * 50) != 0)
        status = clv_fail(j->ctx, CLV_ERROR_READ, "strip %d came back differently", index);
    free(data);
    free(back);
    return status;
}

static void threads_may_write_together(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder);
    job j = {.ctx = b->ctx};
    assert_int_equal(clv_scratch_new(set, &grid, GDT_Byte, BANDS, &j.scratch), CLV_OK);
    assert_int_equal(clv_parallel_for(b->ctx, BANDS * H / 50, 4, write_strip, &j), CLV_OK);
    uint8_t *all = malloc((size_t)W * H);
    for (int band = 0; band < BANDS; band++) {
        assert_int_equal(clv_scratch_read(j.scratch, band, (clv_rect){0, 0, W, H}, all), CLV_OK);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++)
                assert_int_equal(all[y * W + x], value_at(band, x, y));
    }
    free(all);
    clv_scratch_free(j.scratch);
    clv_outputs_free(set);
}

static void the_dataset_has_georeference_and_what_was_written(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder);
    clv_scratch *s = NULL;
    assert_int_equal(clv_scratch_new(set, &grid, GDT_Float32, 2, &s), CLV_OK);
    float value = 0.25f, found = 0;
    assert_int_equal(clv_scratch_write(s, 1, (clv_rect){650, 590, 1, 1}, &value), CLV_OK);
    GDALDatasetH ds = clv_scratch_dataset(s);
    double transform[6];
    assert_int_equal(GDALGetGeoTransform(ds, transform), CE_None);
    assert_memory_equal(transform, grid.transform, sizeof transform);
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, 2), GF_Read, 650, 590, 1, 1, &found, 1, 1, GDT_Float32, 0, 0),
                     CE_None);
    assert_true(found == value);
    clv_scratch_free(s);
    clv_outputs_free(set);
}

static void no_name_is_left_while_it_is_used(void **state)
{
    bench *b = *state;
    char folder[80];
    snprintf(folder, sizeof folder, "%s/out", b->folder);
    clv_outputs *set = open_set(b, folder);
    clv_scratch *s = NULL;
    assert_int_equal(clv_scratch_new(set, &grid, GDT_Byte, 1, &s), CLV_OK);
    assert_int_equal(count_files(folder), 0); /* a killed process leaves nothing */
    clv_scratch_free(s);
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 0); /* the folder made for it is gone as well */
}

static void a_missing_folder_is_an_error(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, b->folder);
    clv_scratch *s = NULL;
    put_text(in_folder(b, "file"), "x");
    CPLSetConfigOption("CPL_TMPDIR", in_folder(b, "file/sub"));
    assert_int_equal(clv_scratch_new(set, &grid, GDT_Byte, 1, &s), CLV_ERROR_WRITE);
    assert_null(s);
    CPLSetConfigOption("CPL_TMPDIR", in_folder(b, ""));
    assert_int_equal(clv_scratch_new(set, &grid, GDT_Byte, 1, &s), CLV_OK);
    CPLSetConfigOption("CPL_TMPDIR", NULL);
    clv_scratch_free(s);
    clv_outputs_free(set);
}

static void memory_outputs_have_scratch_in_memory(void **state)
{
    bench *b = *state;
    clv_outputs *set = open_set(b, "/vsimem/clv-scratch/");
    clv_scratch *s = NULL;
    assert_int_equal(clv_scratch_new(set, &grid, GDT_Byte, 1, &s), CLV_OK);
    uint8_t value = 9, found = 0;
    assert_int_equal(clv_scratch_write(s, 0, (clv_rect){3, 4, 1, 1}, &value), CLV_OK);
    assert_int_equal(clv_scratch_read(s, 0, (clv_rect){3, 4, 1, 1}, &found), CLV_OK);
    assert_int_equal(found, 9);
    clv_scratch_free(s);
    clv_outputs_free(set);
    char **left = VSIReadDir("/vsimem/clv-scratch");
    assert_int_equal(CSLCount(left), 0);
    CSLDestroy(left);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(unwritten_parts_are_zero),
        T(threads_may_write_together),
        T(the_dataset_has_georeference_and_what_was_written),
        T(no_name_is_left_while_it_is_used),
        T(a_missing_folder_is_an_error),
        T(memory_outputs_have_scratch_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
