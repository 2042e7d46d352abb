/* SPDX-License-Identifier: MIT
 *
 * A view's rasters look like the outputs of clv_remove(), options are passed on, wrong requests refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "view_scene.h"

static void full_is_passed_on(void **state)
{
    fixture f = *(fixture *)*state;
    f.options.full = true;
    clv_context *ctx = clv_context_new();
    clv_view *view = open_view(ctx, &f, "auto");
    assert_int_equal(clv_view_compute(view, 1, 320, 40, 64, 64), CLV_OK);
    GDALDatasetH whole = open_output(&f, 1, CLV_VIEW_CLEAR);
    assert_false(same_pixels(whole, clv_view_raster(view, 1, CLV_VIEW_CLEAR), (clv_rect){320, 40, 64, 64}));
    GDALClose(whole);
    clv_view_free(view);
    clv_context_free(ctx);
}

static void rasters_look_like_the_outputs(void **state)
{
    const fixture *f = *state;
    clv_context *ctx = clv_context_new();
    clv_view *view = open_view(ctx, f, "auto");
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
    clv_view_free(view);
    clv_context_free(ctx);
}

static void what_is_not_there_is_refused(void **state)
{
    const fixture *f = *state;
    clv_context *ctx = clv_context_new();
    clv_view *view = open_view(ctx, f, "auto");
    assert_null(clv_view_raster(view, DATES, CLV_VIEW_CLEAR));
    assert_int_equal(clv_view_compute(view, 0, 0, 0, f->width + 1, 1), CLV_ERROR_ARGUMENT);
    assert_int_equal(clv_view_compute(view, -1, 0, 0, 1, 1), CLV_ERROR_ARGUMENT);
    clv_view_free(view);
    view = NULL;
    assert_int_equal(clv_view_open(ctx, f->inputs, 1, &f->options, NULL, &view), CLV_ERROR_ARGUMENT);
    clv_context_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_is_passed_on),
        cmocka_unit_test(rasters_look_like_the_outputs),
        cmocka_unit_test(what_is_not_there_is_refused),
    };
    GDALAllRegister();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
