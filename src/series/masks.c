/* SPDX-License-Identifier: MIT */
#include "series/masks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/pixel_type.h"
#include "raster/regrid.h"
#include "series/dataset.h"

#define MAX_REFINEMENT 16
#define CHUNK_BYTES ((size_t)16 << 20)

/* The mask seen with a georeference that it lacks. */
static GDALDatasetH lend_georeference(GDALDatasetH ds, const clv_grid *grid)
{
    GDALDriverH vrt = GDALGetDriverByName("VRT");
    GDALDatasetH copy = vrt ? GDALCreateCopy(vrt, "", ds, FALSE, NULL, NULL, NULL) : NULL;
    if (copy) {
        GDALSetGeoTransform(copy, (double *)grid->transform);
        if (grid->wkt)
            GDALSetProjection(copy, grid->wkt);
    }
    return copy;
}

/* The working grid with pixels 1/factor as wide. */
static clv_status refine(const clv_grid *grid, int factor, clv_grid *out)
{
    clv_status status = clv_grid_copy(grid, out);
    if (status != CLV_OK)
        return status;
    out->width *= factor;
    out->height *= factor;
    for (int i = 1; i < 6; i++)
        if (i != 3)
            out->transform[i] /= factor;
    return CLV_OK;
}

static clv_status make_view(clv_context *ctx, const char *name, GDALDatasetH source, const clv_grid *grid,
                            const clv_grid *working, clv_mask *mask)
{
    double relative = clv_grid_relative_pixel(grid, working);
    int factor = relative > 0 && relative < 0.75 ? (int)fmin(MAX_REFINEMENT, ceil(1 / relative)) : 1;
    clv_grid fine = {0};
    if (!clv_grids_overlap(grid, working))
        clv_warn(ctx, "%s: this mask does not touch the series' area", name);
    if (refine(working, factor, &fine) != CLV_OK)
        return clv_fail_memory(ctx);
    clv_regrid_options options = {.resampling = GRA_NearestNeighbour,
                                  .bands = &mask->band,
                                  .band_count = 1,
                                  .background = clv_mask_kind_clear_value(mask->kind)};
    clv_status status = clv_regrid_open(ctx, name, source, &fine, &options, &mask->view);
    mask->factor = factor;
    clv_grid_clear(&fine);
    return status;
}

clv_status clv_mask_of_dataset(clv_context *ctx, const char *name, GDALDatasetH ds, clv_mask_kind kind, int band,
                               const clv_grid *native, const clv_grid *working, clv_mask *out)
{
    clv_grid grid = {0};
    *out = (clv_mask){.name = name, .kind = kind, .band = band, .dataset = ds};
    int bands = GDALGetRasterCount(ds);
    if (band > bands)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: has %d bands; a mask needs one band a date of its input", name,
                        bands);
    clv_pixel_type type;
    if (!clv_pixel_type_of(GDALGetRasterBand(ds, band), &type))
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: a mask of type %s cannot be used", name,
                        GDALGetDataTypeName(GDALGetRasterDataType(GDALGetRasterBand(ds, band))));
    clv_status status = clv_grid_of_dataset(ctx, ds, &grid);
    if (status != CLV_OK)
        goto cleanup;
    bool lent = !grid.has_transform && native->has_transform;
    if (grid.has_transform && !native->has_transform)
        lent = grid.width == native->width &&
               grid.height == native->height; /* a picture's mask with a georeference of its own */
    if (lent) {
        if (grid.width != native->width || grid.height != native->height) {
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                              "%s: has no georeference and is not of its input's size (%dx%d, not %dx%d)", name,
                              grid.width, grid.height, native->width, native->height);
            goto cleanup;
        }
        clv_grid_clear(&grid);
        if (clv_grid_copy(native, &grid) != CLV_OK) {
            status = clv_fail_memory(ctx);
            goto cleanup;
        }
    }
    if (clv_grid_fits(&grid, working, &out->factor, &out->xoff, &out->yoff))
        goto cleanup;
    if (!working->has_transform || !grid.has_transform) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "%s: the mask has %dx%d pixels, the series %dx%d, and there is no georeference", name,
                          grid.width, grid.height, working->width, working->height);
        goto cleanup;
    }
    if (lent) {
        GDALDatasetH placed = lend_georeference(ds, &grid);
        if (!placed) {
            status = clv_fail_memory_for(ctx, name);
            goto cleanup;
        }
        status = make_view(ctx, name, placed, &grid, working, out);
        GDALReleaseDataset(placed); /* the view holds it */
    } else {
        status = make_view(ctx, name, ds, &grid, working, out);
    }

cleanup:
    clv_grid_clear(&grid);
    if (status != CLV_OK)
        clv_mask_close(out);
    return status;
}

clv_status clv_mask_open(clv_context *ctx, const char *name, const clv_open_options *how, clv_mask_kind kind, int band,
                         const clv_grid *native, const clv_grid *working, clv_mask *out)
{
    GDALDatasetH ds;
    *out = (clv_mask){0};
    clv_status status = clv_raster_open(ctx, name, clv_mask_is_joined(name) ? NULL : how, &ds);
    if (status != CLV_OK)
        return status;
    status = clv_mask_of_dataset(ctx, name, ds, kind, band, native, working, out);
    if (status == CLV_OK)
        out->owns_dataset = true;
    else
        GDALClose(ds);
    return status;
}

void clv_mask_close(clv_mask *mask)
{
    if (mask->view)
        GDALClose(mask->view);
    if (mask->owns_dataset && mask->dataset)
        GDALClose(mask->dataset);
    *mask = (clv_mask){0};
}

/* ---- Reading ----------------------------------------------------------------------------------- */

_Static_assert((int)CLV_MASK_FLAG_CLOUD == CLV_PIXEL_CLOUD && (int)CLV_MASK_FLAG_SHADOW == CLV_PIXEL_SHADOW &&
                   (int)CLV_MASK_FLAG_MISSING == CLV_PIXEL_MISSING,
               "what masks flag are pixel states");

/* Beside the flags while one mask is read, whose rows may end within a working pixel. */
enum { FILL = 64, OTHER = 128 };

/* Rows [from, to) of the window: the mask pixels `part` (inside the raster) are in values, row by row. */
static void spread(const clv_mask *mask, clv_rect window, clv_rect part, const float *values, uint8_t *flags)
{
    for (int y = 0; y < part.height; y++) {
        int wy = (part.y + y - mask->yoff) / mask->factor - window.y;
        for (int x = 0; x < part.width; x++) {
            int wx = (part.x + x - mask->xoff) / mask->factor - window.x;
            uint8_t *flag = &flags[(size_t)wy * (size_t)window.width + (size_t)wx];
            const uint8_t f = clv_mask_kind_flag(mask->kind, values[(size_t)y * (size_t)part.width + (size_t)x]);
            if (f == CLV_MASK_FLAG_MISSING)
                *flag |= FILL;
            else
                *flag = (uint8_t)(clv_mask_flag_join(*flag & CLV_PIXEL_GAP, f) | (*flag & FILL) | OTHER);
        }
    }
}

static void settle_fill(uint8_t *flags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const bool missing = (flags[i] & FILL) && !(flags[i] & OTHER);
        flags[i] = clv_mask_flag_join(flags[i] & CLV_PIXEL_GAP, missing ? CLV_PIXEL_MISSING : 0);
    }
}

clv_status clv_mask_read(clv_context *ctx, const clv_mask *mask, clv_rect window, uint8_t *flags)
{
    GDALRasterBandH band = GDALGetRasterBand(mask->view ? mask->view : mask->dataset, mask->view ? 1 : mask->band);
    clv_rect raster = {0, 0, GDALGetRasterBandXSize(band), GDALGetRasterBandYSize(band)};
    clv_rect wanted = {mask->xoff + window.x * mask->factor, mask->yoff + window.y * mask->factor,
                       window.width * mask->factor, window.height * mask->factor};
    clv_rect all = clv_rect_intersect(raster, wanted);
    if (all.width <= 0 || all.height <= 0)
        return CLV_OK;
    size_t row = (size_t)all.width * sizeof(float);
    int rows = row >= CHUNK_BYTES ? 1 : (int)(CHUNK_BYTES / row);
    if (rows > all.height)
        rows = all.height;
    float *values = clv_alloc_array((size_t)rows, (size_t)all.width, sizeof *values);
    clv_status status = values ? CLV_OK : clv_fail_memory(ctx);
    for (int y = 0; y < all.height && status == CLV_OK; y += rows) {
        clv_rect part = {all.x, all.y + y, all.width, all.height - y < rows ? all.height - y : rows};
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        CPLErr error = GDALRasterIO(band, GF_Read, part.x, part.y, part.width, part.height, values, part.width,
                                    part.height, GDT_Float32, 0, 0);
        if (clv_gdal_errors_end(&errors) || error != CE_None)
            status = clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", mask->name, clv_gdal_errors_text(&errors));
        else
            spread(mask, window, part, values, flags);
    }
    settle_fill(flags, (size_t)window.width * (size_t)window.height);
    free(values);
    return status;
}
