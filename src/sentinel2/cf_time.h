/* SPDX-License-Identifier: MIT
 *
 * cf_time: numbers of a time axis as days, by the units and calendar of the CF conventions (netCDF, xarray).
 *
 *     clv_cf_time time;
 *     double days;
 *     if (clv_cf_time_read("seconds since 2017-08-04 10:53:28", "proleptic_gregorian", &time) &&
 *         clv_cf_time_days(&time, 60, &days))
 *         ...                                              // days since 1970-01-01, as clv_date_days() counts
 *
 * Plain values; any thread.
 */
#ifndef CLV_SENTINEL2_CF_TIME_H
#define CLV_SENTINEL2_CF_TIME_H

#include <stdbool.h>
#include <stddef.h>

typedef struct clv_cf_time {
    double origin, step; /* days since 1970-01-01 at 0; days a unit */
    bool no_leap;        /* every year has 365 days */
} clv_cf_time;

/* unit: "days since 2015-08-01 00:00:00" and the like, from days to nanoseconds, fractions of a second and a zone
 * (Z, UTC, +02:00) allowed. calendar: NULL for the standard one. False for units that are none, and for calendars
 * whose days are no days of ours (360_day, julian ...). */
bool clv_cf_time_read(const char *unit, const char *calendar, clv_cf_time *out);
/* Numbers that are dates by their digits, as axes without units have them: YYYYMMDD, YYYYDDD, YYYYMMDDHHMMSS; all of
 * them alike, from 1972 to 2199, and in days[count] as above. unit: NULL, "1" or the digits' meaning ("YYYYMMDD", "day
 * as %Y%m%d.%f", with which a fraction of a day may follow). */
bool clv_cf_time_of_digits(const char *unit, const double *values, size_t count, double *days);
/* False when the value is no day from 1900 to 2199. */
bool clv_cf_time_days(const clv_cf_time *time, double value, double *days);

#endif
