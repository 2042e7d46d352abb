/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "series/date_doubts_private.h"

/* ---- Day and month ----------------------------------------------------------------------------- */

static bool is_open(const clv_dated *d)
{
    return d->acquisition->facts.has_date && d->acquisition->written.kind == CLV_WRITTEN_YEAR_LAST;
}

static clv_status contradiction(clv_context *ctx, const clv_dated *dates, int count)
{
    int day_first = -1, month_first = -1;
    for (int d = 0; d < count; d++) {
        bool sure;
        if (!is_open(&dates[d]))
            continue;
        const clv_written_date *w = &dates[d].acquisition->written;
        if (w->number[0] > 12)
            day_first = day_first < 0 ? d : day_first;
        else if (clv_written_dates_order(w, 1, &sure) == CLV_ORDER_MDY)
            month_first = month_first < 0 ? d : month_first;
    }
    if (month_first < 0 || day_first < 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "%s: day and month in its name and the others' fit in no one order; give -date YYYY-MM-DD %d "
                        "times, once for every date in the inputs' order",
                        dates[month_first < 0 ? day_first < 0 ? 0 : day_first : month_first].source, count);
    return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                    "%s: the date in its name has the month first, while that of %s has the day first; give "
                    "-date YYYY-MM-DD %d times, once for every date in the inputs' order",
                    dates[month_first].source, clv_name_base(dates[day_first].source), count);
}

/* The order in which the tags tell the days of all names that have one; CLV_ORDER_NONE where none does, or not one. */
static clv_date_order order_of_tags(const clv_dated *dates, int count)
{
    clv_date_order order = CLV_ORDER_NONE;
    for (int d = 0; d < count; d++) {
        const clv_date_order own = dates[d].acquisition->tag_order;
        if (!is_open(&dates[d]) || own == CLV_ORDER_NONE)
            continue;
        if (order != CLV_ORDER_NONE && order != own)
            return CLV_ORDER_NONE;
        order = own;
    }
    return order;
}

static void read_in_order(clv_dataset_acquisition *a, clv_date_order order, bool sure)
{
    clv_date date;
    if (!clv_written_date_read(&a->written, order, &date))
        return;
    a->name_date[0] = date;
    if (a->date_of_tag && a->tag_order != order)
        snprintf(a->facts.date_how, sizeof a->facts.date_how, "file name");
    else if (a->date_of_tag)
        return; /* the same day, with its time */
    a->date_of_tag = false;
    a->facts.date = date;
    if (sure)
        return;
    memcpy(a->doubtful, a->written.text, sizeof a->doubtful);
    a->taken_as = clv_date_order_name(a->written.kind, order);
}

clv_status clv_order_dates(clv_context *ctx, const clv_dated *dates, int count)
{
    bool sure = true;
    int n = 0;
    clv_written_date *written = clv_alloc_array((size_t)count, 1, sizeof *written);
    if (!written)
        return clv_fail_memory(ctx);
    for (int d = 0; d < count; d++)
        if (is_open(&dates[d]))
            written[n++] = dates[d].acquisition->written;
    clv_date_order order = clv_written_dates_order(written, n, &sure);
    free(written);
    if (n > 0 && order == CLV_ORDER_NONE)
        return contradiction(ctx, dates, count);
    const clv_date_order tagged = sure ? CLV_ORDER_NONE : order_of_tags(dates, count);
    if (tagged != CLV_ORDER_NONE) {
        order = tagged;
        sure = true;
    }
    for (int d = 0; d < count; d++)
        if (is_open(&dates[d]))
            read_in_order(dates[d].acquisition, order, sure);
    return CLV_OK;
}

/* ---- Six digits -------------------------------------------------------------------------------- */

/* Whether nothing else tells the dates: none is known, or all are the one day of an export. */
static bool are_unknown(const clv_dated *dates, int count)
{
    double day = NAN;
    bool known = false, unknown = false;
    for (int d = 0; d < count; d++) {
        const clv_dataset_acquisition *a = dates[d].acquisition;
        if (!a->facts.has_date) {
            unknown = true;
            continue;
        }
        const double own = floor(clv_date_days(&a->facts.date));
        if (!a->date_of_tag || a->name_dates > 0 || (known && own != day))
            return false;
        known = true;
        day = own;
    }
    return count > 1 && known != unknown;
}

/* The numbers at a position of the names, or of the folders that they lie in, as days. *order: NONE where they are not
 * days, or not those of pictures of one place. written [count], days [count]: scratch. */
static void try_position(const clv_dated *dates, int count, bool folder, int position, clv_written_date *written,
                         double *days, clv_date_order *order)
{
    bool sure;
    *order = CLV_ORDER_NONE;
    for (int d = 0; d < count; d++) {
        const char *path = dates[d].source, *base = clv_name_base(path);
        char part[256];
        const char *name = base;
        if (folder) {
            size_t end = (size_t)(base - path), begin;
            end -= end > 0;
            for (begin = end; begin > 0 && path[begin - 1] != '/' && path[begin - 1] != '\\';)
                begin--;
            snprintf(part, sizeof part, "%.*s", (int)(end - begin), path + begin);
            name = part;
        }
        if (!clv_written_date_find(name, CLV_WRITTEN_SIX, position, &written[d]))
            return;
    }
    const clv_date_order found = clv_written_dates_order(written, count, &sure);
    for (int d = 0; d < count; d++) {
        clv_date date;
        if (!clv_written_date_read(&written[d], found, &date))
            return;
        days[d] = clv_date_days(&date);
        for (int e = 0; e < d; e++)
            if (days[d] == days[e] && clv_dated_same_ground(&dates[d], &dates[e]))
                return;
    }
    *order = found;
}

void clv_find_short_dates(const clv_dated *dates, int count)
{
    clv_date_order order = CLV_ORDER_NONE, one;
    int at = 0, possible = 0;
    bool folder = false;
    if (!are_unknown(dates, count))
        return;
    clv_written_date *written = clv_alloc_array((size_t)count, 1, sizeof *written);
    double *days = clv_alloc_array((size_t)count, 1, sizeof *days);
    for (int k = 0; written && days && k < 2 * CLV_NAME_DATES; k++) {
        try_position(dates, count, k >= CLV_NAME_DATES, k % CLV_NAME_DATES, written, days, &one);
        if (one == CLV_ORDER_NONE || (possible > 0 && k >= CLV_NAME_DATES && !folder))
            continue; /* a file's own name before its folder's */
        possible++;
        order = one;
        at = k % CLV_NAME_DATES;
        folder = k >= CLV_NAME_DATES;
    }
    if (possible == 1) {
        try_position(dates, count, folder, at, written, days, &order);
        for (int d = 0; d < count; d++) {
            clv_dataset_acquisition *a = dates[d].acquisition;
            a->facts.has_date = clv_written_date_read(&written[d], order, &a->facts.date);
            a->date_of_tag = false;
            a->written = written[d];
            memcpy(a->doubtful, written[d].text, sizeof a->doubtful);
            a->taken_as = clv_date_order_name(CLV_WRITTEN_SIX, order);
            snprintf(a->facts.date_how, sizeof a->facts.date_how, "%s name, %s", folder ? "folder" : "file",
                     a->taken_as);
        }
    }
    free(days);
    free(written);
}
