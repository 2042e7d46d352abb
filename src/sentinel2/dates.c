/* SPDX-License-Identifier: MIT */
#include "sentinel2/dates.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MIN_YEAR 1900
#define MAX_YEAR 2199
#define MAX_ZONE_HOURS 14
#define DAY_MINUTES (24 * 60)
#define LAST_ORDINAL_YEAR 2099    /* of numbers that nothing else confirms */
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

/* Days since 1970-01-01 of a civil date; years begin in March so that the leap day comes last. */
static long civil_days(long year, int month, int day)
{
    year -= month <= 2;
    long era = (year >= 0 ? year : year - 399) / 400;
    long yoe = year - era * 400;
    long doy = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
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

/* Minutes east of UTC: Z, +HH, +HHMM, +HH:MM, or a sign -; 0 and p unmoved when there is none. */
static int take_zone(const char **p, const char *signs)
{
    const char *s = *p;
    int hours, minutes = 0;
    if (*s == 'Z') {
        *p = s + 1;
        return 0;
    }
    if (!*s || !strchr(signs, *s))
        return 0;
    const int sign = *s++ == '-' ? -1 : 1;
    if (!take(&s, 2, &hours))
        return 0;
    if (*s == ':' || is_digit(*s)) {
        s += *s == ':';
        if (!take(&s, 2, &minutes))
            return 0;
    }
    if (hours > MAX_ZONE_HOURS || minutes > 59)
        return 0;
    *p = s;
    return sign * (hours * 60 + minutes);
}

/* From local time to UTC. False where that lies outside the years. */
static bool to_utc(clv_date *d, int minutes_east)
{
    const int minutes = d->hour * 60 + d->minute - minutes_east;
    const int day = minutes < 0 ? -1 : minutes >= DAY_MINUTES ? 1 : 0;
    clv_date utc = clv_date_from_days(civil_days(d->year, d->month, d->day) + day);
    if (day != 0 && utc.year == d->year && utc.month == d->month && utc.day == d->day)
        return false;
    utc.hour = (minutes - day * DAY_MINUTES) / 60;
    utc.minute = (minutes - day * DAY_MINUTES) % 60;
    utc.second = d->second;
    utc.has_time = true;
    *d = utc;
    return true;
}

/* Length of D.M.YYYY at p, 0 where there is none; its numbers. */
static size_t take_dotted(const char *p, int *first, int *second, int *year)
{
    const size_t a = digit_run(p);
    if (a < 1 || a > 2 || p[a] != '.')
        return 0;
    const size_t b = digit_run(p + a + 1);
    const char *y = p + a + b + 2;
    if (b < 1 || b > 2 || y[-1] != '.' || digit_run(y) != 4)
        return 0;
    *first = number(p, (int)a);
    *second = number(p + a + 1, (int)b);
    *year = number(y, 4);
    return a + b + 6;
}

bool clv_date_parse(const char *text, clv_date *out)
{
    clv_date d;
    int year, a, b;
    const char *p = text;

    const size_t dotted = p ? take_dotted(p, &a, &b, &year) : 0;
    if (dotted) {
        if (!set_day(&d, year, b, a))
            return false;
        p += dotted;
    } else if (!p || !take(&p, 4, &year)) {
        return false;
    } else if (*p == '-' || *p == ':') {
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
        if (!to_utc(&d, take_zone(&p, "+-")))
            return false;
    }
    if (*p)
        return false;
    *out = d;
    return true;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The month whose name the letters at p are: English, short or in full, and the German ones that differ; 0: none. */
static int month_at(const char *p, size_t *length)
{
    static const char *const names[12] = {"january", "february", "march",     "april",   "may",      "june",
                                          "july",    "august",   "september", "october", "november", "december"};
    static const struct {
        const char *word;
        int month;
    } others[] = {{"sept", 9}, {"mrz", 3}, {"mai", 5}, {"okt", 10}, {"dez", 12}};
    char word[10] = "";
    size_t n = 0;
    for (; is_letter(p[n]); n++)
        if (n < sizeof word - 1)
            word[n] = (char)(p[n] | 32);
    *length = n;
    for (int m = 0; m < 12; m++)
        if (n < sizeof word && strcmp(word, names[m]) == 0)
            return m + 1;
    for (int m = 0; m < 12; m++)
        if (n == 3 && strncmp(word, names[m], 3) == 0)
            return m + 1;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(word, others[i].word) == 0)
            return others[i].month;
    return 0;
}

/* What may stand between day, month and year where the month has its name. */
static const char *behind_separator(const char *p)
{
    if ((p[0] == ',' || p[0] == '.') && p[1] == ' ')
        return p + 2;
    return p + (*p && strchr("-_. ,", *p));
}

/* A date with the month's name at p, where digits (08Apr2023, 8_apr_2023, 2023-Apr-08) or letters (Apr 8, 2023) begin;
 * where it ends, NULL for none. */
static const char *take_named(const char *name, const char *p, clv_date *d)
{
    const bool letter_before = p > name && is_letter(p[-1]);
    size_t run = digit_run(p), letters;
    int first = 0, month = 0;
    if (run != 0 && run != 4 && (run > 2 || letter_before)) /* B8_apr_2023 is no 8th */
        return NULL;
    const char *s = p;
    if (run != 0) {
        first = number(s, (int)run);
        s = behind_separator(s + run);
    } else if (letter_before) {
        return NULL;
    }
    month = month_at(s, &letters);
    if (month == 0)
        return NULL;
    s = behind_separator(s + letters);
    size_t last = digit_run(s);
    if (run == 0) {
        if (last < 1 || last > 2)
            return NULL;
        first = number(s, (int)last);
        const char *year = behind_separator(s + last);
        if (year == s + last)
            return NULL;
        s = year;
        last = digit_run(s);
    }
    if (run == 4) { /* 2023_mar_10m: pixels of 10 m */
        if (last != 2 || (is_letter(s[2]) && s[2] != 'T') || !set_day(d, first, month, number(s, 2)))
            return NULL;
    } else if (last != 4 || !set_day(d, number(s, 4), month, first)) {
        return NULL;
    }
    return s + last;
}

/* A date of digits alone at p, where a run of `run` begins; where it ends, NULL for none. */
static const char *take_numbers(const char *p, size_t run, clv_date *d)
{
    if (run == 14 && set_day(d, number(p, 4), number(p + 4, 2), number(p + 6, 2)) && d->year <= LAST_ORDINAL_YEAR &&
        set_time(d, number(p + 8, 2), number(p + 10, 2), number(p + 12, 2)))
        return p + 14;
    if (run == 8 && set_day(d, number(p, 4), number(p + 4, 2), number(p + 6, 2)))
        return p + 8;
    if (run == 4 && (p[4] == '-' || p[4] == '_' || p[4] == '.') && digit_run(p + 5) == 2 && p[7] == p[4] &&
        digit_run(p + 8) == 2 && set_day(d, number(p, 4), number(p + 5, 2), number(p + 8, 2)))
        return p + 10;
    if (run == 7 && p[7] == 'T' && digit_run(p + 8) == 6 && set_day_of_year(d, number(p, 4), number(p + 4, 3)))
        return p + 7;
    return NULL;
}

/* A date that begins at p, in `name`, where a run of `run` digits begins, or a word (0). *end: behind its day. */
static bool date_at(const char *name, const char *p, size_t run, clv_date *d, const char **end)
{
    const char *after = take_named(name, p, d);
    if (!after && run > 0)
        after = take_numbers(p, run, d);
    if (!after || d->year < FIRST_SATELLITE_YEAR)
        return false;
    if (*after == 'T') {
        clv_date with_time = *d;
        const char *s = after + 1;
        /* A minus is a separator in names. */
        if (take_time(&s, ":-_", &with_time) && !is_digit(*s) && to_utc(&with_time, take_zone(&s, "+")))
            *d = with_time;
    }
    *end = after;
    return true;
}

static bool starts_with_doy(const char *p)
{
    return (p[0] | 32) == 'd' && (p[1] | 32) == 'o' && (p[2] | 32) == 'y';
}

static bool day_of_year_at(const char *year, const char *day, size_t digits, clv_date *d)
{
    return set_day_of_year(d, number(year, 4), number(day, (int)digits)) && d->year >= FIRST_SATELLITE_YEAR &&
           d->year <= LAST_ORDINAL_YEAR;
}

/* A day of the year at p, in `name`, where a run of digits begins, in the manner of an archive. */
static bool archive_day_at(const char *name, const char *p, size_t run, clv_date *d)
{
    const size_t before = (size_t)(p - name);
    /* Landsat before the collections: LC8, path and row (6 digits), year and day, station and version. */
    if (run == 14 && before >= 2 && p[-2] == 'L' && is_letter(p[-1]) && is_letter(p[14]) && is_letter(p[15]) &&
        is_letter(p[16]) && digit_run(p + 17) == 2)
        return day_of_year_at(p + 7, p + 11, 3, d);
    if (run == 7) {
        const char after = p[7];
        const bool ends = !is_letter(after);
        if (ends && before >= 3 && starts_with_doy(p - 3))
            return day_of_year_at(p, p + 4, 3, d);
        if (ends && before >= 2 && p[-1] == 'A' && p[-2] == '.') /* MODIS, VIIRS */
            return day_of_year_at(p, p + 4, 3, d);
        if (ends && before >= 1 && p[-1] == '.' && strncmp(name, "HLS", 3) == 0)
            return day_of_year_at(p, p + 4, 3, d);
        return false;
    }
    if (run != 4)
        return false;
    const char *s = p + 4;
    s += *s == '-' || *s == '_' || *s == '.';
    if (!starts_with_doy(s))
        return false;
    s += 3;
    s += *s == '-' || *s == '_' || *s == '.';
    const size_t digits = digit_run(s);
    return digits >= 1 && digits <= 3 && day_of_year_at(p, s, digits, d);
}

/* Names of ESA's products and of Landsat scenes (Collection 1 and 2) tell when they were processed behind the day of
 * acquisition; of other names that hold several dates nobody knows which is which. */
static bool first_is_acquisition(const char *name)
{
    return strstr(name, "_MSIL1C_") || strstr(name, "_MSIL2A_") ||
           (name[0] == 'L' && is_letter(name[1]) && digit_run(name + 2) == 2 && name[4] == '_' && name[5] == 'L');
}

int clv_date_find_all(const char *name, clv_date *out, int most)
{
    const char *end;
    int count = 0;
    if (!name || most < 1)
        return 0;
    /* The product names of before 2016 begin with the day of processing; the sensing time follows "_V". */
    if (strstr(name, "_OPER_")) {
        for (const char *v = strstr(name, "_V"); v; v = strstr(v + 2, "_V"))
            if (date_at(name, v + 2, digit_run(v + 2), out, &end))
                return 1;
    }
    for (const char *p = name; *p && count < most;) {
        size_t run = digit_run(p);
        if ((run || is_letter(*p)) && date_at(name, p, run, &out[count], &end)) {
            if (++count == 1 && first_is_acquisition(name))
                return 1;
            p = end;
            continue;
        }
        p += run ? run : 1;
    }
    for (const char *p = name; *p && count == 0;) {
        size_t run = digit_run(p);
        count = run && archive_day_at(name, p, run, out);
        p += run ? run : 1;
    }
    return count;
}

bool clv_date_find(const char *name, clv_date *out)
{
    clv_date found;
    if (clv_date_find_all(name, &found, 1) == 0)
        return false;
    *out = found;
    return true;
}

/* The part of a path that ends at *end, which becomes where the part above it ends; its length, 0 at the beginning. */
static size_t part_above(const char *path, size_t *end, const char **part)
{
    size_t last = *end;
    while (last > 0 && (path[last - 1] == '/' || path[last - 1] == '\\'))
        last--;
    size_t begin = last;
    while (begin > 0 && path[begin - 1] != '/' && path[begin - 1] != '\\')
        begin--;
    *part = path + begin;
    *end = begin;
    return last - begin;
}

/* "04", "month=04", "M04": the digits behind what may name them. */
static size_t digits_of_part(const char **part, size_t length, const char *word)
{
    const char *p = *part, *end = p + length;
    size_t letters = 0;
    while (p < end && is_letter(*p) && word[letters] && (*p | 32) == word[letters]) {
        letters++;
        p++;
    }
    if (letters > 1 && word[letters])
        return 0;
    p += letters > 0 && p < end && *p == '=';
    *part = p;
    return p < end && digit_run(p) >= (size_t)(end - p) ? (size_t)(end - p) : 0;
}

/* Year and month of the parts that end at `end`: 2023/04, 202304, 2023-04. */
static bool month_of_folders(const char *path, size_t end, int *year, int *month)
{
    const char *part, *above;
    const size_t length = part_above(path, &end, &part);
    if ((length == 7 && digit_run(part) == 4 && (part[4] == '-' || part[4] == '_') && digit_run(part + 5) == 2) ||
        (length == 6 && digit_run(part) == 6)) {
        *year = number(part, 4);
        *month = number(part + length - 2, 2);
        return true;
    }
    const size_t digits = digits_of_part(&part, length, "month"), all = part_above(path, &end, &above);
    if (digits < 1 || digits > 2 || digits_of_part(&above, all, "year") != 4)
        return false;
    *month = number(part, (int)digits);
    *year = number(above, 4);
    return true;
}

bool clv_date_of_folders(const char *path, size_t end, bool begins, clv_date *out, char text[3])
{
    const char *part;
    int year, month;
    clv_date found;
    const size_t length = part_above(path, &end, &part);
    size_t digits = begins ? digit_run(part) : digits_of_part(&part, length, "day");
    if (begins && (digits != 2 || is_letter(part[2])))
        return false;
    if (digits < 1 || digits > 2 || !month_of_folders(path, end, &year, &month) || year < FIRST_SATELLITE_YEAR ||
        year > LAST_ORDINAL_YEAR || !set_day(&found, year, month, number(part, (int)digits)))
        return false;
    snprintf(text, 3, "%.*s", (int)digits, part);
    *out = found;
    return true;
}

bool clv_date_of_milliseconds(double milliseconds, clv_date *out)
{
    const clv_date first = {.year = FIRST_SATELLITE_YEAR, .month = 1, .day = 1};
    const double days = milliseconds / 864e5;
    if (!(days >= clv_date_days(&first) && days < (double)civil_days(MAX_YEAR, 12, 31)))
        return false;
    const int seconds = (int)floor((days - floor(days)) * 86400 + 1e-4);
    *out = clv_date_from_days(days);
    return set_time(out, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* MODIS' and VIIRS' letter for the day of acquisition, by itself: not that of S2A or L2A. */
static bool is_behind_a(const char *name, const char *p)
{
    return p > name && p[-1] == 'A' && (p - 1 == name || !(is_letter(p[-2]) || is_digit(p[-2])));
}

bool clv_date_find_day_of_year(const char *name, clv_date *out, char *text)
{
    for (const char *p = name; p && *p;) {
        const size_t run = digit_run(p);
        const bool begins = p == name || !is_letter(p[-1]) || (run == 7 && is_behind_a(name, p));
        size_t length = 0;
        if (run == 7)
            length = 7;
        else if (run == 4 && (p[4] == '-' || p[4] == '_') && digit_run(p + 5) == 3)
            length = 8;
        if (length && begins && !is_letter(p[length]) && day_of_year_at(p, p + length - 3, 3, out)) {
            if (text) {
                memcpy(text, p, length);
                text[length] = 0;
            }
            return true;
        }
        p += run ? run : 1;
    }
    return false;
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
