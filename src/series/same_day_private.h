/* SPDX-License-Identifier: MIT
 *
 * same_day_private: what same_day.c and same_day_vrt.c share. Not for other parts.
 */
#ifndef CLV_SERIES_SAME_DAY_PRIVATE_H
#define CLV_SERIES_SAME_DAY_PRIVATE_H

#include "series/same_day.h"

/* Makes the joined date of pieces[0]; first: whose pixels count where several are valid. */
clv_status clv_day_make(clv_context *ctx, clv_dataset *const *pieces, int count, const clv_open_options *how,
                        int first);
/* Where a grid lies in the pixels of another of the same lattice; false when they are not of one. */
bool clv_day_place(const clv_grid *grid, const clv_grid *on, clv_rect *place);
/* Opens the piece's dataset unless it is open. */
clv_status clv_day_open(clv_context *ctx, clv_dataset *piece, const clv_open_options *how);

#endif
