/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "raster/gdal_errors.h"

static const char *caught(const char *message, const char *more)
{
    static clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLError(CE_Failure, CPLE_AppDefined, "%s", message);
    if (more)
        CPLError(CE_Failure, CPLE_AppDefined, "%s", more);
    assert_true(clv_gdal_errors_end(&errors));
    return clv_gdal_errors_text(&errors);
}

#define NAME "vsicurl?empty_dir=yes&list_dir=no&url=http%3A%2F%2Fa.example%3A80%2FB02.tif%3Fst%3D1%26sig%3Da%252Bb"

static void names_of_the_network_are_urls_without_query(void **state)
{
    (void)state;
    assert_string_equal(caught("`/" NAME "' not recognized", NULL), "`http://a.example:80/B02.tif' not recognized");
    assert_string_equal(caught(NAME ", band 1: no", NULL), "http://a.example:80/B02.tif, band 1: no");
    assert_string_equal(caught("HTTP response code on https://a.example/b.tif?sig=x: 403", NULL),
                        "HTTP response code on https://a.example/b.tif: 403");
    assert_string_equal(caught("/vsicurl/https://a.example/b.tif?sig=x: no", NULL), "https://a.example/b.tif: no");
    assert_string_equal(caught("/vsicurl? and no more", NULL), "/vsicurl? and no more");
    assert_string_equal(caught("is this a.tif?", NULL), "is this a.tif?");
}

static void what_is_cut_short_is_called_that(void **state)
{
    (void)state;
    const char *error =
        "TIFFFillTile:Read error at row 4294967295, col 4294967295, tile 14; got 17598 bytes, expected 40585";
    assert_string_equal(
        caught(error, NULL),
        "a block is cut short (17598 of 40585 bytes): a file is not complete, or the answer of a network "
        "was not, where another run may get it");
    assert_string_equal(
        caught(error, "/" NAME ", band 1: IReadBlock failed"),
        "http://a.example:80/B02.tif: the network's answer was cut short (17598 of 40585 bytes); run it "
        "again");
    assert_string_equal(caught("Read error at row 4294967295, col 4294967295, tile 3", NULL), "Read error in tile 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_the_network_are_urls_without_query),
        cmocka_unit_test(what_is_cut_short_is_called_that),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
