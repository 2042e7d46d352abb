/* SPDX-License-Identifier: MIT
 *
 * regrid: the working grid of a series, and views of rasters on it through GDAL's warper.
 */
#ifndef CLV_RASTER_REGRID_H
#define CLV_RASTER_REGRID_H

#include <gdalwarper.h>

#include "image/windows.h"
#include "raster/grid.h"

#define CLV_WORKING_METRES 20.0

/* The reference's grid, coarsened by the whole number that brings it nearest to 20 m when it is finer, or to tr metres
 * when tr > 0 (then an error when no whole number does within 10 %). name: the reference, for messages. */
clv_status clv_working_grid(clv_context *ctx, const char *name, const clv_grid *reference, double tr, clv_grid *out);

typedef struct clv_regrid_options {
    GDALResampleAlg resampling;
    const int *bands; /* [band_count] of the source, in the view's order */
    int band_count;
    const double *nodata; /* [band_count] source values that mean missing, NULL = none */
    const double *fill; /* [band_count] values of missing pixels in the view, NULL = background without being nodata */
    int background;
    bool unified; /* missing only where all bands are nodata */
    int alpha;    /* source band that is alpha, 0 = none */
} clv_regrid_options;

/* The source as a dataset of `target`'s grid, warped on reading; close it before the source. */
clv_status clv_regrid_open(clv_context *ctx, const char *name, GDALDatasetH source, const clv_grid *target,
                           const clv_regrid_options *options, GDALDatasetH *out);
/* Pixel coordinates of `grid` to those of `target`, in place; ok[i] is 0 where there is no such place. False: none. */
bool clv_grid_map_pixels(const clv_grid *grid, const clv_grid *target, int n, double *x, double *y, int *ok);
/* Whether any of `grid` lies on `target` (both georeferenced). */
bool clv_grids_overlap(const clv_grid *grid, const clv_grid *target);
/* Pixel sizes of `grid` in pixels of `target` at the centre of what they share: 0.5 = twice as fine; 0 when unknown. */
double clv_grid_relative_pixel(const clv_grid *grid, const clv_grid *target);
/* GDAL's algorithm of -r; false for a number that is none. */
bool clv_resampling_algorithm(clv_resampling resampling, GDALResampleAlg *out);
/* Its name as -r has it, "unknown" for others. */
const char *clv_resampling_algorithm_name(GDALResampleAlg algorithm);

#endif
