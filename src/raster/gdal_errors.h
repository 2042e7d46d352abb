/* SPDX-License-Identifier: MIT
 *
 * trap: catches what GDAL reports during a few calls in this thread, so that it becomes one line of ours.
 *
 *     clv_trap trap;
 *     clv_trap_begin(&trap);
 *     CPLErr e = GDALRasterIO(...);
 *     if (clv_trap_end(&trap) || e != CE_None)
 *         return clv_fail(ctx, CLV_ERROR_WRITE, "%s: %s", path, clv_trap_text(&trap));
 */
#ifndef CLV_RASTER_GDAL_ERRORS_H
#define CLV_RASTER_GDAL_ERRORS_H

#include <stdbool.h>

#include <cpl_error.h>

typedef struct clv_trap {
    int failures, warnings;
    char text[512]; /* the first failure's text (the first warning's when there was no failure), one line */
} clv_trap;

void clv_trap_begin(clv_trap *trap); /* nothing is printed until the matching end */
bool clv_trap_end(clv_trap *trap);   /* true when a failure was reported */
/* The text, or "unknown error" when nothing was reported. */
const char *clv_trap_text(const clv_trap *trap);

#endif
