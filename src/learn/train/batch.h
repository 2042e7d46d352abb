/* SPDX-License-Identifier: MIT
 *
 * batch: training batches made in the background while the network works on the one before. There are two slots of
 * memory, which the caller owns and fills; this keeps their turns.
 *
 *     clv_batches *batches;
 *     clv_batches_new(ctx, make, user, first_step, &batches);     // make(user, step, slot) fills slot 0 or 1
 *     for (int64_t step = first_step; step < steps; step++)
 *         status = clv_batches_next(batches, &slot);              // slot is valid until the next call
 *     clv_batches_free(batches);
 *
 * One thread calls; one more works behind.
 */
#ifndef CLV_LEARN_TRAIN_BATCH_H
#define CLV_LEARN_TRAIN_BATCH_H

#include "base/context.h"

typedef clv_status (*clv_batch_fn)(void *user, int64_t step, int slot);
typedef struct clv_batches clv_batches;

/* user must outlive it. */
clv_status clv_batches_new(clv_context *ctx, clv_batch_fn make, void *user, int64_t first_step, clv_batches **out);
clv_status clv_batches_next(clv_batches *batches, int *slot);
void clv_batches_free(clv_batches *batches);

#endif
