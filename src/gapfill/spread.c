/* SPDX-License-Identifier: MIT */
#include "gapfill/spread.h"

#include <string.h>

#define FIXED 4294967296.0 /* 2^32: values below 1000 over 2^20 pixels stay far below 2^63 */

static const struct {
    int radius;
    double weight;
} rings[] = {{1, 256.0}, {3, 64.0}, {8, 8.0}, {CLV_SPREAD_REACH, 1.0}};
#define RINGS ((int)(sizeof rings / sizeof rings[0]))
#define EVERYWHERE 1e-6

bool clv_spread_begin(clv_spread *s, int width, int height, int planes)
{
    s->width = width;
    s->height = height;
    s->planes = planes;
    return planes <= CLV_SPREAD_PLANES &&
           clv_buffer_hold(&s->sums, ((size_t)width + 1) * ((size_t)planes + 1), (size_t)height + 1, sizeof(int64_t));
}

void clv_spread_free(clv_spread *s)
{
    clv_buffer_free(&s->sums);
}

void clv_spread_fill(clv_spread *s, const uint8_t *known, const float *values)
{
    int depth = s->planes + 1;
    size_t row = ((size_t)s->width + 1) * depth, plane = (size_t)s->width * s->height;
    int64_t *sums = s->sums.data;
    memset(sums, 0, row * sizeof *sums);
    for (int y = 0; y < s->height; y++) {
        const int64_t *above = sums + row * y;
        int64_t *here = sums + row * (y + 1), left[CLV_SPREAD_PLANES + 1] = {0};
        memset(here, 0, (size_t)depth * sizeof *here);
        for (int x = 0; x < s->width; x++) {
            size_t i = (size_t)y * s->width + x, at = ((size_t)x + 1) * depth;
            if (known[i]) {
                for (int c = 0; c < s->planes; c++)
                    left[c] += (int64_t)(values[plane * c + i] * FIXED);
                left[s->planes]++;
            }
            for (int c = 0; c < depth; c++)
                here[at + c] = above[at + c] + left[c];
        }
    }
}

/* Adds weight / area of the box * sums inside it. */
static double add_box(const clv_spread *s, int x, int y, int radius, double weight, double *sum)
{
    int depth = s->planes + 1;
    size_t row = ((size_t)s->width + 1) * depth;
    int x0 = x > radius ? x - radius : 0, x1 = x + radius < s->width ? x + radius + 1 : s->width;
    int y0 = y > radius ? y - radius : 0, y1 = y + radius < s->height ? y + radius + 1 : s->height;
    const int64_t *sums = s->sums.data;
    const int64_t *a = sums + row * y0 + (size_t)x0 * depth, *b = sums + row * y0 + (size_t)x1 * depth;
    const int64_t *c = sums + row * y1 + (size_t)x0 * depth, *d = sums + row * y1 + (size_t)x1 * depth;
    int64_t count = d[s->planes] - c[s->planes] - b[s->planes] + a[s->planes];
    if (count == 0)
        return 0;
    double share = weight / ((2.0 * radius + 1) * (2.0 * radius + 1));
    for (int k = 0; k < s->planes; k++)
        sum[k] += share / FIXED * (double)(d[k] - c[k] - b[k] + a[k]);
    return share * (double)count;
}

double clv_spread_at(const clv_spread *s, int x, int y, bool everywhere, double *sum)
{
    double total = 0;
    for (int c = 0; c < s->planes; c++)
        sum[c] = 0;
    for (int r = 0; r < RINGS; r++)
        total += add_box(s, x, y, rings[r].radius, rings[r].weight, sum);
    if (everywhere)
        total += add_box(s, x, y, s->width > s->height ? s->width : s->height, EVERYWHERE, sum);
    return total;
}
