/* SPDX-License-Identifier: MIT */
#include "series/part_zero_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "image/empty_band.h"
#include "image/zero_lines.h"
#include "raster/gdal_errors.h"
#include "series/dataset.h"
#include "series/series_private.h"

void clv_surroundings_clear(clv_surroundings *s)
{
    free(s->wide.raw);
    free(s->wide.missing);
    free(s->work);
    free(s->sums);
}

/* Some channel is 0 where others are not. planes [channels], or NULL: the part's own. missing: of the part, 1: in every
 * channel. */
static bool has_single_zero(const clv_native_part *p, const void *const *planes)
{
    const clv_rect *in = &p->inside;
    const uint8_t *raw = p->raw;
    for (int c = 0; c < p->channels; c++) {
        const size_t size = clv_pixel_size(p->bands[c].type);
        raw = planes ? planes[c] : raw;
        for (int y = 0; y < in->height; y++) {
            const uint8_t *missing = p->missing + clv_area(p->width, in->y + y) + in->x;
            const uint8_t *row = raw + clv_area(in->width, y) * size;
            for (int x = 0; x < in->width; x++)
                if (missing[x] != 1 && clv_raw_is_zero(row + (size_t)x * size, size))
                    return true;
        }
        raw += clv_area(in->width, in->height) * size;
    }
    return false;
}

clv_status clv_surroundings_read(clv_context *ctx, const char *name, const clv_native_part *p,
                                 const void *const *planes, clv_surroundings *s, bool *needed)
{
    *needed = p->zero_lines && has_single_zero(p, planes);
    if (!*needed)
        return CLV_OK;
    const int reach = CLV_ZERO_LINES_REACH;
    const clv_rect raster = {0, 0, p->raster_width, p->raster_height};
    const clv_rect r = clv_rect_intersect(
        raster, (clv_rect){p->x - reach, p->y - reach, p->inside.width + 2 * reach, p->inside.height + 2 * reach});
    const size_t n = clv_area(r.width, r.height);
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
    s->sums = clv_alloc_array(clv_area(r.width + 1, r.height + 1), 2, sizeof *s->sums);
    if (!s->wide.raw || !s->wide.missing || !s->work || !s->sums)
        return clv_fail_memory(ctx);
    memset(s->wide.missing, 0, n);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = clv_native_part_read(&s->wide);
    if (error == CE_None && p->use_mask)
        error = clv_native_part_apply_mask_band(&s->wide);
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
        clv_mark_all_zero(p->bands, p->channels, true, wide, n, before);
    else
        clv_mark_all_missing(p->bands, p->channels, wide, n, before);
    for (size_t i = 0; i < n; i++)
        s->wide.missing[i] |= before[i];
    return CLV_OK;
}

bool clv_surroundings_mark(const clv_surroundings *s, int c, uint8_t *dead)
{
    const size_t n = clv_area(s->wide.width, s->wide.height), size = clv_pixel_size(s->wide.bands[c].type);
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
        zero[i] = !s->wide.missing[i] && clv_raw_is_zero(raw + i * size, size);
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

void clv_native_part_add_zero_lines(const clv_native_part *p, const clv_surroundings *around, int c, uint8_t *dead,
                                    uint8_t *missing)
{
    const clv_rect *in = &p->inside;
    memset(dead, 0, clv_area(in->width, in->height));
    if (!clv_surroundings_mark(around, c, dead))
        return;
    for (int y = 0; y < in->height; y++)
        for (int x = 0; x < in->width; x++)
            missing[clv_area(p->width, in->y + y) + (size_t)(in->x + x)] |= dead[clv_area(in->width, y) + (size_t)x];
}
