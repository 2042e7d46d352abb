/* SPDX-License-Identifier: MIT */
#include "pipeline/products.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"
#include "image/pixel_state.h"
#include "pipeline/holes.h"
#include "pipeline/native.h"
#include "raster/regrid.h"

#define BLOCK_COLUMNS 4096 /* native pixels a block; a multiple of the tile size */

static const char *const mask_names[] = {"clear", "cloud", "cloud shadow", NULL};
static const unsigned char mask_colors[][4] = {{0, 0, 0, 0}, {255, 255, 255, 255}, {70, 70, 110, 255}};
static const char *const source_names[] = {"no data", "observed", "filled", "filled, ground never observed", NULL};

static int band_count(clv_product product)
{
    return product == CLV_PRODUCT_MASK ? 1 : product == CLV_PRODUCT_PROBABILITY ? 2 : 3;
}

static GDALDataType data_type(clv_product product)
{
    return product == CLV_PRODUCT_MASK ? GDT_Byte : product == CLV_PRODUCT_PROBABILITY ? GDT_Float32 : GDT_UInt16;
}

clv_status clv_product_create(clv_outputs *set, const clv_series *series, int t, clv_product product, const char *path,
                              clv_writer **out)
{
    static const clv_product_band bands[][3] = {
        {{"cloud mask", mask_names, mask_colors, true, CLV_MASK_CLASS_NODATA, NULL, GCI_Undefined, 1}, {0}, {0}},
        {{"cloud probability", NULL, NULL, true, -1, NULL, GCI_Undefined, 1},
         {"shadow probability", NULL, NULL, true, -1, NULL, GCI_Undefined, 1},
         {0}},
        {{"source", source_names, NULL, true, CLV_DAYS_NONE, NULL, GCI_Undefined, 1},
         {"days to the nearest observation", NULL, NULL, true, CLV_DAYS_NONE, "days", GCI_Undefined, 1},
         {"standard deviation", NULL, NULL, true, CLV_DEVIATION_NONE, "reflectance", GCI_Undefined,
          CLV_DEVIATION_SCALE}},
    };
    const clv_acquisition *a = &series->acquisitions[t];
    return clv_writer_create(set, path, &a->grid, data_type(product), bands[product], band_count(product),
                             &a->facts.date, out);
}

typedef struct product_job {
    clv_context *ctx;
    clv_outputs *set;
    clv_series *series;
    clv_writer *const *writers;
    clv_product product;
    const clv_product_source *source;
} product_job;

/* What a pixel outside the working grid gets; of a mask, states. */
static void put_unknown(clv_product product, int band, unsigned char *to)
{
    float probability = CLV_PROBABILITY_NODATA;
    uint16_t quality = band == 0 ? CLV_SOURCE_NODATA : band == 1 ? CLV_DAYS_NONE : CLV_DEVIATION_NONE;
    if (product == CLV_PRODUCT_MASK)
        *to = CLV_PIXEL_BEYOND;
    else if (product == CLV_PRODUCT_PROBABILITY)
        memcpy(to, &probability, sizeof probability);
    else
        memcpy(to, &quality, sizeof quality);
}

static bool has_holes(const uint8_t *states, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (states[i] & CLV_PIXEL_PARTLY)
            return true;
    return false;
}

/* States of working pixels at native ones become classes of the mask. native: on the date's own grid. */
static clv_status states_to_classes(const product_job *job, int t, clv_rect native, uint8_t *states)
{
    const bool warped = job->series->acquisitions[t].warped;
    const size_t n = (size_t)native.width * (size_t)native.height;
    clv_holes holes = {0};
    clv_status status = CLV_OK;
    if (warped || has_holes(states, n))
        status = clv_holes_read(job->ctx, job->series, t, native, &holes);
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        const uint8_t hole = holes.pixels ? holes.pixels[i] : CLV_NATIVE_THERE;
        if (warped)
            states[i] = clv_holes_warped_state(hole, !(states[i] & CLV_PIXEL_OUTSIDE), false, states[i]);
        else if (hole && !(states[i] & CLV_PIXEL_OUTSIDE))
            clv_holes_filled(hole, clv_pixel_filled(states[i], false, false), false, &states[i]);
        states[i] = (uint8_t)clv_pixel_mask_class(states[i]);
    }
    clv_holes_clear(&holes);
    return status;
}

/* One block of native pixels: nearest working pixel. */
static clv_status write_block(const product_job *job, int t, int band, clv_rect native)
{
    const clv_acquisition *a = &job->series->acquisitions[t];
    const clv_grid *grid = &job->series->grid;
    size_t size = (size_t)GDALGetDataTypeSizeBytes(data_type(job->product));
    int x0 = clv_native_to_working(native.x, a->xoff, a->factor, grid->width),
        y0 = clv_native_to_working(native.y, a->yoff, a->factor, grid->height);
    int x1 = clv_native_to_working(native.x + native.width - 1, a->xoff, a->factor, grid->width);
    int y1 = clv_native_to_working(native.y + native.height - 1, a->yoff, a->factor, grid->height);
    clv_rect working = {x0 < 0 ? 0 : x0, y0 < 0 ? 0 : y0, 0, 0};
    working.width = (x1 < 0 ? grid->width - 1 : x1) - working.x + 1;
    working.height = (y1 < 0 ? grid->height - 1 : y1) - working.y + 1;
    unsigned char *from = clv_alloc_array((size_t)working.width, (size_t)working.height, size);
    unsigned char *to = clv_alloc_array((size_t)native.width, (size_t)native.height, size);
    clv_status status =
        from && to ? job->source->read(job->source->user, t, band, working, from) : clv_fail_memory(job->ctx);
    for (int y = 0; y < native.height && status == CLV_OK; y++) {
        int wy = clv_native_to_working(native.y + y, a->yoff, a->factor, grid->height);
        for (int x = 0; x < native.width; x++) {
            int wx = clv_native_to_working(native.x + x, a->xoff, a->factor, grid->width);
            unsigned char *p = to + ((size_t)y * (size_t)native.width + (size_t)x) * size;
            if (wx < 0 || wy < 0)
                put_unknown(job->product, band, p);
            else
                memcpy(p, from + ((size_t)(wy - working.y) * (size_t)working.width + (size_t)(wx - working.x)) * size,
                       size);
        }
    }
    if (status == CLV_OK && job->product == CLV_PRODUCT_MASK)
        status = states_to_classes(job, t, native, to);
    if (status == CLV_OK)
        status = clv_writer_write(job->writers[t], band + 1, native, to);
    free(from);
    free(to);
    return status;
}

static clv_status write_warped(const product_job *job, int t)
{
    clv_context *ctx = job->ctx;
    clv_series *series = job->series;
    clv_writer *writer = job->writers[t];
    const clv_product product = job->product;
    const clv_product_source *source = job->source;
    const clv_acquisition *a = &series->acquisitions[t];
    GDALDataType type = data_type(product);
    int bands = band_count(product), rows = clv_writer_block_rows(writer);
    size_t size = (size_t)GDALGetDataTypeSizeBytes(type);
    clv_scratch *scratch = NULL;
    GDALDatasetH warped = NULL;
    int list[3] = {1, 2, 3};
    clv_regrid_options options = {.resampling = GRA_NearestNeighbour,
                                  .bands = list,
                                  .band_count = bands,
                                  .background = product == CLV_PRODUCT_PROBABILITY ? -1
                                                : product == CLV_PRODUCT_MASK      ? CLV_PIXEL_BEYOND
                                                                                   : CLV_SOURCE_NODATA};
    const clv_rect area = clv_series_area(series, t, CLV_OUTPUT_MARGIN);
    rows = rows < 1 ? 256 : rows;
    unsigned char *block = clv_alloc_array(
        (size_t)(series->grid.width > a->grid.width ? series->grid.width : a->grid.width), (size_t)rows, size);
    clv_status status = block ? clv_scratch_new(job->set, &series->grid, type, bands, &scratch) : clv_fail_memory(ctx);
    const int end = area.y + area.height;
    for (int y = area.y; area.width > 0 && y < end && status == CLV_OK; y += rows)
        for (int b = 0; b < bands && status == CLV_OK; b++) {
            clv_rect r = {area.x, y, area.width, end - y < rows ? end - y : rows};
            status = source->read(source->user, t, b, r, block);
            if (status == CLV_OK)
                status = clv_scratch_write(scratch, b, r, block);
        }
    if (status == CLV_OK)
        status = clv_regrid_open(ctx, a->source, clv_scratch_dataset(scratch), &a->grid, &options, &warped);
    for (int y = 0; y < a->grid.height && status == CLV_OK; y += rows)
        for (int b = 0; b < bands && status == CLV_OK; b++) {
            clv_rect r = {0, y, a->grid.width, a->grid.height - y < rows ? a->grid.height - y : rows};
            status = clv_check_cancel(ctx);
            if (status == CLV_OK && GDALRasterIO(GDALGetRasterBand(warped, b + 1), GF_Read, 0, y, r.width, r.height,
                                                 block, r.width, r.height, type, 0, 0) != CE_None)
                status = clv_fail(ctx, CLV_ERROR_READ, "%s: warping the mask back failed: %s", a->source,
                                  CPLGetLastErrorMsg());
            if (status == CLV_OK && product == CLV_PRODUCT_MASK)
                status = states_to_classes(job, t, r, block);
            if (status == CLV_OK)
                status = clv_writer_write(writer, b + 1, r, block);
        }
    if (warped)
        GDALClose(warped);
    clv_scratch_free(scratch);
    free(block);
    return status;
}

static clv_status write_date(void *arg, int t, int number)
{
    (void)number;
    const product_job *job = arg;
    const clv_acquisition *a = &job->series->acquisitions[t];
    if (!clv_acquisition_shown(a))
        return CLV_OK;
    if (a->warped)
        return write_warped(job, t);
    int rows = clv_writer_block_rows(job->writers[t]);
    rows = rows < 1 ? 256 : rows;
    clv_status status = CLV_OK;
    for (int y = 0; y < a->grid.height && status == CLV_OK; y += rows)
        for (int x = 0; x < a->grid.width && status == CLV_OK; x += BLOCK_COLUMNS)
            for (int band = 0; band < band_count(job->product) && status == CLV_OK; band++) {
                clv_rect native = {x, y, a->grid.width - x, a->grid.height - y};
                native.width = native.width < BLOCK_COLUMNS ? native.width : BLOCK_COLUMNS;
                native.height = native.height < rows ? native.height : rows;
                status = clv_check_cancel(job->ctx);
                if (status == CLV_OK)
                    status = write_block(job, t, band, native);
            }
    return status;
}

clv_status clv_products_write(clv_context *ctx, clv_outputs *set, clv_series *series, clv_writer *const *writers,
                              clv_product product, const clv_product_source *source)
{
    product_job job = {ctx, set, series, writers, product, source};
    return clv_parallel_for(ctx, series->dates, 0, write_date, &job);
}
