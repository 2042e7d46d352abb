/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "sentinel2/roles.h"

static void role_is(const char *name, clv_role role, bool known)
{
    bool k;
    clv_role r = clv_role_of_name(name, &k);
    if (r != role || k != known)
        fail_msg("%s: role %d known %d, expected %d %d", name ? name : "NULL", (int)r, k, (int)role, known);
}

static void names_give_roles(void **state)
{
    (void)state;
    static const char *const red[] = {"B04",
                                      "B4",
                                      "b4",
                                      "S2_B4",
                                      "SR_B4",
                                      "B4, central wavelength 665 nm",
                                      "red",
                                      "Red",
                                      "B04_20220801",
                                      "20220801_B04",
                                      "nbart_red",
                                      "s2_B04",
                                      "T32TQR_20220801T101559_B04_20m.jp2",
                                      "r",
                                      "cloud_free_B04",
                                      "Red (B04)"};
    for (size_t i = 0; i < sizeof red / sizeof *red; i++)
        role_is(red[i], CLV_ROLE_RED, true);
    role_is("B03", CLV_ROLE_GREEN, true);
    role_is("Green", CLV_ROLE_GREEN, true);
    role_is("blue_p50", CLV_ROLE_BLUE, true);
    role_is("B2", CLV_ROLE_BLUE, true);
    static const char *const nir[] = {"B08",           "B8",    "B8A",           "nir", "near infrared",
                                      "Near-Infrared", "NIR08", "B8A nir narrow"};
    for (size_t i = 0; i < sizeof nir / sizeof *nir; i++)
        role_is(nir[i], CLV_ROLE_NIR, true);
    static const char *const other[] = {"B05",    "B11", "red edge 1", "rededge2", "Red-Edge",
                                        "swir16", "B01", "coastal",    "B10",      "short-wave infrared"};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        role_is(other[i], CLV_ROLE_OTHER, true);
    static const char *const aux[] = {"SCL",
                                      "QA60",
                                      "AOT",
                                      "WVP",
                                      "B04_mask",
                                      "cloud probability",
                                      "MSK_CLDPRB_60m",
                                      "dataMask",
                                      "alpha",
                                      "NDVI",
                                      "S2_L2A_T32TPS_20220602_SCL_10m.tif"};
    for (size_t i = 0; i < sizeof aux / sizeof *aux; i++)
        role_is(aux[i], CLV_ROLE_AUX, true);
    static const char *const unknown[] = {"",        "Band 1", "band_4", "B13",      "B00",         "B4A",   "B444",
                                          "redness", "layer",  "B8AB",   "\xff\xfe", "reflectance", "x g y", NULL};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        role_is(unknown[i], CLV_ROLE_OTHER, false);
}

static void wavelengths_give_roles(void **state)
{
    (void)state;
    assert_int_equal(clv_role_of_wavelength(0.665), CLV_ROLE_RED);
    assert_int_equal(clv_role_of_wavelength(0.56), CLV_ROLE_GREEN);
    assert_int_equal(clv_role_of_wavelength(0.492), CLV_ROLE_BLUE);
    assert_int_equal(clv_role_of_wavelength(0.8328), CLV_ROLE_NIR);
    assert_int_equal(clv_role_of_wavelength(0.865), CLV_ROLE_NIR);
    assert_int_equal(clv_role_of_wavelength(0.705), CLV_ROLE_OTHER);
    assert_int_equal(clv_role_of_wavelength(0.443), CLV_ROLE_OTHER);
    assert_int_equal(clv_role_of_wavelength(0), CLV_ROLE_OTHER);
}

/* names: descriptions; colours: a letter a band, '.' unknown. expected: r g b n o x; NULL = ambiguous. */
static void ladder(const char *const *names, const char *colors, const char *file, const char *expected,
                   const char *how_part, bool expect_guess)
{
    static const char letters[] = "rgbnox";
    clv_band_hint hints[16] = {0};
    clv_role roles[16];
    char how[300];
    bool guess;
    int n = (int)strlen(colors);
    for (int i = 0; i < n; i++) {
        hints[i].description = names ? names[i] : NULL;
        hints[i].color = colors[i] == '.' ? 0 : colors[i];
    }
    bool ok = clv_roles_find(hints, n, file, roles, &guess, how, sizeof how);
    if (ok != (expected != NULL))
        fail_msg("%s: %s", ok ? "decided" : "not decided", how);
    for (int i = 0; ok && i < n; i++)
        if (letters[roles[i]] != expected[i])
            fail_msg("band %d is %c, expected %s (%s)", i + 1, letters[roles[i]], expected, how);
    assert_int_equal(guess, expect_guess);
    if (!strstr(how, how_part))
        fail_msg("how is '%s', expected to contain '%s'", how, how_part);
}

static void the_ladder_decides(void **state)
{
    (void)state;
    ladder((const char *[]){"B02", "B03", "B04", "B08"}, "....", "x.tif", "bgrn", "band descriptions B04 B03 B02 B08",
           false);
    /* TIFF writers put red, green, blue, alpha on any four Byte bands: names win. */
    ladder((const char *[]){"B02", "B03", "B04", "B08"}, "RGBA", "x.tif", "bgrn", "band descriptions", false);
    ladder(NULL, "RGBA", "S2_BGRN.tif", "bgrn", "file name token BGRN", false);
    ladder(NULL, "RGBA", "picture.png", "rgbx", "colour interpretation", false);
    ladder(NULL, "RGB", "picture.png", "rgb", "colour interpretation", false);
    ladder(NULL, "BGRN", "", "bgrn", "colour interpretation", false);
    ladder(NULL, "....", "a_RGBNIR_20220101.tif", "rgbn", "token RGBNIR", false);
    ladder(NULL, "...", "a_bgr_.tif", "bgr", "token BGR", false);
    ladder(NULL, "...", "a.tif", "rgb", "three bands", true);
    ladder(NULL, "...A", "a.tif", "rgbx", "three bands", true);
    ladder(NULL, "............", "a.tif", "obgrooonoooo", "12 bands", true);
    ladder(NULL, ".............", "a.tif", "obgrooonooooo", "13 bands", true);
    /* The GDAL driver's order with the broad and the narrow near infrared, and bands that are no reflectance. */
    ladder((const char *[]){"B4, central wavelength 665 nm", "B3, central wavelength 560 nm",
                            "B2, central wavelength 490 nm", "B8A", "B8", "SCL", "B11"},
           ".......", NULL, "rgbonxo", "B4 B3 B2 B8", false);
    ladder((const char *[]){"red", "green", "blue", "B8A"}, "....", NULL, "rgbn", "red green blue B8A", false);
}

static void wavelengths_decide_when_names_do_not(void **state)
{
    (void)state;
    clv_band_hint hints[4] = {
        {.wavelength_um = 0.49}, {.wavelength_um = 0.56}, {.wavelength_um = 0.665}, {.wavelength_um = 0.842}};
    clv_role roles[4];
    char how[100];
    assert_true(clv_roles_find(hints, 4, NULL, roles, NULL, how, sizeof how));
    assert_string_equal(how, "wavelengths");
    assert_int_equal(roles[0], CLV_ROLE_BLUE);
    assert_int_equal(roles[2], CLV_ROLE_RED);
    assert_int_equal(roles[3], CLV_ROLE_NIR);
}

static void ambiguity_names_the_switch(void **state)
{
    (void)state;
    ladder(NULL, "....", "a.tif", NULL, "-b 3,2,1,4", false);
    ladder(NULL, "..........", "a.tif", NULL, "-b 3,2,1,7", false);
    ladder(NULL, ".....", "a.tif", NULL, "-b R,G,B[,NIR]", false);
    ladder((const char *[]){"B04", "B04_2", "B03", "B02"}, "....", "a.tif", NULL, "several bands look red", false);
    ladder((const char *[]){"B04", "B08", "B03"}, "...", "a.tif", NULL, "no band looks blue", false);
    ladder((const char *[]){"B04"}, ".", "B04.tif", NULL, "give all files of the date", false);
    ladder(NULL, "...........", "S2A2A_20220801_022_site_BOA_10.tif", "obgrooonooo", "sen2r's: B01 B02 B03", false);
    ladder(NULL, "..........", "S2A2A_20220801_022_site_BOA_10.tif", "bgrooonooo", "sen2r's: B02 B03", true);
    ladder(NULL, "...........", "S2A2A_20220801_022_site_TOA_10.tif", NULL, "-b ", false);
    ladder((const char *[]){"SCL"}, ".", "SCL.tif", NULL, "one band only", false);
}

static void odd_input_is_survived(void **state)
{
    (void)state;
    clv_role roles[300];
    clv_band_hint hints[300] = {0};
    char how[40], long_name[5000];
    memset(long_name, 'b', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    for (int i = 0; i < 300; i++)
        hints[i].description = i % 3 ? long_name : "\n\xff,\x01";
    assert_false(clv_roles_find(hints, 300, long_name, roles, NULL, how, sizeof how));
    assert_true(strlen(how) < sizeof how);
    assert_false(clv_roles_find(hints, 1, NULL, roles, NULL, how, sizeof how));
    assert_false(clv_roles_find(hints, 0, NULL, roles, NULL, how, sizeof how));
    assert_false(clv_roles_find(hints, 300, NULL, roles, NULL, NULL, 0));
    uint32_t seed = 7;
    for (int round = 0; round < 100000; round++) {
        char text[20];
        for (size_t n = 0; n < sizeof text; n++) {
            seed = seed * 1664525u + 1013904223u;
            text[n] = "bB048aA_ -rednirgblu,\xff"[(seed >> 8) % 22];
        }
        text[sizeof text - 1] = 0;
        bool known;
        clv_role r = clv_role_of_name(text, &known);
        assert_true(r >= CLV_ROLE_RED && r <= CLV_ROLE_AUX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_give_roles),           cmocka_unit_test(wavelengths_give_roles),
        cmocka_unit_test(the_ladder_decides),         cmocka_unit_test(wavelengths_decide_when_names_do_not),
        cmocka_unit_test(ambiguity_names_the_switch), cmocka_unit_test(odd_input_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
