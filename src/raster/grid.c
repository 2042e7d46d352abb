/* SPDX-License-Identifier: MIT */
#include "raster/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <geodesic.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"

#define FIT_TOLERANCE 0.01   /* pixels over the whole raster */
#define PHASE_TOLERANCE 0.02 /* pixels */
#define MIN_METRES 0.5       /* without a CRS, a unit that makes pixels smaller than this is no metre */

static const double no_transform[6] = {0, 1, 0, 0, 0, 1};

static OGRSpatialReferenceH srs_of_wkt(const char *wkt)
{
    OGRSpatialReferenceH srs = wkt ? OSRNewSpatialReference(NULL) : NULL;
    if (srs && OSRImportFromWkt(srs, &(char *){(char *)wkt}) != OGRERR_NONE) {
        OSRDestroySpatialReference(srs);
        return NULL;
    }
    return srs;
}

/* Metres between two points of a geographic CRS, given in its angular unit. */
static double geodesic_metres(const struct geod_geodesic *ellipsoid, double degrees, const double a[2],
                              const double b[2])
{
    double metres = 0;
    geod_inverse(ellipsoid, a[1] * degrees, a[0] * degrees, b[1] * degrees, b[0] * degrees, &metres, NULL, NULL);
    return metres;
}

static double pixel_degrees_to_metres(OGRSpatialReferenceH srs, const double t[6], int width, int height)
{
    struct geod_geodesic ellipsoid;
    const double a = OSRGetSemiMajor(srs, NULL), rf = OSRGetInvFlattening(srs, NULL);
    geod_init(&ellipsoid, a, rf > 0 ? 1 / rf : 0);
    const double degrees = OSRGetAngularUnits(srs, NULL) * 180 / 3.14159265358979323846;
    const double c[2] = {t[0] + t[1] * width / 2 + t[2] * height / 2, t[3] + t[4] * width / 2 + t[5] * height / 2};
    const double left[2] = {c[0] - t[1] / 2, c[1] - t[4] / 2}, right[2] = {c[0] + t[1] / 2, c[1] + t[4] / 2};
    const double top[2] = {c[0] - t[2] / 2, c[1] - t[5] / 2}, bottom[2] = {c[0] + t[2] / 2, c[1] + t[5] / 2};
    return sqrt(geodesic_metres(&ellipsoid, degrees, left, right) * geodesic_metres(&ellipsoid, degrees, top, bottom));
}

static double pixel_metres(OGRSpatialReferenceH srs, const clv_grid *grid)
{
    const double *t = grid->transform;
    const double units = sqrt(fabs(t[1] * t[5] - t[2] * t[4]));
    double metres;
    if (!srs)
        return units >= MIN_METRES ? units : 0;
    if (OSRIsGeographic(srs))
        metres = pixel_degrees_to_metres(srs, t, grid->width, grid->height);
    else
        metres = units * OSRGetLinearUnits(srs, NULL);
    return isfinite(metres) && metres > 0 ? metres : 0;
}

static bool is_invertible(const double t[6])
{
    for (int i = 0; i < 6; i++)
        if (!isfinite(t[i]))
            return false;
    return t[1] * t[5] - t[2] * t[4] != 0;
}

clv_status clv_grid_set(clv_context *ctx, clv_grid *grid, const double transform[6], OGRSpatialReferenceH srs)
{
    memcpy(grid->transform, transform, sizeof grid->transform);
    grid->has_transform = true;
    if (srs) {
        char *wkt = NULL;
        if (OSRExportToWktEx(srs, &wkt, (const char *const[]){"FORMAT=WKT2_2018", NULL}) == OGRERR_NONE && wkt && *wkt)
            grid->wkt = clv_strdup(wkt);
        bool lost = wkt && *wkt && !grid->wkt;
        CPLFree(wkt);
        if (lost)
            return clv_fail_memory(ctx);
    }
    grid->pixel_m = pixel_metres(grid->wkt ? srs : NULL, grid);
    return CLV_OK;
}

clv_status clv_grid_of_dataset(clv_context *ctx, GDALDatasetH ds, clv_grid *out)
{
    double transform[6];
    *out = (clv_grid){.width = GDALGetRasterXSize(ds), .height = GDALGetRasterYSize(ds)};
    memcpy(out->transform, no_transform, sizeof no_transform);
    if (GDALGetGeoTransform(ds, transform) != CE_None || !is_invertible(transform))
        return CLV_OK;
    return clv_grid_set(ctx, out, transform, GDALGetSpatialRef(ds));
}

clv_status clv_grid_copy(const clv_grid *grid, clv_grid *out)
{
    *out = *grid;
    out->wkt = clv_strdup(grid->wkt);
    return grid->wkt && !out->wkt ? CLV_ERROR_MEMORY : CLV_OK;
}

void clv_grid_clear(clv_grid *grid)
{
    if (!grid)
        return;
    free(grid->wkt);
    *grid = (clv_grid){0};
}

bool clv_grid_same_crs(const clv_grid *a, const clv_grid *b)
{
    if (!a->wkt || !b->wkt)
        return !a->wkt && !b->wkt;
    if (strcmp(a->wkt, b->wkt) == 0)
        return true;
    OGRSpatialReferenceH sa = srs_of_wkt(a->wkt), sb = srs_of_wkt(b->wkt);
    const char *const options[] = {"CRITERION=EQUIVALENT", "IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", NULL};
    bool same = sa && sb && OSRIsSameEx(sa, sb, options);
    OSRDestroySpatialReference(sa);
    OSRDestroySpatialReference(sb);
    return same;
}

/* Pixel coordinates of `from` to pixel coordinates of `to`: m as a geotransform. */
static void pixels_to_pixels(const double from[6], const double to[6], double m[6])
{
    const double det = to[1] * to[5] - to[2] * to[4];
    const double a = to[5] / det, b = -to[2] / det, c = -to[4] / det, d = to[1] / det;
    const double dx = from[0] - to[0], dy = from[3] - to[3];
    m[0] = a * dx + b * dy;
    m[1] = a * from[1] + b * from[4];
    m[2] = a * from[2] + b * from[5];
    m[3] = c * dx + d * dy;
    m[4] = c * from[1] + d * from[4];
    m[5] = c * from[2] + d * from[5];
}

bool clv_grid_fits(const clv_grid *fine, const clv_grid *coarse, int *factor, int *xoff, int *yoff)
{
    if (fine->has_transform != coarse->has_transform)
        return false;
    if (!fine->has_transform) {
        *factor = 1;
        *xoff = *yoff = 0;
        return fine->width == coarse->width && fine->height == coarse->height;
    }
    double m[6];
    pixels_to_pixels(coarse->transform, fine->transform, m);
    const double k = floor(m[1] + 0.5);
    if (!(k >= 1 && k <= 10000) || !(fabs(m[0]) < 1e9) || !(fabs(m[3]) < 1e9))
        return false;
    const double x_error = fabs(m[1] - k) * coarse->width + fabs(m[2]) * coarse->height;
    const double y_error = fabs(m[5] - k) * coarse->height + fabs(m[4]) * coarse->width;
    const double x = floor(m[0] + 0.5), y = floor(m[3] + 0.5);
    if (!(x_error <= FIT_TOLERANCE && y_error <= FIT_TOLERANCE && fabs(m[0] - x) <= PHASE_TOLERANCE &&
          fabs(m[3] - y) <= PHASE_TOLERANCE) ||
        !clv_grid_same_crs(fine, coarse))
        return false;
    *factor = (int)k;
    *xoff = (int)x;
    *yoff = (int)y;
    return true;
}

clv_status clv_grid_coarsen(const clv_grid *grid, int factor, clv_grid *out)
{
    clv_status status = clv_grid_copy(grid, out);
    if (status != CLV_OK)
        return status;
    out->width = (grid->width - 1) / factor + 1;
    out->height = (grid->height - 1) / factor + 1;
    out->pixel_m *= factor;
    if (out->has_transform)
        for (int i = 1; i < 6; i++)
            if (i != 3)
                out->transform[i] *= factor;
    return CLV_OK;
}

clv_status clv_grid_window(const clv_grid *grid, clv_rect window, clv_grid *out)
{
    clv_status status = clv_grid_copy(grid, out);
    if (status != CLV_OK)
        return status;
    out->width = window.width;
    out->height = window.height;
    if (out->has_transform) {
        const double *t = grid->transform;
        out->transform[0] += window.x * t[1] + window.y * t[2];
        out->transform[3] += window.x * t[4] + window.y * t[5];
    }
    return CLV_OK;
}

void clv_grid_crs_name(const clv_grid *grid, char *text, size_t size)
{
    OGRSpatialReferenceH srs = srs_of_wkt(grid->wkt);
    const char *authority = srs ? OSRGetAuthorityName(srs, NULL) : NULL,
               *code = srs ? OSRGetAuthorityCode(srs, NULL) : NULL;
    const char *name = srs ? OSRGetName(srs) : NULL;
    if (authority && code)
        snprintf(text, size, "%s:%s", authority, code);
    else
        snprintf(text, size, "%s", name && *name ? name : "unknown CRS");
    OSRDestroySpatialReference(srs);
}

void clv_grid_describe(const clv_grid *grid, char *text, size_t size)
{
    if (!grid->has_transform) {
        snprintf(text, size, "%dx%d, no georeference", grid->width, grid->height);
        return;
    }
    char crs[80], pixel[40] = "pixel size unknown";
    clv_grid_crs_name(grid, crs, sizeof crs);
    if (grid->pixel_m > 0) {
        snprintf(pixel, sizeof pixel, "%.4g m", grid->pixel_m);
        for (char *c = pixel; *c; c++)
            if (*c == ',') /* the locale's decimal sign */
                *c = '.';
    }
    snprintf(text, size, "%dx%d, %s, %s", grid->width, grid->height, pixel, crs);
}
