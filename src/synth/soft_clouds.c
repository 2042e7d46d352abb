/* SPDX-License-Identifier: MIT */
#include "synth/soft_clouds.h"

#include <math.h>
#include <stddef.h>

#include "synth/noise.h"

#define MOST_DEPTH 8.0
#define BINS 1024

/* What shadow takes of red, green, blue and NIR: less where the sky still lights the ground. */
static const double shadow_takes[4] = {0.58, 0.52, 0.45, 0.66};

clv_soft_clouds clv_soft_clouds_draw(clv_random *rng, double scale)
{
    clv_soft_clouds c;
    c.seed = (uint32_t)clv_random_next(rng);
    c.veil_seed = (uint32_t)clv_random_next(rng);
    c.cover = clv_random_range(rng, 0.15, 0.7);
    c.correlation = fmax(2, scale * clv_random_range(rng, 14, 40));
    c.rise = clv_random_range(rng, 12, 40);
    c.veil = clv_random_unit(rng) < 0.5 ? clv_random_range(rng, 0, 0.11) : 0;
    c.brightness = clv_random_range(rng, 0.45, 0.71);
    const double way = scale * clv_random_range(rng, 4, 12), angle = clv_random_range(rng, 0, 6.283185307179586);
    c.dx = way * cos(angle);
    c.dy = way * sin(angle);
    return c;
}

/* Smooth, with structures of `correlation` pixels. */
static void draw_field(uint32_t seed, double correlation, int width, int height, double x0, double y0, float *field)
{
    clv_noise_cell cache[CLV_NOISE_OCTAVES] = {0};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            field[(size_t)y * (size_t)width + (size_t)x] =
                (float)clv_noise_fractal(cache, seed, (x + x0) / correlation / 2, (y + y0) / correlation / 2, 2, 0.4);
}

static void span_of(const float *field, size_t n, float *low, float *high)
{
    *low = *high = field[0];
    for (size_t i = 0; i < n; i++) {
        *low = fminf(*low, field[i]);
        *high = fmaxf(*high, field[i]);
    }
}

/* The value of the field, brought to 0 .. 1, above which the share `cover` lies. */
static double edge_of(const float *field, size_t n, float low, float high, double cover)
{
    size_t counts[BINS] = {0}, above = 0;
    for (size_t i = 0; i < n; i++) {
        int bin = (int)((field[i] - low) / (high - low) * BINS);
        counts[bin < BINS ? bin : BINS - 1]++;
    }
    int bin = BINS;
    while (bin > 0 && (double)above < cover * (double)n)
        above += counts[--bin];
    return (double)bin / BINS;
}

/* Opacity of the cloud alone, as seen at (x0, y0) further. */
static void draw_opacity(const clv_soft_clouds *c, int width, int height, double x0, double y0, float low, float high,
                         double edge, float *alpha)
{
    const size_t n = (size_t)width * (size_t)height;
    draw_field(c->seed, c->correlation, width, height, x0, y0, alpha);
    for (size_t i = 0; i < n; i++) {
        const double above = (alpha[i] - low) / (high - low) - edge;
        alpha[i] = above > 0 ? (float)(1 - exp(-fmin(MOST_DEPTH, c->rise * above))) : 0;
    }
}

void clv_soft_clouds_lay(const clv_soft_clouds *c, float *const bands[4], int width, int height, float *alpha,
                         float *shadow)
{
    const size_t n = (size_t)width * (size_t)height;
    float low, high;
    draw_field(c->seed, c->correlation, width, height, 0, 0, alpha);
    span_of(alpha, n, &low, &high);
    high = high > low ? high : low + 1;
    const double edge = edge_of(alpha, n, low, high, c->cover);
    draw_opacity(c, width, height, -c->dx, -c->dy, low, high, edge, shadow);
    draw_opacity(c, width, height, 0, 0, low, high, edge, alpha);
    clv_noise_cell cell = {0};
    for (size_t i = 0; i < n; i++) {
        double through = 1 - alpha[i];
        if (c->veil > 0) {
            const double x = (double)(i % (size_t)width) / (4 * c->correlation),
                         y = (double)(i / (size_t)width) / (4 * c->correlation);
            const double field = 0.5 + clv_noise(&cell, c->veil_seed, x, y);
            through *= exp(-c->veil * fmin(1, fmax(0, field)));
        }
        for (int b = 0; b < 4; b++)
            if (bands[b])
                bands[b][i] =
                    (float)((1 - shadow_takes[b] * shadow[i]) * bands[b][i] * through + c->brightness * (1 - through));
        alpha[i] = (float)(1 - through);
    }
}
