/* SPDX-License-Identifier: MIT
 *
 * nodata_rule: which number means "no data" where no tag tells, or the tag is wrong, by how the pixels lie. A number is
 * one where it fills all bands at once in whole blocks of pixels, and is no plausible reflectance, or is a number that
 * the field's products use (0, -999, -9999, -10000, netCDF's default fill values, the lowest number of a type) and lies
 * at the raster's rim, be it a line. A number that products use and that no reflectance can have needs no shape. Any
 * other that is next to nothing, or more than a digital number can be, is one where its area at the rim ends sharply:
 * at clipped clouds and at dark places the ground leads up to it. One pixel, or one band, proves nothing.
 *
 *     double x[64 * 64] = {0};
 *     clv_nodata_window window = {.bands = 3, .width = 64, .height = 64, .left = true, .values = {x, x, x}};
 *     double found[CLV_NODATA_CANDIDATES];
 *     int count = clv_nodata_candidates(&window, CLV_TYPE_INT16, found);   // by red alone
 *     clv_nodata_evidence evidence = {0};
 *     clv_nodata_count(&window, found[0], &evidence);                       // by all bands
 *     clv_nodata_sure(found[0], 1200, &evidence);
 *
 * Threads: pure functions.
 */
#ifndef CLV_SENTINEL2_NODATA_RULE_H
#define CLV_SENTINEL2_NODATA_RULE_H

#include "sentinel2/radiometry.h"

#define CLV_NODATA_CANDIDATES 8
#define CLV_NODATA_BANDS 4 /* red, green, blue, NIR */
#define CLV_NODATA_BLOCK 4 /* pixels: side of a block that a number fills */

/* A part of a date's raster. Each plane: [height, width] raw numbers; those beyond red may be NULL for
 * clv_nodata_candidates(). */
typedef struct clv_nodata_window {
    int bands, width, height;
    const double *values[CLV_NODATA_BANDS];
    bool left, right, top, bottom; /* that side is the raster's rim */
} clv_nodata_window;

/* What windows show of one number; summed over them. */
typedef struct clv_nodata_evidence {
    long pixels;        /* of the windows */
    long red;           /* where red is the number */
    long all;           /* where all bands are */
    bool block;         /* it fills a block of CLV_NODATA_BLOCK pixels */
    bool rim;           /* ... that lies at the raster's rim */
    long line;          /* pixels of the longest row or column of it along the raster's rim or beginning there */
    long any;           /* where some band is */
    long edges;         /* pairs of neighbours of which one has it in all bands and the other not */
    double most, least; /* ... sums of the natural logarithm of how far the bands of such a pair lie apart: of the band
                           where it is most, and least */
} clv_nodata_evidence;

/* Numbers that repeat in red like a fill value would, at most CLV_NODATA_CANDIDATES; how many. */
int clv_nodata_candidates(const clv_nodata_window *window, clv_pixel_type type, double *found);

void clv_nodata_count(const clv_nodata_window *window, double value, clv_nodata_evidence *sum);

/* typical: a usual raw number of the date, NaN: not known. */
bool clv_nodata_sure(double value, double typical, const clv_nodata_evidence *evidence);

#endif
