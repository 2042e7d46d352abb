/* SPDX-License-Identifier: MIT
 *
 * other_bands: what bands that the network does not see say about its findings, where the input has them.
 *
 *  - Snow and ice are dark at 1.6 um (B11), where clouds of water drops and of ice reflect: bright pixels with a
 *    normalised difference snow index, (green - B11) / (green + B11), of 0.35 at least and a B11 of 0.12 at most are
 *    snow (index: Hall, Riggs, Salomonson 1995, who take 0.4). Of Sen2Cor's snow-free months in a series of 140 dates
 *    0.07 % of the cloud of high and medium probability are so, of the bright pixels under snow 64 to 89 %.
 *  - At 1.38 um (B10, Level-1C only) water vapour hides the ground: what is brighter there than on the other dates is
 *    high cloud, from 0.015 (unlikely) to 0.025 (certain); from a picture alone from 0.025 to 0.035, since dry air over
 *    high ground shows some of it (Sen2Cor's detector begins at 0.012 and is certain at 0.035).
 *
 *     uint8_t snow[100];
 *     clv_snow_find(green, nir, swir, 100, snow);
 *
 * Threads: pure functions of their arguments.
 */
#ifndef CLV_IMAGE_OTHER_BANDS_H
#define CLV_IMAGE_OTHER_BANDS_H

#include <stdint.h>

/* green, nir, swir [n] reflectance in B03, B08 or B8A, B11; 0 or less: not known. nir may be NULL. snow [n]: 1 or 0. */
void clv_snow_find(const float *green, const float *nir, const float *swir, int n, uint8_t *snow);

/* The probability that a pixel is high cloud, 0 .. 1. cirrus: reflectance in B10, 0 or less: not known; clear: the
 * same of the other dates (their lower median), negative: there are none. */
float clv_cirrus_probability(float cirrus, float clear);

#endif
