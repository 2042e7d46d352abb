/* SPDX-License-Identifier: MIT
 *
 * utf8: decoding one character of UTF-8, strictly (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
 * No state, any thread.
 *
 *     int n = clv_utf8_decode(p, left, &code);   // bytes used, 0 when p does not start a valid character
 */
#ifndef CLV_FORMATS_UTF8_H
#define CLV_FORMATS_UTF8_H

#include <stddef.h>
#include <stdint.h>

int clv_utf8_decode(const char *text, size_t left, uint32_t *code);
/* Writes 1 to 4 bytes (no terminator) and returns how many; code must be a valid character. */
int clv_utf8_encode(uint32_t code, char out[4]);

#endif
