/* SPDX-License-Identifier: MIT
 *
 * Sensors by names, and what their band numbers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel2/sensor.h"

static void names_tell_the_sensor(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        clv_sensor sensor;
    } cases[] = {
        {"HLS.L30.T32TPS.2022213T101559.v2.0.B05.tif", CLV_SENSOR_OLI},
        {"HLS.S30.T32TPS.2022213T101559.v2.0.B05.tif", CLV_SENSOR_MSI},
        {"hls.l30.t32tps.2022213t101559.v2.0", CLV_SENSOR_OLI},
        {"LC08_L2SP_193027_20220801_20220806_02_T1_SR_B5.TIF", CLV_SENSOR_OLI},
        {"LC09_L2SP_193027_20220801_20220803_02_T1", CLV_SENSOR_OLI},
        {"LE07_L2SP_193027_20020801_20200916_02_T1", CLV_SENSOR_TM},
        {"LT05_L2SP_193027_19870801_20200916_02_T1", CLV_SENSOR_TM},
        {"20200815_LEVEL2_LND08_BOA.tif", CLV_SENSOR_OLI},
        {"19900815_LEVEL2_LND05_BOA.tif", CLV_SENSOR_TM},
        {"20200815_LEVEL2_SEN2A_BOA.tif", CLV_SENSOR_MSI},
        {"S2B_MSIL2A_20230416T101559_N0509_R065_T32TPS_20230416T130536.SAFE", CLV_SENSOR_MSI},
        {"SENTINEL2B_20220801-104904-377_L2A_T31TCJ_C_V4-0", CLV_SENSOR_MSI},
        {"Sentinel-2B", CLV_SENSOR_MSI},
        {"landsat-9", CLV_SENSOR_OLI},
        {"landsat-5", CLV_SENSOR_TM},
        {"B05.tif", CLV_SENSOR_UNKNOWN},
        {"LT_lakes_2005.tif", CLV_SENSOR_UNKNOWN},
        {"", CLV_SENSOR_UNKNOWN},
        {NULL, CLV_SENSOR_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (clv_sensor_of_name(cases[i].name) != cases[i].sensor)
            fail_msg("%s: %s", cases[i].name, clv_sensor_name(clv_sensor_of_name(cases[i].name)));
}

static void names_tell_satellite_and_sensor(void **state)
{
    (void)state;
    static const struct {
        const char *name, *satellite;
        clv_sensor sensor;
    } cases[] = {
        {"S2B_MSIL2A_20230801T101609_N0509_R065_T32TPS_20230801T150152.SAFE", "S2B", CLV_SENSOR_MSI},
        {"SENTINEL2C_20250703-105901-123_L2A_T32TPS_D", "S2C", CLV_SENSOR_MSI},
        {"Sentinel-2C_L2A", "S2C", CLV_SENSOR_MSI},
        {"sentinel-2-l2a", "", CLV_SENSOR_MSI},
        {"S2MSI2A_32TPS_S2A", "S2A", CLV_SENSOR_MSI},
        {"20190703_LEVEL2_SEN2A_BOA.tif", "S2A", CLV_SENSOR_MSI},
        {"20190703_LEVEL2_SEN2L_BOA.tif", "", CLV_SENSOR_MSI},
        {"20190703_LEVEL2_LND08_BOA.tif", "L8", CLV_SENSOR_OLI},
        {"20190703_LEVEL2_LND07_BOA.tif", "L7", CLV_SENSOR_TM},
        {"HLS.L30.T35UNQ.2022078T092029.v2.0", "L30", CLV_SENSOR_OLI},
        {"HLSS30.020_B04_doy2022213_aid0001_16N.tif", "S30", CLV_SENSOR_MSI},
        {"S2B2A_20220801_022_site_BOA_10.tif", "S2B", CLV_SENSOR_MSI},
        {"S2C1C_20250801_022_site_TOA_10.tif", "S2C", CLV_SENSOR_MSI},
        {"ga_s2cm_nbart_3-2-1_56HLH_2025-07-03_final_band04.tif", "S2C", CLV_SENSOR_MSI},
        {"ga_ls9c_nbart_3-2-1_091080_2023-07-03_final_band04.tif", "L9", CLV_SENSOR_OLI},
        {"ga_ls5t_ard_3-2-1_091080_1999-07-03_final", "L5", CLV_SENSOR_TM},
        {"ga_ls7e_nbart_3-2-1_091080_2001-07-03_final_band07.tif", "L7", CLV_SENSOR_TM},
        {"LC80140282013123LGN00_B4.TIF", "L8", CLV_SENSOR_OLI},
        {"LE71930282000366SGS00", "L7", CLV_SENSOR_TM},
        {"LT04_L2SP_193027_19870801_20200916_02_T1", "L4", CLV_SENSOR_TM},
        {"landsat-8", "L8", CLV_SENSOR_OLI},
        {"landsat9_site", "L9", CLV_SENSOR_OLI},
        {"T32TPS_20230801T101609", "", CLV_SENSOR_UNKNOWN},
        {"S2E_x", "", CLV_SENSOR_UNKNOWN},
        {"ls8_x_LSA_L8_LND10", "", CLV_SENSOR_UNKNOWN},
        {"", "", CLV_SENSOR_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char satellite[8];
        const bool found = clv_satellite_of_name(cases[i].name, satellite);
        if (strcmp(satellite, cases[i].satellite) != 0 || found != (satellite[0] != 0) ||
            clv_sensor_of_name(cases[i].name) != cases[i].sensor)
            fail_msg("%s: %s, %s", cases[i].name, satellite, clv_sensor_name(clv_sensor_of_name(cases[i].name)));
    }
}

static void numbers_are_paired_by_wavelength(void **state)
{
    (void)state;
    assert_string_equal(clv_sensor_band(CLV_SENSOR_MSI, "B05"), "B05");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_UNKNOWN, "b8a"), "B8A");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_OLI, "B05"), "B8A");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_OLI, "SR_B5"), "B8A");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_OLI, "SR_B6"), "B11");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_OLI, "B9"), "B10");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_TM, "SR_B3"), "B04");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_TM, "SR_B1"), "B02");
    assert_string_equal(clv_sensor_band(CLV_SENSOR_TM, "SR_B7"), "B12");
    assert_null(clv_sensor_band(CLV_SENSOR_OLI, "B8"));  /* panchromatic */
    assert_null(clv_sensor_band(CLV_SENSOR_OLI, "B10")); /* thermal */
    assert_null(clv_sensor_band(CLV_SENSOR_TM, "ST_B6"));
    assert_null(clv_sensor_band(CLV_SENSOR_OLI, "B8A"));
    assert_null(clv_sensor_band(CLV_SENSOR_MSI, "QA_PIXEL"));
    assert_null(clv_sensor_band(CLV_SENSOR_MSI, "B13"));
}

static void names_of_bands_tell_the_sensor(void **state)
{
    (void)state;
    static const char *const tm[] = {"SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B7"},
                             *const oli[] = {"SR_B2", "SR_B3", "SR_B6"},
                             *const landsat[] = {"nbart_red", "nbart_swir_2", NULL, "nbart_nir"},
                             *const sentinel[] = {"nbart_swir_2", "nbar_nir_1"},
                             *const none[] = {"nbart_red", "nbart_swir_2", "nbart_nirvana", "nbart"};
    assert_int_equal(clv_sensor_of_bands(tm, 6), CLV_SENSOR_TM);
    assert_int_equal(clv_sensor_of_bands(oli, 3), CLV_SENSOR_OLI);
    assert_int_equal(clv_sensor_of_bands(landsat, 4), CLV_SENSOR_OLI);
    assert_int_equal(clv_sensor_of_bands(sentinel, 2), CLV_SENSOR_MSI);
    assert_int_equal(clv_sensor_of_bands(none, 4), CLV_SENSOR_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_the_sensor),
        cmocka_unit_test(names_tell_satellite_and_sensor),
        cmocka_unit_test(names_of_bands_tell_the_sensor),
        cmocka_unit_test(numbers_are_paired_by_wavelength),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
