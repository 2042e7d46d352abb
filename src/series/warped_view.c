/* SPDX-License-Identifier: MIT */
#include "series/warped_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gdal_vrt.h>

#include "base/alloc.h"
#include "raster/computed_raster.h"
#include "raster/pixel_type.h"
#include "raster/regrid.h"
#include "series/band_values.h"
#include "series/byte_alpha.h"
#include "series/dataset.h"
#include "series/part_zero_lines.h"
#include "series/series_private.h"

/* ---- Values that mark missing pixels ------------------------------------------------------------ */

double clv_warped_fill(const clv_band *band)
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

double clv_warped_marker(clv_pixel_type type)
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

bool clv_warped_is_screened(const clv_acquisition *a, int channels)
{
    for (int c = 0; c < channels; c++)
        if (clv_pixel_size(a->bands[c].type) < 2)
            return false;
    return !a->facts.use_mask;
}

/* ---- A source in which they mark all that is missing -------------------------------------------- */

/* A window of a date's channels, with markers. planes [channels]. */
static clv_status mark_missing(clv_series *series, int t, clv_native_part *p, void *const *planes)
{
    const size_t n = clv_area(p->width, p->height);
    clv_surroundings around = {0};
    bool lines = false;
    uint8_t *raw = p->raw, *missing = p->missing + n, *dead = p->missing + 2 * n;
    const clv_acquisition *a = &series->acquisitions[t];
    if (clv_native_part_read(p) != CE_None)
        return CLV_ERROR_READ;
    memset(p->missing, 0, n);
    if (p->all_zero)
        clv_native_part_apply_all_zero(p);
    const clv_status status = clv_surroundings_read(NULL, a->source, p, NULL, &around, &lines);
    for (int c = 0; c < p->channels && status == CLV_OK; c++) {
        const size_t size = clv_pixel_size(p->bands[c].type);
        memcpy(missing, p->missing, n);
        if (lines)
            clv_native_part_add_zero_lines(p, &around, c, dead, missing);
        clv_native_part_decode(p, c, raw, missing);
        memcpy(planes[c], raw, n * size);
        for (size_t i = 0; i < n; i++)
            if (missing[i])
                put_marker(p->bands[c].type, planes[c], i);
        raw += n * size;
    }
    clv_surroundings_clear(&around);
    return status;
}

static CPLErr read_marked(void *user, clv_rect r, void *const *planes)
{
    clv_date_files *f = user;
    clv_series *series = f->series;
    const int t = (int)(f - series->private_data->files);
    const clv_acquisition *a = &series->acquisitions[t];
    const size_t n = clv_area(r.width, r.height);
    int indices[CLV_MAX_CHANNELS];
    size_t bytes = 0;
    for (int c = 0; c < series->channels; c++) {
        indices[c] = a->bands[c].index;
        bytes += clv_pixel_size(a->bands[c].type);
    }
    clv_native_part p = {.ds = f->memory ? f->memory : f->image,
                         .indices = indices,
                         .width = r.width,
                         .height = r.height,
                         .inside = {0, 0, r.width, r.height},
                         .x = r.x,
                         .y = r.y,
                         .bands = a->bands,
                         .channels = series->channels,
                         .core = clv_core_channels(series),
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

/* ---- A source with one nodata value a band ------------------------------------------------------ */

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

/* ---- The view ------------------------------------------------------------------------------------ */

static int alpha_band(GDALDatasetH ds)
{
    for (int b = 1; b <= GDALGetRasterCount(ds); b++)
        if (GDALGetRasterColorInterpretation(GDALGetRasterBand(ds, b)) == GCI_AlphaBand)
            return b;
    return 0;
}

clv_status clv_warped_view(clv_context *ctx, clv_series *series, int t, clv_date_files *f, GDALDatasetH *out)
{
    const clv_acquisition *a = &series->acquisitions[t];
    int bands[CLV_MAX_CHANNELS];
    double nodata[CLV_MAX_CHANNELS], fill[CLV_MAX_CHANNELS];
    GDALDatasetH image;
    bool any = false;
    const bool screened = clv_warped_is_screened(a, series->channels);
    clv_status status = clv_date_files_image(ctx, series, t, f, &image);
    *out = f->view;
    if (status != CLV_OK || f->view)
        return status;
    for (int c = 0; c < series->channels; c++) {
        const clv_band *band = &a->bands[c];
        if (band->type == CLV_TYPE_INT8 && clv_gdal_type(band->type) == GDT_Byte)
            return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                            "%s: 8-bit signed bands cannot be resampled; gdal_translate -ot Int16", a->source);
        bands[c] = band->index;
        fill[c] = screened ? clv_warped_marker(band->type) : clv_warped_fill(band);
        nodata[c] = band->has_nodata               ? band->nodata
                    : clv_type_is_real(band->type) ? NAN
                    : band->other_count > 0        ? band->other_nodata[0]
                                                   : -1e30; /* a value no integer has */
        any = any || band->has_nodata || band->other_count > 0 || clv_type_is_real(band->type);
    }
    for (int c = 0; c < series->channels && screened; c++)
        nodata[c] = clv_warped_marker(a->bands[c].type);
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
