/* SPDX-License-Identifier: MIT */
#include "raster/open_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cpl_string.h>
#include <gdal_utils.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/reading.h"
#include "raster/damage_probe.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"

#define TR_TOLERANCE                                                                                                   \
    1.05 /* an overview of an odd-sized raster has pixels that are a little more than twice as large                   \
          */

static bool reads_rasters(GDALDriverH driver)
{
    const char *raster = GDALGetMetadataItem(driver, GDAL_DCAP_RASTER, NULL);
    const char *open = GDALGetMetadataItem(driver, GDAL_DCAP_OPEN, NULL);
    return raster && CPLTestBool(raster) && open && CPLTestBool(open);
}

static clv_status unknown_driver(clv_context *ctx, const char *name)
{
    char *list = clv_strdup("");
    for (int i = 0; list && i < GDALGetDriverCount(); i++) {
        GDALDriverH driver = GDALGetDriver(i);
        if (!reads_rasters(driver))
            continue;
        char *longer = clv_format("%s%s%s", list, *list ? ", " : "", GDALGetDriverShortName(driver));
        free(list);
        list = longer;
    }
    clv_status status =
        clv_fail(ctx, CLV_ERROR_ARGUMENT, "-if %s: %s; formats that can be read: %s", name,
                 GDALGetDriverByName(name) ? "this format has no rasters" : "no such format", list ? list : "");
    free(list);
    return status;
}

static clv_status overview_of(clv_context *ctx, const char *text, int *overview)
{
    *overview = CLV_OVERVIEW_NONE;
    if (!text || EQUAL(text, "NONE"))
        return CLV_OK;
    if (EQUAL(text, "AUTO")) {
        *overview = CLV_OVERVIEW_AUTO;
        return CLV_OK;
    }
    if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 2)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "-ovr %s: give an overview's number from 0 (the finest), AUTO (what suits -tr) or NONE", text);
    *overview = atoi(text);
    return CLV_OK;
}

clv_status clv_open_options_of(clv_context *ctx, const clv_input_options *options, clv_open_options *out)
{
    *out = (clv_open_options){.overview = CLV_OVERVIEW_NONE, .warns = true};
    if (!options)
        return CLV_OK;
    clv_status status = overview_of(ctx, options->overview, &out->overview);
    for (int i = 0; status == CLV_OK && options->drivers && options->drivers[i]; i++) {
        GDALDriverH driver = GDALGetDriverByName(options->drivers[i]);
        if (!driver || !reads_rasters(driver))
            status = unknown_driver(ctx, options->drivers[i]);
        else
            out->drivers = CSLAddString(out->drivers, options->drivers[i]);
    }
    for (int i = 0; status == CLV_OK && options->open_options && options->open_options[i]; i++) {
        const char *pair = options->open_options[i], *equals = strchr(pair, '=');
        if (!equals || equals == pair)
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "-oo %s: give it as NAME=VALUE", pair);
        else
            out->options = CSLAddString(out->options, pair);
    }
    if (status != CLV_OK)
        clv_open_options_clear(out);
    return status;
}

void clv_open_options_clear(clv_open_options *how)
{
    CSLDestroy(how->drivers);
    CSLDestroy(how->options);
    *how = (clv_open_options){.overview = CLV_OVERVIEW_NONE};
}

/* Number of overviews of the raster's first band. */
static int overview_count(GDALDatasetH dataset)
{
    return GDALGetRasterCount(dataset) > 0 ? GDALGetOverviewCount(GDALGetRasterBand(dataset, 1)) : 0;
}

/* The raster seen through an overview. Not by OVERVIEW_LEVEL: that one forgets what the bands are called. A virtual
 * copy of the overview's size is read from that overview, and knows all that the raster knows. */
static GDALDatasetH through_overview(GDALDatasetH dataset, int number)
{
    if (number >= overview_count(dataset)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "-ovr %d: it has %d overview%s (0 is the first); make some with gdaladdo",
                 number, overview_count(dataset), overview_count(dataset) == 1 ? "" : "s");
        return NULL;
    }
    GDALRasterBandH overview = GDALGetOverview(GDALGetRasterBand(dataset, 1), number);
    char width[16], height[16];
    snprintf(width, sizeof width, "%d", GDALGetRasterBandXSize(overview));
    snprintf(height, sizeof height, "%d", GDALGetRasterBandYSize(overview));
    char *words[] = {"-of", "VRT", "-outsize", width, height, NULL};
    GDALTranslateOptions *options = GDALTranslateOptionsNew(words, NULL);
    GDALDatasetH seen = options ? GDALTranslate("", dataset, options, NULL) : NULL;
    GDALTranslateOptionsFree(options);
    return seen;
}

char *clv_decode_alone_begin(void)
{
    const char *now = CPLGetThreadLocalConfigOption("GDAL_NUM_THREADS", NULL);
    char *before = now ? CPLStrdup(now) : NULL;
    CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", "1");
    return before;
}

void clv_decode_alone_end(char *before)
{
    CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", before);
    CPLFree(before);
}

static GDALDatasetH open_raster(const clv_open_options *how, const char *name)
{
    const unsigned flags = GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR;
    if (!how)
        return GDALOpenEx(name, flags, NULL, NULL, NULL);
    GDALDatasetH dataset =
        GDALOpenEx(name, flags, (const char *const *)how->drivers, (const char *const *)how->options, NULL);
    if (!dataset || how->overview < 0 || GDALGetRasterCount(dataset) == 0)
        return dataset;
    GDALDatasetH seen = through_overview(dataset, how->overview);
    GDALReleaseDataset(dataset); /* the view holds it */
    return seen;
}

/* GDALOpenEx; NULL on failure with GDAL's error. how may be NULL. Does not look at AUTO. */
static GDALDatasetH open_decoding_alone(const clv_open_options *how, const char *name)
{
    char *before = clv_decode_alone_begin();
    GDALDatasetH dataset = open_raster(how, name);
    clv_decode_alone_end(before);
    return dataset;
}

int clv_overview_for(GDALDatasetH dataset, double pixel_m, double tr)
{
    int best = CLV_OVERVIEW_NONE;
    double coarsest = pixel_m;
    for (int i = 0; tr > 0 && pixel_m > 0 && i < overview_count(dataset); i++) {
        GDALRasterBandH overview = GDALGetOverview(GDALGetRasterBand(dataset, 1), i);
        int width = overview ? GDALGetRasterBandXSize(overview) : 0;
        double pixel = width > 0 ? pixel_m * GDALGetRasterXSize(dataset) / width : 0;
        if (pixel > coarsest && pixel <= tr * TR_TOLERANCE) {
            coarsest = pixel;
            best = i;
        }
    }
    return best;
}

/* ---- A raster within our limits ------------------------------------------------------------------ */

#define LISTED_SUBDATASETS 4

static clv_status check_limits(clv_context *ctx, GDALDatasetH ds, const char *name)
{
    int width = GDALGetRasterXSize(ds), height = GDALGetRasterYSize(ds), bands = GDALGetRasterCount(ds);
    if (width > CLV_MAX_SIZE || height > CLV_MAX_SIZE)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                        "%s: %dx%d pixels are more than %d a side; cut it: gdal_translate -srcwin", name, width, height,
                        CLV_MAX_SIZE);
    const char *interleave = GDALGetMetadataItem(ds, "INTERLEAVE", "IMAGE_STRUCTURE");
    int together = interleave && EQUAL(interleave, "PIXEL") ? bands : 1;
    for (int b = 1; b <= bands; b += together) {
        int bx, by;
        GDALRasterBandH band = GDALGetRasterBand(ds, b);
        GDALGetBlockSize(band, &bx, &by);
        double bytes = (double)bx * by * GDALGetDataTypeSizeBytes(GDALGetRasterDataType(band)) * together;
        if (bx < 1 || by < 1 || bytes > CLV_MAX_BLOCK_BYTES)
            return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                            "%s: its blocks of %dx%d pixels are too large; rewrite it: gdal_translate -co TILED=YES",
                            name, bx, by);
    }
    return CLV_OK;
}

static bool is_missing_file(const char *name)
{
    return !strchr(name, ':') && name[0] != '<' && name[0] != '{' && clv_path_look(name) == CLV_PATH_NONE;
}

/* GDAL remembers that a file cannot be had, but not why: it is asked for again. */
static void ask_again(const char *name, clv_gdal_errors *errors)
{
    if (!strstr(errors->text, "does not exist in the file system"))
        return;
    VSICurlPartialClearCache(name);
    clv_gdal_errors again;
    clv_gdal_errors_begin(&again);
    GDALDatasetH ds = GDALOpenEx(name, GDAL_OF_RASTER, NULL, NULL, NULL);
    clv_gdal_errors_end(&again);
    if (ds)
        GDALClose(ds);
    if (again.failures || again.warnings)
        *errors = again;
}

/* "HTTP response code: 403", "HTTP response code on https://a/b.tif: 403"; 0 for none. */
static int http_code(const char *text)
{
    const char *at = strstr(text, "HTTP response code"), *end = at ? strrchr(at, ':') : NULL;
    return end ? (int)strtol(end + 1, NULL, 10) : 0;
}

/* Whether a page or a message came instead of the file. */
static bool is_page(const char *name)
{
    char head[64] = "";
    clv_gdal_errors quiet;
    clv_gdal_errors_begin(&quiet);
    VSILFILE *file = VSIFOpenL(name, "rb");
    size_t n = file ? VSIFReadL(head, 1, sizeof head - 1, file) : 0;
    if (file)
        VSIFCloseL(file);
    clv_gdal_errors_end(&quiet);
    head[n] = 0;
    const char *text = head + strspn(head, " \t\r\n");
    return STARTS_WITH_CI(text, "<!doctype html") || STARTS_WITH_CI(text, "<html");
}

static clv_status cannot_be_reached(clv_context *ctx, const char *name, const char *url, clv_gdal_errors *errors)
{
    ask_again(name, errors);
    const bool said = errors->failures || errors->warnings;
    const int code = http_code(errors->text);
    if (code == 401 || code == 403)
        return clv_fail(ctx, CLV_ERROR_OPEN,
                        "%s: the server refuses to give it (HTTP %d): credentials are missing, or the signature in the "
                        "address has expired",
                        url, code);
    if (code == 404 || code == 410 || strstr(errors->text, "does not exist in the file system"))
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: the server has no such file (HTTP %d)", url, code ? code : 404);
    if (is_page(name))
        return clv_fail(
            ctx, CLV_ERROR_OPEN,
            "%s: the server sends a web page instead: where it is one to log in, credentials are missing or have "
            "expired",
            url);
    return clv_fail(ctx, CLV_ERROR_OPEN,
                    "%s: cannot be read from the network%s%s; --config GDAL_HTTP_MAX_RETRY and GDAL_HTTP_RETRY_DELAY "
                    "say how often it is tried again",
                    url, said ? ": " : "", said ? clv_gdal_errors_text(errors) : "");
}

/* GDAL opens the files beside a raster that have its name, and would wait for a pipe for ever. */
static clv_status check_sidecars(clv_context *ctx, const char *name)
{
    static const char *const beside[] = {".aux.xml", ".ovr", ".msk"};
    for (size_t i = 0; i < sizeof beside / sizeof *beside && strncmp(name, "/vsi", 4) != 0; i++) {
        char *path = clv_format("%s%s", name, beside[i]);
        const bool pipe = path && clv_path_look(path) == CLV_PATH_OTHER && access(path, F_OK) == 0;
        clv_status status = !path  ? clv_fail_memory(ctx)
                            : pipe ? clv_fail(ctx, CLV_ERROR_OPEN, "%s: is a pipe or a device; remove it", path)
                                   : CLV_OK;
        free(path);
        if (status != CLV_OK)
            return status;
    }
    return CLV_OK;
}

static clv_status open_dataset(clv_context *ctx, const char *name, const clv_open_options *how, GDALDatasetH *out)
{
    clv_gdal_errors errors;
    GDALAllRegister();
    clv_reading(name);
    clv_status sound = check_sidecars(ctx, name);
    if (sound == CLV_OK)
        sound = clv_damage_probe(ctx, name);
    if (sound != CLV_OK)
        return sound;
    clv_gdal_errors_begin(&errors);
    clv_input_files_add(ctx, name);
    *out = open_decoding_alone(how, name);
    clv_gdal_errors_end(&errors);
    if (*out && how && how->options && how->warns && strstr(errors.text, "open option"))
        clv_warn(ctx, "-oo: %s", errors.text);
    if (*out)
        return CLV_OK;
    char *url = clv_network_url(name);
    if (url) {
        clv_status status = cannot_be_reached(ctx, name, url, &errors);
        free(url);
        return status;
    }
    if (is_missing_file(name))
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: no such file", name);
    const char *text = clv_gdal_errors_text(&errors);
    if (strncmp(text, "-ovr ", 5) == 0) /* our own */
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %s", name, text);
    size_t n = strlen(name);
    if (strncmp(text, name, n) == 0 && text[n] == ':') /* GDAL often begins with the name itself */
        text += n + 1 + (text[n + 1] == ' ');
    return clv_fail(ctx, CLV_ERROR_OPEN, "%s: cannot be opened as a raster: %s", name, text);
}

/* Value of SUBDATASET_n_NAME, NULL when there is no such one. */
static const char *subdataset(char **list, int n)
{
    char key[40];
    snprintf(key, sizeof key, "SUBDATASET_%d_NAME", n);
    return CSLFetchNameValue(list, key);
}

static clv_status no_bands(clv_context *ctx, GDALDatasetH ds, const char *name)
{
    char **list = GDALGetMetadata(ds, "SUBDATASETS");
    int n = 0;
    while (subdataset(list, n + 1))
        n++;
    if (n == 0)
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: has no raster bands", name);
    char text[600] = "";
    for (int i = 1; i <= n && i <= LISTED_SUBDATASETS; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s %.140s", i > 1 ? "," : "", subdataset(list, i));
    return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                    "%s: has %d datasets inside and no bands of its own; name one of them:%s%s", name, n, text,
                    n > LISTED_SUBDATASETS ? ", ... (gdalinfo lists all)" : "");
}

/* A Sentinel-2 product opens to a list of resolutions: the one of red, green, blue and NIR is meant when there is but
 * one. */
static char *sentinel_subdataset(GDALDatasetH ds)
{
    GDALDriverH driver = GDALGetDatasetDriver(ds);
    if (!driver || !EQUAL(GDALGetDriverShortName(driver), "SENTINEL2"))
        return NULL;
    char **list = GDALGetMetadata(ds, "SUBDATASETS");
    const char *found = NULL;
    for (int i = 1; subdataset(list, i); i++)
        if (strstr(subdataset(list, i), ":10m:")) {
            if (found)
                return NULL;
            found = subdataset(list, i);
        }
    return clv_strdup(found);
}

/* What a view (GDAL's driver CLEARVISION) is computed from is as much an input as the view. */
static void note_files_of_view(clv_context *ctx, GDALDatasetH ds)
{
    char **files = GDALGetMetadata(ds, "CLEARVISION_FILES");
    for (int i = 0; files && files[i]; i++) {
        const char *equals = strchr(files[i], '=');
        if (equals)
            clv_input_files_add(ctx, equals + 1);
    }
}

clv_status clv_raster_open(clv_context *ctx, const char *name, const clv_open_options *how, GDALDatasetH *out)
{
    *out = NULL;
    clv_status status = open_dataset(ctx, name, how, out);
    if (status == CLV_OK && GDALGetRasterCount(*out) == 0) {
        char *inner = sentinel_subdataset(*out);
        if (inner) {
            GDALClose(*out);
            status = open_dataset(ctx, inner, how, out);
        } else {
            status = no_bands(ctx, *out, name);
        }
        free(inner);
    }
    if (status == CLV_OK)
        status = check_limits(ctx, *out, name);
    if (status == CLV_OK)
        note_files_of_view(ctx, *out);
    if (status != CLV_OK && *out) {
        GDALClose(*out);
        *out = NULL;
    }
    return status;
}
