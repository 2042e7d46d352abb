/* SPDX-License-Identifier: MIT
 *
 * missed_cloud: screening of the observed pixels for clouds that the masks have missed.
 *
 * One thread at a time for each job.
 */
#ifndef CLV_GAPFILL_MISSED_CLOUD_H
#define CLV_GAPFILL_MISSED_CLOUD_H

#include <stdbool.h>

typedef struct clv_gapfill_job clv_gapfill_job;

/* Sets the training set's `screened` where any are found. The first three bands are red, green and blue; the gaps have
 * been filled. Repeats the radiometric fit of every usable date. False when out of memory. */
bool clv_missed_cloud_screen(clv_gapfill_job *j);

#endif
