/* SPDX-License-Identifier: MIT
 *
 * Who may ask, cookies, ranges, names in paths, secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "serve/request.h"

static void hosts_and_origins(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1:81", "localhost:81", "LocalHost:81", "[::1]:81"};
    static const char *const bad[] = {
        "",       "127.0.0.1", "127.0.0.1:8",   "127.0.0.1:811", "127.0.0.1:81.evil", "evil:81",
        "::1:81", "[::1]",     "localhost.:81", " localhost:81", "user@localhost:81", "127.0.0.1:081"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(clv_request_host_ok(good[i], 81, NULL));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clv_request_host_ok(bad[i], 81, NULL));
    assert_false(clv_request_host_ok(NULL, 81, NULL));
    assert_true(clv_request_host_ok("localhost", 80, NULL));
    assert_true(clv_request_origin_ok("http://127.0.0.1:81", 81, NULL));
    assert_false(clv_request_origin_ok("https://127.0.0.1:81", 81, NULL));
    assert_false(clv_request_origin_ok("http://127.0.0.1:81/", 81, NULL));
    assert_false(clv_request_origin_ok("null", 81, NULL));
    assert_false(clv_request_origin_ok("", 81, NULL));
}

static void names_behind_a_proxy(void **state)
{
    (void)state;
    static const char *const hosts[] = {"clouds.example.org", "inner:8443", NULL};
    static const char *const good[] = {"clouds.example.org", "Clouds.Example.ORG", "inner:8443", "localhost:81"};
    static const char *const bad[] = {
        "",          "clouds.example.org:80", "clouds.example.org.", "example.org", "inner",
        "inner:844", "inner:84433",           "xclouds.example.org"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(clv_request_host_ok(good[i], 81, hosts));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clv_request_host_ok(bad[i], 81, hosts));
    assert_false(clv_request_host_ok(NULL, 81, hosts));
    assert_true(clv_request_origin_ok("https://clouds.example.org", 81, hosts));
    assert_true(clv_request_origin_ok("http://inner:8443", 81, hosts));
    assert_false(clv_request_origin_ok("https://clouds.example.org/", 81, hosts));
    assert_false(clv_request_origin_ok("https://localhost:81", 81, hosts)); /* we speak http */
    assert_false(clv_request_origin_ok("ftp://clouds.example.org", 81, hosts));
}

static void names_that_can_be_given(void **state)
{
    (void)state;
    static const char *const good[] = {"a",         "clouds.example.org", "10.0.0.1:80",
                                       "[fe80::1]", "[::1]:8443",         "my_host-1"};
    static const char *const bad[] = {"",        "*", "https://a", "a/",  "a:",  "a:x",
                                      "a:65536", "[", "[x]",       "a b", ":80", "a,b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(clv_request_host_name_ok(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clv_request_host_name_ok(bad[i]));
}

static void cookies(void **state)
{
    (void)state;
    char value[8];
    assert_true(clv_request_cookie("a=1; key=abc; b=2", "key", value, sizeof value));
    assert_string_equal(value, "abc");
    assert_true(clv_request_cookie("key=abc", "key", value, sizeof value));
    assert_true(clv_request_cookie(" ;;key=;", "key", value, sizeof value));
    assert_string_equal(value, "");
    assert_true(clv_request_cookie("key=1234567", "key", value, sizeof value));
    assert_false(clv_request_cookie("key=12345678", "key", value, sizeof value)); /* does not fit */
    assert_false(clv_request_cookie("xkey=abc; keyx=abc; key", "key", value, sizeof value));
    assert_false(clv_request_cookie(NULL, "key", value, sizeof value));
    assert_false(clv_request_cookie("", "key", value, sizeof value));
}

static void ranges(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        clv_range kind;
        uint64_t first, count;
    } cases[] = {
        {NULL, CLV_RANGE_WHOLE, 0, 100},
        {"bytes=0-0", CLV_RANGE_PART, 0, 1},
        {"bytes=10-19", CLV_RANGE_PART, 10, 10},
        {"bytes=10-", CLV_RANGE_PART, 10, 90},
        {"bytes=-10", CLV_RANGE_PART, 90, 10},
        {"bytes=-1000", CLV_RANGE_PART, 0, 100},
        {"bytes=99-500", CLV_RANGE_PART, 99, 1},
        {"BYTES=1-2", CLV_RANGE_PART, 1, 2},
        {"bytes=100-", CLV_RANGE_NONE, 0, 100},
        {"bytes=-0", CLV_RANGE_NONE, 0, 100},
        {"bytes=5-4", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=1-2,4-5", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=-", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=a-5", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=1-x", CLV_RANGE_WHOLE, 0, 100},
        {"bytes= 1-2", CLV_RANGE_WHOLE, 0, 100},
        {"items=1-2", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=--5", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=1-2-3", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=0-18446744073709551615", CLV_RANGE_WHOLE, 0, 100},
        {"bytes=99999999999999999999-", CLV_RANGE_WHOLE, 0, 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t first, count;
        const clv_range kind = clv_request_range(cases[i].header, 100, &first, &count);
        if (kind != cases[i].kind || (kind != CLV_RANGE_NONE && (first != cases[i].first || count != cases[i].count)))
            fail_msg("%s: %d %d+%d", cases[i].header, kind, (int)first, (int)count);
    }
    uint64_t first, count;
    assert_int_equal(clv_request_range("bytes=0-", 0, &first, &count), CLV_RANGE_NONE);
    assert_int_equal(clv_request_range("bytes=-5", 0, &first, &count), CLV_RANGE_NONE);
}

#define ID "0123456789abcdef0123456789abcdef"

static void names_in_paths(void **state)
{
    (void)state;
    char id[CLV_ID_TEXT];
    const char *rest;
    int number;
    assert_true(clv_request_id("/jobs/" ID, "/jobs/", id, &rest));
    assert_string_equal(id, ID);
    assert_string_equal(rest, "");
    assert_true(clv_request_id("/jobs/" ID "/a/b", "/jobs/", id, &rest));
    assert_string_equal(rest, "/a/b");
    assert_false(clv_request_id("/jobs/" ID "0", "/jobs/", id, &rest));
    assert_false(clv_request_id("/jobs/0123456789ABCDEF0123456789abcdef", "/jobs/", id, &rest));
    assert_false(clv_request_id("/jobs/../123456789abcdef0123456789abcd", "/jobs/", id, &rest));
    assert_false(clv_request_id("/jobs/", "/jobs/", id, &rest));
    assert_false(clv_request_id("/job", "/jobs/", id, &rest));
    assert_true(clv_request_number("7", 7, &number));
    assert_int_equal(number, 7);
    assert_false(clv_request_number("8", 7, &number));
    assert_false(clv_request_number("", 7, &number));
    assert_false(clv_request_number("-1", 7, &number));
    assert_false(clv_request_number("1x", 7, &number));
    assert_false(clv_request_number("0", -1, &number));
    assert_false(clv_request_number("99999999999999999999", 7, &number));
}

static void secrets(void **state)
{
    (void)state;
    char a[CLV_TOKEN_TEXT], b[CLV_TOKEN_TEXT];
    assert_true(clv_secret_make(a, sizeof a));
    assert_true(clv_secret_make(b, sizeof b));
    assert_true(clv_secret_is(a, CLV_TOKEN_TEXT - 1));
    assert_string_not_equal(a, b);
    assert_true(clv_secret_same(a, a));
    assert_false(clv_secret_same(a, b));
    assert_false(clv_secret_same(a, ""));
    b[0] = '\0';
    assert_false(clv_secret_same(b, ""));
    memcpy(b, a, sizeof a);
    for (size_t i = 0; i + 1 < sizeof b; i++) {
        b[i] ^= 1;
        assert_false(clv_secret_same(a, b));
        b[i] ^= 1;
    }
    b[sizeof b - 2] = '\0'; /* one shorter, one doubled */
    assert_false(clv_secret_same(a, b));
    char twice[2 * CLV_TOKEN_TEXT];
    strcpy(twice, a);
    strcat(twice, a);
    assert_false(clv_secret_same(a, twice));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hosts_and_origins),
                                       cmocka_unit_test(names_behind_a_proxy),
                                       cmocka_unit_test(names_that_can_be_given),
                                       cmocka_unit_test(cookies),
                                       cmocka_unit_test(ranges),
                                       cmocka_unit_test(names_in_paths),
                                       cmocka_unit_test(secrets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
