/* SPDX-License-Identifier: MIT
 *
 * ground_tally: what was found on a ground, counted against its truth. Plain values; pure functions.
 */
#ifndef CLV_LEARN_EVALUATE_GROUND_TALLY_H
#define CLV_LEARN_EVALUATE_GROUND_TALLY_H

#include "learn/evaluate/ground_list.h"

typedef struct clv_ground_tally {
    int64_t ground, ground_cloud, ground_shadow; /* pixels of CLV_TRUTH_GROUND; flagged as cloud, as shadow */
    int64_t cloud, cloud_found;                  /* pixels of CLV_TRUTH_CLOUD; flagged */
    int64_t hit[2], missed[2], false_alarm[2];   /* of cloud, of shadow; rims do not count */
    double squares, squares_before, values;      /* of errors in red, green and blue, after and before remove */
    int64_t pixels;
    int pictures, dates;
} clv_ground_tally;

/* truth [height, width] clv_grounds_truth, flags [height, width] clv_pixel_state. False: out of memory. */
bool clv_ground_tally_add(clv_ground_tally *tally, const uint8_t *truth, const uint8_t *flags, int width, int height);
/* NaN where there was nothing to count. */
double clv_ground_tally_value(const clv_ground_tally *tally, clv_ground_measure measure);

#endif
