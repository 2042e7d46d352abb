/* SPDX-License-Identifier: MIT
 *
 * stage1: what is observed and what is not, for a whole series: the network's cloud and shadow, the known masks (-mask,
 * -scl, a product's own) and missing data, as one byte of flags (clv_pixel_state) per working pixel and date in a
 * scratch raster.
 *
 * Masks that came with the data are believed where the network agrees, and where the other dates do not refute them by
 * the rule of image/time_review.h: where a mask flags the same ground on most dates, or ground that goes with the other
 * dates, it is a fault of the mask. The user's masks are always obeyed; with -no_review or -mask_mode replace all are.
 *
 * Where a mask has a fill code (SCL's 0) the date is missing, whatever its bands show; nothing is dilated from there.
 * Other dates may vouch for what the bands show, as they do where a mask says cloud. Where some bands lack data the
 * bands tell themselves what is missing.
 *
 * Dilation and the removal of specks happen when the flags are read (flags.h).
 */
#ifndef CLV_PIPELINE_STAGE1_H
#define CLV_PIPELINE_STAGE1_H

#include "image/pixel_state.h"
#include "output/writer.h"
#include "pipeline/engine.h"

typedef struct clv_stage1_date {
    double cloud, shadow, missing; /* shares of the working grid's pixels, before dilation */
    double refuted; /* ... that a mask which came with the data calls cloud or shadow, and the other dates do not */
} clv_stage1_date;

#define CLV_PROBABILITY_NODATA (-1.0f) /* where the date has no data */

/* Receives the probabilities of rows of the working grid as they become final: two planes [height, width], cloud and
 * shadow. */
typedef clv_status (*clv_probability_fn)(void *user, int t, clv_rect rows, const float *cloud, const float *shadow);

typedef struct clv_stage1 {
    const clv_detect_settings *settings;
    const clv_compute_options *compute;
    bool user_masks;    /* -mask was given: known masks are exact */
    bool user_scls;     /* -scl was given: obeyed to the pixel, and dilated; a product's own masks lose their specks */
    bool network_only;  /* known masks are labels to compare with: they do not reach the flags */
    bool exact_missing; /* what lacks data is wanted for each band, also where the network sees nothing */
    clv_scratch *flags; /* Byte, a band per date; NULL = not wanted */
    clv_probability_fn probability;
    void *user;
    clv_stage1_date *dates; /* [series->dates], filled */
    bool used_network;      /* out */
    bool reviewed_masks;    /* out: masks that came with the data were compared with what the dates show */
    int dilated;            /* out: pixels by which the flags of this series are dilated when they are read */
    char model_sha256[65];  /* out, "" when no network was used */
    char device[32];        /* out */
} clv_stage1;

/* Reports progress in [0, 1] of the current phase. */
clv_status clv_stage1_run(clv_context *ctx, clv_series *series, clv_stage1 *job);

/* The same by parts, for those who want some of the scene: the networks are loaded by the first region that needs them
 * and stay. job and series must live until the end. Flags of a region equal those of the whole bit for bit; the counts
 * in job->dates are pixels, and of every region.
 *
 *     clv_stage1_finder *finder;
 *     clv_stage1_open(ctx, series, &job, &finder);
 *     clv_stage1_region(finder, (clv_rect){100, 96, 300, 192});     // y and y + height: multiples of the window stride
 *     clv_stage1_close(finder);                                     // or the scene's end
 */
typedef struct clv_stage1_finder clv_stage1_finder;
clv_status clv_stage1_open(clv_context *ctx, clv_series *series, clv_stage1 *job, clv_stage1_finder **out);
clv_status clv_stage1_region(clv_stage1_finder *finder, clv_rect area);
/* Whether any date is a matter for the network. */
bool clv_stage1_wants_network(const clv_stage1_finder *finder);
void clv_stage1_close(clv_stage1_finder *finder);

#endif
