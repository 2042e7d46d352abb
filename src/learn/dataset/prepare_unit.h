/* SPDX-License-Identifier: MIT
 *
 * prepare_unit: a piece of a training list that is prepared at one go: a series, some cubes or single pictures, some
 * rasters of cloud shapes. What it gives goes into a part (set_shard.h), so that it need not be read again.
 *
 *     clv_prepare_unit unit = {item, 0, item->path_count};
 *     clv_prepare_unit_key(ctx, &unit, options, key);
 *     clv_prepare_unit_run(ctx, &unit, options, folder, &shard);     // shard: begun
 *
 * Reports progress in [0, 1] of the current phase. One thread calls; stage 1 works on several.
 */
#ifndef CLV_LEARN_DATASET_PREPARE_UNIT_H
#define CLV_LEARN_DATASET_PREPARE_UNIT_H

#include "learn/dataset/set_shard.h"
#include "learn/dataset/train_list.h"

typedef struct clv_prepare_unit {
    const clv_train_item *item;
    int first, count; /* of the item's paths */
} clv_prepare_unit;

/* The hash of all that the unit's pixels depend on: settings, files with their sizes and times, options. */
clv_status clv_prepare_unit_key(clv_context *ctx, const clv_prepare_unit *unit, const clv_prepare_options *options,
                                char key[65]);
/* folder: for temporary rasters. */
clv_status clv_prepare_unit_run(clv_context *ctx, const clv_prepare_unit *unit, const clv_prepare_options *options,
                                const char *folder, clv_set_shard *shard);

#endif
