/* SPDX-License-Identifier: MIT
 *
 * grounds: what lies between the ground and the sensor.
 */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/random.h"
#include "synth/grounds_private.h"
#include "synth/noise.h"
#include "synth/soft_clouds.h"

CLV_EXACT_FLOATS

/* What a share of what could be there makes of a pixel: seen from half on, edges below. */
static uint8_t truth_of(double share)
{
    return share >= 0.5 ? CLV_TRUTH_CLOUD : share < 0.05 ? CLV_TRUTH_CLEAR : CLV_TRUTH_UNKNOWN;
}

/* Thin cloud of ice is white: it adds the same in all bands, and takes as much of the light from below. */
static void veil(clv_grounds_scene *s, int t, size_t i, double added)
{
    const size_t n = clv_grounds_pixels(s);
    for (int b = 0; b < CLV_GROUNDS_BANDS; b++) {
        float *x = clv_grounds_date(s, t) + (size_t)b * n + i;
        *x = (float)(*x * (1 - added) + (b == 3 ? 0.95 * added : added));
    }
}

bool clv_grounds_haze(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    /* About as the wavelength to the power of -1.8, as fine aerosol. */
    static const double by_band[CLV_GROUNDS_BANDS] = {0.56, 0.76, 1, 0.37};
    const size_t n = clv_grounds_pixels(s);
    float *field = clv_alloc_array(n, 1, sizeof *field);
    for (int t = 0; t < s->dates && field; t++) {
        if (!on[t])
            continue;
        clv_grounds_field(s, (uint32_t)clv_hash_seed(seed, (uint64_t)t), 80, 2, 0.5, field);
        for (size_t i = 0; i < n; i++) {
            for (int b = 0; b < CLV_GROUNDS_BANDS; b++) {
                float *x = clv_grounds_date(s, t) + (size_t)b * n + i;
                const double path = amount * by_band[b] * (1 + 0.06 * field[i]);
                *x = (float)(*x * (1 - path) + path);
            }
            s->truth[(size_t)t * n + i] = CLV_TRUTH_CLOUD;
        }
    }
    const bool done = field != NULL;
    free(field);
    return done;
}

bool clv_grounds_cirrus(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    float *field = clv_alloc_array(n, 1, sizeof *field);
    for (int t = 0; t < s->dates && field; t++) {
        if (!on[t])
            continue;
        const float edge = clv_grounds_field(s, (uint32_t)clv_hash_seed(seed, (uint64_t)t), 28, 3, 0.45, field);
        for (size_t i = 0; i < n; i++) {
            const double share = clv_smoothstep(0, 0.8, (double)field[i] - edge);
            veil(s, t, i, amount * share);
            s->truth[(size_t)t * n + i] = truth_of(share);
        }
    }
    const bool done = field != NULL;
    free(field);
    return done;
}

bool clv_grounds_contrail(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    float *field = clv_alloc_array(n, 1, sizeof *field);
    for (int t = 0; t < s->dates && field; t++) {
        clv_random rng;
        clv_random_seed(&rng, clv_hash_seed(seed, (uint64_t)t));
        if (!on[t])
            continue;
        clv_grounds_field(s, (uint32_t)clv_random_next(&rng), 12, 3, 0.5, field);
        const double angle = clv_random_range(&rng, 0, 3.141592653589793);
        const double x0 = clv_random_range(&rng, 0.35, 0.65) * s->width;
        const double y0 = clv_random_range(&rng, 0.35, 0.65) * s->height;
        for (size_t i = 0; i < n; i++) {
            const double x = (double)(i % (size_t)s->width) - x0, y = (double)(i / (size_t)s->width) - y0;
            const double across = (y * cos(angle) - x * sin(angle)) / 2.2;
            const double share = exp(-across * across) * fmin(1, fmax(0.6, 1 + 0.15 * field[i]));
            veil(s, t, i, amount * share);
            s->truth[(size_t)t * n + i] = truth_of(share);
        }
    }
    const bool done = field != NULL;
    free(field);
    return done;
}

static uint8_t truth_under_cloud(float alpha, float shadow)
{
    if (alpha >= 0.3f)
        return CLV_TRUTH_CLOUD;
    if (alpha > 0.02f)
        return CLV_TRUTH_UNKNOWN;
    return shadow >= 0.3f ? CLV_TRUTH_SHADOW : shadow < 0.05f ? CLV_TRUTH_CLEAR : CLV_TRUTH_UNKNOWN;
}

bool clv_grounds_cloud(clv_grounds_scene *s, const bool *on, double amount, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    float *alpha = clv_alloc_array(2, n, sizeof *alpha);
    for (int t = 0; t < s->dates && alpha; t++) {
        float *x = clv_grounds_date(s, t), *shadow = alpha + n;
        clv_random rng;
        clv_random_seed(&rng, clv_hash_seed(seed, (uint64_t)t));
        if (!on[t])
            continue;
        clv_soft_clouds clouds = clv_soft_clouds_draw(&rng, 1);
        double green = 0;
        for (size_t i = 0; i < n; i++)
            green += x[n + i] / (double)n;
        clouds.cover = amount;
        clouds.veil = 0;                                          /* a pixel is cloud, shadow, clear, or an edge */
        clouds.brightness = fmax(clouds.brightness, 0.9 * green); /* over snow about as bright as that */
        float *const bands[CLV_GROUNDS_BANDS] = {x, x + n, x + 2 * n, s->has_nir ? x + 3 * n : NULL};
        clv_soft_clouds_lay(&clouds, bands, s->width, s->height, alpha, shadow);
        for (size_t i = 0; i < n; i++)
            s->truth[(size_t)t * n + i] = truth_under_cloud(alpha[i], shadow[i]);
    }
    const bool done = alpha != NULL;
    free(alpha);
    return done;
}
