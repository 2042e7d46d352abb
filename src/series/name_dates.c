/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "raster/regrid.h"
#include "series/date_doubts_private.h"
#include "series/same_day.h"

#define SAME_GROUND 0.5 /* of the smaller raster; data strips and tiles of one picture share less */

static double day_at(const clv_dated *d, int position)
{
    return floor(clv_date_days(&d->acquisition->name_date[position]));
}

static void bounds(const clv_grid *g, double box[4])
{
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    for (int i = 0; i < 4; i++) {
        const double column = i % 2 ? g->width : 0, row = i / 2 ? g->height : 0;
        const double x = g->transform[0] + column * g->transform[1] + row * g->transform[2],
                     y = g->transform[3] + column * g->transform[4] + row * g->transform[5];
        box[0] = fmin(box[0], x);
        box[1] = fmin(box[1], y);
        box[2] = fmax(box[2], x);
        box[3] = fmax(box[3], y);
    }
}

bool clv_dated_same_ground(const clv_dated *first, const clv_dated *second)
{
    const clv_grid *a = &first->dataset->grid, *b = &second->dataset->grid;
    double p[4], q[4];
    if (!a->has_transform || !b->has_transform)
        return a->has_transform == b->has_transform && a->width == b->width && a->height == b->height;
    if (!clv_grid_same_crs(a, b))
        return a->wkt && b->wkt && clv_grids_overlap(a, b);
    bounds(a, p);
    bounds(b, q);
    const double width = fmin(p[2], q[2]) - fmax(p[0], q[0]), height = fmin(p[3], q[3]) - fmax(p[1], q[1]);
    const double smaller = fmin((p[2] - p[0]) * (p[3] - p[1]), (q[2] - q[0]) * (q[3] - q[1]));
    return width > 0 && height > 0 && width * height > SAME_GROUND * smaller;
}

/* The first day behind `day` with which another name begins. */
static double next_begin(const clv_dated *dates, int count, double day)
{
    double next = INFINITY;
    for (int d = 0; d < count; d++)
        if (day_at(&dates[d], 0) > day)
            next = fmin(next, day_at(&dates[d], 0));
    return next;
}

/* Whether the names' dates at the position may be the acquisitions', seen against the first ones. */
static bool in_order(const clv_dated *dates, int count, int position)
{
    bool one = true, periods = true, before = true;
    for (int d = 0; d < count; d++) {
        const double begin = day_at(&dates[d], 0), day = day_at(&dates[d], position);
        one = one && begin == day_at(&dates[0], 0);
        periods = periods && day >= begin && day < next_begin(dates, count, begin);
        before = before && day < begin;
    }
    return one || periods || before;
}

static bool same_day(const clv_dated *a, const clv_dated *b, int position)
{
    return day_at(a, position) == day_at(b, position) && clv_dated_same_ground(a, b);
}

/* A file whose first date is another one's of the same ground although their pictures differ, -1 for none. */
static clv_status find_contradiction(clv_context *ctx, const clv_dated *dates, int count, const clv_open_options *how,
                                     int *found)
{
    clv_status status = CLV_OK;
    bool differ = false;
    *found = -1;
    for (int d = 0; d < count && *found < 0; d++)
        for (int e = d + 1; e < count && status == CLV_OK && !differ; e++)
            if (same_day(&dates[d], &dates[e], 0)) {
                status = clv_same_day_differ(ctx, dates[d].dataset, dates[e].dataset, how, &differ);
                *found = differ ? d : -1;
            }
    return status;
}

static bool all_differ(const clv_dated *dates, int count, int position)
{
    for (int d = 0; d < count; d++)
        for (int e = d + 1; e < count; e++)
            if (same_day(&dates[d], &dates[e], position))
                return false;
    return true;
}

static void take(clv_context *ctx, const clv_dated *dates, int count, int position, int first)
{
    static const char *const words[CLV_NAME_DATES] = {"1st", "2nd", "3rd", "4th"};
    int alike = 0;
    char shared[32], text[32];
    const double day = day_at(&dates[first], 0);
    for (int d = 0; d < count; d++) {
        clv_dataset_acquisition *a = dates[d].acquisition;
        alike += day_at(&dates[d], 0) == day;
        a->facts.date = a->name_date[position];
        a->has_tag_date = false;
        snprintf(a->facts.date_how, sizeof a->facts.date_how, "%s name, its %s date (the 1st is not one a file)",
                 a->date_of_folder ? "folder" : "file", words[position]);
    }
    const clv_date begin = clv_date_from_days(day);
    clv_date_format(&begin, shared);
    clv_date_format(&dates[first].acquisition->facts.date, text);
    clv_warn(ctx,
             "%s: its name holds several dates; the first, %s, is that of %d files of the same ground, so the %s is "
             "taken, here %s, and so for all; give -date when that is wrong",
             dates[first].source, shared, alike, words[position], text);
}

clv_status clv_choose_name_dates(clv_context *ctx, const clv_dated *dates, int count, const clv_open_options *how)
{
    int positions = CLV_NAME_DATES, position = 0, first = -1;
    for (int d = 0; d < count; d++) {
        const clv_dataset_acquisition *a = dates[d].acquisition;
        positions = !a->facts.has_date ? 0 : a->name_dates < positions ? a->name_dates : positions;
    }
    for (int p = 1; p < positions && position == 0; p++)
        position = all_differ(dates, count, p) && in_order(dates, count, p) ? p : 0;
    clv_status status = position > 0 ? find_contradiction(ctx, dates, count, how, &first) : CLV_OK;
    if (status == CLV_OK && first >= 0)
        take(ctx, dates, count, position, first);
    return status;
}
