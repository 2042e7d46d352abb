/* SPDX-License-Identifier: MIT
 *
 * sha256: FIPS 180-4's SHA-256 of a memory block, for the provenance of model files. No state, any thread.
 */
#ifndef CLV_FORMATS_SHA256_H
#define CLV_FORMATS_SHA256_H

#include <stddef.h>

/* hex: 64 lower-case digits and a terminating 0. */
void clv_sha256(const void *data, size_t size, char hex[65]);

#endif
