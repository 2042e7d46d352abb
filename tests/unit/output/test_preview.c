/* SPDX-License-Identifier: MIT
 * The picture of a series before and after. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "output/preview.h"
#include "unit/writing.h"

enum { SIZE = 100 };

static clv_series *make_series(bench *b, int dates, int width, int height)
{
    char *paths[16];
    for (int t = 0; t < dates; t++) {
        char name[32];
        snprintf(name, sizeof name, "a_202206%02d.tif", t + 1);
        paths[t] = in_folder(b, name);
        GDALDatasetH ds = GDALCreate(GDALGetDriverByName("GTiff"), paths[t], width, height, 3, GDT_UInt16, NULL);
        double transform[6] = {674990, 20, 0, 5154960, 0, -20};
        GDALSetGeoTransform(ds, transform);
        GDALSetProjection(ds, "EPSG:32632");
        for (int k = 1; k <= 3; k++)
            GDALFillRaster(GDALGetRasterBand(ds, k), 800, 0);
        GDALClose(ds);
    }
    const int bands[] = {1, 2, 3};
    clv_input_options o = {.in_scale = 0.0001, .in_offset = 0, .bands = bands, .band_count = 3};
    clv_series *series = NULL;
    if (clv_series_open(b->ctx, (const char *const *)paths, dates, &o, &series) != CLV_OK)
        print_message("%s\n", clv_context_error(b->ctx));
    return series;
}

/* A ramp from left to right after; before it the same with a white cloud in the left half of date 0. */
static void add_all(clv_preview *p, const clv_series *series, int rows)
{
    int w = series->grid.width, h = series->grid.height;
    size_t n_values = 3 * (size_t)w * (size_t)rows;
    float *before = malloc(sizeof *before * n_values), *after = malloc(sizeof *after * n_values);
    uint8_t *mask = malloc((size_t)w * (size_t)rows);
    for (int t = 0; t < series->dates; t++)
        for (int y = 0; y < h; y += rows) {
            int n = rows < h - y ? rows : h - y;
            for (int i = 0; i < 3 * w * n; i++) {
                int x = i % w;
                after[i] = 0.05f + 0.2f * (float)x / (float)w;
                before[i] = t == 0 && x < w / 2 ? 0.9f : after[i];
            }
            for (int i = 0; i < w * n; i++)
                mask[i] = t == 0 && i % w < w / 2;
            assert_int_equal(clv_preview_add(p, t, (clv_rect){0, y, w, n}, before, mask, after), CLV_OK);
        }
    free(before);
    free(after);
    free(mask);
}

static clv_outputs *open_set(bench *b)
{
    clv_output_options o = {.path = in_folder(b, "out")};
    clv_outputs *set = NULL;
    assert_int_equal(clv_outputs_new(b->ctx, &o, &set), CLV_OK);
    return set;
}

/* The finished picture's planes; free(). */
static uint8_t *make_picture(bench *b, int dates, int width, int height, int rows, const char *name, int *w, int *h)
{
    clv_series *series = make_series(b, dates, width, height);
    assert_non_null(series);
    clv_outputs *set = open_set(b);
    clv_preview *p = NULL;
    const char *path = in_folder(b, name);
    assert_int_equal(clv_preview_new(set, path, series, &p), CLV_OK);
    add_all(p, series, rows);
    assert_int_equal(clv_preview_finish(p), CLV_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(clv_outputs_publish(set), CLV_OK);
    assert_string_equal(clv_outputs_path(set, 0), path);
    clv_preview_free(p);
    clv_outputs_free(set);
    clv_series_free(series);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    assert_string_equal(GDALGetDriverShortName(GDALGetDatasetDriver(ds)), "PNG");
    assert_int_equal(GDALGetRasterCount(ds), 3);
    *w = GDALGetRasterXSize(ds);
    *h = GDALGetRasterYSize(ds);
    uint8_t *planes = malloc(3 * (size_t)*w * (size_t)*h);
    assert_int_equal(GDALDatasetRasterIO(ds, GF_Read, 0, 0, *w, *h, planes, *w, *h, GDT_Byte, 3, NULL, 0, 0, 0),
                     CE_None);
    GDALClose(ds);
    return planes;
}

/* Number of pixels more red than green by a lot: the colour of the mask. */
static long count_marked(const uint8_t *planes, int w, int h)
{
    long n = 0;
    size_t plane = (size_t)w * (size_t)h;
    for (size_t i = 0; i < plane; i++)
        n += planes[i] > planes[plane + i] + 60;
    return n;
}

static void picture_shows_before_mask_and_after(void **state)
{
    bench *b = *state;
    int w = 0, h = 0;
    uint8_t *p = make_picture(b, 3, SIZE, SIZE, 37, "p.png", &w, &h);
    /* Small scenes are enlarged threefold: three columns, three rows. */
    assert_in_range(w, 900, 1000);
    assert_in_range(h, 900, 1000);
    assert_int_equal(count_marked(p, w, h), 150 * 300); /* the left half of the first date's mask */
    long white = 0;
    for (int i = 0; i < w * h; i++)
        white += p[i] == 255 && p[i + w * h] == 255;
    assert_true(white >= 150 * 300 && white < 150 * 300 + 9 * 300 * 20); /* the cloud, and the ramps' bright ends */
    free(p);
}

static void windows_may_cut_blocks(void **state)
{
    bench *b = *state;
    int w[2], h[2];
    uint8_t *one = make_picture(b, 2, 900, 500, 500, "one.png", &w[0], &h[0]);
    uint8_t *many = make_picture(b, 2, 900, 500, 7, "many.png", &w[1], &h[1]);
    assert_true(w[0] == w[1] && h[0] == h[1]);
    for (int i = 0; i < 3 * w[0] * h[0]; i++)
        assert_in_range(one[i], many[i] > 0 ? many[i] - 1 : 0, many[i] + 1); /* sums in another order */
    free(one);
    free(many);
}

static void many_dates_are_wrapped(void **state)
{
    bench *b = *state;
    int w = 0, h = 0;
    free(make_picture(b, 3, 400, 100, 100, "three.png", &w, &h));
    int line = h;
    assert_true(w > 3 * 200);
    free(make_picture(b, 14, 400, 100, 100, "fourteen.png", &w, &h));
    assert_true(w <= 2500);
    assert_true(h > 3 * line / 2);
}

static void nothing_appears_without_publishing(void **state)
{
    bench *b = *state;
    clv_series *series = make_series(b, 2, SIZE, SIZE);
    assert_non_null(series);
    clv_outputs *set = open_set(b);
    clv_preview *p = NULL;
    assert_int_equal(clv_preview_new(set, in_folder(b, "p.png"), series, &p), CLV_OK);
    float x[12] = {0};
    uint8_t m[4] = {0};
    assert_int_equal(clv_preview_add(p, 2, (clv_rect){0, 0, 2, 2}, x, m, x), CLV_ERROR_INTERNAL);
    assert_int_equal(clv_preview_add(p, 0, (clv_rect){SIZE - 1, 0, 2, 2}, x, m, x), CLV_ERROR_INTERNAL);
    assert_int_equal(clv_preview_add(p, 0, (clv_rect){SIZE - 2, 0, 2, 2}, x, m, x), CLV_OK);
    clv_clear_error(b->ctx);
    assert_int_equal(clv_preview_finish(p), CLV_OK); /* all black is a picture, too */
    clv_preview_free(p);
    clv_outputs_free(set);
    assert_int_equal(count_files(b->folder), 2); /* the inputs */
    put_text(in_folder(b, "p.png"), "x");
    set = open_set(b);
    assert_int_equal(clv_preview_new(set, in_folder(b, "p.png"), series, &p), CLV_ERROR_EXISTS);
    assert_null(p);
    clv_outputs_free(set);
    clv_series_free(series);
    clv_preview_free(NULL);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(picture_shows_before_mask_and_after),
        T(windows_may_cut_blocks),
        T(many_dates_are_wrapped),
        T(nothing_appears_without_publishing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
