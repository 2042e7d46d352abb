/* SPDX-License-Identifier: MIT
 *
 * roles: which band is red, green, blue, near infrared: from names, wavelengths and counts (a ladder; see
 * clv_roles_find).
 */
#ifndef CLV_SENTINEL2_ROLES_H
#define CLV_SENTINEL2_ROLES_H

#include <stdbool.h>
#include <stddef.h>

typedef enum clv_role {
    CLV_ROLE_RED = 0,
    CLV_ROLE_GREEN = 1,
    CLV_ROLE_BLUE = 2,
    CLV_ROLE_NIR = 3,
    CLV_ROLE_OTHER = 4, /* a spectral band that is filled but not seen by the networks */
    CLV_ROLE_AUX = 5    /* no reflectance: scene classification, AOT, WVP, QA, masks, alpha; copied, never filled */
} clv_role;

/* What is known about one band; NULL/0 where unknown. */
typedef struct clv_band_hint {
    const char *description; /* band description */
    const char *band_name;   /* metadata BANDNAME, long_name and such */
    double wavelength_um;    /* 0 = unknown */
    int color;               /* 'R', 'G', 'B', 'N' (NIR), 'A' (alpha or palette), 0 = unknown */
} clv_band_hint;

/* Role by a Sentinel-2 style name: B04, B4, S2_B4, SR_B4, "B4, central wavelength 665 nm", red, B08, B8A, nir, SCL,
 * QA60, dates around it (B04_20220801). CLV_ROLE_OTHER when it names another band or nothing known (*known = false
 * then). */
clv_role clv_role_of_name(const char *name, bool *known);
clv_role clv_role_of_wavelength(double um); /* 0.665/0.560/0.490 +- 0.02, NIR 0.82 .. 0.88; else OTHER */

/* Fills roles[count] for the bands of ONE date. file_name may carry a token (BGRN, RGB). Ladder: names -> a four-letter
 * token of the file name such as _BGRN_ -> colour interpretation of exactly one band each -> wavelengths -> a
 * three-letter token -> count (3 = RGB; 12, 13 = Sentinel-2 order; 11 and 10 in files named ..._BOA_...: sen2r's order,
 * without B10 and one of B08 and B8A, and that without B01). Names and _BGRN_ come before colours because TIFF
 * writers put red, green, blue, alpha on any four Byte bands. When B08 and B8A both exist, B08 is NIR. Returns true and
 * `how` (one short phrase, e.g. "band descriptions B04 B03 B02 B08") on success; false and `how` = why it is ambiguous,
 * listing candidates and the exact -b to use, otherwise. *guess: set when the answer rests on the count alone (the
 * caller warns). */
bool clv_roles_find(const clv_band_hint *bands, int count, const char *file_name, clv_role *roles, bool *guess,
                    char *how, size_t how_size);

#endif
