/* SPDX-License-Identifier: MIT */
#include "series/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/paths.h"
#include "series/given_scales.h"

/* ---- Splitting into dates ---------------------------------------------------------------------- */

/* Which acquisition each band belongs to: owner[band - 1], -1 for none. */
typedef struct split {
    int *owner;
    int acquisitions;
    clv_date *dates; /* NULL when the split is by position alone */
    char how[96];
    char doubtful[16]; /* see clv_written_band_dates() */
    const char *taken_as;
} split;

static bool same_moment(const clv_date *a, const clv_date *b)
{
    return clv_date_days(a) == clv_date_days(b);
}

/* Dates of all bands, year 0 for those without one. */
static void find_band_dates(GDALDatasetH ds, clv_date *dates, split *s)
{
    bool found = false;
    for (int b = 1; b <= GDALGetRasterCount(ds); b++) {
        dates[b - 1] = (clv_date){0};
        found = clv_band_date(GDALGetRasterBand(ds, b), &dates[b - 1], s->how, sizeof s->how) || found;
    }
    if (!found && clv_written_band_dates(ds, dates, s->doubtful, &s->taken_as))
        snprintf(s->how, sizeof s->how, "band descriptions, %s", s->taken_as);
}

static clv_status split_by_band_dates(clv_context *ctx, GDALDatasetH ds, const char *name, split *s)
{
    int bands = GDALGetRasterCount(ds), undated = 0;
    clv_status status = CLV_OK;
    clv_date *dates = clv_alloc_array(1, (size_t)bands, sizeof *dates);
    if (!dates)
        return clv_fail_memory(ctx);
    find_band_dates(ds, dates, s);
    for (int b = 1; b <= bands && status == CLV_OK; b++) {
        s->owner[b - 1] = -1;
        if (dates[b - 1].year == 0) {
            undated = undated || clv_is_aux_band(GDALGetRasterBand(ds, b)) ? undated : b;
            continue;
        }
        int f = 0;
        while (f < s->acquisitions && !same_moment(&s->dates[f], &dates[b - 1]))
            f++;
        if (f == CLV_MAX_DATES)
            status = clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: has bands of more than %d dates", name, CLV_MAX_DATES);
        else if (f == s->acquisitions)
            s->dates[s->acquisitions++] = dates[b - 1];
        s->owner[b - 1] = f;
    }
    if (status == CLV_OK && s->acquisitions > 1 && undated)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "%s: band %d has no date in its metadata or description while others have; "
                          "select bands with gdal_translate -b",
                          name, undated);
    free(dates);
    if (status != CLV_OK || s->acquisitions > 1)
        return status;
    s->acquisitions = 1;
    memset(s->owner, 0, (size_t)bands * sizeof *s->owner);
    return CLV_OK;
}

static bool same_description(GDALDatasetH ds, int a, int b)
{
    const char *x = GDALGetDescription(GDALGetRasterBand(ds, a)), *y = GDALGetDescription(GDALGetRasterBand(ds, b));
    return *x && strcmp(x, y) == 0;
}

/* `dates` dates without names for them: all bands of the first date come first, unless the names say that the
 * first band of all dates comes first. */
static clv_status split_by_count(clv_context *ctx, GDALDatasetH ds, const char *name, int dates, split *s)
{
    int bands = GDALGetRasterCount(ds);
    if (bands % dates != 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: its %d bands cannot be divided among the %d dates of -date", name,
                        bands, dates);
    if (dates > CLV_MAX_DATES)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "-date: more than %d dates", CLV_MAX_DATES);
    int each = bands / dates;
    bool by_band = each > 1 && same_description(ds, 1, 2);
    for (int b = 0; b < bands; b++)
        s->owner[b] = by_band ? b % dates : b / each;
    s->acquisitions = dates;
    return CLV_OK;
}

/* The request beside an answer of a process API, which has told the date. */
static void note_request(clv_context *ctx, const char *response)
{
    char *path = clv_format("%.*srequest.json", (int)(clv_path_name(response) - response), response);
    clv_input_files_add(ctx, path);
    free(path);
}

static clv_status describe_acquisitions(clv_context *ctx, GDALDatasetH ds, const split *s,
                                        const clv_input_options *options, clv_dataset *opened)
{
    int bands = GDALGetRasterCount(ds), first_count = 0;
    clv_status status = CLV_OK;
    int *indices = clv_alloc_array(1, (size_t)bands, sizeof *indices);
    opened->acquisition = clv_alloc_array(1, (size_t)s->acquisitions, sizeof *opened->acquisition);
    if (!indices || !opened->acquisition) {
        status = clv_fail_memory(ctx);
        goto cleanup;
    }
    opened->acquisitions = s->acquisitions;
    for (int f = 0; f < s->acquisitions && status == CLV_OK; f++) {
        int count = 0;
        for (int b = 0; b < bands; b++)
            if (s->owner[b] == f)
                indices[count++] = b + 1;
        if (f == 0)
            first_count = count;
        if (count != first_count) {
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                              "%s: has %d bands of its first date and %d of date %d; select bands with "
                              "gdal_translate -b",
                              opened->source, first_count, count, f + 1);
            goto cleanup;
        }
        clv_dataset_acquisition *acquisition = &opened->acquisition[f];
        const clv_input_options own = clv_given_scales_of(options, f);
        status = clv_dataset_describe_acquisition(ctx, ds, opened->source, indices, count, &own, acquisition);
        if (s->acquisitions > 1 && s->dates) {
            acquisition->facts.date = s->dates[f];
            acquisition->facts.has_date = true;
            snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "%s", s->how);
            memcpy(acquisition->doubtful, s->doubtful, sizeof acquisition->doubtful);
            acquisition->taken_as = s->taken_as;
            acquisition->doubtful_band = true;
        } else if (s->acquisitions > 1) {
            snprintf(acquisition->facts.date_how, sizeof acquisition->facts.date_how, "unknown");
        } else {
            clv_dataset_find_date(ds, opened->source, acquisition);
            if (strcmp(acquisition->facts.date_how, "request.json") == 0)
                note_request(ctx, opened->source);
        }
    }

cleanup:
    free(indices);
    return status;
}

/* ---- A dataset ----------------------------------------------------------------------------------- */

static char *stem_of(const char *name)
{
    char *stem = clv_strdup(clv_name_base(name));
    if (!stem)
        return NULL;
    for (char *c = stem; *c; c++)
        if ((unsigned char)*c < 32 || strchr("/\\:\"*?<>|", *c))
            *c = '_';
    char *dot = strrchr(stem, '.');
    if (dot && dot != stem && strlen(dot) <= 6)
        *dot = 0;
    if (strlen(stem) > 180) /* room for date and suffixes in the 255 bytes of a file name */
        stem[180] = 0;
    return stem;
}

/* -ovr AUTO: the raster again, through the overview that suits -tr. */
static clv_status choose_overview(clv_context *ctx, const char *name, const clv_open_options *how, double tr,
                                  clv_dataset *out, int *overview)
{
    clv_grid grid = {0};
    clv_open_options chosen = *how;
    clv_status status = clv_grid_of_dataset(ctx, out->dataset, &grid);
    *overview = chosen.overview = clv_overview_for(out->dataset, grid.pixel_m, tr);
    clv_grid_clear(&grid);
    if (status != CLV_OK || chosen.overview < 0)
        return status;
    GDALClose(out->dataset);
    return clv_raster_open(ctx, name, &chosen, &out->dataset);
}

clv_status clv_dataset_describe(clv_context *ctx, const clv_input_options *options, int wanted_dates, clv_dataset *out)
{
    split s = {0};
    GDALDatasetH ds = out->dataset;
    int bands = GDALGetRasterCount(ds);
    clv_status status = CLV_OK;
    s.owner = clv_alloc_array(1, (size_t)bands, sizeof *s.owner);
    s.dates = clv_alloc_array(1, CLV_MAX_DATES, sizeof *s.dates);
    if (!s.owner || !s.dates)
        status = clv_fail_memory(ctx);
    if (status == CLV_OK)
        status = clv_grid_of_dataset(ctx, ds, &out->grid);
    if (status == CLV_OK)
        status = split_by_band_dates(ctx, ds, out->source, &s);
    if (status == CLV_OK && s.acquisitions == 1 && wanted_dates > 1) {
        free(s.dates);
        s.dates = NULL;
        status = split_by_count(ctx, ds, out->source, wanted_dates, &s);
    }
    if (status == CLV_OK)
        status = describe_acquisitions(ctx, ds, &s, options, out);
    free(s.dates);
    free(s.owner);
    return status;
}

clv_status clv_dataset_open(clv_context *ctx, const char *name, const clv_open_options *how,
                            const clv_input_options *options, int wanted_dates, clv_dataset *out)
{
    int overview = how ? how->overview : CLV_OVERVIEW_NONE;
    *out = (clv_dataset){0};
    clv_status status = clv_raster_open(ctx, name, how, &out->dataset);
    if (status == CLV_OK && overview == CLV_OVERVIEW_AUTO)
        status = choose_overview(ctx, name, how, options->tr, out, &overview);
    if (status != CLV_OK)
        return status;
    out->source = clv_strdup(GDALGetDescription(out->dataset)[0] ? GDALGetDescription(out->dataset) : name);
    out->stem = stem_of(name);
    if (!out->source || !out->stem)
        status = clv_fail_memory(ctx);
    if (status == CLV_OK)
        status = clv_dataset_describe(ctx, options, wanted_dates, out);
    for (int f = 0; status == CLV_OK && f < out->acquisitions; f++)
        out->acquisition[f].facts.overview = overview;
    if (status != CLV_OK)
        clv_dataset_clear(out);
    return status;
}

void clv_dataset_clear(clv_dataset *opened)
{
    if (!opened)
        return;
    for (int f = 0; opened->acquisition && f < opened->acquisitions; f++) {
        free(opened->acquisition[f].bands);
        clv_date_facts_clear(&opened->acquisition[f].facts);
        if (opened->acquisition[f].memory)
            GDALClose(opened->acquisition[f].memory);
        if (opened->acquisition[f].memory_mask)
            GDALClose(opened->acquisition[f].memory_mask);
    }
    free(opened->acquisition);
    if (opened->dataset)
        GDALClose(opened->dataset);
    clv_grid_clear(&opened->grid);
    free(opened->source);
    free(opened->stem);
    *opened = (clv_dataset){0};
}
