/* SPDX-License-Identifier: MIT
 *
 * soft_clouds: clouds with soft edges, veils and shadows laid on clear pictures for measuring a whole run: what has to
 * be judged there is the edge, where a pixel is a little spoilt. (clouds.h makes clouds to look at and to train on; its
 * fields are not used here, so that nothing is measured on what it was taught.)
 *
 * The optical depth rises linearly from the cloud's edge, with 12 to 40 per unit of a smooth field that runs from 0 to
 * 1, up to 8; opacity is 1 - exp(-depth). Half of the pictures get a veil of depth up to 0.11 more. The ground is
 * darkened by the opacity of the cloud that stands between it and the sun, then covered.
 *
 *     clv_random rng;
 *     clv_random_seed(&rng, 7);
 *     clv_soft_clouds clouds = clv_soft_clouds_draw(&rng, 1);
 *     clv_soft_clouds_lay(&clouds, bands, width, height, alpha, shadow);
 *
 * Plain values; pure functions of them.
 */
#ifndef CLV_SYNTH_SOFT_CLOUDS_H
#define CLV_SYNTH_SOFT_CLOUDS_H

#include "base/random.h"

typedef struct clv_soft_clouds {
    uint32_t seed, veil_seed;
    double cover;       /* share of the picture, 0.15 .. 0.7 */
    double correlation; /* of the field, pixels */
    double rise;        /* optical depth per unit of the field, 12 .. 40 */
    double veil;        /* greatest depth of the veil, 0 or up to 0.11 */
    double brightness;  /* of opaque cloud, 0.45 .. 0.71 */
    double dx, dy;      /* from a cloud to its shadow, 4 .. 12 pixels */
} clv_soft_clouds;

/* scale: pixels of 20 m per pixel of the picture (0.5 at 40 m); correlation and shadows are drawn in metres. */
clv_soft_clouds clv_soft_clouds_draw(clv_random *rng, double scale);
/* Lays them on bands (red, green, blue, NIR; reflectance, in place; NULL where absent) of width x height. alpha,
 * shadow: [height, width], filled with the opacity of the cloud and the darkness of the shadow, 0 .. 1. */
void clv_soft_clouds_lay(const clv_soft_clouds *clouds, float *const bands[4], int width, int height, float *alpha,
                         float *shadow);

#endif
