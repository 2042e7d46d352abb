/* SPDX-License-Identifier: MIT
 *
 * glyphs: a tiny 5x7 font for the labels of previews: digits, dash, and the capitals of BEFORE, MASK, AFTER.
 */
#ifndef CLV_OUTPUT_GLYPHS_H
#define CLV_OUTPUT_GLYPHS_H

#include <stdbool.h>

#define CLV_GLYPH_WIDTH 5
#define CLV_GLYPH_HEIGHT 7
#define CLV_GLYPH_STEP 6 /* with the space to the next one */

/* Whether the pixel is ink; false outside and for characters the font does not have. */
bool clv_glyph_ink(char character, int x, int y);
/* Pixels of a text at scale 1. */
int clv_glyph_text_width(const char *text);

#endif
