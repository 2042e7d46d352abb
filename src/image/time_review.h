/* SPDX-License-Identifier: MIT
 *
 * time_review: what a network took for cloud or shadow, compared with the other dates of the series. Ground that other
 * days show in the same way is not cloud, whatever it looks like: clouds do not come back to the same pixels with the
 * same values and the same structure. A flagged pixel is ground where one of these holds:
 *
 *  - seen: a day that is not flagged there has the same values in all bands, with the same structure around the pixel;
 *    or two such days have, whatever the structure. So a change that stays (a burn scar, a harvest) is a change.
 *  - stable: on three of five days it has the same values, flagged or not: salt, sand, roofs, snow that lies long.
 *  - structured: two days and a tenth of all, or one day of much the same structure, have the same values, flagged or
 *    not: snow, film, greenhouses that come and go. Not where a day that is not flagged shows the same structure
 *    darker: that is haze over the same ground on both days.
 *  - marked: on another day a structure of strong contrast lies at the same place, whatever its brightness: glass and
 *    metal that reflect the sun on some days.
 *
 *  - between, of masks alone (`cloudy` is given): it lies between the nearest dates before and after that show the
 * ground, at most 45 days apart, in all bands: it changes as they do.
 *
 * Structure is the difference to the mean of 3 x 3 pixels, compared by its correlation over 7 x 7 pixels and all bands.
 * Values are the same within 0.02 and 8 %. Bands with identical numbers say nothing (they are clipped, or it is the
 * same picture twice): two bands at least have to speak. Days are compared with the nearest twelve on either side.
 * What is refuted counts only where half of the flagged pixels of 5 x 5 are.
 *
 * Limits: it needs three dates; what is on one date alone (fresh snow, surf, a ship) stays flagged, and so does bright
 * ground whose values change from day to day. Thick cloud is hardly ever refuted (at most 9 in 10,000 pixels of the
 * series it was measured on).
 *
 *     float x[3 * 4 * 100] = {0};            // [dates, bands, height, width]
 *     uint8_t missing[300] = {0}, flagged[300] = {0};
 *     const double days[3] = {0, 5, 10};
 *     clv_time_review_work work = {{0}};
 *     const clv_time_review review = {3, 4, 10, 10, x, missing, days, NULL};
 *     bool done = clv_time_review_run(&review, &work, flagged); // false: out of memory
 *     clv_time_review_free(&work);
 *
 * Threads: each has a work space of its own.
 */
#ifndef CLV_IMAGE_TIME_REVIEW_H
#define CLV_IMAGE_TIME_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct clv_time_review {
    int dates, bands; /* 3 or 4 bands, the first three visible */
    int width, height;
    const float *x;         /* [dates, bands, height, width] reflectance */
    const uint8_t *missing; /* [dates, height, width] 1 = not known */
    const double *days;     /* [dates] ascending; less than half a day apart is one day */
    const uint8_t
        *cloudy; /* [dates, height, width] not 0: the date does not show the ground; NULL: where it is flagged */
} clv_time_review;

typedef struct clv_time_review_work {
    clv_buffer structure, spread, product, counts, refuted;
} clv_time_review_work;

/* flagged [dates, height, width]: not 0 = cloud or shadow; set to 0 where the other dates refute it. False: out of
 * memory. */
bool clv_time_review_run(const clv_time_review *review, clv_time_review_work *work, uint8_t *flagged);
void clv_time_review_free(clv_time_review_work *work);

#endif
