/* SPDX-License-Identifier: MIT */
#include "learn/dataset/item_source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "products/cube.h"

/* The multiple of the raster's pixel size that is nearest to `wanted` metres, at least one. 0 for a raster without
 * georeference: it is reduced when it is read. */
static double nearest_multiple(clv_context *ctx, const char *path, double wanted)
{
    double pixel = 0;
    clv_input_files_add(ctx, path);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    clv_grid grid = {0};
    if (ds && clv_grid_of_dataset(ctx, ds, &grid) == CLV_OK)
        pixel = grid.pixel_m;
    clv_grid_clear(&grid);
    if (ds)
        GDALClose(ds);
    return pixel > 0 ? pixel * fmax(1, floor(wanted / pixel + 0.5)) : 0;
}

/* A NULL-terminated copy of the pointers, as the options want it. */
static const char **list_of(char *const *paths, int count)
{
    const char **list = clv_alloc_array((size_t)count + 1, 1, sizeof *list);
    for (int i = 0; list && i < count; i++)
        list[i] = paths[i];
    return list;
}

static clv_status open_series(clv_context *ctx, const clv_train_item *item, int first, int count, bool with_masks,
                              clv_series **out)
{
    static const char *const made_up[] = {"2020-01-01", "2020-01-06", NULL}, *const one[] = {"2020-01-01", NULL};
    const char **masks = NULL;
    clv_detect_options defaults;
    clv_detect_options_init(&defaults);
    clv_input_options options = defaults.input;
    options.tr = item->kind == CLV_ITEM_CUBE ? 0 : nearest_multiple(ctx, item->paths[first], item->tr);
    options.in_scale = item->scale;
    options.in_offset = item->offset;
    options.bands = item->band_count ? item->bands : NULL;
    options.band_count = item->band_count;
    if (item->kind != CLV_ITEM_SERIES && item->kind != CLV_ITEM_CUBE)
        options.dates = count == 2 ? made_up : one;
    if (with_masks) {
        options.mask_mode = CLV_MASK_REPLACE;
        if (item->label_count && !(masks = list_of(item->label_paths, item->label_count)))
            return clv_fail_memory_for(ctx, item->paths[first]);
        *(item->source == CLV_LABELS_SCL ? &options.scls : &options.masks) = masks;
    }
    clv_status status = clv_series_open(ctx, (const char *const *)(item->paths + first), count, &options, out);
    free((void *)masks);
    return status;
}

clv_status clv_item_source_open(clv_context *ctx, const clv_train_item *item, int first, int count, bool with_masks,
                                clv_item_source *out)
{
    *out = (clv_item_source){0};
    out->minicube = item->kind == CLV_ITEM_CUBE && clv_cube_is_minicube(item->paths[first]);
    clv_status status = open_series(ctx, item, first, count, with_masks, &out->series);
    if (status != CLV_OK) {
        clv_item_source_close(out);
        return status;
    }
    const clv_grid *grid = &out->series->grid;
    bool located = grid->pixel_m > 0 && !out->minicube; /* whose pixels are 20 m but for the way it was made */
    double pixel = located ? grid->pixel_m : item->kind == CLV_ITEM_CUBE ? item->tr : item->pixel;
    out->factor = located ? 1 : (int)fmax(1, floor(item->tr / pixel + 0.5));
    out->width = grid->width / out->factor;
    out->height = grid->height / out->factor;
    out->bands = out->series->has_nir ? 4 : 3;
    out->pixel_m = pixel * out->factor;
    return CLV_OK;
}

void clv_item_source_close(clv_item_source *source)
{
    clv_series_free(source->series);
    *source = (clv_item_source){0};
}

clv_rect clv_item_source_fine(const clv_item_source *source, clv_rect window)
{
    int f = source->factor;
    return (clv_rect){window.x * f, window.y * f, window.width * f, window.height * f};
}

clv_status clv_item_source_read(clv_context *ctx, clv_item_source *source, int t, clv_rect window, float *x,
                                uint8_t *missing)
{
    clv_rect fine = clv_item_source_fine(source, window);
    size_t n = (size_t)window.width * (size_t)window.height, m = (size_t)fine.width * (size_t)fine.height;
    float *all = clv_alloc_array((size_t)source->series->channels, m, sizeof *all);
    uint8_t *none = clv_alloc_array(m, 1, 1);
    clv_status status = all && none ? clv_series_read(ctx, source->series, t, fine, all, none)
                                    : clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for training pictures");
    for (int c = 0; c < source->bands && status == CLV_OK; c++) {
        if (source->factor > 1) {
            clv_block_mean(all + (size_t)c * m, none, window.width, window.height, source->factor, x + (size_t)c * n,
                           missing);
        } else {
            memcpy(x + (size_t)c * n, all + (size_t)c * n, n * sizeof *x);
            memcpy(missing, none, n);
        }
    }
    free(all);
    free(none);
    return status;
}
