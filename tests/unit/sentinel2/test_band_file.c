/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sentinel2/band_file.h"

static void reads(const char *name, clv_file_kind kind, const char *band, int resolution, const char *key)
{
    clv_band_file f;
    clv_band_file_read(name, &f);
    if (f.kind != kind || strcmp(f.band, band) != 0 || f.resolution != resolution || strcmp(f.key, key) != 0)
        fail_msg("%s: kind %d band '%s' %d m key '%s'", name, (int)f.kind, f.band, f.resolution, f.key);
}

static void archives_name_bands(void **state)
{
    (void)state;
    reads("T32TQR_20220801T101559_B04_10m.jp2", CLV_FILE_BAND, "B04", 10, "T32TQR_20220801T101559");
    reads("T32TQR_20220801T101559_B8A_20m.tif", CLV_FILE_BAND, "B8A", 20, "T32TQR_20220801T101559");
    reads("T32TQR_20220801T101559_B08.jp2", CLV_FILE_BAND, "B08", 0, "T32TQR_20220801T101559");
    reads("HLS.S30.T35UNQ.2022078T092029.v2.0.B04.tif", CLV_FILE_BAND, "B04", 0, "HLS.S30.T35UNQ.2022078T092029.v2.0");
    reads("HLS.S30.T35UNQ.2022078T092029.v2.0.Fmask.tif", CLV_FILE_FMASK, "", 0, "HLS.S30.T35UNQ.2022078T092029.v2.0");
    reads("B04.tif", CLV_FILE_BAND, "B04", 0, "");
    reads("red.tif", CLV_FILE_BAND, "B04", 0, "");
    reads("nir08.tif", CLV_FILE_BAND, "B8A", 0, "");
    reads("SCL.tif", CLV_FILE_SCL, "", 0, "");
    reads("scl.tif", CLV_FILE_SCL, "", 0, "");
    reads("SENTINEL-2_MSI_20LKP_2018-07-12_B12.tif", CLV_FILE_BAND, "B12", 0, "SENTINEL-2_MSI_20LKP_2018-07-12");
    reads("B04_20220801.tif", CLV_FILE_BAND, "B04", 0, "20220801");
    reads("2022-08-01-00_00_Sentinel-2_L2A_B04_(Raw).tiff", CLV_FILE_BAND, "B04", 0,
          "2022-08-01-00_00_Sentinel-2_L2A_(Raw");
}

static void what_is_no_reflectance_is_set_aside(void **state)
{
    (void)state;
    reads("T32TQR_20220801T101559_TCI_10m.jp2", CLV_FILE_AUX, "", 10, "T32TQR_20220801T101559");
    reads("T32TQR_20220801T101559_SCL_20m.jp2", CLV_FILE_SCL, "", 20, "T32TQR_20220801T101559");
    reads("MSK_CLDPRB_20m.jp2", CLV_FILE_AUX, "", 20, "");
    reads("visual.tif", CLV_FILE_AUX, "", 0, "");
    reads("sim_20230406_mask.tif", CLV_FILE_AUX, "", 0, "sim_20230406");
    reads("B04_mask.tif", CLV_FILE_AUX, "", 0, "B04");
}

static void rasters_of_their_own_stay_that(void **state)
{
    (void)state;
    reads("S2_L2A_T32TPS_20220602_BGRN_10m.tif", CLV_FILE_RASTER, "", 10, "S2_L2A_T32TPS_20220602");
    reads("S2_L2A_T32TPS_20220602_SCL_10m.tif", CLV_FILE_SCL, "", 10, "S2_L2A_T32TPS_20220602");
    reads("S2A2A_20220801_022_site_BOA_10.tif", CLV_FILE_RASTER, "", 0, "S2A2A_20220801_022_site");
    reads("S2A2A_20220801_022_site_SCL_10.tif", CLV_FILE_SCL, "", 0, "S2A2A_20220801_022_site");
    reads("red_river_20220801.tif", CLV_FILE_RASTER, "", 0, "red_river_20220801");
    reads("S2_B04_B03_B02.tif", CLV_FILE_RASTER, "", 0, "S2_B04_B03_B02");
    reads("B13.tif", CLV_FILE_RASTER, "", 0, "B13");
    reads("B4A.tif", CLV_FILE_RASTER, "", 0, "B4A");
    reads("", CLV_FILE_RASTER, "", 0, "");
    reads("...", CLV_FILE_RASTER, "", 0, "");
    reads("S2_20220801-0000000000-0000012288.tif", CLV_FILE_TILE, "", 0, "S2_20220801");
    reads("0000000000-0000012288.tif", CLV_FILE_RASTER, "", 0, "0000000000-0000012288");
    char name[400];
    memset(name, 'a', sizeof name);
    strcpy(name + 380, "_B04.tif");
    clv_band_file f;
    clv_band_file_read(name, &f);
    assert_int_equal(f.kind, CLV_FILE_RASTER);
}

static void names_tell_tile_and_level(void **state)
{
    (void)state;
    char tile[6];
    clv_tile_of_name("S2A_MSIL2A_20220801T101559_N0400_R022_T32TQR_20220801T162101.SAFE", tile);
    assert_string_equal(tile, "32TQR");
    clv_tile_of_name("S2A_33TWM_20230815_0_L2A", tile);
    assert_string_equal(tile, "33TWM");
    clv_tile_of_name("series_20220801", tile);
    assert_string_equal(tile, "");
    assert_int_equal(clv_processing_level_of_name("S2A_MSIL1C_20220801T101559"), 1);
    assert_int_equal(clv_processing_level_of_name("S2A_33TWM_20230815_0_L2A"), 2);
    assert_int_equal(clv_processing_level_of_name("a.tif"), 0);
    assert_int_equal(clv_band_number("B8A"), 8);
    assert_int_equal(clv_band_number("B12"), 12);
    assert_int_equal(clv_band_number("SCL"), -1);
    assert_true(clv_name_has_word("20220801T101559_T32TQR_QA60", "qa60"));
    assert_false(clv_name_has_word("sclera", "scl"));
    assert_false(clv_name_has_word(NULL, "scl"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(archives_name_bands),
        cmocka_unit_test(what_is_no_reflectance_is_set_aside),
        cmocka_unit_test(rasters_of_their_own_stay_that),
        cmocka_unit_test(names_tell_tile_and_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
