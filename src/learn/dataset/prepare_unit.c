/* SPDX-License-Identifier: MIT */
#include "learn/dataset/prepare_unit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "base/input_files.h"
#include "base/options.h"
#include "formats/json.h"
#include "formats/sha256.h"
#include "learn/dataset/cutting.h"
#include "learn/dataset/item_source.h"
#include "learn/dataset/labels.h"
#include "pipeline/flags.h"
#include "pipeline/report.h"
#include "pipeline/stage1.h"

#define KEY_VERSION 1 /* raised when the same input is prepared differently */

/* Where the gaps of a source come from. */
typedef enum gap_kind {
    GAPS_NONE,  /* every date is clear: only what is missing is a gap */
    GAPS_EXACT, /* masks that are taken as they are */
    GAPS_FLAGS  /* stage 1's flags: the network's or a scene classification's, dilated */
} gap_kind;

/* One source while it is cut. */
typedef struct cutting {
    clv_context *ctx;
    const clv_prepare_unit *unit;
    const clv_prepare_options *options;
    clv_set_shard *shard;
    clv_item_source source;
    gap_kind gaps;
    bool real_masks; /* not the network's: they give shapes */
    clv_outputs *set;
    clv_scratch *flags;
    clv_stage1_date *dates;
    float *x;         /* [4, 128, 128] */
    uint8_t *missing; /* [128, 128] */
    uint8_t *fine;    /* the gaps of a window in the working grid's pixels */
    uint8_t *shape;   /* [128, 128] */
    int16_t *values;  /* [dates, 4, 128, 128] */
    uint8_t *gap;     /* [dates, 128, 128] */
    double *days;     /* [dates] */
} cutting;

static clv_status out_of_memory(const cutting *c)
{
    return clv_fail_memory_for(c->ctx, c->unit->item->paths[c->unit->first]);
}

/* ---- Key --------------------------------------------------------------------------------------- */

static clv_status put_file(clv_context *ctx, clv_json_writer *w, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: %s", path, strerror(errno));
    clv_jw_string(w, path);
    clv_jw_integer(w, (int64_t)info.st_size);
    clv_jw_integer(w, (int64_t)info.st_mtim.tv_sec);
    clv_jw_integer(w, (int64_t)info.st_mtim.tv_nsec);
    return CLV_OK;
}

static clv_status put_model(clv_context *ctx, clv_json_writer *w, const clv_prepare_options *options)
{
    char *path = NULL;
    clv_status status = clv_engine_find_model(ctx, options->detect.model ? options->detect.model : "detect", &path);
    if (status == CLV_OK)
        status = put_file(ctx, w, path);
    free(path);
    clv_jw_number(w, options->detect.threshold);
    clv_jw_number(w, options->detect.shadow_threshold);
    clv_jw_bool(w, !options->detect.no_review);
    clv_jw_integer(w, options->detect.haze);
    char device[24];
    clv_jw_string(w, clv_device_name(&options->compute, device));
    clv_jw_string(w, clv_precision_name(options->compute.precision));
    return status;
}

clv_status clv_prepare_unit_key(clv_context *ctx, const clv_prepare_unit *unit, const clv_prepare_options *options,
                                char key[65])
{
    const clv_train_item *item = unit->item;
    clv_json_writer w = {0};
    char dilation[CLV_NUMBER_SIZE + 1];
    clv_status status = CLV_OK;
    clv_jw_array(&w);
    clv_jw_integer(&w, KEY_VERSION);
    clv_jw_string(&w, clv_version());
    clv_jw_integer(&w, item->kind);
    clv_jw_integer(&w, item->source);
    clv_jw_number(&w, item->tr);
    clv_jw_number(&w, item->pixel);
    clv_jw_number(&w, item->scale);
    clv_jw_number(&w, item->offset);
    for (int i = 0; i < item->band_count; i++)
        clv_jw_integer(&w, item->bands[i]);
    clv_jw_string(&w, item->use);
    clv_jw_integer(&w, options->stride);
    clv_jw_integer(&w, options->clear_dates);
    clv_dilation_text(&options->detect, dilation);
    clv_jw_string(&w, dilation);
    if (item->source == CLV_LABELS_NETWORK)
        status = put_model(ctx, &w, options);
    for (int i = 0; i < unit->count && status == CLV_OK; i++)
        status = put_file(ctx, &w, item->paths[unit->first + i]);
    for (int i = 0; i < item->label_count && status == CLV_OK; i++)
        status = put_file(ctx, &w, item->label_paths[i]);
    clv_jw_end(&w);
    char *text = clv_jw_take(&w);
    if (!text && status == CLV_OK)
        status = clv_fail_memory_for(ctx, item->paths[unit->first]);
    if (status == CLV_OK)
        clv_sha256(text, strlen(text), key);
    free(text);
    return status;
}

/* ---- Gaps -------------------------------------------------------------------------------------- */

static gap_kind gaps_of(const clv_train_item *item)
{
    switch (item->source) {
    case CLV_LABELS_MASK:
        return GAPS_EXACT;
    case CLV_LABELS_SCL:
    case CLV_LABELS_NETWORK:
        return GAPS_FLAGS;
    default:
        return GAPS_NONE;
    }
}

/* Runs stage 1 over the whole series. */
static clv_status find_gaps(cutting *c, const char *folder)
{
    clv_series *series = c->source.series;
    clv_stage1 stage = {.settings = &c->options->detect, .compute = &c->options->compute};
    clv_output_options output = c->options->output;
    output.path = folder;
    clv_status status = clv_outputs_new(c->ctx, &output, &c->set);
    if (status == CLV_OK)
        status = clv_scratch_new(c->set, &series->grid, GDT_Byte, series->dates, &c->flags);
    c->dates = clv_alloc_array((size_t)series->dates, 1, sizeof *c->dates);
    if (status == CLV_OK && !c->dates)
        status = out_of_memory(c);
    stage.flags = c->flags;
    stage.dates = c->dates;
    if (status == CLV_OK)
        status = clv_check_dilation(c->ctx, &c->options->detect, &series->grid);
    return status == CLV_OK ? clv_stage1_run(c->ctx, series, &stage) : status;
}

/* The gaps of date t, without what is missing, in the working grid's pixels. */
static clv_status read_fine(cutting *c, int t, clv_rect window)
{
    clv_rect fine = clv_item_source_fine(&c->source, window);
    size_t n = (size_t)fine.width * (size_t)fine.height;
    clv_status status = CLV_OK;
    memset(c->fine, 0, n);
    if (c->gaps == GAPS_EXACT)
        status = clv_series_read_mask(c->ctx, c->source.series, t, fine, c->fine);
    else if (c->gaps == GAPS_FLAGS)
        status = clv_flags_read(c->ctx, c->flags, &c->source.series->grid, t, &c->options->detect, fine, c->fine);
    for (size_t i = 0; i < n && c->gaps == GAPS_FLAGS; i++)
        c->fine[i] &= CLV_PIXEL_OCCLUDED;
    return status;
}

/* Reads date t of the window: c->x, and its gaps. */
static clv_status read_date(cutting *c, int t, clv_rect window, uint8_t *gap)
{
    int f = c->source.factor;
    clv_status status = clv_item_source_read(c->ctx, &c->source, t, window, c->x, c->missing);
    if (status == CLV_OK)
        status = read_fine(c, t, window);
    if (status != CLV_OK)
        return status;
    for (int i = 0; i < CLV_CUT_PIXELS; i++)
        gap[i] = c->missing[i] ? CLV_PIXEL_MISSING : 0;
    for (int y = 0; y < CLV_CUT_SIDE * f; y++)
        for (int x = 0; x < CLV_CUT_SIDE * f; x++)
            gap[y / f * CLV_CUT_SIDE + x / f] |= c->fine[(size_t)y * (size_t)(CLV_CUT_SIDE * f) + (size_t)x];
    return CLV_OK;
}

/* ---- Windows ----------------------------------------------------------------------------------- */

static bool nothing_seen(const uint8_t *gap)
{
    for (int i = 0; i < CLV_CUT_PIXELS; i++)
        if (!(gap[i] & CLV_PIXEL_MISSING))
            return false;
    return true;
}

static void note_date(clv_set_shard_sequence *sequence, const clv_date *date)
{
    char text[32];
    clv_date_format(date, text);
    text[10] = '\0';
    if (!sequence->first[0])
        memcpy(sequence->first, text, 11);
    memcpy(sequence->last, text, 11);
}

/* Cuts one window through all dates. Dates that do not show any of it are left out. */
static clv_status cut_window(cutting *c, clv_rect window)
{
    const clv_train_item *item = c->unit->item;
    clv_set_shard_sequence sequence = {.bands = c->source.bands, .x = window.x, .y = window.y};
    size_t values = (size_t)c->source.bands * CLV_CUT_PIXELS;
    for (int t = 0; t < c->source.series->dates; t++) {
        const clv_acquisition *date = &c->source.series->acquisitions[t];
        size_t k = (size_t)sequence.dates;
        uint8_t *gap = c->gap + k * CLV_CUT_PIXELS;
        if (!clv_train_item_uses(item, &date->facts.date))
            continue;
        clv_status status = read_date(c, t, window, gap);
        if (status == CLV_OK)
            status = clv_check_cancel(c->ctx);
        if (status != CLV_OK)
            return status;
        clv_cut_quantise(c->x, c->source.bands, gap, c->values + k * values);
        if (nothing_seen(gap))
            continue;
        c->days[k] = date->days;
        note_date(&sequence, &date->facts.date);
        sequence.clear_dates += clv_cut_cover(gap) < CLV_CUT_CLEAR_BELOW;
        sequence.dates++;
        if (c->real_masks && clv_cut_shape(gap, c->shape) &&
            (status = clv_set_shard_add_shape(c->shard, c->shape)) != CLV_OK)
            return status;
    }
    c->shard->windows++;
    if (sequence.clear_dates < (item->kind == CLV_ITEM_CLEAR ? 1 : c->options->clear_dates))
        return CLV_OK;
    return clv_set_shard_add(c->shard, &sequence, c->values, c->gap, c->days);
}

static clv_status cut_windows(cutting *c)
{
    int stride = c->options->stride, w = c->source.width, h = c->source.height;
    int nx = clv_cut_count(w, stride), ny = clv_cut_count(h, stride);
    clv_status status = CLV_OK;
    if (nx < 1 || ny < 1)
        return clv_fail(c->ctx, CLV_ERROR_FORMAT,
                        "%s: %dx%d pixels of %g m are less than a window of %dx%d; give a smaller tr=",
                        c->unit->item->paths[c->unit->first], w, h, c->source.pixel_m, CLV_CUT_SIDE, CLV_CUT_SIDE);
    for (int i = 0; i < nx * ny && status == CLV_OK; i++) {
        clv_rect window = {clv_cut_position(w, stride, i % nx), clv_cut_position(h, stride, i / nx), CLV_CUT_SIDE,
                           CLV_CUT_SIDE};
        status = cut_window(c, window);
    }
    return status;
}

static clv_status allocate(cutting *c)
{
    size_t dates = (size_t)c->source.series->dates, f = (size_t)c->source.factor;
    c->x = clv_alloc_array(4, CLV_CUT_PIXELS, sizeof *c->x);
    c->missing = clv_alloc_array(1, CLV_CUT_PIXELS, 1);
    c->shape = clv_alloc_array(1, CLV_CUT_PIXELS, 1);
    c->fine = clv_alloc_array(f * f, CLV_CUT_PIXELS, 1);
    c->values = clv_alloc_array(dates * 4, CLV_CUT_PIXELS, sizeof *c->values);
    c->gap = clv_alloc_array(dates, CLV_CUT_PIXELS, 1);
    c->days = clv_alloc_array(dates, 1, sizeof *c->days);
    return c->x && c->missing && c->shape && c->fine && c->values && c->gap && c->days ? CLV_OK : out_of_memory(c);
}

static void cutting_clear(cutting *c)
{
    clv_item_source_close(&c->source);
    clv_scratch_free(c->flags);
    clv_outputs_free(c->set);
    free(c->dates);
    free(c->x);
    free(c->missing);
    free(c->fine);
    free(c->shape);
    free(c->values);
    free(c->gap);
    free(c->days);
}

/* One series, cube or picture: the paths [first, first + count). */
static clv_status cut_source(clv_context *ctx, const clv_prepare_unit *unit, const clv_prepare_options *options,
                             const char *folder, clv_set_shard *shard)
{
    const clv_train_item *item = unit->item;
    cutting c = {.ctx = ctx, .unit = unit, .options = options, .shard = shard, .gaps = gaps_of(item)};
    c.real_masks = c.gaps != GAPS_NONE && item->source != CLV_LABELS_NETWORK;
    clv_status status = clv_item_source_open(ctx, item, unit->first, unit->count, c.gaps != GAPS_NONE, &c.source);
    if (status != CLV_OK)
        return status;
    shard->dates += c.source.series->dates;
    shard->pixel_m = c.source.pixel_m;
    if (c.gaps == GAPS_EXACT && !c.source.series->masks_cover_all) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: has no mask; use series with labels=network or labels=clear",
                          item->paths[unit->first]);
        goto cleanup;
    }
    if (c.gaps == GAPS_FLAGS && (status = find_gaps(&c, folder)) != CLV_OK)
        goto cleanup;
    if ((status = allocate(&c)) == CLV_OK)
        status = cut_windows(&c);
cleanup:
    cutting_clear(&c);
    return status;
}

/* ---- Shapes ------------------------------------------------------------------------------------ */

/* Reads pixels [x, x + w) x [y, y + h), in units of `factor` raster pixels, by majority. */
static clv_status read_voted(clv_context *ctx, const char *path, GDALDatasetH ds, int band, clv_rect r, int factor,
                             uint8_t *out)
{
    size_t row = (size_t)r.width * (size_t)factor;
    uint8_t *raw = clv_alloc_array(row, (size_t)r.height * (size_t)factor, 1);
    if (!raw)
        return clv_fail_memory_for(ctx, path);
    CPLErr error = GDALRasterIO(GDALGetRasterBand(ds, band), GF_Read, r.x * factor, r.y * factor, (int)row,
                                r.height * factor, raw, (int)row, r.height * factor, GDT_Byte, 0, 0);
    for (int y = 0; y < r.height && error == CE_None; y++)
        for (int x = 0; x < r.width; x++) {
            int votes[4] = {0};
            for (int i = 0; i < factor * factor; i++) {
                uint8_t v = raw[(size_t)(y * factor + i / factor) * row + (size_t)(x * factor + i % factor)];
                votes[v <= CLV_LABEL_SHADOW ? v : 3]++;
            }
            out[y * r.width + x] = clv_label_of_votes(votes);
        }
    free(raw);
    return error == CE_None ? CLV_OK : clv_fail(ctx, CLV_ERROR_READ, "%s: reading band %d failed", path, band);
}

/* All windows of one band; an axis shorter than a window is continued by its mirror image. */
static clv_status cut_shapes(clv_context *ctx, const char *path, GDALDatasetH ds, int band, int factor, int stride,
                             clv_set_shard *shard)
{
    uint8_t raster[CLV_CUT_PIXELS], gap[CLV_CUT_PIXELS], shape[CLV_CUT_PIXELS];
    int w = GDALGetRasterXSize(ds) / factor, h = GDALGetRasterYSize(ds) / factor;
    int nx = w < CLV_CUT_SIDE ? 1 : clv_cut_count(w, stride), ny = h < CLV_CUT_SIDE ? 1 : clv_cut_count(h, stride);
    clv_status status = clv_check_cancel(ctx);
    for (int i = 0; i < nx * ny && status == CLV_OK; i++) {
        clv_rect r = {w < CLV_CUT_SIDE ? 0 : clv_cut_position(w, stride, i % nx),
                      h < CLV_CUT_SIDE ? 0 : clv_cut_position(h, stride, i / nx), w < CLV_CUT_SIDE ? w : CLV_CUT_SIDE,
                      h < CLV_CUT_SIDE ? h : CLV_CUT_SIDE};
        status = read_voted(ctx, path, ds, band, r, factor, raster);
        if (status != CLV_OK)
            break;
        shard->windows++;
        clv_cut_mirrored(raster, r.width, r.height, 0, 0, gap);
        if (clv_cut_shape(gap, shape))
            status = clv_set_shard_add_shape(shard, shape);
    }
    return status;
}

static clv_status cut_shape_file(clv_context *ctx, const clv_prepare_unit *unit, int k, int stride,
                                 clv_set_shard *shard)
{
    const char *path = unit->item->paths[unit->first + k];
    clv_grid grid = {0};
    clv_input_files_add(ctx, path);
    GDALDatasetH ds = GDALOpen(path, GA_ReadOnly);
    if (!ds)
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: not a raster that GDAL can open", path);
    clv_status status = clv_grid_of_dataset(ctx, ds, &grid);
    double pixel = grid.pixel_m > 0 ? grid.pixel_m : unit->item->pixel;
    int factor = (int)fmax(1, floor(unit->item->tr / pixel + 0.5));
    shard->pixel_m = pixel * factor;
    if (status == CLV_OK && (grid.width / factor < CLV_MIN_SIDE || grid.height / factor < CLV_MIN_SIDE))
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: too small for a cloud shape at %g m", path, unit->item->tr);
    int bands = GDALGetRasterCount(ds);
    shard->dates += bands;
    for (int b = 1; b <= bands && status == CLV_OK; b++)
        status = cut_shapes(ctx, path, ds, b, factor, stride, shard);
    clv_grid_clear(&grid);
    GDALClose(ds);
    return status;
}

/* ---- All --------------------------------------------------------------------------------------- */

clv_status clv_prepare_unit_run(clv_context *ctx, const clv_prepare_unit *unit, const clv_prepare_options *options,
                                const char *folder, clv_set_shard *shard)
{
    clv_status status = CLV_OK;
    if (unit->item->kind == CLV_ITEM_SERIES)
        return cut_source(ctx, unit, options, folder, shard);
    for (int k = 0; k < unit->count && status == CLV_OK; k++) {
        clv_prepare_unit one = {unit->item, unit->first + k, 1};
        if (unit->item->kind == CLV_ITEM_SHAPES)
            status = cut_shape_file(ctx, unit, k, options->stride, shard);
        else
            status = cut_source(ctx, &one, options, folder, shard);
        if (status == CLV_OK)
            status = clv_progress(ctx, (k + 1.0) / unit->count);
    }
    return status;
}
