/* SPDX-License-Identifier: MIT
 *
 * clouds: makes believable cloud fields and lays them on pictures of clear ground.
 *
 * A field is described by options and the size of the scene it covers; any window of it can then be rendered on its
 * own, always with the same bits (no libm: equal on every machine with IEEE floats). Cumulus clumps with wispy rims,
 * stratus sheets, thin cirrus and haze, shadows on the ground, self-shading.
 *
 *     clv_cloud_options options;
 *     clv_cloud_options_init(&options);
 *     options.seed = 7;
 *     options.cover = 0.4;
 *     clv_cloud_field field;
 *     clv_cloud_field_init(&field, &options, 128, 128);
 *     clv_cloud_field_render(&field, 0, 0, 128, 128, alpha, shadow, shade);
 *     float *bands[4] = {red, green, blue, nir};          // planes of reflectance by clv_role, NULL = absent
 *     clv_clouds_apply(&field, alpha, shadow, shade, 128 * 128, bands);
 *     clv_clouds_mask(alpha, shadow, 128 * 128, mask);    // 0 clear, 1 cloud, 2 shadow
 *
 * Threads: a field is read-only after init and holds no pointers; copy it freely, render from any thread.
 */
#ifndef CLV_SYNTH_CLOUDS_H
#define CLV_SYNTH_CLOUDS_H

#include <stddef.h>
#include <stdint.h>

/* Opacity from which a pixel counts as cloud; haze stays below it. */
#define CLV_CLOUD_ALPHA 0.1
/* Shadow darkness from which a pixel that is no cloud counts as shadow. */
#define CLV_CLOUD_SHADOW 0.2

/* Of clv_clouds_mask. */
#define CLV_CLOUD_CLASS_CLEAR 0
#define CLV_CLOUD_CLASS_CLOUD 1
#define CLV_CLOUD_CLASS_SHADOW 2

typedef struct clv_cloud_options {
    uint64_t seed;
    double cover; /* share of the scene's pixels with opacity >= CLV_CLOUD_ALPHA, 0 .. 1 */
    double thin;  /* share of that cover that is thin cirrus (opacity up to about 0.5, faint shadow), 0 .. 1 */
    double haze;  /* greatest opacity of haze between the clouds, 0 .. 0.09 */
    double scale; /* size of the largest clumps in pixels, from 4 (a mid-latitude cumulus field at 20 m: 30 .. 150) */
    double softness;  /* 0: crisp edges, opaque at once .. 1: wide semi-transparent rims */
    double sheet;     /* 0: cumulus clumps .. 1: stratus sheets with streaks */
    double shadow_dx; /* from a cloud to its shadow in pixels, x to the east and y to the south; the sun is opposite */
    double shadow_dy;
    double brightness; /* reflectance of thick cloud in the red, 0.25 .. 1.0 */
} clv_cloud_options;

/* A field ready to render. Members are for clouds.c. */
typedef struct clv_cloud_field {
    clv_cloud_options options;
    double thick_zero, thick_gain; /* height at which thick cloud begins, and how fast it thickens above */
    double thin_zero, thin_gain;
    double streak_x, streak_y; /* direction of sheets' and cirrus' streaks, unit length */
    double sun_x, sun_y;       /* towards the sun, unit length, or 0 */
    uint32_t seeds[6];
} clv_cloud_field;

/* Defaults: seed 1, cover 0.3, thin 0.15, haze 0.03, scale 60, softness 0.3, sheet 0.2, shadow to (-9, -7)
 * (sun in the south-east), brightness 0.65. */
void clv_cloud_options_init(clv_cloud_options *options);

/* Finds the thresholds that give the wanted cover over the scene [0, width) x [0, height) (from a sample of the field:
 * the cover reached is within about 0.03). Values out of range are brought into it. */
void clv_cloud_field_init(clv_cloud_field *field, const clv_cloud_options *options, int width, int height);

/* Window at (x, y), which may lie anywhere. Planes of width * height; `shadow` and `shade` may be NULL.
 * alpha:  opacity of cloud, cirrus and haze together, 0 .. 1
 * shadow: darkness on the ground from clouds elsewhere, 0 .. 1 (also below clouds)
 * shade:  brightness of the cloud itself relative to options.brightness, about 0.5 .. 1.25 */
void clv_cloud_field_render(const clv_cloud_field *field, int x, int y, int width, int height, float *alpha,
                            float *shadow, float *shade);

/* Darkens by shadow, then covers by cloud, in place. bands: planes of reflectance for clv_role red, green, blue, NIR;
 * NULL where absent. NaN stays NaN. shadow and shade may be NULL. */
void clv_clouds_apply(const clv_cloud_field *field, const float *alpha, const float *shadow, const float *shade,
                      size_t count, float *const bands[4]);

/* Classes by the two thresholds above. shadow may be NULL. */
void clv_clouds_mask(const float *alpha, const float *shadow, size_t count, uint8_t *mask);

#endif
