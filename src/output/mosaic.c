/* SPDX-License-Identifier: MIT */
#include "output/mosaic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <gdal_vrt.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/grid.h"
#include "raster/metadata.h"
#include "raster/paths.h"
#include "base/unfinished.h"

/* Where the parts lie, in pixels of the first one. */
typedef struct layout {
    GDALDatasetH *parts;
    clv_rect *places;
    int count;
    clv_grid first;
    clv_rect all;
} layout;

static clv_status open_parts(clv_context *ctx, char *const *names, layout *l)
{
    clv_status status = CLV_OK;
    int x1 = 0, y1 = 0;
    for (int i = 0; i < l->count && status == CLV_OK; i++) {
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        l->parts[i] = GDALOpen(names[i], GA_ReadOnly);
        clv_gdal_errors_end(&errors);
        if (!l->parts[i])
            return clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be opened: %s", names[i], clv_gdal_errors_text(&errors));
        clv_grid grid = {0};
        status = clv_grid_of_dataset(ctx, l->parts[i], i == 0 ? &l->first : &grid);
        const clv_grid *own = i == 0 ? &l->first : &grid;
        const double *t = own->transform, *f = l->first.transform;
        double det = f[1] * f[5] - f[2] * f[4], dx = t[0] - f[0], dy = t[3] - f[3];
        double x = (f[5] * dx - f[2] * dy) / det, y = (f[1] * dy - f[4] * dx) / det;
        l->places[i] = (clv_rect){(int)floor(x + 0.5), (int)floor(y + 0.5), own->width, own->height};
        bool fits = fabs(x - l->places[i].x) < 0.01 && fabs(y - l->places[i].y) < 0.01 &&
                    (i == 0 || own->has_transform) &&
                    GDALGetRasterCount(l->parts[i]) == GDALGetRasterCount(l->parts[0]);
        clv_grid_clear(&grid);
        if (status == CLV_OK && !fits)
            status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: does not lie beside %s", names[i], names[0]);
    }
    l->all = l->places[0];
    for (int i = 0; i < l->count && status == CLV_OK; i++) {
        const clv_rect *p = &l->places[i];
        l->all.x = p->x < l->all.x ? p->x : l->all.x;
        l->all.y = p->y < l->all.y ? p->y : l->all.y;
        x1 = i == 0 || p->x + p->width > x1 ? p->x + p->width : x1;
        y1 = i == 0 || p->y + p->height > y1 ? p->y + p->height : y1;
    }
    l->all.width = x1 - l->all.x;
    l->all.height = y1 - l->all.y;
    return status;
}

static bool holds_classes(GDALDatasetH dataset)
{
    for (int b = 1; b <= GDALGetRasterCount(dataset); b++)
        if (GDALGetRasterCategoryNames(GDALGetRasterBand(dataset, b)))
            return true;
    return false;
}

static void dress_band(const layout *l, GDALDatasetH vrt, int b)
{
    GDALRasterBandH source = GDALGetRasterBand(l->parts[0], b), band = GDALGetRasterBand(vrt, b);
    int has = FALSE;
    double nodata = GDALGetRasterNoDataValue(source, &has);
    clv_metadata_copy_band(source, band, true, true);
    if (has)
        GDALSetRasterNoDataValue(band, nodata);
    GDALSetRasterColorInterpretation(band, GDALGetRasterColorInterpretation(source));
    for (int i = 0; i < l->count; i++) {
        const clv_rect *p = &l->places[i];
        VRTAddSimpleSource((VRTSourcedRasterBandH)band, GDALGetRasterBand(l->parts[i], b), 0, 0, p->width, p->height,
                           p->x - l->all.x, p->y - l->all.y, p->width, p->height, "near", VRT_NODATA_UNSET);
    }
}

static clv_status fill_vrt(clv_context *ctx, const layout *l, const char *path)
{
    clv_grid grid;
    int bands = GDALGetRasterCount(l->parts[0]);
    if (clv_grid_window(&l->first, l->all, &grid) != CLV_OK)
        return clv_fail_memory(ctx);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH vrt = GDALCreate(GDALGetDriverByName("VRT"), path, grid.width, grid.height, 0, GDT_Byte, NULL);
    clv_status status = CLV_OK;
    if (vrt) {
        for (int b = 1; b <= bands; b++)
            GDALAddBand(vrt, GDALGetRasterDataType(GDALGetRasterBand(l->parts[0], b)), NULL);
        clv_metadata_copy(l->parts[0], vrt, true);
        status = clv_metadata_place(ctx, &grid, l->parts[0], vrt);
        for (int b = 1; b <= bands; b++)
            dress_band(l, vrt, b);
        GDALClose(vrt);
    }
    if ((clv_gdal_errors_end(&errors) || !vrt) && status == CLV_OK)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be written: %s", path, clv_gdal_errors_text(&errors));
    clv_grid_clear(&grid);
    return status;
}

/* Of classes and days no mean makes sense: sources are read by the nearest pixel, whatever the VRT's reader asks for.
 * GDAL sets this only in the text. */
static clv_status read_nearest(clv_context *ctx, const char *path)
{
    static const char plain[] = "<SimpleSource>", nearest[] = "<SimpleSource resampling=\"nearest\">";
    GByte *text = NULL;
    vsi_l_offset length = 0;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    VSILFILE *file = VSIIngestFile(NULL, path, &text, &length, -1) ? VSIFOpenL(path, "wb") : NULL;
    bool written = file != NULL;
    for (const char *from = (const char *)text, *tag; written && from; from = tag ? tag + strlen(plain) : NULL) {
        tag = strstr(from, plain);
        size_t n = tag ? (size_t)(tag - from) : strlen(from);
        written = VSIFWriteL(from, 1, n, file) == n &&
                  (!tag || VSIFWriteL(nearest, 1, strlen(nearest), file) == strlen(nearest));
    }
    if (file)
        written = VSIFCloseL(file) == 0 && written;
    VSIFree(text);
    clv_gdal_errors_end(&errors);
    return written ? CLV_OK
                   : clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be written: %s", path, clv_gdal_errors_text(&errors));
}

clv_status clv_mosaic_write(clv_context *ctx, const char *path, char *const *parts, int count)
{
    layout l = {.count = count};
    char *folder = clv_path_folder(path), *temporary = NULL;
    clv_unfinished *guard = NULL;
    l.parts = clv_alloc_array((size_t)count, 1, sizeof *l.parts);
    l.places = clv_alloc_array((size_t)count, 1, sizeof *l.places);
    clv_status status = l.parts && l.places && folder ? CLV_OK : clv_fail_memory(ctx);
    for (int i = 0; l.parts && i < count; i++)
        l.parts[i] = NULL;
    if (status == CLV_OK)
        status = open_parts(ctx, parts, &l);
    if (status == CLV_OK)
        status = clv_temporary_create(ctx, folder, clv_path_name(path), "vrt", &temporary);
    if (status == CLV_OK) {
        guard = clv_unfinished_add(temporary);
        status = fill_vrt(ctx, &l, temporary);
        if (status == CLV_OK && holds_classes(l.parts[0]))
            status = read_nearest(ctx, temporary);
    }
    if (status == CLV_OK && VSIRename(temporary, path) != 0)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot get its name", path);
    if (status != CLV_OK && temporary)
        VSIUnlink(temporary);
    clv_unfinished_done(guard);
    for (int i = 0; l.parts && i < count; i++)
        if (l.parts[i])
            GDALClose(l.parts[i]);
    clv_grid_clear(&l.first);
    free(l.parts);
    free(l.places);
    free(temporary);
    free(folder);
    return status;
}
