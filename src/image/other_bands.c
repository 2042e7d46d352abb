/* SPDX-License-Identifier: MIT */
#include "image/other_bands.h"

#include <math.h>
#include <stddef.h>

#define SNOW_INDEX 0.35f
#define SNOW_SWIR 0.12f
#define SNOW_GREEN 0.15f /* darker ground is not taken for cloud; water, whose index is high, is darker */
#define SNOW_NIR 0.11f

#define CIRRUS_SERIES 0.015f
#define CIRRUS_ALONE 0.025f
#define CIRRUS_RAMP 0.01f

void clv_snow_find(const float *green, const float *nir, const float *swir, int n, uint8_t *snow)
{
    for (int i = 0; i < n; i++)
        snow[i] = swir[i] > 0 && swir[i] < SNOW_SWIR && green[i] > SNOW_GREEN && (!nir || nir[i] > SNOW_NIR) &&
                  green[i] - swir[i] > SNOW_INDEX * (green[i] + swir[i]);
}

float clv_cirrus_probability(float cirrus, float clear)
{
    if (!(cirrus > 0))
        return 0;
    const float over = clear >= 0 ? cirrus - clear - CIRRUS_SERIES : cirrus - CIRRUS_ALONE;
    return fminf(1, fmaxf(0, over / CIRRUS_RAMP));
}
