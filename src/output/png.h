/* SPDX-License-Identifier: MIT
 *
 * png: small RGB pictures in memory as PNG, by GDAL's driver.
 *
 *     char why[256];
 *     if (!clv_png_write("a.png", planes, w, h, why)) ... why ...
 *     status = clv_png_encode(ctx, planes, w, h, &bytes, &size);    // free(bytes)
 *
 * planes [3, height, width]: red, green, blue. Threads: any.
 */
#ifndef CLV_OUTPUT_PNG_H
#define CLV_OUTPUT_PNG_H

#include "base/context.h"

#define CLV_PNG_WHY 256

/* Writes a file (a GDAL path). false: why says what went wrong, one line. */
bool clv_png_write(const char *path, const uint8_t *planes, int width, int height, char why[CLV_PNG_WHY]);
/* planes [count, height, width]: 3, or 4 with alpha (0 = transparent). level: zlib's, 1 (fast) to 9; 0: GDAL's default.
 */
bool clv_png_write_planes(const char *path, const uint8_t *planes, int count, int width, int height, int level,
                          char why[CLV_PNG_WHY]);
/* Whether this GDAL can write PNG; CLV_ERROR_UNSUPPORTED with `what` in front of the text when not. */
clv_status clv_png_check(clv_context *ctx, const char *what);
clv_status clv_png_encode(clv_context *ctx, const uint8_t *planes, int width, int height, uint8_t **bytes,
                          size_t *size);

#endif
