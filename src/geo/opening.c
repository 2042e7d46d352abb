/* SPDX-License-Identifier: MIT */
#include "geo/opening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>
#include <gdal_utils.h>

#include "core/alloc.h"

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

static clv_status level_of(clv_context *ctx, const char *text, int *level)
{
    *level = CLV_LEVEL_NONE;
    if (!text || EQUAL(text, "NONE"))
        return CLV_OK;
    if (EQUAL(text, "AUTO")) {
        *level = CLV_LEVEL_AUTO;
        return CLV_OK;
    }
    if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 2)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "-ovr %s: give an overview's number from 0 (the finest), AUTO (what suits -tr) or NONE", text);
    *level = atoi(text);
    return CLV_OK;
}

clv_status clv_opening_of(clv_context *ctx, const clv_input_options *options, clv_opening *out)
{
    *out = (clv_opening){.level = CLV_LEVEL_NONE, .warns = true};
    if (!options)
        return CLV_OK;
    clv_status status = level_of(ctx, options->overview, &out->level);
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
        clv_opening_clear(out);
    return status;
}

void clv_opening_clear(clv_opening *how)
{
    CSLDestroy(how->drivers);
    CSLDestroy(how->options);
    *how = (clv_opening){.level = CLV_LEVEL_NONE};
}

/* The raster seen through an overview. Not by OVERVIEW_LEVEL: that one forgets what the bands are called. A virtual
 * copy of the overview's size is read from that overview, and knows all that the raster knows. */
static GDALDatasetH through_overview(GDALDatasetH dataset, int level)
{
    if (level >= clv_opening_levels(dataset)) {
        CPLError(CE_Failure, CPLE_IllegalArg, "-ovr %d: it has %d overview%s (0 is the first); make some with gdaladdo",
                 level, clv_opening_levels(dataset), clv_opening_levels(dataset) == 1 ? "" : "s");
        return NULL;
    }
    GDALRasterBandH overview = GDALGetOverview(GDALGetRasterBand(dataset, 1), level);
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

static GDALDatasetH open_raster(const clv_opening *how, const char *name)
{
    const unsigned flags = GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_VERBOSE_ERROR;
    if (!how)
        return GDALOpenEx(name, flags, NULL, NULL, NULL);
    GDALDatasetH dataset =
        GDALOpenEx(name, flags, (const char *const *)how->drivers, (const char *const *)how->options, NULL);
    if (!dataset || how->level < 0 || GDALGetRasterCount(dataset) == 0)
        return dataset;
    GDALDatasetH seen = through_overview(dataset, how->level);
    GDALReleaseDataset(dataset); /* the view holds it */
    return seen;
}

GDALDatasetH clv_opening_open(const clv_opening *how, const char *name)
{
    char *before = clv_decode_alone_begin();
    GDALDatasetH dataset = open_raster(how, name);
    clv_decode_alone_end(before);
    return dataset;
}

int clv_opening_levels(GDALDatasetH dataset)
{
    return GDALGetRasterCount(dataset) > 0 ? GDALGetOverviewCount(GDALGetRasterBand(dataset, 1)) : 0;
}

int clv_opening_level(GDALDatasetH dataset, double pixel_m, double tr)
{
    int best = CLV_LEVEL_NONE;
    double coarsest = pixel_m;
    for (int i = 0; tr > 0 && pixel_m > 0 && i < clv_opening_levels(dataset); i++) {
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
