/* SPDX-License-Identifier: MIT */
#include "gapfill/training_set.h"

#include <string.h>

bool clv_training_hold(clv_training_buffers *buffers, int dates, int n, clv_training_set *set)
{
    const size_t many = (size_t)dates, pixels = (size_t)n;
    set->train_mask = clv_buffer_hold(&buffers->train_mask, many, pixels, 1);
    set->train_count = clv_buffer_hold(&buffers->train_count, many, 1, sizeof *set->train_count);
    set->usable = clv_buffer_hold(&buffers->usable, many, 2, 1);
    set->target = set->usable ? set->usable + many : NULL;
    set->samples = clv_buffer_hold(&buffers->samples, pixels + CLV_FIELD_BLOCK, 1, sizeof *set->samples);
    set->halves = clv_buffer_hold(&buffers->halves, pixels, 1, sizeof *set->halves);
    set->screened = NULL;
    return set->train_mask && set->train_count && set->usable && set->samples && set->halves;
}

void clv_training_buffers_free(clv_training_buffers *buffers)
{
    clv_buffer_free(&buffers->train_mask);
    clv_buffer_free(&buffers->train_count);
    clv_buffer_free(&buffers->usable);
    clv_buffer_free(&buffers->samples);
    clv_buffer_free(&buffers->halves);
    clv_buffer_free(&buffers->screened);
    clv_buffer_free(&buffers->wider_gap);
    clv_buffer_free(&buffers->patches);
}

void clv_training_use_all(clv_training_set *set, int t, int n)
{
    memset(set->train_mask + (size_t)t * (size_t)n, 1, (size_t)n);
    set->train_count[t] = n;
}
