/* SPDX-License-Identifier: MIT */
#include "raster/srs.h"

#include <cpl_conv.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"

clv_status clv_srs_of_option(clv_context *ctx, const char *option, const char *text, OGRSpatialReferenceH *out)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    *out = OSRNewSpatialReference(NULL);
    bool known = *out && OSRSetFromUserInput(*out, text) == OGRERR_NONE;
    clv_gdal_errors_end(&errors);
    if (known) {
        OSRSetAxisMappingStrategy(*out, OAMS_TRADITIONAL_GIS_ORDER);
        return CLV_OK;
    }
    OSRDestroySpatialReference(*out);
    *out = NULL;
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s %s: is not a coordinate system; give for example EPSG:4326", option,
                    text);
}

char *clv_epsg_wkt(int epsg)
{
    clv_gdal_errors errors;
    char *wkt = NULL, *copy = NULL;
    clv_gdal_errors_begin(&errors);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    if (OSRImportFromEPSG(srs, epsg) == OGRERR_NONE &&
        OSRExportToWktEx(srs, &wkt, (const char *const[]){"FORMAT=WKT2_2018", NULL}) == OGRERR_NONE)
        copy = clv_strdup(wkt);
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    clv_gdal_errors_end(&errors);
    return copy;
}
