/* SPDX-License-Identifier: MIT
 *
 * secret: random names that cannot be guessed, and their comparison. Threads: any.
 *
 *     char token[CLV_TOKEN_TEXT];
 *     if (!clv_secret_make(token, sizeof token)) ... no source of randomness ...
 *     if (clv_secret_same(token, given)) ...
 */
#ifndef CLV_SERVE_SECRET_H
#define CLV_SERVE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define CLV_TOKEN_TEXT 49 /* 192 bits as hexadecimal digits, and the end */
#define CLV_ID_TEXT 33    /* 128 bits */

/* Fills text with size - 1 hexadecimal digits from the system's generator. */
bool clv_secret_make(char *text, size_t size);
/* Whether two texts are equal; takes as long for a wrong text as for one that is nearly right. */
bool clv_secret_same(const char *secret, const char *given);
/* Whether the text is `digits` lower-case hexadecimal digits. */
bool clv_secret_is(const char *text, size_t digits);

#endif
