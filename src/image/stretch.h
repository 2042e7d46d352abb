/* SPDX-License-Identifier: MIT
 *
 * stretch: reflectance as it is shown: from the 2nd to the 98th percentile, with a gamma of 1.5, because land is dark
 * beside towns and sand.
 *
 *     clv_stretch s = clv_stretch_find(values, n);       // sorts the values
 *     uint8_t grey = clv_stretched(&s, v);
 *
 * Plain values. Threads: pure functions.
 */
#ifndef CLV_IMAGE_STRETCH_H
#define CLV_IMAGE_STRETCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct clv_stretch {
    float low, high; /* high > low */
} clv_stretch;

/* values [n], finite; 0 to 1 when there are none. They are sorted. */
clv_stretch clv_stretch_find(float *values, size_t n);
uint8_t clv_stretched(const clv_stretch *stretch, float v);

#endif
