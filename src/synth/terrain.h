/* SPDX-License-Identifier: MIT
 *
 * terrain: the lie of an invented land: rivers in valleys, hills between them, lakes, roads and towns, as a pure
 * function of seed and position in metres. So any part of a land without end can be surveyed on its own, at any pixel
 * size.
 *
 *     clv_terrain terrain;
 *     clv_terrain_init(&terrain, seed);
 *     clv_terrain_cache cache = {0};                             // makes walking along a row fast
 *     clv_place place = clv_terrain_place(&terrain, &cache, x, y);
 *     if (place.river_m < 0.0) ...                               // in the river
 *
 * x runs east, y south. Valleys run along u, towns and roads follow them. No libm: the same bits on every machine.
 * Threads: a terrain is read-only after init; a cache belongs to one thread.
 */
#ifndef CLV_SYNTH_TERRAIN_H
#define CLV_SYNTH_TERRAIN_H

#include <stdint.h>

#include "synth/noise.h"

typedef struct clv_terrain {
    uint32_t seeds[8];
    double dir_x, dir_y;       /* direction of u, unit length */
    double anchor_u, anchor_v; /* a point that river number 0 passes near by */
} clv_terrain;

typedef struct clv_terrain_cache {
    clv_noise_cell course[3], ahead[3], middle, wide, road, motorway, lane;
    clv_noise_cell shore[CLV_NOISE_OCTAVES], rim[CLV_NOISE_OCTAVES], hills[CLV_NOISE_OCTAVES];
    clv_noise_cell ridge[CLV_NOISE_OCTAVES], rolling[CLV_NOISE_OCTAVES];
} clv_terrain_cache;

/* Distances are in metres and signed where the thing has an area: negative inside. */
typedef struct clv_place {
    double u, v;       /* along and across the valley; v = 0 is the middle of the river */
    double hill;       /* 0 valley floor .. 1 hilltops */
    double river_m;    /* to the river's bank */
    double lake_m;     /* to a lake's shore */
    double road_m;     /* to the middle of the nearest country road */
    double motorway_m; /* to the middle of the motorway */
    double town;       /* > 0 inside a town, up to 1 in its centre; < 0 outside */
    double works;      /* > 0 inside an industrial quarter */
    uint32_t town_id;
} clv_place;

void clv_terrain_init(clv_terrain *terrain, uint64_t seed);
clv_place clv_terrain_place(const clv_terrain *terrain, clv_terrain_cache *cache, double x, double y);
/* Height above the valley in metres, 0 .. about 1300. */
double clv_terrain_height(const clv_terrain *terrain, clv_terrain_cache *cache, const clv_place *place, double x,
                          double y);

#endif
