/* SPDX-License-Identifier: MIT
 *
 * lower_median: the median over time of what a series observes: the cloud-free reference of stage 1.
 *
 *     clv_lower_median(x, missing, dates, bands, n, reference, NULL);
 *
 * Threads: pure function.
 */
#ifndef CLV_IMAGE_LOWER_MEDIAN_H
#define CLV_IMAGE_LOWER_MEDIAN_H

#include <stdint.h>

/* Per-pixel, per-band lower median over time of the pixels not missing: element (k-1)/2 of the k sorted values.
 * x [T, C, n], missing [T, n]; out [C, n] (0 where no date has data), count [n] dates used (may be NULL). T <= 512. */
void clv_lower_median(const float *x, const uint8_t *missing, int dates, int bands, int n, float *out, uint16_t *count);

#endif
