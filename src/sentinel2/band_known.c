/* SPDX-License-Identifier: MIT */
#include "sentinel2/band_known.h"

#include <string.h>

#include "sentinel2/quality_names.h"

#define SIBLINGS 3      /* bands whose names differ in their numbers only */
#define LONGEST_WAVE 3. /* micrometres; beyond is heat */

static const char *name_of(const clv_band_hint *band)
{
    return band->description && *band->description ? band->description : band->band_name ? band->band_name : "";
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Equal but for the digits, and not equal. */
static bool are_siblings(const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return false;
    while (*a || *b) {
        while (is_digit(*a))
            a++;
        while (is_digit(*b))
            b++;
        if (*a != *b)
            return false;
        a += *a != 0;
        b += *b != 0;
    }
    return true;
}

static bool has_siblings(const clv_band_hint *bands, int count, int i)
{
    int same = 1;
    for (int k = 0; k < count && same < SIBLINGS; k++)
        same += k != i && are_siblings(name_of(&bands[i]), name_of(&bands[k]));
    return same >= SIBLINGS;
}

static clv_band_known known_by_name(const char *name)
{
    bool known;
    const clv_role role = clv_role_of_name(name, &known);
    if (!known)
        return clv_name_is_generic(name) ? CLV_BAND_NAMELESS : CLV_BAND_UNKNOWN;
    return role == CLV_ROLE_AUX ? CLV_BAND_QUALITY : CLV_BAND_REFLECTANCE;
}

void clv_bands_known(const clv_band_hint *bands, int count, clv_band_known *known)
{
    for (int i = 0; i < count; i++) {
        const clv_band_hint *b = &bands[i];
        clv_band_known by_name = known_by_name(b->description ? b->description : "");
        if (by_name != CLV_BAND_REFLECTANCE && by_name != CLV_BAND_QUALITY && b->band_name) {
            const clv_band_known second = known_by_name(b->band_name);
            if (second != CLV_BAND_NAMELESS || !*name_of(b))
                by_name = second;
        }
        known[i] = by_name == CLV_BAND_QUALITY                                    ? CLV_BAND_QUALITY
                   : b->wavelength_um > 0 && b->wavelength_um <= LONGEST_WAVE     ? CLV_BAND_REFLECTANCE
                   : b->color == 'A' || b->wavelength_um > LONGEST_WAVE           ? CLV_BAND_QUALITY
                   : by_name == CLV_BAND_UNKNOWN && has_siblings(bands, count, i) ? CLV_BAND_NAMELESS
                                                                                  : by_name;
        if (known[i] >= CLV_BAND_UNKNOWN && b->color)
            known[i] = CLV_BAND_REFLECTANCE;
    }
}
