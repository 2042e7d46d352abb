/* SPDX-License-Identifier: MIT
 *
 * shape_pool: cloud shapes for simulated gaps, from rasters of masks and from training sets.
 *
 *     clv_shapes pool = {0};
 *     status = clv_shapes_read(ctx, "clouds.tif", &pool);
 *
 * The pool belongs to the caller. One thread at a time.
 */
#ifndef CLV_LEARN_DATASET_SHAPE_POOL_H
#define CLV_LEARN_DATASET_SHAPE_POOL_H

#include "learn/dataset/prepared.h"
#include "synth/gaps.h"

/* Every band of a raster is a mask, non-zero = cloud. */
clv_status clv_shapes_read(clv_context *ctx, const char *name, clv_shapes *pool);
/* The shapes of a training set; of more than CLV_SHAPES_MAX as many, evenly spread. */
clv_status clv_shapes_take(clv_context *ctx, const clv_prepared *set, clv_shapes *pool);

#endif
