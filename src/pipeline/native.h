/* SPDX-License-Identifier: MIT
 *
 * native: from the working grid to a date's native grid. Native pixel (x, y) of a date that fits belongs to working
 * pixel
 * ((x - xoff) / factor, (y - yoff) / factor). A date's raster may be a pixel or two larger than the working grid: those
 * pixels follow the working pixel nearest to them.
 */
#ifndef CLV_PIPELINE_NATIVE_H
#define CLV_PIPELINE_NATIVE_H

#include "series/series.h"

#define CLV_OUTPUT_MARGIN 2 /* working pixels around a date's own that making its output looks at */

/* Native pixels that belong to working pixels [x0, x1) x [y0, y1); at the working grid's borders all native pixels
 * beyond. */
clv_rect clv_native_rect(const clv_acquisition *date, const clv_grid *working, int x0, int y0, int x1, int y1);

/* Working column (row) of native column (row) v, clamped into [0, length); -1 when it lies further than 2 working
 * pixels outside. `offset` is the date's xoff (yoff). */
int clv_native_to_working(int v, int offset, int factor, int length);

#endif
