/* SPDX-License-Identifier: MIT
 *
 * view_pool: views shared by all datasets of a process. A series that is open for one date is open for all of them, and
 * what one has computed is there for the others; so readers that open a dataset several times (QGIS) or its dates and
 * products side by side compute once. The last user takes the view away: a process that has closed its datasets has no
 * dataset of ours open.
 *
 *     clv_shared_view *shared = clv_view_pool_take(&name, 0, error, sizeof error);
 *     clv_shared_view_lock(shared);
 *     status = shared->lib->view_compute(shared->view, t, x, y, 256, 256);
 *     ... read from its rasters ...
 *     clv_shared_view_unlock(shared);
 *     clv_view_pool_give(shared);
 *
 * Threads: any. The lock is held while GDAL is called, and GDAL opens a VRT's sources under a mutex of its own: so
 * taking and giving never wait for it. What describes a view's rasters is therefore made once, before others can see
 * the view (clv_view_pool_describe), and read without the lock, as are its dates and names; its rasters only under the
 * lock.
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
    void *description;
    struct clv_shared_view_private *own;
} clv_shared_view;

/* What makes a new view's description, and what frees it. Once, before the first take. */
void clv_view_pool_describe(void *(*describe)(const clv_shared_view *shared), void (*forget)(void *description));
/* tr: pixel size in metres; 0: as the inputs are, or as the name's setting says. */
clv_shared_view *clv_view_pool_take(const clv_view_request *name, double tr, char *error, size_t error_size);
void clv_view_pool_give(clv_shared_view *shared);
/* Who has it keeps it, but nobody else gets it any more: after a failure from which a view does not recover. */
void clv_view_pool_drop(clv_shared_view *shared);
void clv_shared_view_lock(clv_shared_view *shared);
void clv_shared_view_unlock(clv_shared_view *shared);

#ifdef __cplusplus
}
#endif
#endif
