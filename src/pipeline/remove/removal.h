/* SPDX-License-Identifier: MIT
 *
 * removal: what removing clouds from a series needs from beginning to end: the series, both stages, the outputs. The
 * whole scene (remove.c) and parts of it on demand (view.c) are worked with the same functions, so that a pixel is the
 * same either way.
 *
 *     clv_removal r = {.ctx = ctx, .options = options, .output = &options->output};
 *     clv_removal_open_series(&r, inputs, count);   // series, method
 *     clv_removal_open_outputs(&r);                 // their names
 *     clv_removal_prepare(&r);                      // stage 2, scratch raster of flags
 *     ... stage 1 fills r.flags through r.stage1 ...
 *     clv_removal_create_outputs(&r);
 *     clv_removal_compose(&r);
 *     clv_removal_rows(&r, &panel, 0, height, 0, 1);
 *     clv_removal_clear(&r);                        // also after a failure
 *
 * One thread at a time; the functions use the context's threads themselves.
 */
#ifndef CLV_PIPELINE_REMOVE_REMOVAL_H
#define CLV_PIPELINE_REMOVE_REMOVAL_H

#include "pipeline/compose.h"
#include "pipeline/stage1.h"
#include "pipeline/stage2.h"

/* Paths of one date's outputs and their places in the set. */
typedef struct clv_date_names {
    char *image, *mask, *quality;
    int image_index, mask_index, quality_index;
} clv_date_names;

typedef struct clv_removal {
    clv_context *ctx;
    const clv_remove_options *options;
    const clv_output_options *output; /* where outputs go; needed from clv_removal_open_outputs() on */
    clv_series *series;
    bool view;         /* the outputs of a view: limited to the first input's extent */
    clv_method method; /* never AUTO */
    clv_outputs *set;
    clv_writer **outputs, **masks, **quality; /* [dates]; masks and quality NULL when not wanted */
    clv_date_names *names;                    /* [dates] */
    clv_preview *preview;
    int preview_index;
    clv_pictures *pictures; /* NULL, or collected for a page; the caller's */
    clv_scratch *flags;
    clv_stage1 stage1;
    clv_stage2 *stage2;
    clv_compose *compose;
    char model_sha256[65];
} clv_removal;

clv_status clv_removal_open_series(clv_removal *removal, const char *const *inputs, int count);
/* Outputs are named before any work is done, so that one that exists is said at once. */
clv_status clv_removal_open_outputs(clv_removal *removal);
clv_status clv_removal_prepare(clv_removal *removal);
/* Needs removal->stage1.model_sha256 when the network is used: it goes into the metadata. */
clv_status clv_removal_create_outputs(clv_removal *removal);
clv_status clv_removal_compose(clv_removal *removal);
/* Fills and writes working rows [y0, y1) of a panel (made with margin CLV_CONTEXT and pad 1). Flags of everything
 * within the panel's read columns and CLV_CONTEXT rows around the windows, and clv_flags_reach() further, must be
 * there. Reports progress from done to done + share. */
clv_status clv_removal_rows(clv_removal *removal, const clv_panel *panel, int y0, int y1, double done, double share);
void clv_removal_clear(clv_removal *removal);

#endif
