/* SPDX-License-Identifier: MIT */
#include "geo/srs.h"

#include "geo/trap.h"

clv_status clv_srs_of_option(clv_context *ctx, const char *option, const char *text, OGRSpatialReferenceH *out)
{
    clv_trap trap;
    clv_trap_begin(&trap);
    *out = OSRNewSpatialReference(NULL);
    bool known = *out && OSRSetFromUserInput(*out, text) == OGRERR_NONE;
    clv_trap_end(&trap);
    if (known) {
        OSRSetAxisMappingStrategy(*out, OAMS_TRADITIONAL_GIS_ORDER);
        return CLV_OK;
    }
    OSRDestroySpatialReference(*out);
    *out = NULL;
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s %s: is no coordinate system; give for example EPSG:4326", option, text);
}
