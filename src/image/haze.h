/* SPDX-License-Identifier: MIT
 *
 * haze: whether what a partly clouded date shows between its clouds lies under haze. There the network sees ground, the
 * more so the thinner the haze, and what is filled would continue the haze's look.
 *
 * The rest of a date is compared pixel by pixel with the mean of the nearest days before and after that show the pixel
 * unflagged. Haze brightens red, green and blue alike; growth, harvest and drying change them unlike or, over a window
 * of 128 x 128 pixels of 20 m, hardly in the median. Fresh snow brightens alike too, but unevenly: the middle half of
 * the differences then spreads by more than they rise. The smallest of the three medians decides: 0.011 reflectance are
 * haze where a quarter of the date is flagged, 0.025 where a twentieth is. Dates of which less is flagged are taken as
 * they are: a constant alone is the air of that day, and what the user gave is not replaced for it.
 *
 *     float x[3 * 3 * 900] = {0}, work[CLV_HAZE_WORK(900)];
 *     uint8_t missing[3 * 900] = {0}, flagged[3 * 900] = {0};
 *     const clv_haze_scene scene = {3, 3, 900, x, missing, flagged};
 *     double score = clv_haze_score(&scene, 1, work);
 *
 * Threads: pure function of its arguments.
 */
#ifndef CLV_IMAGE_HAZE_H
#define CLV_IMAGE_HAZE_H

#include <stdint.h>

typedef struct clv_haze_scene {
    int dates, bands, pixels; /* bands: at least 3, red, green and blue the first three */
    const float *x;           /* [dates, bands, pixels] reflectance */
    const uint8_t *missing;   /* [dates, pixels] 1 = not known */
    const uint8_t *flagged;   /* [dates, pixels] not 0 = cloud or shadow */
} clv_haze_scene;

#define CLV_HAZE_WORK(pixels) (4 * (pixels)) /* floats of work space */

/* 0: what date t shows is as bright as the days around it, 1: haze; 0.5 at the rises above, 0 and 1 from 0.005 beside
 * them. 0 where less than a twentieth of the date is flagged, or fewer than 200 pixels can be compared. */
double clv_haze_score(const clv_haze_scene *scene, int t, float *work);

#endif
