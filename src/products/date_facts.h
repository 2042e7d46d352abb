/* SPDX-License-Identifier: MIT
 *
 * date_facts: what is known of one date of an input: when it was acquired, how its files are opened, its product's own
 * masks, and how all this was found. A bundle fills in what the product's metadata say (bundle.h), a dataset what the
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

#define CLV_DATE_FACT_MASKS 8

typedef struct clv_date_mask {
    char *name; /* dataset; NULL: the date's own; owned */
    clv_mask_kind kind;
    int band;     /* from 1 */
    char how[48]; /* where it was found, for the user */
    bool sampled; /* values are known, of the pixels of a sample that red, green and blue show */
    clv_mask_values values;
} clv_date_mask;

/* A band of the date's dataset, filled or copied. */
typedef struct clv_date_band {
    int index; /* from 1 */
    char name[64];
    const char *why; /* why it is copied, a static phrase; NULL: it is filled, or known as no reflectance */
} clv_date_band;
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
    char *vrt;    /* text of the VRT that joins the date's files, opened instead of the input; NULL: none */
    bool packed;  /* files of the VRT are JPEG 2000 */
    int overview; /* overview that is read, CLV_OVERVIEW_NONE: none */
    clv_date_mask masks[CLV_DATE_FACT_MASKS]; /* the product's own, joined where they are read; owned */
    int mask_count;
    bool masks_doubtful;      /* they flag nothing in a sample and are known to be empty at times */
    clv_date_band *all_bands; /* [all_band_count], NULL for cubes; owned */
    int all_band_count;
    char fill_how[64];       /* who decided which bands are filled */
    clv_mask_kind cube_mask; /* kind of a cube's own mask, which is in memory and none of `masks` */
    bool use_mask;           /* the dataset's mask band or alpha tells which pixels are missing */
    bool use_alpha;          /* ... and it is alpha */
    char *scale_open;        /* owned: what to do where nothing tells the scale of such values; NULL: it is known */
    bool scale_by_user;      /* -in_scale or -in_offset was given for the date */
    bool scale_sure;         /* scale and offset are those of the product's own metadata */
    bool scale_told;         /* metadata, an item, the file or its name told them: not the values alone */
    bool all_zero;           /* 0 is nodata, but only where it is in every channel */
    bool zero_joint;         /* ... as long as 0 can be measured: all_zero follows from it and the offset */
    bool zero_lines;         /* ... or where it is a line or strip of one channel (image/zero_lines.h) */
    clv_nodata_source nodata_from;
    bool nodata_adopted; /* further values are those that other dates declare */
    int nodata_found_count;
    double nodata_found[CLV_NODATA_FOUND]; /* further values, by how the pixels lie */
    char nodata_how[160];
    char bands_how[240], scale_how[160], date_how[96], mask_how[160]; /* where each was found, for the user */
} clv_date_facts;

/* Adds a mask; name (copied) as in clv_date_mask. how: where it was found, appended to mask_how. What is there already,
 * and more than CLV_DATE_FACT_MASKS, is left out. False when out of memory. */
bool clv_date_facts_add_mask(clv_date_facts *facts, const char *name, clv_mask_kind kind, int band, const char *how);
/* Appends to mask_how. */
void clv_date_facts_say_mask(clv_date_facts *facts, const char *how);
/* Takes the mask at a position out again, with its word in mask_how. */
void clv_date_facts_drop_mask(clv_date_facts *facts, int mask);
/* Whether masks tell where the date is not observed, so that a network need not. */
static inline bool clv_date_facts_masked(const clv_date_facts *facts)
{
    return facts->mask_how[0] && !facts->masks_doubtful;
}
/* No masks, and no word about them. */
void clv_date_facts_clear_masks(clv_date_facts *facts);
void clv_date_facts_clear(clv_date_facts *facts);

#endif
