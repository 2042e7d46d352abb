/* SPDX-License-Identifier: MIT
 *
 * spread: extends values from where they are known to where they are not: normalised convolution with boxes of several
 * radii, small ones with the largest weight. Sums are in fixed point, so that a result has the same bits whatever part
 * of the raster the sums begin at.
 *
 *     clv_spread s = {0};
 *     if (!clv_spread_begin(&s, width, height, planes))                // out of memory
 *         ...
 *     clv_spread_fill(&s, known, values);
 *     double total = clv_spread_at(&s, x, y, false, sum);              // sum[c] / total is the value at (x, y)
 *     clv_spread_free(&s);
 *
 * One thread at a time for each; several may call clv_spread_at().
 */
#ifndef CLV_GAPFILL_SPREAD_H
#define CLV_GAPFILL_SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define CLV_SPREAD_REACH 20  /* the largest radius */
#define CLV_SPREAD_PLANES 64 /* at most */

typedef struct clv_spread {
    clv_buffer sums; /* (height + 1) x (width + 1) x (planes + 1): sums of all above and left, the last plane counts */
    int width, height, planes;
} clv_spread;

bool clv_spread_begin(clv_spread *s, int width, int height, int planes);
void clv_spread_free(clv_spread *s);
/* known [height, width], non-zero = counts; values [planes, height, width], magnitude below 1000, read where known. */
void clv_spread_fill(clv_spread *s, const uint8_t *known, const float *values);
/* Weighted sums [planes] of the known values around (x, y). Returns the sum of the weights (0 when none is near).
 * everywhere: all known values have a very small weight, so that the sum of the weights is 0 only when none is known.
 */
double clv_spread_at(const clv_spread *s, int x, int y, bool everywhere, double *sum);

#endif
