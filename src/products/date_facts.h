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

/* Who told which number means "no data". */
typedef enum clv_nodata_source {
    CLV_NODATA_USUAL,    /* nobody: what is usual for the type */
    CLV_NODATA_DECLARED, /* the file's tag */
    CLV_NODATA_MASK,     /* a mask band or alpha instead of a number */
    CLV_NODATA_USER      /* -srcnodata */
} clv_nodata_source;

#define CLV_NODATA_FOUND 3

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
    bool all_zero;           /* 0 is nodata, but only where it is in every channel */
    bool zero_lines;         /* ... or where it is a line or strip of one channel (image/zero_lines.h) */
    clv_nodata_source nodata_from;
    bool nodata_adopted; /* further values are those that other dates declare */
    int nodata_found_count;
    double nodata_found[CLV_NODATA_FOUND]; /* further values, by how the pixels lie */
    char nodata_how[160];
    char bands_how[160], scale_how[160], date_how[96], mask_how[96]; /* where each was found, for the user */
} clv_date_facts;

void clv_date_facts_clear(clv_date_facts *facts);

#endif
