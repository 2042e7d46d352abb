/* SPDX-License-Identifier: MIT */
#include "output/jp2_cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "output/outputs_private.h"
#include "raster/gdal_errors.h"
#include "raster/metadata.h"
#include "raster/open_options.h"
#include "series/series_private.h"

#define ROWS 1024 /* of a step: the height of the products' blocks */

typedef struct unpacking {
    clv_context *ctx;
    clv_series *series;
    char *folder;
    int *dates; /* [count]: those to unpack */
    int count;
    double whole, done; /* bytes; done: with the lock */
    pthread_mutex_t lock;
} unpacking;

static bool is_jpeg2000(GDALDatasetH ds)
{
    GDALDriverH driver = ds ? GDALGetDatasetDriver(ds) : NULL;
    const char *name = driver ? GDALGetDriverShortName(driver) : "";
    return EQUALN(name, "JP2", 3) || EQUAL(name, "SENTINEL2");
}

/* All bands of one type, and missing pixels told by their values: what a plain copy keeps. */
static bool can_be_copied(const clv_date_facts *facts, GDALDatasetH ds)
{
    int bands = GDALGetRasterCount(ds);
    for (int b = 2; b <= bands; b++)
        if (GDALGetRasterDataType(GDALGetRasterBand(ds, b)) != GDALGetRasterDataType(GDALGetRasterBand(ds, 1)))
            return false;
    return !facts->use_mask && bands > 0;
}

/* What is read of date t: its output and the working grid's part, in pixels of its own; all when it is resampled. */
static clv_rect needed(const clv_series *series, int t)
{
    const struct clv_series_private *p = series->private_data;
    const clv_date_files *f = &p->files[t];
    const clv_grid *read = &series->grid, *written = &series->acquisitions[t].grid;
    clv_rect native = {0, 0, f->native.width, f->native.height};
    if (f->warped || f->regridded)
        return native;
    int x0 = f->xoff + p->x * f->factor, y0 = f->yoff + p->y * f->factor;
    int x1 = x0 + read->width * f->factor, y1 = y0 + read->height * f->factor;
    x0 = f->x < x0 ? f->x : x0;
    y0 = f->y < y0 ? f->y : y0;
    x1 = f->x + written->width > x1 ? f->x + written->width : x1;
    y1 = f->y + written->height > y1 ? f->y + written->height : y1;
    return clv_rect_intersect(native, (clv_rect){x0, y0, x1 - x0, y1 - y0});
}

static double bytes_of(GDALDatasetH ds, clv_rect part)
{
    return (double)part.width * part.height * GDALGetRasterCount(ds) *
           GDALGetDataTypeSizeBytes(GDALGetRasterDataType(GDALGetRasterBand(ds, 1)));
}

/* The date's dataset when it is one to unpack, else NULL. */
static GDALDatasetH packed_dataset(clv_series *series, int t)
{
    const clv_date_facts *facts = &series->acquisitions[t].facts;
    GDALDatasetH ds = series->private_data->files[t].memory ? NULL : clv_series_dataset(series, t);
    return ds && (facts->packed || is_jpeg2000(ds)) && can_be_copied(facts, ds) ? ds : NULL;
}

static char **creation_options(void)
{
    static const char *const plain[] = {
        "TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "INTERLEAVE=BAND", "BIGTIFF=YES", "SPARSE_OK=TRUE", NULL};
    char **options = CSLDuplicate((char **)plain);
    const char *list = GDALGetMetadataItem(GDALGetDriverByName("GTiff"), GDAL_DMD_CREATIONOPTIONLIST, NULL);
    if (list && strstr(list, ">ZSTD</Value>")) {
        options = CSLAddString(options, "COMPRESS=ZSTD");
        options = CSLAddString(options, "ZSTD_LEVEL=1");
        options = CSLAddString(options, "NUM_THREADS=ALL_CPUS");
    }
    return options;
}

static void dress(GDALDatasetH from, GDALDatasetH to)
{
    double transform[6];
    if (GDALGetGeoTransform(from, transform) == CE_None)
        GDALSetGeoTransform(to, transform);
    GDALSetSpatialRef(to, GDALGetSpatialRef(from));
    clv_metadata_copy(from, to, true);
    for (int b = 1; b <= GDALGetRasterCount(from); b++) {
        GDALRasterBandH source = GDALGetRasterBand(from, b), copy = GDALGetRasterBand(to, b);
        int has = FALSE;
        double nodata = GDALGetRasterNoDataValue(source, &has);
        clv_metadata_copy_band(source, copy, true, true);
        if (has)
            GDALSetRasterNoDataValue(copy, nodata);
        GDALSetRasterColorInterpretation(copy, GDALGetRasterColorInterpretation(source));
    }
}

static clv_status advance(unpacking *u, double bytes)
{
    pthread_mutex_lock(&u->lock);
    u->done += bytes;
    clv_status status = clv_progress(u->ctx, u->done < u->whole ? u->done / u->whole : 1);
    pthread_mutex_unlock(&u->lock);
    return status;
}

static clv_status copy_pixels(unpacking *u, const char *name, clv_rect part, GDALDatasetH from, GDALDatasetH to)
{
    const int width = part.width, bands = GDALGetRasterCount(from), end = part.y + part.height;
    const GDALDataType type = GDALGetRasterDataType(GDALGetRasterBand(from, 1));
    void *rows = clv_alloc_array((size_t)width, ROWS, (size_t)GDALGetDataTypeSizeBytes(type));
    clv_status status = rows ? CLV_OK : clv_fail_memory(u->ctx);
    for (int y = part.y, n; y < end && status == CLV_OK; y += n) {
        n = ROWS - y % ROWS; /* from block to block */
        n = end - y < n ? end - y : n;
        for (int b = 1; b <= bands && status == CLV_OK; b++) {
            GDALRasterBandH in = GDALGetRasterBand(from, b), out = GDALGetRasterBand(to, b);
            clv_gdal_errors errors;
            clv_gdal_errors_begin(&errors);
            CPLErr read = GDALRasterIO(in, GF_Read, part.x, y, width, n, rows, width, n, type, 0, 0);
            if (clv_gdal_errors_end(&errors) || read != CE_None) {
                status =
                    clv_fail(u->ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
                break;
            }
            clv_gdal_errors_begin(&errors);
            CPLErr written = GDALRasterIO(out, GF_Write, part.x, y, width, n, rows, width, n, type, 0, 0);
            if (clv_gdal_errors_end(&errors) || written != CE_None)
                status = clv_fail(u->ctx, CLV_ERROR_WRITE,
                                  "%s: its decoded copy cannot be written into %s (CPL_TMPDIR names another place): %s",
                                  name, u->folder, clv_gdal_errors_text(&errors));
        }
        if (status == CLV_OK)
            status = advance(u, bytes_of(from, (clv_rect){part.x, y, width, n}));
    }
    free(rows);
    return status;
}

static clv_status copy(unpacking *u, const char *name, clv_rect part, GDALDatasetH from, GDALDatasetH *out)
{
    char *path = NULL, **options = creation_options();
    clv_unfinished *guard = NULL;
    clv_gdal_errors errors;
    *out = NULL;
    clv_status status = clv_temporary_create(u->ctx, u->folder, "clearvision", "tif", &path);
    if (status != CLV_OK)
        goto cleanup;
    guard = clv_unfinished_add(path);
    clv_gdal_errors_begin(&errors);
    GDALDatasetH to = GDALCreate(GDALGetDriverByName("GTiff"), path, GDALGetRasterXSize(from), GDALGetRasterYSize(from),
                                 GDALGetRasterCount(from), GDALGetRasterDataType(GDALGetRasterBand(from, 1)), options);
    if (to)
        dress(from, to);
    clv_gdal_errors_end(&errors);
    if (!to) {
        status = clv_fail(u->ctx, CLV_ERROR_WRITE, "%s: cannot create a temporary raster: %s", u->folder,
                          clv_gdal_errors_text(&errors));
        goto cleanup;
    }
    status = copy_pixels(u, name, part, from, to);
    clv_gdal_errors_begin(&errors);
    GDALClose(to); /* a full disk may show only now */
    bool failed = clv_gdal_errors_end(&errors);
    if (status == CLV_OK && failed)
        status = clv_fail(u->ctx, CLV_ERROR_WRITE,
                          "%s: its decoded copy cannot be written into %s (CPL_TMPDIR names another place): %s", name,
                          u->folder, clv_gdal_errors_text(&errors));
    if (status == CLV_OK) {
        clv_gdal_errors_begin(&errors);
        *out = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
        clv_gdal_errors_end(&errors);
        if (!*out)
            status = clv_fail(u->ctx, CLV_ERROR_READ, "%s: its decoded copy cannot be read: %s", name,
                              clv_gdal_errors_text(&errors));
    }

cleanup:
    if (path)
        clv_temporary_remove(path, true); /* the open file goes on living without its name */
    clv_unfinished_done(guard);
    CSLDestroy(options);
    free(path);
    return status;
}

/* By a handle of its own: the series may close its handles while there is much to open. */
static clv_status cache_date(void *arg, int index, int worker)
{
    (void)worker;
    unpacking *u = arg;
    struct clv_series_private *p = u->series->private_data;
    clv_date_files *f = &p->files[u->dates[index]];
    const clv_acquisition *a = &u->series->acquisitions[u->dates[index]];
    const char *name = a->source;
    GDALDatasetH from, unpacked;
    clv_status status = a->facts.vrt ? clv_bundle_open(u->ctx, a->facts.vrt, name, &from)
                                     : clv_raster_open(u->ctx, f->copy ? f->copy : name, &p->open_options, &from);
    if (status != CLV_OK)
        return status;
    status = copy(u, name, needed(u->series, u->dates[index]), from, &unpacked);
    GDALClose(from);
    if (status != CLV_OK)
        return status;
    pthread_mutex_lock(&p->lock);
    f->memory = unpacked; /* always open, instead of the files */
    p->total -= f->open;
    clv_series_close_files(f);
    pthread_mutex_unlock(&p->lock);
    return CLV_OK;
}

clv_status clv_series_cache_jp2(clv_context *ctx, clv_series *series, clv_outputs *set)
{
    unpacking u = {.ctx = ctx, .series = series};
    clv_status status = CLV_OK;
    u.dates = clv_alloc_array((size_t)series->dates, 1, sizeof *u.dates);
    if (!u.dates)
        return clv_fail_memory(ctx);
    for (int t = 0; t < series->dates; t++) {
        GDALDatasetH ds = packed_dataset(series, t);
        if (!ds)
            continue;
        u.dates[u.count++] = t;
        u.whole += bytes_of(ds, needed(series, t));
    }
    if (u.whole * 2 > (double)GDALGetCacheMax64())
        status = clv_outputs_scratch_folder(set, &u.folder);
    if (u.folder && status == CLV_OK) {
        char size[32];
        CPLsnprintf(size, sizeof size, "%.1f", u.whole / 1e9);
        clv_note(ctx, "%d dates in JPEG 2000 are decoded once into %s (%s GB before compression)", u.count, u.folder,
                 size);
        pthread_mutex_init(&u.lock, NULL);
        status = clv_parallel_for(ctx, u.count, 0, cache_date, &u);
        pthread_mutex_destroy(&u.lock);
    }
    free(u.folder);
    free(u.dates);
    return status;
}
