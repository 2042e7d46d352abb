/* SPDX-License-Identifier: MIT */
#include "image/detect_input.h"

#include <stddef.h>
#include <string.h>

/* Both squashings are ratios: monotone, bounded by 2, and an addition and a division a pixel, so that they cost nothing
 * beside the network and training and use agree to the last bit on every machine.
 *
 * Values: -2 at 0, 0 at 0.25, 1.2 at 1. Half of the range serves reflectances below 0.25, where land, water and shadow
 * are told apart; clouds of 0.5 and 1.0 still differ. 0 stands for "not known" in the middle of the range.
 * Differences: slope 13 at 0, half of the range at 0.15, so that thin cloud and shadow (a few hundredths) show,
 * while noise and growth (a few thousandths) stay small. */
#define VALUE_MIDDLE 0.25f
#define DIFFERENCE_MIDDLE 0.15f
#define LARGEST 8.0f /* no reflectance; keeps infinities from becoming NaN */

static inline float limit(float v, float low)
{
    v = v > low ? v : low; /* NaN becomes low */
    return v < LARGEST ? v : LARGEST;
}

static inline float squash_value(float v)
{
    v = limit(v, 0.0f);
    return 4.0f * v / (v + VALUE_MIDDLE) - 2.0f;
}

static inline float squash_difference(float v, float reference)
{
    float d = limit(v, -LARGEST) - limit(reference, -LARGEST);
    return 2.0f * d / ((d < 0 ? -d : d) + DIFFERENCE_MIDDLE);
}

static void blank_missing(const uint8_t *missing, int n, float *plane)
{
    if (!missing)
        return;
    for (int i = 0; i < n; i++)
        plane[i] = missing[i] ? 0.0f : plane[i];
}

void clv_detect_input(const float *const bands[4], const float *const reference[4], const uint8_t *missing, int n,
                      float *out)
{
    memset(out, 0, (size_t)CLV_DETECT_CHANNELS * (size_t)n * sizeof *out);
    for (int c = 0; c < 4; c++) {
        const float *x = bands[c];
        float *value = out + (size_t)c * n, *difference = out + (size_t)(c + 4) * n;
        if (!x)
            continue;
        for (int i = 0; i < n; i++)
            value[i] = squash_value(x[i]);
        blank_missing(missing, n, value);
        const float *r = reference ? reference[c] : NULL;
        if (!r)
            continue;
        for (int i = 0; i < n; i++)
            difference[i] = squash_difference(x[i], r[i]);
        blank_missing(missing, n, difference);
    }
}
