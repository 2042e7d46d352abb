/* SPDX-License-Identifier: MIT */
#include "output/pixel_sum.h"

#include <string.h>

/* An odd number for a place: multiplication and shift of splitmix64, once. */
static inline uint64_t weight(uint64_t place)
{
    uint64_t x = (place + 1) * 0x9E3779B97F4A7C15ull;
    x ^= x >> 29;
    return (x * 0xBF58476D1CE4E5B9ull) | 1;
}

#define SUM_OF(type)                                                                                                   \
    for (size_t i = 0; i < count; i++) {                                                                               \
        type v;                                                                                                        \
        memcpy(&v, (const unsigned char *)values + i * sizeof v, sizeof v);                                            \
        sum += weight(place + i) * v;                                                                                  \
    }

uint64_t clv_pixel_sum(const void *values, size_t size, size_t count, uint64_t place)
{
    uint64_t sum = 0;
    switch (size) {
    case 1:
        SUM_OF(uint8_t)
        break;
    case 2:
        SUM_OF(uint16_t)
        break;
    case 4:
        SUM_OF(uint32_t)
        break;
    default: /* complex numbers: their halves as places of their own */
        count *= size / 8;
        place *= size / 8;
        SUM_OF(uint64_t)
    }
    return sum;
}
