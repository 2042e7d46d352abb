/* SPDX-License-Identifier: MIT
 *
 * flags: what stage 1 has found, read with specks removed and dilated. The flags themselves (stage1.h) stay what was
 * found, and a window's mask depends on its neighbourhood alone.
 *
 * Different dates and windows may be read from different threads at the same time.
 */
#ifndef CLV_PIPELINE_FLAGS_H
#define CLV_PIPELINE_FLAGS_H

#include "image/pixel_state.h"
#include "output/writer.h"

/* Pixels around a window that clv_flags_read looks at. */
int clv_flags_reach(const clv_detect_settings *settings, const clv_grid *grid);

/* Reads flags of a window of date t, drops specks of the network's smaller than CLV_SPECK_PIXELS, dilates by
 * what the settings say of this grid. flags [h, w]: bits of clv_pixel_state, dilated cloud and shadow included; what
 * was found as shadow stays shadow where a cloud grows over it. Any window gives the same flags for the same pixel. */
#define CLV_SPECK_PIXELS 4
clv_status clv_flags_read(clv_context *ctx, clv_scratch *scratch, const clv_grid *grid, int t,
                          const clv_detect_settings *settings, clv_rect window, uint8_t *flags);

/* The same, with PARTLY instead of MISSING where some bands or native pixels have data: what each native pixel is,
 * holes.h tells. */
clv_status clv_flags_read_states(clv_context *ctx, clv_scratch *scratch, const clv_grid *grid, int t,
                                 const clv_detect_settings *settings, clv_rect window, uint8_t *states);

/* Working pixels around a pixel that decide about it: the windows of stage 2 that cover it, what they look at, what
 * decides about the flags there before they are dilated, and the windows of stage 1 that cover that. For
 * clv_series_open_around, which adds the dilation. */
int clv_margin(void);

#endif
