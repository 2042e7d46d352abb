/* SPDX-License-Identifier: MIT */
#include "synth/noise.h"

#include <math.h>
#include <stddef.h>

#include "base/random.h"

CLV_EXACT_FLOATS

static uint32_t lattice_hash(uint32_t seed, int32_t x, int32_t y)
{
    uint32_t h = seed ^ ((uint32_t)x * 0x9E3779B1u) ^ ((uint32_t)y * 0x85EBCA77u);
    h = (h ^ (h >> 16)) * 0x7FEB352Du;
    h = (h ^ (h >> 15)) * 0x846CA68Bu;
    return h ^ (h >> 16);
}

/* floor() of coordinates within +-2^31; without SSE 4.1 the library's is a call. */
static int32_t lattice_floor(double x)
{
    const int32_t i = (int32_t)x;
    return x < (double)i ? i - 1 : i;
}

/* Random gradients of the cell's four corners. */
static void enter_cell(clv_noise_cell *cell, uint32_t seed, int32_t x, int32_t y)
{
    for (int k = 0; k < 4; k++) {
        const uint32_t h = lattice_hash(seed, x + (k & 1), y + (k >> 1));
        cell->slope_x[k] = (double)(h & 0xFFFF) * (2.0 / 65535.0) - 1.0;
        cell->slope_y[k] = (double)(h >> 16) * (2.0 / 65535.0) - 1.0;
    }
    cell->used = true;
    cell->seed = seed;
    cell->x = x;
    cell->y = y;
}

static double fade(double t)
{
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
}

double clv_noise(clv_noise_cell *cache, uint32_t seed, double x, double y)
{
    clv_noise_cell own;
    clv_noise_cell *c = cache ? cache : &own; /* cppcheck-suppress uninitvar ; enter_cell() fills it */
    const int32_t ix = lattice_floor(x), iy = lattice_floor(y);
    if (!cache || !c->used || c->x != ix || c->y != iy || c->seed != seed)
        enter_cell(c, seed, ix, iy);
    const double dx = x - (double)ix, dy = y - (double)iy;
    const double ex = dx - 1.0, ey = dy - 1.0;
    const double u = fade(dx), v = fade(dy);
    const double n00 = c->slope_x[0] * dx + c->slope_y[0] * dy;
    const double n10 = c->slope_x[1] * ex + c->slope_y[1] * dy;
    const double n01 = c->slope_x[2] * dx + c->slope_y[2] * ey;
    const double n11 = c->slope_x[3] * ex + c->slope_y[3] * ey;
    const double top = n00 + (n10 - n00) * u, bottom = n01 + (n11 - n01) * u;
    return top + (bottom - top) * v;
}

double clv_noise_fractal(clv_noise_cell *cache, uint32_t seed, double x, double y, int octaves, double gain)
{
    double sum = 0.0, power = 0.0, amplitude = 1.0;
    for (int i = 0; i < octaves && i < CLV_NOISE_OCTAVES; i++) {
        sum += amplitude * clv_noise(cache ? cache + i : NULL, seed + (uint32_t)i * 0x632BE5ABu, x, y);
        power += amplitude * amplitude;
        amplitude *= gain;
        /* Turned by an angle with no period on the lattice, so that no direction of it shows. */
        const double turned = 1.62 * x + 1.2 * y + 17.3;
        y = 1.62 * y - 1.2 * x - 5.7;
        x = turned;
    }
    return power > 0.0 ? sum / (sqrt(power) * CLV_NOISE_SD) : 0.0;
}

double clv_smoothstep(double low, double high, double x)
{
    if (!(x > low))
        return 0.0;
    if (x >= high)
        return 1.0;
    const double t = (x - low) / (high - low);
    return t * t * (3.0 - 2.0 * t);
}
