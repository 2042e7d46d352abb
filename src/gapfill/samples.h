/* SPDX-License-Identifier: MIT
 *
 * samples: which pixels of a date are learned from: those it shows, away from its gaps, all or an even selection of
 * them; and which of these lie together.
 */
#ifndef CLV_GAPFILL_SAMPLES_H
#define CLV_GAPFILL_SAMPLES_H

#include <stdint.h>

/* learn[i] = 1 where no gap lies within `rim` rows and columns. The rim is taken smaller where less than min_pixels
 * or 30 % of the observed pixels would be left. scratch [width * height]. Returns the number of such pixels. */
int clv_learnable(const uint8_t *gap, int width, int height, int gap_buffer, int min_pixels, uint8_t *train_mask, uint8_t *scratch);

/* Numbers of about `wanted` (0 = all) of the `count` pixels with keep[i] != 0, ascending, evenly spread over the
 * picture; depends on nothing but `keep`. pixels [count]. Returns how many. */
int clv_pick_samples(const uint8_t *keep, int width, int height, int count, int wanted, int *pixels);

#define CLV_SAMPLE_PARTS 4

/* Sorts ascending pixels into parts that lie apart and are of about the same size: halves of halves, cut across the
 * longer side; ascending within each. Part k ends before pixels[ends[k]]. scratch [count]. */
void clv_part_samples(int *pixels, int count, int width, int *scratch, int ends[CLV_SAMPLE_PARTS]);

#endif
