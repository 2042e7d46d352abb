/* SPDX-License-Identifier: MIT
 *
 * level_check: whether the dates of an opened series lie on one level (image/level.h), seen in a few windows spread
 * over the whole working grid. A date that lies the offset of processing baseline 04.00 away from the others gets the
 * offset that its pixels ask for; other differences are said. A date whose values are too large for what is usual gets
 * the scale that the other dates tell. Every change and every doubt is a warning that names the option that decides
 * otherwise.
 *
 *     clv_status status = clv_series_check_levels(ctx, series);   // the last step of opening
 *
 * Called by one thread, before the series is read by others.
 */
#ifndef CLV_SERIES_LEVEL_CHECK_H
#define CLV_SERIES_LEVEL_CHECK_H

#include "series/series.h"

/* acquisitions[].level_how of dates of which nobody knows whether their level is that of the others. */
#define CLV_LEVEL_NOT_COMPARED "not compared: too little clear ground in common, or not only the level differs"

/* Sets acquisitions[].level, and bands[].offset and facts.scale_how of the dates it changes. What cannot be
 * read is not compared; fails when cancelled or out of memory, and where nothing tells a date's scale. */
clv_status clv_series_check_levels(clv_context *ctx, clv_series *series);

#endif
