/* SPDX-License-Identifier: MIT
 *
 * half: 16-bit floating point numbers (IEEE binary16) as their bits. No state, any thread.
 *
 *     float x = clv_half_to_float(0x3C00);   // 1.0
 */
#ifndef CLV_FORMATS_HALF_H
#define CLV_FORMATS_HALF_H

#include <stdint.h>

float clv_half_to_float(uint16_t bits); /* exact; NaN stays NaN */
/* To the nearest, ties to even; too large gives infinity, NaN stays NaN. */
uint16_t clv_float_to_half(float value);

#endif
