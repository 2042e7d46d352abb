/* SPDX-License-Identifier: MIT
 *
 * training_set: which pixels of each date the models are fitted to, and which dates have enough of them.
 *
 *     clv_training_set set = {0};
 *     if (!clv_training_hold(&buffers, dates, n, &set))   // out of memory
 *         ...
 *     clv_training_buffers_free(&buffers);
 *
 * The memory belongs to the buffers, which are reused from call to call. One thread at a time.
 */
#ifndef CLV_GAPFILL_TRAINING_SET_H
#define CLV_GAPFILL_TRAINING_SET_H

#include "base/buffer.h"
#include "gapfill/field.h"

#define CLV_TRAINING_LEAST_PIXELS 50 /* fewer fit no model, whatever clv_gapfill_options.min_pixels says */

typedef struct clv_training_set {
    uint8_t *train_mask;     /* [dates, n] 1 = the date's models are fitted to the pixel */
    int *train_count;        /* [dates] number of such pixels */
    uint8_t *target;         /* [dates] the date has a gap, or is predicted in full */
    uint8_t *usable;         /* [dates] the date has enough pixels for models */
    const uint8_t *screened; /* [dates, n] missed clouds: gaps to the models, but they keep their value; NULL: none */
    int *samples;            /* [n + CLV_FIELD_BLOCK] pixels of a date, or of all dates, that a model is fitted to */
    int *halves;             /* [n] scratch for sorting the samples into parts */
} clv_training_set;

typedef struct clv_training_buffers {
    clv_buffer train_mask, train_count, usable, samples, halves;
    clv_buffer screened, wider_gap, patches; /* of the screening for missed clouds */
} clv_training_buffers;

/* Memory for `dates` dates of n pixels, content undefined; nothing is screened. False when out of memory. */
bool clv_training_hold(clv_training_buffers *buffers, int dates, int n, clv_training_set *set);
void clv_training_buffers_free(clv_training_buffers *buffers);

/* A date without gaps: its models are fitted to all of its n pixels. */
void clv_training_use_all(clv_training_set *set, int t, int n);
/* The screened pixels of date t [n]; NULL when there are none. */
static inline const uint8_t *clv_training_screened(const clv_training_set *set, int t, int n)
{
    return set->screened ? set->screened + (size_t)t * (size_t)n : NULL;
}

#endif
