/* SPDX-License-Identifier: MIT */
#include "learn/dataset/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "image/lower_median.h"
#include "learn/dataset/item_source.h"
#include "image/pixel_state.h"
#include "learn/dataset/labels.h"

#define PLANES 4
#define MIN_DIFFERENCE_CLOUD 25 /* pixels; smaller bright changes are rather roofs and fields than clouds */

static void place_clear(clv_place *place)
{
    free(place->name);
    free(place->x);
    free(place->missing);
    free(place->label);
    free(place->use);
    free(place->reference);
}

void clv_places_free(clv_places *places)
{
    if (!places)
        return;
    for (int i = 0; i < places->count; i++)
        place_clear(&places->items[i]);
    free(places->items);
    free(places);
}

static size_t place_pixels(const clv_place *place)
{
    return (size_t)place->width * (size_t)place->height;
}

static clv_picture picture_of(const clv_place *place, int t)
{
    size_t n = place_pixels(place);
    return (clv_picture){place->x + (size_t)t * PLANES * n,
                         place->reference,
                         place->missing + (size_t)t * n,
                         place->width,
                         place->height,
                         place->has_nir};
}

/* ---- Pictures ---------------------------------------------------------------------------------- */

static clv_status out_of_memory(clv_context *ctx, const clv_train_item *item)
{
    return clv_fail_memory_for(ctx, item->paths[0]);
}

static clv_status allocate(clv_context *ctx, const clv_train_item *item, clv_place *place)
{
    size_t n = place_pixels(place), dates = (size_t)place->dates;
    place->x = clv_alloc_array(dates * PLANES, n, sizeof *place->x);
    place->missing = clv_alloc_array(dates, n, 1);
    place->label = clv_alloc_array(dates, n, 1);
    place->use = clv_alloc_array(dates, 1, 1);
    if (!place->x || !place->missing || !place->label || !place->use)
        return out_of_memory(ctx, item);
    memset(place->label, CLV_LABEL_UNKNOWN, dates * n);
    return CLV_OK;
}

/* Takes size and pixels over from the source. */
static clv_status fill_place(clv_context *ctx, const clv_train_item *item, clv_item_source *source, clv_place *place)
{
    place->name = clv_strdup(item->place);
    place->dates = source->series->dates;
    place->width = source->width;
    place->height = source->height;
    place->pixel_m = source->pixel_m;
    place->has_nir = source->series->has_nir;
    place->hold = item->hold;
    place->weight = item->weight;
    if (!place->name)
        return out_of_memory(ctx, item);
    if (place->width < CLV_MIN_SIDE || place->height < CLV_MIN_SIDE)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %dx%d pixels at %g m are too few to learn from", item->paths[0],
                        place->width, place->height, place->pixel_m);
    clv_status status = allocate(ctx, item, place);
    clv_rect all = {0, 0, place->width, place->height};
    size_t n = place_pixels(place);
    for (int t = 0; t < place->dates && status == CLV_OK; t++)
        status = clv_item_source_read(ctx, source, t, all, place->x + (size_t)t * PLANES * n,
                                      place->missing + (size_t)t * n);
    return status;
}

static clv_status make_reference(clv_context *ctx, const clv_train_item *item, clv_place *place)
{
    size_t n = place_pixels(place);
    place->reference = clv_alloc_array(PLANES, n, sizeof *place->reference);
    if (!place->reference)
        return out_of_memory(ctx, item);
    if (item->kind == CLV_ITEM_PAIR)
        memcpy(place->reference, place->x, PLANES * n * sizeof *place->reference);
    else
        clv_lower_median(place->x, place->missing, place->dates, PLANES, (int)n, place->reference, NULL);
    return CLV_OK;
}

/* ---- Labels ------------------------------------------------------------------------------------ */

static void count_vote(clv_label_source source, uint8_t value, int votes[4])
{
    uint8_t label = source == CLV_LABELS_SCL ? clv_label_of_scl(value) : value;
    votes[label <= CLV_LABEL_SHADOW ? label : 3]++;
}

/* Label rasters may be finer than the place by an integer factor: each block votes. scl (may be NULL) keeps the
 * first class. */
static void vote_labels(clv_label_source source, const uint8_t *raster, int raster_width, int factor,
                        const clv_place *place, uint8_t *label, uint8_t *scl)
{
    for (int y = 0; y < place->height; y++)
        for (int x = 0; x < place->width; x++) {
            int votes[4] = {0};
            size_t first = ((size_t)y * (size_t)raster_width + (size_t)x) * (size_t)factor;
            const uint8_t *block = raster + first;
            for (int v = 0; v < factor; v++)
                for (int u = 0; u < factor; u++)
                    count_vote(source, block[(size_t)v * (size_t)raster_width + (size_t)u], votes);
            label[(size_t)y * (size_t)place->width + (size_t)x] = clv_label_of_votes(votes);
            if (scl)
                scl[(size_t)y * (size_t)place->width + (size_t)x] = block[0];
        }
}

/* How many label pixels a pixel of the place spans: by pixel size where the file has a CRS, else by the
 * sizes. */
static clv_status label_factor(clv_context *ctx, GDALDatasetH ds, const clv_place *place, int *factor)
{
    clv_grid grid = {0};
    clv_status status = clv_grid_of_dataset(ctx, ds, &grid);
    if (status != CLV_OK)
        return status;
    double ratio = grid.wkt && grid.pixel_m > 0 ? place->pixel_m / grid.pixel_m : (double)grid.width / place->width;
    *factor = ratio < 1000 ? (int)floor(ratio + 0.5) : 0;
    clv_grid_clear(&grid);
    return CLV_OK;
}

/* Reads a label file that covers the place at its own pixel size or finer by an integer factor: its only band, or that
 * of date `step` (from 0) where there is a band for each. */
static clv_status read_labels(clv_context *ctx, const char *path, int step, clv_label_source source,
                              const clv_place *place, uint8_t *label, uint8_t *scl)
{
    clv_status status = CLV_OK;
    uint8_t *raster = NULL;
    clv_input_files_add(ctx, path);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    if (!ds)
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: not a raster that GDAL can open", path);
    int w = GDALGetRasterXSize(ds), h = GDALGetRasterYSize(ds), factor = 0;
    status = label_factor(ctx, ds, place, &factor);
    if (status != CLV_OK)
        goto cleanup;
    const int bands = GDALGetRasterCount(ds);
    if (bands < 1 || (bands > 1 && step >= bands)) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %d bands of labels, date %d is wanted", path, bands, step + 1);
        goto cleanup;
    }
    /* Places are rounded up or down to whole blocks. */
    if (factor < 1 || abs(factor * place->width - w) >= factor || abs(factor * place->height - h) >= factor) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %dx%d labels do not lie on a picture of %dx%d pixels", path, w, h,
                          place->width, place->height);
        goto cleanup;
    }
    int padded_w = factor * place->width, padded_h = factor * place->height;
    int read_w = w < padded_w ? w : padded_w, read_h = h < padded_h ? h : padded_h;
    raster = clv_alloc_array((size_t)padded_w, (size_t)padded_h, 1);
    if (!raster) {
        status = clv_fail_memory_for(ctx, path);
        goto cleanup;
    }
    memset(raster, source == CLV_LABELS_SCL ? 0 : CLV_LABEL_UNKNOWN, (size_t)padded_w * (size_t)padded_h);
    if (GDALRasterIO(GDALGetRasterBand(ds, bands > 1 ? step + 1 : 1), GF_Read, 0, 0, read_w, read_h, raster, read_w,
                     read_h, GDT_Byte, 1, padded_w) != CE_None) {
        status = clv_fail(ctx, CLV_ERROR_READ, "%s: reading the labels failed", path);
        goto cleanup;
    }
    vote_labels(source, raster, padded_w, factor, place, label, scl);
cleanup:
    free(raster);
    GDALClose(ds);
    return status;
}

static void drop_missing(const clv_place *place, int t)
{
    size_t n = place_pixels(place);
    uint8_t *label = place->label + (size_t)t * n;
    const uint8_t *missing = place->missing + (size_t)t * n;
    for (size_t i = 0; i < n; i++)
        if (missing[i])
            label[i] = CLV_LABEL_UNKNOWN;
}

/* Shadows of classes= for a mask that people drew. */
static clv_status take_shadows(clv_context *ctx, const clv_train_item *item, const clv_place *place, uint8_t *label)
{
    const size_t n = place_pixels(place);
    uint8_t *classes = clv_alloc_array(n, 1, 1);
    if (!classes)
        return out_of_memory(ctx, item);
    clv_status status = read_labels(ctx, item->label_paths[0], 0, CLV_LABELS_CLASSES, place, classes, NULL);
    if (status == CLV_OK)
        clv_labels_take_shadows(classes, (int)n, label);
    free(classes);
    return status;
}

static clv_status label_from_file(clv_context *ctx, const clv_train_item *item, const char *path, int step,
                                  clv_place *place, int t)
{
    size_t n = place_pixels(place);
    uint8_t *label = place->label + (size_t)t * n, *scl = NULL;
    clv_picture picture = picture_of(place, t);
    if (item->source == CLV_LABELS_SCL && !(scl = clv_alloc_array(n, 1, 1)))
        return out_of_memory(ctx, item);
    clv_status status = read_labels(ctx, path, step, item->source, place, label, scl);
    if (status == CLV_OK && item->source == CLV_LABELS_CLASSES &&
        (clv_labels_check_classes(&picture, MIN_DIFFERENCE_CLOUD, label) != 0 ||
         clv_labels_add_rims(&picture, label) != 0))
        status = out_of_memory(ctx, item);
    if (status == CLV_OK && scl) {
        clv_labels_check_scl(&picture, scl, label);
        if (clv_labels_add_rims(&picture, label) != 0)
            status = out_of_memory(ctx, item);
    }
    drop_missing(place, t);
    if (status == CLV_OK && item->shadow_unknown && clv_labels_drop_dark(&picture, label) != 0)
        status = out_of_memory(ctx, item);
    if (status == CLV_OK && item->kind == CLV_ITEM_LABELS && item->label_count)
        status = take_shadows(ctx, item, place, label);
    if (status == CLV_OK && item->label_buffer > 0 && clv_labels_drop_rims(&picture, item->label_buffer, label) != 0)
        status = out_of_memory(ctx, item);
    free(scl);
    return status;
}

/* Labels of date t of a cube: its own masks. EarthNet2021's know one class for clouds and shadows. */
static clv_status label_of_cube(clv_context *ctx, clv_item_source *source, clv_place *place, int t)
{
    size_t n = place_pixels(place);
    clv_picture picture = picture_of(place, t);
    uint8_t *label = place->label + (size_t)t * n;
    clv_rect all = {0, 0, place->width, place->height};
    place->use[t] = CLV_USE_LABELS;
    clv_status status = clv_series_read_mask(ctx, source->series, t, clv_item_source_fine(source, all), label);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        if (label[i] == CLV_PIXEL_MISSING)
            label[i] = CLV_LABEL_UNKNOWN;
    if (status == CLV_OK && !source->minicube)
        clv_labels_part_shadows(&picture, label);
    drop_missing(place, t);
    return status;
}

/* The cloudy half of a pair with classes=. */
static clv_status label_pair(clv_context *ctx, const clv_train_item *item, clv_place *place)
{
    clv_train_item classes = *item;
    classes.source = CLV_LABELS_CLASSES;
    place->use[1] = CLV_USE_LABELS;
    return label_from_file(ctx, &classes, item->label_paths[0], 0, place, 1);
}

/* Labels of date t, which came from the item's input `input`. */
static clv_status label_date(clv_context *ctx, const clv_train_item *item, int input, int step, clv_place *place, int t)
{
    size_t n = place_pixels(place);
    if (item->kind == CLV_ITEM_PAIR && t == 1 && item->label_count)
        return label_pair(ctx, item, place);
    clv_picture picture = picture_of(place, t);
    switch (item->source) {
    case CLV_LABELS_SCL:
    case CLV_LABELS_MASK:
    case CLV_LABELS_CLASSES:
        place->use[t] = CLV_USE_LABELS;
        if (item->kind == CLV_ITEM_LABELS)
            return label_from_file(ctx, item, item->paths[1], 0, place, t);
        if (input < 0 || input >= item->label_count)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: one label file for each date is needed", item->paths[0]);
        return label_from_file(ctx, item, item->label_paths[input], step, place, t);
    case CLV_LABELS_DIFFERENCE:
        /* The clear half of a pair is ground for simulated clouds. */
        place->use[t] = item->kind == CLV_ITEM_PAIR && t == 0 ? CLV_USE_GROUND : CLV_USE_LABELS;
        if (!place->reference)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: labels=difference needs several dates", item->paths[0]);
        if (clv_labels_of_difference(&picture, MIN_DIFFERENCE_CLOUD, place->label + (size_t)t * n) != 0 ||
            clv_labels_add_rims(&picture, place->label + (size_t)t * n) != 0)
            return out_of_memory(ctx, item);
        return CLV_OK;
    default:
        place->use[t] = CLV_USE_GROUND;
        memset(place->label + (size_t)t * n, CLV_LABEL_CLEAR, n);
        drop_missing(place, t);
        return CLV_OK;
    }
}

/* ---- Places ------------------------------------------------------------------------------------ */

/* One place of the item's paths [first, first + count). */
static clv_status open_place(clv_context *ctx, const clv_train_item *item, int first, int count, clv_place *place)
{
    clv_item_source source;
    *place = (clv_place){0};
    bool cube = item->kind == CLV_ITEM_CUBE;
    clv_status status = clv_item_source_open(ctx, item, first, count, cube, &source);
    if (status == CLV_OK && cube && source.factor != 1)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "%s: cubes are learned from at their own pixel size; leave out tr=", item->paths[first]);
    if (status == CLV_OK)
        status = fill_place(ctx, item, &source, place);
    if (status == CLV_OK && place->dates > 1)
        status = make_reference(ctx, item, place);
    for (int t = 0; status == CLV_OK && t < place->dates; t++)
        if (clv_train_item_uses(item, &source.series->acquisitions[t].facts.date))
            status = cube ? label_of_cube(ctx, &source, place, t)
                          : label_date(ctx, item, source.series->acquisitions[t].input,
                                       source.series->acquisitions[t].step, place, t);
    clv_item_source_close(&source);
    if (status != CLV_OK)
        place_clear(place);
    return status;
}

static clv_status append_place(clv_context *ctx, clv_places *places, clv_place *place)
{
    clv_place *grown = realloc(places->items, ((size_t)places->count + 1) * sizeof *grown);
    if (!grown) {
        place_clear(place);
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory while reading training pictures");
    }
    places->items = grown;
    grown[places->count++] = *place;
    return CLV_OK;
}

static clv_status open_item(clv_context *ctx, const clv_train_item *item, clv_places *places)
{
    clv_status status = CLV_OK;
    if (item->kind == CLV_ITEM_SHAPES || item->source == CLV_LABELS_NETWORK)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "%s: shapes and labels=network are for \"clearvision prepare\", not for train detect",
                        item->paths[0]);
    bool single = item->kind == CLV_ITEM_CLEAR || item->kind == CLV_ITEM_CUBE;
    int pieces = single ? item->path_count : 1;
    int each = single || item->kind == CLV_ITEM_LABELS ? 1 : item->path_count;
    for (int k = 0; k < pieces && status == CLV_OK; k++) {
        clv_place place;
        status = open_place(ctx, item, k, each, &place);
        if (status != CLV_OK)
            break;
        place.weight = item->weight / pieces;
        status = append_place(ctx, places, &place);
    }
    return status;
}

clv_status clv_places_open(clv_context *ctx, const clv_train_list *list, clv_places **out)
{
    clv_places *places = calloc(1, sizeof *places);
    *out = NULL;
    if (!places)
        return clv_fail_memory_for(ctx, list->name);
    for (int i = 0; i < list->count; i++) {
        clv_status status = clv_check_cancel(ctx);
        if (status == CLV_OK)
            status = open_item(ctx, &list->items[i], places);
        if (status != CLV_OK) {
            clv_places_free(places);
            return status;
        }
    }
    *out = places;
    return CLV_OK;
}

clv_status clv_places_join(clv_context *ctx, clv_places *places, clv_places *more)
{
    clv_status status = CLV_OK;
    clv_place *grown = realloc(places->items, ((size_t)places->count + (size_t)more->count + 1) * sizeof *grown);
    if (!grown) {
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory while reading training pictures");
    } else {
        places->items = grown;
        memcpy(grown + places->count, more->items, (size_t)more->count * sizeof *grown);
        places->count += more->count;
        more->count = 0;
    }
    clv_places_free(more);
    return status;
}
