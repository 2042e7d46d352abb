/* SPDX-License-Identifier: MIT */
#include "sentinel2/written_dates.h"

#include <stdio.h>
#include <string.h>

#define FIRST_YEAR 1972
#define LAST_YEAR 2099
#define FIRST_SHORT_YEAR 2013 /* of two digits: Landsat 8 */
#define LAST_SHORT_YEAR 2039
#define DIGITS "0123456789"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int number(const char *p, size_t digits)
{
    int value = 0;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (p[i] - '0');
    return value;
}

/* Length of A-B-YYYY at p, in `name`, where digits begin; 0 where there is none. */
static size_t year_last_at(const char *name, const char *p, clv_written_date *out)
{
    const size_t a = strspn(p, DIGITS);
    const char separator = p[a];
    if (a < 1 || a > 2 || (separator != '-' && separator != '_' && separator != '.'))
        return 0;
    if (p > name && (is_letter(p[-1]) || (p[-1] == '.' && separator == '.' && p - name > 1 && is_digit(p[-2]))))
        return 0; /* band 4, version 1.13.04.2023 */
    const char *second = p + a + 1;
    const size_t b = strspn(second, DIGITS);
    const char *year = second + b + 1;
    if (b < 1 || b > 2 || year[-1] != separator || strspn(year, DIGITS) != 4)
        return 0;
    *out = (clv_written_date){.kind = CLV_WRITTEN_YEAR_LAST,
                              .number = {number(p, a), number(second, b), number(year, 4)},
                              .separator = separator};
    return (size_t)(year - p) + 4;
}

static size_t six_at(const char *name, const char *p, clv_written_date *out)
{
    if (strspn(p, DIGITS) != 6 || is_letter(p[6]) || (p > name && is_letter(p[-1])))
        return 0;
    *out = (clv_written_date){.kind = CLV_WRITTEN_SIX, .number = {number(p, 2), number(p + 2, 2), number(p + 4, 2)}};
    return 6;
}

bool clv_written_date_read(const clv_written_date *written, clv_date_order order, clv_date *out)
{
    const int *n = written->number;
    const bool is_short = written->kind == CLV_WRITTEN_SIX;
    int year = order == CLV_ORDER_YMD ? n[0] : n[2], month, day;
    char text[40];
    if (order == CLV_ORDER_NONE || written->kind == CLV_WRITTEN_NONE)
        return false;
    month = order == CLV_ORDER_MDY ? n[0] : n[1];
    day = order == CLV_ORDER_DMY ? n[0] : order == CLV_ORDER_MDY ? n[1] : n[2];
    year += is_short ? 2000 : 0;
    if (year < (is_short ? FIRST_SHORT_YEAR : FIRST_YEAR) || year > (is_short ? LAST_SHORT_YEAR : LAST_YEAR))
        return false;
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    return clv_date_parse(text, out);
}

static bool is_possible(const clv_written_date *written)
{
    clv_date any;
    for (clv_date_order order = CLV_ORDER_DMY; order <= CLV_ORDER_YMD; order++)
        if (clv_written_date_read(written, order, &any))
            return true;
    return false;
}

bool clv_written_date_find(const char *name, clv_written_kind kind, int position, clv_written_date *out)
{
    for (const char *p = name; p && *p;) {
        clv_written_date found;
        const size_t run = strspn(p, DIGITS);
        size_t length = 0;
        if (run > 0)
            length = kind == CLV_WRITTEN_SIX ? six_at(name, p, &found) : year_last_at(name, p, &found);
        if (length > 0 && is_possible(&found) && position-- == 0) {
            memcpy(found.text, p, length);
            found.text[length] = 0;
            found.at = (size_t)(p - name);
            *out = found;
            return true;
        }
        p += run ? run : 1;
    }
    return false;
}

/* Days from the first to the last date; below 0 where the order does not make dates of all. */
static double span_of(const clv_written_date *written, int count, clv_date_order order)
{
    double first = 0, last = -1;
    for (int i = 0; i < count; i++) {
        clv_date date;
        if (!clv_written_date_read(&written[i], order, &date))
            return -1;
        const double day = clv_date_days(&date);
        first = i == 0 || day < first ? day : first;
        last = i == 0 || day > last ? day : last;
    }
    return last - first;
}

clv_date_order clv_written_dates_order(const clv_written_date *written, int count, bool *sure)
{
    static const clv_date_order of_six[] = {CLV_ORDER_YMD, CLV_ORDER_DMY, CLV_ORDER_MDY};
    static const clv_date_order of_year_last[] = {CLV_ORDER_DMY, CLV_ORDER_MDY, CLV_ORDER_NONE};
    clv_date_order best = CLV_ORDER_NONE;
    double best_span = 0;
    int possible = 0;
    bool dots = true;
    for (int i = 0; i < count; i++)
        dots = dots && written[i].separator == '.';
    for (int k = 0; k < 3 && count > 0; k++) {
        const clv_date_order order = written[0].kind == CLV_WRITTEN_SIX ? of_six[k] : of_year_last[k];
        const double span = span_of(written, count, order);
        if (span < 0)
            continue;
        if (possible++ == 0 || (span < best_span && !dots)) {
            best = order;
            best_span = span;
        }
    }
    *sure = possible == 1 || (possible > 1 && dots);
    return best;
}

const char *clv_date_order_name(clv_written_kind kind, clv_date_order order)
{
    if (order == CLV_ORDER_YMD)
        return "YYMMDD";
    if (kind == CLV_WRITTEN_SIX)
        return order == CLV_ORDER_DMY ? "DDMMYY" : "MMDDYY";
    return order == CLV_ORDER_DMY ? "day, month, year" : "month, day, year";
}
