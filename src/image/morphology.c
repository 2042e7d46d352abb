/* SPDX-License-Identifier: MIT */
#include "image/morphology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/alloc.h"

/* distance[i]: rows to the nearest masked pixel of the same column, at most far. */
static void column_distance(const uint8_t *mask, int width, int height, int far, int *distance)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            size_t i = (size_t)y * width + x;
            int above = y ? distance[i - width] + 1 : far;
            distance[i] = mask[i] ? 0 : above < far ? above : far;
        }
    for (int y = height - 2; y >= 0; y--)
        for (int x = 0; x < width; x++) {
            size_t i = (size_t)y * width + x;
            int below = distance[i + width] + 1;
            if (below < distance[i])
                distance[i] = below;
        }
}

/* reach[d]: how far to the left and right a masked pixel d rows away reaches within the radius. */
static void fill_reach(int radius, int *reach)
{
    int64_t square = (int64_t)radius * radius;
    int64_t r = radius;
    for (int64_t d = 0; d <= radius; d++) {
        while (r * r > square - d * d)
            r--;
        reach[d] = (int)r;
    }
}

/* Union of the intervals [x - reach, x + reach] of a row: one sweep to the right and one to the left. */
static void cover_row(const int *distance, const int *reach, int width, int radius, uint8_t *out)
{
    int left = -1;
    for (int x = 0; x < width; x++) {
        int own = distance[x] <= radius ? reach[distance[x]] : -1;
        left = left - 1 > own ? left - 1 : own;
        out[x] = left >= 0;
    }
    int right = -1;
    for (int x = width - 1; x >= 0; x--) {
        int own = distance[x] <= radius ? reach[distance[x]] : -1;
        right = right - 1 > own ? right - 1 : own;
        out[x] |= right >= 0;
    }
}

int clv_dilate(const uint8_t *mask, int width, int height, int radius, uint8_t *out)
{
    size_t n = (size_t)width * height;
    if (radius <= 0) {
        for (size_t i = 0; i < n; i++)
            out[i] = mask[i] != 0;
        return 0;
    }
    /* A larger radius reaches no further pixel. */
    if (radius > width + height)
        radius = width + height;
    int result = -1;
    int *distance = clv_alloc_array((size_t)width, (size_t)height, sizeof *distance);
    int *reach = clv_alloc_array((size_t)radius + 1, 1, sizeof *reach);
    if (!distance || !reach)
        goto cleanup;
    column_distance(mask, width, height, radius + 1, distance);
    fill_reach(radius, reach);
    for (int y = 0; y < height; y++)
        cover_row(distance + (size_t)y * width, reach, width, radius, out + (size_t)y * width);
    result = 0;
cleanup:
    free(distance);
    free(reach);
    return result;
}

static void come_nearer(uint16_t *distance, size_t from, size_t to, int step)
{
    const int d = distance[from] + step;
    if (d < distance[to])
        distance[to] = (uint16_t)d;
}

/* From the row above (step < 0: below) and the pixel before in the same direction. */
static void sweep_row(uint16_t *distance, int width, int y, int step, bool has_row)
{
    const size_t row = (size_t)y * (size_t)width, other = step > 0 ? row - (size_t)width : row + (size_t)width;
    for (int k = 0; k < width; k++) {
        const int x = step > 0 ? k : width - 1 - k;
        const size_t at = row + (size_t)x;
        if (k > 0)
            come_nearer(distance, at - (size_t)step, at, 3);
        if (!has_row)
            continue;
        come_nearer(distance, other + (size_t)x, at, 3);
        if (x > 0)
            come_nearer(distance, other + (size_t)x - 1, at, 4);
        if (x + 1 < width)
            come_nearer(distance, other + (size_t)x + 1, at, 4);
    }
}

void clv_distance(const uint8_t *mask, int width, int height, uint16_t *distance)
{
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++)
        distance[i] = mask[i] ? 0 : CLV_DISTANCE_MOST;
    for (int y = 0; y < height; y++)
        sweep_row(distance, width, y, 1, y > 0);
    for (int y = height - 1; y >= 0; y--)
        sweep_row(distance, width, y, -1, y + 1 < height);
}

/* Appends the unseen masked neighbours of pixel i to the queue. */
static size_t push_neighbours(const uint8_t *mask, uint8_t *seen, int width, int height, size_t i, size_t *queue,
                              size_t end)
{
    int x = (int)(i % (size_t)width), y = (int)(i / (size_t)width);
    int x0 = x > 0 ? x - 1 : 0, x1 = x < width - 1 ? x + 1 : x;
    int y0 = y > 0 ? y - 1 : 0, y1 = y < height - 1 ? y + 1 : y;
    for (int v = y0; v <= y1; v++)
        for (int u = x0; u <= x1; u++) {
            size_t j = (size_t)v * width + u;
            if (mask[j] && !seen[j]) {
                seen[j] = 1;
                queue[end++] = j;
            }
        }
    return end;
}

int clv_remove_specks(uint8_t *mask, int width, int height, int min_pixels)
{
    size_t n = (size_t)width * height;
    int result = -1;
    uint8_t *seen = clv_alloc_array(n, 1, sizeof *seen);
    size_t *queue = clv_alloc_array(n, 1, sizeof *queue);
    if (!seen || !queue)
        goto cleanup;
    for (size_t start = 0; start < n; start++) {
        if (!mask[start] || seen[start])
            continue;
        size_t end = 1;
        queue[0] = start;
        seen[start] = 1;
        for (size_t next = 0; next < end; next++)
            end = push_neighbours(mask, seen, width, height, queue[next], queue, end);
        if (min_pixels > 0 && end < (size_t)min_pixels)
            for (size_t k = 0; k < end; k++)
                mask[queue[k]] = 0;
    }
    result = 0;
cleanup:
    free(seen);
    free(queue);
    return result;
}
