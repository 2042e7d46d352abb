/* SPDX-License-Identifier: MIT
 *
 * view_scene: a simulated series with given masks (no network is needed) in GDAL's memory file system, what
 * clv_remove() makes of it, and the comparison of a view with that. Included once by each test program, after cmocka.h.
 */
#ifndef CLV_TEST_VIEW_SCENE_H
#define CLV_TEST_VIEW_SCENE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "base/alloc.h"
#include "formats/json.h"
#include "image/windows.h"
#include <clearvision/view.h>

#define ROOT "/vsimem/view" /* and the size of pixels */
enum { DATES = 3 };

typedef struct fixture {
    clv_json *made, *removed;
    const char *inputs[DATES + 1], *masks[DATES + 1];
    char root[32], in[40], out[40];
    int width, height;
    clv_remove_options options;
} fixture;

static inline clv_json *parse(char *text)
{
    char error[200];
    clv_json *json = clv_json_parse(text, strlen(text), error, sizeof error);
    assert_non_null(json);
    clv_free(text);
    return json;
}

/* A series of 10 m pixels (worked at 20 m) or 20 m, and what clv_remove() makes of it. */
static inline void make(fixture *f, int width, int height, double pixel)
{
    *f = (fixture){.width = width, .height = height};
    snprintf(f->root, sizeof f->root, ROOT "%g", pixel);
    snprintf(f->in, sizeof f->in, "%s/in", f->root);
    snprintf(f->out, sizeof f->out, "%s/out", f->root);
    char *json = NULL;
    clv_context *ctx = clv_context_new();
    clv_simulate_options o;
    clv_simulate_options_init(&o);
    o.output.path = f->in;
    o.width = width;
    o.height = height;
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

static inline void end(fixture *f)
{
    clv_json_free(f->made);
    clv_json_free(f->removed);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSIRmdirRecursive(f->root);
    CPLPopErrorHandler();
}

static inline GDALDatasetH open_output(const fixture *f, int t, clv_view_product product)
{
    static const char *const keys[] = {"output", "mask", "quality"};
    const char *path =
        clv_json_string(clv_json_get(clv_json_at(clv_json_get(f->removed, "dates"), t), keys[product]), "");
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    assert_non_null(ds);
    return ds;
}

static inline bool same_pixels(GDALDatasetH a, GDALDatasetH b, clv_rect r)
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

static inline clv_view *open_view(clv_context *ctx, const fixture *f, const char *cache)
{
    clv_view *view = NULL;
    if (clv_view_open(ctx, f->inputs, DATES, &f->options, cache, &view) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    assert_int_equal(clv_view_dates(view), DATES);
    return view;
}

/* Windows in no order, small and large, of every date and product: the pixels of clv_remove(). cells: of 384 working
 * pixels, each of which is computed once. */
static inline void compare(const fixture *f, const char *cache, int cells)
{
    const clv_rect extent = {0, 0, f->width, f->height};
    const clv_rect windows[] = {{f->width - 20, f->height - 20, 20, 20},
                                {0, 0, 1, 1},
                                {300, 100, 128, 128},
                                {383, 20, 2, 2},
                                {383, 383, 2, 2},
                                {75, 0, 700, 60},
                                {640, 300, 60, 100},
                                extent};
    clv_context *ctx = clv_context_new();
    clv_view *view = open_view(ctx, f, cache);
    assert_int_equal(clv_view_computed(view), 0);
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        const clv_rect r = clv_rect_intersect(windows[i], extent);
        for (int t = DATES - 1; t >= 0 && r.width > 0 && r.height > 0; t--) {
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
    }
    assert_int_equal(clv_view_computed(view), cells);
    clv_view_free(view);
    clv_context_free(ctx);
}

/* One series of 2 cells, of 20 m pixels, for all tests of a program. */
static inline int set_up(void **state)
{
    static fixture f;
    make(&f, 400, 140, 20);
    *state = &f;
    return 0;
}

static inline int tear_down(void **state)
{
    end(*state);
    return 0;
}

#endif
