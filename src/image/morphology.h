/* SPDX-License-Identifier: MIT
 *
 * morphology: dilation of masks, distances to them, and removal of specks, on plain planes (height x width, row-major).
 */
#ifndef CLV_IMAGE_MORPHOLOGY_H
#define CLV_IMAGE_MORPHOLOGY_H

#include <stdint.h>

/* out = 1 where a non-zero pixel of `mask` lies within Euclidean distance `radius`. out may not be mask. radius 0
 * copies as 0/1. Time does not grow with the radius (distance transform). Returns 0, or -1 when out of memory. */
int clv_dilate(const uint8_t *mask, int width, int height, int radius, uint8_t *out);
/* distance = thirds of a pixel to the nearest non-zero pixel of `mask` by steps of 1 along rows and columns and 4/3
 * along diagonals (a chamfer, Borgefors 1986: within 6 % of the Euclidean distance); CLV_DISTANCE_MOST when that is
 * further or there is none. */
#define CLV_DISTANCE_MOST 60000
void clv_distance(const uint8_t *mask, int width, int height, uint16_t *distance);
/* Sets connected (8) components of fewer than min_pixels non-zero pixels to 0. Returns 0, or -1 when out of memory. */
int clv_remove_specks(uint8_t *mask, int width, int height, int min_pixels);

#endif
