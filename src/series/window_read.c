/* SPDX-License-Identifier: MIT */
#include "series/window_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "series/part_zero_lines.h"
#include "series/series_private.h"

#define CHUNK_BYTES ((size_t)48 << 20) /* buffers of one read */

/* Bits of to->missing while the channels are read. */
enum { NONE_THERE = 8 };

/* What channel c misses, into the bits of the working pixels. */
static void count_missing(const clv_native_part *p, const clv_read_target *to, int c, const uint8_t *missing)
{
    const uint8_t core = c < p->core ? CLV_MISSING_CORE : 0;
    if (!memchr(missing, 1, clv_area(p->width, p->height))) {
        for (size_t i = 0; i < clv_area(to->width, to->rows); i++)
            to->missing[clv_area(to->width, to->y) + i] &= (uint8_t)~NONE_THERE;
        return;
    }
    for (int j = 0; j < to->rows; j++) {
        uint8_t *out = to->missing + clv_area(to->width, to->y + j);
        for (int i = 0; i < to->width; i++) {
            uint8_t all = 1, any = 0;
            for (int b = 0; b < to->factor; b++) {
                const uint8_t *row = missing + clv_area(p->width, j * to->factor + b) + (size_t)(i * to->factor);
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
static void finish_missing(const clv_read_target *to)
{
    uint8_t *out = to->missing + clv_area(to->width, to->y);
    for (size_t i = 0; i < clv_area(to->width, to->rows); i++) {
        if (out[i] & NONE_THERE)
            out[i] = CLV_MISSING_CORE | CLV_MISSING_NATIVE;
    }
}

static clv_status read_part(clv_context *ctx, const char *name, const clv_native_part *p, const clv_read_target *to)
{
    const size_t fine = clv_area(p->width, p->height), inside = clv_area(p->inside.width, p->inside.height);
    memset(p->missing, 1, fine);
    memset(to->missing + clv_area(to->width, to->y), NONE_THERE, clv_area(to->width, to->rows));
    if (inside > 0) {
        clv_gdal_errors errors;
        for (int y = 0; y < p->inside.height; y++)
            memset(p->missing + clv_area(p->width, p->inside.y + y) + p->inside.x, 0, (size_t)p->inside.width);
        clv_gdal_errors_begin(&errors);
        CPLErr error = clv_native_part_read(p);
        if (error == CE_None && p->use_mask)
            error = clv_native_part_apply_mask_band(p);
        if (clv_gdal_errors_end(&errors) || error != CE_None)
            return clv_fail(ctx, CLV_ERROR_READ, "%s: reading failed: %s", name, clv_gdal_errors_text(&errors));
        if (p->all_zero)
            clv_native_part_apply_all_zero(p);
        if (p->bytes)
            clv_native_part_apply_bytes(p);
    }
    const uint8_t *raw = p->raw;
    uint8_t *missing = p->missing + fine; /* of one channel */
    clv_surroundings around = {0};
    bool lines = false;
    clv_status status = CLV_OK;
    if (inside > 0 && to->x)
        status = clv_surroundings_read(ctx, name, p, NULL, &around, &lines);
    uint8_t *dead = lines && status == CLV_OK ? clv_alloc_array(inside, 1, 1) : NULL;
    if (lines && status == CLV_OK && !dead)
        status = clv_fail_memory(ctx);
    for (int c = 0; c < p->channels && inside > 0 && status == CLV_OK; c++) {
        memcpy(missing, p->missing, fine);
        if (dead)
            clv_native_part_add_zero_lines(p, &around, c, dead, missing);
        clv_native_part_decode(p, c, raw, missing);
        if (to->x)
            clv_block_mean(p->plane, missing, to->width, to->rows, to->factor,
                           to->x + (size_t)c * to->plane + clv_area(to->width, to->y), NULL);
        count_missing(p, to, c, missing);
        raw += inside * clv_pixel_size(p->bands[c].type);
    }
    for (int c = 0; inside == 0 && to->x && c < p->channels; c++)
        memset(to->x + (size_t)c * to->plane + clv_area(to->width, to->y), 0,
               clv_area(to->width, to->rows) * sizeof(float));
    finish_missing(to);
    free(dead);
    clv_surroundings_clear(&around);
    return status;
}

clv_status clv_window_read(clv_context *ctx, const char *name, clv_native_part *p, clv_rect raster,
                           clv_rect acquisition, clv_read_target *to, int rows_wanted)
{
    size_t bytes = 0;
    for (int c = 0; c < p->channels; c++)
        bytes += clv_pixel_size(p->bands[c].type);
    const size_t row = (clv_area(acquisition.width, 1) * (bytes + sizeof(float) + 2)) * (size_t)to->factor;
    int rows = row >= CHUNK_BYTES ? 1 : (int)(CHUNK_BYTES / row);
    if (rows > rows_wanted)
        rows = rows_wanted;
    clv_status status = CLV_OK;
    const size_t fine = clv_area(acquisition.width, rows * to->factor);
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
