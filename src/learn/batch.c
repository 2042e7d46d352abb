/* SPDX-License-Identifier: MIT */
#include "learn/batch.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/parallel.h"

struct clv_batches {
    clv_context *ctx;
    const clv_sampler *sampler;
    clv_sample_work *work;
    clv_batch batch[2];
    int making; /* which of the two is being made */
    int64_t step;
    clv_task *task;
};

static clv_status make_batch(void *arg)
{
    clv_batches *b = arg;
    clv_batch *batch = &b->batch[b->making];
    for (int i = 0; i < batch->size; i++)
        batch->place[i] = clv_sampler_draw(b->sampler, (uint64_t)b->step * (uint64_t)batch->size + (uint64_t)i, b->work,
                                           batch->in + (size_t)i * CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS,
                                           batch->label + (size_t)i * CLV_SAMPLE_PIXELS);
    return CLV_OK;
}

static clv_status start(clv_batches *b)
{
    b->task = clv_task_start(b->ctx, make_batch, b);
    return b->task ? CLV_OK : clv_fail(b->ctx, CLV_ERROR_MEMORY, "no thread could be started for making samples");
}

clv_status clv_batches_new(clv_context *ctx, const clv_sampler *sampler, int size, int64_t first_step,
                           clv_batches **out)
{
    clv_batches *b = calloc(1, sizeof *b);
    bool ok = b != NULL;
    *out = NULL;
    if (ok) {
        *b = (clv_batches){.ctx = ctx, .sampler = sampler, .step = first_step, .work = clv_sample_work_new()};
        ok = b->work != NULL;
    }
    for (int k = 0; k < 2 && ok; k++) {
        clv_batch *batch = &b->batch[k];
        batch->size = size;
        batch->in = clv_alloc_array((size_t)size, CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS, sizeof *batch->in);
        batch->label = clv_alloc_array((size_t)size, CLV_SAMPLE_PIXELS, 1);
        batch->place = clv_alloc_array((size_t)size, 1, sizeof *batch->place);
        ok = batch->in && batch->label && batch->place;
    }
    if (!ok) {
        clv_batches_free(b);
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for batches of %d samples: use a smaller -batch", size);
    }
    clv_status status = start(b);
    if (status != CLV_OK) {
        clv_batches_free(b);
        return status;
    }
    *out = b;
    return CLV_OK;
}

clv_status clv_batches_next(clv_batches *b, const clv_batch **batch)
{
    clv_status status = clv_task_wait(b->task);
    b->task = NULL;
    if (status != CLV_OK)
        return status;
    *batch = &b->batch[b->making];
    b->making = !b->making;
    b->step++;
    return start(b);
}

void clv_batches_free(clv_batches *b)
{
    if (!b)
        return;
    if (b->task)
        clv_task_wait(b->task);
    for (int k = 0; k < 2; k++) {
        free(b->batch[k].in);
        free(b->batch[k].label);
        free(b->batch[k].place);
    }
    clv_sample_work_free(b->work);
    free(b);
}
