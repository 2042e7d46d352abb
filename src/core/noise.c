/* SPDX-License-Identifier: MIT */
#include "core/noise.h"

#include <math.h>

#include "core/random.h"

CLV_EXACT_FLOATS

/* Standard deviation of one octave, measured over 5 million points. */
#define OCTAVE_SD 0.1761

static uint32_t lattice_hash(uint32_t seed, int32_t x, int32_t y)
{
    uint32_t h = seed ^ ((uint32_t)x * 0x9E3779B1u) ^ ((uint32_t)y * 0x85EBCA77u);
    h = (h ^ (h >> 16)) * 0x7FEB352Du;
    h = (h ^ (h >> 15)) * 0x846CA68Bu;
    return h ^ (h >> 16);
}

/* Dot product of the lattice point's random gradient with the offset to it. */
static double lattice_slope(uint32_t seed, int32_t x, int32_t y, double dx, double dy)
{
    const uint32_t h = lattice_hash(seed, x, y);
    const double gx = (double)(h & 0xFFFF) * (2.0 / 65535.0) - 1.0;
    const double gy = (double)(h >> 16) * (2.0 / 65535.0) - 1.0;
    return gx * dx + gy * dy;
}

/* floor() of coordinates within +-2^31; without SSE 4.1 the library's is a call. */
static int32_t lattice_floor(double x)
{
    const int32_t i = (int32_t)x;
    return x < (double)i ? i - 1 : i;
}

static double fade(double t)
{
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
}

double clv_noise(uint32_t seed, double x, double y)
{
    const int32_t ix = lattice_floor(x), iy = lattice_floor(y);
    const double dx = x - (double)ix, dy = y - (double)iy;
    const double u = fade(dx), v = fade(dy);
    const int32_t jx = ix + 1, jy = iy + 1;
    const double a = lattice_slope(seed, ix, iy, dx, dy);
    const double b = lattice_slope(seed, jx, iy, dx - 1.0, dy);
    const double c = lattice_slope(seed, ix, jy, dx, dy - 1.0);
    const double d = lattice_slope(seed, jx, jy, dx - 1.0, dy - 1.0);
    const double top = a + (b - a) * u, bottom = c + (d - c) * u;
    return top + (bottom - top) * v;
}

double clv_noise_fractal(uint32_t seed, double x, double y, int octaves, double gain)
{
    double sum = 0.0, power = 0.0, amplitude = 1.0;
    for (int i = 0; i < octaves; i++) {
        sum += amplitude * clv_noise(seed + (uint32_t)i * 0x632BE5ABu, x, y);
        power += amplitude * amplitude;
        amplitude *= gain;
        /* Turned by an angle with no period on the lattice, so that no direction of it shows. */
        const double turned = 1.62 * x + 1.2 * y + 17.3;
        y = 1.62 * y - 1.2 * x - 5.7;
        x = turned;
    }
    return power > 0.0 ? sum / (sqrt(power) * OCTAVE_SD) : 0.0;
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
