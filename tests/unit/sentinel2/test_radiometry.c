/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>

#include "sentinel2/radiometry.h"

static const clv_radiometry_hint unknown = {
    .type = CLV_TYPE_UINT16, .baseline = -1, .sample_low = NAN, .sample_high = NAN};

static void decides(clv_radiometry_hint hint, double scale, double offset, const char *how_part, bool warns)
{
    double s, o;
    char how[160], warn[160];
    if (!clv_radiometry_find(&hint, &s, &o, how, sizeof how, warn, sizeof warn))
        fail_msg("not decided: %s", how);
    assert_true(fabs(s - scale) <= 1e-12 && fabs(o - offset) <= 1e-12);
    if (!strstr(how, how_part))
        fail_msg("how is '%s', expected '%s'", how, how_part);
    if ((warn[0] != 0) != warns)
        fail_msg("warning is '%s'", warn);
}

static void asks(clv_radiometry_hint hint, const char *how_part)
{
    double s, o;
    char how[160], warn[160];
    assert_false(clv_radiometry_find(&hint, &s, &o, how, sizeof how, warn, sizeof warn));
    if (!strstr(how, how_part))
        fail_msg("how is '%s', expected '%s'", how, how_part);
}

static clv_radiometry_hint of_type(clv_pixel_type type, double low, double high)
{
    clv_radiometry_hint h = unknown;
    h.type = type;
    h.sample_low = low;
    h.sample_high = high;
    return h;
}

static void the_ladder_decides(void **state)
{
    (void)state;
    clv_radiometry_hint h = unknown;
    decides(h, 1e-4, 0, "1/10000 (UInt16, no offset known)", false);
    h.baseline = 400;
    decides(h, 1e-4, -0.1, "1/10000, offset -1000 DN (processing baseline 04.00 in the name)", false);
    h.sample_low = 200;
    decides(h, 1e-4, -0.1, "04.00", true);
    h.sample_low = NAN;
    h.baseline = 301;
    decides(h, 1e-4, 0, "processing baseline 03.01", false);
    h.baseline = 9999;
    decides(h, 1e-4, 0, "no offset known", false);
    /* What the file says beats the name; what the product says beats the file. */
    h.baseline = 400;
    h.has_scale = h.has_offset = true;
    h.scale = 0.0002;
    h.offset = -0.2;
    decides(h, 0.0002, -0.2, "scale 0.0002, offset -0.2 (band metadata)", false);
    h.quantification = 10000;
    h.has_add_offset = true;
    h.add_offset = -1000;
    decides(h, 1e-4, -0.1, "product metadata", false);
    h.has_add_offset = false;
    decides(h, 1e-4, 0, "1/10000 (product metadata)", false);
    /* Scale 1 and offset 0 say nothing. */
    h = unknown;
    h.has_scale = h.has_offset = true;
    h.scale = 1;
    decides(h, 1e-4, 0, "no offset known", false);
    h.scale = NAN;
    decides(h, 1e-4, 0, "no offset known", false);
    h.scale = 0;
    decides(h, 1e-4, 0, "no offset known", false);
}

static void types_and_ranges_decide(void **state)
{
    (void)state;
    decides(of_type(CLV_TYPE_UINT16, 150, 9000), 1e-4, 0, "UInt16", false);
    decides(of_type(CLV_TYPE_UINT16, 1150, 9000), 1e-4, 0, "UInt16", true);
    decides(of_type(CLV_TYPE_UINT16, 150, 65535), 1e-4, 0, "UInt16", false);
    decides(of_type(CLV_TYPE_INT16, 150, 9000), 1e-4, 0, "Int16", false);
    decides(of_type(CLV_TYPE_BYTE, 10, 200), 1 / 255.0, 0, "1/255 (Byte)", false);
    decides(of_type(CLV_TYPE_FLOAT32, 0.01, 1.2), 1, 0, "reflectances", false);
    decides(of_type(CLV_TYPE_FLOAT32, 100, 5000), 1e-4, 0, "digital numbers", false);
    decides(of_type(CLV_TYPE_FLOAT64, NAN, NAN), 1, 0, "no valid value", false);
    asks(of_type(CLV_TYPE_FLOAT32, 1, 57), "-in_scale 0.01");
    asks(of_type(CLV_TYPE_UINT16, 1000, 60000),
         "-in_scale 0.00001 (others: auto), one a date, if 100000 is reflectance 1");
    asks(of_type(CLV_TYPE_UINT16, 1000, 60000), "0.0000152590 if 65535 is; -srcnodata 60000 if it is no data");
    asks(of_type(CLV_TYPE_UINT16, 7900, 39011), "give -in_scale 0.0000275 -in_offset -0.2 (Landsat Collection 2), "
                                                "-in_scale 0.00001 (100000 is reflectance 1) or -srcnodata 39011");
    asks(of_type(CLV_TYPE_INT32, 1000, 2500000), "-in_scale 0.000001 ");
    asks(of_type(CLV_TYPE_UINT32, 1000, 3e9), "-in_scale 0.000000001 ");
    asks(of_type(CLV_TYPE_UINT32, 1000, 3e9), "-srcnodata 3e+09 if it is no data");
    asks(of_type(CLV_TYPE_INT8, 1, 57), "-in_scale");
}

static clv_radiometry_hint tagged(clv_pixel_type type, double low, double high, double scale, double offset)
{
    clv_radiometry_hint h = of_type(type, low, high);
    h.has_scale = h.has_offset = true;
    h.scale = scale;
    h.offset = offset;
    return h;
}

static void values_decide_against_tags_that_they_contradict(void **state)
{
    (void)state;
    /* Reflectances whose tags were left behind when they were applied. */
    decides(tagged(CLV_TYPE_FLOAT32, 0.02, 0.6, 1e-4, 0), 1, 0, "tags left aside: scale 0.0001 and offset 0", true);
    decides(tagged(CLV_TYPE_FLOAT64, 0.02, 0.6, 1e-4, -0.1), 1, 0, "offset -0.1", true);
    decides(tagged(CLV_TYPE_FLOAT32, 0.02, 0.6, 1, -0.1), 1, 0, "values are reflectances", true);
    decides(tagged(CLV_TYPE_FLOAT32, 0.02, 1.4, 2.75e-5, -0.2), 1, 0, "values are reflectances", true);
    decides(tagged(CLV_TYPE_FLOAT32, 0.02, 0.6, 1e4, 0), 1, 0, "values are reflectances", true);
    /* Tags that are no reflectance's. */
    decides(tagged(CLV_TYPE_UINT16, 1100, 5200, 1, -1000), 1e-4, -0.1, "digital numbers", true);
    decides(tagged(CLV_TYPE_INT16, 150, 5200, 1, -1000), 1e-4, 0, "digital numbers", true);
    decides(tagged(CLV_TYPE_UINT16, 150, 5200, 0.01, 0), 1e-4, 0, "digital numbers", true);
    decides(tagged(CLV_TYPE_UINT16, 150, 5200, 1e-8, 0), 1e-4, 0, "digital numbers", true);
    /* What may be true stays: dark water, an offset that is needed, clouds that saturate, bright ground. */
    decides(tagged(CLV_TYPE_FLOAT32, 20, 90, 1e-4, 0), 1e-4, 0, "band metadata", false);
    decides(tagged(CLV_TYPE_FLOAT32, 0.12, 0.7, 1, -0.1), 1, -0.1, "band metadata", false);
    decides(tagged(CLV_TYPE_UINT16, 1010, 1060, 1e-4, -0.1), 1e-4, -0.1, "band metadata", false);
    decides(tagged(CLV_TYPE_UINT16, 150, 65535, 1e-4, 0), 1e-4, 0, "band metadata", true);
    decides(tagged(CLV_TYPE_UINT16, 7300, 20000, 2.75e-5, -0.2), 2.75e-5, -0.2, "band metadata", false);
    /* Percent, where the tags leave nothing or make too much of them. */
    decides(tagged(CLV_TYPE_FLOAT32, 1.35, 9.6, 1e-4, 0), 0.01, 0, "values are percent; tags left aside", true);
    decides(tagged(CLV_TYPE_FLOAT64, 2.15, 48.3, 2.75e-5, -0.2), 0.01, 0, "values are percent", true);
    decides(tagged(CLV_TYPE_FLOAT32, 2.15, 48.3, 1, -0.1), 0.01, 0, "values are percent", true);
    decides(tagged(CLV_TYPE_FLOAT32, 2.15, 48.3, 0.01, 0), 0.01, 0, "band metadata", false);
    decides(tagged(CLV_TYPE_FLOAT32, 2.15, 48.3, 1e-4, 0), 1e-4, 0, "band metadata", true); /* or dark water */
    /* Where nothing can be told they stay too, and it is said. */
    decides(tagged(CLV_TYPE_FLOAT32, 0.0005, 0.003, 1e-4, 0), 1e-4, 0, "band metadata", true);
    decides(tagged(CLV_TYPE_FLOAT32, NAN, NAN, 1e-4, 0), 1e-4, 0, "band metadata", false);
}

static void messages_use_a_point_in_every_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8")) {
        print_message("no locale with a decimal comma is installed: skipped\n");
        skip();
    }
    clv_radiometry_hint h = unknown;
    h.has_scale = true;
    h.scale = 0.0002;
    double s, o;
    char how[160], warn[160];
    assert_true(clv_radiometry_find(&h, &s, &o, how, sizeof how, warn, sizeof warn));
    setlocale(LC_ALL, "C");
    assert_non_null(strstr(how, "scale 0.0002"));
}

static void decode_marks_what_is_missing(void **state)
{
    (void)state;
    float x[6];
    uint8_t missing[6] = {0};
    const uint16_t dn[6] = {0, 1, 1000, 10000, 65535, 5};
    missing[5] = 1; /* stays */
    clv_decode(CLV_TYPE_UINT16, dn, 6, 1e-4, -0.1, true, 0, x, missing);
    assert_true(missing[0] && x[0] == 0);
    assert_false(missing[1]);
    assert_float_equal(x[2], 0, 1e-7);
    assert_float_equal(x[3], 0.9, 1e-6);
    assert_float_equal(x[4], 6.4535, 1e-5);
    assert_true(missing[5]);

    memset(missing, 0, sizeof missing);
    clv_decode(CLV_TYPE_UINT16, dn, 6, 1e-4, 0, true, -9999, x, missing); /* a value it cannot hold */
    clv_decode(CLV_TYPE_UINT16, dn, 6, 1e-4, 0, true, 0.5, x, missing);
    clv_decode(CLV_TYPE_UINT16, dn, 6, 1e-4, 0, true, NAN, x, missing);
    for (int i = 0; i < 6; i++)
        assert_false(missing[i]);

    const int16_t si[3] = {-9999, -1, 500};
    clv_decode(CLV_TYPE_INT16, si, 3, 1e-4, 0, true, -9999, x, missing);
    assert_true(missing[0] && !missing[1] && !missing[2]);
    assert_float_equal(x[1], -1e-4, 1e-9);

    memset(missing, 0, sizeof missing);
    const float f[6] = {NAN, INFINITY, -INFINITY, -9999, 0.5f, 0};
    clv_decode(CLV_TYPE_FLOAT32, f, 6, 1, 0, true, -9999, x, missing);
    assert_true(missing[0] && missing[1] && missing[2] && missing[3] && !missing[4] && !missing[5]);
    assert_true(x[0] == 0 && x[1] == 0 && x[3] == 0 && x[4] == 0.5f);
    memset(missing, 0, sizeof missing);
    const float lowest[1] = {-3.4028234663852886e+38f};
    clv_decode(CLV_TYPE_FLOAT32, lowest, 1, 1, 0, true, -1.7976931348623157e308, x, missing);
    assert_true(missing[0]);
    memset(missing, 0, sizeof missing);
    const double big[2] = {1e300, 0.25};
    clv_decode(CLV_TYPE_FLOAT64, big, 2, 1, 0, false, 0, x, missing);
    assert_true(missing[0] && !missing[1]); /* does not fit a float */
}

static void encode_rounds_clamps_and_avoids_nodata(void **state)
{
    (void)state;
    const float x[7] = {-0.5f, 0, 0.12345f, 0.12346f, 9, NAN, 0.5f};
    const uint8_t select[7] = {1, 1, 1, 1, 1, 1, 0};
    uint16_t u[7] = {7, 7, 7, 7, 7, 7, 7};
    clv_encode(CLV_TYPE_UINT16, x, select, 7, 1e-4, 0, true, 0, u);
    const uint16_t expected[7] = {1, 1, 1235, 1235, 65535, 7, 7};
    /* 0.12345f is a little more than 0.12345 */
    assert_memory_equal(u, expected, sizeof u);
    clv_encode(CLV_TYPE_UINT16, x, select, 7, 1e-4, -0.1, false, 0, u);
    assert_int_equal(u[0], 0);
    assert_int_equal(u[1], 1000);
    clv_encode(CLV_TYPE_UINT16, x, select, 7, 1e-4, 0, true, 65535, u);
    assert_int_equal(u[4], 65534);
    uint8_t b[7] = {0};
    clv_encode(CLV_TYPE_BYTE, x, select, 7, 1 / 255.0, 0, true, 255, b);
    assert_int_equal(b[4], 254);
    assert_int_equal(b[0], 0);
    int16_t s[7] = {0};
    clv_encode(CLV_TYPE_INT16, x, select, 7, 1e-4, 0, true, -9999, s);
    assert_int_equal(s[0], -5000);
    float f[7] = {3, 3, 3, 3, 3, 3, 3};
    clv_encode(CLV_TYPE_FLOAT32, x, select, 7, 1, 0, true, 0, f);
    assert_true(f[1] != 0 && fabsf(f[1]) < 1e-30f);
    assert_true(f[5] == 3 && f[6] == 3);
}

/* Observed pixels must come back bit by bit: every DN through reflectance and back. */
static void every_digital_number_survives_the_round_trip(void **state)
{
    (void)state;
    enum { N = 65536 };
    uint16_t *dn = malloc(N * sizeof *dn), *back = calloc(N, sizeof *back);
    float *x = malloc(N * sizeof *x);
    uint8_t *select = malloc(N), *missing = calloc(N, 1);
    for (int i = 0; i < N; i++)
        dn[i] = (uint16_t)i;
    memset(select, 1, N);
    const double offsets[2] = {0, -0.1};
    for (int k = 0; k < 2; k++) {
        clv_decode(CLV_TYPE_UINT16, dn, N, 1e-4, offsets[k], false, 0, x, missing);
        clv_encode(CLV_TYPE_UINT16, x, select, N, 1e-4, offsets[k], false, 0, back);
        assert_memory_equal(dn, back, N * sizeof *dn);
    }
    free(dn);
    free(back);
    free(x);
    free(select);
    free(missing);
}

static void block_means_skip_what_is_missing(void **state)
{
    (void)state;
    const float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const uint8_t missing[] = {0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0};
    float out[2];
    uint8_t none[2];
    clv_block_mean(x, missing, 2, 1, 2, out, none); /* rows of 4: {1,2,3,4}, {5,6,7,8} */
    assert_float_equal(out[0], (1 + 2 + 5) / 3.0, 1e-6);
    assert_true(out[1] == 0 && none[1] == 1 && none[0] == 0);
    clv_block_mean(x, NULL, 1, 1, 3, out, NULL);
    assert_float_equal(out[0], 5, 1e-6);
    clv_block_mean(x, NULL, 2, 1, 1, out, none); /* factor 1 copies */
    assert_true(out[0] == 1 && out[1] == 2 && !none[0] && !none[1]);
}

static void sizes_of_types(void **state)
{
    (void)state;
    const size_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 8};
    for (int t = CLV_TYPE_BYTE; t <= CLV_TYPE_FLOAT64; t++)
        assert_int_equal(clv_pixel_size((clv_pixel_type)t), sizes[t]);
}

/* Tags of several dates: percentiles of red in pairs. */
static void decides_together(clv_pixel_type type, double tag_scale, double tag_offset, int count, const double *pairs,
                             double scale, double offset, bool warns)
{
    clv_radiometry_hint h = of_type(type, NAN, NAN);
    double lows[12], highs[12], s, o;
    char how[160], warn[160];
    h.has_scale = h.has_offset = true;
    h.scale = tag_scale;
    h.offset = tag_offset;
    for (int i = 0; i < count; i++) {
        lows[i] = pairs[2 * i];
        highs[i] = pairs[2 * i + 1];
    }
    assert_true(clv_radiometry_by_tags(&h));
    clv_radiometry_find_common(&h, lows, highs, count, &s, &o, how, sizeof how, warn, sizeof warn);
    if (!(fabs(s - scale) <= 1e-12 && fabs(o - offset) <= 1e-12))
        fail_msg("scale %g, offset %g: %s", s, o, how);
    if ((warn[0] != 0) != warns)
        fail_msg("warning is '%s'", warn);
}

static void tags_are_decided_for_all_dates_together(void **state)
{
    (void)state;
    const double land[] = {180, 2400, 90, 700, 210, 2600, 900, 9800, 150, 2100}; /* one dark, one snowy */
    decides_together(CLV_TYPE_UINT16, 0.0001, 0, 5, land, 1e-4, 0, false);
    decides_together(CLV_TYPE_UINT16, 0.001, 0, 5, land, 1e-4, 0, true);
    decides_together(CLV_TYPE_INT16, 0.002, 0, 5, land, 1e-4, 0, true);
    decides_together(CLV_TYPE_UINT16, 0.00001, 0, 5, land, 1e-4, 0, true);
    decides_together(CLV_TYPE_FLOAT32, 0.001, 0, 5, land, 1e-4, 0, true);
    const double full[] = {1200, 15000, 600, 4500, 6000, 60000}; /* 65535 is reflectance 1 */
    decides_together(CLV_TYPE_UINT16, 1 / 65535.0, 0, 3, full, 1 / 65535.0, 0, false);
    const double landsat[] = {7300, 8000, 7400, 8200, 7500, 8100}; /* water: reflectance up to 0.03 */
    decides_together(CLV_TYPE_UINT16, 2.75e-5, -0.2, 3, landsat, 2.75e-5, -0.2, false);
    const double applied[] = {0.02, 0.25, 0.01, 0.2, 0.3, 0.95, 0.03, 0.3};
    decides_together(CLV_TYPE_FLOAT32, 1, -0.1, 4, applied, 1, 0, true);
    const double kept[] = {0.12, 0.35, 0.11, 0.3, 0.4, 1.05, 0.13, 0.4};
    decides_together(CLV_TYPE_FLOAT32, 1, -0.1, 4, kept, 1, -0.1, false);
    decides_together(CLV_TYPE_UINT16, 0.001, 0, 0, land, 0.001, 0, false); /* nothing was seen */
    const double percent[] = {1.85, 24.31, 0.92, 7.17, 2.12, 88.4, 9.03, 98.6, 1.57, 21.2};
    decides_together(CLV_TYPE_FLOAT32, 0.0001, 0, 5, percent, 0.01, 0, true);
    decides_together(CLV_TYPE_FLOAT64, 0.0002, 0, 2, percent, 0.01, 0, true);
    decides_together(CLV_TYPE_FLOAT32, 2e-5, -0.1, 5, percent, 0.01, 0, true);
    decides_together(CLV_TYPE_FLOAT32, 0.01, 0, 5, percent, 0.01, 0, false);
    const double water[] = {12, 71, 20, 90, 15, 66}; /* whole digital numbers */
    decides_together(CLV_TYPE_FLOAT32, 0.0001, 0, 3, water, 1e-4, 0, false);
    /* Landsat's tags on other numbers: of clouds something is left. */
    const double cloudy[] = {180, 2400, 90, 1700, 2100, 9600, 3000, 12100, 150, 2100};
    decides_together(CLV_TYPE_UINT16, 2.75e-5, -0.2, 5, cloudy, 1e-4, 0, true);
    decides_together(CLV_TYPE_UINT16, 2.75e-5, -0.2, 2, cloudy + 2, 1e-4, 0, true);
    decides_together(CLV_TYPE_INT16, 2e-5, -0.1, 4, cloudy + 2, 1e-4, 0, true);
    const double bright[] = {1700, 4800, 1800, 5100, 1650, 4400}; /* no offset of digital numbers */
    decides_together(CLV_TYPE_UINT16, 2.75e-5, -0.2, 3, bright, 1e-4, 0, true);

    clv_radiometry_hint h = of_type(CLV_TYPE_FLOAT32, 0.02, 0.3); /* wrong by orders of magnitude: each date says it */
    assert_false(clv_radiometry_by_tags(&h));
    h.has_scale = true;
    h.scale = 0.0001;
    assert_true(clv_radiometry_by_tags(&h) && clv_radiometry_tags_alone(&h));
    h.sample_low = 200;
    h.sample_high = 3000;
    assert_false(clv_radiometry_tags_alone(&h));
    h.scale = 2.75e-5; /* numbers are decided together, whatever is left of them */
    h.has_offset = true;
    h.offset = -0.2;
    assert_false(clv_radiometry_tags_alone(&h));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ladder_decides),
        cmocka_unit_test(types_and_ranges_decide),
        cmocka_unit_test(values_decide_against_tags_that_they_contradict),
        cmocka_unit_test(messages_use_a_point_in_every_locale),
        cmocka_unit_test(decode_marks_what_is_missing),
        cmocka_unit_test(encode_rounds_clamps_and_avoids_nodata),
        cmocka_unit_test(every_digital_number_survives_the_round_trip),
        cmocka_unit_test(block_means_skip_what_is_missing),
        cmocka_unit_test(sizes_of_types),
        cmocka_unit_test(tags_are_decided_for_all_dates_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
