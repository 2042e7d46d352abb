/* SPDX-License-Identifier: MIT
 *
 * mosaic: a VRT over rasters that lie side by side on one pixel grid: parts of one result.
 *
 * The VRT names its parts relative to its own folder, and carries what the first of them carries: CRS, nodata,
 * descriptions, colours, scale, categories, metadata. Nothing is resampled. No state; any thread.
 *
 *     clv_mosaic_write(ctx, "out/a.vrt", parts, count);       // out/a_tiles/0001/a.tif, ...
 */
#ifndef CLV_OUTPUT_MOSAIC_H
#define CLV_OUTPUT_MOSAIC_H

#include "base/context.h"

/* Writes the VRT whole or not at all; an existing file is replaced. Where parts overlap they show the same pixels.
 * Errors: a part that cannot be opened or does not lie on the first one's pixels. */
clv_status clv_mosaic_write(clv_context *ctx, const char *path, char *const *parts, int count);

#endif
