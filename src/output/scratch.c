/* SPDX-License-Identifier: MIT */
#include "output/outputs_private.h"

#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"

struct clv_scratch {
    clv_context *ctx;
    pthread_mutex_t lock;
    GDALDatasetH dataset;
    char *path;
    clv_unfinished *guard; /* NULL when the file has no name any more */
    int width, height, bands;
    GDALDataType type;
};

/* Classes and flags compress a hundredfold at no cost; predictions hardly, and uncompressed tiles can be written again
 * in place. */
static char **scratch_options(GDALDataType type)
{
    char **options = CSLAddString(NULL, "TILED=YES");
    options = CSLAddString(options, "BLOCKXSIZE=256");
    options = CSLAddString(options, "BLOCKYSIZE=256");
    options = CSLAddString(options, "INTERLEAVE=BAND");
    options = CSLAddString(options, "BIGTIFF=YES");
    options = CSLAddString(options, "SPARSE_OK=TRUE");
    options = CSLAddString(options, "PROFILE=BASELINE");
    if (type != GDT_Byte)
        return options;
    GDALDriverH driver = GDALGetDriverByName("GTiff");
    const char *list = GDALGetMetadataItem(driver, GDAL_DMD_CREATIONOPTIONLIST, NULL);
    if (list && strstr(list, ">ZSTD</Value>")) {
        options = CSLAddString(options, "COMPRESS=ZSTD");
        return CSLAddString(options, "ZSTD_LEVEL=1");
    }
    options = CSLAddString(options, "COMPRESS=DEFLATE");
    return CSLAddString(options, "ZLEVEL=1");
}

/* The open file goes on living without its name, so that not even a killed process leaves it behind. */
static void hide(clv_scratch *s)
{
    if (clv_path_kind_of(s->path) == CLV_PATH_NATIVE && VSIUnlink(s->path) == 0) {
        clv_unfinished_done(s->guard);
        s->guard = NULL;
    }
}

clv_status clv_scratch_new(clv_outputs *set, const clv_grid *grid, GDALDataType type, int bands, clv_scratch **out)
{
    *out = NULL;
    clv_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return clv_fail_memory(set->ctx);
    pthread_mutex_init(&s->lock, NULL);
    s->ctx = set->ctx;
    s->width = grid->width;
    s->height = grid->height;
    s->bands = bands;
    s->type = type;
    char *folder = NULL;
    char **options = NULL;
    clv_status status = clv_outputs_scratch_folder(set, &folder);
    if (status == CLV_OK)
        status = clv_temporary_create(set->ctx, folder, "clearvision", "tif", &s->path);
    if (status != CLV_OK)
        goto cleanup;
    s->guard = clv_unfinished_add(s->path);
    options = scratch_options(type);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    s->dataset = GDALCreate(GDALGetDriverByName("GTiff"), s->path, s->width, s->height, bands, type, options);
    if (s->dataset && grid->has_transform)
        GDALSetGeoTransform(s->dataset, (double *)grid->transform);
    if (s->dataset && grid->wkt)
        GDALSetProjection(s->dataset, grid->wkt);
    if (clv_gdal_errors_end(&errors) || !s->dataset) {
        status = clv_fail(set->ctx, CLV_ERROR_WRITE, "%s: cannot create a temporary raster: %s", folder,
                          clv_gdal_errors_text(&errors));
        goto cleanup;
    }
    hide(s);
cleanup:
    CSLDestroy(options);
    free(folder);
    if (status == CLV_OK)
        *out = s;
    else
        clv_scratch_free(s);
    return status;
}

void clv_scratch_free(clv_scratch *scratch)
{
    if (!scratch)
        return;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    clv_temporary_remove(scratch->path, false); /* first: what is still buffered then goes nowhere */
    if (scratch->dataset)
        GDALClose(scratch->dataset);
    clv_temporary_remove(scratch->path, false);
    clv_gdal_errors_end(&errors);
    clv_unfinished_done(scratch->guard);
    pthread_mutex_destroy(&scratch->lock);
    free(scratch->path);
    free(scratch);
}

static clv_status access_window(clv_scratch *s, GDALRWFlag flag, int band, clv_rect r, void *raw)
{
    if (band < 0 || band >= s->bands || r.x < 0 || r.y < 0 || r.width < 1 || r.height < 1 || r.width > s->width - r.x ||
        r.height > s->height - r.y)
        return clv_fail(s->ctx, CLV_ERROR_INTERNAL, "temporary raster: window %d,%d %dx%d of band %d lies outside", r.x,
                        r.y, r.width, r.height, band);
    pthread_mutex_lock(&s->lock);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = GDALRasterIO(GDALGetRasterBand(s->dataset, band + 1), flag, r.x, r.y, r.width, r.height, raw,
                                r.width, r.height, s->type, 0, 0);
    bool failed = clv_gdal_errors_end(&errors) || error != CE_None;
    pthread_mutex_unlock(&s->lock);
    if (failed)
        return clv_fail(s->ctx, flag == GF_Write ? CLV_ERROR_WRITE : CLV_ERROR_READ, "%s: temporary raster: %s",
                        s->path, clv_gdal_errors_text(&errors));
    return CLV_OK;
}

clv_status clv_scratch_write(clv_scratch *scratch, int band, clv_rect window, const void *raw)
{
    return access_window(scratch, GF_Write, band, window, (void *)raw);
}

clv_status clv_scratch_read(clv_scratch *scratch, int band, clv_rect window, void *raw)
{
    return access_window(scratch, GF_Read, band, window, raw);
}

GDALDatasetH clv_scratch_dataset(clv_scratch *scratch)
{
    pthread_mutex_lock(&scratch->lock);
    GDALFlushCache(scratch->dataset);
    pthread_mutex_unlock(&scratch->lock);
    return scratch->dataset;
}
