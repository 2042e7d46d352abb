/* SPDX-License-Identifier: MIT
 *
 * band_known: what is known of a band before its pixels are looked at, for the choice which bands are filled.
 *
 *     clv_band_hint hints[] = {{.description = "B04"}, {.description = "cs_cdf"}, {.description = "Band 3"}};
 *     clv_band_known known[3];
 *     clv_bands_known(hints, 3, known);      // CLV_BAND_REFLECTANCE, CLV_BAND_QUALITY, CLV_BAND_NAMELESS
 *
 * Pure functions; any thread.
 */
#ifndef CLV_SENTINEL2_BAND_KNOWN_H
#define CLV_SENTINEL2_BAND_KNOWN_H

#include "sentinel2/roles.h"

typedef enum clv_band_known {
    CLV_BAND_REFLECTANCE, /* by its name, common name, wavelength or colour */
    CLV_BAND_QUALITY,     /* known to be none: mask, angle, index ... */
    CLV_BAND_UNKNOWN,     /* a name that says neither */
    CLV_BAND_NAMELESS     /* no name, or one that tells nothing ("Band 5") */
} clv_band_known;

/* known [count]: of the bands of one date. Names that differ in their numbers only ("lay_1", "lay_2", "lay_3") tell
 * nothing. */
void clv_bands_known(const clv_band_hint *bands, int count, clv_band_known *known);

#endif
