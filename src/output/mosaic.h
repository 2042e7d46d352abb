/* SPDX-License-Identifier: MIT
 *
 * mosaic: a VRT over rasters that lie side by side on one pixel grid: parts of one result.
 *
 * The VRT names its parts relative to its own folder, and carries what the first of them carries: CRS, nodata,
 * descriptions, colours, scale, categories, metadata. Nothing is resampled. No state; any thread.
 *
 *     clv_mosaic_write(ctx, "out/.a.TOKEN.tmp.vrt", parts, count);       // out/a_tiles/0001/a.tif, ...; then renamed
 */
#ifndef CLV_OUTPUT_MOSAIC_H
#define CLV_OUTPUT_MOSAIC_H

#include "base/context.h"

/* path: a hidden name in the VRT's own folder, which the caller renames and knows as unfinished; a file that has it is
 * replaced, and after a failure there is none. Where parts overlap they show the same pixels.
 * Errors: a part that cannot be opened or does not lie on the first one's pixels. */
clv_status clv_mosaic_write(clv_context *ctx, const char *path, char *const *parts, int count);

#endif
