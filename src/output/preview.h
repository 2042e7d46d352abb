/* SPDX-License-Identifier: MIT
 *
 * preview: a PNG that shows a series before and after: a column per date, rows input / mask / result, RGB stretched
 * alike. Collected while the scene streams by, at most CLV_PREVIEW_TILE pixels a side per date: memory does not grow
 * with the scene.
 */
#ifndef CLV_OUTPUT_PREVIEW_H
#define CLV_OUTPUT_PREVIEW_H

#include "output/writer.h"

#define CLV_PREVIEW_TILE 320

typedef struct clv_preview clv_preview;

/* Registers the PNG as an output of the set (temporary, published with it). */
clv_status clv_preview_new(clv_outputs *set, const char *path, const clv_series *series, clv_preview **out);
void clv_preview_free(clv_preview *preview);
/* Adds a window of the working grid of date t: before/after [3, h, w] reflectance (RGB), mask [h, w] non-zero =
 * filled. */
clv_status clv_preview_add(clv_preview *preview, int t, clv_rect window, const float *before, const uint8_t *mask,
                           const float *after);
/* Renders and writes it (before clv_outputs_publish). */
clv_status clv_preview_finish(clv_preview *preview);

#endif
