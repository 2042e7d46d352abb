/* SPDX-License-Identifier: MIT
 *
 * gdal_errors: catches what GDAL reports during a few calls in this thread, so that it becomes one line of ours.
 *
 *     clv_gdal_errors errors;
 *     clv_gdal_errors_begin(&errors);
 *     CPLErr e = GDALFlushRasterCache(band);
 *     if (clv_gdal_errors_end(&errors) || e != CE_None)
 *         return clv_fail(ctx, CLV_ERROR_WRITE, "%s: %s", path, clv_gdal_errors_text(&errors));
 *
 * GDAL's names of files in the network, which may hold signatures, become their URLs without query.
 */
#ifndef CLV_RASTER_GDAL_ERRORS_H
#define CLV_RASTER_GDAL_ERRORS_H

#include <stdbool.h>

#include <cpl_error.h>

typedef struct clv_gdal_errors {
    int failures, warnings;
    char url[256];  /* without its query, of the file in the network that a failure is about; "" where none is named */
    char text[512]; /* the first failure's text (the first warning's when there was no failure), one line */
} clv_gdal_errors;

void clv_gdal_errors_begin(clv_gdal_errors *errors); /* nothing is printed until the matching end */
bool clv_gdal_errors_end(clv_gdal_errors *errors);   /* true when a failure was reported */
/* The text, or "unknown error" when nothing was reported. */
const char *clv_gdal_errors_text(const clv_gdal_errors *errors);

#endif
