/* SPDX-License-Identifier: MIT
 *
 * Where the pixels of an array lie. xarray writes coordinates as plain arrays over x and y; the CRS stands in a
 * grid-mapping variable (rioxarray, odc-geo), in attributes (stackstac, worldcereal) or in a coordinate of one value
 * (stackstac's `epsg` and `proj:epsg`).
 */
#include "products/xcube.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "raster/axis.h"
#include "raster/gdal_errors.h"

typedef struct place {
    GDALGroupH group;
    GDALMDArrayH array;
    GDALMDArrayH mapping; /* grid-mapping variable, NULL when there is none */
    bool degrees;         /* the axes are called longitude and latitude */
    bool whole;           /* no transform is stated, and all coordinates are whole multiples of the pixel size */
} place;

/* ---- CRS --------------------------------------------------------------------------------------- */

/* "EPSG:32631", "{'init': 'epsg:32631'}", "CRS.from_epsg(32631)" */
static int epsg_in(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (!EQUALN(p, "epsg", 4))
            continue;
        const char *digits = p + 4;
        while (*digits && digits < p + 8 && (*digits < '0' || *digits > '9'))
            digits++;
        if (*digits >= '0' && *digits <= '9')
            return atoi(digits);
    }
    return 0;
}

/* Whether the text is a definition as such: nothing else is given to PROJ, which would take it for a file's name. */
static bool is_definition(const char *text)
{
    static const char *const begins[] = {"PROJC",    "GEOG",    "BOUNDCRS", "COMPD",  "COMPOUNDCRS", "GEODCRS",
                                         "GEODETIC", "LOCAL_C", "+proj=",   "+init=", "{\"",         "{\n"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (EQUALN(text, begins[i], strlen(begins[i])))
            return true;
    return false;
}

/* WKT 1 of rasterio and GDAL 2 says TOWGS84[0,0,0,0,0,0,0], which PROJ takes for a transformation. */
static char *without_null_shift(const char *text)
{
    char *copy = clv_strdup(text), *at = copy ? strstr(copy, "TOWGS84[") : NULL;
    if (!at)
        return copy;
    char *end = strchr(at, ']');
    if (end && strspn(at + 8, "0., ") == (size_t)(end - at - 8)) {
        if (at > copy && at[-1] == ',')
            at--;
        memmove(at, end + 1, strlen(end + 1) + 1);
    }
    return copy;
}

/* The same parameters: WKT 1 leaves names and the order of the axes open. */
static bool same_parameters(OGRSpatialReferenceH a, OGRSpatialReferenceH b)
{
    char *x = NULL, *y = NULL;
    bool same = OSRExportToProj4(a, &x) == OGRERR_NONE && OSRExportToProj4(b, &y) == OGRERR_NONE && *x;
    static const char null_shift[] = " +towgs84=0,0,0,0,0,0,0";
    char *texts[] = {x, y};
    for (int i = 0; same && i < 2; i++) {
        char *at = strstr(texts[i], null_shift);
        if (at)
            memmove(at, at + sizeof null_shift - 1, strlen(at + sizeof null_shift - 1) + 1);
    }
    same = same && strcmp(x, y) == 0;
    CPLFree(x);
    CPLFree(y);
    return same;
}

/* Under the number that it says it has, when that is the same: other programs then know it by name, and a GeoTIFF
 * gives it back as it was. */
static void take_number(OGRSpatialReferenceH srs)
{
    const char *name = OSRGetAuthorityName(srs, NULL), *code = OSRGetAuthorityCode(srs, NULL);
    int number = name && code && EQUAL(name, "EPSG") ? atoi(code) : 0;
    OGRSpatialReferenceH known = number > 0 ? OSRNewSpatialReference(NULL) : NULL;
    if (known && OSRImportFromEPSG(known, number) == OGRERR_NONE && same_parameters(known, srs))
        OSRImportFromEPSG(srs, number);
    OSRDestroySpatialReference(known);
}

static OGRSpatialReferenceH srs_of_text(const char *text)
{
    while (*text == ' ' || *text == '\n')
        text++;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    bool known = false;
    size_t digits = strspn(text, "0123456789");
    if (digits >= 4 && digits <= 6 && (!text[digits] || strcmp(text + digits, ".0") == 0)) {
        known = OSRImportFromEPSG(srs, atoi(text)) == OGRERR_NONE;
    } else if (EQUALN(text, "+init=epsg:", 11)) {
        known = OSRImportFromEPSG(srs, epsg_in(text)) == OGRERR_NONE;
    } else if (is_definition(text)) {
        char *clean = without_null_shift(text);
        known = clean && OSRSetFromUserInput(srs, clean) == OGRERR_NONE;
        free(clean);
    }
    if (!known && !is_definition(text) && epsg_in(text) > 0)
        known = OSRImportFromEPSG(srs, epsg_in(text)) == OGRERR_NONE;
    if (known) {
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
        take_number(srs);
        return srs;
    }
    OSRDestroySpatialReference(srs);
    return NULL;
}

static OGRSpatialReferenceH srs_of_attributes(GDALGroupH group, GDALMDArrayH array)
{
    static const char *const names[] = {"crs_wkt",   "spatial_ref", "proj:wkt2",    "crs",       "proj:code",
                                        "proj:epsg", "epsg_code",   "epsg",         "EPSG",      "proj:projjson",
                                        "proj4",     "proj4text",   "proj4_params", "projection"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = clv_md_attribute(group, array, names[i]);
        OGRSpatialReferenceH srs = text ? srs_of_text(text) : NULL;
        free(text);
        if (srs)
            return srs;
    }
    return NULL;
}

/* A coordinate of one value. */
static OGRSpatialReferenceH srs_of_values(GDALGroupH group)
{
    static const char *const names[] = {"proj:wkt2", "proj:code", "proj:epsg", "epsg", "crs", "spatial_ref"};
    OGRSpatialReferenceH srs = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !srs; i++) {
        GDALMDArrayH array = clv_md_array(group, names[i]);
        if (!array)
            continue;
        char **texts = clv_md_read_texts(array, 1);
        double *number = texts ? NULL : clv_md_read_numbers(array, 1);
        char text[32] = "";
        if (number && *number >= 1024 && *number <= 999999)
            snprintf(text, sizeof text, "%d", (int)*number);
        srs = texts ? srs_of_text(texts[0]) : *text ? srs_of_text(text) : NULL;
        free(texts);
        free(number);
        GDALMDArrayRelease(array);
    }
    return srs;
}

static GDALMDArrayH find_mapping(GDALGroupH group, GDALMDArrayH array)
{
    static const char *const usual[] = {"spatial_ref", "crs", "projection", "transverse_mercator",
                                        "polar_stereographic"};
    char *named = clv_md_attribute(group, array, "grid_mapping");
    if (!named)
        named = clv_md_attribute(group, NULL, "grid_mapping");
    if (named)
        named[strcspn(named, ": ")] = 0; /* "crs: x y" */
    GDALMDArrayH mapping = named && *named ? clv_md_array(group, named) : NULL;
    free(named);
    for (size_t i = 0; i < sizeof usual / sizeof *usual && !mapping; i++)
        mapping = clv_md_array(group, usual[i]);
    return mapping;
}

static OGRSpatialReferenceH find_srs(const place *p)
{
    OGRSpatialReferenceH srs = p->mapping ? srs_of_attributes(p->group, p->mapping) : NULL;
    if (srs)
        return srs;
    srs = GDALMDArrayGetSpatialRef(p->array);
    if (srs) {
        OSRSetAxisMappingStrategy(srs, OAMS_TRADITIONAL_GIS_ORDER);
        take_number(srs);
        return srs;
    }
    srs = srs_of_attributes(p->group, p->array);
    if (!srs)
        srs = srs_of_attributes(p->group, NULL);
    if (!srs)
        srs = srs_of_values(p->group);
    return srs ? srs : p->degrees ? srs_of_text("4326") : NULL;
}

/* ---- Geotransform ------------------------------------------------------------------------------ */

/* The first six numbers of a text such as "| 10.00, 0.00, 600000.00|\n| 0.00,-10.00, ..." */
static size_t numbers_in(const char *text, double *values, size_t count)
{
    size_t n = 0;
    while (*text && n < count) {
        char *end;
        bool begins = strchr("+-.0123456789", *text) != NULL;
        double value = begins ? CPLStrtod(text, &end) : 0;
        if (!begins || end == text) {
            text++;
            continue;
        }
        values[n++] = value;
        text = end;
    }
    return n;
}

static size_t attribute_numbers(GDALGroupH group, GDALMDArrayH array, const char *name, double values[6])
{
    size_t n = clv_md_numbers(group, array, name, values, 6);
    char *text = n == 0 ? clv_md_attribute(group, array, name) : NULL;
    if (text)
        n = numbers_in(text, values, 6);
    free(text);
    return n;
}

/* A geotransform that the attributes state: GDAL's order in GeoTransform, affine's elsewhere. */
static bool stated_transform(const place *p, double t[6])
{
    static const char *const affine[] = {"transform", "proj:transform", "affine"};
    double a[6];
    if (p->mapping && attribute_numbers(p->group, p->mapping, "GeoTransform", t) >= 6)
        return true;
    for (int where = 0; where < 2; where++)
        for (size_t i = 0; i < sizeof affine / sizeof *affine; i++)
            if (attribute_numbers(p->group, where == 0 ? p->array : NULL, affine[i], a) >= 6) {
                const double made[6] = {a[2], a[0], a[1], a[5], a[3], a[4]};
                memcpy(t, made, sizeof made);
                return true;
            }
    return false;
}

static bool is_kilometres(GDALMDArrayH array)
{
    const char *unit = GDALMDArrayGetUnit(array);
    return unit && (EQUAL(unit, "km") || EQUAL(unit, "kilometre") || EQUAL(unit, "kilometres") ||
                    EQUAL(unit, "kilometer") || EQUAL(unit, "kilometers"));
}

/* The values along an axis: of the array that is called like it, else of one with a coordinate's name. NULL: none. */
static double *coordinates(GDALGroupH group, const char *axis, uint64_t size, const char *const *others)
{
    clv_md_shape shape;
    double *values = NULL;
    for (int i = -1; !values && (i < 0 || others[i]); i++) {
        GDALMDArrayH array = clv_md_array(group, i < 0 ? axis : others[i]);
        if (!array)
            continue;
        if (clv_md_shape_of(array, &shape) && shape.axes == 1 && strcmp(shape.name[0], axis) == 0)
            values = clv_md_read_numbers(array, size);
        for (uint64_t k = 0; values && k < size && is_kilometres(array); k++)
            values[k] *= 1000;
        GDALMDArrayRelease(array);
    }
    return values;
}

static bool is_degrees(const double *x, const clv_md_shape *s, const double *y)
{
    const char *name = s->name[s->axes - 1];
    uint64_t w = s->size[s->axes - 1], h = s->size[s->axes - 2];
    return EQUALN(name, "lon", 3) && fabs(x[0]) <= 360 && fabs(x[w - 1]) <= 360 && fabs(y[0]) <= 90 &&
           fabs(y[h - 1]) <= 90;
}

static bool is_whole(const clv_axis *axis)
{
    const double n = axis->step != 0 ? axis->first / axis->step : 0.5, m = floor(n + 0.5);
    return fabs(n - m) < 1e-6 && fabs(axis->step - floor(axis->step + 0.5)) < 1e-6;
}

/* Fills transform; false where there is none. *uneven: the axis whose values are not evenly spaced. */
static bool find_transform(place *p, const clv_md_shape *s, const char **uneven, double t[6])
{
    static const char *const xs[] = {"x", "lon", "longitude", "easting", "projection_x_coordinate", NULL};
    static const char *const ys[] = {"y", "lat", "latitude", "northing", "projection_y_coordinate", NULL};
    const int ax = s->axes - 1, ay = s->axes - 2;
    double *x = coordinates(p->group, s->name[ax], s->size[ax], xs);
    double *y = coordinates(p->group, s->name[ay], s->size[ay], ys);
    double stated[6];
    clv_axis columns, rows;
    bool found = false, has_stated = stated_transform(p, stated);
    if (x && y && !clv_axis_of(x, (int)s->size[ax], &columns))
        *uneven = s->name[ax];
    else if (x && y && !clv_axis_of(y, (int)s->size[ay], &rows))
        *uneven = s->name[ay];
    else if (x && y)
        found = clv_axes_transform(&columns, &rows, has_stated ? stated : NULL, t);
    if (x && y)
        p->degrees = is_degrees(x, s, y);
    p->whole = found && !has_stated && is_whole(&columns) && is_whole(&rows);
    if (!found && !(x && y) && has_stated && stated[1] != 0 && stated[5] != 0) {
        memcpy(t, stated, sizeof stated);
        found = true;
    }
    free(x);
    free(y);
    return found;
}

clv_status clv_xcube_place(clv_context *ctx, GDALGroupH group, GDALMDArrayH array, const clv_md_shape *shape,
                           clv_grid *grid, const char **uneven, bool *corners)
{
    place p = {group, array, find_mapping(group, array), false, false};
    clv_gdal_errors errors;
    clv_status status = CLV_OK;
    clv_gdal_errors_begin(&errors);
    *grid = (clv_grid){.width = (int)shape->size[shape->axes - 1],
                       .height = (int)shape->size[shape->axes - 2],
                       .transform = {0, 1, 0, 0, 0, 1}};
    double t[6];
    *uneven = NULL;
    *corners = false;
    if (find_transform(&p, shape, uneven, t)) {
        OGRSpatialReferenceH srs = find_srs(&p);
        int north;
        *corners = p.whole && srs && OSRGetUTMZone(srs, &north) != 0;
        status = clv_grid_set(ctx, grid, t, srs);
        OSRDestroySpatialReference(srs);
    }
    if (p.mapping)
        GDALMDArrayRelease(p.mapping);
    clv_gdal_errors_end(&errors);
    return status;
}
