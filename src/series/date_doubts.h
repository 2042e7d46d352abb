/* SPDX-License-Identifier: MIT
 *
 * date_doubts: what the dates of a series tell about each other, when each has been found for itself (dataset_dates.c):
 * which of several dates in their names counts, the date of a folder above all of them, times of an export, numbers
 * that may be no days of a year, the order of day, month and year. name_dates.c implements clv_choose_name_dates(),
 * date_order.c clv_order_dates() and clv_find_short_dates(), date_doubts.c the others.
 *
 *     clv_dataset a = {0}, b = {0};  // opened, of one date each
 *     clv_dated dates[2] = {{"a/1.tif", a.acquisition, &a}, {"a/2.tif", b.acquisition, &b}};
 *     clv_order_dates(ctx, dates, 2);
 *     clv_find_short_dates(dates, 2);
 *     clv_choose_name_dates(ctx, dates, 2, NULL);
 *     clv_doubt_folder_dates(dates, 2);
 *     clv_doubt_dates(ctx, dates, 2);
 *
 * The acquisitions stay the caller's.
 */
#ifndef CLV_SERIES_DATE_DOUBTS_H
#define CLV_SERIES_DATE_DOUBTS_H

#include "series/dataset.h"

typedef struct clv_dated {
    const char *source; /* for messages */
    clv_dataset_acquisition *acquisition;
    clv_dataset *dataset; /* that the acquisition is of */
} clv_dated;

/* Reads the dates whose order of day and month is open (written_dates.h) in the order that fits all names, else that of
 * their TIFFTAG_DATETIME; where both fit, day first, which clv_doubt_dates() warns of. Fails where none does. */
clv_status clv_order_dates(clv_context *ctx, const clv_dated *dates, int count);
/* Takes six digits of the names (230408) as dates where nothing else tells any, or tags that are alike: all names have
 * them, at one place alone they are days, and those differ where the ground is the same. clv_doubt_dates() warns of it.
 */
void clv_find_short_dates(const clv_dated *dates, int count);
/* The first of several dates in a name is the acquisition's, unless files whose pictures differ have it in common: then
 * it is that of a processing or the begin of a period, and the next date counts in which all files of the same ground
 * differ. That must lie in the period which the first date begins, or before it in all files; or the first date must be
 * one in all of them. Warns of the choice in one line. how: may be NULL. */
clv_status clv_choose_name_dates(clv_context *ctx, const clv_dated *dates, int count, const clv_open_options *how);
/* The folder above several dates may carry a date too. It is none of the pictures' where their TIFFTAG_DATETIME tell
 * different days: these are taken then. Where it is that of all inputs and no tags tell, no date is known. */
void clv_doubt_folder_dates(const clv_dated *dates, int count);
/* Warns of dates that lie within minutes of each other, and of numbers that are taken as days of a year or of a month
 * or in an order that may be another: one line each. */
void clv_doubt_dates(clv_context *ctx, const clv_dated *dates, int count);
#endif
