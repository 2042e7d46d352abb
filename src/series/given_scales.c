/* SPDX-License-Identifier: MIT */
#include "series/given_scales.h"

#include <math.h>
#include <stddef.h>

/* Lists of one value are that value for all dates, as in_scale and in_offset are. */
static void move_list(const double **list, int *count, int first)
{
    if (*count <= 1)
        return;
    int skipped = first < *count ? first : *count;
    *list += skipped;
    *count -= skipped;
    if (*count == 0)
        *list = NULL;
}

clv_input_options clv_given_scales_from(const clv_input_options *options, int first)
{
    clv_input_options moved = *options;
    if (moved.in_scale_count == 1)
        moved.in_scale = moved.in_scales[0];
    if (moved.in_offset_count == 1)
        moved.in_offset = moved.in_offsets[0];
    if (moved.in_scale_count == 1)
        moved.in_scale_count = 0;
    if (moved.in_offset_count == 1)
        moved.in_offset_count = 0;
    move_list(&moved.in_scales, &moved.in_scale_count, first);
    move_list(&moved.in_offsets, &moved.in_offset_count, first);
    return moved;
}

clv_input_options clv_given_scales_of(const clv_input_options *options, int date)
{
    clv_input_options own = *options;
    if (own.in_scale_count > 0)
        own.in_scale = date < own.in_scale_count ? own.in_scales[date] : NAN;
    if (own.in_offset_count > 0)
        own.in_offset = date < own.in_offset_count ? own.in_offsets[date] : NAN;
    own.in_scales = own.in_offsets = NULL;
    own.in_scale_count = own.in_offset_count = 0;
    return own;
}

static clv_status check(clv_context *ctx, const char *name, int given, int dates)
{
    if (given <= 1 || given == dates)
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                    "-%s: %d given, but the inputs hold %d date%s; give one for all, or one each, in the inputs' order",
                    name, given, dates, dates == 1 ? "" : "s");
}

clv_status clv_given_scales_check(clv_context *ctx, const clv_input_options *options, int dates)
{
    clv_status status = check(ctx, "in_scale", options->in_scale_count, dates);
    return status == CLV_OK ? check(ctx, "in_offset", options->in_offset_count, dates) : status;
}
