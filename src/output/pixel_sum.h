/* SPDX-License-Identifier: MIT
 *
 * pixel_sum: a checksum of a band's pixels, summed up in any order of windows.
 *
 * Every value is multiplied with an odd number that depends on its place, so that one changed value always changes
 * the sum, and several hardly ever cancel out. What the writer has written is compared with what the file holds.
 */
#ifndef CLV_OUTPUT_PIXEL_SUM_H
#define CLV_OUTPUT_PIXEL_SUM_H

#include <stddef.h>
#include <stdint.h>

/* The share of `count` values of `size` bytes (1, 2, 4, 8 or 16) in one row; place: row * width + column of the first
 * one. */
uint64_t clv_pixel_sum(const void *values, size_t size, size_t count, uint64_t place);

#endif
