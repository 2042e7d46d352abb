/* SPDX-License-Identifier: MIT
 * band_values: numbers that no reflectance has are no data; those that other bands lead up to are kept.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "series/band_values.h"

enum { BANDS = 4 };

static uint8_t screened(clv_pixel_type type, double scale, double offset, int c, const double *values)
{
    clv_band bands[BANDS];
    union {
        uint16_t u2;
        int16_t i2;
        float f4;
    } room[BANDS];
    const uint8_t *raw[BANDS];
    for (int b = 0; b < BANDS; b++) {
        bands[b] = (clv_band){.index = b + 1, .type = type, .scale = scale, .offset = offset, .screened = true};
        raw[b] = (const uint8_t *)&room[b];
        switch (type) {
        case CLV_TYPE_UINT16:
            room[b].u2 = (uint16_t)values[b];
            break;
        case CLV_TYPE_INT16:
            room[b].i2 = (int16_t)values[b];
            break;
        default:
            room[b].f4 = (float)values[b];
        }
    }
    float x;
    uint8_t missing = 0;
    clv_band_decode(&bands[c], false, raw[c], 1, &x, &missing);
    clv_band_screen(&bands[c], raw[c], bands, BANDS, raw, 1, &x, &missing);
    assert_true(!missing || x == 0);
    return missing;
}

static void one_band_is_enough(void **state)
{
    (void)state;
    const double below[] = {-999, -3000, -9999, -10000, -28672, -32767, -32768};
    for (int c = 0; c < BANDS; c++) {
        for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
            double v[BANDS] = {420, 610, 700, 2900};
            v[c] = below[i];
            assert_true(screened(CLV_TYPE_INT16, 1e-4, 0, c, v));
            assert_true(screened(CLV_TYPE_FLOAT32, 1e-4, 0, c, v));
            assert_false(screened(CLV_TYPE_INT16, 1e-4, 0, (c + 1) % BANDS, v));
        }
        double v[BANDS] = {1420, 1610, 1700, 3900};
        v[c] = 65535;
        assert_true(screened(CLV_TYPE_UINT16, 1e-4, -0.1, c, v));
        v[c] = 55537; /* -9999 */
        assert_true(screened(CLV_TYPE_UINT16, 1e-4, -0.1, c, v));
    }
}

static void all_bands_at_once(void **state)
{
    (void)state;
    const double values[] = {-999, -9999, -32768};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const double v[BANDS] = {values[i], values[i], values[i], values[i]};
        for (int c = 0; c < BANDS; c++)
            assert_true(screened(CLV_TYPE_INT16, 1e-4, 0, c, v));
    }
    const double highest[BANDS] = {65535, 65535, 65535, 65535};
    assert_true(screened(CLV_TYPE_UINT16, 1e-4, 0, 2, highest));
    const double reflectance[BANDS] = {-9999, 1e20, -1, 0.2};
    assert_true(screened(CLV_TYPE_FLOAT32, 1, 0, 0, reflectance));
    assert_true(screened(CLV_TYPE_FLOAT32, 1, 0, 1, reflectance));
    assert_true(screened(CLV_TYPE_FLOAT32, 1, 0, 2, reflectance));
    assert_false(screened(CLV_TYPE_FLOAT32, 1, 0, 3, reflectance));
}

static void what_others_lead_up_to_is_kept(void **state)
{
    (void)state;
    const double cloud[BANDS] = {65535, 14000, 13000, 65535}; /* saturated */
    assert_false(screened(CLV_TYPE_UINT16, 1e-4, 0, 0, cloud));
    assert_false(screened(CLV_TYPE_UINT16, 1e-4, 0, 3, cloud));
    const double water[BANDS] = {310, 120, 40, -999}; /* the lowest number of a product with an offset of 1000 */
    assert_false(screened(CLV_TYPE_INT16, 1e-4, 0, 3, water));
}

static void scale_makes_a_number_possible(void **state)
{
    (void)state;
    const double v[BANDS] = {9000, 9500, 65535, 21000};
    assert_false(screened(CLV_TYPE_UINT16, 2.75e-5, -0.2, 2, v));
    assert_false(screened(CLV_TYPE_UINT16, 1.0 / 65535, 0, 2, v));
    const double odd[BANDS] = {900, 950, 33211, 2100}; /* nobody's: wrong, but not no data */
    assert_false(screened(CLV_TYPE_UINT16, 1e-4, 0, 2, odd));
    const double clipped[BANDS] = {300, 0, -130, 2100};
    assert_false(screened(CLV_TYPE_INT16, 1e-4, 0, 1, clipped));
    assert_false(screened(CLV_TYPE_INT16, 1e-4, 0, 2, clipped));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_band_is_enough),
        cmocka_unit_test(all_bands_at_once),
        cmocka_unit_test(what_others_lead_up_to_is_kept),
        cmocka_unit_test(scale_makes_a_number_possible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
