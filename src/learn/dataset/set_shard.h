/* SPDX-License-Identifier: MIT
 *
 * set_shard: what one group of pictures adds to a prepared training set, kept in the work folder until the set is
 * whole.
 *
 * A part is three files: KEY.data (of each sequence x, gap, days, as they stand in the set), KEY.shapes, and KEY.json,
 * which is written last: a part without it was interrupted and is made again. KEY is the hash of all that the part
 * depends on. Data goes to disk as it comes; memory holds a line of facts a sequence.
 *
 *     clv_set_shard part;
 *     if ((status = clv_set_shard_load(ctx, folder, key, &part, &found)) == CLV_OK && !found) {
 *         status = clv_set_shard_begin(ctx, folder, key, &part);
 *         ... clv_set_shard_add(&part, &sequence, x, gap, days) ...
 *         status = clv_set_shard_finish(&part);
 *     }
 *     clv_set_shard_clear(&part);      // an unfinished part's files are removed
 *
 * One thread at a time.
 */
#ifndef CLV_LEARN_DATASET_SET_SHARD_H
#define CLV_LEARN_DATASET_SET_SHARD_H

#include <stdio.h>

#include "base/context.h"
#include "formats/safetensors.h"

typedef struct clv_set_shard_sequence {
    int dates, bands, clear_dates;
    int x, y;                 /* offset of the window in its source, pixels */
    char first[16], last[16]; /* YYYY-MM-DD */
} clv_set_shard_sequence;

typedef struct clv_set_shard {
    clv_context *ctx;
    char *path[3]; /* data, shapes, index */
    FILE *file[2]; /* while it is made */
    clv_set_shard_sequence *sequences;
    int count, capacity;
    int64_t shapes;     /* number of them */
    int windows, dates; /* looked at; dates of the pictures */
    double pixel_m;
    bool finished;
} clv_set_shard;

/* *found: a finished part is there and loaded. A damaged one counts as not there. */
clv_status clv_set_shard_load(clv_context *ctx, const char *folder, const char *key, clv_set_shard *shard, bool *found);
clv_status clv_set_shard_begin(clv_context *ctx, const char *folder, const char *key, clv_set_shard *shard);
/* x [dates, bands, 128, 128], gap [dates, 128, 128], days [dates]. */
clv_status clv_set_shard_add(clv_set_shard *shard, const clv_set_shard_sequence *sequence, const int16_t *x,
                             const uint8_t *gap, const double *days);
clv_status clv_set_shard_add_shape(clv_set_shard *shard, const uint8_t *shape); /* [128, 128] */
clv_status clv_set_shard_finish(clv_set_shard *shard);
/* Appends the sequences (or the shapes) to a file of tensors. */
clv_status clv_set_shard_copy(const clv_set_shard *shard, bool shapes, clv_safetensors_stream *to);
void clv_set_shard_clear(clv_set_shard *shard);

#endif
