/* SPDX-License-Identifier: MIT
 *
 * cutting: the arithmetic of a prepared training set: where windows of 128x128 pixels lie, what is stored of their
 * pixels, which dates count as clear, what makes a cloud shape. A gap is 0 where observed, or CLV_PIXEL_CLOUD, _SHADOW,
 * _MISSING. Plain memory, no state, any thread.
 *
 *     int n = clv_cut_count(width, 128);
 *     for (int i = 0; i < n; i++) x = clv_cut_position(width, 128, i);
 */
#ifndef CLV_LEARN_DATASET_CUTTING_H
#define CLV_LEARN_DATASET_CUTTING_H

#include <stdbool.h>
#include <stdint.h>

#include "image/pixel_state.h"

#define CLV_CUT_SIDE 128
#define CLV_CUT_PIXELS (CLV_CUT_SIDE * CLV_CUT_SIDE)

/* A date is clear when less than this share of its pixels is a gap: the rule of U-TILISE for cubes whose only mask is
 * the quality mask (Stucker et al. 2023). */
#define CLV_CUT_CLEAR_BELOW 0.05
#define CLV_CUT_SHAPE_COVER 0.10 /* a cloud shape covers at least this share of its window */

/* Windows along an axis: at multiples of the stride while they fit, and one at the end when a quarter of a window or
 * more would be left over. 0 when the axis is shorter than a window. */
int clv_cut_count(int length, int stride);
int clv_cut_position(int length, int stride, int index);

/* x [bands, 128, 128] reflectance -> value [bands, 128, 128]: reflectance * 10000, rounded, clipped to [0, 32767], 0 in
 * gaps. What is not finite becomes a missing pixel of gap [128, 128]. */
void clv_cut_quantise(const float *x, int bands, uint8_t *gap, int16_t *value);
/* Share of pixels that are a gap. */
double clv_cut_cover(const uint8_t *gap);
/* The clouds and shadows of a window as a shape: 0 clear, 1 cloud, 2 shadow; missing pixels are clear. False when they
 * cover too little. */
bool clv_cut_shape(const uint8_t *gap, uint8_t *shape);
/* A window of a mask raster of 0, 1, 2 (others are 0) at (x0, y0); beyond its borders it is mirrored. */
void clv_cut_mirrored(const uint8_t *raster, int width, int height, int x0, int y0, uint8_t *gap);

#endif
