/* SPDX-License-Identifier: MIT */
#include "series/date_doubts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define EXPORT_DAYS (5.0 / (24 * 60)) /* an export writes its files within minutes, satellites come back after days */
#define EXPORT_DATES 3                /* two may be neighbours of one overpass */

static double day_of(const clv_dated *d)
{
    return floor(clv_date_days(&d->acquisition->facts.date));
}

static bool of_folder(const clv_dated *d, double day)
{
    return d->acquisition->date_of_folder && d->acquisition->facts.has_date && day_of(d) == day;
}

/* What the tags of the dates under one folder's day tell: *others dates are there, *days the tags' different days are
 * at least 2 or 1; 0 where one has no tag. */
static int days_of_tags(const clv_dated *dates, int count, double day, int *members)
{
    double first = NAN;
    bool tagged = true, differ = false;
    *members = 0;
    for (int d = 0; d < count; d++) {
        const clv_dataset_acquisition *a = dates[d].acquisition;
        if (!of_folder(&dates[d], day))
            continue;
        ++*members;
        tagged = tagged && a->has_tag_date;
        if (!a->has_tag_date)
            continue;
        const double tag = floor(clv_date_days(&a->tag_date));
        differ = differ || (!isnan(first) && tag != first);
        first = tag;
    }
    return !tagged ? 0 : differ ? 2 : 1;
}

static void take_tag(clv_dataset_acquisition *a)
{
    a->facts.date = a->tag_date;
    a->date_of_folder = a->has_tag_date = false;
    a->doubtful[0] = 0;
    snprintf(a->facts.date_how, sizeof a->facts.date_how, "TIFFTAG_DATETIME (not folder name)");
}

static void forget(clv_dataset_acquisition *a)
{
    a->facts.has_date = false;
    a->doubtful[0] = 0;
    snprintf(a->facts.date_how, sizeof a->facts.date_how, "unknown");
}

void clv_doubt_folder_dates(const clv_dated *dates, int count)
{
    for (int d = 0; d < count; d++) {
        clv_dataset_acquisition *a = dates[d].acquisition;
        if (!a->facts.has_date || !a->date_of_folder)
            continue;
        const double day = day_of(&dates[d]);
        int members;
        const int days = days_of_tags(dates, count, day, &members);
        const bool all = members == count;
        if (members < 2 || (days < 2 && !all))
            continue;
        for (int e = count - 1; e >= d; e--)
            if (of_folder(&dates[e], day)) {
                if (days == 2)
                    take_tag(dates[e].acquisition);
                else
                    forget(dates[e].acquisition);
            }
    }
}

static int by_time(const void *a, const void *b)
{
    const clv_dated *x = a, *y = b;
    const double p = clv_date_days(&x->acquisition->facts.date), q = clv_date_days(&y->acquisition->facts.date);
    return (p > q) - (p < q);
}

/* Dates with a time, sorted: the first run of them that lie within minutes. */
static void warn_export(clv_context *ctx, clv_dated *timed, int count, int all)
{
    if (count > 1)
        qsort(timed, (size_t)count, sizeof *timed, by_time);
    for (int first = 0, last; first < count; first = last + 1) {
        const double begin = clv_date_days(&timed[first].acquisition->facts.date);
        last = first;
        while (last + 1 < count && clv_date_days(&timed[last + 1].acquisition->facts.date) - begin <= EXPORT_DAYS)
            last++;
        const int run = last - first + 1;
        if (run < 2 || (run < EXPORT_DATES && run < all))
            continue;
        char text[32];
        clv_date_format(&timed[first].acquisition->facts.date, text);
        const double seconds = (clv_date_days(&timed[last].acquisition->facts.date) - begin) * 86400;
        clv_warn(ctx,
                 "%s: its date and those of %d others lie within %.0f seconds, from %s (%s): these may be the times at "
                 "which files were written; give the days of acquisition with -date",
                 timed[first].source, run - 1, ceil(seconds), text, timed[first].acquisition->facts.date_how);
        return;
    }
}

static void warn_doubtful(clv_context *ctx, const clv_dated *dates, int count)
{
    int first = -1, taken = 0;
    for (int d = 0; d < count; d++)
        if (dates[d].acquisition->facts.has_date && dates[d].acquisition->doubtful[0]) {
            first = first < 0 ? d : first;
            taken++;
        }
    if (first < 0)
        return;
    const clv_dataset_acquisition *a = dates[first].acquisition;
    char text[32], others[48] = "";
    clv_date_format(&a->facts.date, text);
    if (taken > 1)
        snprintf(others, sizeof others, " (and so for %d others)", taken - 1);
    clv_warn(ctx, "%s: %s in its %s is taken as %s, %s%s; give -date when that is wrong", dates[first].source,
             a->doubtful, a->doubtful_band ? "bands' names" : "name", a->taken_as, text, others);
}

void clv_doubt_dates(clv_context *ctx, const clv_dated *dates, int count)
{
    clv_dated *timed = clv_alloc_array((size_t)count, 1, sizeof *timed);
    int n = 0;
    for (int d = 0; timed && d < count; d++)
        if (dates[d].acquisition->facts.has_date && dates[d].acquisition->facts.date.has_time)
            timed[n++] = dates[d];
    if (timed)
        warn_export(ctx, timed, n, count);
    free(timed);
    warn_doubtful(ctx, dates, count);
}
