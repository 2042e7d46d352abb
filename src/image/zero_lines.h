/* SPDX-License-Identifier: MIT
 *
 * zero_lines: where a 0 in one band is no measurement although the other bands have one: rows and columns of dead
 * detector elements, up to eight pixels wide, and strips along a swath's edge or the raster's rim that a band does not
 * reach. A 0 elsewhere is a dark place, as water and shaded slopes are in blue: its edges are not straight.
 *
 *     clv_rect inner = {CLV_ZERO_LINES_REACH, CLV_ZERO_LINES_REACH, 128, 128};
 *     clv_zero_lines(zero, none, width, height, inner, rim, work, sums, dead);
 *
 * Whether a pixel is one depends on the pixels within CLV_ZERO_LINES_REACH alone. Threads: a pure function.
 */
#ifndef CLV_IMAGE_ZERO_LINES_H
#define CLV_IMAGE_ZERO_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "image/windows.h"

#define CLV_ZERO_LINES_REACH 88 /* pixels */

/* Sides of the region at which the raster ends. */
typedef struct clv_zero_lines_rim {
    bool left, right, top, bottom;
} clv_zero_lines_rim;

/* zero [height, width]: the band is 0 where other bands have data. none [height, width]: no band has data. inner: the
 * part of the region that is asked for; the region goes CLV_ZERO_LINES_REACH beyond it, or to the raster's rim. work
 * [6, height, width], sums [2, height + 1, width + 1]: work space. dead [inner.height, inner.width]: |= 1 where the 0
 * is no measurement. */
void clv_zero_lines(const uint8_t *zero, const uint8_t *none, int width, int height, clv_rect inner,
                    const clv_zero_lines_rim *rim, uint8_t *work, int32_t *sums, uint8_t *dead);

#endif
