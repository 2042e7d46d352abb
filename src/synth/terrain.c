/* SPDX-License-Identifier: MIT */
#include "synth/terrain.h"

#include <math.h>

#include "base/random.h"

CLV_EXACT_FLOATS

#define VALLEY_M 12500.0 /* from river to river */
#define TOWN_M 4200.0    /* stretch of a valley that has one town at most */
#define LAKE_M 6000.0    /* cell that has one lake at most */

enum { SEED_COURSE, SEED_WIDTH, SEED_SHORE, SEED_TOWN, SEED_ROAD, SEED_RIDGE, SEED_BUMPS, SEED_LAKE };

void clv_terrain_init(clv_terrain *t, uint64_t seed)
{
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(seed, 100));
    for (int i = 0; i < 8; i++)
        t->seeds[i] = (uint32_t)clv_hash_seed(seed, 101 + (uint64_t)i);
    /* Valleys run within about 35 degrees of west-east or north-south. */
    double dx = 1.0, dy = clv_random_range(&rng, -0.7, 0.7);
    if (clv_random_unit(&rng) < 0.5) {
        const double swap = dx;
        dx = dy;
        dy = swap;
    }
    const double length = sqrt(dx * dx + dy * dy);
    t->dir_x = dx / length;
    t->dir_y = dy / length;
    /* The first river crosses the north-western corner of the land, so that a small scene has one. */
    const double ax = clv_random_range(&rng, 1700.0, 3400.0), ay = clv_random_range(&rng, 1700.0, 3400.0);
    t->anchor_u = ax * t->dir_x + ay * t->dir_y;
    t->anchor_v = ay * t->dir_x - ax * t->dir_y;
}

/* Where river `index` flows: its v at u. Three sizes of bends; small ones are what makes a lowland river. */
static double river_course(const clv_terrain *t, clv_noise_cell *cells, int index, double u)
{
    const double lane = 31.7 * (index + 40);
    const uint32_t seed = t->seeds[SEED_COURSE];
    const double wide = clv_noise(&cells[0], seed, u / 9000.0, lane) * (950.0 / CLV_NOISE_SD);
    const double bend = clv_noise(&cells[1], seed + 1u, u / 2300.0, lane) * (230.0 / CLV_NOISE_SD);
    const double curl = clv_noise(&cells[2], seed + 2u, u / 720.0, lane) * (60.0 / CLV_NOISE_SD);
    return wide + bend + curl + index * VALLEY_M;
}

/* The same without the small bends, for roads, towns and hills. */
static double valley_course(const clv_terrain *t, clv_noise_cell *cell, int index, double u)
{
    const double lane = 31.7 * (index + 40);
    return clv_noise(cell, t->seeds[SEED_COURSE], u / 9000.0, lane) * (950.0 / CLV_NOISE_SD) + index * VALLEY_M;
}

/* Towns lie beside the river; place->town and works are scores that fall off towards the rim, made ragged by noise. */
static void find_town(const clv_terrain *t, clv_terrain_cache *c, int valley, double u, double w, clv_place *place)
{
    const int64_t cell = (int64_t)floor(u / TOWN_M);
    double best = -4.0, works = -4.0;
    uint32_t id = 0;
    for (int64_t i = cell - 1; i <= cell + 1; i++) {
        for (int village = 0; village < 2; village++) {
            const uint64_t h = clv_hash2(t->seeds[SEED_TOWN] + (uint64_t)village, i, valley);
            const uint64_t g = clv_hash(h);
            const bool first = i == 0 && valley == 0 && village == 0;
            if (!first && clv_hash_part(h, 0) > (village ? 0.75 : 0.6))
                continue;
            const double radius = village ? 180.0 + 260.0 * clv_hash_part(h, 1)
                                  : first ? 950.0
                                          : 450.0 + 700.0 * clv_hash_part(h, 1);
            const double side = (clv_hash_part(h, 2) < 0.5 ? -1.0 : 1.0) *
                                (village ? 1500.0 + 1400.0 * clv_hash_part(h, 3) : 500.0 + 500.0 * clv_hash_part(h, 3));
            const double cu = ((double)i + 0.2 + 0.6 * clv_hash_part(g, 0)) * TOWN_M, du = u - cu, dw = w - side;
            const double score = 1.0 - sqrt(du * du * 0.7 + dw * dw) / radius;
            if (score > best) {
                best = score;
                id = (uint32_t)h;
                const double ou = du - radius * (clv_hash_part(g, 1) < 0.5 ? 0.75 : -0.75),
                             ow = dw - 0.5 * radius * (clv_hash_part(g, 2) - 0.5);
                works = village ? -4.0 : 1.0 - sqrt(ou * ou + ow * ow) / (0.5 * radius);
            }
        }
    }
    place->town = best;
    place->works = works;
    place->town_id = id;
    if (best > -0.8) {
        const double ragged = 0.22 * clv_noise_fractal(c->rim, t->seeds[SEED_TOWN] + 9u, u / 420.0, w / 420.0, 3, 0.6);
        place->town += ragged - 0.15;
        place->works += 2.0 * ragged;
    }
}

static void find_lake(const clv_terrain *t, clv_terrain_cache *c, double x, double y, double hill, clv_place *place)
{
    const int64_t i = (int64_t)floor(x / LAKE_M), j = (int64_t)floor(y / LAKE_M);
    const uint64_t h = clv_hash2(t->seeds[SEED_LAKE], i, j);
    place->lake_m = 1e6;
    if (clv_hash_part(h, 0) > 0.7)
        return;
    /* The cell keeps a margin, so that no neighbour has to be looked at. */
    const double cx = ((double)i + 0.25 + 0.5 * clv_hash_part(h, 1)) * LAKE_M,
                 cy = ((double)j + 0.25 + 0.5 * clv_hash_part(h, 2)) * LAKE_M;
    const double radius = 150.0 + 500.0 * clv_hash_part(h, 3) * clv_hash_part(h, 3);
    const double dx = x - cx, dy = y - cy, distance = sqrt(dx * dx + dy * dy);
    if (distance > 2.2 * radius)
        return;
    const double ragged =
        clv_noise_fractal(c->shore, t->seeds[SEED_SHORE], x / (1.1 * radius), y / (1.1 * radius), 4, 0.5);
    place->lake_m = distance - radius * (1.0 + 0.32 * ragged) + 700.0 * hill;
}

static void find_roads(const clv_terrain *t, clv_terrain_cache *c, int valley, double u, double w, clv_place *place)
{
    const double lane = 11.3 * (valley + 50);
    const uint32_t seed = t->seeds[SEED_ROAD];
    /* One along the valley, one across about every town stretch, a motorway on the other side. */
    const double along = 620.0 + clv_noise(&c->road, seed, u / 2600.0, lane) * (190.0 / CLV_NOISE_SD);
    double nearest = fabs(w - along);
    const int64_t cell = (int64_t)floor(u / TOWN_M);
    const double sway = clv_noise(&c->lane, seed + 1u, w / 1700.0, 0.37 * (double)cell + lane) * (130.0 / CLV_NOISE_SD);
    for (int side = 0; side < 2; side++) {
        const uint64_t h = clv_hash2(seed, cell, valley * 2 + side);
        const double at =
            ((double)cell + 0.12 + 0.25 * clv_hash_part(h, 0) + 0.47 * side) * TOWN_M + sway * (side ? -0.8 : 1.0);
        /* Some end at the main road. */
        if (clv_hash_part(h, 1) < 0.45 && (clv_hash_part(h, 2) < 0.5) == (w > along))
            continue;
        const double d = fabs(u - at);
        nearest = d < nearest ? d : nearest;
    }
    place->road_m = nearest;
    const double fast = -1900.0 + clv_noise(&c->motorway, seed + 2u, u / 7000.0, lane) * (260.0 / CLV_NOISE_SD);
    place->motorway_m = (clv_hash2(seed, valley, 77) & 1) || valley == 0 ? fabs(w - fast) : 1e6;
}

clv_place clv_terrain_place(const clv_terrain *t, clv_terrain_cache *c, double x, double y)
{
    clv_place place;
    const double u = x * t->dir_x + y * t->dir_y - t->anchor_u;
    const double across = y * t->dir_x - x * t->dir_y - t->anchor_v;
    const int valley = (int)floor(across / VALLEY_M + 0.5);
    const double here = across - river_course(t, c->course, valley, u);
    const double turn = (here - (across - river_course(t, c->ahead, valley, u + 40.0))) / 40.0;
    const double w = across - valley_course(t, &c->middle, valley, u);
    place.u = u;
    place.v = here / sqrt(1.0 + turn * turn);
    const double half_width =
        32.0 + 11.0 * clv_noise(&c->wide, t->seeds[SEED_WIDTH], u / 900.0, 9.1 * valley) / CLV_NOISE_SD;
    place.river_m = fabs(place.v) - (half_width > 14.0 ? half_width : 14.0);
    /* Hills begin some way off the river and are highest halfway to the next one. */
    const double ragged = 0.10 * clv_noise_fractal(c->hills, t->seeds[SEED_BUMPS] + 3u, x / 3800.0, y / 3800.0, 4, 0.5);
    place.hill = clv_smoothstep(0.22, 0.95, fabs(across - valley * VALLEY_M) / (0.5 * VALLEY_M) + ragged);
    find_town(t, c, valley, u, w, &place);
    find_lake(t, c, x, y, place.hill, &place);
    find_roads(t, c, valley, u, w, &place);
    return place;
}

double clv_terrain_height(const clv_terrain *t, clv_terrain_cache *c, const clv_place *place, double x, double y)
{
    const double rolling = 9.0 * clv_noise_fractal(c->rolling, t->seeds[SEED_BUMPS], x / 1500.0, y / 1500.0, 5, 0.45);
    if (place->hill <= 0.0)
        return rolling;
    /* Ridges: folded noise, steep sides and sharp crests, finer folds weaker in the valleys between. */
    double qx = x / 2300.0, qy = y / 2300.0, sum = 0.0, amplitude = 1.0, keep = 1.0;
    for (int i = 0; i < 6; i++) {
        const double fold =
            1.0 - fabs(clv_noise(&c->ridge[i], t->seeds[SEED_RIDGE] + (uint32_t)i, qx, qy)) * (0.55 / CLV_NOISE_SD);
        const double crest = (fold > 0.0 ? fold : 0.0) * keep;
        sum += amplitude * crest;
        keep = crest < 1.0 ? 0.25 + 0.75 * crest : 1.0;
        amplitude *= 0.48;
        const double turned = 1.64 * qx + 1.18 * qy + 3.1;
        qy = 1.64 * qy - 1.18 * qx - 9.4;
        qx = turned;
    }
    return rolling + place->hill * (100.0 + 560.0 * sum);
}
