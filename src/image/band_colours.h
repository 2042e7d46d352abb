/* SPDX-License-Identifier: MIT
 *
 * band_colours: whether the bands of one date look like what they are called, by plants. Plants are far brighter in
 * near infrared than in any visible band; nothing else is so bright in one band alone. Where there are plants, ground
 * varies more in red, which leaves absorb and soil reflects, than in blue.
 *
 *     clv_colours c = clv_band_colours(planes, use, pixels, scratch);
 *     // CLV_COLOURS_SWAPPED: what is called red looks like blue, and blue like red
 *
 * Measured on the 110 pictures with plants among 229 of land on all continents, Level-1C and 2A: plants were brightest
 * in near infrared in at least 99.6 % of their pixels, red varied 0.94 to 3 times as much as blue.
 *
 * Threads: pure functions.
 */
#ifndef CLV_IMAGE_BAND_COLOURS_H
#define CLV_IMAGE_BAND_COLOURS_H

#include <stdint.h>

#include "image/band_order.h"

typedef enum clv_colours_verdict {
    CLV_COLOURS_UNKNOWN,
    CLV_COLOURS_FIT,
    CLV_COLOURS_SWAPPED,      /* red and blue */
    CLV_COLOURS_NIR_ELSEWHERE /* plants are brightest in a visible band */
} clv_colours_verdict;

typedef struct clv_colours {
    clv_colours_verdict verdict;
    int nir; /* the plane in which plants are brightest */
} clv_colours;

/* planes [4][pixels]: reflectance of what is called red, green, blue and near infrared. use [pixels]: data, no mask.
 * scratch [2 * pixels]. */
clv_colours clv_band_colours(const float *const *planes, const uint8_t *use, int pixels, float *scratch);

#endif
