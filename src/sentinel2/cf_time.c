/* SPDX-License-Identifier: MIT */
#include "sentinel2/cf_time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sentinel2/dates.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One or two digits; -1 when there are none. */
static int small_number(const char **p)
{
    int value = -1;
    for (int i = 0; i < 2 && is_digit(**p); i++)
        value = (value < 0 ? 0 : value * 10) + (*(*p)++ - '0');
    return value;
}

/* A zone behind a time: "Z", "UTC", "+02:00", "-0130", "+2" or nothing, in days east of Greenwich. */
static bool read_zone(const char *p, double *zone)
{
    while (*p == ' ')
        p++;
    *zone = 0;
    if (!*p || strcmp(p, "Z") == 0 || strcmp(p, "UTC") == 0 || strcmp(p, "GMT") == 0)
        return true;
    double sign = *p == '-' ? -1 : 1;
    if (*p != '-' && *p != '+')
        return false;
    p++;
    int hours = small_number(&p);
    p += *p == ':';
    int minutes = *p ? small_number(&p) : 0;
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || *p)
        return false;
    *zone = sign * (hours / 24.0 + minutes / 1440.0);
    return true;
}

/* "2015-8-1", "2015-08-01 10:53:28.25", "2015-08-01T10:53 +02:00" */
static bool read_origin(const char *p, double *days)
{
    int year = 0, digits = 0, parts[5] = {0, 0, 0, 0, 0};
    while (*p == ' ')
        p++;
    for (; digits < 4 && is_digit(*p); digits++)
        year = year * 10 + (*p++ - '0');
    if (digits != 4 || *p != '-')
        return false;
    for (int i = 0; i < 2; i++) {
        if (*p++ != '-' || (parts[i] = small_number(&p)) < 0)
            return false;
    }
    bool time = (*p == 'T' || *p == ' ') && is_digit(p[1]);
    double fraction = 0;
    for (int i = 2; time && i < 5; i++) {
        if (i > 2 && *p != ':')
            break;
        p++;
        if ((parts[i] = small_number(&p)) < 0)
            return false;
    }
    if (time && *p == '.') {
        double unit = 1;
        for (p++; is_digit(*p); p++)
            fraction += (unit /= 10) * (*p - '0');
    }
    char text[24];
    clv_date date;
    double zone;
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, parts[0], parts[1]);
    if (parts[2] > 23 || parts[3] > 59 || parts[4] > 60 || !clv_date_parse(text, &date) || !read_zone(p, &zone))
        return false;
    *days = clv_date_days(&date) + (parts[2] * 3600.0 + parts[3] * 60.0 + parts[4] + fraction) / 86400 - zone;
    return true;
}

bool clv_cf_time_read(const char *unit, const char *calendar, clv_cf_time *out)
{
    static const struct {
        const char *word;
        double days;
    } units[] = {{"day", 1},
                 {"d", 1},
                 {"hour", 1.0 / 24},
                 {"hr", 1.0 / 24},
                 {"h", 1.0 / 24},
                 {"minute", 1.0 / 1440},
                 {"min", 1.0 / 1440},
                 {"second", 1.0 / 86400},
                 {"sec", 1.0 / 86400},
                 {"s", 1.0 / 86400},
                 {"millisecond", 1e-3 / 86400},
                 {"msec", 1e-3 / 86400},
                 {"ms", 1e-3 / 86400},
                 {"microsecond", 1e-6 / 86400},
                 {"us", 1e-6 / 86400},
                 {"nanosecond", 1e-9 / 86400},
                 {"ns", 1e-9 / 86400}};
    static const char *const known[] = {"standard", "gregorian", "proleptic_gregorian", "noleap", "365_day"};
    size_t kind = 0;
    while (calendar && *calendar && kind < 5 && strcmp(calendar, known[kind]) != 0)
        kind++;
    if (!unit || kind == 5)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t n = strlen(units[i].word);
        if (strncmp(unit, units[i].word, n) != 0)
            continue;
        const char *p = unit + n + (unit[n] == 's');
        if (strncmp(p, " since ", 7) != 0 || !read_origin(p + 7, &out->origin))
            continue;
        out->step = units[i].days;
        out->no_leap = kind >= 3;
        return true;
    }
    return false;
}

/* The day `count` days after `day` where no year has a 29th of February. */
static double skip_leap_days(double day, double count)
{
    clv_date d = clv_date_from_days(day);
    double of_year = clv_day_of_year(&d) - 1;
    bool leap = d.year % 4 == 0 && (d.year % 100 != 0 || d.year % 400 == 0);
    if (leap && of_year > 58)
        of_year--;
    double total = d.year * 365.0 + of_year + count;
    int year = (int)floor(total / 365);
    of_year = total - year * 365.0;
    if (year < 1900 || year > 2199)
        return NAN;
    leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const clv_date first = {year, 1, 1, 0, 0, 0, false};
    return clv_date_days(&first) + of_year + (leap && of_year > 58);
}

bool clv_cf_time_days(const clv_cf_time *time, double value, double *days)
{
    const clv_date first = {1900, 1, 1, 0, 0, 0, false}, last = {2199, 12, 31, 0, 0, 0, false};
    double sum = time->origin + value * time->step;
    if (time->no_leap && isfinite(value)) {
        double origin = floor(time->origin), rest = time->origin - origin + value * time->step;
        sum = fabs(rest) < 1e6 ? skip_leap_days(origin, floor(rest)) + (rest - floor(rest)) : NAN;
    }
    if (!(sum >= clv_date_days(&first)) || !(sum < clv_date_days(&last) + 1))
        return false;
    *days = sum;
    return true;
}

/* Whether the unit leaves it to the digits. */
static bool is_of_digits(const char *unit)
{
    static const char *const known[] = {"", "1", "-", "none", "day", "days", "date", "unitless"};
    for (size_t i = 0; unit && i < sizeof known / sizeof *known; i++)
        if (strcmp(unit, known[i]) == 0)
            return true;
    return !unit || strstr(unit, "%Y%m%d") || strstr(unit, "%Y%j") || strstr(unit, "YYYY") || strstr(unit, "yyyy");
}

bool clv_cf_time_of_digits(const char *unit, const double *values, size_t count, double *days)
{
    const bool fractions = unit && strstr(unit, "%f");
    size_t digits = 0;
    if (!is_of_digits(unit))
        return false;
    for (size_t i = 0; i < count; i++) {
        char text[24];
        clv_date date;
        const double whole = floor(values[i]), rest = values[i] - whole;
        if (!(whole >= 1e6 && whole < 1e14) || (rest != 0 && !fractions))
            return false;
        size_t n = (size_t)snprintf(text, sizeof text, "%.0f", whole);
        if (digits != 0 && n != digits)
            return false;
        digits = n;
        if (n == 14) {
            memmove(text + 9, text + 8, 7);
            text[8] = 'T';
        } else if (n != 8 && n != 7) {
            return false;
        }
        if (!clv_date_parse(text, &date) || date.year < 1972)
            return false;
        days[i] = clv_date_days(&date) + rest;
    }
    return count > 0;
}
