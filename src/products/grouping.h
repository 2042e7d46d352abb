/* SPDX-License-Identifier: MIT
 *
 * grouping: files into dates, by their names: B02.tif, B03.tif, B04.tif of one folder;
 * T32TQR_20220801T101559_B04_10m.tif and its like; HLS; a raster and its SCL; the tiles of one export.
 *
 *     clv_group_files(ctx, &files, "", &dates);            // named one by one: what does not group stays as it is
 *     clv_group_files(ctx, &files, "a/folder", &dates);    // all that a folder holds, less previews and masks
 */
#ifndef CLV_PRODUCTS_GROUPING_H
#define CLV_PRODUCTS_GROUPING_H

#include "products/inputs.h"

/* Moves the bundles of `files` over and appends the dates in the order of their first files. folder: for messages, ""
 * when the user named the files. */
clv_status clv_group_files(clv_context *ctx, clv_inputs *files, const char *folder, clv_inputs *dates);

#endif
