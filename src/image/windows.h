/* SPDX-License-Identifier: MIT
 *
 * windows: the grid of overlapping windows that covers a scene, their blending weights, and reflection at edges.
 *
 * The grid is anchored at the scene's upper left pixel: window i of an axis starts at i * stride, the last one ends at
 * or beyond the scene's end; pixels beyond the end are made by reflection. So a window's content depends only on the
 * scene, never on which other windows are asked for.
 */
#ifndef CLV_IMAGE_WINDOWS_H
#define CLV_IMAGE_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#define CLV_WINDOW_SIZE 128
#define CLV_WINDOW_STRIDE 96
#define CLV_WINDOW_ALIGNMENT 192 /* a multiple of the stride of every kind of window: crops begin there */
#define CLV_MIN_SIDE 16          /* pixels per axis */

/* Windows of one kind: size and stride in pixels, and the pixels around a window that are read with it. */
typedef struct clv_window_grid {
    int size, stride, context;
} clv_window_grid;

typedef struct clv_rect {
    int x, y, width, height;
} clv_rect;

/* Number of windows along an axis of `length` pixels (1 when length <= size). */
int clv_window_count(int length, int size, int stride);
/* Indices [*first, *last] of the windows that touch pixels [from, to) of an axis. */
void clv_window_range(int length, int size, int stride, int from, int to, int *first, int *last);
/* Blending weights of window `index` of an axis: a Hann ramp over the overlaps, flat elsewhere and at the scene's
 * borders. weight[size]; summed over all windows, every pixel inside [0, length) gets exactly 1 (within float
 * rounding). */
void clv_window_weights(int length, int size, int stride, int index, float *weight);
/* i mirrored at 0 and length-1 without repeating the edge pixel (-1 -> 1, length -> length-2); any i, length >= 1. */
int clv_reflect(int i, int length);
/* Intersection; width/height 0 when empty. */
clv_rect clv_rect_intersect(clv_rect a, clv_rect b);

#endif
