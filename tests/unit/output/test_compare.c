/* SPDX-License-Identifier: MIT
 * Whether a raster holds what was written: sums of pixels, values, lossy compressions, other grids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <gdalwarper.h>
#include <ogr_srs_api.h>

#include "output/compare.h"
#include "output/pixel_sum.h"

enum { W = 90, H = 70 };

/* ---- Sums ----------------------------------------------------------------------------------------------- */

static void sums_do_not_depend_on_windows_but_on_every_value(void **state)
{
    (void)state;
    static uint16_t a[H * W];
    for (int i = 0; i < H * W; i++)
        a[i] = (uint16_t)(i * 7919 + 13);
    const uint64_t whole = clv_pixel_sum(a, 2, H * W, 0);
    uint64_t parts = 0;
    for (int y = H - 1; y >= 0; y--)
        for (int x = 0; x < W; x += 45)
            parts += clv_pixel_sum(a + y * W + x, 2, 45, (uint64_t)(y * W + x));
    assert_true(parts == whole);
    for (int i = 0; i < H * W; i += 97)
        for (int bit = 0; bit < 16; bit++) {
            a[i] ^= (uint16_t)(1u << bit);
            assert_false(clv_pixel_sum(a, 2, H * W, 0) == whole);
            a[i] ^= (uint16_t)(1u << bit);
        }
    uint16_t swapped = a[5];
    a[5] = a[6];
    a[6] = swapped;
    assert_false(clv_pixel_sum(a, 2, H * W, 0) == whole);
}

static void sums_know_all_sizes(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 4, 8, 16};
    for (int s = 0; s < 5; s++) {
        unsigned char a[16 * 20] = {0};
        const uint64_t none = clv_pixel_sum(a, sizes[s], 20, 0);
        for (size_t i = 0; i < 20 * sizes[s]; i++) {
            a[i] = 1;
            assert_false(clv_pixel_sum(a, sizes[s], 20, 0) == none);
            a[i] = 0;
        }
        a[sizes[s] * 19] = 9; /* the same in two parts */
        assert_true(clv_pixel_sum(a, sizes[s], 20, 5) ==
                    clv_pixel_sum(a, sizes[s], 11, 5) + clv_pixel_sum(a + 11 * sizes[s], sizes[s], 9, 16));
    }
}

/* ---- Values --------------------------------------------------------------------------------------------- */

/* A smooth picture, in `type`, with its values multiplied and shifted. */
static GDALDatasetH picture(GDALDataType type, int bands, double factor, double shift)
{
    GDALDatasetH ds = GDALCreate(GDALGetDriverByName("MEM"), "", W, H, bands, type, NULL);
    double transform[6] = {674990, 20, 0, 5154960, 0, -20};
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(crs, 32632);
    GDALSetGeoTransform(ds, transform);
    GDALSetSpatialRef(ds, crs);
    OSRDestroySpatialReference(crs);
    for (int b = 1; b <= bands; b++)
        for (int y = 0; y < H; y++) {
            double row[W];
            for (int x = 0; x < W; x++)
                row[x] = (100 + 60 * sin(x / 9.0) + 40 * cos(y / 7.0) + b) * factor + shift;
            assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, b), GF_Write, 0, y, W, 1, row, W, 1, GDT_Float64, 0, 0),
                             CE_None);
        }
    return ds;
}

static void set_value(GDALDatasetH ds, int band, int x, int y, double value)
{
    assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, band), GF_Write, x, y, 1, 1, &value, 1, 1, GDT_Float64, 0, 0),
                     CE_None);
}

static const clv_creation_loss none = {CLV_LOSS_NONE, 0}, any = {CLV_LOSS_PICTURE, 0};

/* Closes got. */
static bool equal(GDALDatasetH want, GDALDatasetH got, clv_creation_loss loss, const char *why)
{
    clv_context *ctx = clv_context_new();
    clv_bands a, b;
    clv_comparison c;
    assert_true(clv_bands_of(want, &a) && clv_bands_of(got, &b));
    assert_int_equal(clv_bands_compare(ctx, &a, &b, loss, NULL, &c), CLV_OK);
    clv_bands_close(&a);
    clv_bands_close(&b);
    GDALClose(got);
    clv_context_free(ctx);
    if (why && !strstr(c.why, why))
        fail_msg("\"%s\" does not say \"%s\"", c.why, why);
    return c.equal;
}

static void one_changed_value_is_found_and_named(void **state)
{
    (void)state;
    GDALDatasetH want = picture(GDT_UInt16, 3, 20, 0);
    assert_true(equal(want, picture(GDT_UInt16, 3, 20, 0), none, NULL));
    GDALDatasetH got = picture(GDT_UInt16, 3, 20, 0);
    set_value(got, 2, 31, 64, 7);
    assert_false(equal(want, got, none, "band 2 has 7 instead of"));
    got = picture(GDT_UInt16, 3, 20, 0);
    set_value(got, 3, 31, 64, 7);
    assert_false(equal(want, got, none, "pixel 31, line 64"));
    assert_false(equal(want, picture(GDT_UInt16, 2, 20, 0), none, "2 bands instead of 3"));
    GDALClose(want);
}

static void other_types_may_hold_the_same_values(void **state)
{
    (void)state;
    GDALDatasetH want = picture(GDT_UInt16, 1, 20, 0);
    static const GDALDataType wider[] = {GDT_Int32, GDT_Float64};
    for (int i = 0; i < 2; i++) {
        GDALDatasetH got = GDALCreate(GDALGetDriverByName("MEM"), "", W, H, 1, wider[i], NULL);
        double all[W * H];
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(want, 1), GF_Read, 0, 0, W, H, all, W, H, GDT_Float64, 0, 0),
                         CE_None);
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(got, 1), GF_Write, 0, 0, W, H, all, W, H, GDT_Float64, 0, 0),
                         CE_None);
        assert_true(equal(want, got, none, NULL));
    }
    assert_false(equal(want, picture(GDT_Byte, 1, 20, 0), none, "end at 255"));
    GDALClose(want);
}

static void missing_floats_are_equal_to_missing_ones_only(void **state)
{
    (void)state;
    GDALDatasetH want = picture(GDT_Float32, 1, 0.01, 0), got = picture(GDT_Float32, 1, 0.01, 0);
    set_value(want, 1, 3, 4, NAN);
    set_value(got, 1, 3, 4, NAN);
    set_value(want, 1, 5, 5, NAN);
    assert_false(equal(want, got, any, "pixel 5, line 5"));
    got = picture(GDT_Float32, 1, 0.01, 0);
    set_value(got, 1, 3, 4, NAN);
    set_value(got, 1, 5, 5, NAN);
    assert_true(equal(want, got, none, NULL));
    GDALClose(want);
}

static void lossy_pictures_look_like_the_original(void **state)
{
    (void)state;
    GDALDatasetH want = picture(GDT_UInt16, 2, 20, 0);
    assert_true(equal(want, picture(GDT_UInt16, 2, 20, 30), any, NULL));
    assert_true(equal(want, picture(GDT_UInt16, 2, 19.6, 0), any, NULL));
    assert_false(equal(want, picture(GDT_UInt16, 2, 0, 0), any, "has 0 instead of"));
    assert_false(equal(want, picture(GDT_UInt16, 2, 0, 2000), any, NULL));
    assert_false(equal(want, picture(GDT_UInt16, 2, 1, 0), any, NULL));
    /* A few bright values cut off. */
    set_value(want, 1, 10, 10, 6000);
    GDALDatasetH got = picture(GDT_UInt16, 2, 20, 0);
    set_value(got, 1, 10, 10, 4095);
    assert_false(equal(want, got, any, "end at 4095, band 1 reaches 6000"));
    GDALClose(want);
}

static void bounds_are_those_of_every_value(void **state)
{
    (void)state;
    GDALDatasetH want = picture(GDT_UInt16, 1, 20, 0);
    const clv_creation_loss five = {CLV_LOSS_BOUNDED, 5};
    assert_true(equal(want, picture(GDT_UInt16, 1, 20, 5), five, NULL));
    GDALDatasetH got = picture(GDT_UInt16, 1, 20, 0);
    set_value(got, 1, 80, 2, 3);
    assert_false(equal(want, got, five, NULL));
    assert_false(equal(want, picture(GDT_UInt16, 1, 20, 6), five, NULL));
    GDALClose(want);
}

/* ---- Another grid --------------------------------------------------------------------------------------- */

static GDALDatasetH warped(GDALDatasetH source, GDALResampleAlg how)
{
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(crs, 3857);
    char *wkt = NULL;
    OSRExportToWkt(crs, &wkt);
    GDALDatasetH vrt = GDALAutoCreateWarpedVRT(source, NULL, wkt, how, 0, NULL);
    assert_non_null(vrt);
    GDALDatasetH copy = GDALCreateCopy(GDALGetDriverByName("MEM"), "", vrt, FALSE, NULL, NULL, NULL);
    GDALClose(vrt);
    CPLFree(wkt);
    OSRDestroySpatialReference(crs);
    return copy;
}

static bool alike(GDALDatasetH want, GDALDatasetH got, bool classes)
{
    clv_context *ctx = clv_context_new();
    clv_bands a, b;
    clv_comparison c;
    assert_true(clv_bands_of(want, &a) && clv_bands_of(got, &b));
    assert_int_equal(clv_bands_compare_resampled(ctx, &a, &b, classes, &c), CLV_OK);
    clv_bands_close(&a);
    clv_bands_close(&b);
    GDALClose(got);
    clv_context_free(ctx);
    return c.equal;
}

static void resampled_pictures_lie_where_the_original_does(void **state)
{
    (void)state;
    GDALDatasetH want = picture(GDT_UInt16, 2, 20, 0), black = picture(GDT_UInt16, 2, 0, 0);
    assert_true(alike(want, warped(want, GRA_Cubic), false));
    assert_false(alike(want, warped(black, GRA_Cubic), false));
    GDALClose(want);
    GDALClose(black);
}

static void classes_are_not_averaged(void **state)
{
    (void)state;
    GDALDatasetH want = picture(GDT_Byte, 1, 0, 0);
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            set_value(want, 1, x, y, (x / 6 + y / 5) % 2 * 3);
    assert_true(alike(want, warped(want, GRA_NearestNeighbour), true));
    assert_false(alike(want, warped(want, GRA_Bilinear), true));
    GDALClose(want);
}

/* ---- What options change -------------------------------------------------------------------------------- */

static int kind_of(const char *driver, const char *option, const char *second, bool categories)
{
    const char *user[] = {option, second, NULL};
    clv_creation_shape shape = {.type = GDT_UInt16, .bands = 1, .categories = categories};
    return (int)clv_creation_loss_of(GDALGetDriverByName(driver), user, &shape).kind;
}

static void options_say_what_may_change(void **state)
{
    (void)state;
    assert_int_equal(kind_of("GTiff", "COMPRESS=ZSTD", NULL, false), CLV_LOSS_NONE);
    assert_int_equal(kind_of("GTiff", "NBITS=12", NULL, false), CLV_LOSS_NONE);
    assert_int_equal(kind_of("GTiff", "COMPRESS=WEBP", NULL, false), CLV_LOSS_PICTURE);
    assert_int_equal(kind_of("GTiff", "COMPRESS=WEBP", "WEBP_LOSSLESS=YES", false), CLV_LOSS_NONE);
    assert_int_equal(kind_of("COG", "COMPRESS=LERC", NULL, false), CLV_LOSS_NONE);
    assert_int_equal(kind_of("COG", "COMPRESS=LERC_ZSTD", "MAX_Z_ERROR=2", false), CLV_LOSS_BOUNDED);
    assert_int_equal(kind_of("COG", "COMPRESS=JPEG", NULL, true), CLV_LOSS_NONE);
    assert_int_equal(kind_of("PNG", "ZLEVEL=3", NULL, false), CLV_LOSS_NONE);
    GDALDriverH gtiff = GDALGetDriverByName("GTiff");
    static const char *const direct[] = {"COMPRESS=LZW", NULL}, *const lossy[] = {"COMPRESS=LERC", NULL},
                             *const bits[] = {"NBITS=12", NULL};
    assert_false(clv_creation_needs_copy(gtiff, direct, 4));
    assert_true(clv_creation_needs_copy(gtiff, lossy, 1));
    assert_true(clv_creation_needs_copy(gtiff, bits, 1));
}

int main(void)
{
    GDALAllRegister();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_do_not_depend_on_windows_but_on_every_value),
        cmocka_unit_test(sums_know_all_sizes),
        cmocka_unit_test(one_changed_value_is_found_and_named),
        cmocka_unit_test(other_types_may_hold_the_same_values),
        cmocka_unit_test(missing_floats_are_equal_to_missing_ones_only),
        cmocka_unit_test(lossy_pictures_look_like_the_original),
        cmocka_unit_test(bounds_are_those_of_every_value),
        cmocka_unit_test(resampled_pictures_lie_where_the_original_does),
        cmocka_unit_test(classes_are_not_averaged),
        cmocka_unit_test(options_say_what_may_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
