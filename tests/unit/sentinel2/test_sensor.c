/* SPDX-License-Identifier: MIT
 *
 * Sensors by names, and what their band numbers mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell_the_sensor),
        cmocka_unit_test(numbers_are_paired_by_wavelength),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
