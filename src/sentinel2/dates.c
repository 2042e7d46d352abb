/* SPDX-License-Identifier: MIT */
#include "sentinel2/dates.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MIN_YEAR 1900
#define MAX_YEAR 2199
#define FIRST_SATELLITE_YEAR 1972 /* Landsat 1; an earlier "date" in a name is a number of another kind */

/* isdigit() follows the locale and dislikes negative chars. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digit_run(const char *p)
{
    size_t n = 0;
    while (is_digit(p[n]))
        n++;
    return n;
}

/* The number in the first n characters, which are known to be digits. */
static int number(const char *p, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++)
        value = value * 10 + (p[i] - '0');
    return value;
}

/* Reads exactly n digits that are there; false and p unmoved otherwise. */
static bool take(const char **p, int n, int *value)
{
    for (int i = 0; i < n; i++)
        if (!is_digit((*p)[i]))
            return false;
    *value = number(*p, n);
    *p += n;
    return true;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static bool set_day(clv_date *d, int year, int month, int day)
{
    if (year < MIN_YEAR || year > MAX_YEAR || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *d = (clv_date){.year = year, .month = month, .day = day};
    return true;
}

static bool set_day_of_year(clv_date *d, int year, int doy)
{
    if (year < MIN_YEAR || year > MAX_YEAR || doy < 1 || doy > 365 + is_leap(year))
        return false;
    int month = 1;
    while (doy > days_in_month(year, month))
        doy -= days_in_month(year, month++);
    return set_day(d, year, month, doy);
}

static bool set_time(clv_date *d, int hour, int minute, int second)
{
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    d->hour = hour;
    d->minute = minute;
    d->second = second > 59 ? 59 : second; /* a leap second is not worth a type of its own */
    d->has_time = true;
    return true;
}

/* HHMMSS or HH?MM?SS with one kind of separator out of `separators`. */
static bool take_time(const char **p, const char *separators, clv_date *d)
{
    const char *s = *p;
    int h, m, sec;
    if (!take(&s, 2, &h))
        return false;
    char sep = 0;
    if (*s && strchr(separators, *s))
        sep = *s++;
    if (!take(&s, 2, &m) || (sep && *s++ != sep) || !take(&s, 2, &sec) || !set_time(d, h, m, sec))
        return false;
    *p = s;
    return true;
}

bool clv_date_parse(const char *text, clv_date *out)
{
    clv_date d;
    int year, a, b;
    const char *p = text;

    if (!p || !take(&p, 4, &year))
        return false;
    if (*p == '-' || *p == ':') {
        char sep = *p++;
        if (digit_run(p) == 3 && sep == '-') {
            if (!take(&p, 3, &a) || !set_day_of_year(&d, year, a))
                return false;
        } else if (!take(&p, 2, &a) || *p++ != sep || !take(&p, 2, &b) || !set_day(&d, year, a, b)) {
            return false;
        }
    } else if (digit_run(p) == 4) {
        if (!take(&p, 2, &a) || !take(&p, 2, &b) || !set_day(&d, year, a, b))
            return false;
    } else if (digit_run(p) == 3) {
        if (!take(&p, 3, &a) || !set_day_of_year(&d, year, a))
            return false;
    } else {
        return false;
    }
    if (*p == 'T' || *p == ' ') {
        p++;
        if (!take_time(&p, ":", &d))
            return false;
        if (*p == '.') {
            if (!is_digit(*++p))
                return false;
            p += digit_run(p);
        }
        if (*p == 'Z')
            p++;
        else if (strncmp(p, "+00:00", 6) == 0)
            p += 6;
        else if (strcmp(p, "+00") == 0)
            p += 3;
    }
    if (*p)
        return false;
    *out = d;
    return true;
}

/* A date that begins at p, where a run of `run` digits begins. */
static bool date_at(const char *p, size_t run, clv_date *d)
{
    const char *after;
    if (run == 8) {
        if (!set_day(d, number(p, 4), number(p + 4, 2), number(p + 6, 2)))
            return false;
        after = p + 8;
    } else if (run == 4 && (p[4] == '-' || p[4] == '_') && digit_run(p + 5) == 2 && p[7] == p[4] &&
               digit_run(p + 8) == 2) {
        if (!set_day(d, number(p, 4), number(p + 5, 2), number(p + 8, 2)))
            return false;
        after = p + 10;
    } else if (run == 7 && p[7] == 'T' && digit_run(p + 8) == 6) {
        if (!set_day_of_year(d, number(p, 4), number(p + 4, 3)))
            return false;
        after = p + 7;
    } else {
        return false;
    }
    if (d->year < FIRST_SATELLITE_YEAR)
        return false;
    if (*after == 'T') {
        clv_date with_time = *d;
        const char *s = after + 1;
        if (take_time(&s, ":-_", &with_time) && !is_digit(*s))
            *d = with_time;
    }
    return true;
}

bool clv_date_find(const char *name, clv_date *out)
{
    if (!name)
        return false;
    /* The product names of before 2016 begin with the day of processing; the sensing time follows "_V". */
    if (strstr(name, "_OPER_")) {
        for (const char *v = strstr(name, "_V"); v; v = strstr(v + 2, "_V"))
            if (date_at(v + 2, digit_run(v + 2), out))
                return true;
    }
    for (const char *p = name; *p;) {
        size_t run = digit_run(p);
        if (run && date_at(p, run, out))
            return true;
        p += run ? run : 1;
    }
    return false;
}

/* Days since 1970-01-01 of a civil date; years begin in March so that the leap day comes last. */
static long civil_days(long year, int month, int day)
{
    year -= month <= 2;
    long era = (year >= 0 ? year : year - 399) / 400;
    long yoe = year - era * 400;
    long doy = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

double clv_date_days(const clv_date *date)
{
    double days = (double)civil_days(date->year, date->month, date->day);
    if (date->has_time)
        days += (date->hour * 3600.0 + date->minute * 60.0 + date->second) / 86400.0;
    return days;
}

clv_date clv_date_from_days(double days)
{
    const long first = civil_days(MIN_YEAR, 1, 1), last = civil_days(MAX_YEAR, 12, 31);
    long z = !(days > (double)first) ? first : days > (double)last ? last : (long)floor(days);
    z += 719468;
    long era = (z >= 0 ? z : z - 146096) / 146097;
    long doe = z - era * 146097;
    long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (int)((5 * doy + 2) / 153);
    int month = mp < 10 ? mp + 3 : mp - 9;
    return (clv_date){
        .year = (int)(yoe + era * 400 + (month <= 2)), .month = month, .day = (int)(doy - (153 * mp + 2) / 5 + 1)};
}

void clv_date_format(const clv_date *date, char out[32])
{
    /* The remainders keep a damaged struct inside the 32 bytes. */
    int n = snprintf(out, 32, "%04u-%02u-%02u", (unsigned)date->year % 10000u, (unsigned)date->month % 100u,
                     (unsigned)date->day % 100u);
    if (date->has_time)
        snprintf(out + n, 32 - (size_t)n, "T%02u:%02u:%02uZ", (unsigned)date->hour % 100u,
                 (unsigned)date->minute % 100u, (unsigned)date->second % 100u);
}

int clv_day_of_year(const clv_date *date)
{
    return (int)(civil_days(date->year, date->month, date->day) - civil_days(date->year, 1, 1)) + 1;
}
