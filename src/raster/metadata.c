/* SPDX-License-Identifier: MIT */
#include "raster/metadata.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

/* ---- Georeference ----------------------------------------------------------------------------------- */

static bool lies_on(GDALDatasetH source, const clv_grid *grid)
{
    if (!source || GDALGetRasterXSize(source) != grid->width || GDALGetRasterYSize(source) != grid->height)
        return false;
    double transform[6];
    bool has_transform = GDALGetGeoTransform(source, transform) == CE_None;
    if (!has_transform || !grid->has_transform)
        return !has_transform && !grid->has_transform;
    for (int i = 0; i < 6; i++)
        if (fabs(transform[i] - grid->transform[i]) > 1e-9 * fmax(1, fabs(transform[i])))
            return false;
    return true;
}

static OGRSpatialReferenceH crs_of_text(const char *wkt)
{
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    if (crs && OSRSetFromUserInput(crs, wkt) != OGRERR_NONE) {
        OSRDestroySpatialReference(crs);
        return NULL;
    }
    if (crs)
        OSRSetAxisMappingStrategy(crs, OAMS_TRADITIONAL_GIS_ORDER);
    return crs;
}

clv_status clv_metadata_place(clv_context *ctx, const clv_grid *grid, GDALDatasetH source, GDALDatasetH output)
{
    bool same = lies_on(source, grid);
    /* The source's own object keeps what WKT in a grid may not, such as the coordinate epoch. */
    OGRSpatialReferenceH own = same ? GDALGetSpatialRef(source) : NULL;
    OGRSpatialReferenceH made = !own && grid->wkt ? crs_of_text(grid->wkt) : NULL;
    if (!own && grid->wkt && !made)
        return clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot write this coordinate system", grid->wkt);
    CPLErr error = CE_None;
    if (own || made)
        error = GDALSetSpatialRef(output, own ? own : made);
    if (made)
        OSRDestroySpatialReference(made);
    if (error == CE_None && grid->has_transform) {
        double transform[6];
        memcpy(transform, grid->transform, sizeof transform);
        /* Bit for bit the input's. */
        if (same)
            GDALGetGeoTransform(source, transform);
        error = GDALSetGeoTransform(output, transform);
    } else if (error == CE_None && same && GDALGetGCPCount(source) > 0) {
        error = GDALSetGCPs2(output, GDALGetGCPCount(source), GDALGetGCPs(source), GDALGetGCPSpatialRef(source));
    }
    return error == CE_None ? CLV_OK : clv_fail(ctx, CLV_ERROR_WRITE, "the georeference cannot be written");
}

static void shift_item(GDALDatasetH output, const char *name, int by)
{
    const char *value = GDALGetMetadataItem(output, name, "RPC");
    if (value)
        GDALSetMetadataItem(output, name, CPLSPrintf("%.15g", CPLAtof(value) - by), "RPC");
}

void clv_metadata_shift(GDALDatasetH source, GDALDatasetH output, int x, int y)
{
    if (x == 0 && y == 0)
        return;
    shift_item(output, "SAMP_OFF", x);
    shift_item(output, "LINE_OFF", y);
    double transform[6];
    int count = GDALGetGCPCount(source);
    if (count == 0 || GDALGetGeoTransform(output, transform) == CE_None)
        return;
    GDAL_GCP *points = GDALDuplicateGCPs(count, GDALGetGCPs(source));
    for (int i = 0; i < count; i++) {
        points[i].dfGCPPixel -= x;
        points[i].dfGCPLine -= y;
    }
    GDALSetGCPs2(output, count, points, GDALGetGCPSpatialRef(source));
    GDALDeinitGCPs(count, points);
    CPLFree(points);
}

/* ---- Metadata --------------------------------------------------------------------------------------- */

static bool domain_is_dropped(const char *domain)
{
    static const char *const dropped[] = {"IMAGE_STRUCTURE", "SUBDATASETS", "DERIVED_SUBDATASETS", "COLOR_PROFILE",
                                          "xml:XMP",         "xml:VRT",     "vrt_sources",         "new_vrt_sources",
                                          "LocationInfo",    "TIFF",        "__DEBUG__",           NULL};
    for (int i = 0; dropped[i]; i++)
        if (EQUAL(domain, dropped[i]))
            return true;
    return false;
}

static bool item_is_dropped(const char *item, bool with_dates)
{
    if (EQUALN(item, "STATISTICS_", 11))
        return true;
    return !with_dates && (EQUALN(item, "TIFFTAG_DATETIME=", 17) || EQUALN(item, "ACQUISITIONDATETIME=", 20));
}

static void copy_domain(GDALMajorObjectH source, GDALMajorObjectH output, const char *domain, bool with_dates)
{
    char **items = GDALGetMetadata(source, domain);
    if (EQUALN(domain, "xml:", 4) || EQUALN(domain, "json:", 5)) {
        if (items)
            GDALSetMetadata(output, items, domain);
        return;
    }
    char **kept = CSLDuplicate(GDALGetMetadata(output, domain));
    for (int i = 0; items && items[i]; i++) {
        char *name = NULL;
        const char *value = CPLParseNameValue(items[i], &name);
        if (name && value && !item_is_dropped(items[i], with_dates))
            kept = CSLSetNameValue(kept, name, value);
        CPLFree(name);
    }
    if (kept)
        GDALSetMetadata(output, kept, domain);
    CSLDestroy(kept);
}

void clv_metadata_copy(GDALMajorObjectH source, GDALMajorObjectH output, bool with_dates)
{
    copy_domain(source, output, "", with_dates);
    char **domains = GDALGetMetadataDomainList(source);
    for (int i = 0; domains && domains[i]; i++)
        if (domains[i][0] && !domain_is_dropped(domains[i]))
            copy_domain(source, output, domains[i], with_dates);
    CSLDestroy(domains);
}

void clv_metadata_copy_band(GDALRasterBandH source, GDALRasterBandH output, bool with_dates, bool with_items)
{
    if (with_items)
        clv_metadata_copy(source, output, with_dates);
    GDALSetDescription(output, GDALGetDescription(source));
    int has_scale = FALSE, has_offset = FALSE;
    double scale = GDALGetRasterScale(source, &has_scale), offset = GDALGetRasterOffset(source, &has_offset);
    if ((has_scale && scale != 1) || (has_offset && offset != 0)) {
        GDALSetRasterScale(output, has_scale ? scale : 1);
        GDALSetRasterOffset(output, has_offset ? offset : 0);
    }
    const char *unit = GDALGetRasterUnitType(source);
    if (unit && *unit)
        GDALSetRasterUnitType(output, unit);
    char **categories = GDALGetRasterCategoryNames(source);
    if (categories)
        GDALSetRasterCategoryNames(output, categories);
    GDALColorTableH colors = GDALGetRasterColorTable(source);
    if (colors)
        GDALSetRasterColorTable(output, colors);
}

void clv_metadata_date(GDALMajorObjectH object, const clv_date *date, bool tiff_tag)
{
    char text[48];
    snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", date->year, date->month, date->day, date->hour,
             date->minute, date->second);
    GDALSetMetadataItem(object, "ACQUISITIONDATETIME", text, "IMAGERY");
    GDALSetMetadataItem(object, "ACQUISITIONDATETIME", text, NULL);
    if (tiff_tag && !GDALGetMetadataItem(object, "TIFFTAG_DATETIME", NULL)) {
        snprintf(text, sizeof text, "%04d:%02d:%02d %02d:%02d:%02d", date->year, date->month, date->day, date->hour,
                 date->minute, date->second);
        GDALSetMetadataItem(object, "TIFFTAG_DATETIME", text, NULL);
    }
}

void clv_metadata_provenance(GDALDatasetH output, char **tags)
{
    GDALSetMetadataItem(output, "CLEARVISION_VERSION", clv_version(), NULL);
    if (!GDALGetMetadataItem(output, "TIFFTAG_SOFTWARE", NULL)) {
        char software[64];
        snprintf(software, sizeof software, "clearvision %s", clv_version());
        GDALSetMetadataItem(output, "TIFFTAG_SOFTWARE", software, NULL);
    }
    for (int i = 0; tags && tags[i]; i++) {
        char *name = NULL;
        const char *value = CPLParseNameValue(tags[i], &name);
        if (name && value)
            GDALSetMetadataItem(output, name, value, NULL);
        CPLFree(name);
    }
}
