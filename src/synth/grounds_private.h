/* SPDX-License-Identifier: MIT
 *
 * What the files of grounds.h share. For them only.
 */
#ifndef CLV_SYNTH_GROUNDS_PRIVATE_H
#define CLV_SYNTH_GROUNDS_PRIVATE_H

#include "synth/grounds.h"

#define CLV_GROUNDS_BANDS 4

static inline size_t clv_grounds_pixels(const clv_grounds_scene *s)
{
    return (size_t)s->width * (size_t)s->height;
}

/* Planes of date t, red first. */
static inline float *clv_grounds_date(const clv_grounds_scene *s, int t)
{
    return s->x + (size_t)t * CLV_GROUNDS_BANDS * clv_grounds_pixels(s);
}

/* Brightness of a pixel relative to its surroundings of 15 x 15 pixels, by the mean of the dates, within 0.5 .. 1.6:
 * the structure of the ground. texture [pixels]. False: out of memory. */
bool clv_grounds_texture(const clv_grounds_scene *s, float *texture);
/* A smooth field with structures of `size` pixels; field [pixels]. Returns the value above which `share` lies. */
float clv_grounds_field(const clv_grounds_scene *s, uint32_t seed, double size, int octaves, double share,
                        float *field);

#endif
