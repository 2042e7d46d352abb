/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include <cmocka.h>

#include <gdal.h>

#include "learn/evaluate/report_chart.h"

static void text_is_escaped(void **state)
{
    (void)state;
    clv_page p = {0};
    clv_page_text(&p, "a<b>&\"c' d\xc3\xa9\n\xff.");
    assert_string_equal(p.text, "a&lt;b&gt;&amp;&quot;c&#39; d\xc3\xa9??.");
    clv_page_free(&p);
    assert_null(p.text);
}

static void numbers_and_dashes(void **state)
{
    (void)state;
    clv_page p = {0};
    clv_page_row(&p, "x");
    clv_page_number(&p, 1.25, 1);
    clv_page_number(&p, NAN, 1);
    clv_page_row_end(&p);
    assert_string_equal(p.text, "<tr><th scope=\"row\">x</th><td>1.2</td><td>\xe2\x80\x93</td></tr>\n");
    clv_page_free(&p);
}

static void bars_go_from_zero_to_the_largest(void **state)
{
    (void)state;
    clv_page p = {0};
    const clv_bar bars[] = {{"half", 20, 1}, {"whole", 40, 2}, {"none", NAN, 3}, {"below", -3, 4}};
    char name[140];
    memset(name, 'n', sizeof name - 1);
    name[0] = 'a', name[sizeof name - 2] = 'z', name[sizeof name - 1] = '\0';
    const clv_bar_group groups[] = {{NULL, bars, 4}, {name, bars, 1}};
    clv_chart_bars(&p, "A & B", "dB", 1, groups, 2);
    assert_false(p.failed);
    assert_non_null(strstr(p.text, "<title>A &amp; B</title><desc>half 20.0 dB, whole 40.0 dB, none \xe2\x80\x93"));
    assert_non_null(strstr(p.text, "width=\"100.0\"")); /* half of 200 */
    assert_non_null(strstr(p.text, "width=\"200.0\""));
    assert_non_null(strstr(p.text, "width=\"0.0\""));
    assert_non_null(strstr(p.text, "n\xe2\x80\xa6n")); /* a long title loses its middle */
    clv_page_free(&p);
}

static void pictures_are_in_the_page(void **state)
{
    (void)state;
    clv_page p = {0};
    uint8_t planes[3 * 6 * 4];
    for (size_t i = 0; i < sizeof planes; i++)
        planes[i] = (uint8_t)(3 * i);
    GDALAllRegister();
    assert_int_equal(clv_page_picture(NULL, &p, planes, 6, 4, "a < b", "caption"), CLV_OK);
    assert_non_null(
        strstr(p.text, "<img width=\"6\" height=\"4\" alt=\"a &lt; b\" src=\"data:image/png;base64,iVBORw0KGgo"));
    assert_non_null(strstr(p.text, "<figcaption>caption</figcaption>"));
    clv_page_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(numbers_and_dashes),
        cmocka_unit_test(bars_go_from_zero_to_the_largest),
        cmocka_unit_test(pictures_are_in_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
