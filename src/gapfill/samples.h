/* SPDX-License-Identifier: MIT
 *
 * samples: which pixels of a date the models are fitted to: observed ones away from its gaps, all of them or an even
 * selection; and how these are divided into parts for a jackknife.
 *
 *     int count = clv_train_mask(gap, width, height, 4, 200, mask, scratch);
 *     int samples = clv_pick_samples(mask, width, height, count, 4096, pixels);
 *
 * Threads: pure functions.
 */
#ifndef CLV_GAPFILL_SAMPLES_H
#define CLV_GAPFILL_SAMPLES_H

#include <stdint.h>

/* mask[i] = 1 where no gap lies within `gap_buffer` rows and columns. A smaller buffer is used where less than
 * min_pixels or 30 % of the observed pixels would remain. gap, mask, scratch [height, width]. Returns the number of
 * such pixels. */
int clv_train_mask(const uint8_t *gap, int width, int height, int gap_buffer, int min_pixels, uint8_t *mask,
                   uint8_t *scratch);

/* The numbers of about `wanted` (0 = all) of the `count` pixels with keep[i] != 0, ascending, evenly spread over the
 * raster; the selection is deterministic. keep [height, width], pixels [count]. Returns how many. */
int clv_pick_samples(const uint8_t *keep, int width, int height, int count, int wanted, int *pixels);

#define CLV_SAMPLE_PARTS 4

/* Sorts ascending pixels into spatially separate parts of about the same size: halves of halves, divided across the
 * longer side; ascending within each. Part k ends before pixels[ends[k]]. scratch [count]. */
void clv_part_samples(int *pixels, int count, int width, int *scratch, int ends[CLV_SAMPLE_PARTS]);

#endif
