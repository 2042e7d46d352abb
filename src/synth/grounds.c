/* SPDX-License-Identifier: MIT */
#include "synth/grounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "synth/grounds_private.h"
#include "synth/noise.h"

#define AROUND 7 /* pixels on either side of one */

static const clv_grounds_maker makers[] = {
    {"snow", 0.9, 0.3, 1.1, CLV_GROUNDS_ALL, true, false, clv_grounds_snow},
    {"salt", 0.56, 0.2, 1, CLV_GROUNDS_ALL, true, false, clv_grounds_salt},
    {"sand", 0.65, 0.2, 1, CLV_GROUNDS_ALL, true, false, clv_grounds_sand},
    {"film", 0.33, 0.01, 1, CLV_GROUNDS_ALL, true, false, clv_grounds_film},
    {"lake", 0.4, 0.01, 0.95, CLV_GROUNDS_ALL, true, false, clv_grounds_lake},
    {"ice", 0.4, 0.01, 0.95, CLV_GROUNDS_ALL, true, false, clv_grounds_ice},
    {"burn", 0.12, 0.01, 0.9, CLV_GROUNDS_LAST, true, false, clv_grounds_burn},
    {"surf", 6, 1, 40, CLV_GROUNDS_MIDDLE, false, false, clv_grounds_surf},
    {"glint", 0.08, 0.01, 0.5, CLV_GROUNDS_MIDDLE, false, false, clv_grounds_glint},
    {"plume", 35, 5, 500, CLV_GROUNDS_MIDDLE, false, false, clv_grounds_plume},
    {"ships", 30, 1, 1000, CLV_GROUNDS_MIDDLE, false, false, clv_grounds_ships},
    {"haze", 0.07, 0.001, 0.5, CLV_GROUNDS_MIDDLE, false, true, clv_grounds_haze},
    {"cirrus", 0.06, 0.001, 0.5, CLV_GROUNDS_MIDDLE, false, true, clv_grounds_cirrus},
    {"contrail", 0.08, 0.001, 0.5, CLV_GROUNDS_MIDDLE, false, true, clv_grounds_contrail},
    {"cloud", 0.35, 0.01, 0.95, CLV_GROUNDS_MIDDLE, false, true, clv_grounds_cloud},
};

const clv_grounds_maker *clv_grounds_maker_named(const char *name)
{
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (strcmp(name, makers[i].name) == 0)
            return &makers[i];
    return NULL;
}

const char *clv_grounds_maker_names(void)
{
    return "snow, salt, sand, film, lake, ice, burn, surf, glint, plume, ships, haze, cirrus, contrail, cloud";
}

/* ---- What they share ------------------------------------------------------------------------------ */

/* out = mean of the values within AROUND along one axis. */
static void box_mean(const float *in, size_t lines, size_t length, size_t line_step, size_t step, float *out)
{
    for (size_t k = 0; k < lines; k++)
        for (size_t i = 0; i < length; i++) {
            const size_t from = i > AROUND ? i - AROUND : 0, to = i + AROUND < length ? i + AROUND : length - 1;
            double sum = 0;
            for (size_t j = from; j <= to; j++)
                sum += in[k * line_step + j * step];
            out[k * line_step + i * step] = (float)(sum / (double)(to - from + 1));
        }
}

bool clv_grounds_texture(const clv_grounds_scene *s, float *texture)
{
    const size_t n = clv_grounds_pixels(s), width = (size_t)s->width, height = (size_t)s->height;
    float *light = clv_alloc_array(3, n, sizeof *light);
    if (!light)
        return false;
    float *rows = light + n, *mean = light + 2 * n;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (int t = 0; t < s->dates; t++) {
            const float *x = clv_grounds_date(s, t);
            sum += x[i] + x[n + i] + x[2 * n + i];
        }
        light[i] = (float)(sum / (3 * s->dates)) + 0.01f;
    }
    box_mean(light, height, width, width, 1, rows);
    box_mean(rows, width, height, 1, width, mean);
    for (size_t i = 0; i < n; i++)
        texture[i] = fminf(1.6f, fmaxf(0.5f, light[i] / mean[i]));
    free(light);
    return true;
}

float clv_grounds_field(const clv_grounds_scene *s, uint32_t seed, double size, int octaves, double share, float *field)
{
    enum { BINS = 2048 };
    const size_t n = clv_grounds_pixels(s);
    clv_noise_cell cache[CLV_NOISE_OCTAVES] = {0};
    size_t counts[BINS] = {0}, above = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = (double)(i % (size_t)s->width) / size, y = (double)(i / (size_t)s->width) / size;
        field[i] = (float)clv_noise_fractal(cache, seed, x, y, octaves, 0.5);
        const int bin = (int)((field[i] + 4) / 8 * BINS);
        counts[bin < 0 ? 0 : bin < BINS ? bin : BINS - 1]++;
    }
    int bin = BINS;
    while (bin > 0 && (double)above < share * (double)n)
        above += counts[--bin];
    return (float)bin / BINS * 8 - 4;
}

void clv_grounds_find_water(const clv_grounds_scene *s, uint8_t *water)
{
    const size_t n = clv_grounds_pixels(s);
    for (size_t i = 0; i < n; i++) {
        double mean[CLV_GROUNDS_BANDS] = {0};
        for (int t = 0; t < s->dates; t++)
            for (int b = 0; b < CLV_GROUNDS_BANDS; b++)
                mean[b] += clv_grounds_date(s, t)[(size_t)b * n + i] / s->dates;
        water[i] = s->has_nir ? mean[3] < 0.1 && mean[3] < mean[1] : mean[0] < 0.06 && mean[0] < mean[2];
    }
}
