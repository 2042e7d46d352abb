/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sentinel2/mask_kind.h"
#include "sentinel2/name_words.h"

#define COUNT(array) (int)(sizeof(array) / sizeof *(array))

/* values: those of one flag. */
static void flags(clv_mask_kind kind, int flag, const double *values, int count)
{
    for (int i = 0; i < count; i++)
        if (clv_mask_kind_flag(kind, values[i]) != flag)
            fail_msg("kind %d: %g says %d, not %d", (int)kind, values[i], clv_mask_kind_flag(kind, values[i]), flag);
}
#define CLEAR(kind, ...) flags(kind, CLV_MASK_FLAG_NONE, (double[]){__VA_ARGS__}, COUNT(((double[]){__VA_ARGS__})))
#define CLOUD(kind, ...) flags(kind, CLV_MASK_FLAG_CLOUD, (double[]){__VA_ARGS__}, COUNT(((double[]){__VA_ARGS__})))
#define NO_DATA(kind, ...) flags(kind, CLV_MASK_FLAG_MISSING, (double[]){__VA_ARGS__}, COUNT(((double[]){__VA_ARGS__})))
#define SHADOW(kind, ...) flags(kind, CLV_MASK_FLAG_SHADOW, (double[]){__VA_ARGS__}, COUNT(((double[]){__VA_ARGS__})))

static void values_mean_what_their_product_says(void **state)
{
    (void)state;
    CLEAR(CLV_MASK_KIND_PLAIN, 0);
    CLOUD(CLV_MASK_KIND_PLAIN, 1, 255, -1, NAN);
    CLEAR(CLV_MASK_KIND_SCL, 2, 4, 5, 6, 7, 11);
    CLOUD(CLV_MASK_KIND_SCL, 1, 8, 9, 10);
    NO_DATA(CLV_MASK_KIND_SCL, 0, NAN, -1);
    SHADOW(CLV_MASK_KIND_SCL, 3);
    CLEAR(CLV_MASK_KIND_FMASK, 0, 64, 192, 32, 16, 4, 224);
    CLOUD(CLV_MASK_KIND_FMASK, 2, 66, 10);
    NO_DATA(CLV_MASK_KIND_FMASK, 255);
    SHADOW(CLV_MASK_KIND_FMASK, 8, 72, 200);
    CLEAR(CLV_MASK_KIND_QA60, 0, 512, 4096);
    CLOUD(CLV_MASK_KIND_QA60, 1024, 2048, 3072);
    CLEAR(CLV_MASK_KIND_LANDSAT_QA, 21824, 21952, 30048); /* clear, water, snow */
    CLOUD(CLV_MASK_KIND_LANDSAT_QA, 22280, 55052, 54596, 21826);
    NO_DATA(CLV_MASK_KIND_LANDSAT_QA, 1, 9);
    SHADOW(CLV_MASK_KIND_LANDSAT_QA, 23888);
    CLEAR(CLV_MASK_KIND_LANDSAT_PIXEL_QA, 322, 324);
    CLOUD(CLV_MASK_KIND_LANDSAT_PIXEL_QA, 352, 480);
    NO_DATA(CLV_MASK_KIND_LANDSAT_PIXEL_QA, 1);
    SHADOW(CLV_MASK_KIND_LANDSAT_PIXEL_QA, 328);
    CLEAR(CLV_MASK_KIND_FORCE_QAI, 0, 16, 32, 2048, 8192);
    CLOUD(CLV_MASK_KIND_FORCE_QAI, 2, 4, 6, 8194);
    NO_DATA(CLV_MASK_KIND_FORCE_QAI, 1);
    SHADOW(CLV_MASK_KIND_FORCE_QAI, 8, 8200);
    CLEAR(CLV_MASK_KIND_MAJA_CLM, 0);
    CLOUD(CLV_MASK_KIND_MAJA_CLM, 1, 3, 7, 16, 128, 35);
    NO_DATA(CLV_MASK_KIND_MAJA_CLM, 255);
    SHADOW(CLV_MASK_KIND_MAJA_CLM, 33, 65, 32);
    CLEAR(CLV_MASK_KIND_MAJA_MG2, 0, 1, 4, 16, 32, 64);
    CLOUD(CLV_MASK_KIND_MAJA_MG2, 2, 3);
    SHADOW(CLV_MASK_KIND_MAJA_MG2, 8, 9);
    CLEAR(CLV_MASK_KIND_DEA_FMASK, 1, 4, 5);
    CLOUD(CLV_MASK_KIND_DEA_FMASK, 2);
    NO_DATA(CLV_MASK_KIND_DEA_FMASK, 0);
    SHADOW(CLV_MASK_KIND_DEA_FMASK, 3);
    CLEAR(CLV_MASK_KIND_FMASK_CLASSES, 0, 1, 3);
    CLOUD(CLV_MASK_KIND_FMASK_CLASSES, 4);
    NO_DATA(CLV_MASK_KIND_FMASK_CLASSES, 255);
    SHADOW(CLV_MASK_KIND_FMASK_CLASSES, 2);
    CLEAR(CLV_MASK_KIND_CLASSI, 0, NAN);
    CLOUD(CLV_MASK_KIND_CLASSI, 1, 255);
    CLEAR(CLV_MASK_KIND_SHADOWS, 0, NAN);
    SHADOW(CLV_MASK_KIND_SHADOWS, 1);
    CLEAR(CLV_MASK_KIND_PROBABILITY, 0, 49, 255, NAN);
    CLOUD(CLV_MASK_KIND_PROBABILITY, 50, 100);
    CLEAR(CLV_MASK_KIND_PROBABILITY_1, 0, 0.4);
    CLOUD(CLV_MASK_KIND_PROBABILITY_1, 0.5, 1);
    CLEAR(CLV_MASK_KIND_PROBABILITY_255, 100);
    CLOUD(CLV_MASK_KIND_PROBABILITY_255, 128);
    CLOUD(CLV_MASK_KIND_PROBABILITY_10000, 5000);
    CLEAR(CLV_MASK_KIND_CLOUD_SCORE, 0.6, 1, NAN);
    CLOUD(CLV_MASK_KIND_CLOUD_SCORE, 0, 0.59);
    CLEAR(CLV_MASK_KIND_CLOUD_SCORE_100, 60, 100);
    CLOUD(CLV_MASK_KIND_CLOUD_SCORE_100, 1, 59);
    CLOUD(CLV_MASK_KIND_CLOUD_SCORE_10000, 5999);
    CLEAR(CLV_MASK_KIND_CLOUD_SCORE_10000, 6000);
    for (int k = 0; k <= CLV_MASK_KIND_CLOUD_SCORE_10000; k++)
        CLEAR((clv_mask_kind)k, clv_mask_kind_clear_value((clv_mask_kind)k));
}

static void cloud_hides_shadow_hides_no_data(void **state)
{
    (void)state;
    static const uint8_t order[4] = {CLV_MASK_FLAG_NONE, CLV_MASK_FLAG_MISSING, CLV_MASK_FLAG_SHADOW,
                                     CLV_MASK_FLAG_CLOUD};
    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 4; k++)
            assert_int_equal(clv_mask_flag_join(order[i], order[k]), order[i > k ? i : k]);
}

static void is(const char *name, clv_mask_kind kind, const char *shown)
{
    clv_mask_kind found;
    const char *text = "";
    if (!clv_mask_kind_of_name(name, &found, &text) || found != kind || strcmp(shown, text) != 0)
        fail_msg("%s: '%s'", name, text);
}

static void names_tell_masks(void **state)
{
    (void)state;
    is("SCL", CLV_MASK_KIND_SCL, "SCL");
    is("20220601T101559_SCL", CLV_MASK_KIND_SCL, "SCL");
    is("QA60", CLV_MASK_KIND_QA60, "QA60");
    is("HLS.S30.T35UNQ.2022078T092029.v2.0.Fmask", CLV_MASK_KIND_FMASK, "Fmask");
    is("oa_fmask", CLV_MASK_KIND_DEA_FMASK, "oa_fmask");
    is("ga_s2am_oa_3-2-1_56JMM_2022-06-01_final_fmask.tif", CLV_MASK_KIND_DEA_FMASK, "oa_fmask");
    is("S2_MSI_20LKP_2018-07-12_Fmask4.tif", CLV_MASK_KIND_FMASK_CLASSES, "Fmask4");
    is("LC08_L2SP_192028_20220601_02_T1_QA_PIXEL", CLV_MASK_KIND_LANDSAT_QA, "QA_PIXEL");
    is("pixel_qa", CLV_MASK_KIND_LANDSAT_PIXEL_QA, "pixel_qa");
    is("20180617_LEVEL2_SEN2A_QAI.tif", CLV_MASK_KIND_FORCE_QAI, "QAI");
    is("SENTINEL2A_20220601-105852-123_L2A_T31TCJ_C_V3-0_CLM_R1.tif", CLV_MASK_KIND_MAJA_CLM, "CLM");
    is("SENTINEL2A_20220601-105852-123_L2A_T31TCJ_C_V3-0_MG2_R2.tif", CLV_MASK_KIND_MAJA_MG2, "MG2");
    is("MSK_CLASSI_OPAQUE", CLV_MASK_KIND_CLASSI, "MSK_CLASSI_OPAQUE");
    is("3_MSK_CLASSI_CIRRUS", CLV_MASK_KIND_CLASSI, "MSK_CLASSI_CIRRUS");
    is("cs", CLV_MASK_KIND_CLOUD_SCORE, "cs");
    is("20220601T101559_20220601T102103_T32TPS_cs_cdf", CLV_MASK_KIND_CLOUD_SCORE, "cs_cdf");
    is("probability", CLV_MASK_KIND_PROBABILITY, "probability");
    is("cloudProbability", CLV_MASK_KIND_PROBABILITY, "cloud_probability");
    is("MSK_CLDPRB", CLV_MASK_KIND_PROBABILITY, "MSK_CLDPRB");
    is("cloud_prob", CLV_MASK_KIND_PROBABILITY, "cloud_prob");
    is("cloudprob", CLV_MASK_KIND_PROBABILITY, "cloudprob");
    is("clouds_prob", CLV_MASK_KIND_PROBABILITY, "clouds_prob");
    is("clouds_probability_2022", CLV_MASK_KIND_PROBABILITY, "clouds_probability");
    is("s2cloudless", CLV_MASK_KIND_PROBABILITY, "s2cloudless");
    is("s2cloudless_prob", CLV_MASK_KIND_PROBABILITY, "s2cloudless_prob");
    is("s2cloudless_probability", CLV_MASK_KIND_PROBABILITY, "s2cloudless_probability");
    is("s2cloudless_mask", CLV_MASK_KIND_CLASSI, "s2cloudless_mask");
    is("oa_s2cloudless_mask", CLV_MASK_KIND_DEA_FMASK, "oa_s2cloudless_mask");
    is("clp", CLV_MASK_KIND_PROBABILITY_255, "CLP");
    is("cloudAndCloudShadowMask", CLV_MASK_KIND_CLASSI, "cloudAndCloudShadowMask");
    is("CloudMask", CLV_MASK_KIND_CLASSI, "cloud_mask");
    is("clouds", CLV_MASK_KIND_CLASSI, "clouds");
    is("shadows", CLV_MASK_KIND_SHADOWS, "shadows");

    static const char *const none[] = {NULL,          "",
                                       "B04",         "red",
                                       "MSK_SNWPRB",  "snow_probability",
                                       "CLEAROB",     "PROVENANCE",
                                       "dark_pixels", "NDVI",
                                       "DST",         "a_cs_of_things",
                                       "land clouds", "MSK_CLASSI_SNOW_ICE",
                                       "AOT",         "cloud_transform",
                                       "cloudless"};
    for (int i = 0; i < COUNT(none); i++) {
        clv_mask_kind kind;
        const char *shown = "";
        if (clv_mask_kind_of_name(none[i], &kind, &shown))
            fail_msg("%s is taken as %s", none[i], shown);
    }
}

static void words_are_taken_apart(void **state)
{
    (void)state;
    clv_name_words w;
    clv_name_words_read("QAMask sunAzimuthAngles_B8A", &w);
    assert_int_equal(w.count, 6);
    assert_int_equal(clv_name_words_find(&w, "qa mask sun azimuth angles b8a"), 0);
    assert_int_equal(clv_name_words_find(&w, "azimuth"), 3);
    assert_int_equal(clv_name_words_find(&w, "azi"), -1);
    assert_int_equal(clv_name_words_find(&w, "b8a none"), -1);
    clv_name_words_read("___", &w);
    assert_int_equal(w.count, 0);
    assert_int_equal(clv_name_words_find(&w, "x"), -1);
}

static void becomes(clv_mask_kind kind, clv_mask_values values, clv_mask_kind wanted)
{
    clv_mask_kind found = kind;
    assert_true(clv_mask_kind_by_values(&values, &found));
    assert_int_equal(found, wanted);
}

static void contradicts(clv_mask_kind kind, clv_mask_values values)
{
    assert_false(clv_mask_kind_by_values(&values, &kind));
}

static void values_tell_units_and_contradictions(void **state)
{
    (void)state;
    becomes(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, 0, 97, 0.5, 0, true, 0, 0, 0}, CLV_MASK_KIND_PROBABILITY);
    becomes(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, 0, 0.97, 0.5, 0, false, 0, 0, 0},
            CLV_MASK_KIND_PROBABILITY_1);
    becomes(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, 0, 8400, 0.5, 0, true, 0, 0, 0},
            CLV_MASK_KIND_PROBABILITY_10000);
    becomes(CLV_MASK_KIND_PROBABILITY_255, (clv_mask_values){90, 0, 60, 0.5, 0, true, 0, 0, 0},
            CLV_MASK_KIND_PROBABILITY_255);
    becomes(CLV_MASK_KIND_CLOUD_SCORE, (clv_mask_values){90, 0.1, 1, 0, 0.5, false, 0, 0, 0},
            CLV_MASK_KIND_CLOUD_SCORE);
    becomes(CLV_MASK_KIND_CLOUD_SCORE, (clv_mask_values){90, 4, 99, 0, 0, true, 0, 0, 0},
            CLV_MASK_KIND_CLOUD_SCORE_100);
    becomes(CLV_MASK_KIND_CLOUD_SCORE, (clv_mask_values){90, 4, 9900, 0, 0, true, 0, 0, 0},
            CLV_MASK_KIND_CLOUD_SCORE_10000);
    becomes(CLV_MASK_KIND_FMASK, (clv_mask_values){90, 64, 224, 0, 0, true, 0, 0, 0}, CLV_MASK_KIND_FMASK);
    becomes(CLV_MASK_KIND_FMASK, (clv_mask_values){90, 0, 5, 0.01, 0.8, true, 0, 0, 0}, CLV_MASK_KIND_DEA_FMASK);
    becomes(CLV_MASK_KIND_FMASK, (clv_mask_values){90, 0, 4, 0.7, 0.1, true, 0, 0, 0}, CLV_MASK_KIND_FMASK_CLASSES);
    /* Zeros and ones are a mask's, unless there is more elsewhere. */
    becomes(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, 0, 1, 0.8, 0.2, true, 0, 0, 0},
            CLV_MASK_KIND_PROBABILITY_1);
    becomes(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, 1, 1, 0, 1, true, 0, 0, 1}, CLV_MASK_KIND_PROBABILITY_1);
    becomes(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, 0, 1, 0.8, 0.2, true, 0, 0, 60},
            CLV_MASK_KIND_PROBABILITY);
    becomes(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, 0, 0, 1, 0, true, 0, 0, 0}, CLV_MASK_KIND_PROBABILITY);
    becomes(CLV_MASK_KIND_PROBABILITY_255, (clv_mask_values){90, 0, 1, 0.8, 0.2, true, 0, 0, 0},
            CLV_MASK_KIND_PROBABILITY_255);
    becomes(CLV_MASK_KIND_CLOUD_SCORE, (clv_mask_values){90, 0, 1, 0.2, 0.8, true, 0, 0, 0}, CLV_MASK_KIND_CLOUD_SCORE);
    /* Only Digital Earth Australia has a 5, met or known from elsewhere. */
    becomes(CLV_MASK_KIND_FMASK, (clv_mask_values){90, 0, 5, 0.3, 0.5, true, 0, 0, 0}, CLV_MASK_KIND_DEA_FMASK);
    becomes(CLV_MASK_KIND_FMASK, (clv_mask_values){90, 0, 4, 0.3, 0.5, true, 0, 0, 5}, CLV_MASK_KIND_DEA_FMASK);
    becomes(CLV_MASK_KIND_FMASK, (clv_mask_values){90, 0, 4, 0.3, 0.5, true, 0, 0, 4}, CLV_MASK_KIND_FMASK_CLASSES);
    becomes(CLV_MASK_KIND_FMASK, (clv_mask_values){90, 0, 4, 0.3, 0.5, true, 0, 0, 64}, CLV_MASK_KIND_FMASK);
    contradicts(CLV_MASK_KIND_SCL, (clv_mask_values){90, 0, 0, 1, 0, true, 0, 0, 0});
    contradicts(CLV_MASK_KIND_DEA_FMASK, (clv_mask_values){90, 0, 0, 1, 0, true, 0, 0, 0});
    contradicts(CLV_MASK_KIND_SCL, (clv_mask_values){90, 10, 3000, 0, 0, true, 0, 0, 0});
    contradicts(CLV_MASK_KIND_SCL, (clv_mask_values){90, 0, 4.5, 0, 0, false, 0, 0, 0});
    contradicts(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){0, 0, 0, 0, 0, true, 0, 0, 0});
    contradicts(CLV_MASK_KIND_PROBABILITY, (clv_mask_values){90, -9999, 40, 0, 0, true, 0, 0, 0});
    contradicts(CLV_MASK_KIND_CLASSI, (clv_mask_values){90, 0, 0.3, 0, 0, false, 0, 0, 0});
    becomes(CLV_MASK_KIND_CLASSI, (clv_mask_values){90, 0, 1, 0.6, 0.4, true, 900, 3000, 0}, CLV_MASK_KIND_CLASSI);
    contradicts(CLV_MASK_KIND_CLASSI, (clv_mask_values){90, 0, 1, 0.4, 0.6, true, 3000, 900, 0});
    contradicts(CLV_MASK_KIND_QA60, (clv_mask_values){90, -1, 1024, 0, 0, true, 0, 0, 0});
}

static void samples_may_leave_the_kind_open(void **state)
{
    (void)state;
    const clv_mask_values ones = {90, 0, 1, 0.8, 0.2, true, 0, 0, 0}, more = {90, 0, 3, 0.8, 0.2, true, 0, 0, 0};
    const clv_mask_values parts = {90, 0, 1, 0.8, 0.2, false, 0, 0, 0}, none = {.whole = true};
    assert_true(clv_mask_kind_is_open(&ones, CLV_MASK_KIND_PROBABILITY));
    assert_false(clv_mask_kind_is_open(&more, CLV_MASK_KIND_PROBABILITY));
    assert_false(clv_mask_kind_is_open(&parts, CLV_MASK_KIND_PROBABILITY));
    assert_false(clv_mask_kind_is_open(&none, CLV_MASK_KIND_PROBABILITY));
    assert_true(clv_mask_kind_is_open(&more, CLV_MASK_KIND_FMASK));
    assert_false(clv_mask_kind_is_open(&more, CLV_MASK_KIND_SCL));
    const clv_mask_values bits = {90, 64, 224, 0, 0, true, 0, 0, 0}, water = {90, 0, 5, 0.2, 0.4, true, 0, 0, 0};
    assert_false(clv_mask_kind_is_open(&bits, CLV_MASK_KIND_FMASK));
    assert_false(clv_mask_kind_is_open(&water, CLV_MASK_KIND_FMASK));
}

static void words_of_files_mean_masks(void **state)
{
    (void)state;
    clv_mask_kind kind = CLV_MASK_KIND_PLAIN;
    const char *shown = "";
    assert_int_equal(clv_mask_kind_of_words("fmask4", NULL, &kind, &shown), 1);
    assert_int_equal(kind, CLV_MASK_KIND_FMASK_CLASSES);
    assert_int_equal(clv_mask_kind_of_words("qa", "pixel", &kind, &shown), 2);
    assert_int_equal(kind, CLV_MASK_KIND_LANDSAT_QA);
    assert_string_equal(shown, "QA_PIXEL");
    assert_int_equal(clv_mask_kind_of_words("scl", "20m", &kind, &shown), 1);
    assert_int_equal(clv_mask_kind_of_words("qa", NULL, &kind, &shown), 0);
    assert_int_equal(clv_mask_kind_of_words("sc", NULL, &kind, &shown), 0);
    assert_int_equal(clv_mask_kind_of_words("clouds", NULL, &kind, &shown), 0); /* a band's name only */
    assert_int_equal(clv_mask_kind_of_words("", "", &kind, &shown), 0);
    assert_true(clv_mask_kind_rank(CLV_MASK_KIND_SCL) > clv_mask_kind_rank(CLV_MASK_KIND_FMASK));
    assert_true(clv_mask_kind_rank(CLV_MASK_KIND_MAJA_CLM) > clv_mask_kind_rank(CLV_MASK_KIND_MAJA_MG2));
    assert_true(clv_mask_kind_rank(CLV_MASK_KIND_CLASSI) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_of_files_mean_masks),
                                       cmocka_unit_test(cloud_hides_shadow_hides_no_data),
                                       cmocka_unit_test(samples_may_leave_the_kind_open),
                                       cmocka_unit_test(values_mean_what_their_product_says),
                                       cmocka_unit_test(names_tell_masks),
                                       cmocka_unit_test(words_are_taken_apart),
                                       cmocka_unit_test(values_tell_units_and_contradictions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
