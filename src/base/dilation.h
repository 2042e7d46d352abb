/* SPDX-License-Identifier: MIT
 *
 * dilation: by how much clouds and shadows are dilated: pixels of the working grid, or metres on the ground. Metres
 * become pixels when the grid is known.
 *
 *     clv_detect_settings s = {.dilate = 2};
 *     bool good = clv_dilation_parse("40m", &s.dilate, &s.dilate_m) == CLV_DILATION_GOOD;
 *     int pixels = clv_dilation_pixels(&s, 20); // 2
 *
 * Plain values; any thread.
 */
#ifndef CLV_BASE_DILATION_H
#define CLV_BASE_DILATION_H

#include <clearvision/clearvision.h>

#include "base/number.h"

#define CLV_DILATION_MOST 64       /* pixels */
#define CLV_DILATION_UNKNOWN 20.0  /* metres of a pixel whose size nothing tells: that of the networks' pixels */
#define CLV_DILATION_MOST_M 100000 /* metres; how many pixels they are the grid decides */

typedef enum clv_dilation_error {
    CLV_DILATION_GOOD,
    CLV_DILATION_NO_NUMBER,
    CLV_DILATION_NO_INTEGER, /* of pixels */
    CLV_DILATION_RANGE
} clv_dilation_error;

/* "2": 2 pixels; "40m" or "40 m": 40 metres (*pixels is -1 then). Numbers have a decimal point in any locale. */
clv_dilation_error clv_dilation_parse(const char *text, int *pixels, double *metres);
/* What was wrong, for messages: "is ..."; of an error that is not CLV_DILATION_GOOD. */
const char *clv_dilation_mistake(clv_dilation_error error);
/* As clv_dilation_parse() reads it: "2", "40m". */
void clv_dilation_text(const clv_detect_settings *settings, char text[CLV_NUMBER_SIZE + 1]);
/* Whether both ask for the same. */
bool clv_dilation_same(const clv_detect_settings *a, const clv_detect_settings *b);

/* Pixels of pixel_m metres: the nearest whole number to the metres, CLV_DILATION_MOST at most. pixel_m 0: not known. */
int clv_dilation_pixels(const clv_detect_settings *settings, double pixel_m);

#endif
