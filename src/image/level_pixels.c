/* SPDX-License-Identifier: MIT */
#include "image/level_pixels.h"

#include <math.h>

#include "base/select.h"

#define ALIKE_VISIBLE 0.02F /* largest spread of the visible bands' differences of a pixel */
#define ALIKE_OTHERS 0.035F /* of another band to the visible ones */
#define ALIKE_LOGS 0.25F    /* of the ratios of all bands */
#define LEAST_RATIO 1e-4F   /* a darker band has no ratio */
#define PLANT 0.12F         /* near infrared over the visible bands */
#define PLANT_RATIO 2.0F    /* the same in parts of the visible bands */
#define PLANT_BRIGHT 0.1F   /* near infrared of one of the dates at least, to have a ratio worth the name */
#define PLANT_COLOUR 0.06F  /* most that a visible band's part of near infrared differs */
#define PLANT_NEAR 0.0175   /* of a pixel's difference to that asked for */

static float lowest(const float *x, size_t stride)
{
    return fminf(fminf(x[0], x[stride]), x[2 * stride]);
}

static float highest(const float *x, size_t stride)
{
    return fmaxf(fmaxf(x[0], x[stride]), x[2 * stride]);
}

static float middle(const float *x, size_t stride)
{
    return x[0] + x[stride] + x[2 * stride] - lowest(x, stride) - highest(x, stride);
}

bool clv_level_alike(const float *a, const float *b, size_t stride, int bands, float *difference)
{
    const float d[3] = {a[0] - b[0], a[stride] - b[stride], a[2 * stride] - b[2 * stride]};
    if (highest(d, 1) - lowest(d, 1) > ALIKE_VISIBLE)
        return false;
    *difference = middle(d, 1);
    for (int c = 3; c < bands; c++)
        if (fabsf(a[(size_t)c * stride] - b[(size_t)c * stride] - *difference) > ALIKE_OTHERS)
            return false;
    return true;
}

bool clv_level_in_proportion(const float *a, const float *b, size_t stride, int bands, float *ratio)
{
    float low = INFINITY, high = -INFINITY, sum = 0;
    for (int c = 0; c < bands; c++) {
        const float x = a[(size_t)c * stride], y = b[(size_t)c * stride];
        if (!(fminf(x, y) > 1e-7f && fmaxf(x, y) > 0.005f))
            return false;
        const float log_ratio = logf(x / y);
        low = fminf(low, log_ratio);
        high = fmaxf(high, log_ratio);
        sum += log_ratio;
    }
    *ratio = sum / (float)bands;
    return high - low <= ALIKE_LOGS;
}

bool clv_level_is_plant(const float *a, const float *b, size_t stride)
{
    return a[3 * stride] - middle(a, stride) > PLANT && b[3 * stride] - middle(b, stride) > PLANT;
}

bool clv_level_is_scaled_plant(const float *a, const float *b, size_t stride, float *ratio)
{
    const float x = a[3 * stride], y = b[3 * stride];
    if (!(fminf(lowest(a, stride), lowest(b, stride)) > LEAST_RATIO) || fmaxf(x, y) < PLANT_BRIGHT ||
        x < PLANT_RATIO * middle(a, stride) || y < PLANT_RATIO * middle(b, stride))
        return false;
    for (size_t c = 0; c < 3; c++)
        if (fabsf(a[c * stride] / x - b[c * stride] / y) > PLANT_COLOUR)
            return false;
    *ratio = logf(x / y);
    return true;
}

int clv_level_plants_taken(const float *a, const float *b, size_t stride, int n, double at, float *scratch,
                           double *taken)
{
    float *more = scratch, *contrast = scratch + n / 2;
    int count = 0;
    *taken = 0;
    for (int i = 0; i < n && count < n / 2; i++) {
        const float *x = a + i, *y = b + i, *dark = at > 0 ? y : x;
        float value;
        if (!clv_level_is_plant(x, y, stride) || !clv_level_alike(x, y, stride, 3, &value) ||
            fabs(value - at) > PLANT_NEAR)
            continue;
        more[count] = (at > 0 ? 1 : -1) * (x[3 * stride] - y[3 * stride] - value);
        contrast[count++] = dark[3 * stride] - dark[stride];
    }
    if (count > 0)
        *taken = -clv_median(more, count) / clv_median(contrast, count);
    return count;
}

bool clv_level_is_white(const float *x, size_t stride, float add)
{
    const float low = lowest(x, stride) + add, high = highest(x, stride) + add;
    return low > (float)CLV_LEVEL_CLOUD && low > 0.75f * high;
}
