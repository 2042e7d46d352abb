/* SPDX-License-Identifier: MIT */
#include "image/pixel_state.h"

#include <math.h>

clv_mask_class clv_pixel_mask_class(uint8_t state)
{
    return state & CLV_PIXEL_CLOUD     ? CLV_MASK_CLASS_CLOUD
           : state & CLV_PIXEL_SHADOW  ? CLV_MASK_CLASS_SHADOW
           : state & CLV_PIXEL_MISSING ? CLV_MASK_CLASS_NODATA
                                       : CLV_MASK_CLASS_CLEAR;
}

uint16_t clv_pixel_days(const uint8_t *state, size_t stride, const double *days, int dates, int t)
{
    double best = INFINITY;
    for (int i = 0; i < dates; i++)
        if (!state[(size_t)i * stride] && fabs(days[i] - days[t]) < best)
            best = fabs(days[i] - days[t]);
    return isinf(best) ? CLV_DAYS_NONE : best >= CLV_DAYS_NONE - 1 ? CLV_DAYS_NONE - 1 : (uint16_t)(best + 0.5);
}

clv_source clv_pixel_source(uint8_t state, bool filled, uint16_t days)
{
    if (!filled)
        return state & CLV_PIXEL_MISSING ? CLV_SOURCE_NODATA : CLV_SOURCE_OBSERVED;
    return days == CLV_DAYS_NONE ? CLV_SOURCE_NEVER : CLV_SOURCE_FILLED;
}

uint16_t clv_pixel_deviation(uint8_t state, bool filled, double deviation)
{
    if (!filled)
        return state & CLV_PIXEL_MISSING ? CLV_DEVIATION_NONE : 0;
    const double d = deviation / CLV_DEVIATION_SCALE;
    return isnan(d) ? CLV_DEVIATION_NONE : (uint16_t)(fmin(d, CLV_DEVIATION_NONE - 1) + 0.5);
}
