/* SPDX-License-Identifier: MIT */
#include "output/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gdalwarper.h>

#include "base/alloc.h"
#include "output/pixel_sum.h"
#include "raster/gdal_errors.h"

/* Bytes of one buffer. */
#define CHUNK_BYTES (4u << 20)
/* Formats of text, and of other types, keep so many digits. */
#define RELATIVE_DIGITS 1e-6
/* A lossy picture is nearer to the original than a picture of its means by far; JPEG's and WebP's own steps come on
 * top, which matter where a picture has no contrast. In parts of the standard deviation and of the range. */
#define LOSSY_DEVIATION 0.25
#define LOSSY_RANGE 0.01
#define LOSSY_STEP (3.0 / 255)
/* Side of the picture by which a resampled raster is compared, and how far it may differ in standard deviations. */
#define RESAMPLED_SIDE 256
#define RESAMPLED_DEVIATION 0.5

/* Rows that are read at once: whole blocks as far as memory allows. */
static int rows_at_once(GDALRasterBandH band, int width, size_t size)
{
    int x, y;
    GDALGetBlockSize(band, &x, &y);
    size_t row = (size_t)width * size;
    int rows = (int)(CHUNK_BYTES / (row ? row : 1));
    rows = rows > y ? rows / y * y : rows;
    return rows < 1 ? 1 : rows;
}

clv_status clv_bands_sums(clv_context *ctx, const clv_bands *bands, GDALDataType type, uint64_t *sums, char why[256])
{
    const size_t size = (size_t)GDALGetDataTypeSizeBytes(type), width = (size_t)bands->width;
    clv_status status = CLV_OK;
    *why = '\0';
    for (int b = 0; b < bands->count && status == CLV_OK; b++) {
        const int rows = rows_at_once(bands->list[b], bands->width, size);
        unsigned char *buffer = clv_alloc_array((size_t)rows, width, size);
        if (!buffer)
            return clv_fail_memory(ctx);
        sums[b] = 0;
        for (int y = 0; y < bands->height && status == CLV_OK; y += rows) {
            const int n = rows < bands->height - y ? rows : bands->height - y;
            clv_gdal_errors errors;
            clv_gdal_errors_begin(&errors);
            CPLErr error =
                GDALRasterIO(bands->list[b], GF_Read, 0, y, bands->width, n, buffer, bands->width, n, type, 0, 0);
            if (clv_gdal_errors_end(&errors) || error != CE_None) {
                snprintf(why, 256, "%s", clv_gdal_errors_text(&errors));
                status = CLV_ERROR_READ;
            } else {
                sums[b] += clv_pixel_sum(buffer, size, (size_t)n * width, (uint64_t)y * width);
                status = clv_check_cancel(ctx);
            }
        }
        free(buffer);
    }
    return status;
}

/* ---- Value by value ------------------------------------------------------------------------------------ */

/* One band's differences. */
typedef struct difference {
    double count, error, worst, sum, squares, low, high, got_high;
    double first_x, first_y, first_want, first_got; /* of the first value that differs */
    bool differs, lost;                             /* lost: NaN where there was a number */
} difference;

static void add_value(difference *d, double want, double got, bool same_type, size_t at, int width, int y)
{
    if (isnan(want) || isnan(got)) {
        if (isnan(want) && isnan(got))
            return;
        d->lost = true;
    }
    const double e = fabs(got - want);
    d->count++;
    d->sum += want;
    d->squares += want * want;
    d->low = fmin(d->low, want);
    d->high = fmax(d->high, want);
    d->got_high = fmax(d->got_high, got);
    if (!(e > (same_type ? 0 : RELATIVE_DIGITS * fmax(1, fabs(want))) || d->lost))
        return;
    d->error += isnan(e) ? 0 : e;
    d->worst = fmax(d->worst, e);
    if (!d->differs) {
        d->first_x = (double)(at % (size_t)width);
        d->first_y = (double)(at / (size_t)width) + y;
        d->first_want = want;
        d->first_got = got;
    }
    d->differs = true;
}

typedef struct buffers {
    unsigned char *want, *got, *valid;
    double *a, *b;
} buffers;

static bool read_rows(GDALRasterBandH band, int y, int width, int rows, GDALDataType type, void *buffer, char why[256])
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = GDALRasterIO(band, GF_Read, 0, y, width, rows, buffer, width, rows, type, 0, 0);
    if (!clv_gdal_errors_end(&errors) && error == CE_None)
        return true;
    snprintf(why, 256, "it cannot be read: %s", clv_gdal_errors_text(&errors));
    return false;
}

/* n rows of one band. false: one of the two cannot be read, see why. */
static bool compare_rows(const clv_bands *want, const clv_bands *got, int b, int y, int n, const buffers *m, bool lossy,
                         uint64_t *sum, difference *d, char why[256])
{
    const GDALDataType type = GDALGetRasterDataType(want->list[b]);
    const bool same_type = GDALGetRasterDataType(got->list[b]) == type;
    const size_t size = (size_t)GDALGetDataTypeSizeBytes(type), width = (size_t)want->width;
    const size_t count = (size_t)n * width;
    if (!read_rows(want->list[b], y, want->width, n, type, m->want, why) ||
        !read_rows(got->list[b], y, want->width, n, same_type ? type : GDT_Float64, same_type ? m->got : (void *)m->b,
                   why))
        return false;
    *sum += clv_pixel_sum(m->want, size, count, (uint64_t)y * width);
    if (same_type && !lossy && memcmp(m->want, m->got, count * size) == 0)
        return true;
    GDALCopyWords64(m->want, type, (int)size, m->a, GDT_Float64, 8, (GPtrDiff_t)count);
    if (same_type)
        GDALCopyWords64(m->got, type, (int)size, m->b, GDT_Float64, 8, (GPtrDiff_t)count);
    int has_nodata = 0;
    const double nodata = GDALGetRasterNoDataValue(want->list[b], &has_nodata);
    /* No data may have another number there, or none: alpha. */
    if (has_nodata && !read_rows(GDALGetMaskBand(got->list[b]), y, want->width, n, GDT_Byte, m->valid, why))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!has_nodata || m->a[i] != nodata || m->valid[i])
            add_value(d, m->a[i], m->b[i], same_type, i, want->width, y);
    /* Imaginary parts, and what a double does not hold: told apart by their bytes alone. */
    if (same_type && !lossy && !d->differs && (GDALDataTypeIsComplex(type) || !GDALDataTypeIsFloating(type)))
        d->differs = true;
    return true;
}

/* Whether integers are cut off at 255, 4095, 65535: what so many bits hold at most, and further off than a lossy
 * picture may be. */
static bool is_cut_off(const difference *d, GDALDataType type)
{
    const double v = d->got_high, bits = log2(v + 1);
    return !GDALDataTypeIsFloating(type) && v >= 1 && bits == floor(bits) &&
           d->high - v > LOSSY_RANGE * (d->high - d->low) + LOSSY_STEP * v;
}

static bool within_loss(const difference *d, GDALDataType type, clv_creation_loss loss)
{
    if (!d->differs)
        return true;
    if (d->lost || loss.kind == CLV_LOSS_NONE)
        return false;
    if (loss.kind == CLV_LOSS_BOUNDED)
        return d->worst <= loss.most * (1 + RELATIVE_DIGITS);
    /* Bright values cut off at the end of fewer bits hardly show in the mean. */
    if (is_cut_off(d, type))
        return false;
    const double mean = d->sum / d->count, deviation = sqrt(fmax(0, d->squares / d->count - mean * mean));
    const double full = type == GDT_Byte ? 255 : type == GDT_UInt16 || type == GDT_Int16 ? 4095 : 0;
    return d->error / d->count <= LOSSY_DEVIATION * deviation + LOSSY_RANGE * (d->high - d->low) + LOSSY_STEP * full;
}

static void describe(const difference *d, GDALDataType type, int band, char why[256])
{
    if (is_cut_off(d, type))
        snprintf(why, 256, "its values end at %.10g, band %d reaches %.10g", d->got_high, band, d->high);
    else if (d->count > 0)
        snprintf(why, 256, "its values differ: band %d has %.10g instead of %.10g at pixel %.0f, line %.0f", band,
                 d->first_got, d->first_want, d->first_x, d->first_y);
    else
        snprintf(why, 256, "its values differ in band %d", band);
}

clv_status clv_bands_compare(clv_context *ctx, const clv_bands *want, const clv_bands *got, clv_creation_loss loss,
                             const uint64_t *sums, clv_comparison *out)
{
    *out = (clv_comparison){0};
    if (got->width != want->width || got->height != want->height) {
        snprintf(out->why, sizeof out->why, "its size is %dx%d instead of %dx%d", got->width, got->height, want->width,
                 want->height);
        return CLV_OK;
    }
    if (got->count != want->count) {
        snprintf(out->why, sizeof out->why, "it has %d band%s instead of %d", got->count, got->count == 1 ? "" : "s",
                 want->count);
        return CLV_OK;
    }
    /* All bands of some rows, then the next ones: many formats keep the bands of a block together. */
    size_t size = sizeof(double);
    int rows = want->height;
    for (int b = 0; b < want->count; b++) {
        const size_t own = (size_t)GDALGetDataTypeSizeBytes(GDALGetRasterDataType(want->list[b]));
        size = own > size ? own : size;
    }
    for (int b = 0; b < want->count; b++) {
        const int now = rows_at_once(got->list[b], want->width, size);
        rows = now < rows ? now : rows;
    }
    const size_t width = (size_t)want->width, n = (size_t)want->count;
    const buffers m = {.want = clv_alloc_array((size_t)rows, width, size),
                       .got = clv_alloc_array((size_t)rows, width, size),
                       .valid = clv_alloc_array((size_t)rows, width, 1),
                       .a = clv_alloc_array((size_t)rows, width, sizeof(double)),
                       .b = clv_alloc_array((size_t)rows, width, sizeof(double))};
    difference *d = clv_alloc_array(n, 1, sizeof *d);
    uint64_t *found = clv_alloc_array(n, 1, sizeof *found);
    clv_status status = m.want && m.got && m.valid && m.a && m.b && d && found ? CLV_OK : clv_fail_memory(ctx);
    for (size_t b = 0; b < n && status == CLV_OK; b++) {
        d[b] = (difference){.low = INFINITY, .high = -INFINITY, .got_high = -INFINITY};
        found[b] = 0;
    }
    for (int y = 0; y < want->height && status == CLV_OK && !*out->why; y += rows) {
        const int now = rows < want->height - y ? rows : want->height - y;
        for (int b = 0; b < want->count && !*out->why; b++)
            compare_rows(want, got, b, y, now, &m, loss.kind != CLV_LOSS_NONE, &found[b], &d[b], out->why);
        status = clv_check_cancel(ctx);
    }
    for (int b = 0; b < want->count && status == CLV_OK && !*out->why; b++) {
        if (sums && sums[b] != found[b])
            snprintf(out->why, sizeof out->why, "the temporary file has lost pixels of band %d", b + 1);
        else if (!within_loss(&d[b], GDALGetRasterDataType(want->list[b]), loss))
            describe(&d[b], GDALGetRasterDataType(want->list[b]), b + 1, out->why);
        out->error = fmax(out->error, d[b].count > 0 ? d[b].error / d[b].count : 0);
    }
    free(m.want);
    free(m.got);
    free(m.valid);
    free(m.a);
    free(m.b);
    free(d);
    free(found);
    out->equal = status == CLV_OK && !*out->why;
    return status;
}

/* ---- On another grid ----------------------------------------------------------------------------------- */

/* want's grid with fewer pixels, for both pictures. */
static GDALDatasetH small_picture(const clv_bands *want, int *width, int *height)
{
    *width = want->width < RESAMPLED_SIDE ? want->width : RESAMPLED_SIDE;
    *height = want->height < RESAMPLED_SIDE ? want->height : RESAMPLED_SIDE;
    double t[6];
    GDALDatasetH small = GDALCreate(GDALGetDriverByName("MEM"), "", *width, *height, want->count, GDT_Float64, NULL);
    if (!small || GDALGetGeoTransform(want->dataset, t) != CE_None) {
        if (small)
            GDALClose(small);
        return NULL;
    }
    t[1] *= (double)want->width / *width;
    t[4] *= (double)want->width / *width;
    t[2] *= (double)want->height / *height;
    t[5] *= (double)want->height / *height;
    GDALSetGeoTransform(small, t);
    GDALSetSpatialRef(small, GDALGetSpatialRef(want->dataset));
    return small;
}

static void look_for_foreign_class(const clv_bands *want, const clv_bands *got, char why[256])
{
    GUIntBig have[256] = {0}, now[256] = {0};
    if (GDALGetRasterHistogramEx(want->list[0], -0.5, 255.5, 256, have, TRUE, FALSE, NULL, NULL) != CE_None ||
        GDALGetRasterHistogramEx(got->list[0], -0.5, 255.5, 256, now, TRUE, FALSE, NULL, NULL) != CE_None)
        snprintf(why, 256, "its values cannot be counted");
    int has_nodata = 0;
    double nodata = GDALGetRasterNoDataValue(got->list[0], &has_nodata);
    for (int v = 0; v < 256 && !*why; v++)
        if (now[v] > 0 && have[v] == 0 && !(has_nodata && nodata == v))
            snprintf(why, 256, "it holds the value %d, which is no class of the original", v);
}

clv_status clv_bands_compare_resampled(clv_context *ctx, const clv_bands *want, const clv_bands *got, bool classes,
                                       clv_comparison *out)
{
    *out = (clv_comparison){0};
    int width, height;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH a = small_picture(want, &width, &height), b = small_picture(want, &width, &height);
    const size_t n = (size_t)width * (size_t)height;
    double *x = clv_alloc_array(n, 1, sizeof *x), *y = clv_alloc_array(n, 1, sizeof *y);
    clv_status status = x && y ? CLV_OK : clv_fail_memory(ctx);
    bool placed =
        a && b && got->count >= want->count &&
        GDALReprojectImage(want->dataset, NULL, a, NULL, GRA_NearestNeighbour, 0, 0, NULL, NULL, NULL) == CE_None &&
        GDALReprojectImage(got->dataset, NULL, b, NULL, GRA_NearestNeighbour, 0, 0, NULL, NULL, NULL) == CE_None;
    if (!placed)
        snprintf(out->why, sizeof out->why, "its picture cannot be compared: %s", clv_gdal_errors_text(&errors));
    for (int i = 1; placed && status == CLV_OK && i <= want->count && !*out->why; i++) {
        double error = 0, sum = 0, squares = 0;
        if (GDALRasterIO(GDALGetRasterBand(a, i), GF_Read, 0, 0, width, height, x, width, height, GDT_Float64, 0, 0) !=
                CE_None ||
            GDALRasterIO(GDALGetRasterBand(b, i), GF_Read, 0, 0, width, height, y, width, height, GDT_Float64, 0, 0) !=
                CE_None)
            snprintf(out->why, sizeof out->why, "it cannot be read");
        int has_nodata = 0;
        const double nodata = GDALGetRasterNoDataValue(want->list[i - 1], &has_nodata);
        for (size_t k = 0; k < n; k++) {
            if (has_nodata && x[k] == nodata)
                continue; /* may be told in another way there: alpha */
            error += isfinite(x[k] - y[k]) ? fabs(x[k] - y[k]) : 0;
            sum += isfinite(x[k]) ? x[k] : 0;
            squares += isfinite(x[k]) ? x[k] * x[k] : 0;
        }
        const double mean = sum / (double)n, deviation = sqrt(fmax(0, squares / (double)n - mean * mean));
        error /= (double)n;
        out->error = fmax(out->error, error);
        const GDALDataType type = GDALGetRasterDataType(want->list[i - 1]),
                           now = GDALGetRasterDataType(got->list[i - 1]);
        const bool differs = error > RESAMPLED_DEVIATION * deviation + LOSSY_RANGE * fabs(mean);
        if (!*out->why && differs && GDALGetDataTypeSizeBits(now) < GDALGetDataTypeSizeBits(type))
            snprintf(out->why, sizeof out->why, "the driver makes %s of it", GDALGetDataTypeName(now));
        else if (!*out->why && differs)
            snprintf(out->why, sizeof out->why, "its values differ by %.4g in the mean in band %d", error, i);
    }
    if (status == CLV_OK && !*out->why && classes)
        look_for_foreign_class(want, got, out->why);
    clv_gdal_errors_end(&errors);
    free(x);
    free(y);
    if (a)
        GDALClose(a);
    if (b)
        GDALClose(b);
    out->equal = status == CLV_OK && !*out->why;
    return status;
}
