/* SPDX-License-Identifier: MIT */
#include "synth/landscape.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/random.h"
#include "synth/parcels.h"

CLV_EXACT_FLOATS

#define SUB 2    /* samples a pixel and axis */
#define MARGIN 4 /* samples around a window: the sensor's blur and misregistration reach that far */
#define LATITUDE 46.5
#define PI 3.14159265358979323846

enum { SEED_WOODS, SEED_STANDS, SEED_CROWNS, SEED_PARCELS, SEED_SOIL, SEED_BANKS, SEED_HAZE, SEED_ROCK };

/* Path reflectance relative to blue, by clv_role. */
static const double HAZE_COLOUR[4] = {0.42, 0.64, 1.0, 0.16};

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Taylor's series around 0 after reduction to +-pi/2: within 1e-8, and no libm. */
static double sine(double x)
{
    x -= 2.0 * PI * floor(x / (2.0 * PI) + 0.5);
    if (x > 0.5 * PI)
        x = PI - x;
    else if (x < -0.5 * PI)
        x = -PI - x;
    const double q = x * x;
    return x *
           (1.0 -
            q / 6.0 * (1.0 - q / 20.0 * (1.0 - q / 42.0 * (1.0 - q / 72.0 * (1.0 - q / 110.0 * (1.0 - q / 156.0))))));
}

static double cosine(double x)
{
    return sine(x + 0.5 * PI);
}

void clv_landscape_init(clv_landscape *land, uint64_t seed, double pixel_m)
{
    land->seed = seed;
    land->pixel_m = pixel_m;
    land->late = 8.0 * (clv_hash_unit(clv_hash_seed(seed, 200)) - 0.5);
    clv_terrain_init(&land->terrain, seed);
    for (int i = 0; i < 8; i++)
        land->seeds[i] = (uint32_t)clv_hash_seed(seed, 201 + (uint64_t)i);
}

/* Where the sun stands at Sentinel-2's time of day. */
static void find_sun(double day_of_year, double sun[3])
{
    const double declination = 23.44 * PI / 180.0 * sine(2.0 * PI * (day_of_year - 80.5) / 365.25);
    const double latitude = LATITUDE * PI / 180.0, hour = -20.0 * PI / 180.0;
    sun[0] = -cosine(declination) * sine(hour);
    sun[1] = sine(latitude) * cosine(declination) * cosine(hour) - cosine(latitude) * sine(declination);
    sun[2] = sine(latitude) * sine(declination) + cosine(latitude) * cosine(declination) * cosine(hour);
}

void clv_landscape_day_init(clv_landscape_day *day, const clv_landscape *land, int index, double day_of_year)
{
    clv_random rng;
    memset(day, 0, sizeof *day);
    day->seed = clv_hash_seed(land->seed, 1000 + (uint64_t)index);
    clv_random_seed(&rng, day->seed);
    day->day_of_year = day_of_year;
    find_sun(day_of_year, day->sun);
    const double rain = clv_random_unit(&rng);
    day->weather.wet = rain * rain;
    day->weather.glint = clv_random_unit(&rng) < 0.06 ? 0.035 : 0.0;
    day->weather.spring = land->late;
    const double murk = clv_random_unit(&rng);
    day->haze = 0.003 + 0.016 * murk * murk;
    const double level = 0.025 * clv_random_gauss(&rng);
    for (int b = 0; b < 4; b++)
        day->gain[b] = 1.0 + level + 0.008 * clv_random_gauss(&rng);
    day->shift_x = clamp(0.09 * clv_random_gauss(&rng), -0.25, 0.25);
    day->shift_y = clamp(0.09 * clv_random_gauss(&rng), -0.25, 0.25);
}

static int samples_of(int pixels)
{
    return pixels * SUB + 2 * MARGIN;
}

size_t clv_landscape_ground_count(int width, int height)
{
    return (size_t)samples_of(width) * (size_t)samples_of(height);
}

int clv_landscape_survey_rows(int height)
{
    return samples_of(height);
}

typedef struct survey_cache {
    clv_terrain_cache terrain;
    clv_noise_cell sway, woods[CLV_NOISE_OCTAVES], stands[CLV_NOISE_OCTAVES], crowns[CLV_NOISE_OCTAVES];
    clv_noise_cell soil[CLV_NOISE_OCTAVES], banks[CLV_NOISE_OCTAVES], rock[CLV_NOISE_OCTAVES];
} survey_cache;

/* One sample while it is being decided. */
typedef struct spot {
    const clv_landscape *land;
    survey_cache *cache;
    double x, y, sample_m;
    float height, steep;
    clv_place place;
} spot;

/* Share of a sample of size `sample_m` that a line of `width_m` covers whose middle is `distance_m` away. */
static double line_cover(double distance_m, double width_m, double sample_m)
{
    const double low = clamp(distance_m - 0.5 * sample_m, -0.5 * width_m, 0.5 * width_m);
    const double high = clamp(distance_m + 0.5 * sample_m, -0.5 * width_m, 0.5 * width_m);
    return (high - low) / sample_m;
}

/* Lays a line over the sample unless a wider one is there already. */
static void lay_over(clv_ground *g, clv_ground_kind kind, double cover)
{
    const int share = (int)(255.0 * clamp(cover, 0.0, 1.0) + 0.5);
    if (share > g->cover) {
        g->over = (uint8_t)kind;
        g->cover = (uint8_t)share;
    }
}

/* Streets in a grid of the town's own direction, plots between them. */
static void build(const spot *s, clv_ground *g, double plot_m, double block_m, double street_m, clv_ground_kind kind)
{
    const uint64_t h = clv_hash(s->place.town_id);
    double dx = clv_hash_part(h, 0) - 0.5, dy = clv_hash_part(h, 1) - 0.5;
    const double length = sqrt(dx * dx + dy * dy) + 1e-6;
    dx /= length;
    dy /= length;
    /* Old towns have no straight streets: the grid sways. */
    const double sway =
        26.0 * clv_noise(&s->cache->sway, s->land->seeds[SEED_BANKS] + 5u, s->x / 330.0, s->y / 330.0) / CLV_NOISE_SD;
    const double a = s->x * dx + s->y * dy + sway, b = s->y * dx - s->x * dy + 0.6 * sway;
    const double qa = a / block_m - floor(a / block_m), qb = b / (1.4 * block_m) - floor(b / (1.4 * block_m));
    const double to_a = (qa < 0.5 ? qa : 1.0 - qa) * block_m, to_b = (qb < 0.5 ? qb : 1.0 - qb) * 1.4 * block_m;
    g->kind = (uint8_t)kind;
    g->id = clv_hash2(s->place.town_id, (int64_t)floor(a / plot_m), (int64_t)floor(b / plot_m));
    lay_over(g, CLV_GROUND_ASPHALT, line_cover(to_a < to_b ? to_a : to_b, street_m, s->sample_m));
}

static void plant_wood(const spot *s, clv_ground *g)
{
    const clv_landscape *land = s->land;
    survey_cache *c = s->cache;
    /* Stands of one kind some hundred metres wide, conifers rather higher up. */
    const double stand = clv_noise_fractal(c->stands, land->seeds[SEED_STANDS], s->x / 1000.0, s->y / 1000.0, 4, 0.6);
    g->kind = stand + 0.9 * s->place.hill > 0.45 ? CLV_GROUND_CONIFER : CLV_GROUND_BROADLEAF;
    /* Broadleaf ids change slowly, so that neighbours come into leaf together. */
    g->id =
        clv_hash2(land->seed, (int64_t)floor(s->x / 420.0 + 0.4 * stand), (int64_t)floor(s->y / 420.0 - 0.4 * stand));
    const double crowns = clv_noise_fractal(c->crowns, land->seeds[SEED_CROWNS], s->x / 130.0, s->y / 130.0, 4, 0.75);
    g->texture = (float)(1.0 + clamp(0.13 * crowns, -0.3, 0.4) + 0.05 * stand);
}

/* Woods where the slow field is high: on hills and steep slopes mostly, along parcels' edges in the plain. */
static bool is_wood(const spot *s, const clv_parcel *parcel)
{
    const double field =
        clv_noise_fractal(s->cache->woods, s->land->seeds[SEED_WOODS], s->x / 1500.0, s->y / 1500.0, 5, 0.5);
    const double own = clv_hash_unit(clv_hash(parcel->id ^ 0x5A5A)) - 0.5;
    const double banks = s->place.river_m < 160.0 ? 0.9 * (1.0 - s->place.river_m / 160.0) : 0.0;
    const double score =
        field + (1.0 - s->place.hill) * (0.5 * own - 1.0) + 2.2 * s->place.hill + 1.5 * (double)s->steep + 1.3 * banks;
    return score > 0.75 && s->place.town < -0.05;
}

static void farm(const spot *s, clv_ground *g, const clv_parcel *parcel)
{
    const double upland = s->place.hill + 0.15 * (clv_hash_unit(parcel->block) - 0.5);
    g->kind = upland > 0.28 ? CLV_GROUND_GRASS : CLV_GROUND_CROP;
    g->id = parcel->id;
    /* Soil and growth vary over a field, and a little from row to row. */
    const double patchy =
        clv_noise_fractal(s->cache->soil, s->land->seeds[SEED_SOIL], s->x / 210.0, s->y / 210.0, 4, 0.6);
    g->stress = (float)clamp(0.45 * patchy, -1.0, 1.0);
    g->texture = (float)(1.0 + 0.035 * patchy);
    if (clv_surface_rows((clv_ground_kind)g->kind, g->id) > 0.0) {
        const double q = parcel->row / 31.0;
        g->texture *= (float)(0.90 + 0.22 * fabs(2.0 * (q - floor(q)) - 1.0));
    }
    if (parcel->block & 1)
        lay_over(g, CLV_GROUND_TRACK, line_cover(parcel->block_m, 6.0, s->sample_m));
    else if ((parcel->block & 6) == 2)
        lay_over(g, CLV_GROUND_BROADLEAF, line_cover(parcel->block_m, 14.0, s->sample_m));
    lay_over(g, CLV_GROUND_GRASS, 0.6 * line_cover(parcel->edge_m, 4.0, s->sample_m));
}

static void settle_land(const spot *s, clv_ground *g)
{
    const clv_landscape *land = s->land;
    const clv_place *p = &s->place;
    const clv_parcel parcel = clv_parcel_at(land->seeds[SEED_PARCELS], s->x, s->y, 640.0);
    if (p->works > 0.0) {
        build(s, g, 46.0, 210.0, 15.0, CLV_GROUND_WORKS);
        return;
    }
    if (p->town > 0.0) {
        const double park = clv_hash_unit(clv_hash(parcel.id ^ 0x77)) + 0.5 * p->town;
        if (park < 0.13)
            plant_wood(s, g);
        else
            build(s, g, 21.0, p->town > 0.35 ? 85.0 : 115.0, 9.0, CLV_GROUND_TOWN);
        return;
    }
    if (p->hill > 0.6) {
        const double bare =
            clv_noise_fractal(s->cache->rock, land->seeds[SEED_ROCK], s->x / 380.0, s->y / 380.0, 5, 0.6);
        if ((double)s->height > 1220.0 + 120.0 * bare - 260.0 * ((double)s->steep - 0.4)) {
            g->kind = CLV_GROUND_ROCK;
            g->texture = (float)(1.0 + 0.12 * bare);
            return;
        }
    }
    if (is_wood(s, &parcel))
        plant_wood(s, g);
    else
        farm(s, g, &parcel);
}

static void decide(const spot *s, clv_ground *g)
{
    const clv_place *p = &s->place;
    g->texture = 1.0f;
    if (p->lake_m < 0.0 || p->river_m < 0.0) {
        g->kind = p->lake_m < 0.0 ? CLV_GROUND_LAKE : CLV_GROUND_RIVER;
        const double depth = p->lake_m < 0.0 ? -p->lake_m : -3.0 * p->river_m;
        g->texture = (float)(1.0 + 0.5 * (1.0 - clv_smoothstep(0.0, 90.0, depth)));
    } else {
        settle_land(s, g);
        if (p->river_m < 26.0) {
            const double bar =
                clv_noise_fractal(s->cache->banks, s->land->seeds[SEED_BANKS], s->x / 260.0, s->y / 260.0, 3, 0.5);
            if (bar > 0.6)
                lay_over(g, CLV_GROUND_GRAVEL, 0.85);
        }
    }
    lay_over(g, CLV_GROUND_ASPHALT, p->hill < 0.75 ? line_cover(p->road_m, 11.0, s->sample_m) : 0.0);
    lay_over(g, CLV_GROUND_ASPHALT, line_cover(p->motorway_m, 27.0, s->sample_m));
}

/* Sample (i, j) of the window at pixel (x, y): position, place and height. */
static spot look_at(const clv_landscape *land, survey_cache *cache, int x, int y, int i, int j)
{
    spot s = {.land = land, .cache = cache, .sample_m = land->pixel_m / SUB};
    s.x = ((double)x * SUB - MARGIN + i + 0.5) * s.sample_m;
    s.y = ((double)y * SUB - MARGIN + j + 0.5) * s.sample_m;
    s.place = clv_terrain_place(&land->terrain, &cache->terrain, s.x, s.y);
    s.height = (float)clv_terrain_height(&land->terrain, &cache->terrain, &s.place, s.x, s.y);
    return s;
}

void clv_landscape_survey(const clv_landscape *land, int x, int y, int width, int from, int to, clv_ground *ground)
{
    const int nx = samples_of(width);
    survey_cache cache;
    memset(&cache, 0, sizeof cache);
    for (int j = from; j < to; j++) {
        float left = look_at(land, &cache, x, y, -1, j).height;
        for (int i = 0; i < nx; i++) {
            clv_ground *g = &ground[(size_t)j * (size_t)nx + (size_t)i];
            spot s = look_at(land, &cache, x, y, i, j);
            const float above = j > from ? (g - nx)->height : look_at(land, &cache, x, y, i, j - 1).height;
            memset(g, 0, sizeof *g);
            g->height = s.height;
            g->slope_x = (s.height - left) / (float)s.sample_m;
            g->slope_y = (s.height - above) / (float)s.sample_m;
            s.steep = sqrtf(g->slope_x * g->slope_x + g->slope_y * g->slope_y);
            left = s.height;
            decide(&s, g);
        }
    }
}

size_t clv_landscape_work_count(int width, int height)
{
    return 4 * clv_landscape_ground_count(width, height) + (size_t)samples_of(height) * (size_t)width;
}

/* Sun on the slope relative to sun on flat land; skylight reaches every slope. */
static float sunlight(const clv_ground *g, const double sun[3])
{
    const float up = (float)sun[2];
    const float into = up - g->slope_x * (float)sun[0] - g->slope_y * (float)sun[1];
    const float steep = 1.0f + g->slope_x * g->slope_x + g->slope_y * g->slope_y;
    const float ratio = (into > 0.0f ? into : 0.0f) / (up * sqrtf(steep));
    return 0.28f + 0.72f * (ratio < 1.9f ? ratio : 1.9f);
}

/* Spectra of the latest few things: neighbours are mostly the same. */
typedef struct spectra {
    int count;
    struct {
        uint64_t id;
        int kind;
        clv_spectrum spectrum;
    } latest[8];
} spectra;

static const clv_spectrum *spectrum_of(spectra *s, int kind, uint64_t id, const clv_landscape_day *day)
{
    const int slot = (int)((id ^ (id >> 7) ^ (uint64_t)kind) & 7);
    if (!(s->count & (1 << slot)) || s->latest[slot].id != id || s->latest[slot].kind != kind) {
        s->count |= 1 << slot;
        s->latest[slot].id = id;
        s->latest[slot].kind = kind;
        s->latest[slot].spectrum = clv_surface((clv_ground_kind)kind, id, day->day_of_year, &day->weather);
    }
    return &s->latest[slot].spectrum;
}

static void paint(const clv_landscape_day *day, const clv_ground *ground, size_t count, float *planes)
{
    spectra near = {0};
    for (size_t i = 0; i < count; i++) {
        const clv_ground *g = &ground[i];
        clv_spectrum s = *spectrum_of(&near, g->kind, g->id, day);
        /* A stressed stand is thinner: soil's red and blue come through and NIR falls. */
        if (g->kind == CLV_GROUND_CROP || g->kind == CLV_GROUND_GRASS) {
            const float lack = g->stress * 0.13f;
            s.band[0] *= 1.0f + 1.3f * lack;
            s.band[1] *= 1.0f + 0.7f * lack;
            s.band[2] *= 1.0f + 0.9f * lack;
            s.band[3] *= 1.0f - 0.6f * lack;
        }
        const float light = g->kind == CLV_GROUND_RIVER || g->kind == CLV_GROUND_LAKE ? 1.0f : sunlight(g, day->sun);
        const float share = (float)g->cover * (1.0f / 255.0f);
        const clv_spectrum *over = g->cover ? spectrum_of(&near, g->over, g->id, day) : &s;
        for (int b = 0; b < 4; b++)
            planes[(size_t)b * count + i] = (s.band[b] * g->texture * (1.0f - share) + over->band[b] * share) * light;
    }
}

/* Weights of a pixel's five samples along an axis: the pixel's own width, a little optical blur, moved by `shift`
 * samples. */
static void blur_weights(double shift, float weight[5], int *first)
{
    static const double blur[4] = {0.10, 0.40, 0.40, 0.10};
    const double whole = floor(shift);
    const double part = shift - whole;
    for (int k = 0; k < 5; k++)
        weight[k] = 0.0f;
    for (int k = 0; k < 4; k++) {
        weight[k] += (float)(blur[k] * (1.0 - part));
        weight[k + 1] += (float)(blur[k] * part);
    }
    *first = (int)whole - 1;
}

static void resample(const float *plane, int width, int height, const clv_landscape_day *day, float *columns,
                     float *out)
{
    const int nx = samples_of(width), ny = samples_of(height);
    float wx[5], wy[5];
    int fx, fy;
    blur_weights(day->shift_x * SUB, wx, &fx);
    blur_weights(day->shift_y * SUB, wy, &fy);
    for (int j = 0; j < ny; j++) {
        const float *row = plane + (size_t)j * (size_t)nx;
        for (int i = 0; i < width; i++) {
            const float *p = row + MARGIN + SUB * i + fx;
            columns[(size_t)j * (size_t)width + (size_t)i] =
                wx[0] * p[0] + wx[1] * p[1] + wx[2] * p[2] + wx[3] * p[3] + wx[4] * p[4];
        }
    }
    for (int j = 0; j < height; j++) {
        const float *p = columns + (size_t)(MARGIN + SUB * j + fy) * (size_t)width;
        for (int i = 0; i < width; i++, p++)
            out[(size_t)j * (size_t)width + (size_t)i] =
                wy[0] * p[0] + wy[1] * p[width] + wy[2] * p[2 * width] + wy[3] * p[3 * width] + wy[4] * p[4 * width];
    }
}

void clv_landscape_render(const clv_landscape *land, const clv_landscape_day *day, const clv_ground *ground, int x,
                          int y, int width, int height, float *const bands[4], float *work)
{
    const size_t count = clv_landscape_ground_count(width, height);
    float *columns = work + 4 * count;
    clv_noise_cell cells[CLV_NOISE_OCTAVES] = {0};
    paint(day, ground, count, work);
    for (int b = 0; b < 4; b++)
        if (bands[b])
            resample(work + (size_t)b * count, width, height, day, columns, bands[b]);
    for (int j = 0; j < height; j++) {
        for (int i = 0; i < width; i++) {
            const double px = (x + (double)i) * land->pixel_m / 6500.0, py = (y + (double)j) * land->pixel_m / 6500.0;
            const double murk =
                day->haze * clamp(1.0 + 0.3 * clv_noise_fractal(cells, (uint32_t)day->seed, px, py, 3, 0.5), 0.2, 1.8);
            for (int b = 0; b < 4; b++) {
                if (!bands[b])
                    continue;
                float *value = &bands[b][(size_t)j * (size_t)width + (size_t)i];
                *value = (float)((double)*value * day->gain[b] * (1.0 - murk * HAZE_COLOUR[b]) + murk * HAZE_COLOUR[b]);
            }
        }
    }
}

uint16_t clv_landscape_digital(const clv_landscape_day *day, int role, int x, int y, float reflectance)
{
    const double noise = clv_hash_gauss(clv_hash2(day->seed + (uint64_t)role + 1, x, y));
    const double value = ((double)reflectance + noise * (0.0006 + 0.006 * (double)reflectance)) * 10000.0 + 0.5;
    return value < 1.0 ? 1 : value > 65535.0 ? 65535 : (uint16_t)value;
}
