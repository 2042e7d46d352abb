/* SPDX-License-Identifier: MIT
 *
 * bundle: the files of one date, told to belong together: band files of a product, tiles of one export, a raster and
 * its scene classification; with what the product's metadata say about them. Joined, they are one raster (a VRT that
 * exists as text only), which the ladders then read like any other.
 *
 *     clv_bundle *b = clv_bundle_new("a/T32TQR_20220801T101559", "T32TQR_20220801T101559");
 *     clv_bundle_add(ctx, b, "a/T32TQR_20220801T101559_B04_10m.tif", "B04", 10);  // ...
 *     char *vrt;
 *     clv_bundle_join(ctx, b, 0, &vrt);                       // opens the files, chooses the grid
 *     clv_bundle_open(ctx, vrt, b->label, &dataset);
 *     clv_bundle_free(b);
 *
 * A bundle owns its strings and belongs to one thread.
 */
#ifndef CLV_PRODUCTS_BUNDLE_H
#define CLV_PRODUCTS_BUNDLE_H

#include <gdal.h>

#include "base/context.h"
#include "products/date_facts.h"
#include "sentinel2/band_file.h"

#define CLV_BUNDLE_FILES 512

typedef struct clv_bundle_file {
    char *path;
    char band[8];    /* "" in mosaics */
    char own[8];     /* the sensor's own name of it, where that is another one (band_file.h) */
    double pixel;    /* metres by name or product; 0: found out when the file is opened */
    bool has_offset; /* offset is known from the product's or item's metadata */
    double offset;   /* DN */
    bool has_nodata; /* told by an item, for a file that does not say */
    double nodata;
} clv_bundle_file;

typedef struct clv_bundle {
    char *label; /* what messages call the date: its folder, or folder/common part of the names */
    char *stem;  /* base name for outputs */
    clv_bundle_file *files;
    int count, capacity;  /* 0 files: `label` is a raster by itself, with a mask beside it */
    bool mosaic;          /* the files are tiles of one raster, not bands of one date */
    clv_date_facts facts; /* its date; its mask (scene classification or Fmask; NULL: none); `packed` by joining */
    /* From metadata, where there are some. */
    double quantification; /* 0 unknown */
    bool sure;             /* the offsets come from the product's own metadata */
    double claimed;        /* DN: an item alone says that this offset is to be added; the values decide. 0: none */
    bool applied;          /* an item says that the offset is subtracted already */
    int baseline, processing_level; /* processing baseline * 100, -1 unknown; 1, 2, 0 unknown */
    char tile[6];
    char product[96], scale_from[64]; /* for people */
    bool has_place, placed;           /* georeference for files that have none; it was used */
    int epsg;
    double place[6], place_width; /* geotransform; its pixels per row */
    char place_from[64];
    char damaged[400];       /* metadata that are there and cannot be used (damaged.h); "" none */
    char variant[40];        /* "FRE", with "(not SRE)" where files of others were there; "" */
    struct clv_xcube *xcube; /* a cube of many dates (xcube.h), which joins its layers itself; owned */
    int undated;             /* its dates where it does not tell when they were taken, else 0 */
    /* Set by clv_bundle_join. */
    char files_how[72];
    char left_out[80]; /* bands on coarser grids, "" */
} clv_bundle;

clv_bundle *clv_bundle_new(const char *label, const char *stem); /* NULL when out of memory */
void clv_bundle_free(clv_bundle *bundle);
clv_status clv_bundle_add(clv_context *ctx, clv_bundle *bundle, const char *path, const char *band, double pixel);
/* Whether it has a file of this band. */
bool clv_bundle_has(const clv_bundle *bundle, const char *band);

/* The VRT that joins the files (free()). Bands of one date: on the finest grid on which red, green and blue are all
 * there, or with tr (metres, 0 = not asked for) on the coarsest one up to tr; finer bands are averaged, coarser ones
 * left out. Tiles: side by side. */
clv_status clv_bundle_join(clv_context *ctx, clv_bundle *bundle, double tr, char **vrt);
/* Opens what clv_bundle_join made; label for messages. */
clv_status clv_bundle_open(clv_context *ctx, const char *vrt, const char *label, GDALDatasetH *out);

#endif
