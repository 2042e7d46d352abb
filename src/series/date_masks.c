/* SPDX-License-Identifier: MIT
 *
 * The masks of a date, those that came with it and those of -mask and -scl: opening them, reading a window of them.
 */
#include "series/series.h"

#include <string.h>

#include "series/date_files.h"
#include "series/masks.h"
#include "series/series_private.h"

/* A mask that came with the date: a file of its own, or a band of the date's. A handle of its own either way, as masks
 * may be read while the pictures are; the bands of one file share it. */
static clv_status open_native_mask(clv_context *ctx, clv_series *series, int t, clv_date_files *f,
                                   const clv_date_mask *native)
{
    const clv_date_facts *facts = &series->acquisitions[t].facts;
    const char *source = series->acquisitions[t].source, *name = native->name ? native->name : source;
    clv_open_options how = series->private_data->open_options;
    clv_mask *mask = &f->masks[f->mask_count];
    GDALDatasetH ds = NULL;
    for (int m = 0; m < f->mask_count && !native->name; m++)
        if (f->masks[m].name == source && f->masks[m].dataset != f->memory_mask)
            ds = f->masks[m].dataset;
    const bool shared = ds;
    how.overview = CLV_OVERVIEW_NONE;
    clv_status status = shared                        ? CLV_OK
                        : facts->vrt && !native->name ? clv_bundle_open(ctx, facts->vrt, name, &ds)
                                                      : clv_raster_open(ctx, !native->name && f->copy ? f->copy : name,
                                                                        clv_mask_is_joined(name) ? NULL : &how, &ds);
    if (status != CLV_OK)
        return status;
    status =
        clv_mask_of_dataset(ctx, name, ds, native->kind, native->band, &f->native, &series->private_data->whole, mask);
    if (status != CLV_OK) {
        if (!shared)
            GDALClose(ds);
        return status;
    }
    mask->owns_dataset = !shared;
    f->mask_count++;
    if (!shared)
        clv_date_files_count_open(series, t);
    return CLV_OK;
}

static clv_status open_masks(clv_context *ctx, clv_series *series, int t, clv_date_files *f)
{
    const clv_acquisition *a = &series->acquisitions[t];
    const clv_grid *whole = &series->private_data->whole;
    clv_open_options how = series->private_data->open_options;
    clv_status status = CLV_OK;
    if (f->masks_open)
        return CLV_OK;
    how.overview = CLV_OVERVIEW_NONE; /* a mask may be finer than its input */
    if (f->memory_mask && !(series->mask_mode == CLV_MASK_REPLACE && (f->mask || f->scl))) {
        status = clv_mask_of_dataset(ctx, a->source, f->memory_mask, a->facts.cube_mask, 1, &f->native, whole,
                                     &f->masks[f->mask_count]);
        f->mask_count += status == CLV_OK;
    }
    for (int m = 0; m < a->facts.mask_count && status == CLV_OK; m++)
        status = open_native_mask(ctx, series, t, f, &a->facts.masks[m]);
    f->own_masks = f->mask_count;
    if (status == CLV_OK && f->mask) {
        status = clv_mask_open(ctx, f->mask, &how, CLV_MASK_KIND_PLAIN, f->mask_band, &f->native, whole,
                               &f->masks[f->mask_count]);
        f->mask_count += status == CLV_OK;
        if (status == CLV_OK)
            clv_date_files_count_open(series, t);
    }
    if (status == CLV_OK && f->scl) {
        status = clv_mask_open(ctx, f->scl, &how, CLV_MASK_KIND_SCL, f->scl_band, &f->native, whole,
                               &f->masks[f->mask_count]);
        f->mask_count += status == CLV_OK;
        if (status == CLV_OK)
            clv_date_files_count_open(series, t);
    }
    f->masks_open = status == CLV_OK;
    return status;
}

clv_status clv_series_read_mask_whole(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *mask)
{
    memset(mask, 0, clv_area(window.width, window.height));
    clv_date_files *f = clv_date_files_begin(series, t);
    clv_status status = open_masks(ctx, series, t, f);
    for (int m = 0; m < f->mask_count && status == CLV_OK; m++)
        status = clv_mask_read(ctx, &f->masks[m], window, mask);
    clv_date_files_end(series, t);
    return status;
}

clv_status clv_series_read_mask(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *mask)
{
    clv_status status = clv_series_check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    return status == CLV_OK ? clv_series_read_mask_whole(ctx, series, t, clv_series_on_whole(series, window), mask)
                            : status;
}

clv_status clv_series_read_masks(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *own,
                                 uint8_t *given)
{
    clv_status status = clv_series_check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    if (status != CLV_OK)
        return status;
    const clv_rect whole = clv_series_on_whole(series, window);
    memset(own, 0, clv_area(window.width, window.height));
    memset(given, 0, clv_area(window.width, window.height));
    clv_date_files *f = clv_date_files_begin(series, t);
    status = open_masks(ctx, series, t, f);
    for (int m = 0; m < f->mask_count && status == CLV_OK; m++)
        status = clv_mask_read(ctx, &f->masks[m], whole, m < f->own_masks ? own : given);
    clv_date_files_end(series, t);
    return status;
}

bool clv_series_has_own_mask(const clv_series *series, int t)
{
    const clv_date_files *f = &series->private_data->files[t];
    const bool cube = f->memory_mask && !(series->mask_mode == CLV_MASK_REPLACE && (f->mask || f->scl));
    return cube || series->acquisitions[t].facts.mask_count > 0;
}
