/* SPDX-License-Identifier: MIT
 *
 * Snow by B11 and high cloud by B10: values of the field, and pixels that do not know the band.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/other_bands.h"

static void snow_is_bright_and_dark_at_1600_nm(void **state)
{
    /* Fresh snow, old snow, cloud of drops, cloud of ice, lake, meadow, sand, snow whose B11 is not known, negative. */
    static const float green[9] = {0.85f, 0.45f, 0.6f, 0.7f, 0.05f, 0.08f, 0.4f, 0.85f, 0.5f};
    static const float nir[9] = {0.75f, 0.35f, 0.62f, 0.68f, 0.02f, 0.35f, 0.5f, 0.75f, 0.5f};
    static const float swir[9] = {0.04f, 0.1f, 0.5f, 0.19f, 0.01f, 0.15f, 0.55f, 0, -0.01f};
    static const uint8_t expected[9] = {1, 1, 0, 0, 0, 0, 0, 0, 0};
    uint8_t snow[9];
    (void)state;
    clv_snow_find(green, nir, swir, 9, snow);
    assert_memory_equal(snow, expected, 9);
    clv_snow_find(green, NULL, swir, 9, snow);
    assert_memory_equal(snow, expected, 9);
}

static void cirrus_is_what_the_other_dates_do_not_show(void **state)
{
    (void)state;
    assert_true(clv_cirrus_probability(0, 0.001f) == 0);
    assert_true(clv_cirrus_probability(0.012f, 0.001f) == 0);
    assert_true(clv_cirrus_probability(0.03f, 0.001f) == 1);
    const float between = clv_cirrus_probability(0.021f, 0.001f);
    assert_true(between > 0.4f && between < 0.6f);
    assert_true(clv_cirrus_probability(0.03f, 0.02f) == 0); /* high ground in dry air, always so */
    assert_true(clv_cirrus_probability(0.02f, -1) == 0);    /* a picture alone */
    assert_true(clv_cirrus_probability(0.04f, -1) == 1);
    assert_true(clv_cirrus_probability(-0.01f, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snow_is_bright_and_dark_at_1600_nm),
        cmocka_unit_test(cirrus_is_what_the_other_dates_do_not_show),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
