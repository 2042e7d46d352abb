/* SPDX-License-Identifier: MIT
 * The pictures of a page: blocks, panels that cut them, classes, colours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "image/pixel_state.h"
#include "pipeline/compose.h"
#include "pipeline/pictures.h"
#include "unit/writing.h"

/* A series of so many dates of plain rasters; `factor` own pixels a working pixel of 20 m. */
static clv_series *open_series(bench *b, int dates, int width, int height, int factor)
{
    char *paths[32];
    for (int t = 0; t < dates; t++) {
        char name[32];
        snprintf(name, sizeof name, "a_202206%02d.tif", t + 1);
        paths[t] = in_folder(b, name);
        GDALDatasetH ds =
            GDALCreate(GDALGetDriverByName("GTiff"), paths[t], width * factor, height * factor, 3, GDT_Byte, NULL);
        double transform[6] = {600000, 20.0 / factor, 0, 5000000, 0, -20.0 / factor};
        GDALSetGeoTransform(ds, transform);
        GDALSetProjection(ds, "EPSG:32632");
        for (int k = 1; k <= 3; k++)
            GDALFillRaster(GDALGetRasterBand(ds, k), 80, 0);
        GDALClose(ds);
    }
    const int bands[] = {1, 2, 3};
    clv_input_options o = {.in_scale = 1 / 255.0, .in_offset = 0, .bands = bands, .band_count = 3};
    clv_series *series = NULL;
    if (clv_series_open(b->ctx, (const char *const *)paths, dates, &o, &series) != CLV_OK)
        print_message("%s\n", clv_context_error(b->ctx));
    assert_non_null(series);
    return series;
}

typedef struct scene {
    clv_series *series;
    clv_outputs *set;
    clv_pictures *pictures;
    int width, height; /* of the rows */
} scene;

static scene open_scene(bench *b, int dates, int width, int height, int factor)
{
    scene s = {.series = open_series(b, dates, width, height, factor)};
    clv_output_options o = {.path = in_folder(b, "out")};
    assert_int_equal(clv_outputs_new(b->ctx, &o, &s.set), CLV_OK);
    assert_int_equal(clv_pictures_new(b->ctx, s.set, s.series, &s.pictures), CLV_OK);
    s.width = width * clv_pictures_factor(s.pictures);
    s.height = height * clv_pictures_factor(s.pictures);
    return s;
}

static void close_scene(scene *s)
{
    clv_pictures_free(s->pictures);
    clv_outputs_free(s->set);
    clv_series_free(s->series);
}

/* Columns [x0, x1) of the made-up scene: a ramp, a white cloud and its shadow, a corner without data. */
static void add_columns(scene *s, int t, int x0, int x1)
{
    enum { MOST = 4096 };
    static float was[MOST], is[MOST];
    static uint8_t mask[MOST], source[MOST];
    static uint16_t days[MOST];
    assert_true(x1 - x0 <= MOST);
    for (int y = 0; y < s->height; y++) {
        for (int x = x0; x < x1; x++) {
            float ground = 0.05f + 0.2f * (float)x / (float)s->width;
            bool cloud = t == 0 && x < s->width / 2 && y < s->height / 2, shadow = t == 0 && x < s->width / 2 && !cloud;
            bool gone = t == 1 && x >= s->width / 2 && y >= s->height / 2;
            int i = x - x0;
            was[i] = gone ? NAN : cloud ? 0.9f : shadow ? 0.01f : ground;
            is[i] = gone ? NAN : ground;
            mask[i] = cloud    ? CLV_MASK_CLASS_CLOUD
                      : shadow ? CLV_MASK_CLASS_SHADOW
                      : gone   ? CLV_MASK_CLASS_NODATA
                               : CLV_MASK_CLASS_CLEAR;
            source[i] = cloud ? CLV_SOURCE_FILLED : shadow ? CLV_SOURCE_NEVER : CLV_SOURCE_OBSERVED;
            days[i] = cloud ? 12 : 0;
        }
        clv_picture_row row = {x1 - x0, {was, was, was}, {is, is, is}, mask, source, days};
        assert_int_equal(clv_pictures_row(s->pictures, t, x0, y, &row), CLV_OK);
    }
}

/* [4, h, w]; free(). Pictures without alpha get one that is 255. */
static uint8_t *picture(bench *b, const scene *s, int t, clv_picture kind, int *w, int *h)
{
    const char *path = in_folder(b, "p.png");
    assert_int_equal(clv_pictures_write(s->pictures, t, kind, path), CLV_OK);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    *w = GDALGetRasterXSize(ds);
    *h = GDALGetRasterYSize(ds);
    size_t plane = (size_t)*w * (size_t)*h;
    uint8_t *planes = malloc(4 * plane);
    memset(planes, 255, 4 * plane);
    assert_int_equal(
        GDALDatasetRasterIO(ds, GF_Read, 0, 0, *w, *h, planes, *w, *h, GDT_Byte, GDALGetRasterCount(ds), NULL, 0, 0, 0),
        CE_None);
    GDALClose(ds);
    return planes;
}

static void expect_pixel(const uint8_t *planes, int w, int h, int x, int y, int r, int g, int b, int a)
{
    const int expected[] = {r, g, b, a};
    for (int c = 0; c < 4; c++)
        if (expected[c] >= 0)
            assert_int_equal(planes[(c * h + y) * w + x], expected[c]);
}

static void what_can_be_seen(void **state)
{
    bench *b = *state;
    int w, h;
    scene s = open_scene(b, 2, 60, 40, 1);
    for (int t = 0; t < 2; t++)
        add_columns(&s, t, 0, s.width);
    assert_int_equal(clv_pictures_finish(s.pictures), CLV_OK);
    uint8_t *before = picture(b, &s, 0, CLV_PICTURE_INPUT, &w, &h);
    assert_int_equal(w, 60);
    assert_int_equal(h, 40);
    uint8_t *after = picture(b, &s, 0, CLV_PICTURE_CLEAR, &w, &h);
    assert_true(before[5 * w + 5] > 250); /* a cloud is white */
    assert_int_equal(before[35 * w + 5], 0);
    assert_true(after[5 * w + 5] < 120 && after[5 * w + 5] == after[35 * w + 5]);
    for (int x = 31; x < w; x++) { /* what is observed is the same, and a ramp */
        assert_int_equal(before[5 * w + x], after[5 * w + x]);
        assert_true(after[5 * w + x] >= after[5 * w + x - 1] && after[5 * w + x] <= 233);
    }
    free(before);
    free(after);
    uint8_t *mask = picture(b, &s, 0, CLV_PICTURE_MASK, &w, &h);
    expect_pixel(mask, w, h, 5, 5, 224, 69, 123, 255);
    expect_pixel(mask, w, h, 5, 35, 90, 95, 214, 255);
    expect_pixel(mask, w, h, 50, 5, -1, -1, -1, 0);
    free(mask);
    uint8_t *quality = picture(b, &s, 0, CLV_PICTURE_QUALITY, &w, &h);
    expect_pixel(quality, w, h, 5, 5, 33, 145, 140, 255); /* 12 days: "within 20 days" */
    expect_pixel(quality, w, h, 5, 35, 224, 69, 123, 255);
    expect_pixel(quality, w, h, 50, 5, -1, -1, -1, 0);
    free(quality);
    uint8_t *gone = picture(b, &s, 1, CLV_PICTURE_INPUT, &w, &h);
    expect_pixel(gone, w, h, 50, 35, -1, -1, -1, 0);
    expect_pixel(gone, w, h, 5, 35, -1, -1, -1, 255);
    free(gone);
    uint8_t *missing = picture(b, &s, 1, CLV_PICTURE_MASK, &w, &h);
    expect_pixel(missing, w, h, 50, 35, 154, 161, 168, 255);
    free(missing);
    close_scene(&s);
}

/* Panels whose borders cut blocks give the same pictures as one panel. */
static void panels_may_cut_blocks(void **state)
{
    bench *b = *state;
    int w, h;
    uint8_t *whole[CLV_PICTURE_KINDS];
    for (int cut = 0; cut < 2; cut++) {
        scene s = open_scene(b, 2, 2500, 30, 1);
        for (int t = 0; t < 2; t++)
            for (int x = 0, step = cut ? 769 : s.width; x < s.width; x += step)
                add_columns(&s, t, x, x + step < s.width ? x + step : s.width);
        assert_int_equal(clv_pictures_finish(s.pictures), CLV_OK);
        for (int k = 0; k < CLV_PICTURE_KINDS; k++) {
            uint8_t *p = picture(b, &s, 0, (clv_picture)k, &w, &h);
            if (k != CLV_PICTURE_THUMB_INPUT) {
                assert_int_equal(w, 834); /* 2500 in blocks of 3 */
                assert_int_equal(h, 10);
            } else {
                assert_true(w <= CLV_PICTURE_THUMB && w > CLV_PICTURE_THUMB / 2);
            }
            if (cut) {
                assert_memory_equal(p, whole[k], 4 * (size_t)w * (size_t)h);
                free(whole[k]);
                free(p);
            } else {
                whole[k] = p;
            }
        }
        close_scene(&s);
    }
}

/* Many dates share the room. */
static void sizes(void **state)
{
    bench *b = *state;
    static const struct {
        int dates, width, height, factor, seen, w, h;
    } cases[] = {
        {2, 100, 50, 2, 2, 200, 100},     /* own pixels are shown */
        {2, 1100, 40, 2, 1, 550, 20},     /* too large for that */
        {2, 600, 20, 3, 3, 900, 30},      /* 1800 own pixels in blocks of 2 */
        {30, 1000, 1000, 1, 1, 500, 500}, /* 816 pixels would be allowed */
        {2, 16, 3000, 1, 1, 6, 1000},     /* narrow */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        scene s = open_scene(b, cases[i].dates, cases[i].width, cases[i].height, cases[i].factor);
        assert_int_equal(clv_pictures_factor(s.pictures), cases[i].seen);
        int w, h;
        free(picture(b, &s, 0, CLV_PICTURE_INPUT, &w, &h));
        assert_int_equal(w, cases[i].w);
        assert_int_equal(h, cases[i].h);
        close_scene(&s);
    }
}

static void rows_outside_are_refused(void **state)
{
    bench *b = *state;
    scene s = open_scene(b, 2, 60, 40, 1);
    clv_picture_row row = {.width = 10};
    assert_int_equal(clv_pictures_row(s.pictures, 2, 0, 0, &row), CLV_ERROR_INTERNAL);
    assert_int_equal(clv_pictures_row(s.pictures, 0, 51, 0, &row), CLV_ERROR_INTERNAL);
    assert_int_equal(clv_pictures_row(s.pictures, 0, 0, 40, &row), CLV_ERROR_INTERNAL);
    close_scene(&s);
    clv_pictures_free(NULL);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(what_can_be_seen),
        T(panels_may_cut_blocks),
        T(sizes),
        T(rows_outside_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
