/* SPDX-License-Identifier: MIT
 *
 * select: order statistics of small arrays of floats. The arrays are reordered. Finite values only.
 *
 *     float low = clv_select(values, n, (n - 1) / 2);
 */
#ifndef CLV_BASE_SELECT_H
#define CLV_BASE_SELECT_H

/* The element that stands at index k (0 <= k < n) when the array is sorted; afterwards nothing before k is greater
 * and nothing behind k is smaller. */
float clv_select(float *values, int n, int k);
/* The median; for even n the mean of the two middle values. n >= 1. */
double clv_median(float *values, int n);

#endif
