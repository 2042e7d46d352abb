/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sentinel2/written_dates.h"

/* The order of the names, their first date in it. */
static void reads(clv_written_kind kind, const char *const *names, int count, clv_date_order expected, bool is_sure,
                  const char *first)
{
    clv_written_date dates[6];
    clv_date date;
    char text[32];
    bool sure;
    for (int i = 0; i < count; i++)
        if (!clv_written_date_find(names[i], kind, 0, &dates[i]))
            fail_msg("nothing found in %s", names[i]);
    const clv_date_order order = clv_written_dates_order(dates, count, &sure);
    assert_int_equal(order, expected);
    if (order == CLV_ORDER_NONE)
        return;
    assert_int_equal(sure, is_sure);
    assert_true(clv_written_date_read(&dates[0], order, &date));
    clv_date_format(&date, text);
    assert_string_equal(text, first);
}

#define READS(kind, order, sure, first, ...)                                                                           \
    reads(kind, (const char *const[]){__VA_ARGS__}, (int)(sizeof(const char *[]){__VA_ARGS__} / sizeof(char *)),       \
          order, sure, first)

static void a_day_above_twelve_tells_the_order_of_all(void **state)
{
    (void)state;
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_DMY, true, "2021-06-05", "x_05-06-2021.tif", "x_25-06-2021.tif");
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_MDY, true, "2021-05-06", "x_05-06-2021.tif", "x_06-25-2021.tif");
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_MDY, true, "2019-03-04", "3_4_2019_B04", "12_31_2019_B04");
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_MDY, true, "2019-03-04", "3.4.2019", "3.14.2019");
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_NONE, true, "", "3-14-2019", "14-3-2019");
}

static void where_both_fit_the_closer_ones_and_the_day_first(void **state)
{
    (void)state;
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_DMY, false, "2021-06-05", "05-06-2021", "10-06-2021");
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_MDY, false, "2021-05-06", "05-06-2021", "05-11-2021");
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_DMY, false, "2021-06-05", "05-06-2021");
    READS(CLV_WRITTEN_YEAR_LAST, CLV_ORDER_DMY, true, "2021-06-05", "05.06.2021", "05.11.2021");
}

static void six_digits_are_read_as_lies_close_together(void **state)
{
    (void)state;
    READS(CLV_WRITTEN_SIX, CLV_ORDER_YMD, true, "2023-04-08", "s_230408_B4", "s_230413_B4");
    READS(CLV_WRITTEN_SIX, CLV_ORDER_DMY, false, "2019-04-18", "180419", "230419", "280419");
    READS(CLV_WRITTEN_SIX, CLV_ORDER_YMD, false, "2018-04-19", "180419", "180424", "180429");
    READS(CLV_WRITTEN_SIX, CLV_ORDER_MDY, true, "2018-04-25", "042518", "050518");
    READS(CLV_WRITTEN_SIX, CLV_ORDER_NONE, true, "", "s_122513", "s_251213");
}

static void other_numbers_are_none(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",           "13-04-23",    "13-04_2023", "x13-04-2023", "113-04-2023",   "13-04-20231", "1.13.04.2023",
        "13-13-2023", "31-04-2023x", "00-04-2023", "13--2023",    "v1.13.04.2023", "13-04-1960",  "29.02.2023"};
    clv_written_date w;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        if (clv_written_date_find(none[i], CLV_WRITTEN_YEAR_LAST, 0, &w))
            fail_msg("a date is found in %s", none[i]);
    static const char *const numbers[] = {"",       "193028",  "T230408", "230408Z", "2304080",
                                          "100559", "9903141", "991301",  "120101"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (clv_written_date_find(numbers[i], CLV_WRITTEN_SIX, 0, &w))
            fail_msg("a date is found in %s", numbers[i]);
    assert_false(clv_written_date_find(NULL, CLV_WRITTEN_SIX, 0, &w));
    assert_true(clv_written_date_find("193028_230408_180101", CLV_WRITTEN_SIX, 1, &w));
    assert_string_equal(w.text, "180101");
    assert_int_equal(w.at, 14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_day_above_twelve_tells_the_order_of_all),
                                       cmocka_unit_test(where_both_fit_the_closer_ones_and_the_day_first),
                                       cmocka_unit_test(six_digits_are_read_as_lies_close_together),
                                       cmocka_unit_test(other_numbers_are_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
