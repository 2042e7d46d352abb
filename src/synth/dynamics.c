/* SPDX-License-Identifier: MIT */
#include "synth/dynamics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "image/windows.h"
#include "synth/noise.h"
#include "synth/parcels.h"

CLV_EXACT_FLOATS

enum {
    BANDS = 4,
    REGIONS = 1024,
    SLOTS = 4 * REGIONS,
    EVENTS = 2,
    BINS = 256,
    LATTICE = 8 /* pixels between points of the lattice on which low-frequency fields are made */
};

#define TOP 1.5f
#define YEAR 365.25

/* Streams of the parts, so that the strength of one does not change the others. */
enum { PART_REGIONS = 1, PART_COURSES, PART_TEXTURE, PART_LIGHT, PART_PATTERN, PART_JITTER, PART_NOISE };

/* What a region's change depends on, and its course. */
typedef struct region {
    uint64_t key;
    double count, green, still, wood, rough; /* sums, then means over its pixels */
    double up, rise, length, fall, height;   /* season */
    double drift;                            /* weather: a slow random part */
    int events;
    struct event {
        int kind;
        double day, depth, soil, hold, back;
    } event[EVENTS];
    double wet; /* share of the scene's rain */
    uint32_t seed;
    double plants0, soil0;      /* at the picture's day */
    float plants, soil, uneven; /* at a date, against the picture */
} region;

enum { EVENT_HARVEST, EVENT_PLOUGH, EVENT_IRRIGATE };

struct clv_dynamics_work {
    size_t pixels;
    float *memory;
    float *picture;         /* [bands, n] */
    float *ground, *across; /* a band of a date, before and while it is shifted */
    float *green, *still, *wood, *rough, *bright;
    float *texture, *shimmer; /* factor on the change, and a part that comes and goes */
    float *plants, *soil;     /* change of a date */
    float *spare;
    uint16_t *region; /* [n] */
    int *columns, *rows;
    float *line, *lattice, *pattern;
    region regions[REGIONS];
    int count;
    int16_t slots[SLOTS];
    float dark[BANDS];
};

void clv_dynamics_options_init(clv_dynamics_options *options)
{
    *options = (clv_dynamics_options){.growth = 1.0, .haze = 1.0, .jitter = 0.35, .noise = 1.0};
}

clv_dynamics_work *clv_dynamics_work_new(size_t pixels)
{
    enum { PLANES = 18 };
    if (pixels == 0 || pixels > INT32_MAX / 64)
        return NULL;
    clv_dynamics_work *work = calloc(1, sizeof *work);
    if (!work)
        return NULL;
    /* Lattices and lines of a picture of a single row or column need the most: two more than pixels / LATTICE. */
    const size_t more = pixels + 16;
    work->memory = clv_alloc_array(PLANES, more, sizeof(float));
    work->region = clv_alloc_array(1, pixels, sizeof *work->region);
    work->columns = clv_alloc_array(2, more, sizeof *work->columns);
    if (!work->memory || !work->region || !work->columns) {
        clv_dynamics_work_free(work);
        return NULL;
    }
    work->pixels = pixels;
    work->rows = work->columns + more;
    float **planes[] = {&work->ground, &work->across, &work->green,   &work->still,   &work->wood,
                        &work->rough,  &work->bright, &work->texture, &work->shimmer, &work->plants,
                        &work->soil,   &work->spare,  &work->line};
    float *next = work->memory;
    work->picture = next;
    next += BANDS * more;
    for (size_t i = 0; i < sizeof planes / sizeof *planes; i++) {
        *planes[i] = next;
        next += more;
    }
    /* Of a picture of w x h at most (w / 8 + 2) (h / 8 + 2), here with room for thin ones. */
    work->lattice = clv_alloc_array(2, 2 * more, sizeof(float));
    if (!work->lattice) {
        clv_dynamics_work_free(work);
        return NULL;
    }
    work->pattern = work->lattice + 2 * more;
    return work;
}

void clv_dynamics_work_free(clv_dynamics_work *work)
{
    if (!work)
        return;
    free(work->memory);
    free(work->region);
    free(work->columns);
    free(work->lattice);
    free(work);
}

static clv_random stream_of(uint64_t seed, uint64_t part, uint64_t date)
{
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(clv_hash_seed(seed, part), date));
    return rng;
}

static float step(float low, float high, float x)
{
    const float t = (x - low) / (high - low);
    const float u = t > 0.0f ? (t < 1.0f ? t : 1.0f) : 0.0f;
    return u * u * (3.0f - 2.0f * u);
}

/* exp(x) for |x| < 2, near enough and without libm; exactly 1 for 0, and positive for all x > -16. */
static float growth_factor(float x)
{
    const float a = 1.0f + x * (1.0f / 16.0f), b = a * a, c = b * b, d = c * c;
    return d * d;
}

/* ---- Days -------------------------------------------------------------------------------------- */

void clv_dynamics_days(clv_random *rng, int dates, double *days)
{
    const int first = 17167, last = 20088; /* 2017-01-01, 2024-12-31 */
    double day = first + clv_random_int(rng, last - first + 1);
    const double kind = clv_random_unit(rng);
    const int phase = clv_random_int(rng, 2);
    /* Bad weather comes in spells: the chance to lose a date is larger after one that was lost. */
    const double lose = kind < 0.55 ? clv_random_range(rng, 0.0, 0.5) : clv_random_range(rng, 0.0, 0.35);
    const double lose_on = lose + (1.0 - lose) * clv_random_range(rng, 0.0, 0.5);
    int pass = phase;
    for (int t = 0; t < dates; t++) {
        days[t] = day;
        bool lost = false;
        for (int i = 0; i < 24; i++) {
            day += kind < 0.55 ? 5.0 : kind < 0.75 ? 10.0 : pass++ % 2 ? 3.0 : 2.0;
            lost = clv_random_unit(rng) < (lost ? lose_on : lose);
            if (!lost)
                break;
        }
    }
}

/* ---- The picture's own structure --------------------------------------------------------------- */

/* 3 x 3 binomial, `times` times, mirrored at borders: edges of regions become as soft as a sensor's, and noise does not
 * decide about classes. */
static void soften(float *plane, int width, int height, int times, float *spare)
{
    const size_t w = (size_t)width;
    for (int k = 0; k < times; k++) {
        for (int y = 0; y < height; y++) {
            const float *a = plane + (size_t)(y > 0 ? y - 1 : height > 1 ? 1 : 0) * w, *b = plane + (size_t)y * w;
            const float *c = plane + (size_t)(y + 1 < height ? y + 1 : height > 1 ? height - 2 : 0) * w;
            float *to = spare + (size_t)y * w;
            for (size_t x = 0; x < w; x++)
                to[x] = 0.25f * (a[x] + c[x]) + 0.5f * b[x];
        }
        for (int y = 0; y < height; y++) {
            const float *from = spare + (size_t)y * w;
            float *to = plane + (size_t)y * w;
            for (size_t x = 1; x + 1 < w; x++)
                to[x] = 0.25f * (from[x - 1] + from[x + 1]) + 0.5f * from[x];
            to[0] = w > 1 ? 0.5f * (from[0] + from[1]) : from[0];
            to[w - 1] = w > 1 ? 0.5f * (from[w - 1] + from[w - 2]) : from[0];
        }
    }
}

/* Reflectance that the air alone gives: a little less than the darkest hundredth of the pixels. */
static float darkest(const float *plane, size_t n, float most)
{
    size_t bins[BINS] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++) {
        const float at = plane[i] * (BINS / 0.25f);
        bins[at < BINS - 1 ? (int)at : BINS - 1]++;
    }
    int k = 0;
    while (k < BINS - 1 && (sum += bins[k]) * 100 < n)
        k++;
    const float dark = 0.9f * 0.25f / BINS * (float)k;
    return dark < most ? dark : most;
}

/* Green: share of vegetation, 0 .. 1. Still: water and snow. Wood: dark and green. Rough: towns. */
static void look_at_ground(clv_dynamics_work *work, int bands, int width, int height)
{
    static const float air[BANDS] = {0.06f, 0.08f, 0.12f,
                                     0.03f}; /* at most; clear skies at the top of the atmosphere */
    const size_t n = (size_t)width * (size_t)height;
    const float *red = work->picture, *green = red + n, *blue = green + n, *nir = bands == 4 ? blue + n : NULL;
    for (int b = 0; b < bands; b++)
        work->dark[b] = darkest(work->picture + (size_t)b * n, n, air[b]);
    for (size_t i = 0; i < n; i++) {
        const float r = red[i] - work->dark[0], g = green[i] - work->dark[1], b = blue[i] - work->dark[2];
        const float mean = (red[i] + green[i] + blue[i]) / 3.0f;
        float still, share;
        if (nir) {
            const float index = (nir[i] - red[i]) / (nir[i] + red[i] + 1e-4f);
            const float water = (green[i] - nir[i]) / (green[i] + nir[i] + 1e-4f);
            share = step(0.05f, 0.85f, index);
            still = step(-0.1f, 0.15f, water) * (1.0f - step(0.12f, 0.2f, nir[i]));
            still = fmaxf(still, 1.0f - step(0.02f, 0.06f, nir[i]));
        } else {
            const float sum = fmaxf(r, 0.0f) + fmaxf(g, 0.0f) + fmaxf(b, 0.0f);
            share = step(-0.05f, 0.45f, (2.0f * g - r - b) / (sum + 0.01f));
            still = 1.0f - step(0.005f, 0.025f, fmaxf(r, fmaxf(g, b)));
        }
        work->green[i] = share;
        work->still[i] = fmaxf(still, step(0.4f, 0.6f, mean)); /* snow, and clouds that were overlooked */
        work->wood[i] = step(0.5f, 0.8f, share) * (1.0f - step(0.02f, 0.05f, g));
        work->bright[i] = nir ? 0.5f * (mean + nir[i]) : mean;
        work->rough[i] = work->bright[i];
    }
    soften(work->rough, width, height, 2, work->spare);
    for (size_t i = 0; i < n; i++)
        work->rough[i] = fabsf(work->bright[i] - work->rough[i]) / (work->rough[i] + 0.02f);
    soften(work->rough, width, height, 3, work->spare);
    soften(work->green, width, height, 2, work->spare);
    soften(work->bright, width, height, 2, work->spare);
    soften(work->still, width, height, 1, work->spare);
    for (size_t i = 0; i < n; i++)
        work->rough[i] = step(0.07f, 0.2f, work->rough[i]);
}

/* A value that divides the plane's in two along edges: of some random pixels' values the one where the plane is
 * steepest, so that classes do not meet amid fields. Where it is steep nowhere, as on fields that change slowly from
 * one end to the other, more than all values: contour lines are no regions. */
static float threshold_of(clv_random *rng, const float *plane, int width, int height)
{
    enum { COARSE = 64, TRIES = 8 };
    const size_t w = (size_t)width, n = w * (size_t)height;
    float count[COARSE] = {0.0f}, slope[COARSE] = {0.0f}, all = 0.0f;
    float low = plane[0], high = plane[0];
    for (size_t i = 0; i < n; i++) {
        low = plane[i] < low ? plane[i] : low;
        high = plane[i] > high ? plane[i] : high;
    }
    const float scale = high > low ? 0.9999f * (float)COARSE / (high - low) : 0.0f;
    for (int y = 0; y + 1 < height; y++)
        for (size_t i = (size_t)y * w; i + 1 < (size_t)(y + 1) * w; i++) {
            const float steep = fabsf(plane[i + 1] - plane[i]) + fabsf(plane[i + w] - plane[i]);
            const int at = (int)((plane[i] - low) * scale);
            count[at] += 1.0f;
            slope[at] += steep;
            all += steep;
        }
    float steepest = 1.4f * all / (float)n, best = high + 1.0f;
    for (int k = 0; k < TRIES; k++) {
        const float value = plane[clv_random_int(rng, (int)n)];
        const int at = (int)((value - low) * scale);
        const float steep = slope[at] / (count[at] + 1.0f);
        if (steep > steepest) {
            steepest = steep;
            best = value;
        }
    }
    return best;
}

/* Number of the region with this key. When there are too many, further ones join others. */
static int region_of(clv_dynamics_work *work, uint64_t key)
{
    for (size_t slot = (size_t)(key % SLOTS);; slot = (slot + 1) % SLOTS) {
        const int at = work->slots[slot];
        if (at >= 0 && work->regions[at].key == key)
            return at;
        if (at < 0 && work->count == REGIONS)
            return (int)(key % REGIONS);
        if (at < 0) {
            work->slots[slot] = (int16_t)work->count;
            work->regions[work->count] = (region){.key = key};
            return work->count++;
        }
    }
}

static void divide(clv_dynamics_work *work, uint64_t seed, int width, int height)
{
    clv_random rng = stream_of(seed, PART_REGIONS, 0);
    const size_t n = (size_t)width * (size_t)height;
    const uint32_t land = (uint32_t)clv_random_next(&rng);
    const bool straight = clv_random_unit(&rng) < 0.8;
    const double fine = clv_random_unit(&rng), size = clv_random_range(&rng, 400.0, 900.0);
    const double metres = 4.5 + 13.0 * fine * fine, patch = clv_random_range(&rng, 15.0, 60.0);
    double dx = clv_random_range(&rng, 0.1, 1.0), dy = clv_random_range(&rng, -1.0, 1.0);
    const double length = sqrt(dx * dx + dy * dy);
    dx /= length;
    dy /= length;
    const double x0 = clv_random_range(&rng, -1e5, 1e5), y0 = clv_random_range(&rng, -1e5, 1e5);
    float cut[4];
    for (int k = 0; k < 4; k++)
        cut[k] = threshold_of(&rng, k < 2 ? work->green : work->bright, width, height);
    clv_noise_cell cache[2][3] = {{{0}}};
    uint64_t before = 0;
    int number = -1;
    memset(work->slots, -1, sizeof work->slots);
    work->count = 0;
    for (size_t i = 0; i < n; i++) {
        const double u = (double)(i % (size_t)width), v = (double)(i / (size_t)width);
        const double x = dx * u - dy * v, y = dy * u + dx * v;
        uint64_t key;
        if (straight) {
            key = clv_parcel_at(land, x0 + metres * x, y0 + metres * y, size).id;
        } else {
            const double bend = clv_noise_fractal(cache[0], land, x / patch, y / patch, 3, 0.6);
            const double turn = clv_noise_fractal(cache[1], land + 1, x / patch, y / patch, 3, 0.6);
            key = clv_parcel_at(land, x + 0.4 * patch * bend, y + 0.4 * patch * turn, patch).block;
        }
        const int kind = (work->green[i] > cut[0]) + (work->green[i] > cut[1]) +
                         3 * ((work->bright[i] > cut[2]) + (work->bright[i] > cut[3])) + 9 * (work->still[i] > 0.5f);
        key = clv_hash2(key, kind, 0);
        if (number < 0 || key != before)
            number = region_of(work, key);
        before = key;
        work->region[i] = (uint16_t)number;
        region *r = &work->regions[number];
        r->count += 1.0;
        r->green += (double)work->green[i];
        r->still += (double)work->still[i];
        r->wood += (double)work->wood[i];
        r->rough += (double)work->rough[i];
    }
    for (int k = 0; k < work->count; k++) {
        region *r = &work->regions[k];
        r->green /= r->count;
        r->still /= r->count;
        r->wood /= r->count;
        r->rough /= r->count;
    }
}

/* ---- Courses ----------------------------------------------------------------------------------- */

typedef struct season {
    double up, late, length, still; /* days; strength of what is no field */
    double dry, fields;             /* chance of rain; share of active regions */
    double patience;                /* days that rain is seen */
    uint64_t rain;
} season;

/* Soil moisture of the whole scene, as the logarithm of a factor on bare ground. */
static double rain_at(const season *s, double day)
{
    const double spell = 12.0;
    const int64_t now = (int64_t)floor(day / spell);
    double sum = 0.0;
    for (int64_t k = now - 2; k <= now; k++) {
        const uint64_t h = clv_hash2(s->rain, k, 0);
        const double since = day - ((double)k + clv_hash_part(h, 0)) * spell;
        if (since >= 0.0 && clv_hash_part(h, 1) > s->dry)
            sum -= (0.03 + 0.17 * clv_hash_part(h, 2)) * (1.0 - clv_smoothstep(0.0, s->patience, since));
    }
    return sum;
}

static struct event choose_event(clv_random *rng, double first, double last)
{
    const double kind = clv_random_unit(rng);
    struct event e = {.day = clv_random_range(rng, first - 10.0, last)};
    e.kind = kind < 0.55 ? EVENT_HARVEST : kind < 0.8 ? EVENT_PLOUGH : EVENT_IRRIGATE;
    e.depth = clv_random_range(rng, 0.5, 1.6);
    e.soil = e.kind == EVENT_HARVEST ? clv_random_range(rng, -0.1, 0.3) : clv_random_range(rng, 0.1, 0.4);
    e.hold = e.kind == EVENT_HARVEST ? clv_random_range(rng, 5.0, 50.0) : clv_random_range(rng, 3.0, 25.0);
    e.back = clv_random_range(rng, 15.0, 70.0);
    return e;
}

static void choose_courses(clv_dynamics_work *work, uint64_t seed, season *s, double first, double last)
{
    clv_random rng = stream_of(seed, PART_COURSES, 0);
    s->up = clv_random_range(&rng, 0.0, YEAR);
    s->late = clv_random_range(&rng, 50.0, 130.0);
    s->length = clv_random_range(&rng, 70.0, 150.0);
    s->still = clv_random_unit(&rng);
    s->still = 0.15 + 0.65 * s->still * s->still;
    s->dry = clv_random_range(&rng, 0.4, 1.0);
    s->fields = clv_random_range(&rng, 0.5, 1.0);
    s->patience = clv_random_range(&rng, 4.0, 14.0);
    s->rain = clv_random_next(&rng);
    const double late_share = clv_random_unit(&rng), events = clv_random_range(&rng, 0.2, 0.8);
    const uint64_t own = clv_random_next(&rng);
    for (int k = 0; k < work->count; k++) {
        region *r = &work->regions[k];
        clv_random_seed(&rng, clv_hash_seed(own, r->key));
        const double calm = (1.0 - 0.85 * r->wood) * (1.0 - 0.9 * r->rough);
        const bool active = clv_random_unit(&rng) < s->fields * calm;
        r->up = s->up + 15.0 * clv_random_gauss(&rng) + (clv_random_unit(&rng) < late_share ? s->late : 0.0);
        r->rise = clv_random_range(&rng, 25.0, 70.0);
        r->length = s->length * clv_random_range(&rng, 0.8, 1.2);
        r->fall = clv_random_range(&rng, 20.0, 60.0);
        r->height = active ? clv_random_range(&rng, 0.5, 2.0) : s->still * clv_random_range(&rng, 0.6, 1.0);
        r->drift = active ? clv_random_range(&rng, 0.2, 0.9) : clv_random_range(&rng, 0.05, 0.25);
        r->wet = (1.0 - r->green) * (1.0 - 0.8 * r->rough) * clv_random_range(&rng, 0.7, 1.1);
        r->seed = (uint32_t)clv_random_next(&rng);
        if (!active) {
            r->up = s->up;
            continue;
        }
        r->events = clv_random_unit(&rng) < events ? 1 + clv_random_int(&rng, EVENTS) : 0;
        for (int i = 0; i < r->events; i++)
            r->event[i] = choose_event(&rng, first, last);
    }
}

/* State of a region: vegetation (about -1 .. 1) and the logarithm of the soil's factor. */
static void state_at(const region *r, const season *s, double day, double *plants, double *soil)
{
    const double turn = (day - r->up) / YEAR, of_year = (turn - floor(turn)) * YEAR;
    *plants = r->height * (clv_smoothstep(0.0, r->rise, of_year) -
                           clv_smoothstep(r->rise + r->length, r->rise + r->length + r->fall, of_year));
    *plants += r->drift * (1.0 / CLV_NOISE_SD) * 0.5 * clv_noise(NULL, r->seed, day / 25.0, 0.5);
    *soil = r->wet * (rain_at(s, day) + r->drift * (0.1 / CLV_NOISE_SD) * clv_noise(NULL, r->seed, day / 25.0, 3.5));
    for (int i = 0; i < r->events; i++) {
        const struct event *e = &r->event[i];
        const double since = day - e->day;
        if (since < 0.0)
            continue;
        const double over = clv_smoothstep(e->hold, e->hold + e->back, since);
        const double now = clv_smoothstep(-1.0, 1.5, since) * (1.0 - over);
        if (e->kind == EVENT_IRRIGATE) {
            *plants += 0.5 * e->depth * clv_smoothstep(0.0, 15.0, since) * (1.0 - over);
            *soil -= e->soil * (1.0 - clv_smoothstep(0.0, e->hold, since));
        } else {
            *plants -= e->depth * now;
            *soil += (e->kind == EVENT_PLOUGH ? -e->soil : e->soil) * now;
        }
    }
}

/* Changes of all regions at a day. */
static void states_at(clv_dynamics_work *work, const season *s, double day, double growth)
{
    for (int k = 0; k < work->count; k++) {
        region *r = &work->regions[k];
        double plants, soil;
        state_at(r, s, day, &plants, &soil);
        plants -= r->plants0;
        soil -= r->soil0;
        plants = plants > 1.3 ? 1.3 : plants < -1.3 ? -1.3 : plants;
        soil = soil > 0.3 ? 0.3 : soil < -0.5 ? -0.5 : soil;
        r->plants = (float)(growth * plants);
        r->soil = (float)(growth * soil);
        const double height = r->height < 1.0 ? r->height : 1.0;
        r->uneven = (float)(growth * height * 0.15 / CLV_NOISE_SD * clv_noise(NULL, r->seed, day / 30.0, 7.5));
    }
}

static void make_texture(clv_dynamics_work *work, uint64_t seed, int width, int height)
{
    clv_random rng = stream_of(seed, PART_TEXTURE, 0);
    const double size = clv_random_range(&rng, 4.0, 16.0);
    const uint32_t one = (uint32_t)clv_random_next(&rng), two = (uint32_t)clv_random_next(&rng);
    clv_noise_cell cache[2][3] = {{{0}}};
    size_t i = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, i++) {
            const float moves = (1.0f - work->still[i]) * (1.0f - 0.5f * work->rough[i]);
            work->texture[i] =
                moves * (1.0f + 0.2f * (float)clv_noise_fractal(cache[0], one, x / size, y / size, 3, 0.7));
            work->shimmer[i] = moves * (float)clv_noise_fractal(cache[1], two, x / size, y / size, 3, 0.7);
        }
}

/* ---- A date ------------------------------------------------------------------------------------ */

static void change_ground(clv_dynamics_work *work, int width, int height)
{
    const size_t n = (size_t)width * (size_t)height;
    for (size_t i = 0; i < n; i++) {
        const region *r = &work->regions[work->region[i]];
        /* What is green already cannot grow much and hides the soil, what is bare has little to lose. */
        const float green = work->green[i], room = r->plants > 0.0f ? 1.0f - 0.6f * green : 0.1f + 0.9f * green;
        work->plants[i] = room * (r->plants * work->texture[i] + r->uneven * work->shimmer[i]);
        work->soil[i] = (1.0f - 0.6f * green) * r->soil * work->texture[i];
    }
    soften(work->plants, width, height, 1, work->spare);
    soften(work->soil, width, height, 1, work->spare);
}

static void grow_band(const clv_dynamics_work *work, int band, size_t n, float *out)
{
    static const float share[BANDS] = {-0.75f, -0.42f, -0.57f, 0.45f};
    const float *picture = work->picture + (size_t)band * n, *plants = work->plants, *soil = work->soil;
    const float dark = work->dark[band], s = share[band];
    for (size_t i = 0; i < n; i++)
        out[i] = picture[i] + (picture[i] - dark) * (growth_factor(s * plants[i] + soil[i]) - 1.0f);
}

typedef struct shift {
    int x, y; /* whole pixels */
    float wx[4], wy[4];
} shift;

/* Keys' cubic kernel; a = -0.5 is sharp, towards 0 softer. */
static void kernel(double at, double a, float w[4])
{
    const double t = at, u = 1.0 - at;
    w[0] = (float)(a * t * u * u);
    w[3] = (float)(a * u * t * t);
    w[1] = (float)((a + 2.0) * t * t * t - (a + 3.0) * t * t + 1.0);
    w[2] = 1.0f - w[0] - w[1] - w[3];
}

static shift choose_shift(clv_random *rng, double jitter)
{
    const double dx = clv_random_range(rng, -jitter, jitter), dy = clv_random_range(rng, -jitter, jitter);
    const double a = clv_random_range(rng, -0.6, -0.2);
    shift s = {.x = (int)floor(dx), .y = (int)floor(dy)};
    kernel(dx - floor(dx), a, s.wx);
    kernel(dy - floor(dy), a, s.wy);
    return s;
}

static void shift_band(clv_dynamics_work *work, const shift *s, int width, int height, float *out)
{
    const size_t w = (size_t)width;
    for (int y = 0; y < height; y++) {
        const float *from = work->ground + (size_t)y * w;
        float *to = work->across + (size_t)y * w, *line = work->line;
        for (size_t x = 0; x < w + 3; x++)
            line[x] = from[work->columns[x]];
        for (size_t x = 0; x < w; x++)
            to[x] = s->wx[0] * line[x] + s->wx[1] * line[x + 1] + s->wx[2] * line[x + 2] + s->wx[3] * line[x + 3];
    }
    for (int y = 0; y < height; y++) {
        const float *a = work->across + (size_t)work->rows[y] * w, *b = work->across + (size_t)work->rows[y + 1] * w;
        const float *c = work->across + (size_t)work->rows[y + 2] * w,
                    *d = work->across + (size_t)work->rows[y + 3] * w;
        float *to = out + (size_t)y * w;
        for (size_t x = 0; x < w; x++)
            to[x] = s->wy[0] * a[x] + s->wy[1] * b[x] + s->wy[2] * c[x] + s->wy[3] * d[x];
    }
}

/* ---- Light ------------------------------------------------------------------------------------- */

static int lattice_length(int length)
{
    return (length + LATTICE - 1) / LATTICE + 1;
}

static void fill_lattice(float *lattice, int width, int height, uint32_t seed, double size)
{
    const int across = lattice_length(width), down = lattice_length(height);
    for (int y = 0; y < down; y++)
        for (int x = 0; x < across; x++)
            lattice[y * across + x] =
                (float)clv_noise_fractal(NULL, seed, x * (LATTICE / size), y * (LATTICE / size), 2, 0.5);
}

/* Values of row y between the lattice's points. */
static void lattice_row(const float *lattice, int width, int y, float *out)
{
    const int across = lattice_length(width);
    const float *a = lattice + y / LATTICE * across, *b = a + across;
    const float v = (float)(y % LATTICE) * (1.0f / LATTICE);
    for (int i = 0; i * LATTICE < width; i++) {
        const float left = a[i] + v * (b[i] - a[i]), right = a[i + 1] + v * (b[i + 1] - a[i + 1]);
        const float slope = (right - left) * (1.0f / LATTICE);
        const int most = width - i * LATTICE < LATTICE ? width - i * LATTICE : LATTICE;
        for (int k = 0; k < most; k++)
            out[i * LATTICE + k] = left + slope * (float)k;
    }
}

/* Light that the scene's dates have in common. */
typedef struct sun {
    double noon, swing; /* day and height of the season's gain */
} sun;

typedef struct light {
    float gain[BANDS], haze[BANDS];
    float pattern, slope_x, slope_y, uneven;
} light;

/* A rounded wave of one year, -1 .. 1. */
static double wave(double turns)
{
    const double u = turns - floor(turns);
    return u < 0.5 ? 16.0 * u * (0.5 - u) : -16.0 * (u - 0.5) * (1.0 - u);
}

static light choose_light(clv_random *rng, const sun *s, double day, double strength, int bands, int width, int height)
{
    static const double share[BANDS] = {0.5, 0.75, 1.0, 0.2};
    light l;
    const double u = clv_random_unit(rng), far = clv_random_range(rng, 1.5, 3.5);
    const double heavy = strength * (0.35 + 0.8 * clv_random_unit(rng)) * (u < 0.15 ? far : 1.0);
    const double turn = wave((day - s->noon) / YEAR);
    double common = 0.022 * heavy * clv_random_gauss(rng) + strength * s->swing * turn;
    common = common > 0.15 ? 0.15 : common < -0.15 ? -0.15 : common;
    double haze = 0.003 * strength + 0.012 * heavy * clv_random_unit(rng);
    haze = haze < 0.04 ? haze : 0.04;
    for (int b = 0; b < bands; b++) {
        l.gain[b] = (float)(1.0 + common + 0.006 * heavy * clv_random_gauss(rng));
        l.haze[b] = (float)(haze * (share[b] + 0.05 * clv_random_gauss(rng)));
        l.haze[b] = l.haze[b] > 0.0f ? l.haze[b] : 0.0f;
    }
    l.pattern = (float)(0.006 * heavy * clv_random_gauss(rng) + 0.01 * strength * turn);
    l.slope_x = (float)(0.006 * heavy * clv_random_gauss(rng) / (width > 64 ? width : 64));
    l.slope_y = (float)(0.006 * heavy * clv_random_gauss(rng) / (height > 64 ? height : 64));
    l.uneven = (float)clv_random_range(rng, 0.1, 0.5);
    return l;
}

/* Light, haze and noise on a date of all bands in place, and the limits. */
static void lay_light(clv_dynamics_work *work, const light *l, clv_random *rng, float sigma, int bands, int width,
                      int height, float *x)
{
    const size_t w = (size_t)width, n = w * (size_t)height;
    float *gain = work->ground, *veil = work->across;
    for (int y = 0; y < height; y++) {
        lattice_row(work->pattern, width, y, gain);
        lattice_row(work->lattice, width, y, veil);
        const float lean = l->slope_y * (float)(y - height / 2);
        for (int i = 0; i < width; i++) {
            const float more = 1.0f + l->uneven * veil[i];
            gain[i] = 1.0f + l->pattern * gain[i] + lean + l->slope_x * (float)(i - width / 2);
            veil[i] = more > 0.0f ? more : 0.0f;
        }
        for (int b = 0; b < bands; b++) {
            float *row = x + (size_t)b * n + (size_t)y * w;
            const float g = l->gain[b], h = l->haze[b];
            for (size_t i = 0; i < w; i++) {
                const float value = row[i] * (g * gain[i]) + h * veil[i];
                row[i] = value > 0.0f ? (value < TOP ? value : TOP) : 0.0f;
            }
            if (sigma <= 0.0f)
                continue;
            /* At 0.13 as bright as most land: 1. */
            for (size_t i = 0; i < w; i++) {
                const float sd = sigma * sqrtf(0.3f + (0.7f / 0.13f) * row[i]);
                const float value = row[i] + sd * (float)clv_hash_gauss(clv_random_next(rng));
                row[i] = value > 0.0f ? (value < TOP ? value : TOP) : 0.0f;
            }
        }
    }
}

/* ---- A series ---------------------------------------------------------------------------------- */

bool clv_dynamics_make(clv_random *rng, const clv_dynamics_options *options, const float *picture, int bands, int width,
                       int height, int dates, const double *days, float *x, clv_dynamics_work *work)
{
    if (bands < 3 || bands > BANDS || width < 1 || height < 1 || dates < 1 ||
        (size_t)width > work->pixels / (size_t)height)
        return false;
    const size_t n = (size_t)width * (size_t)height;
    const uint64_t seed = clv_random_next(rng);
    for (size_t i = 0; i < (size_t)bands * n; i++)
        work->picture[i] = picture[i] > 0.0f ? (picture[i] < TOP ? picture[i] : TOP) : 0.0f;

    season s;
    if (options->growth > 0.0) {
        look_at_ground(work, bands, width, height);
        divide(work, seed, width, height);
        make_texture(work, seed, width, height);
        choose_courses(work, seed, &s, days[0], days[dates - 1]);
        clv_random courses = stream_of(seed, PART_COURSES, 1);
        const double then = days[0] + (days[dates - 1] - days[0]) * clv_random_unit(&courses);
        for (int k = 0; k < work->count; k++)
            state_at(&work->regions[k], &s, then, &work->regions[k].plants0, &work->regions[k].soil0);
    }
    clv_random lights = stream_of(seed, PART_PATTERN, 0);
    const double size = clv_random_range(&lights, 30.0, 120.0);
    fill_lattice(work->pattern, width, height, (uint32_t)clv_random_next(&lights), size);
    const sun sky = {.noon = clv_random_range(&lights, 0.0, YEAR), .swing = clv_random_range(&lights, 0.0, 0.09)};
    const double loud = clv_random_range(&lights, 0.001, 0.0025);
    const double jitter = options->jitter > 0.0 ? fmin(options->jitter, 64.0) : 0.0;

    for (int t = 0; t < dates; t++) {
        float *out = x + (size_t)t * (size_t)bands * n;
        clv_random moves = stream_of(seed, PART_JITTER, (uint64_t)t);
        const shift by = choose_shift(&moves, jitter);
        const bool shifted = jitter > 0.0;
        if (options->growth > 0.0) {
            states_at(work, &s, days[t], options->growth);
            change_ground(work, width, height);
        }
        for (int i = 0; shifted && i < width + 3; i++)
            work->columns[i] = clv_reflect(i - 1 + by.x, width);
        for (int i = 0; shifted && i < height + 3; i++)
            work->rows[i] = clv_reflect(i - 1 + by.y, height);
        for (int b = 0; b < bands; b++) {
            float *band = out + (size_t)b * n, *to = shifted ? work->ground : band;
            if (options->growth > 0.0)
                grow_band(work, b, n, to);
            else
                memcpy(to, work->picture + (size_t)b * n, n * sizeof *to);
            if (shifted)
                shift_band(work, &by, width, height, band);
        }
        clv_random skies = stream_of(seed, PART_LIGHT, (uint64_t)t);
        const light l = choose_light(&skies, &sky, days[t], options->haze, bands, width, height);
        fill_lattice(work->lattice, width, height, (uint32_t)clv_random_next(&skies),
                     clv_random_range(&skies, 40.0, 200.0));
        clv_random grain = stream_of(seed, PART_NOISE, (uint64_t)t);
        const float sigma = (float)(options->noise * loud * clv_random_range(&grain, 0.8, 1.25));
        lay_light(work, &l, &grain, sigma, bands, width, height, out);
    }
    return true;
}
