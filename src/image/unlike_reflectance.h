/* SPDX-License-Identifier: MIT
 *
 * unlike_reflectance: whether a band without a name holds something else than reflectance, by its values where red,
 * green and blue show ground: classes, a constant, a probability, an index, angles, heights or noise. In doubt it does
 * not.
 *
 *     clv_value_sample sample = {.bands = 4, .visible = {0, 1, 2}};      // and values, follows, count
 *     puts(clv_value_sample_unlike(&sample, 3) ? "no reflectance" : "reflectance");
 *
 * Threads: pure functions.
 */
#ifndef CLV_IMAGE_UNLIKE_REFLECTANCE_H
#define CLV_IMAGE_UNLIKE_REFLECTANCE_H

#include <stdint.h>

/* Values as the files hold them, of pixels that lie in rows. */
typedef struct clv_value_sample {
    int bands, count;
    const float *values;    /* [bands, count]; NaN: no data */
    const uint8_t *follows; /* [count]: 1 where pixel i lies beside pixel i - 1 */
    int visible[3];         /* red, green, blue among the bands */
    int others[16];         /* further bands that are reflectance by name, for indices made of them */
    int other_count;
} clv_value_sample;

/* Why the band is no reflectance (a static phrase); NULL when nothing says so. */
const char *clv_value_sample_unlike(const clv_value_sample *sample, int band);

#endif
