/* SPDX-License-Identifier: MIT
 *
 * grid: where a raster's pixels lie: size, geotransform, CRS. Plain values, copied freely; wkt is owned by the grid.
 */
#ifndef CLV_RASTER_GRID_H
#define CLV_RASTER_GRID_H

#include <gdal.h>
#include <ogr_srs_api.h>

#include "base/context.h"
#include "image/windows.h"

typedef struct clv_grid {
    int width, height;
    bool has_transform;
    double transform[6]; /* GDAL's geotransform; 0,1,0,0,0,1 when there is none */
    char *wkt;           /* WKT2 CRS, NULL when unknown */
    double pixel_m; /* pixel size in metres at the raster's centre (geometric mean of both axes; degrees are converted
                       with PROJ's geodesics); 0 when there is no georeference */
} clv_grid;

clv_status clv_grid_of_dataset(clv_context *ctx, GDALDatasetH ds, clv_grid *out);
/* Gives a grid that has its size a geotransform (invertible) and a CRS (NULL: unknown). */
clv_status clv_grid_set(clv_context *ctx, clv_grid *grid, const double transform[6], OGRSpatialReferenceH srs);
clv_status clv_grid_copy(const clv_grid *grid, clv_grid *out);
void clv_grid_clear(clv_grid *grid);
/* Same CRS, pixel sizes related by an integer factor (fine * factor = coarse within 0.01 pixel over the whole raster),
 * and the coarse grid's origin on a fine pixel corner (within 0.02 pixel): then factor and the offset (in fine pixels)
 * of coarse pixel (0, 0). Two grids without any georeference fit when their sizes say so (factor 1, offset 0). */
bool clv_grid_fits(const clv_grid *fine, const clv_grid *coarse, int *factor, int *xoff, int *yoff);
/* The grid coarser by an integer factor with the same origin: size rounded up. */
clv_status clv_grid_coarsen(const clv_grid *grid, int factor, clv_grid *out);
/* The pixels `window` of the grid as a grid. */
clv_status clv_grid_window(const clv_grid *grid, clv_rect window, clv_grid *out);
/* Both CRS are the same, or both unknown. */
bool clv_grid_same_crs(const clv_grid *a, const clv_grid *b);
/* "EPSG:32632", or the CRS's name, or "unknown CRS" */
void clv_grid_crs_name(const clv_grid *grid, char *text, size_t size);
/* "935x705, 10 m, EPSG:32632" */
void clv_grid_describe(const clv_grid *grid, char *text, size_t size);

#endif
