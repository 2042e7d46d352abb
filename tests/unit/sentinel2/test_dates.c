/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "sentinel2/dates.h"

static void assert_date(const clv_date *d, int year, int month, int day)
{
    assert_int_equal(d->year, year);
    assert_int_equal(d->month, month);
    assert_int_equal(d->day, day);
}

static void parses(const char *text, const char *expected)
{
    clv_date d;
    char out[32];
    if (!clv_date_parse(text, &d))
        fail_msg("%s is not parsed", text);
    clv_date_format(&d, out);
    assert_string_equal(out, expected);
}

static void finds(const char *name, const char *expected)
{
    clv_date d;
    char out[32];
    if (!clv_date_find(name, &d))
        fail_msg("no date found in %s", name);
    clv_date_format(&d, out);
    assert_string_equal(out, expected);
}

static void parse_accepts_every_form(void **state)
{
    (void)state;
    parses("2022-08-01", "2022-08-01");
    parses("20220801", "2022-08-01");
    parses("2022:08:01 10:20:30", "2022-08-01T10:20:30Z");
    parses("2022:08:01", "2022-08-01");
    parses("2022-08-01T10:20:30", "2022-08-01T10:20:30Z");
    parses("2022-08-01T10:20:30.123456Z", "2022-08-01T10:20:30Z");
    parses("2022-08-01 10:20:30", "2022-08-01T10:20:30Z");
    parses("2023-08-15T10:08:21.024000+00:00", "2023-08-15T10:08:21Z");
    parses("2022-08-01 10:20:30+00", "2022-08-01T10:20:30Z");
    parses("20220801T101559", "2022-08-01T10:15:59Z");
    parses("2022-213", "2022-08-01");
    parses("2022213", "2022-08-01");
    parses("2020-366", "2020-12-31");
    parses("2020-02-29", "2020-02-29");
    parses("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
    parses("1900-01-01", "1900-01-01");
    parses("2199-12-31", "2199-12-31");
    parses("13.04.2023", "2023-04-13");
    parses("4.5.2023", "2023-05-04");
    parses("13.04.2023 10:16:01", "2023-04-13T10:16:01Z");
}

static void parse_refuses_what_is_no_date(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "2022",
                                      "2022-13-01",
                                      "2022-00-01",
                                      "2022-02-30",
                                      "2021-02-29",
                                      "2100-02-29",
                                      "1899-12-31",
                                      "2200-01-01",
                                      "0000-01-01",
                                      "9999-01-01",
                                      "2022-8-1",
                                      "2022-08-01 ",
                                      " 2022-08-01",
                                      "2022-08:01",
                                      "2022-08-01T",
                                      "2022-08-01T25:00:00",
                                      "2022-08-01T10:20",
                                      "2022-08-01T10:20:30.",
                                      "2022-08-01T10:20:30+2",
                                      "2022-08-01T10:20:30+02:0",
                                      "2022-08-01T10:20:30+02:60",
                                      "2022-08-01T10:20:30+15:00",
                                      "2022-08-01T10:20:30Z+02",
                                      "2022-08-01+02:00",
                                      "1900-01-01T00:30:00+01:00",
                                      "2199-12-31T23:30:00-01:00",
                                      "2022-366",
                                      "2022-000",
                                      "202208011",
                                      "20220801T10155",
                                      "abc",
                                      "-2022-08-01",
                                      "2022-08-01T10:2030",
                                      "2022:213",
                                      "04.13.2023",
                                      "29.02.2023",
                                      "1.2.23",
                                      "1..2023",
                                      "01.02.20234",
                                      "\xff\xfe\x80",
                                      "2022-08-0\xb2"};
    clv_date d;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (clv_date_parse(bad[i], &d))
            fail_msg("%s is taken for a date", bad[i]);
    assert_true(clv_date_parse("2022080", &d)); /* day 80 */
    assert_date(&d, 2022, 3, 21);
    assert_false(clv_date_parse(NULL, &d));
}

static void time_zones_become_utc(void **state)
{
    (void)state;
    parses("2022-08-01T10:20:30+02:00", "2022-08-01T08:20:30Z");
    parses("2022-08-01T10:20:30.5+0530", "2022-08-01T04:50:30Z");
    parses("2022-08-01 10:20:30-05", "2022-08-01T15:20:30Z");
    parses("2022-03-01T01:10:00+03:00", "2022-02-28T22:10:00Z");
    parses("2023-12-31T22:40:59-03:30", "2024-01-01T02:10:59Z");
    parses("20220801T101559+0200", "2022-08-01T08:15:59Z");
    parses("2022-08-01T10:20:30-00:00", "2022-08-01T10:20:30Z");
    finds("x 2022-08-01T01:20:30+02:00 y", "2022-07-31T23:20:30Z");
    finds("s_20220801T101559-0200_x", "2022-08-01T10:15:59Z"); /* a separator */
}

static void find_knows_the_names_of_products(void **state)
{
    (void)state;
    finds("S2A_MSIL2A_20220801T101559_N0400_R065_T32TQR_20220801T135822.SAFE", "2022-08-01T10:15:59Z");
    finds("T32TQR_20220801T101559_B04_20m.jp2", "2022-08-01T10:15:59Z");
    finds("S2_L2A_T32TPS_20220602_BGRN_10m.tif", "2022-06-02");
    finds("HLS.S30.T35UNQ.2022078T092029.v2.0.B04.tif", "2022-03-19T09:20:29Z");
    finds("s2_ROIs2017_146_ImgNo_0_2018-01-06_patch_17_BGRN_10m.tif", "2018-01-06");
    finds("29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz", "2017-06-20");
    finds("B04_20220801", "2022-08-01");
    finds("20220801_B04", "2022-08-01");
    finds("mosaic_2022_08_01.tif", "2022-08-01");
    finds("S2B_33TWM_20230810_0_L2A", "2023-08-10");
    finds("x 2022-08-01T10:20:30 y", "2022-08-01T10:20:30Z");
    finds("S2A_OPER_PRD_MSIL1C_PDMC_20160105T101010_R022_V20151230T100000_20151230T100000", "2015-12-30T10:00:00Z");
    finds("id_19991301_then_19991201", "1999-12-01");
    finds("20220801T1015", "2022-08-01");
    finds("LC80140282013123LGN00_B4.TIF", "2013-05-03");
    finds("LE71930282000366SGS00", "2000-12-31");
    finds("L2A_T32TPS_A012345_20190101T102421_A2023098.tif", "2019-01-01T10:24:21Z");
    finds("MCD43A4.A2020060.h18v04.061.tif", "2020-02-29");
    finds("HLS.S30.T35UNQ.2022078.v1.4.hdf", "2022-03-19");
    finds("HLSS30.020_B04_doy2022213_aid0001_16N.tif", "2022-08-01");
    finds("ndvi_2019_doy45.tif", "2019-02-14");
    finds("b4-2021-DOY-001", "2021-01-01");
    finds("clip_13Apr2023.tif", "2023-04-13");
    finds("3_nov_2019_B04.tif", "2019-11-03");
    finds("2021-Sep-07_B04.tif", "2021-09-07");
    finds("x_2020FEB29T101559_y.tif", "2020-02-29T10:15:59Z");
    finds("field on 9. December 2018.tif", "2018-12-09");
    finds("May 8, 2023", "2023-05-08");
    finds("june-17-2022.tif", "2022-06-17");
    finds("4 Okt 2021.tif", "2021-10-04");
    finds("S2A_20230408100559_B04.tif", "2023-04-08T10:05:59Z");
    finds("x_2023.04.13_y.tif", "2023-04-13");
    finds("10.2022-08-01", "2022-08-01");
}

static void find_is_not_fooled(void **state)
{
    (void)state;
    static const char *const none[] = {"",
                                       "000aa810_month06_BGRN_10m.tif",
                                       "scene_120220801.tif",
                                       "scene_202208011.tif",
                                       "12345678",
                                       "18990101",
                                       "2022_08-01",
                                       "2022-08",
                                       "19700101",
                                       "22000101",
                                       "2022078",
                                       "image2022213.tif",
                                       "2022-8-1",
                                       "2022.8.1",
                                       "04.13.2023",
                                       "13.04.2023",
                                       "13-04-2023",
                                       "31Apr2023",
                                       "B8_apr_2023",
                                       "2023_mar_10m",
                                       "2023_may_1",
                                       "8_apr_20231",
                                       "118_apr_2023",
                                       "8_aprile_2023",
                                       "mars 8, 2023",
                                       "summar-08-2023",
                                       "apr_2023",
                                       "08Apr23",
                                       "8apr1960",
                                       "20230408106059",
                                       "21990408100559",
                                       "99999999999999999999",
                                       "\xc3\xa4\xff 2022\xff"
                                       "08\xff"
                                       "01"};
    clv_date d;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (clv_date_find(none[i], &d))
            fail_msg("a date is found in %s", none[i]);
    assert_false(clv_date_find(NULL, &d));
}

static void finds_day_of_year(const char *name, const char *expected, const char *number)
{
    clv_date d;
    char out[32], text[16];
    if (!clv_date_find_day_of_year(name, &d, text))
        fail_msg("no day of year found in %s", name);
    clv_date_format(&d, out);
    assert_string_equal(out, expected);
    assert_string_equal(text, number);
}

static void days_of_years_stand_alone(void **state)
{
    (void)state;
    finds_day_of_year("2022213.tif", "2022-08-01", "2022213");
    finds_day_of_year("tile_2019_123_B04", "2019-05-03", "2019_123");
    finds_day_of_year("x-2020-366", "2020-12-31", "2020-366");
    finds_day_of_year("a_1234567_2021001_b", "2021-01-01", "2021001");
    finds_day_of_year("A2023098.tif", "2023-04-08", "2023098");
    finds_day_of_year("S2-A2023098.tif", "2023-04-08", "2023098");
    finds_day_of_year("T32TPS_A2023098_B.tif", "2023-04-08", "2023098");
    finds_day_of_year("L2A_T32TPS_A012345_A2023098", "2023-04-08", "2023098");
    static const char *const none[] = {"",           "image2022213.tif", "2022213b",       "2021366",    "2022000",
                                       "1971100",    "2100100",          "2022-45",        "2022-1234",  "2022.213",
                                       "12022213",   "20222134",         "b2022_213",      "2022_213x",  "ROIs2017_146",
                                       "S2A2023098", "L2A2023098",       "T32TPS_A012345", "x_A2023367", "x_A2023000",
                                       "x_A1960098", "x_A2023098b",      "BA2023098",      "x_A2023_098"};
    clv_date d;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (clv_date_find_day_of_year(none[i], &d, NULL))
            fail_msg("a day of year is found in %s", none[i]);
    assert_false(clv_date_find_day_of_year(NULL, &d, NULL));
}

static void all_dates_of_a_name(void **state)
{
    (void)state;
    clv_date d[3];
    assert_int_equal(clv_date_find_all("S2A_20230101_20230413T101601_x", d, 3), 2);
    assert_date(&d[0], 2023, 1, 1);
    assert_date(&d[1], 2023, 4, 13);
    assert_int_equal(d[1].second, 1);
    assert_int_equal(clv_date_find_all("a_1Feb2023_2023-04-13_20230501_20230601", d, 3), 3);
    assert_date(&d[0], 2023, 2, 1);
    assert_date(&d[2], 2023, 5, 1);
    assert_int_equal(clv_date_find_all("a_20230413_20230501", d, 1), 1);
    assert_int_equal(clv_date_find_all("LC80140282013123LGN00_B4.TIF", d, 3), 1);
    /* Archives whose first date is known to be the acquisition. */
    assert_int_equal(clv_date_find_all("S2A_MSIL2A_20220801T101559_N0400_R065_T32TQR_20220901T135822.SAFE", d, 3), 1);
    assert_int_equal(clv_date_find_all("LC09_L2SP_193028_20230413_20230420_02_T1_SR_B4.TIF", d, 3), 1);
    assert_int_equal(clv_date_find_all("nothing", d, 3), 0);
    assert_int_equal(clv_date_find_all(NULL, d, 3), 0);
}

static bool of_folders(const char *path, bool begins, const char *expected)
{
    clv_date d;
    char out[32], text[3];
    if (!clv_date_of_folders(path, strlen(path), begins, &d, text))
        return false;
    clv_date_format(&d, out);
    assert_string_equal(out, expected);
    return true;
}

static void folders_of_year_month_and_day(void **state)
{
    (void)state;
    assert_true(of_folders("data/2019/11/03", false, "2019-11-03"));
    assert_true(of_folders("2019/2/7/", false, "2019-02-07"));
    assert_true(of_folders("x\\2019\\02\\07", false, "2019-02-07"));
    assert_true(of_folders("p/year=2020/month=02/day=29", false, "2020-02-29"));
    assert_true(of_folders("p/Y2020/M2/D9", false, "2020-02-09"));
    assert_true(of_folders("p/2021-12/31", false, "2021-12-31"));
    assert_true(of_folders("p/202112/05", false, "2021-12-05"));
    assert_true(of_folders("2021/08/23_red.tif", true, "2021-08-23"));
    static const char *const none[] = {"2019/11",          "2019/13/01",  "2019/02/29", "1960/02/01",  "12019/02/01",
                                       "2019/002/01",      "2019/2/1/0",  "11/03",      "a2019/02/01", "2019/mon02/01",
                                       "2019/month=/day=", "2019/02/day", "",           "/",           "//1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (of_folders(none[i], false, ""))
            fail_msg("%s is taken for a date", none[i]);
    assert_false(of_folders("2021/08/3_red.tif", true, ""));
    assert_false(of_folders("2021/08/23red.tif", true, ""));
    assert_false(of_folders("2021/08/231.tif", true, ""));
}

static void milliseconds_since_1970(void **state)
{
    (void)state;
    clv_date d;
    char out[32];
    assert_true(clv_date_of_milliseconds(1681380961000, &d));
    clv_date_format(&d, out);
    assert_string_equal(out, "2023-04-13T10:16:01Z");
    assert_true(clv_date_of_milliseconds(1582934400000.0, &d));
    clv_date_format(&d, out);
    assert_string_equal(out, "2020-02-29T00:00:00Z");
    static const double none[] = {0, -1, 1e9, 1681380961, 1e14, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(clv_date_of_milliseconds(none[i], &d));
}

static void day_numbers_run_without_gaps(void **state)
{
    (void)state;
    static const int month_days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    /* An independent calendar: count days from 1900-01-01, which is day -25567. */
    double expected = -25567;
    for (int year = 1900; year <= 2199; year++) {
        int of_year = 1;
        for (int month = 1; month <= 12; month++) {
            bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int days = month_days[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= days; day++, expected++, of_year++) {
                clv_date d = {.year = year, .month = month, .day = day};
                assert_true(clv_date_days(&d) == expected);
                assert_int_equal(clv_day_of_year(&d), of_year);
                clv_date back = clv_date_from_days(expected);
                assert_date(&back, year, month, day);
            }
        }
    }
    clv_date noon = {.year = 1970, .month = 1, .day = 2, .hour = 12, .has_time = true};
    assert_true(clv_date_days(&noon) == 1.5);
}

static void extreme_day_numbers_stay_in_range(void **state)
{
    (void)state;
    const double extreme[] = {-1e300, 1e300, NAN, INFINITY, -INFINITY, -1e6, 1e6};
    for (size_t i = 0; i < sizeof extreme / sizeof *extreme; i++) {
        clv_date d = clv_date_from_days(extreme[i]);
        assert_true(d.year >= 1900 && d.year <= 2199);
    }
    clv_date fraction = clv_date_from_days(0.9);
    assert_date(&fraction, 1970, 1, 1);
}

static void format_never_leaves_its_buffer(void **state)
{
    (void)state;
    clv_date d = {.year = -1,
                  .month = 2147483647,
                  .day = -2147483647,
                  .hour = -5,
                  .minute = 99999,
                  .second = 1 << 30,
                  .has_time = true};
    char out[33];
    memset(out, 'x', sizeof out);
    clv_date_format(&d, out);
    assert_int_equal(out[32], 'x');
    assert_true(strlen(out) < 32);
}

/* Any bytes: parse and find return, and what they return is a real date. */
static void random_bytes_are_survived(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789012-_:.T ZV+OPER\xff\x80";
    uint32_t seed = 1;
    for (int round = 0; round < 200000; round++) {
        char text[24];
        size_t n = 0;
        for (; n < sizeof text - 1; n++) {
            seed = seed * 1664525u + 1013904223u;
            if (seed >> 27 == 0)
                break;
            text[n] = alphabet[(seed >> 8) % (sizeof alphabet - 1)];
        }
        text[n] = 0;
        clv_date d;
        if (clv_date_parse(text, &d) || clv_date_find(text, &d) || clv_date_find_day_of_year(text, &d, NULL)) {
            clv_date back = clv_date_from_days(clv_date_days(&d));
            assert_date(&back, d.year, d.month, d.day);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_accepts_every_form),
        cmocka_unit_test(parse_refuses_what_is_no_date),
        cmocka_unit_test(time_zones_become_utc),
        cmocka_unit_test(days_of_years_stand_alone),
        cmocka_unit_test(find_knows_the_names_of_products),
        cmocka_unit_test(find_is_not_fooled),
        cmocka_unit_test(all_dates_of_a_name),
        cmocka_unit_test(folders_of_year_month_and_day),
        cmocka_unit_test(milliseconds_since_1970),
        cmocka_unit_test(day_numbers_run_without_gaps),
        cmocka_unit_test(extreme_day_numbers_stay_in_range),
        cmocka_unit_test(format_never_leaves_its_buffer),
        cmocka_unit_test(random_bytes_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
