/* SPDX-License-Identifier: MIT
 *
 * folder: what a folder (or an archive) holds for a series: raster files, .SAFE products, archives of products.
 *
 * A folder with rasters or products of its own is taken as it is; one without is searched in its folders, a few levels
 * deep, as archives keep one folder per date or per resolution. Names that climb out of the folder (..) are skipped:
 * archives come from strangers. Nothing is unpacked.
 *
 *     clv_inputs files = {0};
 *     clv_folder_files(ctx, "/vsizip/S2A_MSIL2A_....zip", &files);   // names and bundles, in the order of names
 */
#ifndef CLV_PRODUCTS_FOLDER_H
#define CLV_PRODUCTS_FOLDER_H

#include "products/inputs.h"

/* On success the list may have grown by nothing: the caller says so. */
clv_status clv_folder_files(clv_context *ctx, const char *folder, clv_inputs *list);
/* Appends a product by its metadata file: as a bundle, or by name when GDAL's driver is to open it. */
clv_status clv_folder_product(clv_context *ctx, const char *metadata, clv_inputs *list);
/* "/vsizip/a.zip" for an archive's name, else NULL; free(). */
char *clv_archive_folder(const char *name);

#endif
