/* SPDX-License-Identifier: MIT
 *
 * batch: training batches, made in the background while the network works on the one before.
 *
 *     clv_batches *batches;
 *     clv_batches_new(ctx, sampler, 16, first_step, &batches);
 *     while (...) {
 *         const clv_batch *batch;
 *         clv_batches_next(batches, &batch);    // steps first_step, first_step + 1, ...; valid until the next call
 *     }
 *     clv_batches_free(batches);
 *
 * Step k consists of the samples k * size .. (k + 1) * size - 1. One thread calls; one more works behind.
 */
#ifndef CLV_LEARN_BATCH_H
#define CLV_LEARN_BATCH_H

#include "learn/sample.h"

typedef struct clv_batch {
    float *in;      /* [size, CLV_DETECT_CHANNELS, 128, 128] */
    uint8_t *label; /* [size, 128, 128] */
    int *place;     /* [size] which place each sample came from */
    int size;
} clv_batch;

typedef struct clv_batches clv_batches;

/* The sampler must outlive it. */
clv_status clv_batches_new(clv_context *ctx, const clv_sampler *sampler, int size, int64_t first_step,
                           clv_batches **out);
clv_status clv_batches_next(clv_batches *batches, const clv_batch **batch);
void clv_batches_free(clv_batches *batches);

#endif
