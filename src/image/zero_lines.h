/* SPDX-License-Identifier: MIT
 *
 * zero_lines: where a 0 in one band is no measurement although the other bands have one: lines of a dead detector
 * element, one or two pixels wide, and straight strips along a swath's edge or the raster's rim that a band does not
 * reach. A 0 elsewhere is a dark place, as water and shaded slopes are in blue; where such zeros lie around, nothing is
 * called a line.
 *
 *     clv_rect inner = {CLV_ZERO_LINES_REACH, CLV_ZERO_LINES_REACH, 128, 128};
 *     clv_zero_lines(zero, none, width, height, inner, rim, work, dead);
 *
 * Whether a pixel is one depends on the pixels within CLV_ZERO_LINES_REACH alone. Threads: a pure function.
 */
#ifndef CLV_IMAGE_ZERO_LINES_H
#define CLV_IMAGE_ZERO_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "image/windows.h"

#define CLV_ZERO_LINES_REACH 64 /* pixels */

/* Sides of the region at which the raster ends. */
typedef struct clv_zero_lines_rim {
    bool left, right, top, bottom;
} clv_zero_lines_rim;

/* zero [height, width]: the band is 0 where other bands have data. none [height, width]: no band has data. inner: the
 * part of the region that is asked for; the region goes CLV_ZERO_LINES_REACH beyond it, or to the raster's rim. work
 * [5, height, width]. dead [inner.height, inner.width]: |= 1 where the 0 is no measurement. */
void clv_zero_lines(const uint8_t *zero, const uint8_t *none, int width, int height, clv_rect inner,
                    const clv_zero_lines_rim *rim, uint8_t *work, uint8_t *dead);

#endif
