/* SPDX-License-Identifier: MIT */
#include "gapfill/samples.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cpu_dispatch.h"

#define GOLDEN 0.61803398874989485
#define MOST_ROWS_SKIPPED 4

/* out = 1 where a gap lies within r columns. */
CLV_CPU_DISPATCH static void widen_rows(const uint8_t *gap, int width, int height, int r, uint8_t *out)
{
    memcpy(out, gap, (size_t)width * height);
    for (int y = 0; y < height; y++) {
        const uint8_t *from = gap + (size_t)y * width;
        uint8_t *to = out + (size_t)y * width;
        for (int d = 1; d <= r && d < width; d++) {
            for (int x = 0; x < width - d; x++)
                to[x] |= from[x + d];
            for (int x = d; x < width; x++)
                to[x] |= from[x - d];
        }
    }
}

CLV_CPU_DISPATCH static void widen_columns(const uint8_t *rows, int width, int height, int r, uint8_t *out)
{
    memcpy(out, rows, (size_t)width * height);
    for (int y = 0; y < height; y++) {
        int first = y > r ? y - r : 0, last = y + r < height ? y + r : height - 1;
        uint8_t *to = out + (size_t)y * width;
        for (int v = first; v <= last; v++) {
            const uint8_t *from = rows + (size_t)v * width;
            for (int x = 0; x < width; x++)
                to[x] |= from[x];
        }
    }
}

CLV_CPU_DISPATCH static int invert_and_count(uint8_t *mask, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        mask[i] = !mask[i];
        count += mask[i];
    }
    return count;
}

int clv_train_mask(const uint8_t *gap, int width, int height, int gap_buffer, int min_pixels, uint8_t *mask,
                   uint8_t *scratch)
{
    int n = width * height, observed = 0, count = 0;
    for (int i = 0; i < n; i++)
        observed += !gap[i];
    for (int r = gap_buffer > 0 ? gap_buffer : 0; r >= 0; r--) {
        widen_rows(gap, width, height, r, scratch);
        widen_columns(scratch, width, height, r, mask);
        count = invert_and_count(mask, n);
        if (count >= min_pixels && count >= 0.3 * observed)
            break;
    }
    return count;
}

static int take_all(const uint8_t *keep, int n, int *pixels)
{
    int taken = 0;
    for (int i = 0; i < n; i++)
        if (keep[i])
            pixels[taken++] = i;
    return taken;
}

/* Every rows-th row, and in it every step-th kept pixel; the first one differs from row to row. */
static int take_some(const uint8_t *keep, int width, int height, int rows, double step, int *pixels)
{
    int taken = 0, line = 0;
    for (int y = rows / 2; y < height; y += rows, line++) {
        double next = step * fmod(line * GOLDEN, 1.0);
        int seen = 0;
        for (int x = 0; x < width; x++) {
            if (!keep[(size_t)y * width + x])
                continue;
            if (seen >= next) {
                pixels[taken++] = y * width + x;
                next += step;
            }
            seen++;
        }
    }
    return taken;
}

int clv_pick_samples(const uint8_t *keep, int width, int height, int count, int wanted, int *pixels)
{
    if (wanted <= 0 || count <= wanted)
        return take_all(keep, width * height, pixels);
    double share = (double)count / wanted;
    int rows = (int)sqrt(share);
    rows = rows > MOST_ROWS_SKIPPED ? MOST_ROWS_SKIPPED : rows;
    return take_some(keep, width, height, rows, share / rows, pixels);
}

/* The first of the columns first to last that has half of the pixels in it or to its left. */
static int middle_column(const int *pixels, int count, int width, int first, int last)
{
    while (first < last) {
        const int x = first + (last - first) / 2;
        int left = 0;
        for (int i = 0; i < count; i++)
            left += pixels[i] % width <= x;
        if (left >= count / 2)
            last = x;
        else
            first = x + 1;
    }
    return first;
}

/* Sorts into two halves. Returns the size of the first. */
static int halve(int *pixels, int count, int width, int *scratch)
{
    int x0 = width, x1 = 0, left = 0, right = 0;
    for (int i = 0; i < count; i++) {
        const int x = pixels[i] % width;
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
    }
    if (count < 2 || pixels[count - 1] / width - pixels[0] / width >= x1 - x0)
        return count / 2;
    const int middle = middle_column(pixels, count, width, x0, x1);
    for (int i = 0; i < count; i++) {
        if (pixels[i] % width <= middle)
            pixels[left++] = pixels[i];
        else
            scratch[right++] = pixels[i];
    }
    memcpy(pixels + left, scratch, (size_t)right * sizeof *pixels);
    return left;
}

void clv_part_samples(int *pixels, int count, int width, int *scratch, int ends[CLV_SAMPLE_PARTS])
{
    ends[1] = halve(pixels, count, width, scratch);
    ends[0] = halve(pixels, ends[1], width, scratch);
    ends[2] = ends[1] + halve(pixels + ends[1], count - ends[1], width, scratch);
    ends[3] = count;
}
