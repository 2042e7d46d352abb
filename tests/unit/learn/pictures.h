/* SPDX-License-Identifier: MIT
 *
 * pictures: small GeoTIFFs in a temporary folder for the tests of training, and the folder's removal.
 */
#ifndef CLV_TEST_PICTURES_H
#define CLV_TEST_PICTURES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "base/random.h"

/* A new folder; free() after remove_folder(). */
static inline char *make_folder(void)
{
    const char *base = getenv("TMPDIR");
    char text[512];
    snprintf(text, sizeof text, "%s/clv_learn_XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(text));
    GDALAllRegister();
    return strdup(text);
}

static inline void remove_folder(char *folder)
{
    assert_int_equal(VSIRmdirRecursive(folder), 0);
    free(folder);
}

/* A raster of `bands` bands, UInt16 with the names of Sentinel-2 when there are four, Byte else; values [bands,
 * side, side]. */
static inline void write_raster(const char *folder, const char *name, int bands, int side, double pixel,
                                const double *values)
{
    static const char *const names[] = {"B02", "B03", "B04", "B08"};
    char path[1024];
    double transform[6] = {600000, pixel, 0, 4000000, 0, -pixel};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    GDALDatasetH ds =
        GDALCreate(GDALGetDriverByName("GTiff"), path, side, side, bands, bands == 4 ? GDT_UInt16 : GDT_Byte, NULL);
    assert_non_null(ds);
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    char *wkt = NULL;
    OSRImportFromEPSG(srs, 32633);
    OSRExportToWkt(srs, &wkt);
    GDALSetProjection(ds, wkt);
    GDALSetGeoTransform(ds, transform);
    CPLFree(wkt);
    OSRDestroySpatialReference(srs);
    for (int b = 0; b < bands; b++) {
        if (bands == 4)
            GDALSetDescription(GDALGetRasterBand(ds, b + 1), names[b]);
        void *plane = (void *)(values + (size_t)b * (size_t)side * (size_t)side);
        assert_int_equal(GDALRasterIO(GDALGetRasterBand(ds, b + 1), GF_Write, 0, 0, side, side, plane, side, side,
                                      GDT_Float64, 0, 0),
                         CE_None);
    }
    GDALClose(ds);
}

/* Ground of patches: blue, green, red, NIR in digital numbers (reflectance * 10000). free(). */
static inline double *make_ground(int side, uint64_t seed)
{
    static const double base[4] = {500, 800, 900, 2500};
    double *values = malloc(4 * (size_t)side * (size_t)side * sizeof *values);
    assert_non_null(values);
    for (int b = 0; b < 4; b++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
                values[((size_t)b * (size_t)side + (size_t)y) * (size_t)side + (size_t)x] =
                    base[b] * (0.7 + 0.6 * clv_hash_unit(clv_hash2(seed + (uint64_t)b, x / 6, y / 6)));
    return values;
}

static inline void write_text(const char *folder, const char *name, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

#endif
