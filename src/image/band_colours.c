/* SPDX-License-Identifier: MIT */
#include "image/band_colours.h"

#include <math.h>

#include "base/select.h"

#define BRIGHT 0.35F      /* of three of the bands: cloud and snow */
#define PLANT 0.15F       /* brightest band of a plant */
#define PLANT_RATIO 2     /* ... over the next one */
#define FEWEST 400        /* plants */
#define LEAST_PLANTS 0.05 /* of the pixels compared */
#define MANY_PLANTS 0.1   /* ... to compare red and blue */
#define ALIKE 0.95        /* plants that are brightest in one band */
#define FITS 1.1          /* range of red over that of blue */
#define SWAPPED 0.75      /* ... which no picture has */

/* The brightest of the four; *next: the one after it. */
static int brightest(const float *const *x, int i, float *next)
{
    int at = 0;
    for (int c = 1; c < CLV_ORDER_BANDS; c++)
        at = x[c][i] > x[at][i] ? c : at;
    *next = 0;
    for (int c = 0; c < CLV_ORDER_BANDS; c++)
        *next = c != at && x[c][i] > *next ? x[c][i] : *next;
    return at;
}

static double range_of(const float *plane, const float *chosen, int n, float *scratch)
{
    for (int k = 0; k < n; k++)
        scratch[k] = plane[(int)chosen[k]];
    const float low = clv_select(scratch, n, n / 10);
    return clv_select(scratch, n, n - 1 - n / 10) - low;
}

clv_colours clv_band_colours(const float *const *planes, const uint8_t *use, int pixels, float *scratch)
{
    clv_colours found = {.verdict = CLV_COLOURS_UNKNOWN, .nir = 3};
    int plants[CLV_ORDER_BANDS] = {0}, all = 0, seen = 0, land = 0;
    float *chosen = scratch + pixels; /* numbers of pixels: exact below 2^24 */
    for (int i = 0; i < pixels; i++) {
        float next;
        const int at = brightest(planes, i, &next);
        if (!use[i] || !(next > 0) || next >= BRIGHT)
            continue;
        seen++;
        if (planes[at][i] > PLANT && planes[at][i] > PLANT_RATIO * next) {
            plants[at]++;
            all++;
        }
    }
    if (all < FEWEST || all < LEAST_PLANTS * seen)
        return found;
    for (int c = 0; c < CLV_ORDER_BANDS; c++)
        found.nir = plants[c] > plants[found.nir] ? c : found.nir;
    if (plants[found.nir] < ALIKE * all)
        return found;
    if (found.nir != 3) {
        found.verdict = CLV_COLOURS_NIR_ELSEWHERE;
        return found;
    }
    if (all < MANY_PLANTS * seen)
        return found;
    for (int i = 0; i < pixels; i++) {
        float next;
        if (use[i] && brightest(planes, i, &next) == 3 && next > 0 && next < BRIGHT)
            chosen[land++] = (float)i;
    }
    const double red = range_of(planes[0], chosen, land, scratch), blue = range_of(planes[2], chosen, land, scratch);
    if (red >= FITS * blue)
        found.verdict = CLV_COLOURS_FIT;
    else if (red < SWAPPED * blue)
        found.verdict = CLV_COLOURS_SWAPPED;
    return found;
}
