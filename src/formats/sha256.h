/* SPDX-License-Identifier: MIT
 *
 * sha256: FIPS 180-4's SHA-256 of a memory block, for the provenance of model files, or of a file piece by
 * piece. Any thread; a sum belongs to one at a time.
 */
#ifndef CLV_FORMATS_SHA256_H
#define CLV_FORMATS_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* hex: 64 lower-case digits and a terminating 0. */
void clv_sha256(const void *data, size_t size, char hex[65]);

typedef struct clv_sha256_sum {
    uint32_t state[8];
    uint64_t size;
    unsigned char block[64];
} clv_sha256_sum;

void clv_sha256_begin(clv_sha256_sum *sum);
void clv_sha256_add(clv_sha256_sum *sum, const void *data, size_t size);
void clv_sha256_end(clv_sha256_sum *sum, char hex[65]);

#endif
