/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sentinel2/cf_time.h"
#include "sentinel2/dates.h"

#include <math.h>

static double day(const char *text)
{
    clv_date date;
    assert_true(clv_date_parse(text, &date));
    return clv_date_days(&date);
}

static void units_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        double value;
        const char *date;
    } cases[] = {
        {"days since 2015-08-01 00:00:00", 138, "2015-12-17"},
        {"days since 1990-1-1", 11323.25, "2021-01-01T06:00:00Z"},
        {"seconds since 2017-08-04 10:53:28", 61, "2017-08-04T10:54:29Z"},
        {"seconds since 1970-01-01T00:00:00Z", 1622543400, "2021-06-01T10:30:00Z"},
        {"nanoseconds since 1970-01-01", 1.6225434e18, "2021-06-01T10:30:00Z"},
        {"microseconds since 2021-06-01 10:00:00.500000", 29.5e6, "2021-06-01T10:00:30Z"},
        {"hours since 2021-06-01 00:00:00 +02:00", 5, "2021-06-01T03:00:00Z"},
        {"minutes since 2021-06-01 00:00 UTC", 90, "2021-06-01T01:30:00Z"},
        {"h since 2021-06-01", -24, "2021-05-31"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clv_cf_time time;
        double days;
        assert_true(clv_cf_time_read(cases[i].unit, "proleptic_gregorian", &time));
        assert_true(clv_cf_time_days(&time, cases[i].value, &days));
        assert_float_equal(days, day(cases[i].date), 1e-5);
    }
}

static void digits_are_dates(void **state)
{
    (void)state;
    double days[3];
    assert_true(clv_cf_time_of_digits(NULL, (const double[]){20191103, 20200229, 20191104}, 3, days));
    assert_float_equal(days[0], day("2019-11-03"), 0);
    assert_float_equal(days[1], day("2020-02-29"), 0);
    assert_true(clv_cf_time_of_digits("1", (const double[]){2020060, 2019307}, 2, days));
    assert_float_equal(days[0], day("2020-02-29"), 0);
    assert_float_equal(days[1], day("2019-11-03"), 0);
    assert_true(clv_cf_time_of_digits("YYYYMMDDHHMMSS", (const double[]){20191103101530}, 1, days));
    assert_float_equal(days[0], day("2019-11-03T10:15:30Z"), 1e-9);
    assert_true(clv_cf_time_of_digits("day as %Y%m%d.%f", (const double[]){20191103.25}, 1, days));
    assert_float_equal(days[0], day("2019-11-03T06:00:00Z"), 1e-6);
    static const double none[] = {18262, 1.5e9,     20191301,   20190229, 2019366, 19710101,
                                  0,     -20191103, 20191103.5, NAN,      INFINITY};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(clv_cf_time_of_digits(NULL, &none[i], 1, days));
    assert_false(clv_cf_time_of_digits(NULL, (const double[]){20191103, 2019307}, 2, days)); /* not alike */
    assert_false(clv_cf_time_of_digits("metres", (const double[]){20191103}, 1, days));
    assert_false(clv_cf_time_of_digits(NULL, NULL, 0, days));
}

static void calendars_without_leap_days(void **state)
{
    (void)state;
    clv_cf_time time;
    double days;
    assert_true(clv_cf_time_read("days since 2019-01-01", "noleap", &time));
    assert_true(clv_cf_time_days(&time, 365 + 58, &days));
    assert_float_equal(days, day("2020-02-28"), 1e-9);
    assert_true(clv_cf_time_days(&time, 365 + 59, &days));
    assert_float_equal(days, day("2020-03-01"), 1e-9);
    assert_true(clv_cf_time_days(&time, 730, &days));
    assert_float_equal(days, day("2021-01-01"), 1e-9);
    assert_true(clv_cf_time_read("days since 2019-01-01", "365_day", &time));
    assert_false(clv_cf_time_read("days since 2019-01-01", "360_day", &time));
    assert_false(clv_cf_time_read("days since 2019-01-01", "julian", &time));
}

static void others_are_refused(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "days",
                                       "days since",
                                       "days since yesterday",
                                       "months since 2020-01-01",
                                       "days since 2020-13-01",
                                       "days since 2020-02-30",
                                       "days since 2020-01-01 25:00:00",
                                       "days since 2020-01-01 10:00:00 CEST",
                                       "1"};
    clv_cf_time time;
    double days;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(clv_cf_time_read(none[i], NULL, &time));
    assert_false(clv_cf_time_read(NULL, NULL, &time));
    assert_true(clv_cf_time_read("days since 2020-01-01", NULL, &time));
    assert_false(clv_cf_time_days(&time, NAN, &days));
    assert_false(clv_cf_time_days(&time, 1e9, &days));
    assert_false(clv_cf_time_days(&time, -1e18, &days));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_read),
        cmocka_unit_test(digits_are_dates),
        cmocka_unit_test(calendars_without_leap_days),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
