/* SPDX-License-Identifier: MIT
 *
 * haze: what a date shows under a haze or a thin veil. There the network sees ground, the more so the thinner the haze,
 * and what is filled beside it would continue the haze's look.
 *
 * A pixel that is not flagged is compared with the mean of the nearest days before and after that show it unflagged.
 * Over the 33 x 33 pixels around it, of which a tenth has to be comparable, haze is told by four things together:
 *
 *  - rise: the mean difference in red, green and blue. White veils raise all three alike, molecules and fine dust raise
 *    blue most: the smallest of the three counts, or 0.65 of their mean where the smallest is a fifth of the mean.
 *    0.025 reflectance are half haze. Less is the air of that day, and filling errs by as much.
 *  - colour: blue rises by 0.7 of what red does. Harvest, drought and floods raise red more.
 *  - evenness: the differences spread around their mean by less than the mean is. Fresh snow brightens unevenly.
 *  - structure: the ground's forms are those of the other days, with a correlation of 0.6. New ground is no haze.
 *
 * Ground brighter than 0.35 is not compared: what changes over snow is the snow.
 *
 * Each gives a number from 0 to 1 that varies smoothly, and the smallest decides. Where the ground has no forms
 * (water), nothing tells, and it is taken as observed.
 *
 *     float x[3 * 3 * 900] = {0}, score[900];
 *     uint8_t missing[3 * 900] = {0}, flagged[3 * 900] = {0};
 *     clv_buffer work = {0};
 *     const clv_haze_scene scene = {3, 3, 30, 30, x, missing, flagged};
 *     bool done = clv_haze_score(&scene, 1, &work, score); // false: out of memory
 *     clv_buffer_free(&work);
 *
 * Threads: each has a work space of its own.
 */
#ifndef CLV_IMAGE_HAZE_H
#define CLV_IMAGE_HAZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum {
    CLV_HAZE_FLAGGED = 1, /* cloud or shadow: neither judged nor compared with */
    CLV_HAZE_HAZY = 2     /* judged, but other dates are not compared with it */
};

typedef struct clv_haze_scene {
    int dates, bands; /* bands: at least 3, red, green and blue the first three */
    int width, height;
    const float *x;         /* [dates, bands, height, width] reflectance */
    const uint8_t *missing; /* [dates, height, width] 1 = not known */
    const uint8_t *flagged; /* [dates, height, width] CLV_HAZE_FLAGGED, CLV_HAZE_HAZY */
} clv_haze_scene;

/* score [height, width]: 0 = what date t shows is as bright as on the days around it, 1 = haze, 0.5 at the bounds
 * above; 0 where it is flagged or not known. Means end at the scene's border. False: out of memory. */
bool clv_haze_score(const clv_haze_scene *scene, int t, clv_buffer *work, float *score);

#endif
