/* SPDX-License-Identifier: MIT
 *
 * compare: whether a raster holds what was written: value by value, within what a lossy compression may change, or,
 * where the driver resamples onto a grid of its own, by what lies where.
 */
#ifndef CLV_OUTPUT_COMPARE_H
#define CLV_OUTPUT_COMPARE_H

#include <stdint.h>

#include "output/bands.h"
#include "raster/creation.h"

typedef struct clv_comparison {
    bool equal;    /* nothing to complain about */
    double error;  /* mean absolute difference of the worst band */
    char why[256]; /* what differs, for a message */
} clv_comparison;

/* The pixel sums of all bands (see pixel_sum.h) as values of `type`; sums: [bands->count]. Reads everything.
 * CLV_ERROR_READ with GDAL's text in why. */
clv_status clv_bands_sums(clv_context *ctx, const clv_bands *bands, GDALDataType type, uint64_t *sums, char why[256]);
/* want: what it should be, of bands of one type. sums: of want's bands, NULL = not known: compared too. loss: what the
 * options allow. Statuses but CLV_OK: memory, cancelled; unreadable pixels are differences. */
clv_status clv_bands_compare(clv_context *ctx, const clv_bands *want, const clv_bands *got, clv_creation_loss loss,
                             const uint64_t *sums, clv_comparison *out);
/* got lies on another grid. classes: no value may be there that want does not have. */
clv_status clv_bands_compare_resampled(clv_context *ctx, const clv_bands *want, const clv_bands *got, bool classes,
                                       clv_comparison *out);

#endif
