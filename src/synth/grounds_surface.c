/* SPDX-License-Identifier: MIT
 *
 * grounds: surfaces with the structure of the picture that they are laid on.
 */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/random.h"
#include "synth/grounds_private.h"
#include "synth/parcels.h"

CLV_EXACT_FLOATS

/* What a surface reflects in red, green, blue and NIR, and how much of the picture's structure shows in it. Fresh snow:
 * Warren 1982; halite of salt flats, gypsum sand, polyethylene film: USGS spectral library version 7 (Kokaly et al.
 * 2017), rounded; charcoal and ash: the same. */
typedef struct surface {
    double band[CLV_GROUNDS_BANDS], structure;
} surface;

static const surface snow = {{0.90, 0.92, 0.93, 0.80}, 0.35};
static const surface salt = {{0.56, 0.52, 0.45, 0.60}, 0.15};
static const surface sand = {{0.65, 0.60, 0.50, 0.70}, 0.15};
static const surface film = {{0.46, 0.44, 0.42, 0.48}, 0.10};
static const surface snowy_ice = {{0.66, 0.67, 0.68, 0.58}, 0.10};
static const surface grey_ice = {{0.30, 0.32, 0.34, 0.22}, 0.10};
static const surface water = {{0.025, 0.038, 0.045, 0.012}, 0.10};
static const surface burnt = {{0.065, 0.050, 0.040, 0.110}, 0.50};

/* The surface at a pixel whose structure is `texture`, times gain. */
static float shine(const surface *kind, int band, double gain, float texture)
{
    return (float)fmin(1.2, kind->band[band] * gain * (1 + kind->structure * ((double)texture - 1)));
}

/* Lays a surface on the pixels of `where` (NULL: all) on the dates that are on. */
static bool lay(clv_grounds_scene *s, const bool *on, const surface *kind, double gain, const uint8_t *where)
{
    const size_t n = clv_grounds_pixels(s);
    float *texture = clv_alloc_array(n, 1, sizeof *texture);
    if (!texture || !clv_grounds_texture(s, texture)) {
        free(texture);
        return false;
    }
    for (int t = 0; t < s->dates; t++) {
        float *x = clv_grounds_date(s, t);
        for (size_t i = 0; i < n && on[t]; i++) {
            if (where && !where[i])
                continue;
            for (int b = 0; b < CLV_GROUNDS_BANDS; b++)
                x[(size_t)b * n + i] = shine(kind, b, gain, texture[i]);
            s->truth[(size_t)t * n + i] = CLV_TRUTH_GROUND;
        }
    }
    free(texture);
    return true;
}

/* Trees stand dark in the snow. */
static void find_trees(const clv_grounds_scene *s, float *trees)
{
    const size_t n = clv_grounds_pixels(s);
    const float *x = clv_grounds_date(s, 0);
    for (size_t i = 0; i < n; i++) {
        const float red = x[i], nir = x[3 * n + i];
        trees[i] = s->has_nir && red < 0.06f && nir > 3 * red && nir < 0.3f ? 0.6f : 0;
    }
}

bool clv_grounds_snow(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    (void)seed;
    const size_t n = clv_grounds_pixels(s);
    float *before = clv_alloc_array((size_t)s->dates * CLV_GROUNDS_BANDS + 1, n, sizeof *before);
    if (!before)
        return false;
    float *trees = before + (size_t)s->dates * CLV_GROUNDS_BANDS * n;
    for (size_t i = 0; i < (size_t)s->dates * CLV_GROUNDS_BANDS * n; i++)
        before[i] = s->x[i];
    find_trees(s, trees);
    const bool done = lay(s, on, &snow, amount / snow.band[0], NULL);
    for (size_t i = 0; done && i < (size_t)s->dates * CLV_GROUNDS_BANDS * n; i++)
        s->x[i] += trees[i % n] * (before[i] - s->x[i]);
    free(before);
    return done;
}

bool clv_grounds_salt(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    (void)seed;
    return lay(s, on, &salt, amount / salt.band[0], NULL);
}

bool clv_grounds_sand(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    (void)seed;
    return lay(s, on, &sand, amount / sand.band[0], NULL);
}

bool clv_grounds_film(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    uint8_t *where = clv_alloc_array(n, 1, 1);
    for (size_t i = 0; where && i < n; i++) {
        const double x = 20 * (double)(i % (size_t)s->width), y = 20 * (double)(i / (size_t)s->width);
        const clv_parcel parcel = clv_parcel_at((uint32_t)seed, x, y, 700);
        where[i] = parcel.edge_m > 10 && clv_hash_unit(clv_hash_seed(parcel.id, 5)) < amount;
    }
    const bool done = where && lay(s, on, &film, 1, where);
    free(where);
    return done;
}

/* where [pixels]: 1 on the share of the picture that lies highest in a smooth field. */
static bool blob(const clv_grounds_scene *s, double size, double share, uint64_t seed, uint8_t *where)
{
    const size_t n = clv_grounds_pixels(s);
    float *field = clv_alloc_array(n, 1, sizeof *field);
    if (!field)
        return false;
    const float edge = clv_grounds_field(s, (uint32_t)seed, size, 3, share, field);
    for (size_t i = 0; i < n; i++)
        where[i] = field[i] > edge;
    free(field);
    return true;
}

/* A lake on all dates, on each a little darker or brighter by wind and what drifts in it. */
static bool fill_lake(clv_grounds_scene *s, uint64_t seed, const uint8_t *where)
{
    const size_t n = clv_grounds_pixels(s);
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(seed, 3));
    for (int t = 0; t < s->dates; t++) {
        const double gain = clv_random_range(&rng, 0.6, 1.6);
        float *x = clv_grounds_date(s, t);
        for (size_t i = 0; i < n; i++)
            for (int b = 0; b < CLV_GROUNDS_BANDS && where[i]; b++)
                x[(size_t)b * n + i] =
                    (float)fmax(0.001, water.band[b] * gain + 0.0015 * clv_hash_gauss(clv_hash2(seed, t, (int64_t)i)));
    }
    return true;
}

bool clv_grounds_lake(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    uint8_t *where = clv_alloc_array(n, 1, 1);
    const bool done = where && blob(s, 45, amount, seed, where) && fill_lake(s, seed, where);
    for (size_t i = 0; done && i < (size_t)s->dates * n; i++)
        if (where[i % n] && on[i / n])
            s->truth[i] = CLV_TRUTH_GROUND;
    free(where);
    return done;
}

bool clv_grounds_ice(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    uint8_t *where = clv_alloc_array(n, 1, 1);
    float *snowy = clv_alloc_array(n, 1, sizeof *snowy);
    const bool done = where && snowy && blob(s, 45, amount, seed, where) && fill_lake(s, seed, where);
    if (done)
        clv_grounds_field(s, (uint32_t)clv_hash_seed(seed, 9), 18, 4, 0.5, snowy);
    for (size_t i = 0; done && i < (size_t)s->dates * n; i++) {
        const size_t k = i % n;
        if (!where[k] || !on[i / n])
            continue;
        const float share = fminf(1, fmaxf(0, 0.5f + 0.5f * snowy[k]));
        const float fine = (float)(1 + 0.04 * clv_hash_gauss(clv_hash2(seed, 1, (int64_t)k)));
        for (int b = 0; b < CLV_GROUNDS_BANDS; b++)
            clv_grounds_date(s, (int)(i / n))[(size_t)b * n + k] =
                fine * (share * shine(&snowy_ice, b, 1, 1) + (1 - share) * shine(&grey_ice, b, 1, 1));
        s->truth[i] = CLV_TRUTH_GROUND;
    }
    free(where);
    free(snowy);
    return done;
}

bool clv_grounds_burn(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    uint8_t *where = clv_alloc_array(clv_grounds_pixels(s), 1, 1);
    const bool done = where && blob(s, 40, amount, seed, where) && lay(s, on, &burnt, 1, where);
    free(where);
    return done;
}
