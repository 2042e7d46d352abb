/* SPDX-License-Identifier: MIT */
#include "synth/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "image/windows.h"

enum { SIDE = CLV_SHAPE_SIDE, AREA = SIDE * SIDE, TRIES = 64, MOST_DATES = 512 };

static uint8_t *next_place(clv_shapes *pool)
{
    if (pool->count == pool->capacity && pool->capacity < CLV_SHAPES_MAX) {
        const int capacity = pool->capacity ? 2 * pool->capacity : 32;
        uint8_t *data = realloc(pool->data, (size_t)capacity * AREA);
        if (!data)
            return NULL;
        pool->data = data;
        pool->capacity = capacity;
    }
    if (pool->count < pool->capacity)
        return pool->data + (size_t)pool->count++ * AREA;
    return pool->data + (size_t)(pool->seen % CLV_SHAPES_MAX) * AREA;
}

int clv_shapes_add(clv_shapes *pool, const uint8_t *mask, int width, int height)
{
    const int across = width > SIDE ? width / SIDE : 1, down = height > SIDE ? height / SIDE : 1;
    int added = 0;
    for (int j = 0; j < down; j++)
        for (int i = 0; i < across; i++) {
            uint8_t shape[AREA];
            int cloud = 0;
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++) {
                    const size_t row = (size_t)clv_reflect(j * SIDE + y, height) * (size_t)width;
                    cloud += shape[y * SIDE + x] = mask[row + (size_t)clv_reflect(i * SIDE + x, width)] != 0;
                }
            if (cloud < CLV_SHAPE_LEAST * AREA || cloud == AREA)
                continue;
            uint8_t *to = next_place(pool);
            if (!to)
                return -1;
            memcpy(to, shape, AREA);
            pool->seen++;
            added++;
        }
    return added;
}

void clv_shapes_clear(clv_shapes *pool)
{
    free(pool->data);
    *pool = (clv_shapes){0};
}

/* One of the eight turned and mirrored forms of a shape, cut at a random place. Returns its number of pixels. */
static int lay_once(clv_random *rng, const clv_shapes *pool, int width, int height, uint8_t *gap)
{
    const uint8_t *shape = pool->data + (size_t)clv_random_int(rng, pool->count) * AREA;
    const int form = clv_random_int(rng, 8);
    const int x0 = clv_random_int(rng, SIDE - width + 1), y0 = clv_random_int(rng, SIDE - height + 1);
    int count = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int u = x0 + x, v = y0 + y;
            if (form & 1)
                u = SIDE - 1 - u;
            if (form & 2)
                v = SIDE - 1 - v;
            count += gap[y * width + x] = form & 4 ? shape[u * SIDE + v] : shape[v * SIDE + u];
        }
    return count;
}

/* A cut of a small window can miss the cloud: try again. */
static void lay_shape(clv_random *rng, const clv_shapes *pool, int width, int height, uint8_t *gap)
{
    for (int i = 0; i < TRIES; i++)
        if (lay_once(rng, pool, width, height, gap) >= CLV_SHAPE_LEAST * width * height)
            return;
}

static void shuffle(clv_random *rng, int *items, int n)
{
    for (int i = n - 1; i > 0; i--) {
        const int k = clv_random_int(rng, i + 1), kept = items[i];
        items[i] = items[k];
        items[k] = kept;
    }
}

int clv_gaps_utilise(clv_random *rng, const clv_shapes *pool, const clv_gap_options *options, int dates, int width,
                     int height, uint8_t *gap)
{
    const size_t n = (size_t)width * (size_t)height;
    int frames[MOST_DATES];
    memset(gap, 0, (size_t)dates * n);
    if (dates < 2 || dates > MOST_DATES)
        return 0;
    int masked = (1 + clv_random_int(rng, dates) + 1) / 2;
    masked = masked < dates ? masked : dates - 1;
    for (int i = 0; i < dates - 1; i++)
        frames[i] = i + 1;
    if (options->consecutive) {
        const int first = 1 + clv_random_int(rng, dates - masked);
        for (int i = 0; i < masked; i++)
            frames[i] = first + i;
    } else {
        shuffle(rng, frames, dates - 1);
    }
    for (int i = 0; i < masked; i++) {
        uint8_t *frame = gap + (size_t)frames[i] * n;
        if (options->whole_frames && clv_random_int(rng, 3) == 0)
            memset(frame, 1, n);
        else
            lay_shape(rng, pool, width, height, frame);
    }
    return masked;
}

int clv_gaps_seed(clv_random *rng, const uint8_t *masks, int count, int dates, size_t n, uint8_t *gap)
{
    int most = dates / 2 < count ? dates / 2 : count, frames[MOST_DATES];
    memset(gap, 0, (size_t)dates * n);
    if (most < 1 || dates > MOST_DATES)
        return 0;
    const int k = 1 + clv_random_int(rng, most);
    for (int i = 0; i < dates; i++)
        frames[i] = i;
    shuffle(rng, frames, dates);
    for (int i = 0; i < k; i++)
        for (size_t p = 0; p < n; p++)
            gap[(size_t)frames[i] * n + p] = masks[(size_t)i * n + p] != 0;
    return k;
}
