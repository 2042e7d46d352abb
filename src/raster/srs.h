/* SPDX-License-Identifier: MIT
 *
 * srs: coordinate systems that a user names.
 *
 *     OGRSpatialReferenceH srs;
 *     if ((status = clv_srs_of_option(ctx, "-t_srs", "EPSG:3035", &srs)) != CLV_OK) return status;
 *     ... OSRDestroySpatialReference(srs);
 *
 * Any thread.
 */
#ifndef CLV_RASTER_SRS_H
#define CLV_RASTER_SRS_H

#include <ogr_srs_api.h>

#include "base/context.h"

/* Whatever OSRSetFromUserInput() takes, with x before y. option: the option's name for the message. The caller frees
 * *out; NULL on failure. */
clv_status clv_srs_of_option(clv_context *ctx, const char *option, const char *text, OGRSpatialReferenceH *out);

/* WKT2 of a CRS (free()); NULL when PROJ does not know it. */
char *clv_epsg_wkt(int epsg);

#endif
