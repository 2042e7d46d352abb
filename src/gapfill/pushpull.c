/* SPDX-License-Identifier: MIT */
#include "gapfill/pushpull.h"

#include <string.h>

enum { MOST_LEVELS = 24 };

/* Level 0 is the raster; each further one has half as many columns and rows. */
typedef struct level {
    int width, height;
    float *weight; /* [height, width] share that is known */
    float *value;  /* [height, width] of one plane: the mean of what is known, later smooth everywhere */
} level;

static int halves(int n)
{
    return (n + 1) / 2;
}

/* Returns the number of levels, 0 when out of memory. */
static int build(level *levels, int width, int height, clv_buffer *scratch)
{
    int count = 0;
    size_t total = 0;
    for (int w = width, h = height; count < MOST_LEVELS; w = halves(w), h = halves(h)) {
        levels[count++] = (level){.width = w, .height = h};
        total += (size_t)w * (size_t)h;
        if (w == 1 && h == 1)
            break;
    }
    float *at = clv_buffer_hold(scratch, total, 2, sizeof *at);
    for (int k = 0; k < count && at; k++) {
        const size_t n = (size_t)levels[k].width * (size_t)levels[k].height;
        levels[k].weight = at;
        levels[k].value = at + n;
        at += 2 * n;
    }
    return at ? count : 0;
}

static void reduce(const level *fine, level *coarse)
{
    for (int y = 0; y < coarse->height; y++)
        for (int x = 0; x < coarse->width; x++) {
            float weight = 0, sum = 0;
            int cells = 0;
            for (int v = 2 * y; v < 2 * y + 2 && v < fine->height; v++)
                for (int u = 2 * x; u < 2 * x + 2 && u < fine->width; u++) {
                    const size_t i = (size_t)v * (size_t)fine->width + (size_t)u;
                    weight += fine->weight[i];
                    sum += fine->weight[i] * fine->value[i];
                    cells++;
                }
            const size_t to = (size_t)y * (size_t)coarse->width + (size_t)x;
            coarse->weight[to] = weight / (float)cells;
            coarse->value[to] = weight > 0 ? sum / weight : 0;
        }
}

/* The coarse level at the centre of fine pixel (x, y), interpolated bilinearly. */
static float enlarged(const level *coarse, int x, int y)
{
    const int x0 = x / 2, y0 = y / 2;
    int x1 = x0 + (x % 2 ? 1 : -1), y1 = y0 + (y % 2 ? 1 : -1);
    x1 = x1 < 0 ? 0 : x1 < coarse->width ? x1 : coarse->width - 1;
    y1 = y1 < 0 ? 0 : y1 < coarse->height ? y1 : coarse->height - 1;
    const float *a = coarse->value + (size_t)y0 * (size_t)coarse->width,
                *b = coarse->value + (size_t)y1 * (size_t)coarse->width;
    return (9 * a[x0] + 3 * a[x1] + 3 * b[x0] + b[x1]) / 16;
}

static void enlarge(const level *coarse, level *fine)
{
    for (int y = 0; y < fine->height; y++)
        for (int x = 0; x < fine->width; x++) {
            const size_t i = (size_t)y * (size_t)fine->width + (size_t)x;
            if (fine->weight[i] < 1)
                fine->value[i] = fine->weight[i] * fine->value[i] + (1 - fine->weight[i]) * enlarged(coarse, x, y);
        }
}

bool clv_pushpull(float *values, int planes, const uint8_t *known, int width, int height, clv_buffer *scratch)
{
    level levels[MOST_LEVELS];
    const int count = build(levels, width, height, scratch);
    const size_t n = (size_t)width * (size_t)height;
    if (!count)
        return false;
    for (int c = 0; c < planes; c++) {
        float *plane = values + (size_t)c * n;
        for (size_t i = 0; i < n; i++) {
            levels[0].weight[i] = known[i] ? 1 : 0;
            levels[0].value[i] = known[i] ? plane[i] : 0;
        }
        for (int k = 1; k < count; k++)
            reduce(&levels[k - 1], &levels[k]);
        for (int k = count - 1; k > 0; k--)
            enlarge(&levels[k], &levels[k - 1]);
        for (size_t i = 0; i < n; i++)
            if (!known[i])
                plane[i] = levels[0].value[i];
    }
    return true;
}
