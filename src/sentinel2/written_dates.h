/* SPDX-License-Identifier: MIT
 *
 * written_dates: days in names whose order one name does not tell: 03-04-2023 is in April or in March, 230408 is of
 * 2023 or of 2008, or no date at all. All names of a series together tell it.
 *
 *     clv_written_date dates[2];
 *     clv_written_date_find("clip_03-04-2023.tif", CLV_WRITTEN_YEAR_LAST, 0, &dates[0]);
 *     clv_written_date_find("clip_13-04-2023.tif", CLV_WRITTEN_YEAR_LAST, 0, &dates[1]);
 *     bool sure;
 *     clv_date_order order = clv_written_dates_order(dates, 2, &sure);    // CLV_ORDER_DMY, sure
 *     clv_date day;
 *     clv_written_date_read(&dates[0], order, &day);                      // 2023-04-03
 *
 * Plain values; any thread.
 */
#ifndef CLV_SENTINEL2_WRITTEN_DATES_H
#define CLV_SENTINEL2_WRITTEN_DATES_H

#include "sentinel2/dates.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum clv_written_kind {
    CLV_WRITTEN_NONE,
    CLV_WRITTEN_YEAR_LAST, /* two small numbers and a year of four digits: 3-4-2023, 03_04_2023, 03.04.2023 */
    CLV_WRITTEN_SIX        /* six digits that stand alone: 230408 */
} clv_written_kind;

typedef enum clv_date_order { CLV_ORDER_NONE, CLV_ORDER_DMY, CLV_ORDER_MDY, CLV_ORDER_YMD } clv_date_order;

typedef struct clv_written_date {
    clv_written_kind kind;
    int number[3];  /* in the order in which they stand */
    char separator; /* 0 for six digits */
    char text[16];  /* as it stands in the name */
    size_t at;      /* where it stands there */
} clv_written_date;

/* The one at this position (0: the first) among those of the kind in the name, of which some order makes a date. */
bool clv_written_date_find(const char *name, clv_written_kind kind, int position, clv_written_date *out);
/* False where that order makes none. Years are 1972 to 2099, of six digits those that have pictures of Sentinel-2 or of
 * Landsat 8 and 9 (2013 to 2039). */
bool clv_written_date_read(const clv_written_date *written, clv_date_order order, clv_date *out);
/* The order that makes dates of all, which are of one kind; CLV_ORDER_NONE: there is none. Of several orders the one
 * whose dates lie closest together, else day first, for six digits year first. *sure: there is no other, or all have
 * dots, with which the day comes first everywhere. */
clv_date_order clv_written_dates_order(const clv_written_date *written, int count, bool *sure);
/* For people: "day.month.year", "YYMMDD". Constant text. */
const char *clv_date_order_name(clv_written_kind kind, clv_date_order order);

#ifdef __cplusplus
}
#endif

#endif
