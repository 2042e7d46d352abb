/* SPDX-License-Identifier: MIT
 *
 * radiometric_fit: step 2. A date's bands as linear functions of step 1, fitted robustly to the pixels that
 * the date observes: corrects the overall difference in brightness and colour between dates.
 *
 *     if (!clv_radiometric_fit_learn(j, t))     // out of memory
 *         ...
 *     clv_radiometric_fit_fill(j, t);
 *     clv_radiometric_fit_block(j, t, pixels, out);
 *
 * One thread at a time for each job.
 */
#ifndef CLV_GAPFILL_RADIOMETRIC_FIT_H
#define CLV_GAPFILL_RADIOMETRIC_FIT_H

#include <stdbool.h>

typedef struct clv_gapfill_job clv_gapfill_job;

typedef struct clv_radiometric_fit {
    float *coefficients; /* [dates, bands, bands + 1] of step 1's bands and a constant, for each band */
} clv_radiometric_fit;

/* Fits date t; the identity where it has too few pixels. Uses up the job's samples. False when out of memory. */
bool clv_radiometric_fit_learn(clv_gapfill_job *j, int t);
/* Writes step 2 into the gaps of date t. */
void clv_radiometric_fit_fill(clv_gapfill_job *j, int t);
/* Step 2 at a block of pixels, after the gaps have been filled with it. out [bands, CLV_FIELD_BLOCK] */
void clv_radiometric_fit_block(const clv_gapfill_job *j, int t, const int *pixels, float *out);

#endif
