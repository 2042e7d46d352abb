/* SPDX-License-Identifier: MIT
 *
 * dates: a date that is parsed or found is a day of the calendar, and survives being written and counted in days.
 */
#include "fuzz.h"

#include <string.h>

#include "sentinel2/dates.h"

static void require_date(const clv_date *date)
{
    char text[32];
    clv_date back;

    clv_require(date->year >= 1900 && date->year <= 2199 && date->month >= 1 && date->month <= 12 && date->day >= 1 &&
                date->day <= 31);
    clv_require(date->hour >= 0 && date->hour <= 23 && date->minute >= 0 && date->minute <= 59 && date->second >= 0 &&
                date->second <= 60);
    int day = clv_day_of_year(date);
    clv_require(day >= 1 && day <= 366);
    clv_date_format(date, text);
    clv_require(clv_date_parse(text, &back));
    clv_require(back.year == date->year && back.month == date->month && back.day == date->day);
    clv_require(back.has_time == date->has_time && back.hour == date->hour && back.minute == date->minute &&
                back.second == date->second);
    if (!date->has_time) {
        back = clv_date_from_days(clv_date_days(date));
        clv_require(back.year == date->year && back.month == date->month && back.day == date->day);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = clv_fuzz_text(data, size);
    clv_date date;

    if (clv_date_parse(text, &date))
        require_date(&date);
    if (clv_date_find(text, &date)) {
        clv_require(date.year >= 1972);
        require_date(&date);
    }
    char day[3];
    for (int begins = 0; begins < 2; begins++)
        if (clv_date_of_folders(text, strlen(text), begins, &date, day))
            require_date(&date);
    free(text);
    return 0;
}
