/* SPDX-License-Identifier: MIT */
#include "products/netcdf_stack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/bundle_vrt.h"
#include "products/input_list.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/paths.h"

#define MAX_VARIABLES 16

typedef struct stack {
    clv_bundle *bundle;
    clv_vrt_part parts[MAX_VARIABLES];
    int count, steps;
    double days[CLV_MAX_DATES];
} stack;

/* A time unit such as "days since 1990-01-01" or "seconds since 1970-01-01 00:00:00": days of 1970 at its origin, and
 * days a step. */
static bool parse_time_unit(const char *unit, double *origin, double *step)
{
    static const struct {
        const char *word;
        double days;
    } units[] = {{"days since ", 1},
                 {"day since ", 1},
                 {"hours since ", 1.0 / 24},
                 {"minutes since ", 1.0 / 1440},
                 {"seconds since ", 1.0 / 86400},
                 {"milliseconds since ", 1e-3 / 86400},
                 {"microseconds since ", 1e-6 / 86400},
                 {"nanoseconds since ", 1e-9 / 86400}};
    for (size_t i = 0; unit && i < sizeof units / sizeof *units; i++) {
        size_t n = strlen(units[i].word);
        clv_date date;
        if (strncmp(unit, units[i].word, n) != 0)
            continue;
        *step = units[i].days;
        if (clv_date_parse(unit + n, &date)) {
            *origin = clv_date_days(&date);
            return true;
        }
        char day[11];
        snprintf(day, sizeof day, "%s", unit + n); /* "1990-01-01 00:00:00.0 UTC" */
        if (!clv_date_parse(day, &date))
            return false;
        *origin = clv_date_days(&date);
        return true;
    }
    return false;
}

/* Times of a variable's steps, from what the driver tells of its dimensions. */
static bool read_times(GDALDatasetH ds, stack *s)
{
    char key[100], name[60];
    double origin, step;
    const char *extra = GDALGetMetadataItem(ds, "NETCDF_DIM_EXTRA", NULL);
    size_t n = extra && extra[0] == '{' ? strcspn(extra + 1, ",}") : 0;
    if (n == 0 || n >= sizeof name || extra[n + 1] != '}') /* one dimension beside y and x */
        return false;
    snprintf(name, sizeof name, "%.*s", (int)n, extra + 1);
    snprintf(key, sizeof key, "%s#units", name);
    if (!parse_time_unit(GDALGetMetadataItem(ds, key, NULL), &origin, &step))
        return false;
    snprintf(key, sizeof key, "NETCDF_DIM_%s_VALUES", name);
    const char *values = GDALGetMetadataItem(ds, key, NULL);
    int steps = 0;
    for (const char *p = values ? values + (values[0] == '{') : ""; *p && *p != '}' && steps < CLV_MAX_DATES;) {
        char *end;
        double value = CPLStrtod(p, &end);
        if (end == p || !isfinite(value))
            return false;
        s->days[steps++] = origin + value * step;
        p = end + (*end == ',');
    }
    s->steps = steps;
    return steps > 0 && steps == GDALGetRasterCount(ds);
}

/* One variable; those that are no bands, or have other times or grids, are left out. */
static clv_status take_variable(clv_context *ctx, stack *s, const char *name)
{
    const char *colon = strrchr(name, ':');
    clv_band_file f;
    GDALDatasetH ds = NULL;
    clv_band_file_read(colon ? colon + 1 : name, &f);
    if ((f.kind != CLV_FILE_BAND && f.kind != CLV_FILE_SCL) || f.key[0] || s->count == MAX_VARIABLES)
        return CLV_OK;
    clv_vrt_part *part = &s->parts[s->count];
    clv_status status = clv_raster_open(ctx, name, NULL, &ds);
    if (status != CLV_OK)
        return status;
    if (s->count == 0 ? read_times(ds, s) : GDALGetRasterCount(ds) == s->steps) {
        status = clv_grid_of_dataset(ctx, ds, &part->grid);
        if (status == CLV_OK &&
            (part->grid.width != s->parts[0].grid.width || part->grid.height != s->parts[0].grid.height))
            clv_grid_clear(&part->grid);
        else if (status == CLV_OK)
            status = clv_bundle_add(ctx, s->bundle, name, f.kind == CLV_FILE_SCL ? "SCL" : f.band, 0);
        if (status == CLV_OK && part->grid.width > 0) {
            clv_vrt_part_read(ds, part);
            part->bands = s->steps;
            part->factor = 1;
            s->count++;
        }
    }
    GDALClose(ds);
    return status;
}

static clv_status join(clv_context *ctx, stack *s)
{
    clv_vrt vrt = {0};
    clv_status status = clv_grid_copy(&s->parts[0].grid, &vrt.grid) == CLV_OK ? CLV_OK : clv_fail_memory(ctx);
    for (int i = 0; i < s->count; i++)
        s->parts[i].file = &s->bundle->files[i];
    for (int t = 0; t < s->steps && status == CLV_OK; t++) {
        clv_date date = clv_date_from_days(s->days[t]);
        double second = floor((s->days[t] - floor(s->days[t])) * 86400 + 0.5);
        char text[32];
        date.has_time = second > 0 && second < 86400;
        date.hour = date.has_time ? (int)second / 3600 : 0;
        date.minute = date.has_time ? (int)second / 60 % 60 : 0;
        date.second = date.has_time ? (int)second % 60 : 0;
        clv_date_format(&date, text);
        for (int i = 0; i < s->count; i++)
            clv_vrt_add_dated(&vrt, &s->parts[i], t + 1, text);
    }
    if (status == CLV_OK)
        status = clv_vrt_finish(ctx, &vrt, s->bundle, &s->bundle->ready);
    clv_vrt_clear(&vrt);
    return status;
}

static clv_status look(clv_context *ctx, const char *path, stack *s)
{
    GDALDatasetH ds;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    ds = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, NULL, NULL);
    clv_gdal_errors_end(&errors);
    char **list = ds && GDALGetRasterCount(ds) == 0 ? CSLDuplicate(GDALGetMetadata(ds, "SUBDATASETS")) : NULL;
    if (ds)
        GDALClose(ds);
    clv_status status = CLV_OK;
    for (char **item = list; item && *item && status == CLV_OK; item++) {
        const char *value = strchr(*item, '=');
        size_t n = value ? (size_t)(value - *item) : 0;
        if (n > 5 && strncmp(value - 5, "_NAME", 5) == 0)
            status = take_variable(ctx, s, value + 1);
    }
    CSLDestroy(list);
    return status;
}

clv_status clv_netcdf_stack_open(clv_context *ctx, const char *path, clv_bundle **out)
{
    *out = NULL;
    if (!clv_name_ends(path, "nc"))
        return CLV_OK;
    GDALAllRegister();
    stack *s = calloc(1, sizeof *s);
    char *stem = clv_strdup(clv_name_base(path));
    if (stem)
        stem[strlen(stem) - 3] = 0;
    if (s && stem)
        s->bundle = clv_bundle_new(path, stem);
    clv_status status = s && stem && s->bundle ? look(ctx, path, s) : clv_fail_memory(ctx);
    if (status == CLV_OK && clv_bundle_has(s->bundle, "B02") && clv_bundle_has(s->bundle, "B03") &&
        clv_bundle_has(s->bundle, "B04")) {
        snprintf(s->bundle->files_how, sizeof s->bundle->files_how, "%d variables over time", s->count);
        s->bundle->mosaic = true; /* more than one date: its bands tell the rest */
        status = join(ctx, s);
        *out = status == CLV_OK ? s->bundle : NULL;
    }
    for (int i = 0; s && i < s->count; i++)
        clv_grid_clear(&s->parts[i].grid);
    if (s && !*out)
        clv_bundle_free(s->bundle);
    free(stem);
    free(s);
    return status;
}
