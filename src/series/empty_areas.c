/* SPDX-License-Identifier: MIT */
#include "series/empty_areas.h"

#include <stdlib.h>

#include "base/alloc.h"

clv_empty_areas *clv_empty_areas_new(int channels, int width, int height)
{
    clv_empty_areas *e = calloc(1, sizeof *e);
    if (!e)
        return NULL;
    e->channels = channels;
    e->width = (width + CLV_EMPTY_AREAS_BLOCK - 1) / CLV_EMPTY_AREAS_BLOCK;
    e->height = (height + CLV_EMPTY_AREAS_BLOCK - 1) / CLV_EMPTY_AREAS_BLOCK;
    e->in = clv_alloc_array((size_t)channels, 1, sizeof *e->in);
    if (e->in)
        return e;
    free(e);
    return NULL;
}

void clv_empty_areas_free(clv_empty_areas *e)
{
    if (!e)
        return;
    for (int c = 0; e->in && c < e->channels; c++)
        free(e->in[c]);
    free(e->in);
    free(e);
}

bool clv_empty_areas_has(const clv_empty_areas *e, int c)
{
    return e && e->in[c];
}

void clv_empty_areas_keep(const clv_empty_areas *e, int c, clv_rect area, uint8_t *zero)
{
    for (int y = 0; y < area.height; y++) {
        const uint8_t *in = e->in[c] + (size_t)((area.y + y) / CLV_EMPTY_AREAS_BLOCK) * (size_t)e->width;
        uint8_t *row = zero + (size_t)y * (size_t)area.width;
        for (int x = 0; x < area.width; x++)
            row[x] = row[x] && in[(area.x + x) / CLV_EMPTY_AREAS_BLOCK];
    }
}
