/* SPDX-License-Identifier: MIT
 *
 * level_pixels: what one pixel of two dates says of their levels. A constant changes all bands by the same difference,
 * a factor by the same ratio, whatever the bands show; haze, growth and light do neither. Surest are plants, whose near
 * infrared lies far above the visible bands: a veil takes more of what is brighter.
 *
 *     const float a[4] = {.12f, .14f, .13f, .40f}, b[4] = {.02f, .04f, .03f, .30f};
 *     float difference;
 *     if (clv_level_is_plant(a, b, 1) && clv_level_alike(a, b, 1, 4, &difference))
 *         printf("%.2f\n", difference);                         // 0.10
 *
 * Of a pixel's bands the first is at x[0], the next at x[stride]; the first three are visible, the fourth is near
 * infrared. Threads: pure functions.
 */
#ifndef CLV_IMAGE_LEVEL_PIXELS_H
#define CLV_IMAGE_LEVEL_PIXELS_H

#include <stdbool.h>
#include <stddef.h>

#define CLV_LEVEL_BIN 0.005    /* of a histogram of differences, in reflectance */
#define CLV_LEVEL_CLOUD 0.3    /* brighter and nearly white is cloud or snow, whose differences tell nothing */
#define CLV_LEVEL_LOG_BIN 0.02 /* of a histogram of ratios, natural logarithm */

/* Whether a - b is the same in all bands; *difference: of the visible ones. */
bool clv_level_alike(const float *a, const float *b, size_t stride, int bands, float *difference);

/* Whether a / b is the same in all bands; *ratio: natural logarithm, mean of the bands. */
bool clv_level_in_proportion(const float *a, const float *b, size_t stride, int bands, float *ratio);

/* Whether both dates show a plant, by the differences of their bands, which a constant leaves as they are. */
bool clv_level_is_plant(const float *a, const float *b, size_t stride);

/* The same by the ratios of their bands, which a factor leaves as they are, and whether the visible bands have the same
 * ratios to near infrared; *ratio: natural logarithm of a / b in near infrared. */
bool clv_level_is_scaled_plant(const float *a, const float *b, size_t stride, float *ratio);

/* A veil of thin cloud adds next to the same to all bands, but less where more is seen: near infrared rises less than
 * the visible bands. *taken: the part of what plants show more in near infrared that the brighter date lacks, median of
 * the plants among n pixels whose visible bands differ by about `at`, a - b. scratch [n]. Returns how many. */
int clv_level_plants_taken(const float *a, const float *b, size_t stride, int n, double at, float *scratch,
                           double *taken);

/* Whether the pixel, with `add` on every band, is cloud or snow. */
bool clv_level_is_white(const float *x, size_t stride, float add);

#endif
