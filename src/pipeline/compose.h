/* SPDX-License-Identifier: MIT
 *
 * compose: from the working grid to each date's native raster. Observed pixels keep their bits; filled ones come from
 * stage 2.
 *
 * Where a date's native pixels are finer than the working grid, a filled pixel is the prediction enlarged bilinearly
 * plus the fine detail of the nearest dates that observe it, weighted by their distance in time:
 *
 *     fill(p) = up(F_t)(p) + sum_i w_i * (own_i(p) - up(F_i)(p)),      F = filled series on the working grid
 *
 * so that a constant scene stays constant, roads and field borders stay sharp, and the prediction's level is kept.
 *
 * Dates that do not fit the working grid are kept in scratch rasters and warped back at the end (compose_warped.c).
 */
#ifndef CLV_PIPELINE_COMPOSE_H
#define CLV_PIPELINE_COMPOSE_H

#include "image/pixel_state.h"
#include "output/preview.h"
#include "output/writer.h"
#include "pipeline/pictures.h"
#include "pipeline/sink.h"
#include "pipeline/stage2.h"

typedef struct clv_compose clv_compose;

typedef struct clv_compose_setup {
    bool full, keep_nodata;
    clv_writer **outputs;   /* [dates], all the same one for a stack */
    clv_writer **masks;     /* [dates] or NULL */
    clv_writer **quality;   /* [dates] or NULL: UInt16, bands source, days, deviation */
    clv_preview *preview;   /* or NULL */
    clv_pictures *pictures; /* or NULL: what a page shows */
} clv_compose_setup;

typedef struct clv_compose_date {
    double pixels, filled, never; /* of the date's native raster */
    double unseen;                /* ... in some band of which no date has data, while others have */
} clv_compose_date;

clv_status clv_compose_new(clv_context *ctx, clv_outputs *set, clv_series *series, const clv_compose_setup *setup,
                           clv_compose **out);
void clv_compose_free(clv_compose *compose);
/* y0: the first working row that will be written. */
clv_status clv_compose_begin_panel(clv_compose *compose, const clv_panel *panel, int y0, clv_stage2 *stage);
/* Writes working rows [y0, y1); predictions of rows [y0 - 1, y1 + 1) inside the scene must be final. */
clv_status clv_compose_rows(clv_compose *compose, int y0, int y1);
/* flush false: after a failure; what is collected is dropped. */
clv_status clv_compose_end_panel(clv_compose *compose, bool flush);
/* Dates that need the warper, after the last panel. */
clv_status clv_compose_warped(clv_compose *compose);
const clv_compose_date *clv_compose_counts(const clv_compose *compose);
/* Whether band k is not filled somewhere in date t because no date has data in it there. */
bool clv_compose_unseen_band(const clv_compose *compose, int t, int k);

#endif
