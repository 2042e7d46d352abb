/* SPDX-License-Identifier: MIT
 *
 * dates: acquisition dates: parsing, day numbers, finding them in file and band names.
 */
#ifndef CLV_SENTINEL2_DATES_H
#define CLV_SENTINEL2_DATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct clv_date {
    int year, month, day;     /* 1900 .. 2199, 1 .. 12, 1 .. 31 */
    int hour, minute, second; /* 0 when unknown */
    bool has_time;
} clv_date;

/* Whole string is a date: YYYY-MM-DD, YYYYMMDD, YYYY:MM:DD HH:MM:SS, YYYY-MM-DDTHH:MM:SS[.fff][Z], YYYYMMDDTHHMMSS,
 * YYYY-DDD, YYYYDDD, D.M.YYYY. An offset of a time zone after the time (+02:00, +0200, -05) is converted to UTC, which
 * may be another day. Calendar is checked. */
bool clv_date_parse(const char *text, clv_date *out);
/* First plausible acquisition date (1972 or later, at most 2199) in a file or band name: YYYYMMDD[THHMMSS],
 * YYYYMMDDHHMMSS, YYYY-MM-DD, YYYY_MM_DD, YYYY.MM.DD, with the month's name 08Apr2023, 8_april_2023, 2023-Apr-08,
 * Apr 8, 2023, and days of the year where the name says that they are: HLS's .YYYYDDD[THHMMSS], MODIS's .AYYYYDDD.,
 * those of Landsat scenes (LC8PPPRRRYYYYDDDLGN00), AppEEARS's doyYYYYDDD, YYYY_doyDDD. Digits around it make it no
 * date. For Sentinel-2 product names the sensing date is the first. Numbers whose order one name does not tell:
 * written_dates.h. */
bool clv_date_find(const char *name, clv_date *out);
/* All of them in the name's order, at most `most`; their number. One only where the name's archive is known to tell
 * the acquisition by it. */
int clv_date_find_all(const char *name, clv_date *out, int most);
/* The date in names of folders, one each for year, month and day: 2023/04/13, 2023/4/13, year=2023/month=04/day=13,
 * Y2023/M04/D13, 2023-04/13, 202304/13. path[0 .. end - 1] ends with the day. begins: the day is two digits at the
 * beginning of the last part instead (2023/04/13_red.tif), which may be a number of another kind. text: the day as it
 * stands there. */
bool clv_date_of_folders(const char *path, size_t end, bool begins, clv_date *out, char text[3]);
/* Milliseconds since 1970, as Earth Engine counts, from 1972 on. */
bool clv_date_of_milliseconds(double milliseconds, clv_date *out);
/* First day of a year (1972 to 2099) that stands alone in a name: YYYYDDD, AYYYYDDD, YYYY-DDD, YYYY_DDD. It may be a
 * number of another kind; ask only where clv_date_find() finds nothing. text: that part of the name, at least 16 bytes,
 * or NULL.
 */
bool clv_date_find_day_of_year(const char *name, clv_date *out, char *text);
/* Days since 1970-01-01 with the time as fraction (proleptic Gregorian calendar). */
double clv_date_days(const clv_date *date);
/* The date of a (whole) day number. */
clv_date clv_date_from_days(double days);
/* "YYYY-MM-DD" or "YYYY-MM-DDTHH:MM:SSZ"; out at least 32 bytes. */
void clv_date_format(const clv_date *date, char out[32]);
int clv_day_of_year(const clv_date *date); /* 1 .. 366 */

#ifdef __cplusplus
}
#endif

#endif
