/* SPDX-License-Identifier: MIT */
#include "series/native_part.h"

#include <stdlib.h>

#include "raster/open_options.h"
#include "raster/pixel_type.h"
#include "series/band_values.h"
#include "series/dataset.h"
#include "series/series_private.h"

int clv_core_channels(const clv_series *series)
{
    return series->has_nir ? 4 : 3;
}

bool clv_never_missing(const clv_acquisition *a, int channels)
{
    bool never = !a->facts.use_mask && !a->facts.all_zero && !a->facts.zero_lines;
    for (int c = 0; c < channels; c++)
        never = never && !a->bands[c].has_nodata && a->bands[c].other_count == 0 && !a->bands[c].screened &&
                !clv_type_is_real(a->bands[c].type);
    return never;
}

static CPLErr read_bands(const clv_native_part *p)
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
        raw += clv_area(in->width, in->height) * clv_pixel_size(p->bands[c].type);
    }
    return error;
}

CPLErr clv_native_part_read(const clv_native_part *p)
{
    char *before = clv_decode_alone_begin();
    const CPLErr error = read_bands(p);
    clv_decode_alone_end(before);
    return error;
}

CPLErr clv_native_part_apply_mask_band(const clv_native_part *p)
{
    const clv_rect *in = &p->inside;
    uint8_t *row = malloc((size_t)in->width);
    GDALRasterBandH band = GDALGetMaskBand(GDALGetRasterBand(p->ds, p->indices[0]));
    CPLErr error = row && band ? CE_None : CE_Failure;
    for (int y = 0; y < in->height && error == CE_None; y++) {
        error = GDALRasterIO(band, GF_Read, p->x, p->y + y, in->width, 1, row, in->width, 1, GDT_Byte, 0, 0);
        uint8_t *missing = p->missing + clv_area(p->width, in->y + y) + in->x;
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

void clv_mark_all_zero(const clv_band *bands, int channels, bool mixed, const uint8_t *const *raw, size_t count,
                       uint8_t *missing)
{
    for (size_t x = 0; x < count; x++) {
        bool zero = true;
        for (int c = 0; c < channels && zero; c++) {
            const size_t size = clv_pixel_size(bands[c].type);
            const uint8_t *value = raw[c] + x * size;
            zero = clv_raw_is_zero(value, size) || (mixed && is_nothing(&bands[c], value));
        }
        missing[x] |= zero;
    }
}

void clv_mark_all_missing(const clv_band *bands, int channels, const uint8_t *const *raw, size_t count,
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

bool clv_bands_mixed(const clv_band *bands, int channels)
{
    for (int c = 0; c < channels; c++)
        if (clv_type_is_real(bands[c].type) || bands[c].other_count > 0 || !bands[c].has_nodata || bands[c].nodata != 0)
            return true;
    return false;
}

void clv_native_part_apply_all_zero(const clv_native_part *p)
{
    const clv_rect *in = &p->inside;
    const bool mixed = clv_bands_mixed(p->bands, p->channels);
    for (int y = 0; y < in->height; y++) {
        const uint8_t *raw[CLV_MAX_CHANNELS], *plane = p->raw;
        for (int c = 0; c < p->channels; c++) {
            const size_t size = clv_pixel_size(p->bands[c].type);
            raw[c] = plane + clv_area(in->width, y) * size;
            plane += clv_area(in->width, in->height) * size;
        }
        clv_mark_all_zero(p->bands, p->channels, mixed, raw, (size_t)in->width,
                          p->missing + clv_area(p->width, in->y + y) + (size_t)in->x);
    }
}

void clv_native_part_apply_bytes(const clv_native_part *p)
{
    const clv_rect *in = &p->inside;
    const uint8_t *planes[CLV_BYTE_AREAS_BANDS];
    for (int b = 0; b < p->bytes->bands; b++)
        planes[b] = p->raw + (size_t)b * clv_area(in->width, in->height);
    clv_byte_areas_mark(p->bytes, (clv_rect){p->x, p->y, in->width, in->height}, planes,
                        p->missing + clv_area(p->width, in->y) + (size_t)in->x, (size_t)p->width, 1);
}

void clv_native_part_decode(const clv_native_part *p, int c, const uint8_t *raw, uint8_t *missing)
{
    const clv_band *band = &p->bands[c];
    const clv_rect *in = &p->inside;
    const uint8_t *core[CLV_MAX_CHANNELS], *plane = p->raw;
    for (int k = 0; k < p->core; k++) {
        core[k] = plane;
        plane += clv_area(in->width, in->height) * clv_pixel_size(p->bands[k].type);
    }
    for (int y = 0; y < in->height; y++) {
        size_t at = clv_area(p->width, in->y + y) + (size_t)in->x;
        const uint8_t *row = raw + clv_area(in->width, y) * clv_pixel_size(band->type);
        if (p->fill)
            clv_decode(band->type, row, (size_t)in->width, band->scale, band->offset, true, p->fill[c], p->plane + at,
                       missing + at);
        else {
            clv_band_decode(band, p->all_zero, row, (size_t)in->width, p->plane + at, missing + at);
            clv_band_screen(band, row, p->bands, p->core, core, (size_t)in->width, p->plane + at, missing + at);
        }
        for (int k = 0; k < p->core; k++)
            core[k] += clv_area(in->width, 1) * clv_pixel_size(p->bands[k].type);
    }
}
