/* SPDX-License-Identifier: MIT
 *
 * pushpull: smooth values for pixels that have none, from their surroundings: known values are averaged over blocks of
 * 2, 4, 8, ... pixels, and unknown ones take what the finest blocks say that know enough, enlarged bilinearly (Gortler
 * et al. 1996). A block counts by the share of it that is known: a few scattered pixels colour nothing but their
 * neighbourhood.
 *
 *     clv_buffer room = {0};
 *     if (!clv_pushpull(values, planes, known, width, height, &room))   // out of memory
 *         ...
 *     clv_buffer_free(&room);
 */
#ifndef CLV_GAPFILL_PUSHPULL_H
#define CLV_GAPFILL_PUSHPULL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* values [planes, height, width]: read where known, written elsewhere (0 when nothing at all is known). known [height,
 * width], non-zero = known. The same input gives the same bits. False when out of memory. */
bool clv_pushpull(float *values, int planes, const uint8_t *known, int width, int height, clv_buffer *scratch);

#endif
