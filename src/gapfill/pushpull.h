/* SPDX-License-Identifier: MIT
 *
 * pushpull: smooth values for unknown pixels from their surroundings, by the push-pull algorithm (Gortler et al. 1996):
 * known values are averaged over blocks of 2, 4, 8, ... pixels, and unknown ones are interpolated bilinearly from the
 * finest blocks with enough known pixels. A block has the share of its known pixels as weight, so that a few scattered
 * pixels influence their neighbourhood only.
 *
 *     clv_buffer scratch = {0};
 *     if (!clv_pushpull(values, planes, known, width, height, &scratch))   // out of memory
 *         ...
 *     clv_buffer_free(&scratch);
 *
 * Threads: any number, each with a buffer of its own.
 */
#ifndef CLV_GAPFILL_PUSHPULL_H
#define CLV_GAPFILL_PUSHPULL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* values [planes, height, width]: read where known, written elsewhere (0 when no pixel is known). known [height,
 * width], non-zero = known. False when out of memory. */
bool clv_pushpull(float *values, int planes, const uint8_t *known, int width, int height, clv_buffer *scratch);

#endif
