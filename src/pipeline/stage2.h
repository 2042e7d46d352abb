/* SPDX-License-Identifier: MIT
 *
 * stage2: the ground under the gaps, one panel at a time, one row of windows at a time.
 *
 * The strip holds reflectance and gaps; clv_stage2_row() predicts the windows of a row that have something to fill and
 * blends them into `sum`. Rows of `sum` above the next row of windows are final. A window's prediction depends on the
 * window and its context (clv_stage2_windows()) alone.
 *
 * The strip's gap is the pixel's state (clv_pixel_state): any bit set means that the date does not observe it.
 */
#ifndef CLV_PIPELINE_STAGE2_H
#define CLV_PIPELINE_STAGE2_H

#include "gapfill/gapfill.h"
#include "image/pixel_state.h"
#include "pipeline/engine.h"
#include "pipeline/stage1.h"
#include "pipeline/strip.h"

typedef struct clv_stage2 clv_stage2;

/* Fills flags [rows] of date t (clv_pixel_state, dilated); different dates from different threads at the same time. */
typedef clv_status (*clv_flags_fn)(void *user, int t, clv_rect rows, uint8_t *flags);

typedef struct clv_stage2_setup {
    clv_method method; /* not AUTO */
    const char *model; /* CLEAR only */
    const clv_compute_options *compute;
    int window; /* dates looked at together */
    bool full, keep_nodata;
    bool deviation; /* how far predictions may be off is wanted, too */
    clv_flags_fn flags;
    void *user; /* of flags */
} clv_stage2_setup;

/* Opens the model when the method wants one. stack is copied. sha256: 65 bytes, "" without a model. */
clv_status clv_stage2_new(clv_context *ctx, const clv_stack_reader *stack, const clv_stage2_setup *setup,
                          clv_stage2 **out, char sha256[65]);
void clv_stage2_free(clv_stage2 *stage);
/* The windows of a method, which learns from their context, too. */
clv_window_grid clv_stage2_windows(clv_method method);
/* Bytes a column of a panel takes (strip and sums), for clv_panels_plan. */
double clv_stage2_bytes_per_column(clv_method method, int dates, int channels, bool deviation);

/* A panel, from row of windows `row` on: its strip is made by the stage and read by the caller through
 * clv_stage2_strip(). */
clv_status clv_stage2_begin_panel(clv_stage2 *stage, const clv_panel *panel, int row);
void clv_stage2_end_panel(clv_stage2 *stage);
const clv_strip *clv_stage2_strip(const clv_stage2 *stage);

/* Reads what the row of windows needs, predicts and blends. Afterwards rows below *ready are final. */
clv_status clv_stage2_row(clv_stage2 *stage, int row, int *ready);

/* The blended prediction at (x, y), x in [panel x0 - 1, x1 + 1) and inside the scene, y final and not yet released.
 * Defined where a gap is to be filled, everywhere with `full`. */
const float *clv_stage2_prediction(const clv_stage2 *stage, int t, int c, int x, int y);
/* Where predictions are: the standard deviation in reflectance of the first three channels, NaN where it can't be told
 * or was not wanted. */
float clv_stage2_deviation(const clv_stage2 *stage, int t, int x, int y);
/* Rows above y are not needed any more. */
void clv_stage2_release(clv_stage2 *stage, int y);

/* The sliding window in time: date t takes its prediction from the window that starts at the returned date. Windows
 * start every window / 2 dates and at the end; the one in which t is most central is chosen. */
int clv_time_window(int dates, int window, int t);

#endif
