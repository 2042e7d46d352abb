/* SPDX-License-Identifier: MIT
 *
 * bundle_vrt: writes the VRT text of a bundle.
 *
 *     clv_vrt vrt = {0};             // the caller fills vrt.grid
 *     clv_vrt_add_band(ctx, &vrt, bundle, part);
 *     clv_vrt_finish(ctx, &vrt, bundle, &text);
 *     clv_vrt_clear(&vrt);
 *
 * Sources are opened unshared: dates are read by different threads.
 */
#ifndef CLV_PRODUCTS_BUNDLE_VRT_H
#define CLV_PRODUCTS_BUNDLE_VRT_H

#include <cpl_minixml.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include "products/bundle.h"
#include "raster/grid.h"

/* An opened file of a bundle: what the VRT must know about it. */
typedef struct clv_vrt_part {
    const clv_bundle_file *file; /* NULL until it was opened */
    clv_grid grid;               /* owned */
    int bands, block_width, block_height;
    GDALDataType type;
    int has_nodata, has_scale, has_offset;
    double nodata, scale, offset;
    bool packed;              /* JPEG 2000 */
    int factor, x, y;         /* set by the caller: native pixels per joined pixel; joined pixel of the corner */
    int repeat;               /* of clv_vrt_add_dated: joined pixels per native one where the file is coarser; 0: 1 */
    const char *name;         /* description instead of the file's band; NULL: none */
    GDALDataType source_type; /* of the file where `type` is another; GDT_Unknown: the same */
    bool any_axes;            /* netCDF: coordinates count without CF's attributes too */
    char **metadata;          /* default domain; owned */
} clv_vrt_part;

typedef struct clv_vrt {
    clv_grid grid; /* owned */
    CPLXMLNode *root, *last;
    char **metadata; /* items for the whole; the caller's, may be NULL */
    int bands;
} clv_vrt;

/* Sets the text of node/path to a number, in the locale-independent notation that VRTs have ("nan" too). */
void clv_vrt_set_number(CPLXMLNode *node, const char *path, double value);
/* Type, blocks, nodata, scale and offset of the dataset's first band. */
void clv_vrt_part_read(GDALDatasetH ds, clv_vrt_part *part);
clv_status clv_vrt_add_band(clv_context *ctx, clv_vrt *vrt, const clv_bundle *bundle, const clv_vrt_part *part);
/* All bands of the first part, each made of all parts. */
clv_status clv_vrt_add_mosaic(clv_context *ctx, clv_vrt *vrt, const clv_vrt_part *parts, int count);
/* Band `index` of a part that holds several dates, described by its file's band, with its date (NULL: unknown). */
void clv_vrt_add_dated(clv_vrt *vrt, const clv_vrt_part *part, int index, const char *date);
clv_status clv_vrt_finish(clv_context *ctx, clv_vrt *vrt, const clv_bundle *bundle, char **text);
void clv_vrt_clear(clv_vrt *vrt);

/* A VRT of many dates as one of them needs it: the `count` bands from `first` (from 1) on stay, of the others only the
 * numbers, so that 500 dates do not each hold the files of all. free(); NULL when out of memory. */
char *clv_vrt_thin(const char *text, int first, int count);

#endif
