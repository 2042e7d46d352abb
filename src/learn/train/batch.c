/* SPDX-License-Identifier: MIT */
#include "learn/train/batch.h"

#include <stdlib.h>

#include "base/parallel.h"

struct clv_batches {
    clv_context *ctx;
    clv_batch_fn make;
    void *user;
    int making; /* which slot is being filled */
    int64_t step;
    clv_task *task;
};

static clv_status work(void *arg)
{
    clv_batches *b = arg;
    return b->make(b->user, b->step, b->making);
}

static clv_status start(clv_batches *b)
{
    b->task = clv_task_start(b->ctx, work, b);
    return b->task ? CLV_OK : clv_fail(b->ctx, CLV_ERROR_MEMORY, "no thread could be started for making samples");
}

clv_status clv_batches_new(clv_context *ctx, clv_batch_fn make, void *user, int64_t first_step, clv_batches **out)
{
    clv_batches *b = calloc(1, sizeof *b);
    *out = NULL;
    if (!b)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for training batches");
    *b = (clv_batches){.ctx = ctx, .make = make, .user = user, .step = first_step};
    clv_status status = start(b);
    if (status == CLV_OK)
        *out = b;
    else
        clv_batches_free(b);
    return status;
}

clv_status clv_batches_next(clv_batches *b, int *slot)
{
    clv_status status = clv_task_wait(b->task);
    b->task = NULL;
    if (status != CLV_OK)
        return status;
    *slot = b->making;
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
    free(b);
}
