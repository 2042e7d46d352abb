/* SPDX-License-Identifier: MIT */
#include "products/bundle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/bundle_vrt.h"
#include "products/xcube.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"

#define SAME_PIXEL 0.01      /* pixel sizes closer than that are one */
#define COARSEST_COPY 160.0  /* pixels of reduced copies of a tile */
#define SENTINEL_COARSE 60.0 /* pixels of this size show neither clouds nor fields as the networks know them */

/* ---- A bundle ---------------------------------------------------------------------------------- */

clv_bundle *clv_bundle_new(const char *label, const char *stem)
{
    clv_bundle *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->label = clv_strdup(label);
    b->stem = clv_strdup(stem);
    b->baseline = -1;
    if (!b->label || !b->stem) {
        clv_bundle_free(b);
        return NULL;
    }
    return b;
}

void clv_bundle_free(clv_bundle *b)
{
    if (!b)
        return;
    for (int i = 0; i < b->count; i++)
        free(b->files[i].path);
    free(b->files);
    free(b->label);
    free(b->stem);
    clv_date_facts_clear(&b->facts);
    clv_xcube_free(b->xcube);
    free(b);
}

clv_status clv_bundle_add(clv_context *ctx, clv_bundle *b, const char *path, const char *band, double pixel)
{
    if (b->count == CLV_BUNDLE_FILES)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: more than %d files belong to one date", b->label,
                        CLV_BUNDLE_FILES);
    if (b->count == b->capacity) {
        int capacity = b->capacity ? b->capacity * 2 : 16;
        clv_bundle_file *files = realloc(b->files, (size_t)capacity * sizeof *files);
        if (!files)
            return clv_fail_memory(ctx);
        b->files = files;
        b->capacity = capacity;
    }
    clv_bundle_file *f = &b->files[b->count];
    *f = (clv_bundle_file){.path = clv_strdup(path), .pixel = pixel};
    if (!f->path)
        return clv_fail_memory(ctx);
    snprintf(f->band, sizeof f->band, "%s", band);
    b->count++;
    return CLV_OK;
}

bool clv_bundle_has(const clv_bundle *b, const char *band)
{
    for (int i = 0; i < b->count; i++)
        if (strcmp(b->files[i].band, band) == 0)
            return true;
    return false;
}

/* ---- Files ------------------------------------------------------------------------------------- */

static void part_clear(clv_vrt_part *part)
{
    clv_grid_clear(&part->grid);
    CSLDestroy(part->metadata);
    part->metadata = NULL;
}

/* A file without georeference lies where its product says. */
static void lend_place(clv_bundle *b, clv_grid *grid)
{
    if (grid->has_transform || !b->has_place || b->place_width <= 0)
        return;
    double factor = b->place_width / grid->width, pixel = fabs(b->place[1]) * factor;
    /* A part of the tile that lost its georeference is not the tile. */
    if (grid->width != grid->height || pixel > COARSEST_COPY || fabs(pixel - 10 * floor(pixel / 10 + 0.5)) > 1e-9)
        return;
    for (int i = 0; i < 6; i++)
        grid->transform[i] = i == 0 || i == 3 ? b->place[i] : b->place[i] * factor;
    OGRSpatialReferenceH crs = OSRNewSpatialReference(NULL);
    char *wkt = NULL;
    if (crs && OSRImportFromEPSG(crs, b->epsg) == OGRERR_NONE && OSRExportToWkt(crs, &wkt) == OGRERR_NONE) {
        grid->wkt = clv_strdup(wkt);
        grid->has_transform = true;
        grid->pixel_m = fabs(grid->transform[1]);
        b->placed = true;
    }
    CPLFree(wkt);
    OSRDestroySpatialReference(crs);
}

static clv_status open_part(clv_context *ctx, clv_bundle *b, clv_bundle_file *file, clv_vrt_part *part)
{
    GDALDatasetH ds;
    if (part->file)
        return CLV_OK;
    clv_status status = clv_raster_open(ctx, file->path, NULL, &ds);
    if (status != CLV_OK)
        return status;
    part->bands = GDALGetRasterCount(ds);
    status = clv_grid_of_dataset(ctx, ds, &part->grid);
    if (status == CLV_OK && !b->mosaic && part->bands != 1)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: has %d bands; by its name it should hold %s alone", file->path,
                          part->bands, file->band);
    if (status == CLV_OK) {
        lend_place(b, &part->grid);
        part->file = file;
        part->metadata = CSLDuplicate(GDALGetMetadata(ds, NULL));
        clv_vrt_part_read(ds, part);
        if (file->pixel <= 0)
            file->pixel = part->grid.pixel_m > 0 ? part->grid.pixel_m : 1;
    }
    GDALClose(ds);
    return status;
}

/* ---- Bands of one date ------------------------------------------------------------------------- */

/* The finest pixel of a band; INFINITY when the band is not there. */
static double finest(const clv_bundle *b, const char *band)
{
    double pixel = INFINITY;
    for (int i = 0; i < b->count; i++)
        if (strcmp(b->files[i].band, band) == 0)
            pixel = fmin(pixel, b->files[i].pixel);
    return pixel;
}

/* Pixel size of the joined raster: see the header. */
static double choose_pixel(const clv_bundle *b, double tr)
{
    double pixel = fmax(finest(b, "B04"), fmax(finest(b, "B03"), finest(b, "B02")));
    double coarsest = pixel;
    for (int i = 0; i < b->count && tr > 0; i++)
        if (b->files[i].pixel <= tr * (1 + SAME_PIXEL) && b->files[i].pixel > coarsest)
            coarsest = b->files[i].pixel;
    return coarsest;
}

/* The file for a band on a grid of this pixel: of the same, else the coarsest that divides it. -1: none. */
static int choose_file(const clv_bundle *b, const char *band, double pixel)
{
    int best = -1;
    for (int i = 0; i < b->count; i++) {
        const clv_bundle_file *f = &b->files[i];
        if (strcmp(f->band, band) != 0 || f->pixel > pixel * (1 + SAME_PIXEL))
            continue;
        double factor = pixel / f->pixel;
        if (fabs(factor - floor(factor + 0.5)) > SAME_PIXEL * factor)
            continue;
        if (best < 0 || f->pixel > b->files[best].pixel)
            best = i;
    }
    return best;
}

static void append_word(char *text, size_t size, const char *word)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? " " : "", word);
}

static const char *band_at(int number)
{
    static const char *const names[13] = {"B01", "B02", "B03", "B04", "B05", "B06", "B07",
                                          "B08", "B8A", "B09", "B10", "B11", "B12"};
    return names[number];
}

/* Parts of the chosen files in Sentinel-2's order, files without a chosen place closed again. */
static clv_status choose_parts(clv_context *ctx, clv_bundle *b, double tr, clv_vrt_part *all, clv_vrt_part **parts,
                               int *count)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < b->count && status == CLV_OK; i++)
        if (b->files[i].pixel <= 0)
            status = open_part(ctx, b, &b->files[i], &all[i]);
    if (status != CLV_OK)
        return status;
    double pixel = choose_pixel(b, tr);
    char left[100] = "", taken[100] = "";
    double left_pixel = 0;
    for (int n = 0; n < 13 && status == CLV_OK; n++) {
        const char *band = band_at(n);
        int i = choose_file(b, band, pixel);
        if (i >= 0) {
            status = open_part(ctx, b, &b->files[i], &all[i]);
            parts[(*count)++] = &all[i];
            append_word(taken, sizeof taken, band);
        } else if (clv_bundle_has(b, band) && finest(b, band) < SENTINEL_COARSE * 0.9) {
            append_word(left, sizeof left, band);
            left_pixel = fmax(left_pixel, finest(b, band));
        }
    }
    char size[32] = "";
    if (pixel > 1)
        CPLsnprintf(size, sizeof size, " (%g m)", floor(pixel * 100 + 0.5) / 100);
    snprintf(b->files_how, sizeof b->files_how, "files %s%s", taken, size);
    b->left_out[0] = 0;
    if (left[0])
        CPLsnprintf(b->left_out, sizeof b->left_out, "%s left out: %g m; -tr %g takes all", left, left_pixel,
                    left_pixel);
    return status;
}

/* All parts on the first one's extent; parts with finer pixels are averaged. */
static clv_status check_parts(clv_context *ctx, const clv_bundle *b, clv_vrt_part **parts, int count, clv_grid *grid)
{
    const clv_vrt_part *base = parts[0];
    for (int i = 1; i < count; i++)
        if (parts[i]->file->pixel > base->file->pixel * (1 + SAME_PIXEL))
            base = parts[i];
    if (clv_grid_copy(&base->grid, grid) != CLV_OK)
        return clv_fail_memory(ctx);
    for (int i = 0; i < count; i++) {
        int factor = 1, xoff = 0, yoff = 0;
        bool fits = clv_grid_fits(&parts[i]->grid, grid, &factor, &xoff, &yoff) && xoff == 0 && yoff == 0;
        int width = grid->width * factor, height = grid->height * factor;
        fits = fits && parts[i]->grid.width > width - factor && parts[i]->grid.width <= width &&
               parts[i]->grid.height > height - factor && parts[i]->grid.height <= height;
        if (!fits)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %s and %s do not lie on one grid", b->label,
                            clv_name_base(base->file->path), clv_name_base(parts[i]->file->path));
        parts[i]->factor = factor;
    }
    return CLV_OK;
}

static clv_status join_bands(clv_context *ctx, clv_bundle *b, double tr, clv_vrt_part *all, clv_vrt *vrt)
{
    clv_vrt_part *parts[13];
    int count = 0;
    clv_status status = choose_parts(ctx, b, tr, all, parts, &count);
    if (status == CLV_OK && count == 0)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: its bands do not lie on grids that fit", b->label);
    if (status == CLV_OK)
        status = check_parts(ctx, b, parts, count, &vrt->grid);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        b->facts.packed = b->facts.packed || parts[i]->packed;
        if (strcmp(parts[i]->file->band, "B04") == 0)
            vrt->metadata = parts[i]->metadata;
        status = clv_vrt_add_band(ctx, vrt, b, parts[i]);
    }
    return status;
}

/* ---- Tiles ------------------------------------------------------------------------------------- */

static clv_status join_tiles(clv_context *ctx, clv_bundle *b, clv_vrt_part *all, clv_vrt *vrt)
{
    clv_status status = CLV_OK;
    double left = INFINITY, top = -INFINITY, right = -INFINITY, bottom = INFINITY;
    for (int i = 0; i < b->count && status == CLV_OK; i++) {
        const clv_grid *g = &all[i].grid;
        const double *t = g->transform, *first = all[0].grid.transform;
        status = open_part(ctx, b, &b->files[i], &all[i]);
        if (status != CLV_OK)
            break;
        if (!g->has_transform || t[2] != 0 || t[4] != 0 || t[5] >= 0 || all[i].bands != all[0].bands ||
            fabs(t[1] - first[1]) > 1e-6 * fabs(first[1]) || !clv_grid_same_crs(g, &all[0].grid))
            return clv_fail(
                ctx, CLV_ERROR_FORMAT,
                "%s: is not a tile of the same raster as %s; mosaic them with gdalbuildvrt and give the result",
                b->files[i].path, b->files[0].path);
        left = fmin(left, t[0]);
        top = fmax(top, t[3]);
        right = fmax(right, t[0] + g->width * t[1]);
        bottom = fmin(bottom, t[3] + g->height * t[5]);
    }
    if (status != CLV_OK)
        return status;
    const double *t = all[0].grid.transform;
    double width = (right - left) / t[1], height = (bottom - top) / t[5];
    if (!(width < CLV_MAX_SIZE) || !(height < CLV_MAX_SIZE))
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: its tiles span more than %d pixels; process it in parts",
                        b->label, CLV_MAX_SIZE);
    if (clv_grid_copy(&all[0].grid, &vrt->grid) != CLV_OK)
        return clv_fail_memory(ctx);
    vrt->grid.width = (int)(width + 0.5);
    vrt->grid.height = (int)(height + 0.5);
    vrt->grid.transform[0] = left;
    vrt->grid.transform[3] = top;
    for (int i = 0; i < b->count; i++) {
        all[i].factor = 1;
        all[i].x = (int)floor((all[i].grid.transform[0] - left) / t[1] + 0.5);
        all[i].y = (int)floor((all[i].grid.transform[3] - top) / t[5] + 0.5);
    }
    snprintf(b->files_how, sizeof b->files_how, "%d tiles of one export", b->count);
    vrt->metadata = all[0].metadata;
    return clv_vrt_add_mosaic(ctx, vrt, all, b->count);
}

/* ---- Joining ----------------------------------------------------------------------------------- */

clv_status clv_bundle_join(clv_context *ctx, clv_bundle *b, double tr, char **text)
{
    clv_vrt vrt = {0};
    if (b->xcube)
        return clv_xcube_join(ctx, b->xcube, b, b->files_how, sizeof b->files_how, text);
    clv_vrt_part *all = clv_alloc_array((size_t)b->count, 1, sizeof *all);
    if (!all)
        return clv_fail_memory(ctx);
    clv_status status = b->mosaic ? join_tiles(ctx, b, all, &vrt) : join_bands(ctx, b, tr, all, &vrt);
    if (status == CLV_OK)
        status = clv_vrt_finish(ctx, &vrt, b, text);
    clv_vrt_clear(&vrt);
    for (int i = 0; i < b->count; i++)
        part_clear(&all[i]);
    free(all);
    return status;
}

clv_status clv_bundle_open(clv_context *ctx, const char *vrt, const char *label, GDALDatasetH *out)
{
    static const char *const only[] = {"VRT", NULL};
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    *out = GDALOpenEx(vrt, GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR, only, NULL, NULL);
    clv_gdal_errors_end(&errors);
    return *out ? CLV_OK
                : clv_fail(ctx, CLV_ERROR_OPEN, "%s: its files cannot be joined: %s", label,
                           clv_gdal_errors_text(&errors));
}
