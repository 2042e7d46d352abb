/* SPDX-License-Identifier: MIT */
#include "pipeline/stack_reader.h"

static clv_status read_series(clv_context *ctx, void *user, int t, clv_rect window, float *x, uint8_t *missing)
{
    return clv_series_read_bits(ctx, user, t, window, x, missing);
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
                              .day = day_of_series,
                              .user = series};
}
