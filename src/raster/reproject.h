/* SPDX-License-Identifier: MIT
 *
 * reproject: outputs on another grid (-t_srs, -tap): the finished raster is resampled once, at the end, through GDAL's
 * warper. Observed pixels are resampled then like all others.
 *
 * The target belongs to the set of outputs; any thread may use it.
 *
 *     clv_target *target;
 *     clv_status status = clv_target_new(ctx, &options.output, &options.input, &target);   // NULL: outputs stay
 *     clv_reproject(ctx, target, "out/c.tif", "a.tif", false, driver, creation, "b.tif");
 *     clv_target_free(target);
 */
#ifndef CLV_RASTER_REPROJECT_H
#define CLV_RASTER_REPROJECT_H

#include <gdal.h>

#include "base/context.h"

typedef struct clv_target clv_target;

/* Whether outputs are to be resampled; -te then says their bounds, and is no crop. */
bool clv_target_wanted(const clv_output_options *output);
clv_status clv_target_new(clv_context *ctx, const clv_output_options *output, const clv_input_options *input,
                          clv_target **out);
void clv_target_free(clv_target *target);
/* Whether a raster with this size and place can be brought there: CLV_ERROR_ARGUMENT says what to do, before hours of
 * work. target: may be NULL. */
clv_status clv_target_check(clv_context *ctx, const clv_target *target, const char *name, GDALDatasetH source);
/* name: for messages. Reads the raster `from` and writes `to` (a file that exists, of `driver`). classes: by the
 * nearest pixel. */
clv_status clv_reproject(clv_context *ctx, const clv_target *target, const char *name, const char *from, bool classes,
                         GDALDriverH driver, char **creation, const char *to);

#endif
