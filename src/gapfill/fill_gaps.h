/* SPDX-License-Identifier: MIT
 *
 * fill_gaps: all gaps of a stack filled by steps 1 and 2; what steps 3 and 4, or the Gaussian mixture, start from.
 *
 * One thread at a time for each job.
 */
#ifndef CLV_GAPFILL_FILL_GAPS_H
#define CLV_GAPFILL_FILL_GAPS_H

#include "gapfill/gapfill.h"

typedef struct clv_gapfill_job clv_gapfill_job;

/* Fills all gaps of the job's field, also those that the screening for missed clouds adds, and sets the job's training
 * set, start and radiometric fit. wanted as in clv_gapfill(). False when out of memory. */
bool clv_gapfill_fill(clv_gapfill_job *j, const clv_stack *stack, const uint8_t *wanted);

#endif
