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
#ifndef CLV_GEO_SRS_H
#define CLV_GEO_SRS_H

#include <ogr_srs_api.h>

#include "core/context.h"

/* Whatever OSRSetFromUserInput() takes, with x before y. option: the option's name for the message. The caller frees
 * *out; NULL on failure. */
clv_status clv_srs_of_option(clv_context *ctx, const char *option, const char *text, OGRSpatialReferenceH *out);

#endif
