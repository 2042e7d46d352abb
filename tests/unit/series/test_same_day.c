/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "unit/rasters.h"

#include "base/alloc.h"
#include "series/same_day.h"
#include "series/series.h"

enum { SIDE = 40, LEFT = 600000, TOP = 5000000, PIXEL = 20 };

static clv_context *ctx;
static char notes[2000];
static const char *srcnodata;

static void keep_notes(clv_log_level level, const char *message, void *user)
{
    (void)level;
    (void)user;
    snprintf(notes + strlen(notes), sizeof notes - strlen(notes), "%s\n", message);
}

static int set_up(void **state)
{
    (void)state;
    ctx = clv_context_new();
    clv_context_set_log(ctx, keep_notes, NULL);
    notes[0] = 0;
    srcnodata = NULL;
    return ctx ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    clear_memory();
    clv_context_free(ctx);
    return 0;
}

/* ---- Halves ------------------------------------------------------------------------------------ */

static double added, missing_is;
static bool dark;     /* with clipped places */
static int seen_half; /* 0: the upper, 1: the lower */

/* Columns tell the ground; some of column 3 are 0 in NIR alone, as where a dark place was clipped. */
static double ground(double x, double y, int band)
{
    const int column = (int)((x - LEFT) / PIXEL), row = (int)((TOP - y) / PIXEL);
    if ((row >= SIDE / 2) != seen_half)
        return missing_is;
    return added + (dark && column == 3 && row % 10 == 5 && band == 4 ? 0 : 300 + 10 * column + 7 * row + 100 * band);
}

static void half(const char *path, int which, double add, double nodata, GDALDataType type)
{
    added = add;
    seen_half = which;
    missing_is = nodata;
    dark = type == GDT_UInt16;
    make(&(raster){
        path, NULL, SIDE, SIDE, 4, type, {LEFT, PIXEL, 0, TOP, 0, -PIXEL}, 32632, bgrn, ground, true, nodata});
}

static clv_series *open_halves(const double *offsets, const double *scales)
{
    clv_info_options o;
    clv_info_options_init(&o);
    o.input.in_offsets = offsets;
    o.input.in_offset_count = offsets ? 2 : 0;
    o.input.srcnodata = srcnodata;
    o.input.in_scales = scales;
    o.input.in_scale_count = scales ? 2 : 0;
    clv_series *series = NULL;
    const char *const names[] = {"/vsimem/t/S2A_20220601_0.tif", "/vsimem/t/S2A_20220601_1.tif"};
    clv_clear_error(ctx);
    if (clv_series_open(ctx, names, 2, &o.input, &series) != CLV_OK)
        return NULL;
    return series;
}

/* Reflectances are those of the ground in both halves, and all are there. */
static void check_ground(clv_series *s, double tolerance)
{
    static float x[4 * SIDE * SIDE];
    static uint8_t missing[SIDE * SIDE];
    static const int band_of[4] = {3, 2, 1, 4}; /* red green blue NIR */
    assert_int_equal(s->dates, 1);
    assert_int_equal(s->grid.width, SIDE);
    assert_int_equal(clv_series_read(ctx, s, 0, (clv_rect){0, 0, SIDE, SIDE}, x, missing), CLV_OK);
    added = 0;
    for (int i = 0; i < SIDE * SIDE; i++) {
        seen_half = i / SIDE >= SIDE / 2;
        assert_false(missing[i]);
        for (int c = 0; c < 4; c++) {
            const double expected =
                ground(LEFT + PIXEL * (i % SIDE + 0.5), TOP - PIXEL * (i / SIDE + 0.5), band_of[c]) / 10000;
            if (fabs((double)x[c * SIDE * SIDE + i] - expected) > tolerance)
                fail_msg("channel %d, pixel %d: %g instead of %g", c, i, (double)x[c * SIDE * SIDE + i], expected);
        }
    }
}

/* ---- Numbers ----------------------------------------------------------------------------------- */

static void offsets_are_brought_to_the_lower(void **state)
{
    (void)state;
    for (int raised = 0; raised < 2; raised++) {
        const double offsets[2] = {raised == 0 ? -0.1 : 0, raised == 1 ? -0.1 : 0};
        notes[0] = 0;
        half("/vsimem/t/S2A_20220601_0.tif", 0, raised == 0 ? 1000 : 0, 0, GDT_UInt16);
        half("/vsimem/t/S2A_20220601_1.tif", 1, raised == 1 ? 1000 : 0, 0, GDT_UInt16);
        clv_series *s = open_halves(offsets, NULL);
        if (!s)
            fail_msg("%s", clv_context_error(ctx));
        assert_float_equal(s->acquisitions[0].bands[0].offset, -0.1, 1e-9);
        assert_non_null(strstr(notes, "are parts of 2022-06-01 with offsets 0 and -1000: the first is brought to the"));
        check_ground(s, 1e-6);
        clv_series_free(s);
    }
}

static void equal_numbers_stay(void **state)
{
    (void)state;
    const double offsets[2] = {0, 0};
    half("/vsimem/t/S2A_20220601_0.tif", 0, 0, 0, GDT_UInt16);
    half("/vsimem/t/S2A_20220601_1.tif", 1, 0, 0, GDT_UInt16);
    clv_series *s = open_halves(offsets, NULL);
    assert_non_null(s);
    assert_null(strstr(notes, "brought"));
    assert_null(strstr(s->acquisitions[0].facts.vrt, "ScaleRatio"));
    check_ground(s, 1e-6);
    clv_series_free(s);
}

static void nodata_values_are_brought_together(void **state)
{
    (void)state;
    const double offsets[2] = {-0.1, 0};
    half("/vsimem/t/S2A_20220601_0.tif", 0, 1000, 65535, GDT_UInt16);
    half("/vsimem/t/S2A_20220601_1.tif", 1, 0, 0, GDT_UInt16);
    clv_series *s = open_halves(offsets, NULL);
    if (!s)
        fail_msg("%s", clv_context_error(ctx));
    assert_true(s->acquisitions[0].bands[0].nodata == 65535);
    check_ground(s, 1e-6);
    clv_series_free(s);
}

static void scales_are_brought_together_in_real_numbers(void **state)
{
    (void)state;
    const double offsets[2] = {0, -0.1}, scales[2] = {1e-4, 1e-4};
    srcnodata = "0"; /* real numbers have several without it */
    half("/vsimem/t/S2A_20220601_0.tif", 0, 0, 0, GDT_Float32);
    half("/vsimem/t/S2A_20220601_1.tif", 1, 1000, 0, GDT_Float32);
    clv_series *s = open_halves(offsets, scales);
    if (!s)
        fail_msg("%s", clv_context_error(ctx));
    check_ground(s, 1e-5);
    clv_series_free(s);
}

static void a_step_along_the_seam_is_mended(void **state)
{
    (void)state;
    for (int raised = 0; raised < 2; raised++) {
        notes[0] = 0;
        half("/vsimem/t/S2A_20220601_0.tif", 0, raised == 0 ? 1000 : 0, 0, GDT_UInt16);
        half("/vsimem/t/S2A_20220601_1.tif", 1, raised == 1 ? 1000 : 0, 0, GDT_UInt16);
        clv_series *s = open_halves(NULL, NULL);
        if (!s)
            fail_msg("%s", clv_context_error(ctx));
        assert_non_null(strstr(notes, raised ? "S2A_20220601_1.tif lies 0.1 above S2A_20220601_0.tif along the seam"
                                             : "S2A_20220601_0.tif lies 0.1 above S2A_20220601_1.tif along the seam"));
        assert_float_equal(s->acquisitions[0].bands[0].offset, -0.1, 1e-9);
        check_ground(s, 1e-6);
        clv_series_free(s);
    }
    /* Not what the user said, and not another step. */
    const double offsets[2] = {0, 0};
    notes[0] = 0;
    clv_series *s = open_halves(offsets, NULL);
    assert_non_null(s);
    assert_null(strstr(notes, "along the seam"));
    clv_series_free(s);
    static const double steps[] = {400, 750, 1250};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        half("/vsimem/t/S2A_20220601_1.tif", 1, steps[i], 0, GDT_UInt16);
        half("/vsimem/t/S2A_20220601_0.tif", 0, 0, 0, GDT_UInt16);
        s = open_halves(NULL, NULL);
        assert_non_null(s);
        assert_null(strstr(notes, "along the seam"));
        clv_series_free(s);
    }
}

static void what_would_be_rounded_is_refused(void **state)
{
    (void)state;
    const double offsets[2] = {0, 0}, scales[2] = {1e-4, 1.0 / 65535};
    half("/vsimem/t/S2A_20220601_0.tif", 0, 0, 0, GDT_UInt16);
    half("/vsimem/t/S2A_20220601_1.tif", 1, 0, 0, GDT_UInt16);
    assert_null(open_halves(offsets, scales));
    assert_non_null(strstr(clv_context_error(ctx), "have different scales or offsets; leave one out, store both as"));
    assert_null(strstr(clv_context_error(ctx), "gdalbuildvrt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(offsets_are_brought_to_the_lower, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_numbers_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nodata_values_are_brought_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scales_are_brought_together_in_real_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_step_along_the_seam_is_mended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_would_be_rounded_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
