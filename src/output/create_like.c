/* SPDX-License-Identifier: MIT
 *
 * Creation of outputs: like a date's input, like a whole stack, or a product of our own.
 */
#include "output/conversion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "raster/gdal_errors.h"
#include "raster/gdal_version.h"
#include "raster/metadata.h"

/* ---- Writers ---------------------------------------------------------------------------------------- */

static clv_status writer_new(clv_outputs *set, int bands, int dates, int channels, clv_writer **out)
{
    clv_writer *w = calloc(1, sizeof *w);
    if (w) {
        w->set = set;
        w->band_count = bands;
        w->dates = dates;
        w->channels = channels;
        w->bands = clv_alloc_array((size_t)bands, 1, sizeof *w->bands);
        w->colors = clv_alloc_array((size_t)bands, 1, sizeof *w->colors);
        w->channel_band = clv_alloc_array((size_t)dates, (size_t)channels, sizeof *w->channel_band);
    }
    if (!w || !w->bands || !w->colors || !w->channel_band) {
        clv_writer_free(w);
        return clv_fail_memory(set->ctx);
    }
    for (int i = 0; i < bands; i++)
        w->bands[i].source_date = -1;
    *out = w;
    return CLV_OK;
}

/* Creates the file: reserves the name, checks that the format takes it, opens the dataset. */
static clv_status create_file(clv_writer *w, const char *path, const clv_series *series, const clv_grid *grid)
{
    clv_outputs *set = w->set;
    const bool piped =
        clv_path_kind_of(path) == CLV_PATH_STREAM && (clv_path_is_stdout(path) || strncmp(path, "/vsi", 4) != 0);
    clv_status status = piped ? clv_outputs_stream(set) : CLV_OK;
    if (status != CLV_OK)
        return status;
    const char *const *user = clv_outputs_creation(set, w);
    clv_creation_shape *shape = &w->shape;
    shape->type = w->type;
    shape->bands = w->band_count;
    shape->colors = w->colors;
    w->width = grid->width;
    w->height = grid->height;
    bool copy = clv_creation_needs_copy(set->driver, user, w->band_count);
    status = clv_outputs_reserve(set, path, series, copy ? "tif" : clv_outputs_extension(set), &w->item);
    if (status != CLV_OK)
        return status;
    w->item->writer = w;
    char **options = copy ? clv_creation_temporary_options(set->ctx, set->gtiff, shape)
                          : clv_creation_options(set->ctx, set->gtiff, user, shape);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    w->dataset = GDALCreate(set->gtiff, w->item->temporary, w->width, w->height, w->band_count, w->type, options);
    bool failed = clv_gdal_errors_end(&errors);
    CSLDestroy(options);
    if (!w->dataset || failed)
        return clv_outputs_fail_write(set, path, "cannot be created", clv_gdal_errors_text(&errors));
    GDALGetBlockSize(GDALGetRasterBand(w->dataset, 1), &w->block_width, &w->block_height);
    w->tile =
        clv_alloc_array((size_t)w->block_width, (size_t)w->block_height, (size_t)GDALGetDataTypeSizeBytes(w->type));
    return w->tile ? CLV_OK : clv_fail_memory(set->ctx);
}

static void set_colors(clv_writer *w)
{
    for (int i = 0; i < w->band_count; i++) {
        GDALRasterBandH band = GDALGetRasterBand(w->dataset, i + 1);
        if (GDALGetRasterColorInterpretation(band) != w->colors[i])
            GDALSetRasterColorInterpretation(band, w->colors[i]);
    }
}

/* What verification compares with: the CRS as the temporary file understood it; whether -t_srs can be reached from it.
 */
static clv_status keep_crs(clv_writer *w)
{
    if (w->set->a_srs)
        GDALSetSpatialRef(w->dataset, w->set->a_srs);
    OGRSpatialReferenceH crs = GDALGetSpatialRef(w->dataset);
    w->crs = crs ? OSRClone(crs) : NULL;
    return clv_target_check(w->set->ctx, w->set->target, w->item->path, w->dataset);
}

/* A driver that cannot take it says so now, not after an hour. A writer that could not be set up belongs to its item
 * when it has one: the set cleans up. */
static clv_status hand_out(clv_writer *w, clv_status status, clv_writer **out)
{
    if (status == CLV_OK)
        status = clv_conversion_probe(w);
    if (status == CLV_OK)
        *out = w;
    else if (w && !w->item)
        clv_writer_free(w);
    return status;
}

/* ---- Like the input --------------------------------------------------------------------------------- */

/* Whether the dataset behind date t also holds other dates: another date of the same input then uses other bands of
 * it. Where dates of one input have datasets of their own, they use the same band numbers. */
static bool shares_dataset(const clv_series *series, int t)
{
    const clv_acquisition *a = &series->acquisitions[t];
    for (int u = 0; u < series->dates; u++) {
        const clv_acquisition *b = &series->acquisitions[u];
        if (u == t || b->input != a->input)
            continue;
        for (int i = 0; i < series->channels; i++)
            for (int j = 0; j < series->channels; j++)
                if (a->bands[i].index == b->bands[j].index)
                    return false;
        return true;
    }
    return false;
}

static int compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Source band numbers of an output of date t, ascending; count in *count. free(). */
static int *bands_of_date(clv_series *series, int t, GDALDatasetH dataset, int *count)
{
    int all = GDALGetRasterCount(dataset);
    bool shared = shares_dataset(series, t);
    int *bands = malloc(sizeof *bands * (size_t)(all > series->channels ? all : series->channels));
    if (!bands)
        return NULL;
    *count = 0;
    for (int i = 0; i < (shared ? series->channels : all); i++)
        if (shared || !clv_series_lacks(series, t, i + 1))
            bands[(*count)++] = shared ? series->acquisitions[t].bands[i].index : i + 1;
    qsort(bands, (size_t)*count, sizeof *bands, compare_ints);
    return bands;
}

/* Band `out` (0-based) of the writer is band `index` of date t's dataset; later also its channel, unless it is AUX. */
static void describe_source(clv_writer *w, int out, GDALDatasetH dataset, int t, int index)
{
    GDALRasterBandH band = GDALGetRasterBand(dataset, index);
    GDALDataType type = GDALGetRasterDataType(band);
    w->type = w->type == GDT_Unknown ? type : GDALDataTypeUnion(w->type, type);
    w->bands[out].type = type;
    w->bands[out].source_date = t;
    w->bands[out].source_index = index;
    w->colors[out] = GDALGetRasterColorInterpretation(band);
    w->shape.signed_byte |= type == GDT_Byte && clv_gdal_3_7_is_int8(band);
    w->shape.palette |= w->band_count == 1 && GDALGetRasterColorTable(band) != NULL;
    if (w->colors[out] == GCI_AlphaBand && w->bands[out].source_date >= 0)
        w->alpha_band = out + 1;
}

static void claim_channel(clv_writer *w, int t, int c, int out)
{
    w->channel_band[t * w->channels + c] = out + 1;
    w->bands[out].source_date = -1; /* not copied: the caller writes it */
    if (w->alpha_band == out + 1)
        w->alpha_band = 0; /* called alpha, used as a channel */
}

static void set_nodata(clv_writer *w, int out, GDALDatasetH dataset, GDALRasterBandH source)
{
    GDALRasterBandH band = GDALGetRasterBand(w->dataset, out + 1);
    int has = FALSE;
    double value = GDALGetRasterNoDataValue(source, &has);
    if (has) {
        GDALSetRasterNoDataValue(band, value);
        return;
    }
    /* Cubes that come as arrays mark missing values with NaN and say so nowhere. */
    GDALDriverH driver = GDALGetDatasetDriver(dataset);
    if (driver && EQUAL(GDALGetDriverShortName(driver), "MEM") && GDALDataTypeIsFloating(GDALGetRasterDataType(source)))
        GDALSetRasterNoDataValue(band, nan(""));
}

/* Per-dataset masks are files or bands of their own, apart from alpha and nodata. */
static bool has_own_mask(GDALDatasetH dataset)
{
    return GDALGetMaskFlags(GDALGetRasterBand(dataset, 1)) == GMF_PER_DATASET;
}

static clv_status create_mask(clv_writer *w)
{
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES");
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    CPLErr error = GDALCreateDatasetMaskBand(w->dataset, GMF_PER_DATASET);
    bool failed = clv_gdal_errors_end(&errors) || error != CE_None;
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", NULL);
    if (failed)
        return clv_outputs_fail_write(w->set, w->item->path, "the mask cannot be created",
                                      clv_gdal_errors_text(&errors));
    return CLV_OK;
}

static clv_status check_source(clv_context *ctx, const clv_acquisition *a, GDALDatasetH dataset)
{
    if (!dataset)
        return clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be opened again", a->source);
    if (GDALGetRasterCount(dataset) < 1)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "%s: has no bands", a->source);
    return CLV_OK;
}

/* Everything but pixels, for outputs that are like one dataset. */
static clv_status describe_like(clv_writer *w, clv_series *series, int t, const clv_grid *grid, bool one_date)
{
    GDALDatasetH source = clv_series_dataset(series, t);
    const clv_date *date = &series->acquisitions[t].facts.date;
    clv_status status = check_source(w->set->ctx, &series->acquisitions[t], source);
    if (status != CLV_OK)
        return status;
    const clv_rect part = clv_series_source(series, t, source);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    if (!w->set->no_metadata)
        clv_metadata_copy(source, w->dataset, one_date);
    status = clv_metadata_place(w->set->ctx, grid, source, w->dataset);
    if (status == CLV_OK && part.width == w->width && part.height == w->height)
        clv_metadata_shift(source, w->dataset, part.x, part.y);
    for (int i = 0; i < w->band_count && status == CLV_OK; i++) {
        GDALRasterBandH band = GDALGetRasterBand(source, w->bands[i].source_index);
        clv_metadata_copy_band(band, GDALGetRasterBand(w->dataset, i + 1), true, !w->set->no_metadata);
        set_nodata(w, i, source, band);
    }
    set_colors(w);
    if (one_date && date->year > 0)
        clv_metadata_date(w->dataset, date, true);
    clv_metadata_provenance(w->dataset, w->set->tags);
    if (clv_gdal_errors_end(&errors))
        clv_debug(w->set->ctx, "%s: %s", w->item->path, clv_gdal_errors_text(&errors));
    if (status == CLV_OK)
        status = keep_crs(w);
    w->copies_mask = part.width == w->width && part.height == w->height && has_own_mask(source);
    if (status == CLV_OK && w->copies_mask)
        status = create_mask(w);
    return status;
}

clv_status clv_writer_create_like(clv_outputs *set, const char *path, clv_series *series, int t, clv_writer **out)
{
    *out = NULL;
    const clv_acquisition *a = &series->acquisitions[t];
    GDALDatasetH dataset = clv_series_dataset(series, t);
    clv_status status = check_source(set->ctx, a, dataset);
    if (status != CLV_OK)
        return status;
    int count = 0;
    int *sources = bands_of_date(series, t, dataset, &count);
    if (!sources)
        return clv_fail_memory(set->ctx);
    clv_writer *w = NULL;
    status = writer_new(set, count, 1, series->channels, &w);
    if (status == CLV_OK) {
        w->series = series;
        w->only_date = t;
        for (int i = 0; i < count; i++) {
            describe_source(w, i, dataset, t, sources[i]);
            for (int c = 0; c < series->channels; c++)
                if (a->bands[c].index == sources[i])
                    claim_channel(w, 0, c, i);
        }
        status = create_file(w, path, series, &a->grid);
    }
    if (status == CLV_OK)
        status = describe_like(w, series, t, &a->grid, true);
    free(sources);
    return hand_out(w, status, out);
}

/* ---- All dates in one ------------------------------------------------------------------------------- */

/* One raster came in with all dates as bands: the same one goes out. */
static clv_status create_stack_like(clv_outputs *set, const char *path, clv_series *series, clv_writer **out)
{
    GDALDatasetH dataset = clv_series_dataset(series, 0);
    clv_status status = check_source(set->ctx, &series->acquisitions[0], dataset);
    clv_writer *w = NULL;
    if (status == CLV_OK)
        status = writer_new(set, GDALGetRasterCount(dataset), series->dates, series->channels, &w);
    if (status == CLV_OK) {
        w->series = series;
        w->only_date = -1;
        for (int i = 0; i < w->band_count; i++)
            describe_source(w, i, dataset, 0, i + 1);
        for (int t = 0; t < series->dates; t++)
            for (int c = 0; c < series->channels; c++)
                claim_channel(w, t, c, series->acquisitions[t].bands[c].index - 1);
        status = create_file(w, path, series, &series->acquisitions[0].grid);
    }
    if (status == CLV_OK)
        status = describe_like(w, series, 0, &series->acquisitions[0].grid, series->dates == 1);
    for (int t = 0; status == CLV_OK && t < series->dates; t++)
        for (int c = 0; c < series->channels; c++)
            if (series->acquisitions[t].facts.date.year > 0)
                clv_metadata_date(GDALGetRasterBand(w->dataset, clv_writer_channel(w, t, c)),
                                  &series->acquisitions[t].facts.date, false);
    return hand_out(w, status, out);
}

static bool same_grid(const clv_grid *a, const clv_grid *b)
{
    if (a->width != b->width || a->height != b->height || a->has_transform != b->has_transform)
        return false;
    for (int i = 0; i < 6 && a->has_transform; i++)
        if (fabs(a->transform[i] - b->transform[i]) > 1e-6 * fmax(1e-9, fabs(a->transform[i % 3 ? i : 1])))
            return false;
    if (!a->wkt || !b->wkt)
        return !a->wkt && !b->wkt;
    if (strcmp(a->wkt, b->wkt) == 0)
        return true;
    OGRSpatialReferenceH x = OSRNewSpatialReference(a->wkt), y = OSRNewSpatialReference(b->wkt);
    bool same = x && y && OSRIsSame(x, y);
    if (x)
        OSRDestroySpatialReference(x);
    if (y)
        OSRDestroySpatialReference(y);
    return same;
}

static clv_status check_stackable(clv_outputs *set, clv_series *series, int t)
{
    const clv_acquisition *first = &series->acquisitions[0], *a = &series->acquisitions[t];
    if (!same_grid(&first->grid, &a->grid))
        return clv_fail(set->ctx, CLV_ERROR_ARGUMENT,
                        "-stack: %s lies on another grid than %s; write one file per date, or put them on one grid "
                        "with -tr",
                        a->source, first->source);
    for (int c = 0; c < series->channels; c++)
        if (a->bands[c].type != first->bands[c].type)
            return clv_fail(set->ctx, CLV_ERROR_ARGUMENT,
                            "-stack: %s has another data type than %s; write one file per date", a->source,
                            first->source);
    return CLV_OK;
}

/* Channels of one date in the order of its input's bands. */
static void order_channels(const clv_acquisition *a, int channels, int *order)
{
    for (int c = 0; c < channels; c++) {
        int at = c;
        for (; at > 0 && a->bands[order[at - 1]].index > a->bands[c].index; at--)
            order[at] = order[at - 1];
        order[at] = c;
    }
}

static void dress_stack_band(clv_writer *w, const clv_acquisition *a, GDALDatasetH dataset, int t, int c)
{
    int out = clv_writer_channel(w, t, c) - 1;
    GDALRasterBandH source = GDALGetRasterBand(dataset, a->bands[c].index);
    GDALRasterBandH band = GDALGetRasterBand(w->dataset, out + 1);
    clv_metadata_copy_band(source, band, true, !w->set->no_metadata);
    set_nodata(w, out, dataset, source);
    char name[128];
    if (a->facts.date.year > 0) {
        snprintf(name, sizeof name, "%s_%04d%02d%02d", a->bands[c].name, a->facts.date.year, a->facts.date.month,
                 a->facts.date.day);
        clv_metadata_date(band, &a->facts.date, false);
    } else {
        snprintf(name, sizeof name, "%s_%d", a->bands[c].name, t + 1);
    }
    GDALSetDescription(band, name);
}

static clv_status describe_dates(clv_writer *w, clv_series *series)
{
    clv_status status = CLV_OK;
    int *order = malloc(sizeof *order * (size_t)series->channels);
    if (!order)
        return clv_fail_memory(w->set->ctx);
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        GDALDatasetH dataset = clv_series_dataset(series, t);
        status = check_source(w->set->ctx, a, dataset);
        if (status == CLV_OK)
            status = check_stackable(w->set, series, t);
        order_channels(a, series->channels, order);
        for (int i = 0; i < series->channels && status == CLV_OK; i++) {
            int band = t * series->channels + i;
            describe_source(w, band, dataset, t, a->bands[order[i]].index);
            w->colors[band] = band ? GCI_Undefined : GCI_GrayIndex;
            claim_channel(w, t, order[i], band);
        }
    }
    w->shape.palette = false;
    free(order);
    return status;
}

/* Numbers of one size would mean another reflectance from date to date. */
static bool scales_differ(const clv_series *series)
{
    for (int t = 1; t < series->dates; t++)
        for (int c = 0; c < series->channels; c++) {
            const clv_band *a = &series->acquisitions[0].bands[c], *b = &series->acquisitions[t].bands[c];
            if (a->scale != b->scale || a->offset != b->offset)
                return true;
        }
    return false;
}

static void tell_scales(clv_writer *w, const clv_series *series)
{
    for (int t = 0; t < series->dates; t++)
        for (int c = 0; c < series->channels; c++) {
            const clv_band *band = &series->acquisitions[t].bands[c];
            GDALRasterBandH out = GDALGetRasterBand(w->dataset, clv_writer_channel(w, t, c));
            GDALSetRasterScale(out, band->scale);
            GDALSetRasterOffset(out, band->offset);
        }
}

static clv_status dress_stack(clv_writer *w, clv_series *series)
{
    clv_outputs *set = w->set;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    clv_status status = CLV_OK;
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        GDALDatasetH dataset = clv_series_dataset(series, t); /* may close another date's */
        status = check_source(set->ctx, a, dataset);
        if (status == CLV_OK && t == 0) {
            if (!set->no_metadata)
                clv_metadata_copy(dataset, w->dataset, series->dates == 1);
            status = clv_metadata_place(set->ctx, &a->grid, dataset, w->dataset);
        }
        for (int c = 0; c < series->channels && status == CLV_OK; c++)
            dress_stack_band(w, a, dataset, t, c);
    }
    const bool differ = scales_differ(series);
    if (differ)
        tell_scales(w, series);
    clv_metadata_provenance(w->dataset, set->tags);
    clv_gdal_errors_end(&errors);
    if (differ && status == CLV_OK)
        clv_warn(set->ctx, "-stack: the dates have different scales or offsets; each band is written with its own, "
                           "which gdal_translate -unscale -ot Float32 applies");
    return status == CLV_OK ? keep_crs(w) : status;
}

static clv_status create_stack_of_dates(clv_outputs *set, const char *path, clv_series *series, clv_writer **out)
{
    clv_writer *w = NULL;
    clv_status status = writer_new(set, series->dates * series->channels, series->dates, series->channels, &w);
    if (status == CLV_OK) {
        w->series = series;
        w->only_date = -1;
        status = describe_dates(w, series);
    }
    if (status == CLV_OK)
        status = create_file(w, path, series, &series->acquisitions[0].grid);
    if (status == CLV_OK)
        status = dress_stack(w, series);
    return hand_out(w, status, out);
}

clv_status clv_writer_create_stack(clv_outputs *set, const char *path, clv_series *series, clv_writer **out)
{
    *out = NULL;
    if (series->single_stack)
        return create_stack_like(set, path, series, out);
    return create_stack_of_dates(set, path, series, out);
}

/* ---- Products --------------------------------------------------------------------------------------- */

static void dress_product_band(clv_writer *w, int index, const clv_product_band *product)
{
    GDALRasterBandH band = GDALGetRasterBand(w->dataset, index + 1);
    if (product->name)
        GDALSetDescription(band, product->name);
    if (product->unit)
        GDALSetRasterUnitType(band, product->unit);
    if (product->scale > 0 && product->scale != 1)
        GDALSetRasterScale(band, product->scale);
    if (product->has_nodata)
        GDALSetRasterNoDataValue(band, product->nodata);
    if (product->categories) {
        char **names = NULL;
        for (int i = 0; product->categories[i]; i++)
            names = CSLAddString(names, product->categories[i]);
        GDALSetRasterCategoryNames(band, names);
        CSLDestroy(names);
    }
    /* TIFF keeps one palette, for files of one band. */
    if (product->categories && product->colors && w->band_count == 1) {
        GDALColorTableH table = GDALCreateColorTable(GPI_RGB);
        for (int i = 0; product->categories[i]; i++) {
            const unsigned char *c = product->colors[i];
            GDALColorEntry entry = {c[0], c[1], c[2], c[3]};
            GDALSetColorEntry(table, i, &entry);
        }
        GDALSetRasterColorTable(band, table);
        GDALDestroyColorTable(table);
    }
}

clv_status clv_writer_create(clv_outputs *set, const char *path, const clv_grid *grid, GDALDataType type,
                             const clv_product_band *bands, int band_count, const clv_date *date, clv_writer **out)
{
    *out = NULL;
    clv_writer *w = NULL;
    clv_status status = writer_new(set, band_count, 1, band_count, &w);
    if (status == CLV_OK) {
        w->type = type;
        w->only_date = -1;
        for (int i = 0; i < band_count; i++) {
            w->bands[i].type = type;
            w->colors[i] = bands[i].color || i ? bands[i].color : GCI_GrayIndex;
            w->channel_band[i] = i + 1;
            w->shape.categories |= bands[i].categories != NULL;
        }
        w->shape.palette = band_count == 1 && bands[0].categories && bands[0].colors;
        if (w->shape.palette)
            w->colors[0] = GCI_PaletteIndex;
        status = create_file(w, path, NULL, grid);
    }
    if (status == CLV_OK) {
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        status = clv_metadata_place(set->ctx, grid, NULL, w->dataset);
        for (int i = 0; i < band_count; i++)
            dress_product_band(w, i, &bands[i]);
        set_colors(w);
        if (date && date->year > 0)
            clv_metadata_date(w->dataset, date, true);
        clv_metadata_provenance(w->dataset, set->tags);
        clv_gdal_errors_end(&errors);
    }
    if (status == CLV_OK)
        status = keep_crs(w);
    return hand_out(w, status, out);
}
