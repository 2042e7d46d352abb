/* SPDX-License-Identifier: MIT
 *
 * date_facts: what is known of one date of an input: when it was acquired, how its files are opened, its product's own
 * mask, and how all this was found. A bundle fills in what the product's metadata say (bundle.h), a dataset what the
 * opened files say (dataset.h), and an acquisition of a series keeps it (series.h).
 *
 *     clv_date_facts facts = {.overview = -1}, moved = facts;    // moved owns the strings now
 *     clv_date_facts_clear(&moved);
 *
 * The struct owns its strings; a copy by assignment moves them. One thread at a time.
 */
#ifndef CLV_PRODUCTS_DATE_FACTS_H
#define CLV_PRODUCTS_DATE_FACTS_H

#include <stdbool.h>

#include "sentinel2/dates.h"
#include "sentinel2/mask_kind.h"

typedef struct clv_date_facts {
    clv_date date;
    bool has_date;
    char *vrt;               /* text of the VRT that joins the date's files, opened instead of the input; NULL: none */
    bool packed;             /* files of the VRT are JPEG 2000 */
    int overview;            /* overview that is read, CLV_OVERVIEW_NONE: none */
    char *mask;              /* dataset with the product's own mask; NULL: it is in the date's own dataset */
    clv_mask_kind mask_kind; /* of the product's own mask, and of a cube's */
    int mask_band;           /* of the product's own mask; 0: none */
    bool use_mask;           /* the dataset's mask band or alpha tells which pixels are missing */
    bool scale_by_user;      /* -in_scale or -in_offset was given for the date */
    bool scale_sure;         /* scale and offset are those of the product's own metadata */
    bool scale_told;         /* metadata, an item, the file or its name told them: not the values alone */
    bool all_zero;           /* nodata is 0 in integers: missing is what is 0 in every channel */
    char bands_how[160], scale_how[160], date_how[96], mask_how[96]; /* where each was found, for the user */
} clv_date_facts;

void clv_date_facts_clear(clv_date_facts *facts);

#endif
