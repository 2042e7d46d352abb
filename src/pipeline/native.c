/* SPDX-License-Identifier: MIT */
#include "pipeline/native.h"

#define BEYOND 2 /* working pixels */

static int floor_div(int a, int b)
{
    int q = a / b;
    return a % b < 0 ? q - 1 : q;
}

static void span(int offset, int factor, int length, int native_length, int from, int to, int *start, int *size)
{
    int a = from == 0 ? 0 : offset + from * factor, b = to == length ? native_length : offset + to * factor;
    a = a < 0 ? 0 : a > native_length ? native_length : a;
    b = b < 0 ? 0 : b > native_length ? native_length : b;
    *start = a;
    *size = b > a ? b - a : 0;
}

clv_rect clv_native_rect(const clv_acquisition *date, const clv_grid *working, int x0, int y0, int x1, int y1)
{
    clv_rect r;
    span(date->xoff, date->factor, working->width, date->grid.width, x0, x1, &r.x, &r.width);
    span(date->yoff, date->factor, working->height, date->grid.height, y0, y1, &r.y, &r.height);
    return r;
}

int clv_native_to_working(int v, int offset, int factor, int length)
{
    int i = floor_div(v - offset, factor);
    if (i < -BEYOND || i >= length + BEYOND)
        return -1;
    return i < 0 ? 0 : i >= length ? length - 1 : i;
}
