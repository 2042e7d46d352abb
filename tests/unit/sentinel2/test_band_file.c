/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sentinel2/archive_names.h"
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
    reads("2022-08-01-00_00_Sentinel-2_L2A_B04_(Raw).tiff", CLV_FILE_BAND, "B04", 0, "2022-08-01-00_00_Sentinel-2_L2A");
}

static void variant(const char *name, const char *band, const char *variant, int resolution, const char *key)
{
    clv_band_file f;
    reads(name, CLV_FILE_BAND, band, resolution, key);
    clv_band_file_read(name, &f);
    assert_string_equal(f.variant, variant);
    assert_int_equal(f.variant_rank > 0, *variant != 0);
}

static void masked(const char *name, clv_mask_kind kind, const char *shown, int resolution, const char *key)
{
    clv_band_file f;
    clv_band_file_read(name, &f);
    if (f.mask_rank == 0 || f.mask != kind || strcmp(f.mask_shown, shown) != 0 || f.resolution != resolution ||
        strcmp(f.key, key) != 0)
        fail_msg("%s: kind %d, mask %d of rank %d, %d m, key '%s'", name, (int)f.kind, (int)f.mask, f.mask_rank,
                 f.resolution, f.key);
}

static void archives_have_words_of_their_own(void **state)
{
    (void)state;
    const char *maja = "SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2";
    variant("SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2_FRE_B8A.tif", "B8A", "FRE", 0, maja);
    variant("SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2_SRE_B3.tif", "B03", "SRE", 0, maja);
    masked("SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2_CLM_R1.tif", CLV_MASK_KIND_MAJA_CLM, "CLM", 10, maja);
    masked("SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2_MG2_R2.tif", CLV_MASK_KIND_MAJA_MG2, "MG2", 20, maja);
    reads("SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2_ATB_R2.tif", CLV_FILE_AUX, "", 20, maja);
    reads("SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2_SAT_R1.tif", CLV_FILE_AUX, "", 10, maja);
    variant("SENTINEL2X_20190615-000000-000_L3A_T32TPS_C_V1-0_FRC_B12.tif", "B12", "FRC", 0,
            "SENTINEL2X_20190615-000000-000_L3A_T32TPS_C_V1-0");
    const char *force = "20190703_LEVEL2_SEN2A";
    reads("20190703_LEVEL2_SEN2A_BOA.tif", CLV_FILE_RASTER, "", 0, force);
    masked("20190703_LEVEL2_SEN2A_QAI.tif", CLV_MASK_KIND_FORCE_QAI, "QAI", 0, force);
    reads("20190703_LEVEL2_SEN2A_DST.tif", CLV_FILE_AUX, "", 0, force);
    reads("20190703_LEVEL2_LND08_HOT.tif", CLV_FILE_AUX, "", 0, "20190703_LEVEL2_LND08");
    const char *dea = "ga_s2cm_3-2-1_56HLH_2025-07-03_final";
    variant("ga_s2cm_nbart_3-2-1_56HLH_2025-07-03_final_band08a.tif", "B8A", "nbart", 0, dea);
    variant("ga_s2cm_nbar_3-2-1_56HLH_2025-07-03_final_band04.tif", "B04", "nbar", 0, dea);
    masked("ga_s2cm_oa_3-2-1_56HLH_2025-07-03_final_fmask.tif", CLV_MASK_KIND_DEA_FMASK, "oa_fmask", 0, dea);
    /* Landsat's own numbers; measurements by name, of which some depend on the sensor. */
    const char *ls = "ga_ls9c_3-2-1_091080_2023-07-03_final";
    variant("ga_ls9c_nbart_3-2-1_091080_2023-07-03_final_band05.tif", "B8A", "nbart", 0, ls);
    variant("ga_ls9c_nbar_3-2-1_091080_2023-07-03_final_band07.tif", "B12", "nbar", 0, ls);
    masked("ga_ls9c_oa_3-2-1_091080_2023-07-03_final_fmask.tif", CLV_MASK_KIND_DEA_FMASK, "oa_fmask", 0, ls);
    reads("ga_ls9c_oa_3-2-1_091080_2023-07-03_final_nbart-contiguity.tif", CLV_FILE_AUX, "", 0, ls);
    reads("ga_ls8c_nbart_3-2-1_091080_2023-07-03_final_band08.tif", CLV_FILE_AUX, "", 0,
          "ga_ls8c_3-2-1_091080_2023-07-03_final");
    variant("ga_ls5t_nbart_3-2-1_091080_1999-07-03_final_band01.tif", "B02", "nbart", 0,
            "ga_ls5t_3-2-1_091080_1999-07-03_final");
    variant("ga_ls7e_ard_2001-07-03_nbart_swir_2.tif", "B12", "nbart", 0, "ga_ls7e_ard_2001-07-03");
    variant("ga_s2am_ard_2021-07-03_nbart_swir_2.tif", "B11", "nbart", 0, "ga_s2am_ard_2021-07-03");
    variant("site_2021-07-03_nbart_nir_1.tif", "B08", "nbart", 0, "site_2021-07-03");
    variant("site_2021-07-03_nbart_nir.tif", "B8A", "nbart", 0, "site_2021-07-03");
    variant("site_2021-07-03_nbar_red_10m.tif", "B04", "nbar", 10, "site_2021-07-03");
    reads("site_2021-07-03_nbart_swir_2.tif", CLV_FILE_RASTER, "", 0, "site_2021-07-03_nbart_swir_2");
    masked("SENTINEL-2_MSI_23MMU_CLOUD_2019-07-03.tif", CLV_MASK_KIND_SCL, "CLOUD", 0,
           "SENTINEL-2_MSI_23MMU_2019-07-03");
    masked("LC09_L2SP_192028_20230703_20230705_02_T1_QA_PIXEL.TIF", CLV_MASK_KIND_LANDSAT_QA, "QA_PIXEL", 0,
           "LC09_L2SP_192028_20230703_20230705_02_T1");
    masked("20190703_QA60.tif", CLV_MASK_KIND_QA60, "QA60", 0, "20190703");
    /* Elsewhere the same words say nothing. */
    reads("20190703_hot_summer_SAT.tif", CLV_FILE_RASTER, "", 0, "20190703_hot_summer_SAT");
    reads("cloud_R1_20190703.tif", CLV_FILE_RASTER, "", 0, "cloud_R1_20190703");
    variant("20190703_FRE_B4.tif", "B04", "", 0, "20190703_FRE");
    variant("ga_xy8c_nbart_3-2-1_091080_2019-07-03_final_B04.tif", "B04", "", 0,
            "ga_xy8c_nbart_3-2-1_091080_2019-07-03_final");
    reads("x_nbart_coast_blue_1.tif", CLV_FILE_RASTER, "", 0, "x_nbart_coast_blue_1");
}

static void names_tell_kinds_of_folders(void **state)
{
    (void)state;
    assert_true(clv_archive_is_tile_folder("X0012_Y0034", 11));
    assert_true(clv_archive_is_tile_folder("X-012_Y0034/a", 11));
    assert_false(clv_archive_is_tile_folder("X0012-Y0034", 11));
    assert_true(clv_archive_is_product("SENTINEL2A_20190703-105901-123_L2A_T32TPS_D_V2-2.zip"));
    assert_true(clv_archive_is_product("S2B_MSIL2A_20230801T101609_N0509_R065_T32TPS_20230801T150152.SAFE.zip"));
    assert_false(clv_archive_is_product("holiday.zip"));
    assert_false(clv_archive_is_product("S2B_MSIL2A_20230801T101609_N0509_R065_T32TPS_20230801T150152.SAFE"));
    assert_true(clv_archive_is_extra("S2-16D_V2_012014_20230101_CLEAROB.tif"));
    assert_false(clv_archive_is_extra("S2-16D_V2_012014_20230101_X.tif"));
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
        cmocka_unit_test(archives_have_words_of_their_own),
        cmocka_unit_test(names_tell_kinds_of_folders),
        cmocka_unit_test(what_is_no_reflectance_is_set_aside),
        cmocka_unit_test(rasters_of_their_own_stay_that),
        cmocka_unit_test(names_tell_tile_and_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
