/* SPDX-License-Identifier: MIT
 *
 * same_day: inputs of one day that are parts of one picture: a product cut where the downlink began anew (data strips),
 * neighbouring tiles of one pass, a product that was delivered twice.
 *
 * Pieces are put together only where that cannot mix pictures: they lie on one pixel lattice, touch each other, have
 * the same bands and radiometry, and where two of them show the same ground a sample of their pixels agrees. The joined
 * date is a VRT; where several pieces are valid the one that was processed last counts.
 *
 *     clv_day_verdict verdict;
 *     clv_status status = clv_same_day_look(ctx, pieces, count, &how, &verdict);    // reads samples where they overlap
 *     if (status == CLV_OK && verdict.kind == CLV_DAY_JOIN)
 *         status = clv_same_day_join(ctx, pieces, count, &how, verdict.first);      // pieces[0] is the whole now
 *
 * One thread at a time.
 */
#ifndef CLV_SERIES_SAME_DAY_H
#define CLV_SERIES_SAME_DAY_H

#include "raster/open_options.h"
#include "series/dataset.h"

typedef enum clv_day_kind {
    CLV_DAY_DIFFER, /* not one picture; why says why */
    CLV_DAY_JOIN,   /* parts of one picture */
    CLV_DAY_AGAIN   /* all show the same pixels: `first` alone is wanted */
} clv_day_kind;

typedef struct clv_day_verdict {
    clv_day_kind kind;
    int first; /* the piece that was processed last, else the last one */
    char why[160];
} clv_day_verdict;

/* Whether two dates may be parts of one picture by what is known without pixels: same day, times at most a quarter of
 * an hour apart where both are known, not of different satellites. */
bool clv_same_day_possible(const clv_date_facts *a, const char *name_a, const clv_date_facts *b, const char *name_b);
/* Whether the names tell of different satellites. */
bool clv_same_day_other_satellite(const char *name_a, const char *name_b);

/* pieces: datasets of one date each, in the inputs' order. */
clv_status clv_same_day_look(clv_context *ctx, clv_dataset *const *pieces, int count, const clv_open_options *how,
                             clv_day_verdict *verdict);
/* Makes the joined date of pieces[0]; the others keep what they have. first: whose pixels count where several are
 * valid. Masks of which not every piece has one are left out with a warning. */
clv_status clv_same_day_join(clv_context *ctx, clv_dataset *const *pieces, int count, const clv_open_options *how,
                             int first);
/* The VRT that joins masks which the user gave for the pieces (free()): of band `band` of each; names that are NULL
 * count as clear. Where a mask holds its nodata value, or without one where it is 0, the other ones count. */
clv_status clv_same_day_join_masks(clv_context *ctx, const char *const *names, int count, int band, int first,
                                   char **vrt);

#endif
