/* SPDX-License-Identifier: MIT */
#include "formats/half.h"

#include <string.h>

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* x >> shift (1 .. 31), rounded to the nearest, ties to even. */
static uint32_t shift_rounded(uint32_t x, int shift)
{
    uint32_t half = (uint32_t)1 << (shift - 1), rest = x & (((uint32_t)1 << shift) - 1), result = x >> shift;
    return result + (rest > half || (rest == half && (result & 1)));
}

float clv_half_to_float(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 0x1F, mantissa = bits & 0x3FF;

    if (exponent == 0x1F)
        return float_of_bits(sign | 0x7F800000 | mantissa << 13);
    if (exponent != 0)
        return float_of_bits(sign | (exponent + 112) << 23 | mantissa << 13);
    float value = (float)mantissa * 0x1p-24f; /* zero and subnormals: exact in float */
    return sign ? -value : value;
}

uint16_t clv_float_to_half(float value)
{
    uint32_t bits = bits_of_float(value), magnitude = bits & 0x7FFFFFFF;
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);

    if (magnitude > 0x7F800000)
        return (uint16_t)(sign | 0x7E00);
    if (magnitude >= 0x47800000) /* 65536 and more, infinity */
        return (uint16_t)(sign | 0x7C00);
    if (magnitude >= 0x38800000) /* normal; a carry runs into the exponent, at the top into infinity, as it should */
        return (uint16_t)(sign | shift_rounded(magnitude - ((uint32_t)112 << 23), 13));
    if (magnitude < 0x33000000) /* below half of the smallest subnormal */
        return sign;
    int exponent = (int)(magnitude >> 23);
    return (uint16_t)(sign | shift_rounded((magnitude & 0x7FFFFF) | 0x800000, 126 - exponent));
}
