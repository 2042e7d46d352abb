/* SPDX-License-Identifier: MIT */
#include "pipeline/stack_reader.h"

static clv_status read_series(clv_context *ctx, void *user, int t, clv_rect window, float *x, uint8_t *missing)
{
    return clv_series_read_bits(ctx, user, t, window, x, missing);
}

static clv_rect area_of_series(const void *user, int t, int margin)
{
    return clv_series_area(user, t, margin);
}

clv_rect clv_stack_area(const clv_stack_reader *stack, int t, int margin, clv_rect window)
{
    if (!stack->area)
        return window;
    clv_rect r = clv_rect_intersect(window, stack->area(stack->user, t, margin));
    return r.width > 0 && r.height > 0 ? r : (clv_rect){window.x, window.y, 0, 0};
}

static double day_of_series(const void *user, int t)
{
    return ((const clv_series *)user)->acquisitions[t].days;
}

clv_stack_reader clv_series_stack_reader(clv_series *series)
{
    return (clv_stack_reader){.dates = series->dates,
                              .channels = series->channels,
                              .width = series->grid.width,
                              .height = series->grid.height,
                              .has_nir = series->has_nir,
                              .core = series->core,
                              .read = read_series,
                              .area = area_of_series,
                              .outside = series->extended,
                              .day = day_of_series,
                              .user = series};
}
