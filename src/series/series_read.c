/* SPDX-License-Identifier: MIT
 *
 * Reading windows of a series; opening and closing the files behind it.
 */
#include "series/series.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/pixel_type.h"
#include "raster/regrid.h"
#include "series/series_private.h"

#define CHUNK_BYTES ((size_t)48 << 20) /* buffers of one read */

/* ---- Files ------------------------------------------------------------------------------------- */

void clv_series_close_files(clv_date_files *f)
{
    for (int m = 0; m < f->mask_count; m++)
        clv_mask_close(&f->masks[m]);
    f->mask_count = 0;
    f->masks_open = false;
    if (f->view)
        GDALClose(f->view);
    if (f->image)
        GDALClose(f->image);
    f->view = f->image = NULL;
    f->open = 0;
}

/* Closes idle dates until there is room for what one date may open. With the lock held. */
static void make_room(clv_series *series)
{
    struct clv_series_private *p = series->private_data;
    while (p->total > CLV_MAX_OPEN - CLV_DATE_MASKS - 2) {
        int oldest = -1;
        for (int t = 0; t < series->dates; t++) {
            const clv_date_files *f = &p->files[t];
            if (f->open > 0 && f->users == 0 && (oldest < 0 || f->used < p->files[oldest].used))
                oldest = t;
        }
        if (oldest < 0)
            return;
        p->total -= p->files[oldest].open;
        clv_series_close_files(&p->files[oldest]);
    }
}

static clv_date_files *begin_use(clv_series *series, int t)
{
    struct clv_series_private *p = series->private_data;
    pthread_mutex_lock(&p->lock);
    clv_date_files *f = &p->files[t];
    f->users++;
    f->used = ++p->clock;
    make_room(series);
    pthread_mutex_unlock(&p->lock);
    return f;
}

static void end_use(clv_series *series, int t)
{
    struct clv_series_private *p = series->private_data;
    pthread_mutex_lock(&p->lock);
    p->files[t].users--;
    pthread_mutex_unlock(&p->lock);
}

static void count_open(clv_series *series, int t)
{
    struct clv_series_private *p = series->private_data;
    pthread_mutex_lock(&p->lock);
    p->files[t].open++;
    p->total++;
    pthread_mutex_unlock(&p->lock);
}

void clv_series_adopt(clv_series *series, int t, GDALDatasetH image)
{
    series->private_data->files[t].image = image;
    count_open(series, t);
}

static clv_status image_of(clv_context *ctx, clv_series *series, int t, clv_date_files *f, GDALDatasetH *out)
{
    const clv_acquisition *a = &series->acquisitions[t];
    clv_status status = CLV_OK;
    *out = f->memory ? f->memory : f->image;
    if (*out)
        return CLV_OK;
    clv_open_options how = series->private_data->open_options;
    how.overview = a->facts.overview;
    status = a->facts.vrt ? clv_bundle_open(ctx, a->facts.vrt, a->source, &f->image)
                          : clv_raster_open(ctx, f->copy ? f->copy : a->source, &how, &f->image);
    if (status != CLV_OK)
        return status;
    count_open(series, t);
    *out = f->image;
    if (GDALGetRasterXSize(f->image) != f->native.width || GDALGetRasterYSize(f->image) != f->native.height ||
        GDALGetRasterCount(f->image) < a->bands[0].index)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: has changed since it was first opened", a->source);
    return CLV_OK;
}

/* Values that mean "missing" in a view: outside what reflectances use, or NaN. */
static double fill_value(const clv_band *band)
{
    if (band->has_nodata && !isnan(band->nodata))
        return band->nodata;
    switch (band->type) {
    case CLV_TYPE_INT16:
        return INT16_MIN;
    case CLV_TYPE_INT32:
        return INT32_MIN;
    case CLV_TYPE_FLOAT32:
    case CLV_TYPE_FLOAT64:
        return NAN;
    default:
        return 0;
    }
}

static bool is_real(clv_pixel_type type)
{
    return type == CLV_TYPE_FLOAT32 || type == CLV_TYPE_FLOAT64;
}

static int alpha_band(GDALDatasetH ds)
{
    for (int b = 1; b <= GDALGetRasterCount(ds); b++)
        if (GDALGetRasterColorInterpretation(GDALGetRasterBand(ds, b)) == GCI_AlphaBand)
            return b;
    return 0;
}

static clv_status view_of(clv_context *ctx, clv_series *series, int t, clv_date_files *f, GDALDatasetH *out)
{
    const clv_acquisition *a = &series->acquisitions[t];
    int bands[CLV_MAX_CHANNELS];
    double nodata[CLV_MAX_CHANNELS], fill[CLV_MAX_CHANNELS];
    GDALDatasetH image;
    bool any = false;
    clv_status status = image_of(ctx, series, t, f, &image);
    *out = f->view;
    if (status != CLV_OK || f->view)
        return status;
    for (int c = 0; c < series->channels; c++) {
        const clv_band *band = &a->bands[c];
        if (band->type == CLV_TYPE_INT8 && clv_gdal_type(band->type) == GDT_Byte)
            return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                            "%s: 8-bit signed bands cannot be resampled; gdal_translate -ot Int16", a->source);
        bands[c] = band->index;
        fill[c] = fill_value(band);
        nodata[c] = band->has_nodata ? band->nodata : is_real(band->type) ? NAN : -1e30; /* a value no integer has */
        any = any || band->has_nodata || is_real(band->type);
    }
    clv_regrid_options o = {.resampling = f->resampling,
                            .bands = bands,
                            .band_count = series->channels,
                            .nodata = any ? nodata : NULL,
                            .fill = fill,
                            .unified = a->facts.all_zero,
                            .alpha = a->facts.use_mask ? alpha_band(image) : 0};
    status = clv_regrid_open(ctx, a->source, image, &series->private_data->whole, &o, &f->view);
    *out = f->view;
    return status;
}

/* The classification that came with the date: a file of its own, or a band of the date's. A handle of its own either
 * way, as masks may be read while the pictures are. */
static clv_status open_native_mask(clv_context *ctx, clv_series *series, int t, clv_date_files *f)
{
    const clv_date_facts *facts = &series->acquisitions[t].facts;
    const char *source = series->acquisitions[t].source, *name = facts->mask ? facts->mask : source;
    clv_open_options how = series->private_data->open_options;
    clv_mask *mask = &f->masks[f->mask_count];
    GDALDatasetH ds;
    how.overview = CLV_OVERVIEW_NONE;
    clv_status status = facts->vrt && !facts->mask
                            ? clv_bundle_open(ctx, facts->vrt, name, &ds)
                            : clv_raster_open(ctx, !facts->mask && f->copy ? f->copy : name, &how, &ds);
    if (status != CLV_OK)
        return status;
    status = clv_mask_of_dataset(ctx, name, ds, facts->mask_kind, facts->mask_band, &f->native,
                                 &series->private_data->whole, mask);
    if (status != CLV_OK) {
        GDALClose(ds);
        return status;
    }
    mask->owns_dataset = true;
    f->mask_count++;
    count_open(series, t);
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
        status = clv_mask_of_dataset(ctx, a->source, f->memory_mask, a->facts.mask_kind, 1, &f->native, whole,
                                     &f->masks[f->mask_count]);
        f->mask_count += status == CLV_OK;
    }
    if (status == CLV_OK && a->facts.mask_band > 0)
        status = open_native_mask(ctx, series, t, f);
    if (status == CLV_OK && f->mask) {
        status = clv_mask_open(ctx, f->mask, &how, CLV_MASK_KIND_PLAIN, f->mask_band, &f->native, whole,
                               &f->masks[f->mask_count]);
        f->mask_count += status == CLV_OK;
        if (status == CLV_OK)
            count_open(series, t);
    }
    if (status == CLV_OK && f->scl) {
        status = clv_mask_open(ctx, f->scl, &how, CLV_MASK_KIND_SCL, f->scl_band, &f->native, whole,
                               &f->masks[f->mask_count]);
        f->mask_count += status == CLV_OK;
        if (status == CLV_OK)
            count_open(series, t);
    }
    f->masks_open = status == CLV_OK;
    return status;
}

GDALDatasetH clv_series_dataset(clv_series *series, int t)
{
    GDALDatasetH ds = NULL;
    clv_date_files *f = begin_use(series, t);
    clv_status status = image_of(NULL, series, t, f, &ds);
    end_use(series, t);
    return status == CLV_OK ? ds : NULL;
}

/* ---- Pixels ------------------------------------------------------------------------------------ */

/* One part of a read. Planes are [height, width] of fine pixels, of which `inside` (relative to the planes) is in the
 * raster. */
typedef struct part {
    GDALDatasetH ds;
    const int *indices; /* dataset band of each channel */
    int width, height;
    clv_rect inside;
    int x, y; /* dataset position of inside's corner */
    const clv_band *bands;
    const double *fill; /* nodata of each channel in a view, NULL: the bands' own */
    int channels, core; /* core: those that decide what is missing */
    bool use_mask, all_zero;
    uint8_t *raw;     /* [channels] compact planes of inside */
    float *planes;    /* [channels] */
    uint8_t *missing; /* [2]: core, one other channel */
} part;

static size_t area(int width, int height)
{
    return (size_t)width * (size_t)height;
}

static CPLErr read_bands(const part *p)
{
    const clv_rect *in = &p->inside;
    clv_pixel_type type = p->bands[0].type;
    bool same = true;
    for (int c = 1; c < p->channels; c++)
        same = same && p->bands[c].type == type;
    if (same)
        return GDALDatasetRasterIO(p->ds, GF_Read, p->x, p->y, in->width, in->height, p->raw, in->width, in->height,
                                   clv_gdal_type(type), p->channels, (int *)p->indices, 0, 0, 0);
    CPLErr error = CE_None;
    uint8_t *raw = p->raw;
    for (int c = 0; c < p->channels && error == CE_None; c++) {
        error = GDALRasterIO(GDALGetRasterBand(p->ds, p->indices[c]), GF_Read, p->x, p->y, in->width, in->height, raw,
                             in->width, in->height, clv_gdal_type(p->bands[c].type), 0, 0);
        raw += area(in->width, in->height) * clv_pixel_size(p->bands[c].type);
    }
    return error;
}

static CPLErr read_raw(const part *p)
{
    char *before = clv_decode_alone_begin();
    const CPLErr error = read_bands(p);
    clv_decode_alone_end(before);
    return error;
}

static CPLErr apply_mask_band(const part *p)
{
    const clv_rect *in = &p->inside;
    uint8_t *row = malloc((size_t)in->width);
    GDALRasterBandH band = GDALGetMaskBand(GDALGetRasterBand(p->ds, p->indices[0]));
    CPLErr error = row && band ? CE_None : CE_Failure;
    for (int y = 0; y < in->height && error == CE_None; y++) {
        error = GDALRasterIO(band, GF_Read, p->x, p->y + y, in->width, 1, row, in->width, 1, GDT_Byte, 0, 0);
        uint8_t *missing = p->missing + area(p->width, in->y + y) + in->x;
        for (int x = 0; x < in->width; x++)
            missing[x] |= row[x] == 0;
    }
    free(row);
    return error;
}

static bool is_zero(const uint8_t *value, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= value[i];
    return any == 0;
}

/* Missing where every channel (of integers) is 0. */
static void apply_all_zero(const part *p)
{
    const clv_rect *in = &p->inside;
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++) {
            const uint8_t *raw = p->raw;
            bool zero = true;
            for (int c = 0; c < p->channels && zero; c++) {
                size_t size = clv_pixel_size(p->bands[c].type);
                zero = is_zero(raw + (area(in->width, y) + (size_t)x) * size, size);
                raw += area(in->width, in->height) * size;
            }
            p->missing[area(p->width, in->y + y) + (size_t)(in->x + x)] |= zero;
        }
}

static void decode_channel(const part *p, int c, const uint8_t *raw, uint8_t *missing)
{
    const clv_band *band = &p->bands[c];
    const clv_rect *in = &p->inside;
    const bool has = p->fill ? true : band->has_nodata && !p->all_zero;
    const double nodata = p->fill ? p->fill[c] : band->nodata;
    float *plane = p->planes + (size_t)c * area(p->width, p->height);
    for (int y = 0; y < in->height; y++) {
        size_t at = area(p->width, in->y + y) + (size_t)in->x;
        clv_decode(band->type, raw + area(in->width, y) * clv_pixel_size(band->type), (size_t)in->width, band->scale,
                   band->offset, has, nodata, plane + at, missing + at);
    }
}

/* Where the window's planes go: x [channels, h, w] with a row of `width` and plane of `plane` pixels, from row y on. */
typedef struct target {
    float *x;
    uint8_t *missing;
    size_t plane;
    int width, y, rows, factor;
} target;

static void store(const part *p, const target *to, int c, const uint8_t *missing, uint8_t *missing_out)
{
    float *out = to->x ? to->x + (size_t)c * to->plane + area(to->width, to->y) : NULL;
    const float *plane = p->planes + (size_t)c * area(p->width, p->height);
    if (out)
        clv_block_mean(plane, missing, to->width, to->rows, to->factor, out, missing_out);
}

/* Working pixels all of whose native pixels are missing. */
static void store_missing(const part *p, const target *to)
{
    uint8_t *out = to->missing + area(to->width, to->y);
    for (int j = 0; j < to->rows; j++)
        for (int i = 0; i < to->width; i++) {
            uint8_t all = 1;
            for (int b = 0; b < to->factor && all; b++) {
                const uint8_t *row = p->missing + area(p->width, j * to->factor + b) + (size_t)(i * to->factor);
                for (int a = 0; a < to->factor; a++)
                    all &= row[a];
            }
            out[area(to->width, j) + (size_t)i] = all;
        }
}

static clv_status read_part(clv_context *ctx, const char *name, const part *p, const target *to)
{
    const size_t fine = area(p->width, p->height), inside = area(p->inside.width, p->inside.height);
    memset(p->missing, 1, fine);
    if (inside > 0) {
        clv_gdal_errors errors;
        for (int y = 0; y < p->inside.height; y++)
            memset(p->missing + area(p->width, p->inside.y + y) + p->inside.x, 0, (size_t)p->inside.width);
        clv_gdal_errors_begin(&errors);
        CPLErr error = read_raw(p);
        if (error == CE_None && p->use_mask)
            error = apply_mask_band(p);
        if (clv_gdal_errors_end(&errors) || error != CE_None)
            return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
        if (p->all_zero)
            apply_all_zero(p);
    }
    const uint8_t *raw = p->raw;
    for (int c = 0; c < p->channels && inside > 0; c++) {
        uint8_t *missing = p->missing;
        if (c == p->core && to->x) /* the core is complete: its planes can be written */
            for (int k = 0; k < p->core; k++)
                store(p, to, k, p->missing, NULL);
        if (c >= p->core) {
            missing = p->missing + fine;
            memcpy(missing, p->missing, fine);
        }
        decode_channel(p, c, raw, missing);
        if (c >= p->core)
            store(p, to, c, missing, NULL);
        raw += inside * clv_pixel_size(p->bands[c].type);
    }
    if (inside > 0 && p->channels <= p->core)
        for (int k = 0; k < p->channels; k++)
            store(p, to, k, p->missing, NULL);
    for (int c = 0; inside == 0 && to->x && c < p->channels; c++)
        memset(to->x + (size_t)c * to->plane + area(to->width, to->y), 0, area(to->width, to->rows) * sizeof(float));
    store_missing(p, to);
    return CLV_OK;
}

/* Reads the window in parts of rows that keep the buffers small. acquisition: corner of the planes in the dataset for
 * the window's (0, 0). */
static clv_status read_window(clv_context *ctx, const char *name, part *p, clv_rect raster, clv_rect acquisition,
                              target *to, int rows_wanted)
{
    size_t bytes = 0;
    for (int c = 0; c < p->channels; c++)
        bytes += clv_pixel_size(p->bands[c].type) + sizeof(float);
    const size_t row = (area(acquisition.width, 1) * (bytes + 2)) * (size_t)to->factor;
    int rows = row >= CHUNK_BYTES ? 1 : (int)(CHUNK_BYTES / row);
    if (rows > rows_wanted)
        rows = rows_wanted;
    clv_status status = CLV_OK;
    const size_t fine = area(acquisition.width, rows * to->factor);
    p->raw = clv_alloc_array(fine, bytes - (size_t)p->channels * sizeof(float), 1);
    p->planes = clv_alloc_array(fine, (size_t)p->channels, sizeof *p->planes);
    p->missing = clv_alloc_array(fine, 2, 1);
    if (!p->raw || !p->planes || !p->missing)
        status = clv_fail_memory(ctx);
    for (to->y = 0; to->y < rows_wanted && status == CLV_OK; to->y += rows) {
        to->rows = rows_wanted - to->y < rows ? rows_wanted - to->y : rows;
        clv_rect wanted = {acquisition.x, acquisition.y + to->y * to->factor, acquisition.width, to->rows * to->factor};
        clv_rect in = clv_rect_intersect(raster, wanted);
        p->width = wanted.width;
        p->height = wanted.height;
        p->inside = in.width > 0 && in.height > 0 ? (clv_rect){in.x - wanted.x, in.y - wanted.y, in.width, in.height}
                                                  : (clv_rect){0, 0, 0, 0};
        p->x = in.x;
        p->y = in.y;
        status = read_part(ctx, name, p, to);
    }
    free(p->raw);
    free(p->planes);
    free(p->missing);
    return status;
}

/* Channels that decide what is missing: red, green, blue and NIR. */
static int core_channels(const clv_series *series)
{
    return series->has_nir ? 4 : 3;
}

/* Nothing inside the raster can be missing. */
static bool never_missing(const clv_acquisition *a, int core)
{
    bool never = !a->facts.use_mask && !a->facts.all_zero;
    for (int c = 0; c < core; c++)
        never = never && !a->bands[c].has_nodata && !is_real(a->bands[c].type);
    return never;
}

static clv_status read_direct(clv_context *ctx, clv_series *series, int t, clv_date_files *f, clv_rect w, float *x,
                              uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    int indices[CLV_MAX_CHANNELS];
    part p = {.indices = indices,
              .bands = a->bands,
              .core = core_channels(series),
              .use_mask = a->facts.use_mask,
              .all_zero = a->facts.all_zero};
    p.channels = x || a->facts.all_zero ? series->channels : p.core;
    clv_rect raster = {0, 0, f->native.width, f->native.height};
    clv_rect acquisition = {f->xoff + w.x * f->factor, f->yoff + w.y * f->factor, w.width * f->factor,
                            w.height * f->factor};
    clv_rect in = clv_rect_intersect(raster, acquisition);
    if (!x && in.width == acquisition.width && in.height == acquisition.height && never_missing(a, p.core)) {
        memset(missing, 0, area(w.width, w.height));
        return CLV_OK;
    }
    clv_status status = image_of(ctx, series, t, f, &p.ds);
    for (int c = 0; c < series->channels; c++)
        indices[c] = a->bands[c].index;
    target to = {.x = x, .missing = missing, .plane = area(w.width, w.height), .width = w.width, .factor = f->factor};
    return status == CLV_OK ? read_window(ctx, a->source, &p, raster, acquisition, &to, w.height) : status;
}

static clv_status read_view(clv_context *ctx, clv_series *series, int t, clv_date_files *f, clv_rect w, float *x,
                            uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    int indices[CLV_MAX_CHANNELS];
    double fill[CLV_MAX_CHANNELS];
    part p = {.indices = indices, .bands = a->bands, .fill = fill, .core = core_channels(series)};
    p.channels = x ? series->channels : p.core;
    clv_status status = view_of(ctx, series, t, f, &p.ds);
    for (int c = 0; c < series->channels; c++) {
        indices[c] = c + 1;
        fill[c] = fill_value(&a->bands[c]);
    }
    clv_rect raster = {0, 0, series->private_data->whole.width, series->private_data->whole.height};
    target to = {.x = x, .missing = missing, .plane = area(w.width, w.height), .width = w.width, .factor = 1};
    return status == CLV_OK ? read_window(ctx, a->source, &p, raster, w, &to, w.height) : status;
}

static clv_status check_window(clv_context *ctx, const clv_series *series, int t, clv_rect w, int width, int height)
{
    if (t < 0 || t >= series->dates || w.x < 0 || w.y < 0 || w.width < 1 || w.height < 1 || w.width > width - w.x ||
        w.height > height - w.y)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "a window of %dx%d pixels at %d, %d of date %d is outside the series",
                        w.width, w.height, w.x, w.y, t);
    return CLV_OK;
}

/* Windows of the working grid as the files know it: the whole one. */
static clv_rect on_whole(const clv_series *series, clv_rect w)
{
    return (clv_rect){w.x + series->private_data->x, w.y + series->private_data->y, w.width, w.height};
}

clv_status clv_series_read(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x, uint8_t *missing)
{
    clv_status status = check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    if (status != CLV_OK)
        return status;
    window = on_whole(series, window);
    clv_date_files *f = begin_use(series, t);
    status = f->warped ? read_view(ctx, series, t, f, window, x, missing)
                       : read_direct(ctx, series, t, f, window, x, missing);
    end_use(series, t);
    return status;
}

/* Raw values on the working grid, for outputs that are to lie there. */
static clv_status regrid_raw(clv_context *ctx, clv_series *series, int t, int c, clv_rect w, void *raw)
{
    const clv_band *band = &series->acquisitions[t].bands[c];
    size_t n = area(w.width, w.height);
    float *x = clv_alloc_array((size_t)series->channels, n, sizeof *x);
    uint8_t *missing = clv_alloc_array(n, 1, 1);
    w.x -= series->acquisitions[t].xoff;
    w.y -= series->acquisitions[t].yoff;
    clv_status status = x && missing ? clv_series_read(ctx, series, t, w, x, missing) : clv_fail_memory(ctx);
    if (status == CLV_OK) {
        const double nothing = band->has_nodata ? band->nodata : 0;
        float *values = x + (size_t)c * n;
        for (size_t i = 0; i < n; i++)
            if (missing[i])
                values[i] = (float)(nothing * band->scale + band->offset);
        memset(raw, 0, n * clv_pixel_size(band->type));
        uint8_t *select = missing;
        clv_encode(band->type, values, select, n, band->scale, band->offset, false, 0, raw);
        for (size_t i = 0; i < n; i++)
            select[i] = !missing[i];
        clv_encode(band->type, values, select, n, band->scale, band->offset, band->has_nodata, band->nodata, raw);
    }
    free(x);
    free(missing);
    return status;
}

clv_status clv_series_read_mask(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *mask)
{
    clv_status status = check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    if (status != CLV_OK)
        return status;
    memset(mask, 0, area(window.width, window.height));
    clv_date_files *f = begin_use(series, t);
    status = open_masks(ctx, series, t, f);
    for (int m = 0; m < f->mask_count && status == CLV_OK; m++)
        status = clv_mask_read(ctx, &f->masks[m], on_whole(series, window), mask);
    end_use(series, t);
    return status;
}

clv_status clv_series_read_raw(clv_context *ctx, clv_series *series, int t, int c, clv_rect window, void *raw)
{
    if (t < 0 || t >= series->dates || c < 0 || c >= series->channels)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "channel %d of date %d is outside the series", c, t);
    const clv_acquisition *a = &series->acquisitions[t];
    clv_status status = check_window(ctx, series, t, window, a->grid.width, a->grid.height);
    if (status != CLV_OK)
        return status;
    if (series->private_data->files[t].regridded)
        return regrid_raw(ctx, series, t, c, window, raw);
    GDALDatasetH ds;
    clv_date_files *f = begin_use(series, t);
    status = image_of(ctx, series, t, f, &ds);
    if (status == CLV_OK) {
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        char *before = clv_decode_alone_begin();
        CPLErr error = GDALRasterIO(GDALGetRasterBand(ds, a->bands[c].index), GF_Read, window.x + f->x, window.y + f->y,
                                    window.width, window.height, raw, window.width, window.height,
                                    clv_gdal_type(a->bands[c].type), 0, 0);
        clv_decode_alone_end(before);
        if (clv_gdal_errors_end(&errors) || error != CE_None)
            status = clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", a->source, clv_gdal_errors_text(&errors));
    }
    end_use(series, t);
    return status;
}
