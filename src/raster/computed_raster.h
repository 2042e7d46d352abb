/* SPDX-License-Identifier: MIT
 *
 * computed_raster: a dataset in memory whose pixels a function computes block by block when GDAL reads them, so that
 * the warper can be given pixels that no file holds.
 *
 *     const GDALDataType types[1] = {GDT_UInt16};
 *     const double nodata[1] = {65535};
 *     clv_computed_raster how = {.bands = 1, .types = types, .nodata = nodata};
 *     how.compute = compute;                                     // called with how.user, which must live as long
 *     GDALDatasetH ds = clv_computed_raster_open(like, &how);    // as large as `like`, and placed as it is
 *     GDALReleaseDataset(ds);
 *
 * Threads: as any dataset: one thread at a time.
 */
#ifndef CLV_RASTER_COMPUTED_RASTER_H
#define CLV_RASTER_COMPUTED_RASTER_H

#include <gdal.h>

#include "image/windows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* planes [bands]: r.width * r.height pixels each, of the band's type. */
typedef CPLErr (*clv_compute_fn)(void *user, clv_rect r, void *const *planes);

typedef struct clv_computed_raster {
    int bands;
    const GDALDataType *types; /* [bands] */
    const double *nodata;      /* [bands] */
    clv_compute_fn compute;
    void *user;
} clv_computed_raster;

/* NULL: out of memory. */
GDALDatasetH clv_computed_raster_open(GDALDatasetH like, const clv_computed_raster *how);

#ifdef __cplusplus
}
#endif

#endif
