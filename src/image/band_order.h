/* SPDX-License-Identifier: MIT
 *
 * band_order: whether two dates hold their bands in the same order, by the differences between bands on the ground that
 * both show. Where two bands are swapped, the pattern of their difference is turned over, and its level too; seasons
 * turn over the pattern of near infrared alone, haze the level alone.
 *
 *     int order[CLV_ORDER_BANDS];
 *     clv_order_verdict verdict = clv_band_order(own, other, use, 4, pixels, order);
 *     // CLV_ORDER_OTHER: the date's plane order[c] is what it shows of band c
 *
 * Threads: pure functions.
 */
#ifndef CLV_IMAGE_BAND_ORDER_H
#define CLV_IMAGE_BAND_ORDER_H

#include <stdint.h>

#define CLV_ORDER_BANDS 4

typedef enum clv_order_verdict { CLV_ORDER_UNKNOWN, CLV_ORDER_SAME, CLV_ORDER_OTHER } clv_order_verdict;

/* own, other [bands][pixels]: reflectance of two dates, 3 or 4 bands: red, green, blue, near infrared. use [pixels]:
 * both show the ground. order [bands]: set where the verdict is another order. */
clv_order_verdict clv_band_order(const float *const *own, const float *const *other, const uint8_t *use, int bands,
                                 int pixels, int *order);

#endif
