/* SPDX-License-Identifier: MIT
 *
 * noise: smooth random fields on the plane: gradient noise (Perlin 2002) and fractal sums of it.
 *
 * A field is a pure function of (seed, x, y), so any window of it can be made on its own, and the same bits come out on
 * every machine with IEEE floats (no libm).
 *
 *     double h = clv_noise_fractal(NULL, seed, x / 200.0, y / 200.0, 6, 0.5);   // structures of 200 pixels and smaller
 *
 * Neighbouring points mostly lie in the same lattice cell. A cache, one for every place in the code that walks over a
 * picture, remembers the cell and makes the walk about three times as fast; values do not depend on it:
 *
 *     clv_noise_cell cache[CLV_NOISE_OCTAVES] = {0};
 *     for (int x = 0; x < width; x++) row[x] = clv_noise_fractal(cache, seed, x / 200.0, y / 200.0, 6, 0.5);
 *
 * Threads: pure functions but for the cache, which belongs to one thread.
 */
#ifndef CLV_SYNTH_NOISE_H
#define CLV_SYNTH_NOISE_H

#include <stdbool.h>
#include <stdint.h>

#define CLV_NOISE_OCTAVES 10 /* at most, in a fractal sum */
#define CLV_NOISE_SD 0.1761  /* standard deviation of one octave, measured over 5 million points */

/* The latest lattice cell. All zero: empty. Members are for noise.c. */
typedef struct clv_noise_cell {
    bool used;
    uint32_t seed;
    int32_t x, y;
    double slope_x[4], slope_y[4];
} clv_noise_cell;

/* One octave: mean 0, standard deviation about 0.18, within +-1; features of size about 1. Coordinates within +-10^9.
 * cache: one cell or NULL. */
double clv_noise(clv_noise_cell *cache, uint32_t seed, double x, double y);
/* Sum of `octaves` (1 .. CLV_NOISE_OCTAVES) of clv_noise, each twice as fine, turned, and `gain` times as strong as the
 * one before; scaled to a standard deviation of about 1 whatever octaves and gain are. cache: CLV_NOISE_OCTAVES cells
 * or NULL. */
double clv_noise_fractal(clv_noise_cell *cache, uint32_t seed, double x, double y, int octaves, double gain);
/* 0 below `low`, 1 above `high`, a smooth step between. */
double clv_smoothstep(double low, double high, double x);

#endif
