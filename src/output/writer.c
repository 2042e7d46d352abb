/* SPDX-License-Identifier: MIT */
#include "output/outputs_private.h"

#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "output/pixel_sum.h"
#include "raster/gdal_errors.h"

/* Bytes of the buffer through which AUX bands and masks are copied. */
#define COPY_BYTES (4u << 20)

int clv_writer_channel(const clv_writer *writer, int t, int c)
{
    return !writer ? 0 : writer->channel_band[(writer->dates == 1 ? 0 : t) * writer->channels + c];
}

int clv_writer_block_rows(const clv_writer *writer)
{
    return writer ? writer->block_height : 256;
}

/* ---- Windows in ------------------------------------------------------------------------------------- */

static bool covers_tiles(const clv_writer *w, clv_rect r)
{
    return r.x % w->block_width == 0 && r.y % w->block_height == 0 &&
           ((r.x + r.width) % w->block_width == 0 || r.x + r.width == w->width) &&
           ((r.y + r.height) % w->block_height == 0 || r.y + r.height == w->height);
}

/* One tile out of the window; beyond the raster's edge the last pixel is repeated, which compresses best. */
static void cut_tile(clv_writer *w, GDALDataType from, const unsigned char *raw, clv_rect r, int x, int y)
{
    size_t in = (size_t)GDALGetDataTypeSizeBytes(from), size = (size_t)GDALGetDataTypeSizeBytes(w->type);
    int columns = w->block_width < r.width - x ? w->block_width : r.width - x;
    int rows = w->block_height < r.height - y ? w->block_height : r.height - y;
    unsigned char *tile = w->tile;
    for (int j = 0; j < w->block_height; j++) {
        unsigned char *line = tile + (size_t)j * (size_t)w->block_width * size;
        if (j >= rows) {
            memcpy(line, line - (size_t)w->block_width * size, (size_t)w->block_width * size);
            continue;
        }
        const unsigned char *source = raw + ((size_t)(y + j) * (size_t)r.width + (size_t)x) * in;
        if (from == w->type)
            memcpy(line, source, (size_t)columns * size);
        else
            GDALCopyWords(source, from, (int)in, line, w->type, (int)size, columns);
        for (int i = columns; i < w->block_width; i++)
            memcpy(line + (size_t)i * size, line + (size_t)(columns - 1) * size, size);
    }
}

/* Complete tiles go straight to the driver: compressed once, in order, past the block cache, from which another thread
 * might push them out at any moment. */
static bool write_tiles(clv_writer *w, GDALRasterBandH band, GDALDataType from, clv_rect r, const void *raw)
{
    for (int y = 0; y < r.height; y += w->block_height)
        for (int x = 0; x < r.width; x += w->block_width) {
            cut_tile(w, from, raw, r, x, y);
            if (GDALWriteBlock(band, (r.x + x) / w->block_width, (r.y + y) / w->block_height, w->tile) != CE_None)
                return false;
        }
    return true;
}

static clv_status check_window(const clv_writer *w, int band, clv_rect r)
{
    if (band < 1 || band > w->band_count || r.x < 0 || r.y < 0 || r.width < 1 || r.height < 1 ||
        r.width > w->width - r.x || r.height > w->height - r.y)
        return clv_fail(w->set->ctx, CLV_ERROR_INTERNAL, "%s: window %d,%d %dx%d of band %d lies outside",
                        w->item->path, r.x, r.y, r.width, r.height, band);
    if (!w->dataset)
        return clv_fail(w->set->ctx, CLV_ERROR_INTERNAL, "%s: is closed", w->item->path);
    return CLV_OK;
}

/* Adds a window, whose values are of type `from`, to what is known of the band. */
static clv_status count_pixels(clv_writer *w, int band, clv_rect r, GDALDataType from, const void *raw)
{
    clv_output_band *b = &w->bands[band - 1];
    const size_t in = (size_t)GDALGetDataTypeSizeBytes(from), size = (size_t)GDALGetDataTypeSizeBytes(w->type);
    void *line = from == w->type ? NULL : clv_alloc_array((size_t)r.width, 1, size);
    if (from != w->type && !line)
        return clv_fail_memory(w->set->ctx);
    for (int j = 0; j < r.height; j++) {
        const unsigned char *row = (const unsigned char *)raw + (size_t)j * (size_t)r.width * in;
        if (line) {
            GDALCopyWords(row, from, (int)in, line, w->type, (int)size, r.width);
            row = line;
        }
        const uint64_t place = (uint64_t)(r.y + j) * (uint64_t)w->width + (uint64_t)r.x;
        b->sum += clv_pixel_sum(row, size, (size_t)r.width, place);
    }
    b->pixels += (double)r.width * r.height;
    free(line);
    return CLV_OK;
}

uint64_t *clv_writer_sums(const clv_writer *w)
{
    uint64_t *sums = w->resampled ? NULL : clv_alloc_array((size_t)w->band_count, 1, sizeof *sums);
    for (int i = 0; sums && i < w->band_count; i++) {
        sums[i] = w->bands[i].sum;
        if (w->bands[i].pixels != (double)w->width * w->height) { /* some were written twice */
            free(sums);
            return NULL;
        }
    }
    return sums;
}

clv_status clv_writer_write(clv_writer *writer, int band, clv_rect window, const void *raw)
{
    clv_outputs *set = writer->set;
    if (atomic_load(&set->failed))
        return CLV_ERROR_WRITE; /* the first error has its text already */
    clv_status status = check_window(writer, band, window);
    if (status != CLV_OK)
        return status;
    GDALRasterBandH target = GDALGetRasterBand(writer->dataset, band);
    GDALDataType from = writer->bands[band - 1].type;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    bool written = covers_tiles(writer, window)
                       ? write_tiles(writer, target, from, window, raw)
                       : GDALRasterIO(target, GF_Write, window.x, window.y, window.width, window.height, (void *)raw,
                                      window.width, window.height, from, 0, 0) == CE_None;
    if (clv_gdal_errors_end(&errors) || !written)
        return clv_outputs_fail_write(set, writer->item->path, "cannot be written", clv_gdal_errors_text(&errors));
    return count_pixels(writer, band, window, from, raw);
}

clv_status clv_writer_filled(clv_writer *writer, clv_rect window, const uint8_t *filled)
{
    if (!writer || (!writer->copies_mask && !writer->alpha_band))
        return CLV_OK;
    clv_status status = check_window(writer, 1, window);
    size_t n = (size_t)window.width * (size_t)window.height;
    double *valid = status == CLV_OK ? clv_alloc_array(n, 1, sizeof *valid) : NULL;
    if (status == CLV_OK && !valid)
        status = clv_fail_memory(writer->set->ctx);
    if (status != CLV_OK)
        return status;
    GDALRasterBandH band = writer->copies_mask ? GDALGetMaskBand(GDALGetRasterBand(writer->dataset, 1))
                                               : GDALGetRasterBand(writer->dataset, writer->alpha_band);
    double opaque = GDALGetRasterDataType(band) == GDT_Byte ? 255 : 65535;
    for (size_t i = 0; i < n; i++)
        valid[i] = filled[i] ? opaque : 0;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = GDALRasterIO(band, GF_Write, window.x, window.y, window.width, window.height, valid, window.width,
                                window.height, GDT_Float64, 0, 0);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        status = clv_outputs_fail_write(writer->set, writer->item->path, "the mask cannot be written",
                                        clv_gdal_errors_text(&errors));
    free(valid);
    return status;
}

/* ---- The end of a file ------------------------------------------------------------------------------ */

/* Larger of both, byte by byte or as unsigned 16-bit: what was filled stays valid. */
static void join_masks(void *into, const void *marked, size_t n, GDALDataType type)
{
    if (type == GDT_Byte) {
        uint8_t *a = into;
        const uint8_t *b = marked;
        for (size_t i = 0; i < n; i++)
            a[i] = a[i] > b[i] ? a[i] : b[i];
    } else if (type == GDT_UInt16) {
        uint16_t *a = into;
        const uint16_t *b = marked;
        for (size_t i = 0; i < n; i++)
            a[i] = a[i] > b[i] ? a[i] : b[i];
    }
}

static clv_status source_of(const clv_writer *w, int t, GDALDatasetH *dataset)
{
    *dataset = clv_series_dataset(w->series, t);
    if (*dataset)
        return CLV_OK;
    return clv_fail(w->set->ctx, CLV_ERROR_READ, "%s: cannot be opened again", w->series->acquisitions[t].source);
}

static int within(int v, int length)
{
    return v < 0 ? 0 : v >= length ? length - 1 : v;
}

/* A window of the output read by steps: nearest native pixels, those of the raster's border beyond it. So a pixel does
 * not depend on the window. */
static CPLErr read_steps(GDALRasterBandH source, GDALDataType type, int x, int y, int step, clv_rect r, void *buffer)
{
    int sw = GDALGetRasterBandXSize(source), sh = GDALGetRasterBandYSize(source);
    int x0 = within(x + r.x * step, sw), x1 = within(x + (r.x + r.width - 1) * step, sw) + 1;
    size_t size = (size_t)GDALGetDataTypeSizeBytes(type);
    unsigned char *row = clv_alloc_array((size_t)(x1 - x0), size, 1), *to = buffer;
    CPLErr error = row ? CE_None : CE_Failure;
    for (int j = 0; j < r.height && error == CE_None; j++) {
        error = GDALRasterIO(source, GF_Read, x0, within(y + (r.y + j) * step, sh), x1 - x0, 1, row, x1 - x0, 1, type,
                             0, 0);
        for (int i = 0; i < r.width && error == CE_None; i++, to += size)
            memcpy(to, row + (size_t)(within(x + (r.x + i) * step, sw) - x0) * size, size);
    }
    free(row);
    return error;
}

/* A window that lies over the same pixels, or shares of a raster that is resampled. */
static CPLErr read_part(const clv_writer *w, GDALRasterBandH source, GDALDataType type, clv_rect part, clv_rect r,
                        void *buffer)
{
    int sw = part.width, sh = part.height;
    bool same = sw == w->width && sh == w->height;
    int x0 = same ? r.x : (int)((double)r.x * sw / w->width), y0 = same ? r.y : (int)((double)r.y * sh / w->height);
    int x1 = same ? r.x + r.width : (int)((double)(r.x + r.width) * sw / w->width);
    int y1 = same ? r.y + r.height : (int)((double)(r.y + r.height) * sh / w->height);
    return GDALRasterIO(source, GF_Read, part.x + x0, part.y + y0, x1 > x0 ? x1 - x0 : 1, y1 > y0 ? y1 - y0 : 1, buffer,
                        r.width, r.height, type, 0, 0);
}

/* One window of a band of date t. part: what of the source lies under the output; number: of the output's band, 0 for
 * its mask. */
static clv_status copy_window(clv_writer *w, int t, GDALDatasetH dataset, GDALRasterBandH source,
                              GDALRasterBandH target, int number, clv_rect part, clv_rect r, void *buffer, void *marked)
{
    GDALDataType type = GDALGetRasterDataType(target);
    int x, y, step;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = clv_series_steps(w->series, t, &x, &y, &step) ? read_steps(source, type, x, y, step, r, buffer)
                                                                 : read_part(w, source, type, part, r, buffer);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_fail(w->set->ctx, CLV_ERROR_READ, "%s: %s", GDALGetDescription(dataset),
                        clv_gdal_errors_text(&errors));
    clv_gdal_errors_begin(&errors);
    if (marked) {
        error = GDALRasterIO(target, GF_Read, r.x, r.y, r.width, r.height, marked, r.width, r.height, type, 0, 0);
        join_masks(buffer, marked, (size_t)r.height * (size_t)r.width, type);
    }
    if (error == CE_None)
        error = GDALRasterIO(target, GF_Write, r.x, r.y, r.width, r.height, buffer, r.width, r.height, type, 0, 0);
    if (error == CE_None)
        error = GDALFlushRasterCache(target);
    if (clv_gdal_errors_end(&errors) || error != CE_None)
        return clv_outputs_fail_write(w->set, w->item->path, "cannot be written", clv_gdal_errors_text(&errors));
    clv_status status = number > 0 ? count_pixels(w, number, r, type, buffer) : CLV_OK;
    return status == CLV_OK ? clv_check_cancel(w->set->ctx) : status;
}

/* Copies a window of a band by rows of tiles. */
static clv_status copy_band(clv_writer *w, int t, GDALDatasetH dataset, GDALRasterBandH source, GDALRasterBandH target,
                            int number, bool join, clv_rect window)
{
    clv_rect part = clv_series_source(w->series, t, dataset);
    size_t row = (size_t)window.width * (size_t)GDALGetDataTypeSizeBytes(GDALGetRasterDataType(target));
    int rows = (int)(COPY_BYTES / row) / w->block_height * w->block_height;
    rows = rows < w->block_height ? w->block_height : rows;
    void *buffer = clv_alloc_array((size_t)rows, row, 1), *marked = join ? clv_alloc_array((size_t)rows, row, 1) : NULL;
    clv_status status = CLV_OK;
    if (!buffer || (join && !marked))
        status = clv_fail_memory(w->set->ctx);
    for (int y = 0; y < window.height && status == CLV_OK; y += rows) {
        int n = rows < window.height - y ? rows : window.height - y;
        clv_rect rows_now = {window.x, window.y + y, window.width, n};
        status = copy_window(w, t, dataset, source, target, number, part, rows_now, buffer, marked);
    }
    free(buffer);
    free(marked);
    return status;
}

clv_status clv_writer_copy_rest(clv_writer *w, clv_rect window)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < w->band_count && status == CLV_OK; i++) {
        const clv_output_band *band = &w->bands[i];
        if (band->source_date < 0)
            continue;
        GDALDatasetH dataset = NULL;
        if ((status = source_of(w, band->source_date, &dataset)) != CLV_OK)
            break;
        status = copy_band(w, band->source_date, dataset, GDALGetRasterBand(dataset, band->source_index),
                           GDALGetRasterBand(w->dataset, i + 1), i + 1, i + 1 == w->alpha_band, window);
    }
    if (status == CLV_OK && w->copies_mask) {
        GDALDatasetH dataset = NULL;
        int t = w->only_date < 0 ? 0 : w->only_date;
        if ((status = source_of(w, t, &dataset)) != CLV_OK)
            return status;
        status = copy_band(w, t, dataset, GDALGetMaskBand(GDALGetRasterBand(dataset, 1)),
                           GDALGetMaskBand(GDALGetRasterBand(w->dataset, 1)), 0, true, window);
    }
    return status;
}

GDALDatasetH clv_writer_dataset(clv_writer *writer)
{
    return writer->dataset;
}

/* Pixels that nobody wrote would be read as 0 without any error. */
static clv_status check_complete(const clv_writer *w)
{
    for (int i = 0; i < w->band_count; i++)
        if (w->bands[i].source_date < 0 && w->bands[i].pixels < (double)w->width * w->height)
            return clv_fail(w->set->ctx, CLV_ERROR_INTERNAL, "%s: band %d was not written completely", w->item->path,
                            i + 1);
    return CLV_OK;
}

clv_status clv_writer_finish(clv_writer *writer)
{
    if (!writer->dataset)
        return CLV_OK;
    clv_status status = check_complete(writer);
    if (status == CLV_OK)
        status = clv_writer_copy_rest(writer, (clv_rect){0, 0, writer->width, writer->height});
    if (status != CLV_OK)
        return status;
    /* With compression a full disk often shows only here. A failing flush is not followed by an ordinary close. */
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALFlushCache(writer->dataset);
    if (clv_gdal_errors_end(&errors))
        return clv_outputs_fail_write(writer->set, writer->item->path, "cannot be written",
                                      clv_gdal_errors_text(&errors));
    clv_gdal_errors_begin(&errors);
    GDALClose(writer->dataset);
    writer->dataset = NULL;
    if (clv_gdal_errors_end(&errors))
        return clv_outputs_fail_write(writer->set, writer->item->path, "cannot be closed",
                                      clv_gdal_errors_text(&errors));
    return CLV_OK;
}

void clv_writer_abandon(clv_writer *writer)
{
    if (writer && writer->dataset) {
        GDALClose(writer->dataset);
        writer->dataset = NULL;
    }
}

void clv_writer_free(clv_writer *writer)
{
    if (!writer)
        return;
    clv_writer_abandon(writer);
    if (writer->crs)
        OSRDestroySpatialReference(writer->crs);
    free(writer->bands);
    free(writer->colors);
    free(writer->channel_band);
    free(writer->tile);
    free(writer);
}
