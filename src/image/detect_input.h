/* SPDX-License-Identifier: MIT
 *
 * detect_input: the channels that stage 1 sees, the same in training and in use.
 *
 * 8 planes: red, green, blue, NIR, then the differences of the four to the series' clear reference. Each value is
 * squashed to about [-2, 2] so that bright clouds do not drown the rest. Missing NIR (or NIR dropped in training), a
 * missing reference and missing pixels give 0.
 */
#ifndef CLV_IMAGE_DETECT_INPUT_H
#define CLV_IMAGE_DETECT_INPUT_H

#include <stdint.h>

#define CLV_DETECT_CHANNELS 8

/* rgb[n] planes of reflectance in order red, green, blue, NIR; NIR may be NULL. reference: the same four planes from
 * clv_lower_median, or NULL for a single picture; any of its planes may be NULL. missing [n] or NULL.
 * out: [8, n]. */
void clv_detect_input(const float *const bands[4], const float *const reference[4], const uint8_t *missing, int n,
                      float *out);

#endif
