/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/json.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static clv_json *parse(const char *text)
{
    char error[100];
    clv_json *doc = clv_json_parse(text, strlen(text), error, sizeof error);
    if (!doc)
        print_message("%s: %s\n", text, error);
    return doc;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static void test_values(void **state)
{
    (void)state;
    clv_json *doc = parse(" {\"a\": [1, -2.5e3, 0, true, false, null], \"b\": {\"c\":\"d\"}, \"\": [] , \"e\":{}}\n");
    assert_non_null(doc);
    assert_int_equal(clv_json_kind(doc), CLV_JSON_OBJECT);
    assert_int_equal(clv_json_count(doc), 4);
    const clv_json *a = clv_json_get(doc, "a");
    assert_int_equal(clv_json_kind(a), CLV_JSON_ARRAY);
    assert_int_equal(clv_json_count(a), 6);
    assert_float_equal(clv_json_number(clv_json_at(a, 0), -1), 1, 0);
    assert_float_equal(clv_json_number(clv_json_at(a, 1), -1), -2500, 0);
    assert_true(clv_json_bool(clv_json_at(a, 3), false));
    assert_false(clv_json_bool(clv_json_at(a, 4), true));
    assert_int_equal(clv_json_kind(clv_json_at(a, 5)), CLV_JSON_NULL);
    assert_non_null(clv_json_at(a, 5));
    assert_string_equal(clv_json_string(clv_json_get(clv_json_get(doc, "b"), "c"), "?"), "d");
    assert_int_equal(clv_json_count(clv_json_get(doc, "")), 0);
    assert_int_equal(clv_json_kind(clv_json_get(doc, "e")), CLV_JSON_OBJECT);
    assert_string_equal(clv_json_key_at(doc, 0), "a"); /* order of the text */
    assert_string_equal(clv_json_key_at(doc, 3), "e");
    clv_json_free(doc);
}

static void test_access_forgives(void **state)
{
    (void)state;
    clv_json *doc = parse("{\"a\": \"text\", \"n\": 5, \"l\": [1]}");
    const clv_json *a = clv_json_get(doc, "a"), *n = clv_json_get(doc, "n"), *l = clv_json_get(doc, "l");
    assert_null(clv_json_get(doc, "missing"));
    assert_null(clv_json_get(doc, NULL));
    assert_null(clv_json_get(NULL, "a"));
    assert_null(clv_json_get(l, "a"));
    assert_null(clv_json_at(NULL, 0));
    assert_null(clv_json_at(l, 1));
    assert_null(clv_json_at(l, -1));
    assert_null(clv_json_at(a, 0));
    assert_null(clv_json_key_at(l, 0));
    assert_null(clv_json_key_at(doc, 3));
    assert_int_equal(clv_json_count(a), 0);
    assert_int_equal(clv_json_count(NULL), 0);
    assert_int_equal(clv_json_kind(NULL), CLV_JSON_NULL);
    assert_float_equal(clv_json_number(a, 7), 7, 0);
    assert_int_equal(clv_json_integer(a, 7), 7);
    assert_int_equal(clv_json_integer(NULL, 7), 7);
    assert_true(clv_json_bool(n, true));
    assert_string_equal(clv_json_string(n, "f"), "f");
    assert_null(clv_json_string(n, NULL));
    clv_json_free(doc);
    clv_json_free(NULL);
}

static void test_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"9007199254740993", 9007199254740993},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"9223372036854775808", -77},
        {"-9223372036854775809", -77},
        {"1e3", -77},
        {"1.0", -77},
        {"1e300", -77},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clv_json *doc = parse(cases[i].text);
        assert_non_null(doc);
        assert_int_equal(clv_json_integer(doc, -77), cases[i].value);
        clv_json_free(doc);
    }
}

static void test_strings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"\"\"", ""},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e4\\u20AC\\ud83d\\uDE00\"", "A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
        {"\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\x7f\"", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\x7f"},
        {"\"\\u0001\"", "\x01"},
        {"\"\\uFFFF\"", "\xEF\xBF\xBF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        clv_json *doc = parse(cases[i].text);
        assert_non_null(doc);
        assert_string_equal(clv_json_string(doc, NULL), cases[i].value);
        clv_json_free(doc);
    }
}

static void test_refuses_what_is_no_json(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1 \"b\":2}",
        "{1:2}",
        "nul",
        "nulll",
        "True",
        "tru",
        "falsee",
        "NaN",
        "Infinity",
        "-Infinity",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1.e3",
        "1e",
        "1e+",
        "0x10",
        "1_000",
        "1 2",
        "[] []",
        "{}x",
        "\"",
        "\"abc",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\ud800x\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800\\ud800\"",
        "\"\\u0000\"",
        "\"a\nb\"",
        "\"a\tb\"",
        "\"\xFF\"",
        "\"\xC0\x80\"",
        "\"\xED\xA0\x80\"",
        "\"\xF4\x90\x80\x80\"",
        "\"\xE2\x82\"",
        "\"\xC3\"",
        "\"\x80\"",
        "\"\xE0\x80\x80\"",
        "\"\xF0\x80\x80\x80\"",
        "\xEF\xBB\xBF{}",
        "// c\n{}",
        "{/**/}",
        "1e999",
        "-1e999",
        "[1,2",
        "{\"a\":[1,{\"b\":[",
        "\f1",
        "[\v1]",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"b\":2,\"\\u0061\":3}",
        "{\"x\":{\"a\":1,\"a\":1}}",
        "{\"\":1,\"\":2}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char error[100] = "";
        clv_json *doc = clv_json_parse(bad[i], strlen(bad[i]), error, sizeof error);
        if (doc)
            print_error("accepted: %s\n", bad[i]);
        assert_null(doc);
        assert_memory_equal(error, "byte ", 5);
        assert_null(clv_json_parse(bad[i], strlen(bad[i]), NULL, 0));
        assert_null(clv_json_parse(bad[i], strlen(bad[i]), error, 1)); /* a tiny buffer for the error */
        assert_string_equal(error, "");
    }
}

static void test_reads_no_further_than_its_length(void **state)
{
    (void)state;
    const char text[] = "{\"a\":[true,\"x\\u0041\",12.5e+7,null]}";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *part = malloc(n ? n : 1); /* exactly as long, so that a sanitizer sees one byte too many */
        memcpy(part, text, n);
        assert_null(clv_json_parse(part, n, NULL, 0));
        free(part);
    }
    assert_null(clv_json_parse("1\0", 2, NULL, 0)); /* a NUL is no white space */
    clv_json *doc = clv_json_parse("12345", 3, NULL, 0);
    assert_int_equal(clv_json_integer(doc, 0), 123);
    clv_json_free(doc);
}

static clv_json *parse_nested(int depth, char open, char close)
{
    char *text = malloc((size_t)depth * 2 + 1);
    memset(text, open, (size_t)depth);
    memset(text + depth, close, (size_t)depth);
    clv_json *doc = clv_json_parse(text, (size_t)depth * 2, NULL, 0);
    free(text);
    return doc;
}

static void test_depth(void **state)
{
    (void)state;
    clv_json *doc = parse_nested(64, '[', ']');
    assert_non_null(doc);
    clv_json_free(doc);
    assert_null(parse_nested(65, '[', ']'));
    assert_null(parse_nested(100000, '[', ']'));
    assert_null(parse_nested(100000, '[', '['));
    assert_null(parse_nested(100000, '{', '}'));
    char text[100 * 5 + 1] = "";
    for (int i = 0; i < 100; i++)
        memcpy(text + i * 5, "{\"a\":", 5);
    assert_null(clv_json_parse(text, sizeof text - 1, NULL, 0));
}

static void test_limits(void **state)
{
    (void)state;
    char error[100];
    assert_null(clv_json_parse("", CLV_JSON_MAX + 1, error, sizeof error)); /* refused before a byte is read */
    assert_non_null(strstr(error, "100 MB"));

    size_t n = (size_t)4 * 1024 * 1024 + 2; /* many values in few bytes */
    char *text = malloc(2 * n + 2);
    text[0] = '[';
    for (size_t i = 0; i < n; i++)
        memcpy(text + 1 + 2 * i, "0,", 2);
    text[2 * n] = ']';
    assert_null(clv_json_parse(text, 2 * n + 1, error, sizeof error));
    assert_non_null(strstr(error, "too many values"));

    memset(text, '1', 2000); /* a number of 2000 digits */
    assert_null(clv_json_parse(text, 2000, error, sizeof error));
    free(text);
}

static void test_many_members(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    clv_json_writer w = {0};
    char key[20];
    clv_jw_object(&w);
    for (int i = 0; i < COUNT; i++) {
        snprintf(key, sizeof key, "k%d", i * 7919 % COUNT); /* in no order */
        clv_jw_key(&w, key);
        clv_jw_integer(&w, i);
    }
    clv_jw_end(&w);
    char *text = clv_jw_take(&w);
    clv_json *doc = parse(text);
    assert_int_equal(clv_json_count(doc), COUNT);
    for (int i = 0; i < COUNT; i++) {
        snprintf(key, sizeof key, "k%d", i * 7919 % COUNT);
        assert_string_equal(clv_json_key_at(doc, i), key);
        assert_int_equal(clv_json_integer(clv_json_get(doc, key), -1), i);
    }
    clv_json_free(doc);
    free(text);
}

/* ---- Writing ----------------------------------------------------------------------------------- */

static void test_writer(void **state)
{
    (void)state;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "dates");
    clv_jw_array(&w);
    clv_jw_string(&w, "2022-06-01");
    clv_jw_null(&w);
    clv_jw_array(&w);
    clv_jw_end(&w);
    clv_jw_object(&w);
    clv_jw_end(&w);
    clv_jw_bool(&w, true);
    clv_jw_bool(&w, false);
    clv_jw_integer(&w, INT64_MIN);
    clv_jw_end(&w);
    clv_jw_key(&w, "a\"b");
    clv_jw_number(&w, 0.1);
    clv_jw_key(&w, "nan");
    clv_jw_number(&w, NAN);
    clv_jw_key(&w, "inf");
    clv_jw_number(&w, -INFINITY);
    clv_jw_key(&w, "none");
    clv_jw_string(&w, NULL);
    clv_jw_key(&w, "raw");
    clv_jw_raw(&w, "{\"x\":[1]}");
    clv_jw_key(&w, "no raw");
    clv_jw_raw(&w, NULL);
    clv_jw_end(&w);
    char *text = clv_jw_take(&w);
    assert_string_equal(text, "{\"dates\":[\"2022-06-01\",null,[],{},true,false,-9223372036854775808],\"a\\\"b\":0.1,"
                              "\"nan\":null,\"inf\":null,\"none\":null,\"raw\":{\"x\":[1]},\"no raw\":null}");
    free(text);
    assert_null(w.text); /* empty again */
    clv_jw_integer(&w, 5);
    text = clv_jw_take(&w);
    assert_string_equal(text, "5");
    free(text);
}

static void test_writer_strings_come_back(void **state)
{
    (void)state;
    char all[130];
    for (int i = 1; i < 128; i++)
        all[i - 1] = (char)i;
    all[127] = 0;
    const char *const values[] = {all, "", ":", "a:", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\\u0041"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        clv_json_writer w = {0};
        clv_jw_array(&w);
        clv_jw_string(&w, values[i]);
        clv_jw_object(&w);
        clv_jw_key(&w, values[i]);
        clv_jw_string(&w, values[i]);
        clv_jw_end(&w);
        clv_jw_end(&w);
        char *text = clv_jw_take(&w);
        clv_json *doc = parse(text);
        assert_string_equal(clv_json_string(clv_json_at(doc, 0), NULL), values[i]);
        assert_string_equal(clv_json_string(clv_json_get(clv_json_at(doc, 1), values[i]), NULL), values[i]);
        clv_json_free(doc);
        free(text);
    }
}

static void test_writer_replaces_invalid_utf8(void **state)
{
    (void)state;
    clv_json_writer w = {0};
    clv_jw_string(&w, "a\xFF\xC3");
    char *text = clv_jw_take(&w);
    assert_string_equal(text, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
    free(text);
}

static void test_writer_refuses_what_is_no_json(void **state)
{
    (void)state;
    clv_json_writer w = {0};
    assert_null(clv_jw_take(&w)); /* nothing */
    clv_jw_array(&w);
    assert_null(clv_jw_take(&w)); /* open */
    clv_jw_end(&w);
    assert_null(clv_jw_take(&w)); /* closed too often */
    clv_jw_object(&w);
    clv_jw_integer(&w, 1);
    clv_jw_end(&w);
    assert_null(clv_jw_take(&w)); /* value without a key */
    clv_jw_object(&w);
    clv_jw_key(&w, "a");
    clv_jw_end(&w);
    assert_null(clv_jw_take(&w)); /* key without a value */
    clv_jw_object(&w);
    clv_jw_key(&w, "a");
    clv_jw_key(&w, "b");
    clv_jw_integer(&w, 1);
    clv_jw_end(&w);
    assert_null(clv_jw_take(&w)); /* two keys */
    clv_jw_array(&w);
    clv_jw_key(&w, "a");
    clv_jw_integer(&w, 1);
    clv_jw_end(&w);
    assert_null(clv_jw_take(&w)); /* key in an array */
    clv_jw_integer(&w, 1);
    clv_jw_integer(&w, 2);
    assert_null(clv_jw_take(&w)); /* two values */
    for (int i = 0; i < 65; i++)
        clv_jw_array(&w);
    for (int i = 0; i < 65; i++)
        clv_jw_end(&w);
    assert_null(clv_jw_take(&w)); /* too deep */
    for (int i = 0; i < 64; i++)
        clv_jw_array(&w);
    for (int i = 0; i < 64; i++)
        clv_jw_end(&w);
    char *text = clv_jw_take(&w);
    assert_int_equal(strlen(text), 128);
    free(text);
}

/* ---- Numbers, there and back -------------------------------------------------------------------- */

static void check_number(double value, const char *expected)
{
    clv_json_writer w = {0};
    clv_jw_number(&w, value);
    char *text = clv_jw_take(&w);
    if (expected)
        assert_string_equal(text, expected);
    clv_json *doc = parse(text);
    double back = clv_json_number(doc, NAN);
    assert_memory_equal(&back, &value, sizeof back);
    clv_json_free(doc);
    free(text);
}

static void check_numbers(void)
{
    check_number(0, "0");
    check_number(-0.0, "-0");
    check_number(0.1, "0.1");
    check_number(-2.5, "-2.5");
    check_number(1.0 / 3, "0.3333333333333333");
    check_number(0.1 + 0.2, "0.30000000000000004");
    check_number(1e22, "1e+22");
    check_number(5e-324, "5e-324");
    check_number(DBL_MAX, "1.7976931348623157e+308");
    check_number(DBL_MIN, "2.2250738585072014e-308");
    check_number(9007199254740993.0, NULL);
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) { /* all exponents, any digits */
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value))
            check_number(value, NULL);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    check_numbers();
}

static void test_numbers_with_a_decimal_comma(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "it_IT.UTF-8", "de_AT.UTF-8"};
    const char *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]);
    if (!found) {
        print_message("no locale with a decimal comma is installed: skipped\n");
        skip();
    }
    char text[20];
    snprintf(text, sizeof text, "%.1f", 0.5);
    assert_string_equal(text, "0,5"); /* the locale is in force */
    check_numbers();
    snprintf(text, sizeof text, "%.1f", 0.5);
    assert_string_equal(text, "0,5"); /* and still is */
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_access_forgives),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_refuses_what_is_no_json),
        cmocka_unit_test(test_reads_no_further_than_its_length),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_many_members),
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_writer_strings_come_back),
        cmocka_unit_test(test_writer_replaces_invalid_utf8),
        cmocka_unit_test(test_writer_refuses_what_is_no_json),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_numbers_with_a_decimal_comma),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
