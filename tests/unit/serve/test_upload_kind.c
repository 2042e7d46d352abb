/* SPDX-License-Identifier: MIT
 *
 * What an upload is, and what it may be called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "serve/upload_kind.h"

#define SNIFF(bytes) clv_upload_sniff((const uint8_t *)(bytes), sizeof(bytes) - 1)

static void kinds(void **state)
{
    (void)state;
    assert_string_equal(SNIFF("II*\0abcdefghijkl")->extension, "tif");
    assert_string_equal(SNIFF("MM\0*abcdefghijkl")->extension, "tif");
    assert_string_equal(SNIFF("II+\0abcdefghijkl")->extension, "tif");
    assert_string_equal(SNIFF("\x89PNG\r\n\x1a\nabcdefgh")->extension, "png");
    assert_string_equal(SNIFF("\xff\xd8\xff\xe0"
                              "abcdefgh")
                            ->extension,
                        "jpg");
    assert_string_equal(SNIFF("\0\0\0\x0cjP  \r\n\x87\nabcd")->extension, "jp2");
    assert_string_equal(SNIFF("PK\3\4abcdefgh")->extension, "npz");
    assert_null(SNIFF(""));
    assert_null(SNIFF("II*"));
    assert_null(SNIFF("<VRTDataset rasterXSize="));
    assert_null(SNIFF(" II*\0abcdefghijkl"));
    assert_null(SNIFF("{\"type\": \"gdal_stre"));
    assert_null(SNIFF("/etc/passwd\0\0\0\0\0"));
    assert_null(SNIFF("\x89PNG\r\n\x1a"));
}

static void names(void **state)
{
    (void)state;
    const clv_upload_kind *kind = SNIFF("II*\0abcdefghijkl");
    static const char *const cases[][2] = {{"a_20220601.tif", "a_20220601.tif"},
                                           {"a.jp2", "a.tif"},
                                           {"/etc/passwd", "passwd.tif"},
                                           {"C:\\x\\a.tif", "a.tif"},
                                           {"", "picture.tif"},
                                           {".tif", "_tif.tif"},
                                           {"..", "_.tif"},
                                           {"a\nb\x7f"
                                            "c.tif",
                                            "a_b_c.tif"},
                                           {"W\xc3\xbcste.tif", "W\xc3\xbcste.tif"},
                                           {"\xff\xfe", "__.tif"},
                                           {"a.b.c.tif", "a.b.c.tif"},
                                           {"x;rm -rf.tif", "x_rm_-rf.tif"},
                                           {"S2A_MSIL2A_20220601T101031.SAFE", "S2A_MSIL2A_20220601T101031.tif"}};
    char out[CLV_UPLOAD_NAME_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clv_upload_name(cases[i][0], kind, out);
        assert_string_equal(out, cases[i][1]);
    }
    clv_upload_name(NULL, kind, out);
    assert_string_equal(out, "picture.tif");
    /* Long ones are cut at a letter's border. */
    char longest[1000];
    for (size_t i = 0; i + 3 < sizeof longest; i += 3)
        memcpy(longest + i, "\xe6\xb0\xb4", 4);
    clv_upload_name(longest, kind, out);
    const size_t n = strlen(out);
    assert_true(n < CLV_UPLOAD_NAME_TEXT && n > 100);
    assert_int_equal((n - 4) % 3, 0);
    assert_string_equal(out + n - 4, ".tif");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds), cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
