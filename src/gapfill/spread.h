/* SPDX-License-Identifier: MIT
 *
 * spread: carries values from where they are known to where they are not: normalised convolution with boxes of several
 * radii, near ones weighing most. Sums are kept in fixed point, so that a result is the same to the last bit
 * whatever part of a picture the sums were begun on.
 *
 *     clv_spread s = {0};
 *     if (!clv_spread_begin(&s, width, height, planes))                // out of memory
 *         ...
 *     clv_spread_fill(&s, known, values);
 *     double total = clv_spread_at(&s, x, y, false, sum);              // sum[c] / total is the value at (x, y)
 *     clv_spread_free(&s);
 */
#ifndef CLV_GAPFILL_SPREAD_H
#define CLV_GAPFILL_SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define CLV_SPREAD_REACH 20 /* the largest radius */
#define CLV_SPREAD_PLANES 64 /* at most */

typedef struct clv_spread {
    clv_buffer sums; /* (height + 1) x (width + 1) x (planes + 1): sums of all above and left, the last plane counts */
    int width, height, planes;
} clv_spread;

bool clv_spread_begin(clv_spread *s, int width, int height, int planes);
void clv_spread_free(clv_spread *s);
/* known [height, width], non-zero = counts; values [planes, height, width], magnitude below 1000, read where known. */
void clv_spread_fill(clv_spread *s, const uint8_t *known, const float *values);
/* Weighted sums [planes] of the known values around (x, y) and, returned, the sum of the weights (0 when nothing is
 * near). everywhere: all known values count a very little, so that the result is never empty. */
double clv_spread_at(const clv_spread *s, int x, int y, bool everywhere, double *sum);

#endif
