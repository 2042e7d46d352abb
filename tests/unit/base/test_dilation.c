/* SPDX-License-Identifier: MIT
 *
 * dilation: texts, and metres on grids of several pixel sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/dilation.h"

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *again; /* NULL: refused */
        clv_dilation_error error;
    } cases[] = {{"2", "2", CLV_DILATION_GOOD},          {"0", "0", CLV_DILATION_GOOD},
                 {"64", "64", CLV_DILATION_GOOD},        {"40m", "40m", CLV_DILATION_GOOD},
                 {"40 m", "40m", CLV_DILATION_GOOD},     {"2.5e1m", "25m", CLV_DILATION_GOOD},
                 {"0m", "0m", CLV_DILATION_GOOD},        {"", NULL, CLV_DILATION_NO_NUMBER},
                 {"m", NULL, CLV_DILATION_NO_NUMBER},    {" m", NULL, CLV_DILATION_NO_NUMBER},
                 {"nanm", NULL, CLV_DILATION_NO_NUMBER}, {"inf", NULL, CLV_DILATION_NO_NUMBER},
                 {"0x2m", NULL, CLV_DILATION_NO_NUMBER}, {"40,5m", NULL, CLV_DILATION_NO_NUMBER},
                 {"40mm", NULL, CLV_DILATION_NO_NUMBER}, {"1.5", NULL, CLV_DILATION_NO_INTEGER},
                 {"65", NULL, CLV_DILATION_RANGE},       {"-1", NULL, CLV_DILATION_RANGE},
                 {"-1m", NULL, CLV_DILATION_RANGE},      {"1e9m", NULL, CLV_DILATION_RANGE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clv_detect_settings s = {.dilate = 7, .dilate_m = 11};
        char text[CLV_NUMBER_SIZE + 1];
        const clv_dilation_error error = clv_dilation_parse(cases[i].text, &s.dilate, &s.dilate_m);
        if (error != cases[i].error)
            fail_msg("\"%s\": %d", cases[i].text, error);
        if (!cases[i].again) {
            assert_true(s.dilate == 7 && s.dilate_m == 11);
            assert_true(strlen(clv_dilation_mistake(error)) > 10);
            continue;
        }
        clv_dilation_text(&s, text);
        assert_string_equal(text, cases[i].again);
    }
}

static void pixels_of_metres(void **state)
{
    (void)state;
    clv_detect_settings s = {.dilate = -1, .dilate_m = 40}, pixels = {.dilate = 2, .dilate_m = 40};
    static const struct {
        double pixel_m;
        int pixels;
    } cases[] = {{10, 4}, {20, 2}, {19.7, 2}, {17.2, 2}, {30, 1}, {60, 1}, {80, 1}, {81, 0}, {120, 0}, {0, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(clv_dilation_pixels(&s, cases[i].pixel_m), cases[i].pixels);
        assert_int_equal(clv_dilation_pixels(&pixels, cases[i].pixel_m), 2);
    }
    assert_false(clv_dilation_same(&s, &pixels));
    pixels.dilate_m = 60; /* not looked at */
    assert_true(clv_dilation_same(&pixels, &(clv_detect_settings){.dilate = 2}));
    s.dilate_m = 1e5;
    assert_int_equal(clv_dilation_pixels(&s, 1e-9), CLV_DILATION_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(pixels_of_metres),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
