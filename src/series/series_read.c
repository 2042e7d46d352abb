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

#include <gdal_vrt.h>

#include "base/alloc.h"
#include "base/reading.h"
#include "image/empty_band.h"
#include "image/zero_lines.h"
#include "raster/computed_raster.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/pixel_type.h"
#include "raster/regrid.h"
#include "series/band_values.h"
#include "series/byte_alpha.h"
#include "series/series_private.h"

#define CHUNK_BYTES ((size_t)48 << 20) /* buffers of one read */

/* ---- Files ------------------------------------------------------------------------------------- */

void clv_series_close_files(clv_date_files *f)
{
    for (int m = f->mask_count - 1; m >= 0; m--) /* the first of a file's bands owns the handle */
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
    clv_reading(series->acquisitions[t].source);
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

static bool has_others(const clv_acquisition *a, int channels)
{
    for (int c = 0; c < channels; c++)
        if (a->bands[c].other_count > 0)
            return true;
    return false;
}

/* The channels of `source` as bands 1, 2, ..., in which the k-th further nodata value of each has become its first
 * (`nodata`): the warper knows one value a band. The source, of which the result keeps what it needs, is released when
 * `release`. */
static GDALDatasetH replace_others(const clv_acquisition *a, int channels, GDALDatasetH source, bool release, int k,
                                   const double *nodata)
{
    const int width = GDALGetRasterXSize(source), height = GDALGetRasterYSize(source);
    double transform[6];
    VRTDatasetH vrt = VRTCreate(width, height);
    if (!vrt)
        return NULL;
    if (GDALGetGeoTransform(source, transform) == CE_None)
        GDALSetGeoTransform(vrt, transform);
    GDALSetSpatialRef(vrt, GDALGetSpatialRef(source));
    for (int c = 0; c < channels; c++) {
        const clv_band *band = &a->bands[c];
        GDALRasterBandH from = GDALGetRasterBand(source, release ? c + 1 : band->index);
        GDALAddBand(vrt, clv_gdal_type(band->type), NULL);
        GDALRasterBandH to = GDALGetRasterBand(vrt, c + 1);
        GDALSetRasterNoDataValue(to, nodata[c]);
        if (k < band->other_count)
            VRTAddComplexSource((VRTSourcedRasterBandH)to, from, 0, 0, width, height, 0, 0, width, height, 0, 1,
                                band->other_nodata[k]);
        else
            VRTAddSimpleSource((VRTSourcedRasterBandH)to, from, 0, 0, width, height, 0, 0, width, height, NULL,
                               VRT_NODATA_UNSET);
    }
    if (release)
        GDALReleaseDataset(source);
    return vrt;
}

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

/* Channels that decide what is missing: red, green, blue and NIR. */
static int core_channels(const clv_series *series)
{
    return series->has_nir ? 4 : 3;
}

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
    bool zero_lines;              /* lines and strips of 0 in one band are no measurement */
    const clv_empty_areas *empty; /* ... nor are these areas */
    const clv_byte_areas *bytes;  /* areas without data of 8-bit pictures, NULL: none */
    int raster_width, raster_height;
    uint8_t *raw;     /* [channels] compact planes of inside */
    float *plane;     /* of one channel */
    uint8_t *missing; /* [2]: in every channel, in one channel */
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

/* Whether a number is 0 or another nodata value of the band. */
static bool is_nothing(const clv_band *band, const uint8_t *value)
{
    float x;
    uint8_t missing = 0;
    clv_band_decode(band, false, value, 1, &x, &missing);
    if (missing)
        return true;
    clv_decode(band->type, value, 1, 1, 0, true, 0, &x, &missing);
    return missing;
}

static bool is_zero(const uint8_t *value, size_t size)
{
    uint8_t any = 0;
    for (size_t i = 0; i < size; i++)
        any |= value[i];
    return any == 0;
}

/* Missing where every channel is 0, or another value that marks missing pixels. raw [channels]: rows of `count` pixels.
 */
static void mark_all_zero(const clv_band *bands, int channels, bool mixed, const uint8_t *const *raw, size_t count,
                          uint8_t *missing)
{
    for (size_t x = 0; x < count; x++) {
        bool zero = true;
        for (int c = 0; c < channels && zero; c++) {
            const size_t size = clv_pixel_size(bands[c].type);
            const uint8_t *value = raw[c] + x * size;
            zero = is_zero(value, size) || (mixed && is_nothing(&bands[c], value));
        }
        missing[x] |= zero;
    }
}

/* Missing where every channel has a value that marks missing pixels, and 0 is none. */
static void mark_all_missing(const clv_band *bands, int channels, const uint8_t *const *raw, size_t count,
                             uint8_t *missing)
{
    for (size_t x = 0; x < count; x++) {
        uint8_t all = 1;
        for (int c = 0; c < channels && all; c++) {
            float value;
            uint8_t here = 0;
            clv_band_decode(&bands[c], false, raw[c] + x * clv_pixel_size(bands[c].type), 1, &value, &here);
            all = here;
        }
        missing[x] |= all;
    }
}

/* Some channel has more to mark missing pixels than 0. */
static bool is_mixed(const clv_band *bands, int channels)
{
    for (int c = 0; c < channels; c++)
        if (is_real(bands[c].type) || bands[c].other_count > 0 || !bands[c].has_nodata || bands[c].nodata != 0)
            return true;
    return false;
}

static void apply_all_zero(const part *p)
{
    const clv_rect *in = &p->inside;
    const bool mixed = is_mixed(p->bands, p->channels);
    for (int y = 0; y < in->height; y++) {
        const uint8_t *raw[CLV_MAX_CHANNELS], *plane = p->raw;
        for (int c = 0; c < p->channels; c++) {
            const size_t size = clv_pixel_size(p->bands[c].type);
            raw[c] = plane + area(in->width, y) * size;
            plane += area(in->width, in->height) * size;
        }
        mark_all_zero(p->bands, p->channels, mixed, raw, (size_t)in->width,
                      p->missing + area(p->width, in->y + y) + (size_t)in->x);
    }
}

static void apply_bytes(const part *p)
{
    const clv_rect *in = &p->inside;
    const uint8_t *planes[CLV_BYTE_AREAS_BANDS];
    for (int b = 0; b < p->bytes->bands; b++)
        planes[b] = p->raw + (size_t)b * area(in->width, in->height);
    clv_byte_areas_mark(p->bytes, (clv_rect){p->x, p->y, in->width, in->height}, planes,
                        p->missing + area(p->width, in->y) + (size_t)in->x, (size_t)p->width, 1);
}

/* ---- Lines and strips of 0 in one band ---------------------------------------------------------- */

/* Raw numbers of the part and what is around it, for clv_zero_lines(). */
typedef struct surroundings {
    part wide;      /* raw: read; missing: in every channel */
    clv_rect inner; /* of the part in it */
    uint8_t *work;  /* [7]: of clv_zero_lines(), and where a channel is 0 */
    int32_t *sums;  /* of clv_zero_lines() */
} surroundings;

static void clear_surroundings(surroundings *s)
{
    free(s->wide.raw);
    free(s->wide.missing);
    free(s->work);
    free(s->sums);
}

/* Some channel is 0 where others are not. planes [channels], or NULL: the part's own. missing: of the part, 1: in every
 * channel. */
static bool has_single_zero(const part *p, const void *const *planes)
{
    const clv_rect *in = &p->inside;
    const uint8_t *raw = p->raw;
    for (int c = 0; c < p->channels; c++) {
        const size_t size = clv_pixel_size(p->bands[c].type);
        raw = planes ? planes[c] : raw;
        for (int y = 0; y < in->height; y++) {
            const uint8_t *missing = p->missing + area(p->width, in->y + y) + in->x;
            const uint8_t *row = raw + area(in->width, y) * size;
            for (int x = 0; x < in->width; x++)
                if (missing[x] != 1 && is_zero(row + (size_t)x * size, size))
                    return true;
        }
        raw += area(in->width, in->height) * size;
    }
    return false;
}

/* Reads the surroundings of a part where they are needed; *needed: they were. */
static clv_status read_surroundings(clv_context *ctx, const char *name, const part *p, const void *const *planes,
                                    surroundings *s, bool *needed)
{
    *needed = p->zero_lines && has_single_zero(p, planes);
    if (!*needed)
        return CLV_OK;
    const int reach = CLV_ZERO_LINES_REACH;
    const clv_rect raster = {0, 0, p->raster_width, p->raster_height};
    const clv_rect r = clv_rect_intersect(
        raster, (clv_rect){p->x - reach, p->y - reach, p->inside.width + 2 * reach, p->inside.height + 2 * reach});
    const size_t n = area(r.width, r.height);
    size_t bytes = 0;
    for (int c = 0; c < p->channels; c++)
        bytes += clv_pixel_size(p->bands[c].type);
    s->wide = *p;
    s->wide.x = r.x;
    s->wide.y = r.y;
    s->wide.width = r.width;
    s->wide.height = r.height;
    s->wide.inside = (clv_rect){0, 0, r.width, r.height};
    s->inner = (clv_rect){p->x - r.x, p->y - r.y, p->inside.width, p->inside.height};
    s->wide.raw = clv_alloc_array(n, bytes, 1);
    s->wide.missing = clv_alloc_array(n, 1, 1);
    s->work = clv_alloc_array(n, 7, 1);
    s->sums = clv_alloc_array(area(r.width + 1, r.height + 1), 2, sizeof *s->sums);
    if (!s->wide.raw || !s->wide.missing || !s->work || !s->sums)
        return clv_fail_memory(ctx);
    memset(s->wide.missing, 0, n);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = read_raw(&s->wide);
    if (error == CE_None && p->use_mask)
        error = apply_mask_band(&s->wide);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
    /* What has no data in any band. Where 0 marks nothing, a row or column that is 0 in all bands is a line in each. */
    uint8_t *before = s->work;
    const uint8_t *wide[CLV_MAX_CHANNELS], *plane = s->wide.raw;
    for (int c = 0; c < p->channels; c++) {
        wide[c] = plane;
        plane += n * clv_pixel_size(p->bands[c].type);
    }
    memset(before, 0, n);
    if (p->all_zero)
        mark_all_zero(p->bands, p->channels, true, wide, n, before);
    else
        mark_all_missing(p->bands, p->channels, wide, n, before);
    for (size_t i = 0; i < n; i++)
        s->wide.missing[i] |= before[i];
    return CLV_OK;
}

/* dead [inside of the part, rows of `width` pixels]: |= 1 where the channel's 0 is no measurement. */
static bool mark_zero_lines(const surroundings *s, int c, uint8_t *dead)
{
    const size_t n = area(s->wide.width, s->wide.height), size = clv_pixel_size(s->wide.bands[c].type);
    const uint8_t *raw = s->wide.raw;
    const clv_zero_lines_rim rim = {.left = s->wide.x == 0,
                                    .right = s->wide.x + s->wide.width == s->wide.raster_width,
                                    .top = s->wide.y == 0,
                                    .bottom = s->wide.y + s->wide.height == s->wide.raster_height};
    uint8_t *zero = s->work + 6 * n;
    bool any = false;
    for (int k = 0; k < c; k++)
        raw += n * clv_pixel_size(s->wide.bands[k].type);
    for (size_t i = 0; i < n; i++) {
        zero[i] = !s->wide.missing[i] && is_zero(raw + i * size, size);
        any = any || zero[i];
    }
    if (!any)
        return false;
    clv_zero_lines(zero, s->wide.missing, s->wide.width, s->wide.height, s->inner, &rim, s->work, s->sums, dead);
    if (clv_empty_areas_has(s->wide.empty, c)) {
        clv_empty_areas_keep(s->wide.empty, c, (clv_rect){s->wide.x, s->wide.y, s->wide.width, s->wide.height}, zero);
        clv_zero_areas(zero, s->wide.missing, s->wide.width, s->wide.height, s->inner, s->work, s->sums, dead);
    }
    return true;
}

/* plane: reflectance of the part. missing: |= 1 where the channel is missing. */
static void decode_channel(const part *p, int c, const uint8_t *raw, uint8_t *missing)
{
    const clv_band *band = &p->bands[c];
    const clv_rect *in = &p->inside;
    const uint8_t *core[CLV_MAX_CHANNELS], *plane = p->raw;
    for (int k = 0; k < p->core; k++) {
        core[k] = plane;
        plane += area(in->width, in->height) * clv_pixel_size(p->bands[k].type);
    }
    for (int y = 0; y < in->height; y++) {
        size_t at = area(p->width, in->y + y) + (size_t)in->x;
        const uint8_t *row = raw + area(in->width, y) * clv_pixel_size(band->type);
        if (p->fill)
            clv_decode(band->type, row, (size_t)in->width, band->scale, band->offset, true, p->fill[c], p->plane + at,
                       missing + at);
        else {
            clv_band_decode(band, p->all_zero, row, (size_t)in->width, p->plane + at, missing + at);
            clv_band_screen(band, row, p->bands, p->core, core, (size_t)in->width, p->plane + at, missing + at);
        }
        for (int k = 0; k < p->core; k++)
            core[k] += area(in->width, 1) * clv_pixel_size(p->bands[k].type);
    }
}

/* Where the window's planes go: x [channels, h, w] with a row of `width` and plane of `plane` pixels, from row y on. */
typedef struct target {
    float *x;
    uint8_t *missing;
    size_t plane;
    int width, y, rows, factor;
} target;

/* Bits of to->missing while the channels are read. */
enum { NONE_THERE = 8 };

/* What channel c misses, into the bits of the working pixels. */
static void count_missing(const part *p, const target *to, int c, const uint8_t *missing)
{
    const uint8_t core = c < p->core ? CLV_MISSING_CORE : 0;
    if (!memchr(missing, 1, area(p->width, p->height))) {
        for (size_t i = 0; i < area(to->width, to->rows); i++)
            to->missing[area(to->width, to->y) + i] &= (uint8_t)~NONE_THERE;
        return;
    }
    for (int j = 0; j < to->rows; j++) {
        uint8_t *out = to->missing + area(to->width, to->y + j);
        for (int i = 0; i < to->width; i++) {
            uint8_t all = 1, any = 0;
            for (int b = 0; b < to->factor; b++) {
                const uint8_t *row = missing + area(p->width, j * to->factor + b) + (size_t)(i * to->factor);
                for (int a = 0; a < to->factor; a++) {
                    all &= row[a];
                    any |= row[a];
                }
            }
            if (!all)
                out[i] &= (uint8_t)~NONE_THERE;
            out[i] |= (uint8_t)((all ? CLV_MISSING_PARTLY | core : 0) | (any ? CLV_MISSING_NATIVE : 0));
        }
    }
}

/* Where no channel is there, it is not some of them that miss. */
static void finish_missing(const target *to)
{
    uint8_t *out = to->missing + area(to->width, to->y);
    for (size_t i = 0; i < area(to->width, to->rows); i++) {
        if (out[i] & NONE_THERE)
            out[i] = CLV_MISSING_CORE | CLV_MISSING_NATIVE;
    }
}

static void add_zero_lines(const part *p, const surroundings *around, int c, uint8_t *dead, uint8_t *missing)
{
    const clv_rect *in = &p->inside;
    memset(dead, 0, area(in->width, in->height));
    if (!mark_zero_lines(around, c, dead))
        return;
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            missing[area(p->width, in->y + y) + (size_t)(in->x + x)] |= dead[area(in->width, y) + (size_t)x];
}

static clv_status read_part(clv_context *ctx, const char *name, const part *p, const target *to)
{
    const size_t fine = area(p->width, p->height), inside = area(p->inside.width, p->inside.height);
    memset(p->missing, 1, fine);
    memset(to->missing + area(to->width, to->y), NONE_THERE, area(to->width, to->rows));
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
        if (p->bytes)
            apply_bytes(p);
    }
    const uint8_t *raw = p->raw;
    uint8_t *missing = p->missing + fine; /* of one channel */
    surroundings around = {0};
    bool lines = false;
    clv_status status = CLV_OK;
    if (inside > 0 && to->x)
        status = read_surroundings(ctx, name, p, NULL, &around, &lines);
    uint8_t *dead = lines && status == CLV_OK ? clv_alloc_array(inside, 1, 1) : NULL;
    if (lines && status == CLV_OK && !dead)
        status = clv_fail_memory(ctx);
    for (int c = 0; c < p->channels && inside > 0 && status == CLV_OK; c++) {
        memcpy(missing, p->missing, fine);
        if (dead)
            add_zero_lines(p, &around, c, dead, missing);
        decode_channel(p, c, raw, missing);
        if (to->x)
            clv_block_mean(p->plane, missing, to->width, to->rows, to->factor,
                           to->x + (size_t)c * to->plane + area(to->width, to->y), NULL);
        count_missing(p, to, c, missing);
        raw += inside * clv_pixel_size(p->bands[c].type);
    }
    for (int c = 0; inside == 0 && to->x && c < p->channels; c++)
        memset(to->x + (size_t)c * to->plane + area(to->width, to->y), 0, area(to->width, to->rows) * sizeof(float));
    finish_missing(to);
    free(dead);
    clear_surroundings(&around);
    return status;
}

/* ---- Warped dates ------------------------------------------------------------------------------- */

/* What marks missing pixels before the warper mixes them with their neighbours: no number of a picture. */
static double marker(clv_pixel_type type)
{
    switch (type) {
    case CLV_TYPE_INT16:
        return INT16_MIN;
    case CLV_TYPE_UINT16:
        return UINT16_MAX;
    case CLV_TYPE_INT32:
        return INT32_MIN;
    case CLV_TYPE_UINT32:
        return UINT32_MAX;
    default:
        return NAN;
    }
}

static void put_marker(clv_pixel_type type, void *plane, size_t i)
{
    switch (type) {
    case CLV_TYPE_INT16:
        ((int16_t *)plane)[i] = INT16_MIN;
        return;
    case CLV_TYPE_UINT16:
        ((uint16_t *)plane)[i] = UINT16_MAX;
        return;
    case CLV_TYPE_INT32:
        ((int32_t *)plane)[i] = INT32_MIN;
        return;
    case CLV_TYPE_UINT32:
        ((uint32_t *)plane)[i] = UINT32_MAX;
        return;
    case CLV_TYPE_FLOAT64:
        ((double *)plane)[i] = NAN;
        return;
    default:
        ((float *)plane)[i] = NAN;
    }
}

/* Whether the warper gets the date's pixels with all marked that are missing. Bytes hold every number; a mask band is
 * the warper's own matter. */
static bool is_screened(const clv_acquisition *a, int channels)
{
    for (int c = 0; c < channels; c++)
        if (clv_pixel_size(a->bands[c].type) < 2)
            return false;
    return !a->facts.use_mask;
}

/* A window of a date's channels, with markers. planes [channels]. */
static clv_status mark_missing(clv_series *series, int t, part *p, void *const *planes)
{
    const size_t n = area(p->width, p->height);
    surroundings around = {0};
    bool lines = false;
    uint8_t *raw = p->raw, *missing = p->missing + n, *dead = p->missing + 2 * n;
    const clv_acquisition *a = &series->acquisitions[t];
    if (read_raw(p) != CE_None)
        return CLV_ERROR_READ;
    memset(p->missing, 0, n);
    if (p->all_zero)
        apply_all_zero(p);
    const clv_status status = read_surroundings(NULL, a->source, p, NULL, &around, &lines);
    for (int c = 0; c < p->channels && status == CLV_OK; c++) {
        const size_t size = clv_pixel_size(p->bands[c].type);
        memcpy(missing, p->missing, n);
        if (lines)
            add_zero_lines(p, &around, c, dead, missing);
        decode_channel(p, c, raw, missing);
        memcpy(planes[c], raw, n * size);
        for (size_t i = 0; i < n; i++)
            if (missing[i])
                put_marker(p->bands[c].type, planes[c], i);
        raw += n * size;
    }
    clear_surroundings(&around);
    return status;
}

static CPLErr read_marked(void *user, clv_rect r, void *const *planes)
{
    clv_date_files *f = user;
    clv_series *series = f->series;
    const int t = (int)(f - series->private_data->files);
    const clv_acquisition *a = &series->acquisitions[t];
    const size_t n = area(r.width, r.height);
    int indices[CLV_MAX_CHANNELS];
    size_t bytes = 0;
    for (int c = 0; c < series->channels; c++) {
        indices[c] = a->bands[c].index;
        bytes += clv_pixel_size(a->bands[c].type);
    }
    part p = {.ds = f->memory ? f->memory : f->image,
              .indices = indices,
              .width = r.width,
              .height = r.height,
              .inside = {0, 0, r.width, r.height},
              .x = r.x,
              .y = r.y,
              .bands = a->bands,
              .channels = series->channels,
              .core = core_channels(series),
              .all_zero = a->facts.all_zero,
              .zero_lines = a->facts.zero_lines,
              .empty = f->empty,
              .raster_width = f->native.width,
              .raster_height = f->native.height};
    p.raw = clv_alloc_array(n, bytes, 1);
    p.plane = clv_alloc_array(n, 1, sizeof *p.plane);
    p.missing = clv_alloc_array(n, 3, 1);
    clv_status status = p.raw && p.plane && p.missing ? mark_missing(series, t, &p, planes) : CLV_ERROR_MEMORY;
    free(p.raw);
    free(p.plane);
    free(p.missing);
    if (status != CLV_OK && CPLGetLastErrorType() != CE_Failure)
        CPLError(CE_Failure, CPLE_AppDefined, "%s", status == CLV_ERROR_MEMORY ? "out of memory" : "reading failed");
    return status == CLV_OK ? CE_None : CE_Failure;
}

/* The channels as bands 1, 2, ... with markers. */
static GDALDatasetH screened_source(clv_series *series, clv_date_files *f, GDALDatasetH image, const double *nodata)
{
    const clv_acquisition *a = &series->acquisitions[f - series->private_data->files];
    GDALDataType types[CLV_MAX_CHANNELS];
    for (int c = 0; c < series->channels; c++)
        types[c] = clv_gdal_type(a->bands[c].type);
    f->series = series;
    return clv_computed_raster_open(
        image, &(clv_computed_raster){
                   .bands = series->channels, .types = types, .nodata = nodata, .compute = read_marked, .user = f});
}

static clv_status view_of(clv_context *ctx, clv_series *series, int t, clv_date_files *f, GDALDatasetH *out)
{
    const clv_acquisition *a = &series->acquisitions[t];
    int bands[CLV_MAX_CHANNELS];
    double nodata[CLV_MAX_CHANNELS], fill[CLV_MAX_CHANNELS];
    GDALDatasetH image;
    bool any = false;
    const bool screened = is_screened(a, series->channels);
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
        fill[c] = screened ? marker(band->type) : fill_value(band);
        nodata[c] = band->has_nodata        ? band->nodata
                    : is_real(band->type)   ? NAN
                    : band->other_count > 0 ? band->other_nodata[0]
                                            : -1e30; /* a value no integer has */
        any = any || band->has_nodata || band->other_count > 0 || is_real(band->type);
    }
    for (int c = 0; c < series->channels && screened; c++)
        nodata[c] = marker(a->bands[c].type);
    clv_regrid_options o = {.resampling = f->resampling,
                            .bands = bands,
                            .band_count = series->channels,
                            .nodata = any || screened ? nodata : NULL,
                            .fill = fill,
                            .unified = a->facts.all_zero && !screened,
                            .alpha = f->bytes            ? series->channels + 1
                                     : a->facts.use_mask ? alpha_band(image)
                                                         : 0};
    GDALDatasetH source = screened   ? screened_source(series, f, image, nodata)
                          : f->bytes ? clv_byte_alpha_open(series, t, image)
                                     : image;
    if (!source)
        return clv_fail_memory(ctx);
    for (int k = 0; !screened && has_others(a, series->channels) && k < CLV_OTHER_NODATA; k++) {
        source = replace_others(a, series->channels, source, source != image, k, nodata);
        if (!source)
            return clv_fail_memory(ctx);
    }
    for (int c = 0; source != image && c < series->channels; c++)
        bands[c] = c + 1;
    status = clv_regrid_open(ctx, a->source, source, &series->private_data->whole, &o, &f->view);
    if (source != image)
        GDALReleaseDataset(source); /* the view holds it */
    *out = f->view;
    return status;
}

/* Reads the window in parts of rows that keep the buffers small. acquisition: corner of the planes in the dataset for
 * the window's (0, 0). */
static clv_status read_window(clv_context *ctx, const char *name, part *p, clv_rect raster, clv_rect acquisition,
                              target *to, int rows_wanted)
{
    size_t bytes = 0;
    for (int c = 0; c < p->channels; c++)
        bytes += clv_pixel_size(p->bands[c].type);
    const size_t row = (area(acquisition.width, 1) * (bytes + sizeof(float) + 2)) * (size_t)to->factor;
    int rows = row >= CHUNK_BYTES ? 1 : (int)(CHUNK_BYTES / row);
    if (rows > rows_wanted)
        rows = rows_wanted;
    clv_status status = CLV_OK;
    const size_t fine = area(acquisition.width, rows * to->factor);
    p->raw = clv_alloc_array(fine, bytes, 1);
    p->plane = clv_alloc_array(fine, 1, sizeof *p->plane);
    p->missing = clv_alloc_array(fine, 2, 1);
    if (!p->raw || !p->plane || !p->missing)
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
    free(p->plane);
    free(p->missing);
    return status;
}

/* Nothing inside the raster can be missing in the first channels. */
static bool never_missing(const clv_acquisition *a, int channels)
{
    bool never = !a->facts.use_mask && !a->facts.all_zero && !a->facts.zero_lines;
    for (int c = 0; c < channels; c++)
        never = never && !a->bands[c].has_nodata && a->bands[c].other_count == 0 && !a->bands[c].screened &&
                !is_real(a->bands[c].type);
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
              .all_zero = a->facts.all_zero,
              .zero_lines = a->facts.zero_lines,
              .empty = f->empty,
              .bytes = f->bytes,
              .raster_width = f->native.width,
              .raster_height = f->native.height};
    p.channels = x || a->facts.all_zero ? series->channels : p.core;
    clv_rect raster = {0, 0, f->native.width, f->native.height};
    clv_rect acquisition = {f->xoff + w.x * f->factor, f->yoff + w.y * f->factor, w.width * f->factor,
                            w.height * f->factor};
    clv_rect in = clv_rect_intersect(raster, acquisition);
    if (!x && in.width == acquisition.width && in.height == acquisition.height && !f->bytes &&
        never_missing(a, p.core)) {
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
    const bool screened = is_screened(a, series->channels);
    clv_status status = view_of(ctx, series, t, f, &p.ds);
    for (int c = 0; c < series->channels; c++) {
        indices[c] = c + 1;
        fill[c] = screened ? marker(a->bands[c].type) : fill_value(&a->bands[c]);
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

clv_status clv_series_read_whole(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x,
                                 uint8_t *missing)
{
    clv_date_files *f = begin_use(series, t);
    clv_status status = f->warped ? read_view(ctx, series, t, f, window, x, missing)
                                  : read_direct(ctx, series, t, f, window, x, missing);
    end_use(series, t);
    return status;
}

clv_status clv_series_read(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x, uint8_t *missing)
{
    clv_status status = clv_series_read_bits(ctx, series, t, window, x, missing);
    const size_t n = status == CLV_OK ? area(window.width, window.height) : 0;
    for (size_t i = 0; i < n; i++) {
        const bool partly = missing[i] & CLV_MISSING_PARTLY;
        missing[i] &= CLV_MISSING_CORE;
        for (int c = 0; x && partly && missing[i] && c < series->channels; c++)
            x[(size_t)c * n + i] = 0;
    }
    return status;
}

clv_status clv_series_read_bits(clv_context *ctx, clv_series *series, int t, clv_rect window, float *x,
                                uint8_t *missing)
{
    clv_status status = check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    return status == CLV_OK ? clv_series_read_whole(ctx, series, t, on_whole(series, window), x, missing) : status;
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
    clv_status status = x && missing ? clv_series_read_bits(ctx, series, t, w, x, missing) : clv_fail_memory(ctx);
    if (status == CLV_OK) {
        const double nothing = band->has_nodata ? band->nodata : 0;
        float *values = x + (size_t)c * n;
        for (size_t i = 0; i < n; i++)
            missing[i] = missing[i] & CLV_MISSING_PARTLY ? values[i] == 0 : missing[i] & CLV_MISSING_CORE;
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

clv_status clv_series_read_mask_whole(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *mask)
{
    memset(mask, 0, area(window.width, window.height));
    clv_date_files *f = begin_use(series, t);
    clv_status status = open_masks(ctx, series, t, f);
    for (int m = 0; m < f->mask_count && status == CLV_OK; m++)
        status = clv_mask_read(ctx, &f->masks[m], window, mask);
    end_use(series, t);
    return status;
}

clv_status clv_series_read_mask(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *mask)
{
    clv_status status = check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    return status == CLV_OK ? clv_series_read_mask_whole(ctx, series, t, on_whole(series, window), mask) : status;
}

clv_status clv_series_read_masks(clv_context *ctx, clv_series *series, int t, clv_rect window, uint8_t *own,
                                 uint8_t *given)
{
    clv_status status = check_window(ctx, series, t, window, series->grid.width, series->grid.height);
    if (status != CLV_OK)
        return status;
    const clv_rect whole = on_whole(series, window);
    memset(own, 0, area(window.width, window.height));
    memset(given, 0, area(window.width, window.height));
    clv_date_files *f = begin_use(series, t);
    status = open_masks(ctx, series, t, f);
    for (int m = 0; m < f->mask_count && status == CLV_OK; m++)
        status = clv_mask_read(ctx, &f->masks[m], whole, m < f->own_masks ? own : given);
    end_use(series, t);
    return status;
}

bool clv_series_has_own_mask(const clv_series *series, int t)
{
    const clv_date_files *f = &series->private_data->files[t];
    const bool cube = f->memory_mask && !(series->mask_mode == CLV_MASK_REPLACE && (f->mask || f->scl));
    return cube || series->acquisitions[t].facts.mask_count > 0;
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

/* ---- Native pixels that are missing ------------------------------------------------------------- */

bool clv_series_may_miss(const clv_series *series, int t)
{
    return series->private_data->files[t].bytes || !never_missing(&series->acquisitions[t], series->channels);
}

static clv_status read_mask_band(clv_context *ctx, const char *name, const part *p)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    const CPLErr error = apply_mask_band(p);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
    return CLV_OK;
}

/* Of a window that is made from the working grid: what is missing there. */
static clv_status working_missing(clv_context *ctx, clv_series *series, int t, clv_rect w, uint8_t *missing)
{
    const size_t n = area(w.width, w.height);
    float *x = clv_alloc_array((size_t)series->channels, n, sizeof *x);
    w.x -= series->acquisitions[t].xoff;
    w.y -= series->acquisitions[t].yoff;
    clv_status status = x ? clv_series_read_bits(ctx, series, t, w, x, missing) : clv_fail_memory(ctx);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        missing[i] = missing[i] & CLV_MISSING_PARTLY ? CLV_NATIVE_DEAD
                     : missing[i] & CLV_MISSING_CORE ? CLV_NATIVE_MISSING
                                                     : CLV_NATIVE_THERE;
    free(x);
    return status;
}

/* Adds the pixels at which a 0 in one band is no measurement. */
static clv_status find_native_lines(clv_context *ctx, clv_series *series, int t, const part *p, const void *const *raw,
                                    uint8_t *kinds)
{
    const clv_acquisition *a = &series->acquisitions[t];
    const size_t n = area(p->width, p->height);
    surroundings around = {0};
    bool lines = false;
    clv_status status = read_surroundings(ctx, a->source, p, raw, &around, &lines);
    uint8_t *dead = lines && status == CLV_OK ? clv_alloc_array(n, 2, 1) : NULL, *count = dead ? dead + n : NULL;
    if (lines && status == CLV_OK && !dead)
        status = clv_fail_memory(ctx);
    for (int c = 0; c < p->channels && dead; c++) {
        memset(dead, 0, n);
        if (!mark_zero_lines(&around, c, dead))
            continue;
        for (size_t i = 0; i < n; i++)
            count[i] = (uint8_t)(count[i] + dead[i]);
    }
    for (size_t i = 0; i < n && dead; i++)
        if (count[i] > 0 && kinds[i] != CLV_NATIVE_MISSING)
            kinds[i] = count[i] == p->channels ? CLV_NATIVE_MISSING : CLV_NATIVE_DEAD;
    free(dead);
    clear_surroundings(&around);
    return status;
}

/* Bands of the window that are missing by their values. */
static clv_status find_native_values(clv_context *ctx, const clv_series *series, int t, clv_rect window,
                                     const void *const *raw, uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    const size_t width = (size_t)window.width;
    float *x = clv_alloc_array(width, 1, sizeof *x);
    uint8_t *flags = clv_alloc_array(width, 2, 1), *count = flags ? flags + width : NULL;
    const clv_status status = x && flags ? CLV_OK : clv_fail_memory(ctx);
    const bool mixed = is_mixed(a->bands, series->channels);
    for (int y = 0; y < window.height && status == CLV_OK; y++) {
        const uint8_t *rows[CLV_MAX_CHANNELS];
        uint8_t *out = missing + area(window.width, y);
        for (int c = 0; c < series->channels; c++)
            rows[c] = (const uint8_t *)raw[c] + area(window.width, y) * clv_pixel_size(a->bands[c].type);
        if (a->facts.all_zero)
            mark_all_zero(a->bands, series->channels, mixed, rows, width, out);
        memset(count, 0, width);
        for (int c = 0; c < series->channels; c++) {
            memset(flags, 0, width);
            clv_band_decode(&a->bands[c], a->facts.all_zero, rows[c], width, x, flags);
            clv_band_screen(&a->bands[c], rows[c], a->bands, core_channels(series), rows, width, x, flags);
            for (size_t i = 0; i < width; i++)
                count[i] = (uint8_t)(count[i] + flags[i]);
        }
        for (size_t i = 0; i < width; i++)
            out[i] = out[i] || count[i] == series->channels ? CLV_NATIVE_MISSING
                     : count[i]                             ? CLV_NATIVE_PARTLY
                                                            : CLV_NATIVE_THERE;
    }
    free(x);
    free(flags);
    return status;
}

clv_status clv_series_native_missing(clv_context *ctx, clv_series *series, int t, clv_rect window,
                                     const void *const *raw, uint8_t *missing)
{
    const clv_acquisition *a = &series->acquisitions[t];
    if (series->private_data->files[t].regridded)
        return working_missing(ctx, series, t, window, missing);
    int indices[CLV_MAX_CHANNELS];
    for (int c = 0; c < series->channels; c++)
        indices[c] = a->bands[c].index;
    clv_date_files *f = begin_use(series, t);
    part p = {.indices = indices,
              .bands = a->bands,
              .channels = series->channels,
              .width = window.width,
              .height = window.height,
              .inside = {0, 0, window.width, window.height},
              .x = window.x + f->x,
              .y = window.y + f->y,
              .use_mask = a->facts.use_mask,
              .all_zero = a->facts.all_zero,
              .zero_lines = a->facts.zero_lines && (!f->warped || is_screened(a, series->channels)),
              .empty = f->empty,
              .raster_width = f->native.width,
              .raster_height = f->native.height,
              .missing = missing};
    memset(missing, 0, area(window.width, window.height));
    clv_status status = image_of(ctx, series, t, f, &p.ds);
    if (status == CLV_OK && p.use_mask)
        status = read_mask_band(ctx, a->source, &p);
    if (status == CLV_OK)
        status = find_native_values(ctx, series, t, window, raw, missing);
    if (status == CLV_OK && f->bytes)
        clv_byte_areas_mark(f->bytes, (clv_rect){p.x, p.y, window.width, window.height}, (const uint8_t *const *)raw,
                            missing, (size_t)window.width, CLV_NATIVE_MISSING);
    if (status == CLV_OK && p.zero_lines)
        status = find_native_lines(ctx, series, t, &p, raw, missing);
    end_use(series, t);
    return status;
}
