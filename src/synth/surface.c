/* SPDX-License-Identifier: MIT */
#include "synth/surface.h"

#include <stdbool.h>

#include "base/random.h"
#include "synth/noise.h"

CLV_EXACT_FLOATS

/*                                         red     green   blue    NIR */
static const clv_spectrum PALE_SOIL = {{0.190f, 0.145f, 0.105f, 0.275f}};
static const clv_spectrum DARK_SOIL = {{0.098f, 0.078f, 0.060f, 0.165f}};
static const clv_spectrum RED_SOIL = {{0.165f, 0.108f, 0.076f, 0.235f}};
static const clv_spectrum LEAVES = {{0.028f, 0.062f, 0.027f, 0.480f}};
static const clv_spectrum GRASS = {{0.042f, 0.076f, 0.034f, 0.410f}};
static const clv_spectrum MOWN = {{0.110f, 0.118f, 0.068f, 0.330f}};
static const clv_spectrum RIPE = {{0.172f, 0.145f, 0.092f, 0.310f}};
static const clv_spectrum STUBBLE = {{0.198f, 0.168f, 0.122f, 0.295f}};
static const clv_spectrum BLOSSOM = {{0.165f, 0.180f, 0.052f, 0.450f}};
static const clv_spectrum DRY_GRASS = {{0.115f, 0.105f, 0.068f, 0.270f}};
static const clv_spectrum CONIFER = {{0.019f, 0.033f, 0.019f, 0.215f}};
static const clv_spectrum BROADLEAF = {{0.024f, 0.049f, 0.022f, 0.390f}};
static const clv_spectrum YOUNG_LEAF = {{0.036f, 0.072f, 0.027f, 0.380f}};
static const clv_spectrum BARE_WOOD = {{0.068f, 0.060f, 0.044f, 0.185f}};
static const clv_spectrum AUTUMN = {{0.095f, 0.075f, 0.035f, 0.300f}};
static const clv_spectrum ROCK = {{0.140f, 0.130f, 0.115f, 0.175f}};
static const clv_spectrum RIVER = {{0.034f, 0.050f, 0.042f, 0.018f}};
static const clv_spectrum MUDDY = {{0.085f, 0.082f, 0.060f, 0.045f}};
static const clv_spectrum LAKE = {{0.016f, 0.032f, 0.034f, 0.009f}};
static const clv_spectrum GRAVEL = {{0.225f, 0.210f, 0.180f, 0.260f}};
static const clv_spectrum ASPHALT = {{0.115f, 0.108f, 0.100f, 0.160f}};
static const clv_spectrum TILES = {{0.185f, 0.110f, 0.080f, 0.250f}};
static const clv_spectrum SLATE = {{0.092f, 0.090f, 0.088f, 0.125f}};
static const clv_spectrum CONCRETE = {{0.205f, 0.195f, 0.178f, 0.240f}};
static const clv_spectrum WHITE_ROOF = {{0.360f, 0.355f, 0.350f, 0.390f}};
static const clv_spectrum BLUE_ROOF = {{0.105f, 0.130f, 0.165f, 0.210f}};

static double unit_of(uint64_t id, int salt)
{
    return clv_hash_unit(clv_hash_seed(id, (uint64_t)salt));
}

static clv_spectrum mix(clv_spectrum a, clv_spectrum b, double share)
{
    for (int i = 0; i < 4; i++)
        a.band[i] += (b.band[i] - a.band[i]) * (float)share;
    return a;
}

static clv_spectrum scaled(clv_spectrum a, double factor)
{
    for (int i = 0; i < 4; i++)
        a.band[i] *= (float)factor;
    return a;
}

/* Rises from 0 to 1 between days a and b, falls back to 0 between days c and d. */
static double season(double day, double a, double b, double c, double d)
{
    return clv_smoothstep(a, b, day) * (1.0 - clv_smoothstep(c, d, day));
}

static clv_spectrum soil_of(uint64_t id, const clv_weather *weather)
{
    clv_spectrum soil = mix(DARK_SOIL, PALE_SOIL, unit_of(id, 1));
    if (unit_of(id, 2) < 0.25)
        soil = mix(soil, RED_SOIL, 0.7);
    return scaled(soil, 1.05 - 0.35 * weather->wet);
}

typedef enum crop { CEREAL, RAPE, MAIZE, ROOTS, MEADOW, ORCHARD, FALLOW } crop;

static crop crop_of(uint64_t id)
{
    static const struct {
        crop kind;
        double up_to;
    } shares[] = {{CEREAL, 0.29}, {RAPE, 0.37}, {MAIZE, 0.57}, {ROOTS, 0.66}, {MEADOW, 0.88}, {ORCHARD, 0.96}};
    const double r = unit_of(id, 3);
    for (int i = 0; i < 6; i++)
        if (r < shares[i].up_to)
            return shares[i].kind;
    return FALLOW;
}

/* Sown in autumn: green from early spring, ripe in July, cut on one day, stubble, then ploughed and green again. */
static clv_spectrum cereal(uint64_t id, double day, clv_spectrum soil, double vigour, bool rape)
{
    const double ripe = (rape ? 172.0 : 168.0) + 14.0 * unit_of(id, 10), cut = ripe + 22.0 + 8.0 * unit_of(id, 11);
    const double plough = cut + 12.0 + 40.0 * unit_of(id, 12), sown = (rape ? 240.0 : 275.0) + 15.0 * unit_of(id, 13);
    if (day >= cut)
        return day < plough ? mix(STUBBLE, soil, 0.15)
                            : mix(soil, LEAVES, 0.35 * vigour * clv_smoothstep(sown, sown + 40.0, day));
    const double start = 55.0 + 20.0 * unit_of(id, 14);
    const double cover = vigour * (0.28 + 0.68 * clv_smoothstep(start, start + 60.0, day));
    clv_spectrum s = mix(soil, LEAVES, cover);
    if (rape)
        s = mix(s, BLOSSOM, 0.85 * season(day, 100.0, 112.0, 126.0, 140.0));
    return mix(s, RIPE, 0.93 * clv_smoothstep(ripe - 22.0, ripe + 6.0, day));
}

/* Sown in spring into bare soil; maize stands until autumn. */
static clv_spectrum spring_crop(uint64_t id, double day, clv_spectrum soil, double vigour, bool maize)
{
    const double up = (maize ? 138.0 : 122.0) + 16.0 * unit_of(id, 20);
    const double harvest = (maize ? 255.0 : 268.0) + 22.0 * unit_of(id, 21);
    if (day >= harvest)
        return mix(soil, STUBBLE, maize ? 0.4 : 0.1);
    /* A winter catch crop on some fields, ploughed under on a day in April. */
    if (day < 92.0 + 25.0 * unit_of(id, 22) && unit_of(id, 23) < 0.35)
        return mix(soil, GRASS, 0.65);
    const clv_spectrum s = mix(soil, LEAVES, vigour * 0.95 * clv_smoothstep(up, up + 48.0, day));
    return maize ? mix(s, RIPE, 0.75 * clv_smoothstep(harvest - 35.0, harvest - 5.0, day)) : s;
}

/* Cut three or four times; pale for some days, green again after three weeks. */
static clv_spectrum meadow(uint64_t id, double day, double vigour)
{
    const double growth = 0.55 + 0.45 * clv_smoothstep(85.0, 125.0, day) - 0.35 * clv_smoothstep(275.0, 330.0, day);
    clv_spectrum s = mix(DRY_GRASS, GRASS, growth * vigour);
    const double first = 128.0 + 25.0 * unit_of(id, 30), every = 38.0 + 14.0 * unit_of(id, 31);
    for (int cut = 0; cut < 4; cut++) {
        const double since = day - first - every * cut;
        if (since >= 0.0 && since < 30.0)
            s = mix(s, MOWN, 0.85 * (1.0 - clv_smoothstep(4.0, 26.0, since)));
    }
    return s;
}

static clv_spectrum crop_surface(uint64_t id, double day, const clv_weather *weather)
{
    const clv_spectrum soil = soil_of(id, weather);
    const double vigour = 0.72 + 0.28 * unit_of(id, 4);
    switch (crop_of(id)) {
    case CEREAL:
        return cereal(id, day, soil, vigour, false);
    case RAPE:
        return cereal(id, day, soil, vigour, true);
    case MAIZE:
        return spring_crop(id, day, soil, vigour, true);
    case ROOTS:
        return spring_crop(id, day, soil, vigour, false);
    case MEADOW:
        return meadow(id, day, vigour);
    case ORCHARD:
        return mix(mix(soil, GRASS, 0.45), YOUNG_LEAF, 0.5 * season(day, 100.0, 140.0, 285.0, 315.0));
    case FALLOW:
        break;
    }
    return mix(soil, DRY_GRASS, 0.25 + 0.5 * unit_of(id, 5));
}

static clv_spectrum broadleaf(uint64_t id, double day)
{
    const double late = 10.0 * (unit_of(id, 40) - 0.5);
    const double leaf = season(day, 98.0 + late, 132.0 + late, 285.0 + late, 318.0 + late);
    clv_spectrum s = mix(BARE_WOOD, mix(YOUNG_LEAF, BROADLEAF, clv_smoothstep(125.0, 165.0, day)), leaf);
    return mix(s, AUTUMN, 0.7 * season(day, 270.0 + late, 292.0 + late, 300.0, 325.0));
}

static clv_spectrum town(uint64_t id, double day, const clv_weather *weather)
{
    const double r = unit_of(id, 50), tone = 0.75 + 0.5 * unit_of(id, 51);
    const clv_spectrum garden = mix(mix(broadleaf(id, day), GRASS, unit_of(id, 52)), ASPHALT, 0.15);
    if (r < 0.26)
        return garden;
    if (r < 0.54)
        return mix(scaled(TILES, tone), garden, 0.22);
    if (r < 0.72)
        return mix(scaled(SLATE, tone), garden, 0.18);
    if (r < 0.85)
        return mix(scaled(ASPHALT, 1.0 - 0.15 * weather->wet), garden, 0.1);
    if (r < 0.97)
        return scaled(CONCRETE, tone);
    return scaled(WHITE_ROOF, tone * 0.85);
}

static clv_spectrum works(uint64_t id, const clv_weather *weather)
{
    const double r = unit_of(id, 60), tone = 0.7 + 0.5 * unit_of(id, 61);
    if (r < 0.40)
        return scaled(ASPHALT, 1.15 - 0.15 * weather->wet);
    if (r < 0.72)
        return scaled(CONCRETE, tone);
    if (r < 0.86)
        return scaled(SLATE, tone * 1.2);
    return r < 0.90 ? scaled(BLUE_ROOF, tone) : scaled(WHITE_ROOF, tone * 0.9);
}

static clv_spectrum water(clv_spectrum s, const clv_weather *weather)
{
    for (int i = 0; i < 4; i++)
        s.band[i] += (float)weather->glint;
    return s;
}

clv_spectrum clv_surface(clv_ground_kind kind, uint64_t id, double day_of_year, const clv_weather *weather)
{
    const double day = day_of_year - weather->spring;
    switch (kind) {
    case CLV_GROUND_CROP:
        return crop_surface(id, day, weather);
    case CLV_GROUND_GRASS:
        return mix(DRY_GRASS, GRASS, 0.5 + 0.45 * season(day, 85.0, 125.0, 260.0, 320.0) - 0.15 * unit_of(id, 6));
    case CLV_GROUND_CONIFER:
        return mix(CONIFER, BROADLEAF, 0.12 * season(day, 130.0, 170.0, 240.0, 290.0));
    case CLV_GROUND_BROADLEAF:
        return broadleaf(id, day);
    case CLV_GROUND_ROCK:
        return scaled(ROCK, 1.0 - 0.12 * weather->wet);
    case CLV_GROUND_RIVER:
        return water(mix(RIVER, MUDDY, 0.8 * weather->wet * weather->wet), weather);
    case CLV_GROUND_LAKE:
        return water(LAKE, weather);
    case CLV_GROUND_GRAVEL:
        return scaled(GRAVEL, 1.0 - 0.2 * weather->wet);
    case CLV_GROUND_ASPHALT:
        return scaled(ASPHALT, 1.0 - 0.15 * weather->wet);
    case CLV_GROUND_TRACK:
        return mix(scaled(PALE_SOIL, 1.05 - 0.3 * weather->wet), GRASS, 0.35);
    case CLV_GROUND_TOWN:
        return town(id, day, weather);
    case CLV_GROUND_WORKS:
        break;
    }
    return works(id, weather);
}

double clv_surface_rows(clv_ground_kind kind, uint64_t id)
{
    return kind == CLV_GROUND_CROP && crop_of(id) == ORCHARD ? 1.0 : 0.0;
}
