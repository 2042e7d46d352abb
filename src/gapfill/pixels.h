/* SPDX-License-Identifier: MIT
 *
 * pixels: lists of pixels of a field, and the rectangles around them.
 *
 * A list holds pixel numbers in ascending order. It is processed in blocks of CLV_FIELD_BLOCK, so its memory has space
 * for a block more than it has pixels, and clv_pixels_pad() completes the last block.
 *
 *     int count = clv_pixels_list(mask, f->width, clv_pixels_whole(f), pixels);
 *     if (count)
 *         clv_pixels_pad(pixels, count);
 *     for (int s = 0; s < count; s += CLV_FIELD_BLOCK)
 *         clv_field_interpolate(f, t, false, pixels + s, block);
 *
 * Threads: pure functions.
 */
#ifndef CLV_GAPFILL_PIXELS_H
#define CLV_GAPFILL_PIXELS_H

#include "gapfill/field.h"

/* Completes the last block by repeating the last pixel. count >= 1. Returns the padded length. */
int clv_pixels_pad(int *pixels, int count);
/* The pixels of rectangle r where mask [height, width] is not 0 (NULL: all of r). Returns how many. */
int clv_pixels_list(const uint8_t *mask, int width, clv_rect r, int *pixels);
clv_rect clv_pixels_whole(const clv_field *f);
/* r and CLV_SPREAD_REACH pixels around it, inside the field: what the residuals carried into r come from. */
clv_rect clv_pixels_near(const clv_field *f, clv_rect r);
/* The same for the rectangle that encloses the listed pixels. count >= 1. */
clv_rect clv_pixels_reach(const clv_field *f, const int *pixels, int count);

#endif
