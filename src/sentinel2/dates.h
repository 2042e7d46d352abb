/* SPDX-License-Identifier: MIT
 *
 * dates: acquisition dates: parsing, day numbers, finding them in file and band names.
 */
#ifndef CLV_SENTINEL2_DATES_H
#define CLV_SENTINEL2_DATES_H

#include <stdbool.h>
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
 * YYYY-DDD, YYYYDDD. Calendar is checked. */
bool clv_date_parse(const char *text, clv_date *out);
/* First plausible acquisition date (1972 or later, at most 2199) in a file or band name: YYYYMMDD[THHMMSS], YYYY-MM-DD,
 * YYYY_MM_DD, HLS's .YYYYDDDTHHMMSS. Digits around it make it no date. For Sentinel-2 product names the sensing date is
 * the first. */
bool clv_date_find(const char *name, clv_date *out);
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
