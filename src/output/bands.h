/* SPDX-License-Identifier: MIT
 *
 * bands: the bands of a raster that was written, however its format keeps them: netCDF and Zarr have one array a band,
 * which GDAL shows as subdatasets.
 */
#ifndef CLV_OUTPUT_BANDS_H
#define CLV_OUTPUT_BANDS_H

#include <stdbool.h>

#include <gdal.h>

typedef struct clv_bands {
    GDALDatasetH dataset;
    bool borrowed;       /* somebody else closes it */
    GDALDatasetH *parts; /* [count] of subdatasets, NULL where the dataset has the bands itself */
    GDALRasterBandH *list;
    int width, height, count;
} clv_bands;

/* Opens for reading, as any reader would. most: subdatasets that are taken for bands; the first with two dimensions
 * says their size. */
bool clv_bands_open(const char *path, int most, clv_bands *out);
/* Those of an open dataset, which stays open. false: out of memory. */
bool clv_bands_of(GDALDatasetH dataset, clv_bands *out);
void clv_bands_close(clv_bands *bands);

#endif
