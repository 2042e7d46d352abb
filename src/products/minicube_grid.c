/* SPDX-License-Identifier: MIT */
#include "products/minicube_grid.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/cube_name.h"
#include "raster/gdal_errors.h"
#include "raster/srs.h"
#include "sentinel2/mgrs.h"

#define UNEVEN 0.1 /* pixels that a point may be off the even grid */

/* A tile's name between separators, whose zone is that of the longitude or one beside it: tiles reach over borders. */
static bool tile_in_name(const char *name, int zone, char tile[6], int *epsg)
{
    double e, n;
    for (const char *p = clv_name_base(name); *p;) {
        size_t length = 0;
        while (isalnum((unsigned char)p[length]))
            length++;
        if (length == 5) {
            memcpy(tile, p, 5);
            tile[5] = 0;
            if (clv_s2_tile_origin(tile, epsg, &e, &n)) {
                int off = abs(*epsg % 100 - zone);
                if (off <= 1 || off == 59)
                    return true;
            }
        }
        p += length ? length : 1;
    }
    return false;
}

/* Degrees to metres, in place. */
static bool project(const char *wkt, double *x, double *y, int n)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    OGRSpatialReferenceH degrees = OSRNewSpatialReference(NULL), metres = OSRNewSpatialReference(wkt);
    bool done = false;
    if (degrees && metres && OSRImportFromEPSG(degrees, 4326) == OGRERR_NONE) {
        OSRSetAxisMappingStrategy(degrees, OAMS_TRADITIONAL_GIS_ORDER);
        OSRSetAxisMappingStrategy(metres, OAMS_TRADITIONAL_GIS_ORDER);
        OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(degrees, metres);
        done = t && OCTTransform(t, n, x, y, NULL);
        OCTDestroyCoordinateTransformation(t);
    }
    if (degrees)
        OSRDestroySpatialReference(degrees);
    if (metres)
        OSRDestroySpatialReference(metres);
    clv_gdal_errors_end(&errors);
    return done;
}

/* Step of the even line through the first and last value; 0 when others are off it. */
static double even_step(const double *v, int n)
{
    double step = (v[n - 1] - v[0]) / (n - 1);
    for (int i = 0; i < n; i++)
        if (!(fabs(v[i] - v[0] - i * step) <= UNEVEN * fabs(step)))
            return 0;
    return step;
}

bool clv_minicube_grid(const char *name, const double *lon, const double *lat, int n, clv_grid *grid, bool *flipped,
                       char *note, size_t note_size)
{
    char tile[6], zone_of[16];
    int epsg;
    bool done = false;
    if (n < 2)
        return false;
    for (int i = 0; i < n; i++)
        if (!(fabs(lon[i]) <= 180 && fabs(lat[i]) <= 84))
            return false;
    int zone = (int)floor((lon[n / 2] + 180) / 6) % 60 + 1;
    if (tile_in_name(name, zone, tile, &epsg)) {
        snprintf(zone_of, sizeof zone_of, "tile %s", tile);
    } else {
        epsg = (lat[n / 2] < 0 ? 32700 : 32600) + zone;
        snprintf(zone_of, sizeof zone_of, "its longitude");
    }
    double *x = clv_alloc_array(2, (size_t)n, sizeof *x), *y = x ? x + n : NULL;
    char *wkt = clv_epsg_wkt(epsg);
    if (!x || !wkt)
        goto cleanup;
    memcpy(x, lon, (size_t)n * sizeof *x);
    memcpy(y, lat, (size_t)n * sizeof *y);
    if (!project(wkt, x, y, n))
        goto cleanup;
    double dx = even_step(x, n), dy = even_step(y, n);
    if (dx <= 0 || dy == 0)
        goto cleanup;
    *flipped = dy > 0;
    double north = *flipped ? y[n - 1] : y[0]; /* centre of the northernmost row */
    const double t[6] = {x[0] - dx / 2, dx, 0, north + fabs(dy) / 2, 0, -fabs(dy)};
    memcpy(grid->transform, t, sizeof t);
    grid->has_transform = true;
    grid->pixel_m = sqrt(dx * fabs(dy));
    grid->wkt = wkt;
    wkt = NULL;
    snprintf(note, note_size, "recovered from the lon and lat of the diagonal, UTM zone of %s", zone_of);
    done = true;

cleanup:
    free(wkt);
    free(x);
    return done;
}
