/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "unit/rasters.h"

#include "raster/grid.h"
#include "raster/regrid.h"

static clv_grid grid_of(int width, int height, const double t[6], int epsg)
{
    clv_grid grid;
    GDALAllRegister();
    GDALDatasetH ds = GDALCreate(GDALGetDriverByName("MEM"), "", width, height, 1, GDT_Byte, NULL);
    if (t)
        GDALSetGeoTransform(ds, (double *)t);
    if (epsg)
        set_crs(ds, epsg);
    assert_int_equal(clv_grid_of_dataset(NULL, ds, &grid), CLV_OK);
    GDALClose(ds);
    return grid;
}

static clv_grid utm(int width, int height, double x, double y, double pixel)
{
    return grid_of(width, height, (const double[6]){x, pixel, 0, y, 0, -pixel}, 32632);
}

static void pixel_sizes_are_metres(void **state)
{
    (void)state;
    clv_grid g = utm(935, 705, 674990, 5154960, 10);
    assert_true(g.has_transform && g.wkt);
    assert_float_equal(g.pixel_m, 10, 1e-9);
    char text[200];
    clv_grid_describe(&g, text, sizeof text);
    assert_string_equal(text, "935x705, 10 m, EPSG:32632");
    clv_grid_clear(&g);

    /* On the WGS 84 ellipsoid a degree of longitude at 60 N is 55800 m, one of latitude 111412 m. */
    g = grid_of(100, 100, (const double[6]){9.95, 0.001, 0, 60.05, 0, -0.001}, 4326);
    assert_float_equal(g.pixel_m, sqrt(55.800 * 111.412), 0.01);
    clv_grid_clear(&g);

    g = grid_of(100, 100, (const double[6]){0, 100, 0, 0, 0, -100}, 2263); /* US survey feet */
    assert_float_equal(g.pixel_m, 30.48006, 1e-4);
    clv_grid_clear(&g);

    g = grid_of(100, 100, NULL, 0);
    assert_false(g.has_transform);
    assert_true(g.pixel_m == 0 && g.transform[1] == 1);
    clv_grid_describe(&g, text, sizeof text);
    assert_string_equal(text, "100x100, no georeference");
    clv_grid_clear(&g);

    g = grid_of(100, 100, (const double[6]){0, 10, 0, 0, 0, 0}, 32632); /* not invertible */
    assert_false(g.has_transform);
    clv_grid_clear(&g);
    g = grid_of(100, 100, (const double[6]){0, 10, 0, NAN, 0, -10}, 32632);
    assert_false(g.has_transform);
    clv_grid_clear(&g);
    clv_grid_clear(NULL);
}

static bool fits(clv_grid fine, clv_grid coarse, int *factor, int *x, int *y)
{
    bool yes = clv_grid_fits(&fine, &coarse, factor, x, y);
    clv_grid_clear(&fine);
    clv_grid_clear(&coarse);
    return yes;
}

static void grids_fit_by_whole_pixels(void **state)
{
    (void)state;
    int f, x, y;
    assert_true(fits(utm(100, 100, 600000, 5000000, 10), utm(100, 100, 600000, 5000000, 10), &f, &x, &y));
    assert_true(f == 1 && x == 0 && y == 0);
    assert_true(fits(utm(100, 100, 600000, 5000000, 10), utm(30, 30, 600030, 4999960, 20), &f, &x, &y));
    assert_true(f == 2 && x == 3 && y == 4);
    assert_true(fits(utm(100, 100, 600000, 5000000, 10), utm(99, 101, 599990, 5000020, 10), &f, &x, &y));
    assert_true(f == 1 && x == -1 && y == -2);
    assert_false(fits(utm(100, 100, 600000, 5000000, 10), utm(100, 100, 600005, 5000000, 10), &f, &x, &y));
    assert_false(fits(utm(100, 100, 600000, 5000000, 20), utm(100, 100, 600000, 5000000, 10), &f, &x, &y)); /* finer */
    assert_false(fits(utm(100, 100, 600000, 5000000, 10), utm(100, 100, 600000, 5000000, 25), &f, &x, &y));
    /* A thousandth of a pixel a pixel is a whole pixel at the far end. */
    assert_false(fits(utm(1000, 1000, 600000, 5000000, 10), utm(1000, 1000, 600000, 5000000, 10.01), &f, &x, &y));
    /* The rounding of a file's decimals is not. */
    assert_true(
        fits(utm(1000, 1000, 600000, 5000000, 10), utm(1000, 1000, 600000.0001, 5000000, 10.0000000001), &f, &x, &y));
    clv_grid other = grid_of(100, 100, (const double[6]){600000, 10, 0, 5000000, 0, -10}, 32633);
    assert_false(fits(utm(100, 100, 600000, 5000000, 10), other, &f, &x, &y));
    clv_grid none = grid_of(100, 100, (const double[6]){600000, 10, 0, 5000000, 0, -10}, 0);
    assert_false(fits(utm(100, 100, 600000, 5000000, 10), none, &f, &x, &y));
}

static void rotated_and_south_up_grids_fit_their_like(void **state)
{
    (void)state;
    int f, x, y;
    const double rotated[6] = {600000, 8, 6, 5000000, 6, -8},
                 coarser[6] = {600000 + 8 * 2 + 6 * 3, 16, 12, 5000000 + 6 * 2 - 8 * 3, 12, -16};
    assert_true(fits(grid_of(100, 100, rotated, 32632), grid_of(40, 40, coarser, 32632), &f, &x, &y));
    assert_true(f == 2 && x == 2 && y == 3);
    const double south_up[6] = {600000, 10, 0, 5000000, 0, 10};
    assert_true(fits(grid_of(100, 100, south_up, 32632), grid_of(100, 100, south_up, 32632), &f, &x, &y));
    assert_false(fits(grid_of(100, 100, south_up, 32632), utm(100, 100, 600000, 5000000, 10), &f, &x, &y));
    assert_false(fits(grid_of(100, 100, rotated, 32632), utm(100, 100, 600000, 5000000, 10), &f, &x, &y));
}

static void grids_without_georeference_fit_by_size(void **state)
{
    (void)state;
    int f, x, y;
    assert_true(fits(grid_of(20, 30, NULL, 0), grid_of(20, 30, NULL, 0), &f, &x, &y));
    assert_true(f == 1 && x == 0 && y == 0);
    assert_false(fits(grid_of(20, 30, NULL, 0), grid_of(20, 31, NULL, 0), &f, &x, &y));
    assert_false(fits(grid_of(20, 30, NULL, 0), utm(20, 30, 0, 0, 10), &f, &x, &y));
}

static void coarsening_keeps_origin_and_covers_all(void **state)
{
    (void)state;
    clv_grid g = utm(935, 705, 674990, 5154960, 10), c;
    assert_int_equal(clv_grid_coarsen(&g, 2, &c), CLV_OK);
    assert_true(c.width == 468 && c.height == 353 && c.transform[1] == 20 && c.transform[5] == -20);
    assert_true(c.transform[0] == g.transform[0] && c.transform[3] == g.transform[3]);
    assert_float_equal(c.pixel_m, 20, 1e-9);
    int f, x, y;
    assert_true(clv_grid_fits(&g, &c, &f, &x, &y));
    assert_true(f == 2 && x == 0 && y == 0);
    clv_grid_clear(&g);
    clv_grid_clear(&c);
}

static void crs_are_compared_by_meaning(void **state)
{
    (void)state;
    clv_grid a = utm(10, 10, 0, 0, 10), b = utm(10, 10, 0, 0, 10),
             c = grid_of(10, 10, (const double[6]){0, 10, 0, 0, 0, -10}, 32633);
    assert_true(clv_grid_same_crs(&a, &b));
    assert_false(clv_grid_same_crs(&a, &c));
    /* The same CRS in WKT1 words. */
    OGRSpatialReferenceH srs = OSRNewSpatialReference(a.wkt);
    char *wkt1 = NULL;
    OSRExportToWktEx(srs, &wkt1, (const char *const[]){"FORMAT=WKT1_GDAL", NULL});
    free(b.wkt);
    b.wkt = strdup(wkt1);
    assert_string_not_equal(a.wkt, b.wkt);
    assert_true(clv_grid_same_crs(&a, &b));
    CPLFree(wkt1);
    OSRDestroySpatialReference(srs);
    clv_grid_clear(&a);
    clv_grid_clear(&b);
    clv_grid_clear(&c);
}

static void working_size(double pixel, int side, double tr, int expected, clv_status status)
{
    clv_context *ctx = clv_context_new();
    clv_grid g = utm(side, side, 600000, 5000000, pixel), w;
    assert_int_equal(clv_working_grid(ctx, "ref.tif", &g, tr, &w), status);
    if (status == CLV_OK) {
        assert_int_equal(w.width, expected);
        clv_grid_clear(&w);
    } else {
        assert_true(strlen(clv_context_error(ctx)) > 10);
    }
    clv_grid_clear(&g);
    clv_context_free(ctx);
}

static void the_working_grid_is_near_20_metres(void **state)
{
    (void)state;
    working_size(10, 100, 0, 50, CLV_OK);
    working_size(10, 101, 0, 51, CLV_OK);
    working_size(20, 100, 0, 100, CLV_OK);
    working_size(60, 100, 0, 100, CLV_OK);
    working_size(15, 100, 0, 100, CLV_OK);
    working_size(13, 100, 0, 50, CLV_OK);
    working_size(3, 700, 0, 100, CLV_OK);
    working_size(0.5, 4000, 0, 100, CLV_OK);
    working_size(10, 100, 10, 100, CLV_OK);
    working_size(10, 100, 60, 17, CLV_OK);
    working_size(10, 100, 19, 50, CLV_OK); /* within a tenth */
    working_size(10, 100, 15, 0, CLV_ERROR_ARGUMENT);
    working_size(20, 100, 10, 0, CLV_ERROR_ARGUMENT);
    working_size(10, 100, -5, 0, CLV_ERROR_ARGUMENT);
    working_size(10, 100, NAN, 0, CLV_ERROR_ARGUMENT);
    working_size(10, 30, 0, 0, CLV_ERROR_ARGUMENT); /* 15 pixels at 20 m */
    working_size(10, 30, 10, 30, CLV_OK);
    working_size(20, 15, 0, 0, CLV_ERROR_ARGUMENT);
}

static void a_wrong_tr_is_answered_with_the_possible_ones(void **state)
{
    (void)state;
    clv_context *ctx = clv_context_new();
    clv_grid g = utm(100, 100, 600000, 5000000, 10), w;
    assert_int_equal(clv_working_grid(ctx, "ref.tif", &g, 25, &w), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(clv_context_error(ctx), "give 20 or 30"));
    clv_clear_error(ctx);
    clv_grid none = grid_of(100, 100, NULL, 0);
    assert_int_equal(clv_working_grid(ctx, "ref.png", &none, 20, &w), CLV_ERROR_ARGUMENT);
    assert_non_null(strstr(clv_context_error(ctx), "-tr"));
    assert_int_equal(clv_working_grid(ctx, "ref.png", &none, 0, &w), CLV_OK);
    assert_int_equal(w.width, 100);
    clv_grid_clear(&w);
    clv_grid_clear(&none);
    clv_grid_clear(&g);
    clv_context_free(ctx);
}

static void overlap_is_seen_across_crs(void **state)
{
    (void)state;
    clv_grid a = utm(200, 200, 700000, 5100000, 20); /* zone 32, 11.6 E */
    clv_grid b = grid_of(1000, 1000, (const double[6]){11.5, 0.0002, 0, 46.2, 0, -0.0002}, 4326);
    clv_grid c = grid_of(1000, 1000, (const double[6]){31.5, 0.0002, 0, 46.2, 0, -0.0002}, 4326);
    clv_grid tiny = utm(2, 2, 702000, 5098000, 20);
    assert_true(clv_grids_overlap(&a, &b));
    assert_true(clv_grids_overlap(&b, &a));
    assert_false(clv_grids_overlap(&a, &c));
    assert_true(clv_grids_overlap(&a, &tiny) && clv_grids_overlap(&tiny, &a));
    assert_float_equal(clv_grid_relative_pixel(&tiny, &a), 1, 1e-6);
    /* 0.0002 degrees at 46 N: 15.5 m by 22.2 m. */
    assert_float_equal(clv_grid_relative_pixel(&b, &a), sqrt(15.5 * 22.2) / 20, 0.01);
    clv_grid_clear(&a);
    clv_grid_clear(&b);
    clv_grid_clear(&c);
    clv_grid_clear(&tiny);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixel_sizes_are_metres),
        cmocka_unit_test(grids_fit_by_whole_pixels),
        cmocka_unit_test(rotated_and_south_up_grids_fit_their_like),
        cmocka_unit_test(grids_without_georeference_fit_by_size),
        cmocka_unit_test(coarsening_keeps_origin_and_covers_all),
        cmocka_unit_test(crs_are_compared_by_meaning),
        cmocka_unit_test(the_working_grid_is_near_20_metres),
        cmocka_unit_test(a_wrong_tr_is_answered_with_the_possible_ones),
        cmocka_unit_test(overlap_is_seen_across_crs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
