/* SPDX-License-Identifier: MIT
 *
 * noise: smooth random fields on the plane: gradient noise (Perlin 2002) and fractal sums of it.
 *
 * A field is a pure function of (seed, x, y), so any window of it can be made on its own, and the same bits come out on
 * every machine with IEEE floats (no libm).
 *
 *     double h = clv_noise_fractal(seed, x / 200.0, y / 200.0, 6, 0.5);   // structures of 200 pixels and smaller
 */
#ifndef CLV_CORE_NOISE_H
#define CLV_CORE_NOISE_H

#include <stdint.h>

/* One octave: mean 0, standard deviation about 0.18, within +-1; features of size about 1. Coordinates within +-10^9. */
double clv_noise(uint32_t seed, double x, double y);
/* Sum of `octaves` of clv_noise, each twice as fine, turned, and `gain` times as strong as the one before; scaled to a standard
 * deviation of about 1 whatever octaves and gain are. */
double clv_noise_fractal(uint32_t seed, double x, double y, int octaves, double gain);
/* 0 below `low`, 1 above `high`, a smooth step between. */
double clv_smoothstep(double low, double high, double x);

#endif
