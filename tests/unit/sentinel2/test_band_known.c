/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sentinel2/band_known.h"
#include "sentinel2/quality_names.h"

static clv_band_known known(const char *name)
{
    const clv_band_hint hint = {.description = name};
    clv_band_known found;
    clv_bands_known(&hint, 1, &found);
    return found;
}

static void all_are(clv_band_known wanted, const char *const *names)
{
    for (; *names; names++)
        if (known(*names) != wanted)
            fail_msg("%s is %d", *names, (int)known(*names));
}

static void names_are_sorted(void **state)
{
    (void)state;
    static const char *const reflectance[] = {"B04",
                                              "B8A_20220601",
                                              "swir16",
                                              "red edge 2",
                                              "coastal",
                                              "nbart_swir_2",
                                              "SR_B7",
                                              "cirrus",
                                              "cloud_free_swir16",
                                              "B4, central wavelength 665 nm",
                                              "BROADNIR",
                                              "20220601T101559_20220601T102103_T32TPS_B11",
                                              NULL};
    static const char *const quality[] = {"SCL",
                                          "MSK_CLASSI_CIRRUS",
                                          "MSK_CLASSI_SNOW_ICE",
                                          "cs",
                                          "cs_cdf",
                                          "2_cs_cdf",
                                          "probability",
                                          "clouds",
                                          "dark_pixels",
                                          "cloudmask",
                                          "cloudProbability",
                                          "cloudAndCloudShadowMask",
                                          "shadows",
                                          "cloud_transform",
                                          "NDVI",
                                          "EVI",
                                          "sunAzimuthAngles",
                                          "viewZenithMean",
                                          "DEM",
                                          "CLEAROB",
                                          "TOTALOB",
                                          "PROVENANCE",
                                          "DST",
                                          "AOT",
                                          "WVP",
                                          "TCI_R",
                                          "QA10",
                                          "QA20",
                                          "VZA_B04",
                                          "MEAN_INCIDENCE_AZIMUTH_ANGLE_B8A",
                                          "B4_stdDev",
                                          "SR_QA_AEROSOL",
                                          "ST_B10",
                                          "ndvi_20220601",
                                          "B04_mask",
                                          "oa_fmask",
                                          NULL};
    static const char *const unknown[] = {"ground", "yield", "Kurzwelle", "my product", NULL};
    static const char *const nameless[] = {
        "",  "Band 5", "band_4", "layer", "lyr.1", "20220601", "B13", "7", "T32TPS_20220601.5", "S2 L2A reflectance 3",
        NULL};
    all_are(CLV_BAND_REFLECTANCE, reflectance);
    all_are(CLV_BAND_QUALITY, quality);
    all_are(CLV_BAND_UNKNOWN, unknown);
    all_are(CLV_BAND_NAMELESS, nameless);
    assert_int_equal(known(NULL), CLV_BAND_NAMELESS);
    assert_true(clv_name_is_of_band("VZA_B04") && !clv_name_is_of_band("cloud_free_B04"));
}

static void other_hints_count(void **state)
{
    (void)state;
    const clv_band_hint hints[] = {{.description = "meadow_1"},
                                   {.description = "meadow_2"},
                                   {.description = "meadow_3"},
                                   {.description = "meadow", .wavelength_um = 1.61},
                                   {.description = "heat", .wavelength_um = 10.9},
                                   {.description = "", .color = 'A'},
                                   {.description = "", .color = 'R'},
                                   {.description = "ground", .band_name = "B11"},
                                   {.description = "", .band_name = "sunZenithAngles"}};
    static const clv_band_known wanted[] = {CLV_BAND_NAMELESS,    CLV_BAND_NAMELESS,    CLV_BAND_NAMELESS,
                                            CLV_BAND_REFLECTANCE, CLV_BAND_QUALITY,     CLV_BAND_QUALITY,
                                            CLV_BAND_REFLECTANCE, CLV_BAND_REFLECTANCE, CLV_BAND_QUALITY};
    clv_band_known found[9];
    clv_bands_known(hints, 9, found);
    for (int i = 0; i < 9; i++)
        if (found[i] != wanted[i])
            fail_msg("band %d is %d", i, (int)found[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_sorted), cmocka_unit_test(other_hints_count)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
