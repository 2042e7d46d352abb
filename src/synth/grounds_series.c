/* SPDX-License-Identifier: MIT
 *
 * grounds: one picture as a series of stable ground.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "synth/grounds_private.h"

CLV_EXACT_FLOATS

#define MOST_SHIFT (1.0 / 3)

/* Haze by band, relative to blue: red, green, blue, NIR. */
static const double haze_of[CLV_GROUNDS_BANDS] = {0.52, 0.72, 1, 0.25};

/* Weights of the pixels -1, 0, 1, 2 for a point `f` behind pixel 0: cubic convolution (Keys 1981), which hardly blurs.
 */
static void cubic(double f, double weight[4])
{
    weight[0] = ((-0.5 * f + 1) * f - 0.5) * f;
    weight[1] = (1.5 * f - 2.5) * f * f + 1;
    weight[2] = ((-1.5 * f + 2) * f + 0.5) * f;
    weight[3] = (0.5 * f - 0.5) * f * f;
}

static int within(int i, int n)
{
    return i < 0 ? 0 : i < n ? i : n - 1;
}

static void shift_plane(const float *in, int width, int height, double dx, double dy, float *out)
{
    double wx[4], wy[4];
    const int x0 = (int)floor(dx), y0 = (int)floor(dy);
    cubic(dx - x0, wx);
    cubic(dy - y0, wy);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double sum = 0;
            for (int v = 0; v < 4; v++)
                for (int u = 0; u < 4; u++)
                    sum += wx[u] * wy[v] *
                           in[(size_t)within(y + y0 + v - 1, height) * (size_t)width +
                              (size_t)within(x + x0 + u - 1, width)];
            out[(size_t)y * (size_t)width + (size_t)x] = (float)sum;
        }
}

bool clv_grounds_vary(clv_grounds_scene *s, uint64_t seed)
{
    const size_t n = clv_grounds_pixels(s);
    float *plane = clv_alloc_array(n, 1, sizeof *plane);
    if (!plane)
        return false;
    clv_random rng;
    clv_random_seed(&rng, seed);
    for (int t = 0; t < s->dates; t++) {
        const double gain = clv_random_range(&rng, 0.95, 1.05), haze = clv_random_range(&rng, 0, 0.015);
        const double dx = clv_random_range(&rng, -MOST_SHIFT, MOST_SHIFT);
        const double dy = clv_random_range(&rng, -MOST_SHIFT, MOST_SHIFT);
        for (int b = 0; b < CLV_GROUNDS_BANDS; b++) {
            float *x = clv_grounds_date(s, t) + (size_t)b * n;
            const double factor = gain * clv_random_range(&rng, 0.99, 1.01);
            memcpy(plane, x, n * sizeof *x);
            shift_plane(plane, s->width, s->height, dx, dy, x);
            for (size_t i = 0; i < n; i++)
                x[i] = (float)fmax(0.0005, factor * x[i] + haze * haze_of[b] + 0.002 * clv_random_gauss(&rng));
        }
    }
    free(plane);
    return true;
}
