/* SPDX-License-Identifier: MIT
 *
 * view_pool: views shared by all datasets of a process. A series that is open for one date is open for all of them, and
 * what one has computed is there for the others; so readers that open a dataset several times (QGIS) or its dates and
 * products side by side compute once. The last user takes the view away: a process that has closed its datasets has no
 * dataset of ours open.
 *
 *     clv_shared_view *shared = clv_view_pool_take(&name, 1, 0, error, sizeof error);
 *     clv_shared_view_lock(shared);
 *     ... lib->view_compute(shared->view, ...); read from its rasters ...
 *     clv_shared_view_unlock(shared);
 *     clv_view_pool_give(shared);
 *
 * Any thread. A view's own functions and rasters only between lock and unlock.
 */
#ifndef CLV_GDAL_VIEW_POOL_H
#define CLV_GDAL_VIEW_POOL_H

#include "gdal/view_library.h"
#include "gdal/view_request.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct clv_shared_view {
    const clv_view_library *lib;
    clv_context *ctx;
    clv_view *view;
    struct clv_shared_view_private *own;
} clv_shared_view;

/* reduction 1: as the inputs are; n: pixels n times as large, of a date whose pixels are pixel_m metres (0 with 1). */
clv_shared_view *clv_view_pool_take(const clv_view_request *name, int reduction, double pixel_m, char *error,
                                    size_t error_size);
void clv_view_pool_give(clv_shared_view *shared);
void clv_shared_view_lock(clv_shared_view *shared);
void clv_shared_view_unlock(clv_shared_view *shared);

#ifdef __cplusplus
}
#endif
#endif
