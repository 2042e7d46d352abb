/* SPDX-License-Identifier: MIT */
#include "synth/ground_cover.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "synth/noise.h"

enum { RED, GREEN, BLUE, NIR };

static void snow_spectrum(clv_random *rng, double out[4])
{
    const double bright = clv_random_range(rng, 0.45, 0.98), blue = clv_random_range(rng, 0.97, 1.06);
    out[GREEN] = bright;
    out[BLUE] = bright * blue;
    out[RED] = bright * clv_random_range(rng, 0.95, 1.01);
    out[NIR] = bright * clv_random_range(rng, 0.7, 0.96);
}

static void sand_spectrum(clv_random *rng, double out[4])
{
    const bool salt = clv_random_unit(rng) < 0.5;
    const double blue = salt ? clv_random_range(rng, 0.4, 0.7) : clv_random_range(rng, 0.15, 0.45);
    const double rise = salt ? clv_random_range(rng, 0.98, 1.1) : clv_random_range(rng, 1.08, 1.35);
    out[BLUE] = blue;
    out[GREEN] = blue * rise;
    out[RED] = fmin(0.85, out[GREEN] * (salt ? clv_random_range(rng, 0.98, 1.05) : rise));
    out[NIR] = fmin(0.9, out[RED] * (salt ? clv_random_range(rng, 0.95, 1.08) : clv_random_range(rng, 1.03, 1.25)));
}

/* Half of it under the air of Level-1C. */
static void water_spectrum(clv_random *rng, double out[4])
{
    const double air = clv_random_unit(rng) < 0.5 ? 0 : clv_random_range(rng, 0, 0.06);
    out[BLUE] = clv_random_range(rng, 0.02, 0.07) + air;
    out[GREEN] = clv_random_range(rng, 0.02, 0.08) + 0.7 * air;
    out[RED] = clv_random_range(rng, 0.01, 0.06) + 0.4 * air;
    out[NIR] = clv_random_range(rng, 0.003, 0.035) + 0.15 * air;
}

clv_ground_cover clv_ground_cover_draw(clv_random *rng, clv_cover_kind kind)
{
    clv_ground_cover c = {.kind = kind};
    c.seed = (uint32_t)clv_random_next(rng);
    c.size = 8 * exp2(clv_random_range(rng, 0, 4));
    switch (kind) {
    case CLV_COVER_SNOW:
        c.level = clv_random_range(rng, -3.5, 0.5);
        c.edge = clv_random_range(rng, 0.1, 1.5);
        c.texture = clv_random_range(rng, 0.05, 0.6);
        c.trees = clv_random_range(rng, 0.1, 0.95);
        snow_spectrum(rng, c.spectrum);
        break;
    case CLV_COVER_SAND:
        c.level = clv_random_range(rng, -2.5, 1.0);
        c.edge = clv_random_range(rng, 0.05, 0.8);
        c.texture = clv_random_range(rng, 0.05, 0.5);
        sand_spectrum(rng, c.spectrum);
        break;
    case CLV_COVER_PATCHES:
        c.patches = 1 + clv_random_int(rng, 30);
        c.size = 2 * exp2(clv_random_range(rng, 0, 3.3)); /* of a patch */
        c.texture = clv_random_range(rng, 0, 0.3);
        c.angle = clv_random_range(rng, 0, 1.5707963);
        break;
    case CLV_COVER_WATER:
        c.size = 4 * exp2(clv_random_range(rng, 0, 4));
        c.level = clv_random_range(rng, 0.2, 1.8);
        c.edge = clv_random_range(rng, 0.02, 0.15);
        c.texture = clv_random_range(rng, 0, 0.15);
        water_spectrum(rng, c.spectrum);
        break;
    default:
        c.level = clv_random_range(rng, 0, 1.2);
        c.edge = clv_random_range(rng, 0.03, 0.3);
        c.spectrum[NIR] = clv_random_range(rng, 0.3, 0.6);
        for (int b = RED; b <= BLUE; b++)
            c.spectrum[b] = clv_random_range(rng, 0.5, 0.95);
    }
    return c;
}

/* How much brighter a pixel is than the picture, as a factor around 1: the relief that still shows under a cover. */
static double texture_at(const clv_ground_cover *c, const float *green, double mean, size_t i)
{
    const double relative = mean > 0.005 ? fmin(2, fmax(0, green[i] / mean)) : 1;
    return fmin(1.15, fmax(0.5, 1 + c->texture * (relative - 1)));
}

/* Dense vegetation, 0 .. 1. */
static double vegetation(float *const bands[4], size_t i)
{
    const double red = bands[RED][i], nir = bands[NIR][i];
    return nir + red > 0.02 ? clv_smoothstep(0.3, 0.75, (nir - red) / (nir + red)) : 0;
}

static void cover_pixel(const clv_ground_cover *c, float *const bands[4], size_t i, double share, double texture)
{
    for (int b = 0; b < 4; b++)
        bands[b][i] += (float)(share * (c->spectrum[b] * texture - bands[b][i]));
}

static void lay_field(const clv_ground_cover *c, float *const bands[4], int width, int height, double mean)
{
    clv_noise_cell cache[CLV_NOISE_OCTAVES] = {0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const size_t i = (size_t)y * (size_t)width + (size_t)x;
            const double field = clv_noise_fractal(cache, c->seed, x / c->size, y / c->size, 4, 0.55);
            double share = clv_smoothstep(c->level - c->edge, c->level + c->edge, field);
            if (share <= 0)
                continue;
            if (c->kind == CLV_COVER_BURN) {
                for (int b = 0; b < 4; b++)
                    bands[b][i] *= (float)(1 + share * (c->spectrum[b] - 1));
                continue;
            }
            if (c->kind == CLV_COVER_SNOW)
                share *= 1 - c->trees * vegetation(bands, i);
            cover_pixel(c, bands, i, share, texture_at(c, bands[GREEN], mean, i));
        }
}

static void lay_patches(const clv_ground_cover *cover, float *const bands[4], int width, int height, double mean)
{
    clv_ground_cover c = *cover;
    clv_random rng;
    clv_random_seed(&rng, c.seed);
    const double cosine = cos(c.angle), sine = sin(c.angle), kind = clv_random_unit(&rng);
    for (int k = 0; k < c.patches; k++) {
        const double cx = clv_random_range(&rng, 0, width), cy = clv_random_range(&rng, 0, height);
        const double rx = c.size * clv_random_range(&rng, 0.4, 1.3), ry = c.size * clv_random_range(&rng, 0.3, 1);
        const double value = kind < 0.15 ? clv_random_range(&rng, 0.06, 0.16) : clv_random_range(&rng, 0.25, 0.75);
        for (int b = 0; b < 4; b++)
            c.spectrum[b] = value * clv_random_range(&rng, 0.92, 1.08);
        const int reach = (int)ceil(rx + ry);
        for (int y = (int)fmax(0, cy - reach); y < (int)fmin(height, cy + reach + 1); y++)
            for (int x = (int)fmax(0, cx - reach); x < (int)fmin(width, cx + reach + 1); x++) {
                const double u = fabs((x - cx) * cosine + (y - cy) * sine) - rx;
                const double v = fabs((y - cy) * cosine - (x - cx) * sine) - ry;
                const double inside = fmin(1, fmax(0, 0.5 - fmax(u, v))); /* partly covered at the edge */
                const size_t i = (size_t)y * (size_t)width + (size_t)x;
                if (inside > 0)
                    cover_pixel(&c, bands, i, inside, texture_at(&c, bands[GREEN], mean, i));
            }
    }
}

void clv_ground_cover_lay(const clv_ground_cover *cover, float *const bands[4], int width, int height)
{
    const size_t n = (size_t)width * (size_t)height;
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += bands[GREEN][i];
    mean /= (double)n;
    if (cover->kind == CLV_COVER_PATCHES)
        lay_patches(cover, bands, width, height, mean);
    else
        lay_field(cover, bands, width, height, mean);
}
