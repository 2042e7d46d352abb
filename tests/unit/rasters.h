/* SPDX-License-Identifier: MIT
 *
 * rasters: small rasters in /vsimem for tests of reading. Pixels come from a function of map coordinates, so that
 * tests know what any other grid must show.
 */
#ifndef CLV_TEST_RASTERS_H
#define CLV_TEST_RASTERS_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "series/series.h"

typedef double (*pixel_fn)(double x, double y, int band); /* x, y: map coordinates of the pixel's centre */

typedef struct raster {
    const char *path;
    const char *driver; /* NULL = GTiff */
    int width, height, bands;
    GDALDataType type;
    double transform[6]; /* all 0: no georeference */
    int epsg;            /* 0: no CRS */
    const char *const *names;
    pixel_fn fill;
    bool has_nodata;
    double nodata;
} raster;

static const char *const bgrn[] = {"B02", "B03", "B04", "B08"};

static inline void set_crs(GDALDatasetH ds, int epsg)
{
    char *wkt = NULL;
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    assert_int_equal(OSRImportFromEPSG(srs, epsg), OGRERR_NONE);
    OSRExportToWkt(srs, &wkt);
    GDALSetProjection(ds, wkt);
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
}

/* Leaves the dataset open, for further touches; close it with GDALClose. */
static inline GDALDatasetH make_open(const raster *r)
{
    GDALAllRegister();
    GDALDatasetH ds = GDALCreate(GDALGetDriverByName(r->driver ? r->driver : "GTiff"), r->path, r->width, r->height,
                                 r->bands, r->type, NULL);
    assert_non_null(ds);
    bool placed = r->transform[1] != 0 || r->transform[2] != 0;
    if (placed)
        GDALSetGeoTransform(ds, (double *)r->transform);
    if (r->epsg)
        set_crs(ds, r->epsg);
    double *line = CPLMalloc((size_t)r->width * sizeof *line);
    for (int b = 1; b <= r->bands; b++) {
        GDALRasterBandH band = GDALGetRasterBand(ds, b);
        if (r->names)
            GDALSetDescription(band, r->names[b - 1]);
        if (r->has_nodata)
            GDALSetRasterNoDataValue(band, r->nodata);
        for (int y = 0; r->fill && y < r->height; y++) {
            for (int x = 0; x < r->width; x++) {
                const double *t = r->transform;
                double px = x + 0.5, py = y + 0.5;
                line[x] = placed ? r->fill(t[0] + t[1] * px + t[2] * py, t[3] + t[4] * px + t[5] * py, b)
                                 : r->fill(px, py, b);
            }
            assert_int_equal(GDALRasterIO(band, GF_Write, 0, y, r->width, 1, line, r->width, 1, GDT_Float64, 0, 0),
                             CE_None);
        }
    }
    CPLFree(line);
    return ds;
}

static inline void make(const raster *r)
{
    GDALClose(make_open(r));
}

static inline void write_text(const char *path, const char *text)
{
    VSILFILE *f = VSIFOpenL(path, "wb");
    assert_non_null(f);
    assert_int_equal(VSIFWriteL(text, 1, strlen(text), f), strlen(text));
    VSIFCloseL(f);
}

static inline void clear_memory(void)
{
    VSIRmdirRecursive("/vsimem/t");
}

#endif
