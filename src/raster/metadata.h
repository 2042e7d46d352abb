/* SPDX-License-Identifier: MIT
 *
 * metadata: what of an input's metadata its output gets, and the items we add (dates, provenance).
 *
 * Kept: geotransform, CRS, GCPs, RPC, AREA_OR_POINT, descriptions, colour interpretation and tables, categories,
 * nodata, scale, offset, unit, all metadata domains. Not kept, because it describes the input's file or its exact
 * values: IMAGE_STRUCTURE, SUBDATASETS, DERIVED_SUBDATASETS, COLOR_PROFILE, xml:XMP, xml:VRT, STATISTICS_* items.
 * Added: ACQUISITIONDATETIME in the default domain (survives gdal_translate) and in GDAL's IMAGERY domain,
 * TIFFTAG_DATETIME where the input had none. No wall-clock time: the same run gives the same bytes.
 */
#ifndef CLV_RASTER_METADATA_H
#define CLV_RASTER_METADATA_H

#include <gdal.h>

#include "raster/grid.h"
#include "sentinel2/dates.h"

/* Georeference of the grid; where `source` (may be NULL) lies on it, its own CRS object, GCPs and RPC are taken. */
clv_status clv_metadata_place(clv_context *ctx, const clv_grid *grid, GDALDatasetH source, GDALDatasetH output);
/* An output that begins at pixel (x, y) of its source: GCPs and RPC count from there. */
void clv_metadata_shift(GDALDatasetH source, GDALDatasetH output, int x, int y);
/* Metadata domains of a dataset or band. with_dates: also items that hold the acquisition's date. */
void clv_metadata_copy(GDALMajorObjectH source, GDALMajorObjectH output, bool with_dates);
/* Everything of a band but its pixels and nodata: metadata (with_items), description, scale, offset, unit, categories,
 * colour table. */
void clv_metadata_copy_band(GDALRasterBandH source, GDALRasterBandH output, bool with_dates, bool with_items);
/* Date items of a dataset (tiff_tag: with TIFFTAG_DATETIME when absent) or band. */
void clv_metadata_date(GDALMajorObjectH object, const clv_date *date, bool tiff_tag);
/* CLEARVISION_VERSION, TIFFTAG_SOFTWARE when free, and the NAME=VALUE items of `tags`. */
void clv_metadata_provenance(GDALDatasetH output, char **tags);

#endif
