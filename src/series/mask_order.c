/* SPDX-License-Identifier: MIT */
#include "series/mask_order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "sentinel2/dates.h"

static double day_of_mask(const char *name)
{
    clv_date date;
    return clv_date_find(clv_name_base(name), &date) ? floor(clv_date_days(&date)) : NAN;
}

/* The one input of this day; -1: none, or several. */
static int input_of(const double *days, int count, double day)
{
    int found = -1, n = 0;
    for (int i = 0; i < count; i++)
        if (days[i] == day) {
            found = i;
            n++;
        }
    return n == 1 ? found : -1;
}

clv_status clv_masks_by_day(clv_context *ctx, clv_inputs *masks, const char *option, const double *days,
                            char *const *inputs)
{
    const int count = masks->count;
    int first = -1;
    bool all = true;
    if (count < 2)
        return CLV_OK;
    char **ordered = clv_alloc_array((size_t)count, 1, sizeof *ordered);
    if (!ordered)
        return clv_fail_memory(ctx);
    for (int i = 0; i < count; i++) {
        const double day = day_of_mask(masks->names[i]);
        const int input = isnan(day) ? -1 : input_of(days, count, day);
        if (input < 0 || ordered[input])
            all = false;
        else
            ordered[input] = masks->names[i];
        if (first < 0 && input >= 0 && input != i && !isnan(days[i])) /* NAN: joined with another of its day */
            first = i;
    }
    if (first >= 0) {
        const char *mask = clv_name_base(masks->names[first]), *input = inputs[first];
        if (all)
            clv_warn(ctx,
                     "%s: %s stands where the mask of %s is expected; the masks' names tell the inputs' days, by which "
                     "they are taken",
                     option, mask, input);
        else
            clv_warn(ctx,
                     "%s: %s stands where the mask of %s is expected, and its name tells another input's day; give the "
                     "masks in the inputs' order, which info -json lists",
                     option, mask, input);
    }
    if (first >= 0 && all)
        memcpy(masks->names, ordered, (size_t)count * sizeof *ordered);
    free(ordered);
    return CLV_OK;
}
