/* SPDX-License-Identifier: MIT */
#include "products/xcube.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "products/cube.h"
#include "products/input_list.h"
#include "raster/damage_probe.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/paths.h"
#include "raster/turned_array.h"
#include "sentinel2/cf_time.h"
#include "sentinel2/roles.h"

#define MAX_ARRAYS 256 /* of a group */
#define MAX_LABELS 64  /* places of a band axis */
#define MAX_GROUPS 32
#define PROBED_DATES 12
#define PROBED_ROWS 5

/* What a name says about a layer before all names are known. */
typedef struct candidate {
    clv_xlayer layer;
    char key[64]; /* what stands around the band in the name ("S2" of "S2_B04"), "" nothing */
    bool band;    /* a band by Sentinel-2's name or a colour's */
} candidate;

typedef struct scan {
    clv_context *ctx;
    clv_xcube *cube;
    GDALGroupH group;
    const char *prefix; /* of the group's arrays: "/", "/group/" */
    candidate *found;   /* [CLV_XCUBE_LAYERS]; layers are owned until they are taken */
    int count;
    bool nameless;
    char time_axis[64]; /* "": a single date */
} scan;

typedef enum axis_kind { AXIS_OTHER, AXIS_TIME, AXIS_BAND, AXIS_Y, AXIS_X } axis_kind;

/* ---- Names ------------------------------------------------------------------------------------- */

/* Whether the name is known; fills the candidate's name and key. */
static bool read_name(const char *label, candidate *c)
{
    clv_band_file f;
    bool known;
    clv_role role = clv_role_of_name(label, &known);
    clv_band_file_read(label, &f);
    snprintf(c->key, sizeof c->key, "%.63s", f.key);
    c->band = f.kind == CLV_FILE_BAND;
    c->layer.mask = f.kind == CLV_FILE_SCL || f.kind == CLV_FILE_FMASK || (!c->band && known && role == CLV_ROLE_AUX);
    if (c->band || f.kind == CLV_FILE_SCL) {
        snprintf(c->layer.name, sizeof c->layer.name, "%s", c->band ? f.band : "SCL");
        return true;
    }
    snprintf(c->layer.name, sizeof c->layer.name, "%.63s", label);
    if (!known)
        return false;
    c->key[0] = 0;
    return true;
}

/* ---- Axes -------------------------------------------------------------------------------------- */

static bool is_in(const char *name, const char *words)
{
    char whole[72];
    snprintf(whole, sizeof whole, " %.68s ", name);
    for (char *c = whole; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
    return strstr(words, whole) != NULL;
}

/* "y", "y_20m", "lat" */
static axis_kind kind_of_axis(const char *name)
{
    char head[64];
    snprintf(head, sizeof head, "%s", name);
    if (is_in(head, " time t timestamp date dates datetime times sensing_time acquisition_time acquisition_date"
                    " time_counter obs_time "))
        return AXIS_TIME;
    if (is_in(head, " band bands variable variables channel channels spectral wavelength common_name b c "))
        return AXIS_BAND;
    head[strcspn(head, "_0123456789")] = 0;
    if (is_in(head, " y lat latitude northing row rows projection_y_coordinate "))
        return AXIS_Y;
    if (is_in(head, " x lon longitude easting col column columns cols projection_x_coordinate "))
        return AXIS_X;
    return AXIS_OTHER;
}

/* The axes of an array of pictures, and its place among them. */
typedef struct axes {
    clv_md_shape shape; /* y and x last */
    int order[CLV_MD_AXES];
    bool other_order;
    int time, band; /* -1: there is no such axis */
} axes;

/* Brings y and x to the end; the others stay as they are among themselves. */
static void order_axes(const axis_kind *kinds, axes *a)
{
    const clv_md_shape own = a->shape;
    int n = 0;
    for (int i = 0; i < own.axes; i++)
        if (kinds[i] != AXIS_Y && kinds[i] != AXIS_X)
            a->order[n++] = i;
    for (int i = 0; i < own.axes; i++)
        if (kinds[i] == AXIS_Y || kinds[i] == AXIS_X)
            a->order[kinds[i] == AXIS_Y ? own.axes - 2 : own.axes - 1] = i;
    for (int i = 0; i < own.axes; i++) {
        memcpy(a->shape.name[i], own.name[a->order[i]], sizeof own.name[i]);
        a->shape.size[i] = own.size[a->order[i]];
        a->other_order = a->other_order || a->order[i] != i;
    }
}

/* False when the array holds no pictures. */
static bool read_axes(scan *s, const char *name, GDALMDArrayH array, axes *a)
{
    axis_kind kinds[CLV_MD_AXES];
    candidate named = {0};
    *a = (axes){.time = -1, .band = -1};
    if (!clv_md_shape_of(array, &a->shape))
        return false;
    read_name(name, &named);
    int n = a->shape.axes, others = 0, other = -1, rows = 0, columns = 0;
    for (int i = 0; i < n; i++) {
        kinds[i] = kind_of_axis(a->shape.name[i]);
        rows += kinds[i] == AXIS_Y;
        columns += kinds[i] == AXIS_X;
    }
    if (rows != 1 || columns != 1)
        return false;
    order_axes(kinds, a);
    for (int i = 0; i < n - 2; i++) {
        const axis_kind kind = kinds[a->order[i]];
        if (kind == AXIS_TIME && a->time < 0)
            a->time = i;
        else if (kind == AXIS_BAND && a->band < 0)
            a->band = i;
        else if (kind == AXIS_OTHER && a->shape.size[i] > 1) {
            others++;
            other = i;
        }
    }
    bool bands = named.band || (a->time >= 0 && a->band >= 0);
    if (others == 1 && a->time < 0) { /* "scene", "step": what it counts are dates */
        a->time = other;
        others = 0;
    }
    if (others > 0) {
        if (bands && !s->cube->problem[0])
            snprintf(s->cube->problem, sizeof s->cube->problem,
                     "%.40s has an axis %.40s beside time, band, y and x; select one place of it (xarray: isel)", name,
                     a->shape.name[other]);
        return false;
    }
    const uint64_t w = a->shape.size[n - 1], h = a->shape.size[n - 2];
    return w >= 2 && h >= 2 && w <= CLV_MAX_SIZE && h <= CLV_MAX_SIZE;
}

/* The array with its axes as read_axes() found them; NULL when it holds no pictures. GDALMDArrayRelease(). */
static GDALMDArrayH open_pictures(scan *s, const char *name, axes *a)
{
    GDALMDArrayH array = clv_md_array(s->group, name), turned = NULL;
    if (!array)
        return NULL;
    if (!clv_md_is_text(array) && read_axes(s, name, array, a)) {
        if (!a->other_order)
            return array;
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        turned = GDALMDArrayTranspose(array, (size_t)a->shape.axes, a->order);
        clv_gdal_errors_end(&errors);
    }
    GDALMDArrayRelease(array);
    return turned;
}

/* ---- Times ------------------------------------------------------------------------------------- */

static bool days_of_numbers(GDALGroupH group, GDALMDArrayH array, uint64_t count, double *days)
{
    const char *unit = GDALMDArrayGetUnit(array);
    char *own = unit && *unit ? clv_strdup(unit) : clv_md_attribute(group, array, "units");
    char *calendar = clv_md_attribute(group, array, "calendar");
    double *values = clv_md_read_numbers(array, count);
    clv_cf_time time;
    bool good = values && clv_cf_time_read(own, calendar, &time);
    if (values && !good)
        good = clv_cf_time_of_digits(own, values, (size_t)count, days);
    else
        for (uint64_t i = 0; i < count && good; i++)
            good = clv_cf_time_days(&time, values[i], &days[i]);
    free(values);
    free(calendar);
    free(own);
    return good;
}

static bool days_of_texts(GDALMDArrayH array, uint64_t count, double *days)
{
    char **texts = clv_md_read_texts(array, count);
    bool good = texts != NULL;
    for (uint64_t i = 0; i < count && good; i++) {
        clv_date date;
        good = clv_date_parse(texts[i], &date);
        if (good)
            days[i] = clv_date_days(&date);
    }
    free(texts);
    return good;
}

/* Days of the dates along an axis, or of the only one (axis ""). */
static void read_times(scan *s, const char *axis, int steps)
{
    static const char *const usual[] = {
        "time", "t", "timestamp", "datetime", "date", "sensing_time", "acquisition_date"};
    clv_xcube *cube = s->cube;
    for (int i = -1; i < (int)(sizeof usual / sizeof *usual) && !cube->dated; i++) {
        clv_md_shape shape;
        const char *name = i < 0 ? axis : usual[i];
        GDALMDArrayH array = *name ? clv_md_array(s->group, name) : NULL;
        if (!array)
            continue;
        bool along = clv_md_shape_of(array, &shape) &&
                     ((shape.axes == 1 && strcmp(shape.name[0], axis) == 0) || (shape.axes == 0 && steps == 1));
        if (along)
            cube->dated = clv_md_is_text(array) ? days_of_texts(array, (uint64_t)steps, cube->days)
                                                : days_of_numbers(s->group, array, (uint64_t)steps, cube->days);
        GDALMDArrayRelease(array);
    }
}

/* The first array of pictures sets the dates; *same: whether this one has them too. */
static clv_status take_times(scan *s, const clv_md_shape *shape, int time, bool *same)
{
    clv_xcube *cube = s->cube;
    const char *axis = time >= 0 ? shape->name[time] : "";
    uint64_t steps = time >= 0 ? shape->size[time] : 1;
    *same = cube->steps > 0 && (uint64_t)cube->steps == steps && strcmp(axis, s->time_axis) == 0;
    if (cube->steps > 0)
        return CLV_OK;
    if (steps < 1 || steps > CLV_MAX_DATES)
        return clv_fail(s->ctx, CLV_ERROR_UNSUPPORTED,
                        "%s: holds %llu dates, more than %d; process the series in parts", cube->path,
                        (unsigned long long)steps, CLV_MAX_DATES);
    cube->days = clv_alloc_array((size_t)steps, 1, sizeof *cube->days);
    if (!cube->days)
        return clv_fail_memory_for(s->ctx, cube->path);
    cube->steps = (int)steps;
    snprintf(s->time_axis, sizeof s->time_axis, "%s", axis);
    read_times(s, axis, (int)steps);
    *same = true;
    return CLV_OK;
}

/* ---- A band axis ------------------------------------------------------------------------------- */

/* Names of the places of a band axis: its coordinate, or another array of texts along it; NULL: none. */
static char **read_labels(scan *s, const char *axis, uint64_t count)
{
    static const char *const usual[] = {"common_name", "band", "bands", "name", "title", "long_name", "variable"};
    char **labels = NULL;
    bool good = false;
    for (int i = -1; i < (int)(sizeof usual / sizeof *usual) && !good; i++) {
        clv_md_shape shape;
        GDALMDArrayH names = clv_md_array(s->group, i < 0 ? axis : usual[i]);
        if (!names)
            continue;
        free(labels);
        labels = clv_md_shape_of(names, &shape) && shape.axes == 1 && strcmp(shape.name[0], axis) == 0
                     ? clv_md_read_texts(names, count)
                     : NULL;
        for (uint64_t k = 0; labels && k < count && !good; k++) {
            candidate c = {0};
            good = read_name(labels[k], &c) && c.band;
        }
        GDALMDArrayRelease(names);
    }
    if (!good) {
        free(labels);
        labels = NULL;
    }
    return labels;
}

/* ---- Pixels as GDAL's raster interface has them ------------------------------------------------- */

bool clv_xcube_by_date(const clv_xcube *cube, const clv_xlayer *layer)
{
    return cube->zarr && !layer->other_order;
}

char *clv_xcube_raster(const clv_xcube *cube, const clv_xlayer *layer, int step)
{
    if (layer->other_order)
        return clv_turned_array_name(cube->path, layer->array, layer->order, layer->axes);
    if (!cube->zarr) {
        bool in_root = strrchr(layer->array, '/') == layer->array;
        return clv_format("NETCDF:\"%s\":%s", cube->path, in_root ? layer->array + 1 : layer->array);
    }
    char *name = clv_format("ZARR:\"%s\":%s", cube->path, layer->array);
    for (int i = 0; i < layer->axes - 2 && name; i++) {
        char *longer = clv_format("%s:%d", name, i == layer->time ? step : i == layer->band ? layer->place : 0);
        free(name);
        name = longer;
    }
    return name;
}

static GDALDatasetH open_raster(const char *name)
{
    static const char *const options[] = {"IGNORE_XY_AXIS_NAME_CHECKS=YES", NULL};
    return GDALOpenEx(name, GDAL_OF_RASTER | GDAL_OF_READONLY, NULL, strncmp(name, "NETCDF", 6) == 0 ? options : NULL,
                      NULL);
}

static bool read_array_row(GDALMDArrayH array, const clv_md_shape *shape, int time, int step, int row, double *out)
{
    GUInt64 start[CLV_MD_AXES] = {0};
    size_t count[CLV_MD_AXES];
    for (int i = 0; i < shape->axes; i++)
        count[i] = 1;
    if (time >= 0)
        start[time] = (GUInt64)step;
    start[shape->axes - 2] = (GUInt64)row;
    count[shape->axes - 1] = (size_t)shape->size[shape->axes - 1];
    GDALExtendedDataTypeH type = GDALExtendedDataTypeCreate(GDT_Float64);
    int read = GDALMDArrayRead(array, start, count, NULL, NULL, type, out, NULL, 0);
    GDALExtendedDataTypeRelease(type);
    return read != 0;
}

static bool same_row(const double *a, const double *b, int n)
{
    for (int i = 0; i < n; i++)
        if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i])))
            return false;
    return true;
}

/* Whether the raster interface gives the last row first: looked up in rows that differ, since the drivers' rules have
 * changed with their versions. *turned stays what it was where no row tells. */
static bool probe_rows(GDALMDArrayH array, const clv_md_shape *shape, int time, GDALDatasetH ds, int band_step,
                       bool *turned)
{
    int w = GDALGetRasterXSize(ds), h = GDALGetRasterYSize(ds);
    int steps = time >= 0 ? (int)shape->size[time] : 1, every = steps > PROBED_DATES ? steps / PROBED_DATES : 1;
    double *row = clv_alloc_array((size_t)w, 2, sizeof *row), *other = row ? row + w : NULL;
    bool good = row != NULL, decided = false;
    /* A Zarr raster holds one date. */
    if (GDALGetRasterCount(ds) == 1)
        steps = 1;
    for (int t = 0; t < steps && good && !decided; t += every)
        for (int i = 0; i < PROBED_ROWS && good && !decided; i++) {
            int y = i * (h / 2 - 1) / (PROBED_ROWS - 1);
            GDALRasterBandH band = GDALGetRasterBand(ds, 1 + t * band_step);
            good = read_array_row(array, shape, time, t, y, row) &&
                   read_array_row(array, shape, time, t, h - 1 - y, other);
            if (!good || same_row(row, other, w))
                continue;
            good = GDALRasterIO(band, GF_Read, 0, y, w, 1, other, w, 1, GDT_Float64, 0, 0) == CE_None;
            if (!good)
                continue;
            bool straight = same_row(row, other, w);
            good = read_array_row(array, shape, time, t, h - 1 - y, row);
            if (!good || straight == same_row(row, other, w))
                continue; /* neither: the driver masks values out of the valid range */
            *turned = !straight;
            decided = true;
        }
    free(row);
    return good;
}

/* 64-bit integers are read as 32-bit ones, which hold any number that a sensor gives. */
static void narrow_type(GDALRasterBandH band, clv_vrt_part *part)
{
    if (part->type != GDT_Int64 && part->type != GDT_UInt64)
        return;
    double nodata = part->nodata;
    if (part->type == GDT_Int64)
        nodata = (double)GDALGetRasterNoDataValueAsInt64(band, &part->has_nodata);
    else
        nodata = (double)GDALGetRasterNoDataValueAsUInt64(band, &part->has_nodata);
    part->source_type = part->type;
    part->type = GDT_Int32;
    part->nodata = fmax(fmin(nodata, 2147483647.0), -2147483648.0);
}

/* What GDAL's drivers leave to their user. */
static void read_numbers(GDALGroupH group, GDALMDArrayH array, bool zarr, clv_vrt_part *part)
{
    double value;
    if (!part->has_scale && clv_md_numbers(group, array, "scale_factor", &value, 1) == 1 && value != 0 && value != 1) {
        part->scale = value;
        part->has_scale = TRUE;
    }
    if (!part->has_offset && clv_md_numbers(group, array, "add_offset", &value, 1) == 1 && value != 0) {
        part->offset = value;
        part->has_offset = TRUE;
        if (!part->has_scale) {
            part->scale = 1;
            part->has_scale = TRUE;
        }
    }
    clv_xcube_nodata(group, array, zarr, part);
}

static void turn(clv_grid *grid)
{
    if (!grid->has_transform)
        return;
    grid->transform[3] += grid->height * grid->transform[5];
    grid->transform[5] = -grid->transform[5];
}

/* Grid and numbers of an array into the layer. *good: whether the raster interface shows all of it. */
static clv_status read_pixels(scan *s, GDALMDArrayH array, const clv_md_shape *shape, clv_xlayer *layer, bool *good)
{
    uint64_t bands = 1;
    for (int i = 0; i < shape->axes - 2; i++)
        bands *= shape->size[i];
    *good = false;
    char *name = clv_xcube_raster(s->cube, layer, 0);
    if (!name)
        return clv_fail_memory(s->ctx);
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH ds = open_raster(name);
    int w = (int)shape->size[shape->axes - 1], h = (int)shape->size[shape->axes - 2];
    bool same = ds && GDALGetRasterXSize(ds) == w && GDALGetRasterYSize(ds) == h &&
                (uint64_t)GDALGetRasterCount(ds) == (clv_xcube_by_date(s->cube, layer) ? 1 : bands);
    const char *uneven = NULL;
    bool corners = false;
    clv_status status =
        same ? clv_xcube_place(s->ctx, s->group, array, shape, &layer->part.grid, &uneven, &corners) : CLV_OK;
    s->cube->corners = s->cube->corners || corners;
    if (uneven)
        snprintf(s->cube->uneven, sizeof s->cube->uneven, "%s", uneven);
    if (same && status == CLV_OK) {
        const clv_grid *grid = &layer->part.grid;
        layer->turned = !s->cube->zarr && !layer->other_order && (!grid->has_transform || grid->transform[5] > 0);
        clv_vrt_part_read(ds, &layer->part);
        narrow_type(GDALGetRasterBand(ds, 1), &layer->part);
        read_numbers(s->group, array, s->cube->zarr, &layer->part);
        *good = probe_rows(array, shape, layer->time, ds, layer->step, &layer->turned);
        layer->part.factor = 1;
        layer->part.any_axes = !s->cube->zarr && !layer->other_order;
        if (layer->turned)
            turn(&layer->part.grid);
    }
    if (ds)
        GDALClose(ds);
    clv_gdal_errors_end(&errors);
    if (status == CLV_OK && (!same || !*good) && !s->cube->problem[0])
        snprintf(s->cube->problem, sizeof s->cube->problem, "%.60s cannot be read: %.110s", layer->array,
                 clv_gdal_errors_text(&errors));
    free(name);
    return status;
}

/* ---- Arrays ------------------------------------------------------------------------------------ */

static clv_status add_candidate(scan *s, candidate *c, const candidate *shared)
{
    if (s->count == CLV_XCUBE_LAYERS)
        return CLV_OK;
    const clv_xlayer *from = &shared->layer;
    c->layer.turned = from->turned;
    c->layer.axes = from->axes;
    c->layer.other_order = from->other_order;
    memcpy(c->layer.order, from->order, sizeof from->order);
    c->layer.time = from->time;
    c->layer.band = from->band;
    c->layer.step = from->step;
    c->layer.part = from->part;
    c->layer.part.grid = (clv_grid){0};
    c->layer.array = clv_strdup(from->array);
    if (!c->layer.array || clv_grid_copy(&from->part.grid, &c->layer.part.grid) != CLV_OK) {
        free(c->layer.array);
        return clv_fail_memory(s->ctx);
    }
    s->found[s->count++] = *c;
    return CLV_OK;
}

/* The layers of an array; those whose names say nothing are left out, but where no place of a band axis has a name. */
static clv_status take_array(scan *s, const char *name)
{
    axes a;
    candidate shared = {0};
    clv_status status = CLV_OK;
    char **labels = NULL;
    GDALMDArrayH array = open_pictures(s, name, &a);
    const clv_md_shape *shape = &a.shape;
    bool wanted = array != NULL;
    if (!wanted)
        return CLV_OK;
    const int time = a.time, band = a.band;
    uint64_t places = band >= 0 ? shape->size[band] : 1;
    candidate own = {0};
    if (band >= 0) {
        wanted = places >= 1 && places <= MAX_LABELS;
        labels = wanted ? read_labels(s, shape->name[band], places) : NULL;
        wanted = wanted && (labels || places >= 3 || (places == 1 && read_name(name, &own)));
    } else {
        wanted = read_name(name, &own);
    }
    /* A picture without a date beside others that have one: ground heights, land cover. */
    bool same = false, good = false;
    if (wanted && !(time < 0 && s->time_axis[0]))
        status = take_times(s, shape, time, &same);
    if (status != CLV_OK || !same)
        goto cleanup;
    shared.layer.array = clv_format("%s%s", s->prefix, name);
    int strides[2] = {0, 0}; /* of dates, of bands */
    for (int i = shape->axes - 3, stride = 1; i >= 0; i--) {
        if (i == time)
            strides[0] = stride;
        if (i == band)
            strides[1] = stride;
        stride *= (int)shape->size[i];
    }
    shared.layer.step = strides[0];
    shared.layer.axes = shape->axes;
    shared.layer.time = time;
    shared.layer.band = band;
    shared.layer.other_order = a.other_order;
    memcpy(shared.layer.order, a.order, sizeof a.order);
    status = shared.layer.array ? read_pixels(s, array, shape, &shared.layer, &good) : clv_fail_memory(s->ctx);
    bool nameless = good && band >= 0 && places >= 3 && !labels;
    s->nameless = s->nameless || nameless;
    for (uint64_t k = 0; k < places && status == CLV_OK && good; k++) {
        candidate c = own;
        bool known = band < 0 || places == 1 || nameless || read_name(labels[k], &c);
        if (labels && places == 1)
            known = read_name(labels[0], &c);
        c.layer.first = 1 + (int)k * strides[1];
        c.layer.place = (int)k;
        if (known)
            status = add_candidate(s, &c, &shared);
    }

cleanup:
    clv_grid_clear(&shared.layer.part.grid);
    free(shared.layer.array);
    free(labels);
    GDALMDArrayRelease(array);
    return status;
}

/* ---- Which of them are the cube's --------------------------------------------------------------- */

static bool has_band(const scan *s, const char *key, const char *band)
{
    for (int i = 0; i < s->count; i++)
        if (s->found[i].band && strcmp(s->found[i].key, key) == 0 && strcmp(s->found[i].layer.name, band) == 0)
            return true;
    return false;
}

static bool has_colours(const scan *s, const char *key)
{
    return has_band(s, key, "B02") && has_band(s, key, "B03") && has_band(s, key, "B04");
}

/* What stands around the bands' names: nothing where there is red, green and blue so, else what such a set has in
 * common ("S2" of S2_B02, S2_B03 ...). */
static const char *choose_key(const scan *s)
{
    if (has_colours(s, ""))
        return "";
    for (int i = 0; i < s->count; i++)
        if (s->found[i].band && has_colours(s, s->found[i].key))
            return s->found[i].key;
    for (int i = 0; i < s->count; i++)
        if (s->found[i].band && !s->found[i].key[0])
            return "";
    for (int i = 0; i < s->count; i++)
        if (s->found[i].band)
            return s->found[i].key;
    return "";
}

/* Moves what belongs to the cube into it. */
static void settle(scan *s)
{
    clv_xcube *cube = s->cube;
    char key[64];
    snprintf(key, sizeof key, "%s", choose_key(s));
    cube->has_colours = has_colours(s, key);
    cube->nameless = !cube->has_colours && s->nameless;
    for (int i = 0; i < s->count; i++) {
        candidate *c = &s->found[i];
        bool named = c->layer.name[0] && !cube->nameless && (strcmp(c->key, key) == 0 || (c->layer.mask && !c->key[0]));
        bool own = named || (cube->nameless && !c->layer.name[0]);
        for (int k = 0; own && k < cube->count; k++) /* the first of a name on a grid counts */
            own = !c->layer.name[0] || strcmp(cube->layers[k].name, c->layer.name) != 0 ||
                  cube->layers[k].part.grid.width != c->layer.part.grid.width;
        if (own) {
            cube->layers[cube->count++] = c->layer;
            c->layer = (clv_xlayer){0};
        } else {
            free(c->layer.array);
            clv_grid_clear(&c->layer.part.grid);
        }
    }
    s->count = 0;
}

/* The dates are those of the first array of bands that has a time axis. */
static clv_status find_times(scan *s, const char *name)
{
    axes a;
    candidate named = {0};
    bool same;
    GDALMDArrayH array = open_pictures(s, name, &a);
    if (!array)
        return CLV_OK;
    clv_status status = CLV_OK;
    if (a.time >= 0 && (a.band >= 0 || (read_name(name, &named) && named.band)))
        status = take_times(s, &a.shape, a.time, &same);
    GDALMDArrayRelease(array);
    return status;
}

static clv_status scan_group(scan *s)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    char **names = GDALGroupGetMDArrayNames(s->group, NULL);
    clv_gdal_errors_end(&errors);
    clv_status status = CLV_OK;
    for (int i = 0; names && names[i] && i < MAX_ARRAYS && status == CLV_OK && s->cube->steps == 0; i++)
        status = find_times(s, names[i]);
    for (int i = 0; names && names[i] && i < MAX_ARRAYS && status == CLV_OK; i++)
        status = take_array(s, names[i]);
    CSLDestroy(names);
    if (status == CLV_OK)
        settle(s);
    for (int i = 0; i < s->count; i++) {
        free(s->found[i].layer.array);
        clv_grid_clear(&s->found[i].layer.part.grid);
    }
    s->count = 0;
    return status;
}

static void forget(clv_xcube *cube)
{
    for (int i = 0; i < cube->count; i++) {
        free(cube->layers[i].array);
        clv_grid_clear(&cube->layers[i].part.grid);
    }
    cube->count = cube->steps = 0;
    cube->dated = false;
    free(cube->days);
    cube->days = NULL;
}

/* The file itself, else the first of its groups that holds bands. */
static clv_status scan_file(clv_context *ctx, clv_xcube *cube, GDALGroupH root)
{
    scan s = {.ctx = ctx, .cube = cube, .group = root, .prefix = "/"};
    s.found = clv_alloc_array(CLV_XCUBE_LAYERS, 1, sizeof *s.found);
    if (!s.found)
        return clv_fail_memory(ctx);
    clv_status status = scan_group(&s);
    char **groups = status == CLV_OK && cube->count == 0 ? GDALGroupGetGroupNames(root, NULL) : NULL;
    for (int i = 0; groups && groups[i] && i < MAX_GROUPS && cube->count == 0 && status == CLV_OK; i++) {
        char *prefix = clv_format("/%s/", groups[i]);
        forget(cube);
        s.nameless = false;
        s.prefix = prefix;
        s.group = prefix ? GDALGroupOpenGroup(root, groups[i], NULL) : NULL;
        if (s.group) {
            status = scan_group(&s);
            GDALGroupRelease(s.group);
        }
        free(prefix);
    }
    CSLDestroy(groups);
    free(s.found);
    return status;
}

static bool holds_bands(const clv_xcube *cube)
{
    for (int i = 0; i < cube->count; i++)
        if (!cube->layers[i].mask)
            return true;
    return false;
}

/* Whether GDAL reads any array of the group or of the groups in it. */
static bool reads_arrays(GDALGroupH group, int depth)
{
    clv_gdal_errors errors;
    bool any = false;
    clv_gdal_errors_begin(&errors);
    char **names = GDALGroupGetMDArrayNames(group, NULL), **groups = GDALGroupGetGroupNames(group, NULL);
    for (int i = 0; names && names[i] && i < MAX_ARRAYS && !any; i++) {
        GDALMDArrayH array = GDALGroupOpenMDArray(group, names[i], NULL);
        any = array != NULL;
        if (array)
            GDALMDArrayRelease(array);
    }
    for (int i = 0; groups && groups[i] && i < MAX_GROUPS && depth > 0 && !any; i++) {
        GDALGroupH inner = GDALGroupOpenGroup(group, groups[i], NULL);
        any = inner && reads_arrays(inner, depth - 1);
        if (inner)
            GDALGroupRelease(inner);
    }
    clv_gdal_errors_end(&errors);
    CSLDestroy(names);
    CSLDestroy(groups);
    return any;
}

/* Zarr's version 3 is read by newer GDALs only, and by these not with every codec. root: NULL where nothing opened. */
static clv_status check_zarr_version(clv_context *ctx, const char *path, GDALGroupH root)
{
    char *metadata = clv_path_join(path, "zarr.json");
    const bool three = metadata && clv_path_look(metadata) == CLV_PATH_FILE;
    free(metadata);
    if (!three || (root && reads_arrays(root, 2)))
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                    "%s: is of Zarr version 3, of which GDAL %s reads nothing; use a newer GDAL, or save "
                    "it as version 2 (xarray: to_zarr(..., zarr_format=2))",
                    path, GDALVersionInfo("RELEASE_NAME"));
}

clv_status clv_xcube_open(clv_context *ctx, const char *path, clv_xcube **out)
{
    clv_md_file file;
    *out = NULL;
    if (!clv_md_has_name(path))
        return CLV_OK;
    clv_status status = clv_damage_probe(ctx, path);
    if (status != CLV_OK)
        return status;
    if (clv_cube_is_minicube(path))
        return CLV_OK;
    clv_input_files_add(ctx, path);
    if (!clv_md_open(path, false, &file))
        return check_zarr_version(ctx, path, NULL);
    clv_xcube *cube = calloc(1, sizeof *cube);
    status = cube && (cube->path = clv_strdup(path)) ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK) {
        size_t n = strlen(cube->path);
        while (n > 1 && cube->path[n - 1] == '/')
            cube->path[--n] = 0;
        cube->zarr = n > 5 && EQUAL(cube->path + n - 5, ".zarr");
        status = scan_file(ctx, cube, file.root);
    }
    if (status == CLV_OK && !holds_bands(cube))
        status = check_zarr_version(ctx, path, file.root);
    clv_md_close(&file);
    if (status == CLV_OK && !holds_bands(cube) && cube->problem[0])
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %s", path, cube->problem);
    if (status == CLV_OK && holds_bands(cube) && cube->uneven[0])
        clv_warn(ctx,
                 "%s: the values of its coordinate %s are not evenly spaced, so that it is read without georeference; "
                 "reindex or interpolate it in xarray first",
                 path, cube->uneven);
    if (status == CLV_OK && holds_bands(cube) && cube->corners)
        clv_warn(
            ctx,
            "%s: its x and y are whole multiples of the pixel size, as corners of Sentinel-2's pixels are "
            "(stackstac's default), and are taken for centres, half a pixel off if they are corners; then add half "
            "a pixel to x and take it from y in xarray first, or keep stackstac's attribute transform",
            path);
    if (status == CLV_OK && holds_bands(cube))
        *out = cube;
    else
        clv_xcube_free(cube);
    return status;
}

void clv_xcube_free(clv_xcube *cube)
{
    while (cube) {
        clv_xcube *next = cube->next;
        forget(cube);
        free(cube->path);
        free(cube);
        cube = next;
    }
}
