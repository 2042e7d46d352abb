/* SPDX-License-Identifier: MIT */
#include "image/windows.h"

#include <math.h>

#define HALF_PI 1.57079632679489661923

int clv_window_count(int length, int size, int stride)
{
    if (length <= size)
        return 1;
    return 1 + (length - size + stride - 1) / stride;
}

void clv_window_range(int length, int size, int stride, int from, int to, int *first, int *last)
{
    int final = clv_window_count(length, size, stride) - 1;
    int low = from < size ? 0 : (from - size) / stride + 1;
    int high = to > 0 ? (to - 1) / stride : 0;
    *first = low < final ? low : final;
    *last = high < final ? high : final;
}

/* Hann ramp over the first or last `overlap` pixels of a window. distance: pixels from that end, starting at 0. */
static double ramp(int distance, int overlap)
{
    if (distance >= overlap)
        return 1.0;
    double s = sin(HALF_PI * (distance + 0.5) / overlap);
    return s * s;
}

static double raw_weight(int size, int stride, int index, int final, int at)
{
    int overlap = size - stride;
    double w = 1.0;
    if (index > 0)
        w *= ramp(at, overlap);
    if (index < final)
        w *= ramp(size - 1 - at, overlap);
    return w;
}

void clv_window_weights(int length, int size, int stride, int index, float *weight)
{
    int final = clv_window_count(length, size, stride) - 1;
    for (int at = 0; at < size; at++) {
        /* Two Hann ramps facing each other sum to one; where more windows meet (stride below half the size) they do
         * not, so the sum is always divided out. */
        int pixel = index * stride + at, first, last;
        clv_window_range(length, size, stride, pixel, pixel + 1, &first, &last);
        double sum = 0;
        for (int i = first; i <= last; i++)
            if (pixel - i * stride < size)
                sum += raw_weight(size, stride, i, final, pixel - i * stride);
        weight[at] = (float)(raw_weight(size, stride, index, final, at) / sum);
    }
}

int clv_reflect(int i, int length)
{
    if (length <= 1)
        return 0;
    int64_t period = 2 * ((int64_t)length - 1);
    int64_t at = (int64_t)i % period;
    if (at < 0)
        at += period;
    return (int)(at < length ? at : period - at);
}

clv_rect clv_rect_intersect(clv_rect a, clv_rect b)
{
    int64_t x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
    int64_t ax = (int64_t)a.x + a.width, bx = (int64_t)b.x + b.width;
    int64_t ay = (int64_t)a.y + a.height, by = (int64_t)b.y + b.height;
    int64_t x1 = ax < bx ? ax : bx, y1 = ay < by ? ay : by;
    clv_rect r = {(int)x0, (int)y0, x1 > x0 ? (int)(x1 - x0) : 0, y1 > y0 ? (int)(y1 - y0) : 0};
    if (r.width == 0 || r.height == 0)
        r.width = r.height = 0;
    return r;
}
