/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/alloc.h"
#include "unit/rasters.h"

static clv_context *ctx;
static char warnings[2000];

static void keep_warnings(clv_log_level level, const char *message, void *user)
{
    (void)user;
    if (level == CLV_LOG_WARNING)
        snprintf(warnings + strlen(warnings), sizeof warnings - strlen(warnings), "%s\n", message);
}

static int set_up(void **state)
{
    (void)state;
    ctx = clv_context_new();
    clv_context_set_log(ctx, keep_warnings, NULL);
    warnings[0] = 0;
    return ctx ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    clear_memory();
    clv_context_free(ctx);
    return 0;
}

/* ---- Files ------------------------------------------------------------------------------------- */

/* Values by place and band number, so that averages and mixed up bands show. */
static int current;
static double by_band(double x, double y, int band)
{
    (void)band;
    return 1000 * current + (x - 600000) / 10 + 3 * (5000000 - y) / 10;
}

/* Folders of /vsimem are listed only when they were made. */
static void make_folder_of(const char *path)
{
    char folder[300];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = 0;
    VSIMkdirRecursive(folder, 0755);
}

static void band_file(const char *folder, const char *name, int number, int pixel, GDALDataType type)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    current = number;
    make_folder_of(path);
    raster r = {.path = path,
                .width = 480 / pixel,
                .height = 360 / pixel,
                .bands = 1,
                .type = type,
                .transform = {600000, pixel, 0, 5000000, 0, -pixel},
                .epsg = 32632,
                .fill = by_band};
    make(&r);
}

static void fill_constant(const char *path, int pixel, int value)
{
    GDALAllRegister();
    GDALDatasetH ds = GDALCreate(GDALGetDriverByName("GTiff"), path, 480 / pixel, 360 / pixel, 1, GDT_Byte, NULL);
    const double t[6] = {600000, pixel, 0, 5000000, 0, -pixel};
    GDALSetGeoTransform(ds, (double *)t);
    set_crs(ds, 32632);
    GDALFillRaster(GDALGetRasterBand(ds, 1), value, 0);
    GDALClose(ds);
}

static clv_input_options defaults(void)
{
    clv_info_options o;
    clv_info_options_init(&o);
    return o.input;
}

static clv_series *open_one(const char *name, double tr)
{
    clv_series *s = NULL;
    clv_input_options o = defaults();
    o.tr = tr;
    clv_clear_error(ctx);
    if (clv_series_open(ctx, &name, 1, &o, &s) != CLV_OK)
        fail_msg("%s", clv_context_error(ctx));
    return s;
}

static void fails(const char *name, clv_status status, const char *part)
{
    clv_series *s = NULL;
    clv_input_options o = defaults();
    clv_clear_error(ctx);
    clv_status got = clv_series_open(ctx, &name, 1, &o, &s);
    const char *text = clv_context_error(ctx);
    if (got != status || !strstr(text, part) || strchr(text, '\n'))
        fail_msg("status %d (expected %d): %s (expected: %s)", (int)got, (int)status, text, part);
    assert_null(s);
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' does not contain '%s'", text, part);
}

/* ---- Folders of band files --------------------------------------------------------------------- */

static void a_folder_of_bands_is_a_date(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int number, pixel;
    } files[] = {{"B02.tif", 2, 10}, {"B03.tif", 3, 10}, {"B04.tif", 4, 10}, {"B08.tif", 8, 10},
                 {"B05.tif", 5, 20}, {"B11.tif", 6, 20}, {"B01.tif", 1, 60}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        band_file("/vsimem/t/S2A_32TQR_20220801_0_L2A", files[i].name, files[i].number, files[i].pixel, GDT_UInt16);
    fill_constant("/vsimem/t/S2A_32TQR_20220801_0_L2A/SCL.tif", 20, 9);
    fill_constant("/vsimem/t/S2A_32TQR_20220801_0_L2A/visual.tif", 10, 100);
    clv_series *s = open_one("/vsimem/t/S2A_32TQR_20220801_0_L2A", 0);
    const clv_acquisition *a = &s->acquisitions[0];
    assert_true(s->dates == 1 && s->channels == 4 && s->has_nir && a->grid.width == 48 && a->grid.pixel_m == 10);
    assert_string_equal(a->stem, "S2A_32TQR_20220801_0_L2A");
    assert_string_equal(a->source, "/vsimem/t/S2A_32TQR_20220801_0_L2A");
    contains(a->facts.bands_how, "files B02 B03 B04 B08 (10 m); B05 B11 left out");
    assert_string_equal(a->facts.mask_how, "SCL of the date's files");
    assert_true(a->facts.date.year == 2022 && a->facts.date.month == 8 && a->facts.date.day == 1);
    uint16_t raw[4];
    for (int c = 0; c < 4; c++) {
        static const int number[] = {4, 3, 2, 8};
        assert_int_equal(clv_series_read_raw(ctx, s, 0, c, (clv_rect){5, 7, 2, 2}, raw), CLV_OK);
        assert_int_equal(raw[0], 1000 * number[c] + 5 + 3 * 7 + 2); /* centres: +0.5 + 1.5 */
    }
    uint8_t mask[4];
    assert_int_equal(clv_series_read_mask(ctx, s, 0, (clv_rect){3, 3, 2, 2}, mask), CLV_OK);
    assert_int_equal(mask[0] + mask[3], 2);
    clv_series_free(s);

    s = open_one("/vsimem/t/S2A_32TQR_20220801_0_L2A", 20);
    a = &s->acquisitions[0];
    assert_true(s->channels == 6 && a->grid.width == 24 && a->grid.pixel_m == 20);
    assert_string_equal(a->bands[4].name, "B05");
    assert_int_equal(clv_series_read_raw(ctx, s, 0, 4, (clv_rect){5, 7, 1, 1}, raw), CLV_OK);
    assert_int_equal(raw[0], 5000 + 11 + 45);
    assert_int_equal(clv_series_read_raw(ctx, s, 0, 0, (clv_rect){5, 7, 1, 1}, raw), CLV_OK);
    assert_int_equal(raw[0], 4000 + 11 + 45); /* the mean of four pixels around (11, 15) */
    clv_series_free(s);
}

static void a_folder_of_folders_is_a_series(void **state)
{
    (void)state;
    for (int d = 0; d < 3; d++) {
        char folder[100];
        snprintf(folder, sizeof folder, "/vsimem/t/archive/32TQR_2022080%d", d + 1);
        band_file(folder, "red.tif", 4, 20, GDT_UInt16);
        band_file(folder, "green.tif", 3, 20, GDT_UInt16);
        band_file(folder, "blue.tif", 2, 20, GDT_UInt16);
    }
    clv_series *s = open_one("/vsimem/t/archive", 0);
    assert_true(s->dates == 3 && s->inputs == 3 && s->channels == 3);
    assert_string_equal(s->acquisitions[2].stem, "32TQR_20220803");
    clv_series_free(s);
    band_file("/vsimem/t/archive/32TQR_20220804", "red.tif", 4, 20, GDT_UInt16);
    band_file("/vsimem/t/archive/32TQR_20220804", "blue.tif", 2, 20, GDT_UInt16);
    fails("/vsimem/t/archive", CLV_ERROR_ARGUMENT, "32TQR_20220804/: of this date there are B02 B04 only");
}

static void grids_that_do_not_meet_are_an_error(void **state)
{
    (void)state;
    band_file("/vsimem/t/a_20220801", "B04.tif", 4, 20, GDT_UInt16);
    band_file("/vsimem/t/a_20220801", "B03.tif", 3, 20, GDT_UInt16);
    current = 2;
    raster r = {.path = "/vsimem/t/a_20220801/B02.tif",
                .width = 24,
                .height = 18,
                .bands = 1,
                .type = GDT_UInt16,
                .transform = {600020, 20, 0, 5000000, 0, -20},
                .epsg = 32632,
                .fill = by_band};
    make(&r);
    fails("/vsimem/t/a_20220801", CLV_ERROR_FORMAT, "do not lie on one grid");
}

static void classes_and_bits_are_masks(void **state)
{
    (void)state;
    static const int values[] = {2,   8,  4,
                                 255, 64, 1}; /* cloud, shadow, beside a cloud, nothing known, aerosol, cirrus */
    static const int flags[] = {1, 2, 0, 4, 0, 0};
    for (int i = 0; i < 6; i++) {
        band_file("/vsimem/t/hls", "HLS.S30.T32TQR.2022213T101559.v2.0.B04.tif", 4, 20, GDT_Int16);
        band_file("/vsimem/t/hls", "HLS.S30.T32TQR.2022213T101559.v2.0.B03.tif", 3, 20, GDT_Int16);
        band_file("/vsimem/t/hls", "HLS.S30.T32TQR.2022213T101559.v2.0.B02.tif", 2, 20, GDT_Int16);
        fill_constant("/vsimem/t/hls/HLS.S30.T32TQR.2022213T101559.v2.0.Fmask.tif", 20, values[i]);
        clv_series *s = open_one("/vsimem/t/hls", 0);
        uint8_t mask = 9;
        assert_int_equal(clv_series_read_mask(ctx, s, 0, (clv_rect){3, 3, 1, 1}, &mask), CLV_OK);
        assert_int_equal(mask, flags[i]);
        assert_string_equal(s->acquisitions[0].stem, "HLS.S30.T32TQR.2022213T101559.v2.0");
        assert_true(s->acquisitions[0].facts.date.month == 8 && s->acquisitions[0].facts.date.day == 1);
        clv_series_free(s);
    }
}

/* Names that come with a list of drivers come from strangers: one file is one raster. */
static void limited_drivers_open_single_files_only(void **state)
{
    (void)state;
    static const char *const only[] = {"GTiff", NULL};
    clv_series *s = NULL;
    clv_input_options o = defaults();
    const char *folder = "/vsimem/t/strange_20220801", *file = "/vsimem/t/strange_20220801/B04.tif";
    band_file(folder, "B04.tif", 4, 20, GDT_UInt16);
    band_file(folder, "B03.tif", 3, 20, GDT_UInt16);
    band_file(folder, "B02.tif", 2, 20, GDT_UInt16);
    o.drivers = only;
    clv_clear_error(ctx);
    assert_int_equal(clv_series_open(ctx, &folder, 1, &o, &s), CLV_ERROR_ARGUMENT);
    contains(clv_context_error(ctx), "is a folder; name its rasters");
    clv_clear_error(ctx);
    assert_int_equal(clv_series_open(ctx, &file, 1, &o, &s), CLV_ERROR_ARGUMENT);
    contains(clv_context_error(ctx), "one band only");
}

/* ---- STAC items -------------------------------------------------------------------------------- */

static double item_offset(const char *more)
{
    char *text = clv_format("{\"type\": \"Feature\", \"stac_version\": \"1.0.0\", \"properties\": {\"datetime\": "
                            "\"2022-08-01T10:20:30Z\"%s}, \"assets\": {\"red\": {\"href\": \"./B04.tif\", "
                            "\"raster:bands\": [{\"scale\": 0.0001, \"offset\": -0.1}]}}}",
                            more);
    write_text("/vsimem/t/item_20220801/item_20220801.json", text);
    free(text);
    clv_series *s = open_one("/vsimem/t/item_20220801", 0);
    double offset = s->acquisitions[0].bands[0].offset;
    assert_true(s->acquisitions[0].facts.date.hour == 10);
    clv_series_free(s);
    return offset;
}

static void items_tell_the_offset(void **state)
{
    (void)state;
    band_file("/vsimem/t/item_20220801", "B04.tif", 4, 20, GDT_UInt16);
    band_file("/vsimem/t/item_20220801", "B03.tif", 3, 20, GDT_UInt16);
    band_file("/vsimem/t/item_20220801", "B02.tif", 2, 20, GDT_UInt16);
#define BASELINE(b) ", \"s2:processing_baseline\": \"" b "\""
    assert_float_equal(item_offset(""), -0.1, 1e-9); /* a claim: the values, which begin above 900, agree */
    /* The asset contradicts: the flag counts. */
    assert_float_equal(item_offset(BASELINE("05.09") ", \"earthsearch:boa_offset_applied\": true"), 0, 0);
    assert_float_equal(item_offset(BASELINE("05.09") ", \"earthsearch:boa_offset_applied\": false"), -0.1, 1e-9);
    assert_float_equal(item_offset(BASELINE("02.14") ", \"earthsearch:boa_offset_applied\": false"), 0, 0);
    assert_float_equal(item_offset(BASELINE("05.09")), -0.1, 1e-9);
}

/* ---- Products ---------------------------------------------------------------------------------- */

#define SAFE "/vsimem/t/S2A_MSIL2A_20220801T101559_N0509_R022_T32TQR_20220801T162101.SAFE"
#define GRANULE "GRANULE/L2A_T32TQR_A037123_20220801T102103/IMG_DATA/"

/* metadata: IMAGE_FILE elements, more elements. */
static void write_metadata(const char *images, const char *more)
{
    char *text = clv_format(
        "<?xml version=\"1.0\"?>\n<n1:Level-2A_User_Product xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/x\">"
        "<n1:General_Info><Product_Info><PRODUCT_URI>S2A_MSIL2A_20220801T101559_N0509_R022_T32TQR_20220801T162101.SAFE"
        "</PRODUCT_URI><PROCESSING_BASELINE>05.09</PROCESSING_BASELINE><Datatake><DATATAKE_SENSING_START>"
        "2022-08-01T10:15:59.024Z</DATATAKE_SENSING_START></Datatake><Product_Organisation><Granule_List><Granule>%s"
        "</Granule></Granule_List></Product_Organisation></Product_Info><Product_Image_Characteristics>"
        "<QUANTIFICATION_VALUES_LIST><BOA_QUANTIFICATION_VALUE>10000</BOA_QUANTIFICATION_VALUE>"
        "</QUANTIFICATION_VALUES_LIST>%s</Product_Image_Characteristics></n1:General_Info></n1:Level-2A_User_Product>",
        images, more);
    VSIMkdirRecursive(SAFE, 0755);
    write_text(SAFE "/MTD_MSIL2A.xml", text);
    free(text);
}

static char *image_list(const char *const *names)
{
    char *list = clv_strdup("");
    for (int i = 0; names[i]; i++) {
        char *longer = clv_format("%s<IMAGE_FILE>%s%s</IMAGE_FILE>", list, GRANULE, names[i]);
        free(list);
        list = longer;
    }
    return list;
}

#define NAME(band, pixel) "R" pixel "m/T32TQR_20220801T101559_" band "_" pixel "m"
#define OFFSETS                                                                                                        \
    "<BOA_ADD_OFFSET_VALUES_LIST><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET><BOA_ADD_OFFSET band_id=\"2\">"   \
    "-900</BOA_ADD_OFFSET><BOA_ADD_OFFSET band_id=\"3\">-800</BOA_ADD_OFFSET><BOA_ADD_OFFSET band_id=\"7\">-700"       \
    "</BOA_ADD_OFFSET></BOA_ADD_OFFSET_VALUES_LIST>"

static void product_file(const char *name, int number, int pixel)
{
    char path[200];
    snprintf(path, sizeof path, "%s%s.tif", GRANULE, name);
    band_file(SAFE, path, number, pixel, GDT_UInt16);
}

static void a_product_is_read_by_its_metadata(void **state)
{
    (void)state;
    char *list = image_list((const char *const[]){NAME("B02", "10"), NAME("B03", "10"), NAME("B04", "10"),
                                                  NAME("B08", "10"), NAME("TCI", "10"), NAME("B05", "20"), NULL});
    write_metadata(list, OFFSETS);
    product_file(NAME("B02", "10"), 2, 10);
    product_file(NAME("B03", "10"), 3, 10);
    product_file(NAME("B04", "10"), 4, 10);
    fails(SAFE, CLV_ERROR_FORMAT, "the product is incomplete: T32TQR_20220801T101559_B08_10m.jp2");
    product_file(NAME("B08", "10"), 8, 10);
    clv_series *s = open_one(SAFE, 0);
    const clv_acquisition *a = &s->acquisitions[0];
    static const double offsets[] = {-0.08, -0.09, -0.1, -0.07};
    for (int c = 0; c < 4; c++) {
        assert_float_equal(a->bands[c].offset, offsets[c], 1e-9);
        assert_float_equal(a->bands[c].scale, 1e-4, 1e-12);
    }
    assert_string_equal(a->facts.scale_how, "1/10000, offset -800 DN (MTD_MSIL2A.xml, baseline 05.09)");
    assert_string_equal(a->stem, "S2A_MSIL2A_20220801T101559_N0509_R022_T32TQR_20220801T162101");
    assert_string_equal(a->facts.date_how, "DATATAKE_SENSING_START");
    clv_series_free(s);
    /* By its metadata file, and by its band files. */
    s = open_one(SAFE "/MTD_MSIL2A.xml", 0);
    assert_int_equal(s->channels, 4);
    clv_series_free(s);
    s = open_one(SAFE "/" GRANULE, 0);
    assert_float_equal(s->acquisitions[0].bands[1].offset, -0.09, 1e-9);
    assert_string_equal(s->acquisitions[0].stem, "T32TQR_20220801T101559");
    clv_series_free(s);
    free(list);
}

static void bad_products_give_one_clear_line(void **state)
{
    (void)state;
    char *list = image_list((const char *const[]){NAME("B02", "60"), NAME("B03", "60"), NAME("B04", "60"), NULL});
    write_metadata(list, OFFSETS);
    free(list);
    product_file(NAME("B02", "60"), 2, 60);
    product_file(NAME("B03", "60"), 3, 60);
    product_file(NAME("B04", "60"), 4, 60);
    fails(SAFE, CLV_ERROR_UNSUPPORTED, "has red, green and blue at 60 m only");
    list = image_list((const char *const[]){NAME("TCI", "10"), NULL});
    write_metadata(list, OFFSETS);
    free(list);
    fails(SAFE, CLV_ERROR_FORMAT, "the band files B02, B03 and B04 are not all there");
    write_metadata("<IMAGE_FILE>GRANULE/../../../../etc/passwd_B04_10m</IMAGE_FILE>", "");
    fails(SAFE, CLV_ERROR_FORMAT, "names a file outside of the product");
    write_metadata("<IMAGE_FILE>/etc/passwd_B04_10m</IMAGE_FILE>", "");
    fails(SAFE, CLV_ERROR_FORMAT, "names a file outside of the product");
    write_metadata("", "");
    fails(SAFE, CLV_ERROR_FORMAT, "names no image files");
    write_text(SAFE "/MTD_MSIL2A.xml", "no XML <at all");
    fails(SAFE, CLV_ERROR_FORMAT, "is not the metadata of a Sentinel-2 product");
    VSIUnlink(SAFE "/MTD_MSIL2A.xml");
    VSIRmdirRecursive(SAFE "/GRANULE");
    VSIMkdir(SAFE, 0755);
    fails(SAFE, CLV_ERROR_OPEN, "has no MTD_MSIL1C.xml or MTD_MSIL2A.xml");
}

/* ---- Tiles of an export ------------------------------------------------------------------------ */

static double map_value(double x, double y, int band)
{
    return 100 * band + (x - 600000) / 10 + 2 * (5000000 - y) / 10;
}

static void tiles_are_one_raster(void **state)
{
    (void)state;
    for (int j = 0; j < 2; j++)
        for (int i = 0; i < 2; i++) {
            char path[100];
            VSIMkdirRecursive("/vsimem/t/export", 0755);
            snprintf(path, sizeof path, "/vsimem/t/export/S2_20220801-%010d-%010d.tif", j * 40, i * 64);
            raster r = {.path = path,
                        .width = i ? 20 : 64,
                        .height = j ? 30 : 40,
                        .bands = 4,
                        .type = GDT_UInt16,
                        .transform = {600000 + 640 * i, 10, 0, 5000000 - 400 * j, 0, -10},
                        .epsg = 32632,
                        .names = bgrn,
                        .fill = map_value};
            make(&r);
        }
    clv_series *s = open_one("/vsimem/t/export", 0);
    assert_true(s->dates == 1 && s->acquisitions[0].grid.width == 84 && s->acquisitions[0].grid.height == 70);
    assert_string_equal(s->acquisitions[0].stem, "S2_20220801");
    uint16_t raw[4];
    assert_int_equal(clv_series_read_raw(ctx, s, 0, 0, (clv_rect){63, 39, 2, 2}, raw), CLV_OK);
    for (int k = 0; k < 4; k++) /* red is band 3; the four corners that meet */
        assert_int_equal(raw[k], (int)(300 + 63.5 + k % 2 + 2 * (39.5 + k / 2) + 0.5));
    clv_series_free(s);
}

/* ---- Mixtures ---------------------------------------------------------------------------------- */

static void mixtures_are_said(void **state)
{
    (void)state;
    static const char *const folders[] = {"/vsimem/t/mix/S2A_32TQR_20220801_0_L2A",
                                          "/vsimem/t/mix/S2A_33TWM_20220806_0_L1C"};
    for (int f = 0; f < 2; f++) {
        band_file(folders[f], "B04.tif", 4, 20, GDT_UInt16);
        band_file(folders[f], "B03.tif", 3, 20, GDT_UInt16);
        band_file(folders[f], "B02.tif", 2, 20, GDT_UInt16);
    }
    clv_series_free(open_one("/vsimem/t/mix", 0));
    contains(warnings, "Level-1C and Level-2A are mixed");
    contains(warnings, "several tiles (32TQR, 33TWM)");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_folder_of_bands_is_a_date),
        TEST(a_folder_of_folders_is_a_series),
        TEST(grids_that_do_not_meet_are_an_error),
        TEST(classes_and_bits_are_masks),
        TEST(limited_drivers_open_single_files_only),
        TEST(items_tell_the_offset),
        TEST(a_product_is_read_by_its_metadata),
        TEST(bad_products_give_one_clear_line),
        TEST(tiles_are_one_raster),
        TEST(mixtures_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
