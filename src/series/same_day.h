/* SPDX-License-Identifier: MIT
 *
 * same_day: inputs of one day that are parts of one picture: a product cut where the downlink began anew (data strips),
 * neighbouring tiles of one pass, a product that was delivered twice.
 *
 * Pieces are put together only where that cannot mix pictures: they lie on one pixel lattice, touch each other, have
 * the same bands, and where two of them show the same ground a sample of their pixels agrees. Other scales and offsets
 * are brought to one (same_day_numbers.h). The joined date is a VRT; where several pieces are valid the one that was
 * processed last counts.
 *
 *     clv_dataset a = {0}, b = {0};      // opened, of one date each
 *     clv_day_date days[2] = {{.dataset = &a, .acquisition = &a.acquisition[0]},
 *                             {.dataset = &b, .acquisition = &b.acquisition[0]}};
 *     if (clv_same_day_join(ctx, days, 2, NULL) == CLV_OK && days[1].into == 0)
 *         clv_dataset_clear(&b);         // a is the whole
 *
 * One thread at a time.
 */
#ifndef CLV_SERIES_SAME_DAY_H
#define CLV_SERIES_SAME_DAY_H

#include "raster/open_options.h"
#include "series/dataset.h"

typedef struct clv_day_date {
    clv_dataset *dataset;
    clv_dataset_acquisition *acquisition; /* of the dataset */
    int into;                             /* set: the date that it was put into; its own number when it stays */
    bool again;                           /* set: it was left out, as date `into` shows the same pixels */
    int first;                            /* set, of joined dates: the one whose pixels count where several are valid */
    char why[120]; /* set: why it was not joined with the date of its day, "" when there is none */
} clv_day_date;

/* Whether the names tell of different satellites. */
bool clv_same_day_other_satellite(const char *name_a, const char *name_b);

/* What to do about two dates that were not joined for this reason (clv_day_date.why), but for leaving one out. */
const char *clv_same_day_advice(const char *why);

/* Whether two dates of one day, of one dataset each, are pictures of different days: both show some ground, and not
 * alike. Samples of pixels are read. False where that cannot be compared. how: may be NULL. */
clv_status clv_same_day_differ(clv_context *ctx, clv_dataset *a, clv_dataset *b, const clv_open_options *how,
                               bool *differ);

/* Joins what belongs together among the dates, which are in any order: the first of them in that order is the whole
 * then; the others keep what they have. Samples of pixels are read where dates of a day overlap. Says what it did, and
 * warns of masks that not every part has: these are left out. how: may be NULL. */
clv_status clv_same_day_join(clv_context *ctx, clv_day_date *days, int count, const clv_open_options *how);
/* The VRT that joins masks of one date's parts (free()): of band `band` of each; names that are NULL count as clear.
 * Where a mask holds its nodata value, or without one the value `nothing`, the others count; masks[first] counts before
 * them. how: as above. */
clv_status clv_same_day_join_masks(clv_context *ctx, const char *const *names, int count, const clv_open_options *how,
                                   int band, int first, double nothing, char **vrt);

#endif
