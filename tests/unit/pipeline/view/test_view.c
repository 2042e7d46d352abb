/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "base/alloc.h"
#include "formats/json.h"
#include "image/windows.h"
#include <clearvision/view.h>

/* Everything but caches on disk happens in GDAL's memory file system. Masks are given: no network is needed. */
#define ROOT "/vsimem/view"                    /* and the size of pixels */
enum { DATES = 5, WIDTH = 780, HEIGHT = 400 }; /* 3 x 2 cells of 384, of 20 m pixels */

typedef struct fixture {
    clv_json *made, *removed;
    const char *inputs[DATES + 1], *masks[DATES + 1];
    char root[32], in[40], out[40];
    clv_remove_options options;
} fixture;

static clv_json *parse(char *text)
{
    char error[200];
    clv_json *json = clv_json_parse(text, strlen(text), error, sizeof error);
    assert_non_null(json);
    clv_free(text);
    return json;
}

/* A series of 10 m pixels (worked at 20 m) or 20 m, and what clv_remove() makes of it. */
static void make(fixture *f, double pixel)
{
    *f = (fixture){0};
    snprintf(f->root, sizeof f->root, ROOT "%g", pixel);
    snprintf(f->in, sizeof f->in, "%s/in", f->root);
    snprintf(f->out, sizeof f->out, "%s/out", f->root);
    char *json = NULL;
    clv_context *ctx = clv_context_new();
    clv_simulate_options o;
    clv_simulate_options_init(&o);
    o.output.path = f->in;
    o.width = WIDTH;
    o.height = HEIGHT;
    o.dates = DATES;
    o.pixel_size = pixel;
    o.seed = 3;
    if (clv_simulate(ctx, &o, &json) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    f->made = parse(json);
    for (int t = 0; t < DATES; t++) {
        f->inputs[t] = clv_json_string(clv_json_at(clv_json_get(f->made, "outputs"), t), NULL);
        f->masks[t] = clv_json_string(clv_json_at(clv_json_get(f->made, "masks"), t), NULL);
    }
    clv_remove_options_init(&f->options);
    f->options.input.masks = f->masks;
    f->options.input.mask_mode = CLV_MASK_REPLACE;
    f->options.output.path = f->out;
    f->options.masks = f->options.quality = true;
    if (clv_remove(ctx, f->inputs, DATES, &f->options, &json) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    f->removed = parse(json);
    f->options.output = (clv_output_options){0}; /* views need none */
    clv_context_free(ctx);
}

static void end(fixture *f)
{
    clv_json_free(f->made);
    clv_json_free(f->removed);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSIRmdirRecursive(f->root);
    CPLPopErrorHandler();
}

static GDALDatasetH open_output(const fixture *f, int t, clv_view_product product)
{
    static const char *const keys[] = {"output", "mask", "quality"};
    const char *path =
        clv_json_string(clv_json_get(clv_json_at(clv_json_get(f->removed, "dates"), t), keys[product]), "");
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    return ds;
}

static bool same_pixels(GDALDatasetH a, GDALDatasetH b, clv_rect r)
{
    size_t n = (size_t)r.width * (size_t)r.height;
    uint16_t *x = clv_alloc_array(n, 2, sizeof *x);
    bool same = true;
    assert_non_null(x);
    assert_int_equal(GDALGetRasterCount(a), GDALGetRasterCount(b));
    for (int band = 1; band <= GDALGetRasterCount(a); band++) {
        GDALDatasetH const sets[2] = {a, b};
        for (int k = 0; k < 2; k++)
            assert_int_equal(GDALRasterIO(GDALGetRasterBand(sets[k], band), GF_Read, r.x, r.y, r.width, r.height,
                                          x + (size_t)k * n, r.width, r.height, GDT_UInt16, 0, 0),
                             CE_None);
        same &= memcmp(x, x + n, n * sizeof *x) == 0;
    }
    free(x);
    return same;
}

/* Windows in no order, small and large, of every date and product: the pixels of clv_remove(). */
static void compare(const fixture *f, const char *cache, bool overlapping)
{
    static const clv_rect windows[] = {{760, 380, 20, 20}, {0, 0, 1, 1},        {300, 100, 128, 128}, {383, 383, 2, 2},
                                       {75, 0, 700, 60},   {640, 300, 60, 100}, {0, 0, WIDTH, HEIGHT}};
    clv_context *ctx = clv_context_new();
    clv_view *view = NULL;
    if (clv_view_open(ctx, f->inputs, DATES, &f->options, cache, &view) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    assert_int_equal(clv_view_dates(view), DATES);
    assert_int_equal(clv_view_computed(view), 0);
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        for (int t = DATES - 1; t >= 0; t -= 2) {
            clv_rect r = windows[i];
            assert_int_equal(clv_view_compute(view, t, r.x, r.y, r.width, r.height), CLV_OK);
            for (int product = CLV_VIEW_CLEAR; product <= CLV_VIEW_QUALITY; product++) {
                GDALDatasetH whole = open_output(f, t, (clv_view_product)product);
                GDALDatasetH part = clv_view_raster(view, t, (clv_view_product)product);
                if (!same_pixels(whole, part, r))
                    fail_msg("date %d, product %d, window %d,%d %dx%d differs", t, product, r.x, r.y, r.width,
                             r.height);
                GDALClose(whole);
            }
        }
    long cells = overlapping ? 2 : 6; /* of 384 working pixels, each computed once */
    assert_int_equal(clv_view_computed(view), cells);
    clv_view_free(view);
    clv_context_free(ctx);
}

static int set_up(void **state)
{
    static fixture f; /* of 20 m pixels, for all tests */
    make(&f, 20);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    end(*state);
    return 0;
}

static void parts_equal_the_whole(void **state)
{
    compare(*state, "memory", false);
    compare(*state, "disk", false);
}

static void finer_pixels_too(void **state)
{
    (void)state;
    fixture f;
    make(&f, 10);
    compare(&f, NULL, true);
    end(&f);
}

static void full_is_passed_on(void **state)
{
    fixture f = *(fixture *)*state;
    f.options.full = true;
    clv_context *ctx = clv_context_new();
    clv_view *view = NULL;
    assert_int_equal(clv_view_open(ctx, f.inputs, DATES, &f.options, "auto", &view), CLV_OK);
    assert_int_equal(clv_view_compute(view, 1, 500, 200, 64, 64), CLV_OK);
    GDALDatasetH whole = open_output(&f, 1, CLV_VIEW_CLEAR);
    assert_false(same_pixels(whole, clv_view_raster(view, 1, CLV_VIEW_CLEAR), (clv_rect){500, 200, 64, 64}));
    GDALClose(whole);
    clv_view_free(view);
    clv_context_free(ctx);
}

static void rasters_look_like_the_outputs(void **state)
{
    const fixture *f = *state;
    clv_context *ctx = clv_context_new();
    clv_view *view = NULL;
    assert_int_equal(clv_view_open(ctx, f->inputs, DATES, &f->options, "auto", &view), CLV_OK);
    for (int t = 0; t < DATES; t++) {
        GDALDatasetH whole = open_output(f, t, CLV_VIEW_CLEAR), part = clv_view_raster(view, t, CLV_VIEW_CLEAR);
        double a[6], b[6];
        assert_int_equal(GDALGetGeoTransform(whole, a), CE_None);
        assert_int_equal(GDALGetGeoTransform(part, b), CE_None);
        assert_memory_equal(a, b, sizeof a);
        assert_string_equal(GDALGetProjectionRef(whole), GDALGetProjectionRef(part));
        for (int k = 1; k <= GDALGetRasterCount(whole); k++)
            assert_string_equal(GDALGetDescription(GDALGetRasterBand(whole, k)),
                                GDALGetDescription(GDALGetRasterBand(part, k)));
        for (char **item = GDALGetMetadata(whole, NULL); item && *item; item++) {
            char *key = NULL;
            const char *value = CPLParseNameValue(*item, &key);
            const char *other = GDALGetMetadataItem(part, key, NULL);
            if (!other || strcmp(value, other) != 0)
                fail_msg("%s: %s", *item, other ? other : "is missing");
            CPLFree(key);
        }
        GDALClose(whole);
    }
    assert_null(clv_view_raster(view, DATES, CLV_VIEW_CLEAR));
    assert_int_equal(clv_view_compute(view, 0, 0, 0, WIDTH + 1, 1), CLV_ERROR_ARGUMENT);
    assert_int_equal(clv_view_compute(view, -1, 0, 0, 1, 1), CLV_ERROR_ARGUMENT);
    clv_view_free(view);
    assert_int_equal(clv_view_open(ctx, f->inputs, DATES, &f->options, "tape", &view), CLV_ERROR_ARGUMENT);
    assert_null(view);
    assert_int_equal(clv_view_open(ctx, f->inputs, 1, &f->options, NULL, &view), CLV_ERROR_ARGUMENT);
    clv_context_free(ctx);
}

/* Neither in memory nor on disk anything is left, also while the view lives. */
static void nothing_is_left(void **state)
{
    const fixture *f = *state;
    char folder[] = "/tmp/clearvision-test-view.XXXXXX";
    assert_non_null(mkdtemp(folder));
    CPLSetConfigOption("CPL_TMPDIR", folder);
    clv_context *ctx = clv_context_new();
    clv_view *view = NULL;
    assert_int_equal(clv_view_open(ctx, f->inputs, DATES, &f->options, "disk", &view), CLV_OK);
    assert_int_equal(clv_view_compute(view, 2, 0, 0, 10, 10), CLV_OK);
    char **list = VSIReadDir(folder);
    for (char **name = list; name && *name; name++)
        assert_true(strcmp(*name, ".") == 0 || strcmp(*name, "..") == 0);
    CSLDestroy(list);
    clv_view_free(view);
    CPLSetConfigOption("CPL_TMPDIR", NULL);
    assert_int_equal(VSIRmdir(folder), 0); /* empty */
    clv_context_free(ctx);
    char **memory = VSIReadDirRecursive("/vsimem/");
    for (char **name = memory; name && *name; name++)
        if (strstr(*name, "clearvision-view"))
            fail_msg("/vsimem/%s is left", *name);
    CSLDestroy(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_equal_the_whole), cmocka_unit_test(finer_pixels_too),
        cmocka_unit_test(full_is_passed_on),     cmocka_unit_test(rasters_look_like_the_outputs),
        cmocka_unit_test(nothing_is_left),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
