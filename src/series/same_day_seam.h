/* SPDX-License-Identifier: MIT
 *
 * same_day_seam: how much higher one of two parts of a picture lies than the other, by pairs of neighbouring pixels on
 * both sides of their seam. Ground and clouds go on across it: where all bands step by the offset of processing
 * baseline 04.00, that was subtracted in one of the parts only. For parts that lie on the same pixels, each with
 * nodata where the other shows the ground; where both do the pixel is its own neighbour.
 *
 *     double step;
 *     clv_status status = clv_day_seam_step(ctx, pair, places, &step);   // 0, or pair[1] lies about 0.1 higher (lower)
 *
 * Not for other parts than same_day.c.
 */
#ifndef CLV_SERIES_SAME_DAY_SEAM_H
#define CLV_SERIES_SAME_DAY_SEAM_H

#include "series/dataset.h"

/* Both datasets are open; places: of the rasters on one lattice. *step: 0.1 or -0.1, the offset's step; 0 for none, or
 * where the seam shows too little. */
clv_status clv_day_seam_step(clv_context *ctx, clv_dataset *const pair[2], const clv_rect places[2], double *step);

#endif
