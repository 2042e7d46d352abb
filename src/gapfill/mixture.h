/* SPDX-License-Identifier: MIT
 *
 * mixture: what replaces steps 3 and 4 with options.gaussian: a mixture of normal distributions over all dates.
 *
 * One thread at a time for each job.
 */
#ifndef CLV_GAPFILL_MIXTURE_H
#define CLV_GAPFILL_MIXTURE_H

#include "gapfill/gapfill.h"
#include "gapfill/prediction.h"

typedef struct clv_gapfill_job clv_gapfill_job;

void clv_prediction_buffers_free(clv_prediction_buffers *buffers);

/* Writes the results of all usable dates that are wanted (as in clv_gapfill()). Where there is nothing to fit a model
 * to, it writes none, and no date is usable any more. False when out of memory. */
bool clv_gapfill_mixture(clv_gapfill_job *j, const uint8_t *wanted);

#endif
