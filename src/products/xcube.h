/* SPDX-License-Identifier: MIT
 *
 * xcube: a netCDF file or Zarr folder of bands over time, y, x and maybe band, in any order, as xarray, openEO,
 * stackstac and odc-stac write them: which arrays are bands, where their pixels lie, when each was taken. Nothing of
 * the pixels is read but a few rows that tell which way GDAL's raster interface turns them.
 *
 *     clv_xcube *cube;
 *     if ((status = clv_xcube_open(ctx, "cube.nc", &cube)) != CLV_OK) return status;
 *     for (int i = 0; cube && i < cube->count; i++)
 *         printf("%s\n", cube->layers[i].name);
 *     clv_xcube_free(cube);
 *
 * One thread at a time.
 */
#ifndef CLV_PRODUCTS_XCUBE_H
#define CLV_PRODUCTS_XCUBE_H

#include "base/context.h"
#include "products/bundle_vrt.h"
#include "products/md_array.h"

#define CLV_XCUBE_LAYERS 96

/* One band (or mask) of all dates: an array, or one place of its band axis. */
typedef struct clv_xlayer {
    char *array;     /* full name: "/B02", "/group/refl" */
    char name[64];   /* Sentinel-2's ("B04", "SCL") where it is one, else the file's own; "" when it has none */
    bool mask;       /* no reflectance */
    int first, step; /* number (from 1) of GDAL's band of the first date, and from one date to the next */
    int axes, time, band, place; /* of the array: how many, which are time and band (-1: none), where on the latter */
    int order[CLV_MD_AXES];      /* the file's axes as this struct counts them: y and x last */
    bool other_order;            /* that is not the file's own order */
    bool turned;                 /* GDAL's raster interface gives the array's last row first */
    clv_vrt_part part;           /* grid and numbers as GDAL's raster interface has them; part.grid is owned */
} clv_xlayer;

typedef struct clv_xcube {
    char *path;
    bool zarr;
    int count, steps;
    clv_xlayer layers[CLV_XCUBE_LAYERS];
    bool dated;
    double *days; /* [steps], since 1970-01-01; owned */
    bool has_colours, nameless;
    char problem[200];      /* why an array that looks like bands cannot be used, "" */
    char uneven[64];        /* an axis whose coordinates give no grid, "" */
    bool corners;           /* the coordinates look like those of the pixels' corners */
    struct clv_xcube *next; /* files joined with this one; owned */
} clv_xcube;

/* *out: NULL (and CLV_OK) when there is nothing of the kind in it. */
clv_status clv_xcube_open(clv_context *ctx, const char *path, clv_xcube **out);
void clv_xcube_free(clv_xcube *cube);
/* Name under which GDAL's raster interface opens a layer, and one date of it where clv_xcube_by_date(); free(). */
char *clv_xcube_raster(const clv_xcube *cube, const clv_xlayer *layer, int step);
bool clv_xcube_by_date(const clv_xcube *cube, const clv_xlayer *layer);

/* Whether both are of the same dates and the same area, so that they are one series. */
bool clv_xcube_fits(const clv_xcube *a, const clv_xcube *b);
/* One VRT with all dates of the cube and those joined with it as bands, date by date; free(*text). Bands on coarser
 * grids are repeated onto that of red, green and blue; finer ones averaged. how: one phrase on the bands. */
clv_status clv_xcube_join(clv_context *ctx, const clv_xcube *cube, const clv_bundle *bundle, char *how, size_t how_size,
                          char **text);

/* ---- For xcube*.c ------------------------------------------------------------------------------ */

/* Geotransform and CRS of an array whose last two axes are y and x, from coordinates and attributes; none without
 * them. Row 0 is the array's first. *uneven: name (of the shape's) of an axis whose coordinates are not evenly spaced,
 * so that there is none either; else NULL. *corners: the coordinates are taken for those of centres, but in UTM, where
 * the lines between Sentinel-2's pixels lie on whole multiples of the pixel size, they are such multiples. */
clv_status clv_xcube_place(clv_context *ctx, GDALGroupH group, GDALMDArrayH array, const clv_md_shape *shape,
                           clv_grid *grid, const char **uneven, bool *corners);
/* Value of pixels without data: keeps what GDAL's raster interface gave where the file declares it, else takes what the
 * attributes of other programs state. */
void clv_xcube_nodata(GDALGroupH group, GDALMDArrayH array, bool zarr, clv_vrt_part *part);

#endif
