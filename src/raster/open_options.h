/* SPDX-License-Identifier: MIT
 *
 * open_options: how rasters are opened: -if, -oo and -ovr, the same for every input of a run.
 *
 * The lists are owned by the clv_open_options; it is filled once and then only read, from any thread.
 *
 *     clv_open_options how;
 *     clv_status status = clv_open_options_of(ctx, &options.input, &how);      // checks what the user gave
 *     clv_raster_open(ctx, "a.tif", &how, &dataset);
 *     clv_open_options_clear(&how);
 */
#ifndef CLV_RASTER_OPEN_OPTIONS_H
#define CLV_RASTER_OPEN_OPTIONS_H

#include <gdal.h>

#include "base/context.h"

#define CLV_MAX_SIZE 1000000                    /* pixels per axis */
#define CLV_MAX_BLOCK_BYTES ((double)(1 << 29)) /* a larger block is decoded whole for its first pixel */

#define CLV_OVERVIEW_NONE (-1) /* the raster itself */
#define CLV_OVERVIEW_AUTO (-2) /* with -tr: the coarsest overview that is no coarser than it */

typedef struct clv_open_options {
    char **drivers; /* -if: short names of the drivers tried, NULL = all */
    char **options; /* -oo: K=V handed to the driver */
    bool warns;     /* says when a driver does not know an option; meant for the first raster of many */
    int overview;   /* -ovr: overview (0: the finest one) through which rasters are seen, or one of the above */
} clv_open_options;

/* A driver that is not there, an option without "=", an -ovr that is no level: errors. */
clv_status clv_open_options_of(clv_context *ctx, const clv_input_options *options, clv_open_options *out);
void clv_open_options_clear(clv_open_options *how);

/* Opens a raster for reading with our limits checked; one line of text on failure. how may be NULL. */
clv_status clv_raster_open(clv_context *ctx, const char *name, const clv_open_options *how, GDALDatasetH *out);
/* For AUTO: the level of an open raster of pixel_m metres that suits a pixel size of tr metres (0: none wanted). */
int clv_overview_for(GDALDatasetH dataset, double pixel_m, double tr);

/* Between these, files that the calling thread opens (those inside a VRT when it is first read) are decoded by the
 * thread that reads them: dates are read side by side anyway, and with GDAL_NUM_THREADS above 1 GDAL 3.6 gives wrong
 * pixels of GeoTIFFs with a predictor whose bands are stored apart. Pass end what begin has returned. */
char *clv_decode_alone_begin(void);
void clv_decode_alone_end(char *before);

#endif
