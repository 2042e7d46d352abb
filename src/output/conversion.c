/* SPDX-License-Identifier: MIT */
#include "output/conversion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal_utils.h>
#include <gdalwarper.h>

#include "base/alloc.h"
#include "output/compare.h"
#include "raster/gdal_errors.h"

/* Side of the small raster, and bytes up to which one of the output's own size is tried where a driver refuses it:
 * some take certain sizes only. */
#define PROBE_SIDE 32
#define PROBE_BYTES (64.0 * 1048576)

typedef struct result {
    bool good;
    int failures;
    char *main; /* the file that is opened, with its folder */
    char why[800];
} result;

static int CPL_STDCALL copy_progress(double complete, const char *message, void *user)
{
    (void)complete;
    (void)message;
    clv_outputs *set = user;
    return clv_check_cancel(set->ctx) == CLV_OK;
}

/* "-of GTiff -co COMPRESS=WEBP" */
static void name_format(const clv_outputs *set, const char *const *user, char *text, size_t size)
{
    size_t n = (size_t)snprintf(text, size, "-of %s", GDALGetDriverShortName(set->driver));
    for (int i = 0; user && user[i] && n < size; i++)
        n += (size_t)snprintf(text + n, size - n, " -co %s", user[i]);
}

/* ---- One conversion ------------------------------------------------------------------------------------- */

/* The file in the folder that is the dataset: of that name, or another one that the driver opens. free() */
static char *find_main(clv_outputs *set, const char *folder, const char *name, int most, clv_bands *bands)
{
    char *path = clv_path_join(folder, name);
    if (!path || (clv_path_look(path) != CLV_PATH_NONE && clv_bands_open(path, most, bands) && bands->count > 0))
        return path;
    clv_bands_close(bands);
    free(path);
    char **files = VSIReadDir(folder);
    for (int i = 0; files && files[i]; i++) {
        path = strcmp(files[i], ".") == 0 || strcmp(files[i], "..") == 0 ? NULL : clv_path_join(folder, files[i]);
        if (path && GDALIdentifyDriver(path, NULL) == set->driver && clv_bands_open(path, most, bands) &&
            bands->count == most) {
            CSLDestroy(files);
            return path;
        }
        clv_bands_close(bands);
        free(path);
    }
    CSLDestroy(files);
    return NULL;
}

static bool same_crs(GDALDatasetH a, GDALDatasetH b)
{
    OGRSpatialReferenceH x = GDALGetSpatialRef(a), y = GDALGetSpatialRef(b);
    return !x == !y && (!x || OSRIsSame(x, y));
}

static clv_status compare(clv_outputs *set, const clv_writer *w, GDALDatasetH source, const clv_bands *got,
                          const uint64_t *sums, clv_comparison *c)
{
    const char *const *user = clv_outputs_creation(set, w);
    clv_bands want;
    if (!clv_bands_of(source, &want))
        return clv_fail_memory(set->ctx);
    const bool resamples = clv_creation_resamples(set->driver, user);
    clv_status status = resamples ? clv_bands_compare_resampled(set->ctx, &want, got, w->shape.categories, c)
                                  : clv_bands_compare(set->ctx, &want, got,
                                                      clv_creation_loss_of(set->driver, user, &w->shape), sums, c);
    /* Other formats may have no place for a CRS, or write it in words of their own. */
    GDALDriverH driver = GDALGetDatasetDriver(got->dataset);
    if (status == CLV_OK && c->equal && !resamples && driver == set->gtiff && !same_crs(source, got->dataset)) {
        c->equal = false;
        snprintf(c->why, sizeof c->why, "its coordinate system is wrong");
    }
    clv_bands_close(&want);
    return status;
}

/* What the driver is given: the raster, or a view of it: without its colour table, where a driver of tiles would write
 * colours instead of the numbers of classes; as Int32 for PCRaster, to which Byte is yes and no. */
static GDALDatasetH dress(const clv_writer *w, GDALDatasetH source, bool no_palette)
{
    const bool widen = w->shape.categories && EQUAL(GDALGetDriverShortName(w->set->driver), "PCRaster");
    if (!no_palette && !widen)
        return source;
    char *arguments[] = {"-of", "VRT", widen ? "-ot" : NULL, "Int32", NULL};
    GDALTranslateOptions *options = GDALTranslateOptionsNew(arguments, NULL);
    GDALDatasetH vrt = GDALTranslate("", source, options, NULL);
    GDALTranslateOptionsFree(options);
    if (vrt && no_palette) {
        GDALRasterBandH band = GDALGetRasterBand(vrt, 1);
        GDALSetRasterColorTable(band, NULL);
        GDALSetRasterColorInterpretation(band, GCI_GrayIndex);
    }
    return vrt;
}

/* The codec of AVIF ends the process when it meets a value of more bits than it was promised, 12 of UInt16; whether
 * there is one has to be known before. why: then the reason. */
static bool has_too_many_bits(const clv_writer *w, GDALDatasetH source, char why[256])
{
    if (!EQUAL(GDALGetDriverShortName(w->set->driver), "AVIF") || w->type != GDT_UInt16)
        return false;
    const char *given = CSLFetchNameValue((char **)clv_outputs_creation(w->set, w), "NBITS");
    const int bits = given ? atoi(given) : 12;
    const double most = bits >= 8 && bits <= 12 ? (1 << bits) - 1 : 255;
    for (int b = 1; b <= GDALGetRasterCount(source); b++) {
        double range[2] = {0, 0};
        if (GDALComputeRasterMinMax(GDALGetRasterBand(source, b), FALSE, range), range[1] <= most)
            continue;
        snprintf(why, 256, "its values end at %.0f, band %d reaches %.0f", most, b, range[1]);
        return true;
    }
    return false;
}

/* A message names files as the user knows them: without the hidden folder, and the spaces that some drivers end with.
 */
static void forget_folder(char *text, const char *folder)
{
    const size_t length = strlen(folder);
    for (char *at = strstr(text, folder); at; at = strstr(at, folder))
        memmove(at, at + length + (at[length] == '/'), strlen(at + length + (at[length] == '/')) + 1);
    for (size_t n = strlen(text); n > 0 && strchr(" .", text[n - 1]); n--)
        text[n - 1] = '\0';
}

/* Into the empty folder. CLV_OK and !good: the driver refuses, or does not give back what it got. */
static clv_status convert(clv_outputs *set, const clv_writer *w, GDALDatasetH given, bool no_palette,
                          const char *folder, const char *name, const uint64_t *sums, result *r)
{
    *r = (result){0};
    char limit[256];
    if (has_too_many_bits(w, given, limit)) {
        snprintf(r->why, sizeof r->why, "%s", limit);
        return CLV_OK;
    }
    char *path = clv_path_join(folder, name);
    if (!path)
        return clv_fail_memory(set->ctx);
    char **options = clv_creation_copy_options(set->ctx, set->driver, clv_outputs_creation(set, w), &w->shape);
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES");
    if (clv_creation_no_sidecars(set->driver))
        CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", "NO");
    clv_gdal_errors errors, reading;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH source = dress(w, given, no_palette);
    GDALDatasetH copy = source ? GDALCreateCopy(set->driver, path, source, FALSE, options, copy_progress, set) : NULL;
    if (copy) {
        GDALFlushCache(copy);
        GDALClose(copy);
    }
    if (source && source != given)
        GDALClose(source);
    clv_gdal_errors_end(&errors);
    CPLSetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", NULL);
    CPLSetThreadLocalConfigOption("GDAL_PAM_ENABLED", NULL);
    CSLDestroy(options);
    free(path);
    r->failures = errors.failures;
    clv_status status = clv_check_cancel(set->ctx);
    clv_bands got = {0};
    clv_comparison c = {0};
    clv_gdal_errors_begin(&reading);
    if (status == CLV_OK && copy && (r->main = find_main(set, folder, name, w->band_count, &got)) == NULL)
        snprintf(c.why, sizeof c.why, "GDAL cannot open what it has written");
    else if (status == CLV_OK && copy)
        status = compare(set, w, given, &got, sums, &c);
    clv_bands_close(&got);
    clv_gdal_errors_end(&reading);
    r->good = copy != NULL && c.equal;
    const bool told = errors.failures + errors.warnings > 0;
    char text[sizeof errors.text];
    snprintf(text, sizeof text, "%s", told ? clv_gdal_errors_text(&errors) : "the driver refuses and does not say why");
    forget_folder(text, folder);
    if (!*c.why)
        snprintf(r->why, sizeof r->why, "%s", text);
    else
        snprintf(r->why, sizeof r->why, told ? "%s (%s)" : "%s", c.why, text);
    return status;
}

static void empty_folder(const char *folder)
{
    char **files = VSIReadDir(folder);
    for (int i = 0; files && files[i]; i++) {
        char *path = strcmp(files[i], ".") == 0 || strcmp(files[i], "..") == 0 ? NULL : clv_path_join(folder, files[i]);
        if (path && VSIUnlink(path) != 0)
            VSIRmdirRecursive(path);
        free(path);
    }
    CSLDestroy(files);
}

/* Any output; one with a colour table that the driver cannot keep without changing the numbers is written without it.
 */
static clv_status convert_any(clv_outputs *set, const clv_writer *w, GDALDatasetH source, const char *folder,
                              const uint64_t *sums, result *r)
{
    const char *name = *clv_path_name(w->item->final) ? clv_path_name(w->item->final) : "stdout";
    clv_status status = convert(set, w, source, false, folder, name, sums, r);
    if (status != CLV_OK || r->good || !w->shape.palette)
        return status;
    result plain;
    empty_folder(folder);
    status = convert(set, w, source, true, folder, name, sums, &plain);
    free(plain.good ? r->main : plain.main);
    if (plain.good)
        *r = plain;
    return status;
}

/* ---- Before the work ------------------------------------------------------------------------------------ */

/* Few levels, smooth, within what the type and -co NBITS hold. */
static double probe_value(const clv_writer *w, double limit, int x, int y, int band)
{
    if (w->shape.categories)
        return (x / 5 + y / 3) % 3; /* not in step with the blocks of a codec */
    if (GDALDataTypeIsFloating(w->type))
        return 0.25 + 0.0625 * (x % PROBE_SIDE + y % PROBE_SIDE) + 0.5 * (band % 8);
    const bool small = limit < 256;
    const int v =
        (small ? 20 : 200) + (x % PROBE_SIDE + y % PROBE_SIDE) * (small ? 1 : 20) + band % 8 * (small ? 2 : 30);
    return 1 + v % (int)(limit - 1);
}

static double value_limit(const clv_writer *w, const char *const *user)
{
    double limit = w->shape.signed_byte || GDALGetDataTypeSizeBytes(w->type) == 1 ? 120 : 2000;
    const char *bits = CSLFetchNameValue((char **)user, "NBITS");
    const int n = bits ? atoi(bits) : 0;
    if (n > 0 && n < 11 && (double)((1 << n) - 1) < limit)
        limit = (1 << n) - 1;
    return limit < 2 ? 2 : limit;
}

/* The upper left corner of the output, with values of ours; on the grid of -t_srs if there is one. */
static GDALDatasetH probe_source(const clv_writer *w, int width, int height, GDALDatasetH *under)
{
    char *arguments[] = {"-of", "MEM", "-srcwin", "0", "0", NULL, NULL, NULL};
    char x[16], y[16];
    snprintf(x, sizeof x, "%d", width);
    snprintf(y, sizeof y, "%d", height);
    arguments[5] = x;
    arguments[6] = y;
    GDALTranslateOptions *options = GDALTranslateOptionsNew(arguments, NULL);
    GDALDatasetH small = GDALTranslate("", w->dataset, options, NULL);
    GDALTranslateOptionsFree(options);
    double *row = clv_alloc_array((size_t)width, 1, sizeof *row);
    const double limit = value_limit(w, clv_outputs_creation(w->set, w));
    bool filled = small && row;
    for (int b = 0; filled && b < w->band_count; b++)
        for (int j = 0; j < height && filled; j++) {
            for (int i = 0; i < width; i++)
                row[i] = probe_value(w, limit, i, j, b);
            filled = GDALRasterIO(GDALGetRasterBand(small, b + 1), GF_Write, 0, j, width, 1, row, width, 1, GDT_Float64,
                                  0, 0) == CE_None;
        }
    free(row);
    if (!filled && small) {
        GDALClose(small);
        small = NULL;
    }
    *under = NULL;
    if (!small || !w->set->target_srs)
        return small;
    char *wkt = NULL;
    OSRExportToWkt(w->set->target_srs, &wkt);
    GDALDatasetH warped = GDALAutoCreateWarpedVRT(small, NULL, wkt, GRA_NearestNeighbour, 0, NULL);
    CPLFree(wkt);
    if (!warped)
        return small;
    *under = small;
    return warped;
}

static clv_status try_size(clv_writer *w, int width, int height, const char *folder, result *r)
{
    clv_outputs *set = w->set;
    GDALDatasetH under = NULL;
    clv_gdal_errors errors;
    *r = (result){0};
    clv_gdal_errors_begin(&errors);
    GDALDatasetH source = probe_source(w, width, height, &under);
    clv_gdal_errors_end(&errors);
    if (!source)
        return clv_fail(set->ctx, CLV_ERROR_INTERNAL, "%s: cannot be tried: %s", w->item->path,
                        clv_gdal_errors_text(&errors));
    clv_status status = convert_any(set, w, source, folder, NULL, r);
    GDALClose(source);
    if (under)
        GDALClose(under);
    return status;
}

static clv_status refuse(clv_writer *w, const result *r)
{
    char format[200];
    name_format(w->set, clv_outputs_creation(w->set, w), format, sizeof format);
    return clv_fail(w->set->ctx, CLV_ERROR_ARGUMENT, "%s: cannot hold %d band%s of %s%s: %s; choose another -of or -co",
                    format, w->band_count, w->band_count == 1 ? "" : "s", w->shape.categories ? "classes as " : "",
                    GDALGetDataTypeName(w->type), r->why);
}

static clv_status try_all(clv_writer *w, clv_probe *p)
{
    clv_outputs *set = w->set;
    char *above = clv_path_folder(w->item->temporary), *folder = NULL;
    clv_status status =
        above ? clv_temporary_make_folder(set->ctx, above, "clearvision", &folder) : clv_fail_memory(set->ctx);
    free(above);
    if (status != CLV_OK)
        return status;
    clv_unfinished *guard = clv_unfinished_add_folder(folder);
    const int width = w->width < PROBE_SIDE ? w->width : PROBE_SIDE,
              height = w->height < PROBE_SIDE ? w->height : PROBE_SIDE;
    const double bytes = (double)w->width * w->height * w->band_count * GDALGetDataTypeSizeBytes(w->type);
    result r;
    status = try_size(w, width, height, folder, &r);
    if (status == CLV_OK && !r.good && bytes <= PROBE_BYTES && (width < w->width || height < w->height)) {
        free(r.main);
        empty_folder(folder);
        status = try_size(w, w->width, w->height, folder, &r);
    }
    if (status == CLV_OK && !r.good)
        status = refuse(w, &r);
    p->remarks = r.failures;
    if (status == CLV_OK && strcmp(clv_path_name(r.main), clv_path_name(w->item->final)) != 0)
        p->extension = clv_strdup(clv_path_extension(r.main));
    free(r.main);
    clv_temporary_remove_folder(folder);
    clv_unfinished_done(guard);
    free(folder);
    return status;
}

static clv_probe *find_probe(clv_writer *w)
{
    for (clv_probe *p = w->set->probes; p; p = p->next)
        if (p->type == w->type && p->bands == w->band_count && p->product == !w->series &&
            p->categories == w->shape.categories && p->palette == w->shape.palette)
            return p;
    return NULL;
}

clv_status clv_conversion_probe(clv_writer *w)
{
    clv_outputs *set = w->set;
    if (w->item->poured || !clv_creation_needs_copy(set->driver, clv_outputs_creation(set, w), w->band_count))
        return CLV_OK;
    clv_status status = CLV_OK;
    pthread_mutex_lock(&set->lock);
    clv_probe *p = find_probe(w);
    if (!p) {
        p = calloc(1, sizeof *p);
        status = p ? CLV_OK : clv_fail_memory(set->ctx);
        if (p) {
            *p = (clv_probe){.type = w->type,
                             .bands = w->band_count,
                             .product = !w->series,
                             .categories = w->shape.categories,
                             .palette = w->shape.palette};
            status = try_all(w, p);
        }
        if (status == CLV_OK) {
            p->next = set->probes;
            set->probes = p;
        } else {
            free(p);
        }
    }
    if (status == CLV_OK)
        w->probe = p;
    if (status == CLV_OK && p->extension)
        status = clv_item_rename(set, w->item, p->extension);
    pthread_mutex_unlock(&set->lock);
    return status;
}

/* ---- The output ----------------------------------------------------------------------------------------- */

/* Everything in the folder, the main file first. */
static clv_status list_files(clv_outputs *set, clv_item *item, const char *main)
{
    char **files = VSIReadDir(item->staged);
    CSLDestroy(item->files);
    item->files = CSLAddString(NULL, main);
    for (int i = 0; files && files[i]; i++) {
        char *path = clv_path_join(item->staged, files[i]);
        if (path && strcmp(files[i], ".") != 0 && strcmp(files[i], "..") != 0 && strcmp(path, main) != 0)
            item->files = CSLAddString(item->files, path);
        free(path);
    }
    CSLDestroy(files);
    return item->files ? CLV_OK : clv_fail_memory(set->ctx);
}

static clv_status report(clv_outputs *set, const clv_item *item, const result *r)
{
    char format[200], why[1200];
    name_format(set, clv_outputs_creation(set, item->writer), format, sizeof format);
    snprintf(why, sizeof why, "%s; choose another -of or -co than %s", r->why, format);
    return clv_outputs_fail_write(set, item->path, "verification failed", why);
}

clv_status clv_conversion_make(clv_outputs *set, clv_item *item)
{
    clv_writer *w = item->writer;
    char *above = clv_path_folder(item->temporary);
    const char *name = clv_path_name(item->final);
    clv_status status = above ? clv_temporary_make_folder(set->ctx, above, *name ? name : "stdout", &item->staged)
                              : clv_fail_memory(set->ctx);
    free(above);
    if (status != CLV_OK)
        return status;
    item->staged_guard = clv_unfinished_add_folder(item->staged);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH source = GDALOpen(item->temporary, GA_ReadOnly);
    clv_gdal_errors_end(&errors);
    if (!source)
        return clv_outputs_fail_write(set, item->path, "cannot be read again", clv_gdal_errors_text(&errors));
    uint64_t *sums = clv_writer_sums(w);
    result r = {0};
    status = convert_any(set, w, source, item->staged, sums, &r);
    free(sums);
    GDALClose(source);
    if (status == CLV_OK && (!r.good || r.failures > (w->probe ? w->probe->remarks : 0)))
        status = report(set, item, &r);
    if (status == CLV_OK) {
        clv_temporary_remove(item->temporary, true);
        clv_unfinished_done(item->guard);
        item->guard = NULL;
        status = list_files(set, item, r.main);
    }
    free(r.main);
    return status;
}
