/* SPDX-License-Identifier: MIT */
#include "image/stretch.h"

#include <math.h>
#include <stdlib.h>

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

clv_stretch clv_stretch_find(float *values, size_t n)
{
    clv_stretch s = {0, 1};
    if (n) {
        qsort(values, n, sizeof *values, compare_floats);
        s.low = values[(size_t)(0.02 * (double)(n - 1))];
        s.high = values[(size_t)(0.98 * (double)(n - 1))];
    }
    if (!(s.high > s.low))
        s.high = s.low + 1e-6f;
    return s;
}

uint8_t clv_stretched(const clv_stretch *s, float v)
{
    float u = (v - s->low) / (s->high - s->low);
    return !(u > 0) ? 0 : u >= 1 ? 255 : (uint8_t)(powf(u, 1 / 1.5f) * 255 + 0.5f);
}
