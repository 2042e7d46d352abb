/* SPDX-License-Identifier: MIT
 *
 * Building a series: the days of its dates, parts of one picture joined, dates in order.
 */
#include "series/build_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "series/date_doubts.h"

static clv_status dates_by_user(clv_series_build *b)
{
    int given = 0;
    while (b->options->dates[given])
        given++;
    if (given != b->count)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "-date: %d given, but the inputs hold %d dates; give one each, in the inputs' order", given,
                        b->count);
    for (int d = 0; d < b->count; d++) {
        clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        if (!clv_date_parse(b->options->dates[d], &acquisition->facts.date))
            return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "-date %s: is not a date; write YYYY-MM-DD",
                            b->options->dates[d]);
        acquisition->facts.has_date = true;
        acquisition->date_of_folder = false;
        snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "-date");
    }
    return CLV_OK;
}

clv_status clv_build_check_dates(clv_series_build *b)
{
    int known = 0, unknown = -1;
    if (b->options->dates && b->options->dates[0])
        return dates_by_user(b);
    clv_dated *dated = clv_alloc_array((size_t)b->count, 1, sizeof *dated);
    if (!dated)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count; d++)
        dated[d] = (clv_dated){clv_build_source(b, d), b->dates[d].acquisition, &b->datasets[b->dates[d].input]};
    clv_status status = clv_order_dates(b->ctx, dated, b->count);
    clv_find_short_dates(dated, b->count);
    if (status == CLV_OK)
        status = clv_choose_name_dates(b->ctx, dated, b->count, &b->series->private_data->open_options);
    clv_doubt_folder_dates(dated, b->count);
    if (status == CLV_OK)
        clv_doubt_dates(b->ctx, dated, b->count);
    free(dated);
    if (status != CLV_OK)
        return status;
    for (int d = 0; d < b->count; d++) {
        known += b->dates[d].acquisition->facts.has_date;
        if (!b->dates[d].acquisition->facts.has_date && unknown < 0)
            unknown = d;
    }
    if (known == b->count || b->count == 1)
        return CLV_OK;
    if (known == 0)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "no input tells its date (%s): give -date YYYY-MM-DD %d times, in the inputs' order",
                        clv_name_base(clv_build_source(b, 0)), b->count);
    return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                    "%s: its date is not known; give -date YYYY-MM-DD %d times, once for every date in the "
                    "inputs' order",
                    clv_build_source(b, unknown), b->count);
}

static int by_time(const void *a, const void *b)
{
    const struct clv_build_date *x = a, *y = b;
    double dx = clv_date_days(&x->acquisition->facts.date), dy = clv_date_days(&y->acquisition->facts.date);
    if (dx != dy)
        return dx < dy ? -1 : 1;
    return x->input != y->input ? (x->input > y->input) - (x->input < y->input)
                                : (x->number > y->number) - (x->number < y->number);
}

clv_status clv_build_join_days(clv_series_build *b)
{
    int kept = 0;
    qsort(b->dates, (size_t)b->count, sizeof *b->dates, by_time);
    b->days = clv_alloc_array(1, (size_t)b->count, sizeof *b->days);
    if (!b->days)
        return clv_fail_memory(b->ctx);
    b->day_count = b->count;
    for (int d = 0; d < b->count; d++)
        b->days[d] = (clv_day_date){.dataset = &b->datasets[b->dates[d].input], .acquisition = b->dates[d].acquisition};
    clv_status status = clv_same_day_join(b->ctx, b->days, b->count, &b->series->private_data->open_options);
    for (int d = 0; d < b->count && status == CLV_OK; d++)
        if (b->days[d].into == d)
            b->dates[kept++] = b->dates[d];
    b->count = status == CLV_OK ? kept : b->count;
    return status == CLV_OK && kept > CLV_MAX_DATES ? clv_build_too_many_dates(b) : status;
}

static const char *why_not_joined(const clv_series_build *b, int d)
{
    for (int i = 0; i < b->day_count; i++)
        if (b->days[i].acquisition == b->dates[d].acquisition)
            return b->days[i].why;
    return "";
}

clv_status clv_build_sort_dates(clv_series_build *b)
{
    qsort(b->dates, (size_t)b->count, sizeof *b->dates, by_time);
    for (int d = 1; d < b->count; d++) {
        const clv_date *x = &b->dates[d - 1].acquisition->facts.date, *y = &b->dates[d].acquisition->facts.date;
        bool same_day = floor(clv_date_days(x)) == floor(clv_date_days(y));
        bool told_apart = (x->has_time && y->has_time && clv_date_days(x) != clv_date_days(y)) ||
                          clv_same_day_other_satellite(clv_build_source(b, d - 1), clv_build_source(b, d));
        if (!same_day || told_apart)
            continue;
        char day[32];
        clv_date_format(x, day);
        day[10] = 0;
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "%s and %s are both of %s and %s; leave one out, %s, or give -date with a time for each "
                        "(YYYY-MM-DDTHH:MM:SS)",
                        clv_build_source(b, d - 1), clv_build_source(b, d), day,
                        *why_not_joined(b, d) ? why_not_joined(b, d) : "are not parts of one picture",
                        clv_same_day_advice(why_not_joined(b, d)));
    }
    return CLV_OK;
}
