/* SPDX-License-Identifier: MIT
 *
 * grounds: what is bright on the sea.
 */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/random.h"
#include "image/morphology.h"
#include "synth/grounds_private.h"
#include "synth/noise.h"

CLV_EXACT_FLOATS

#define STEP 3.0f /* units of clv_distance a pixel */

static const double sea[CLV_GROUNDS_BANDS] = {0.03, 0.05, 0.07, 0.012};

/* The picture's own water, or where it has hardly any or nothing else, a sea in its south. */
typedef struct coast {
    uint8_t *water;      /* [pixels] */
    uint8_t *land;       /* [pixels] */
    uint16_t *from_land; /* [pixels] clv_distance */
    float *field;        /* [pixels] work space */
} coast;

static void coast_free(coast *c)
{
    free(c->water);
    free(c->land);
    free(c->from_land);
    free(c->field);
}

static void make_sea(clv_grounds_scene *s, uint64_t seed, uint8_t *water)
{
    const size_t n = clv_grounds_pixels(s);
    clv_noise_cell cache[CLV_NOISE_OCTAVES] = {0};
    for (size_t i = 0; i < n; i++) {
        const double x = (double)(i % (size_t)s->width), y = (double)(i / (size_t)s->width);
        const double shore = 0.5 + 0.06 * clv_noise_fractal(cache, (uint32_t)seed, x / 50, 0.5, 4, 0.5);
        water[i] = y > shore * s->height;
        for (int t = 0; t < s->dates && water[i]; t++)
            for (int b = 0; b < CLV_GROUNDS_BANDS; b++)
                clv_grounds_date(s, t)[(size_t)b * n + i] =
                    (float)(sea[b] + 0.002 * clv_hash_gauss(clv_hash2(seed, t * CLV_GROUNDS_BANDS + b, (int64_t)i)));
    }
}

static bool coast_find(clv_grounds_scene *s, uint64_t seed, coast *c)
{
    const size_t n = clv_grounds_pixels(s);
    c->water = clv_alloc_array(n, 1, 1);
    c->land = clv_alloc_array(n, 1, 1);
    c->from_land = clv_alloc_array(n, 1, sizeof *c->from_land);
    c->field = clv_alloc_array(n, 1, sizeof *c->field);
    if (!c->water || !c->land || !c->from_land || !c->field)
        return false;
    clv_grounds_find_water(s, c->water);
    /* Shadows of slopes and single dark pixels are no sea. */
    if (clv_remove_specks(c->water, s->width, s->height, 100) != 0)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += c->water[i];
    if ((double)count < 0.1 * (double)n || (double)count > 0.9 * (double)n)
        make_sea(s, seed, c->water);
    for (size_t i = 0; i < n; i++)
        c->land[i] = !c->water[i];
    clv_distance(c->land, s->width, s->height, c->from_land);
    return true;
}

static void mix(clv_grounds_scene *s, int t, size_t i, const double color[CLV_GROUNDS_BANDS], double share)
{
    const size_t n = clv_grounds_pixels(s);
    for (int b = 0; b < CLV_GROUNDS_BANDS; b++) {
        float *x = clv_grounds_date(s, t) + (size_t)b * n + i;
        *x = (float)(*x + share * (color[b] - *x));
    }
}

bool clv_grounds_surf(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    static const double foam[CLV_GROUNDS_BANDS] = {0.52, 0.55, 0.56, 0.40};
    const size_t n = clv_grounds_pixels(s);
    coast c = {0};
    bool done = coast_find(s, seed, &c);
    for (int t = 0; t < s->dates && done; t++) {
        if (!on[t])
            continue;
        clv_grounds_field(s, (uint32_t)clv_hash_seed(seed, (uint64_t)t), 9, 3, 0.5, c.field);
        for (size_t i = 0; i < n; i++) {
            const double from = c.from_land[i] / (double)STEP;
            if (!c.water[i] || from > amount)
                continue;
            /* Breakers: white lines, thinner further out, with gaps. */
            const double line = 0.5 + 0.5 * cos(6.283185307179586 * (from / 3 + 0.4 * c.field[i]));
            const double share = fmin(1, fmax(0, (1.2 - from / amount) * (0.35 + 0.65 * line) + 0.15 * c.field[i]));
            mix(s, t, i, foam, share);
            s->truth[(size_t)t * n + i] = share > 0.3 ? CLV_TRUTH_GROUND : CLV_TRUTH_CLEAR;
        }
    }
    coast_free(&c);
    return done;
}

bool clv_grounds_glint(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    coast c = {0};
    bool done = coast_find(s, seed, &c);
    for (int t = 0; t < s->dates && done; t++) {
        if (!on[t])
            continue;
        clv_grounds_field(s, (uint32_t)clv_hash_seed(seed, (uint64_t)t), 3, 2, 0.5, c.field);
        for (size_t i = 0; i < n; i++) {
            if (!c.water[i])
                continue;
            /* Stronger towards the specular point in the east, broken by waves. */
            const double along = (double)(i % (size_t)s->width) / s->width;
            const double added = amount * (0.3 + 0.7 * along) * fmax(0.2, 1 + 0.3 * c.field[i]);
            for (int b = 0; b < CLV_GROUNDS_BANDS; b++)
                clv_grounds_date(s, t)[(size_t)b * n + i] += (float)(b == 3 ? 0.9 * added : added);
            s->truth[(size_t)t * n + i] = CLV_TRUTH_GROUND;
        }
    }
    coast_free(&c);
    return done;
}

bool clv_grounds_plume(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    static const double turbid[CLV_GROUNDS_BANDS] = {0.130, 0.125, 0.090, 0.055};
    const size_t n = clv_grounds_pixels(s);
    coast c = {0};
    bool done = coast_find(s, seed, &c);
    size_t mouths = 0, mouth = 0, chosen = 0;
    for (size_t i = 0; i < n && done; i++)
        mouths += c.water[i] && c.from_land[i] <= 2 * STEP;
    if (mouths)
        chosen = (size_t)(clv_hash_unit(clv_hash_seed(seed, 4)) * (double)mouths);
    for (size_t i = 0, k = 0; i < n && done; i++)
        if (c.water[i] && c.from_land[i] <= 2 * STEP && k++ == chosen)
            mouth = i;
    const double x0 = (double)(mouth % (size_t)s->width), y0 = (double)(mouth / (size_t)s->width);
    for (int t = 0; t < s->dates && done; t++) {
        if (!on[t])
            continue;
        clv_grounds_field(s, (uint32_t)clv_hash_seed(seed, (uint64_t)t), 20, 4, 0.5, c.field);
        for (size_t i = 0; i < n; i++) {
            const double x = (double)(i % (size_t)s->width) - x0, y = (double)(i / (size_t)s->width) - y0;
            const double r = sqrt(x * x + y * y) / amount * (1 + 0.25 * c.field[i]);
            const double share = c.water[i] ? exp(-r * r) : 0;
            if (share < 0.02)
                continue;
            mix(s, t, i, turbid, share);
            if (share > 0.4)
                s->truth[(size_t)t * n + i] = CLV_TRUTH_GROUND;
        }
    }
    coast_free(&c);
    return done;
}

/* A hull of 80 to 300 m, one or two pixels wide. */
static void lay_ship(clv_grounds_scene *s, int t, const coast *c, clv_random *rng)
{
    const double x0 = clv_random_unit(rng) * s->width, y0 = clv_random_unit(rng) * s->height;
    const double angle = clv_random_range(rng, 0, 3.141592653589793), length = clv_random_range(rng, 4, 15);
    const double wide = clv_random_range(rng, 0.6, 1.1), bright = clv_random_range(rng, 0.25, 0.6);
    const double color[CLV_GROUNDS_BANDS] = {bright, 0.97 * bright, 0.95 * bright, 0.95 * bright};
    const size_t n = clv_grounds_pixels(s);
    for (size_t i = 0; i < n; i++) {
        const double x = (double)(i % (size_t)s->width) - x0, y = (double)(i / (size_t)s->width) - y0;
        const double along = x * cos(angle) + y * sin(angle), across = y * cos(angle) - x * sin(angle);
        if (!c->water[i] || fabs(along) > length / 2 || fabs(across) > wide)
            continue;
        mix(s, t, i, color, 1);
        s->truth[(size_t)t * n + i] = CLV_TRUTH_GROUND;
    }
}

bool clv_grounds_ships(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    coast c = {0};
    bool done = coast_find(s, seed, &c);
    for (int t = 0; t < s->dates && done; t++) {
        clv_random rng;
        clv_random_seed(&rng, clv_hash_seed(seed, (uint64_t)t));
        for (int k = 0; k < (int)amount && on[t]; k++)
            lay_ship(s, t, &c, &rng);
    }
    coast_free(&c);
    return done;
}
