/* SPDX-License-Identifier: MIT
 *
 * GreenEarthNet's minicubes behind cube.h, through GDAL's multidimensional interface: a variable is one compressed
 * block, so it is read whole, once, and the days on which it shows nothing are dropped.
 */
#include "products/cube_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "base/reading.h"
#include "products/minicube_grid.h"
#include "raster/damage_probe.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"

#define MAX_DAYS 4096
#define LISTED 5

static const char *const variables[CLV_CUBE_LAYERS] = {"s2_B02",    "s2_B03", "s2_B04", "s2_B8A",
                                                       "s2_dlmask", NULL,     "s2_SCL"};

static const struct {
    const char *name, *what, *unit;
} statics[LISTED] = {{"cop_dem", "ground height, Copernicus DEM", "m"},
                     {"nasa_dem", "ground height, NASADEM", "m"},
                     {"alos_dem", "ground height, ALOS World 3D", "m"},
                     {"esawc_lc", "land cover, ESA WorldCover", ""},
                     {"geom_cls", "landform, Geomorpho90m", ""}};

typedef struct minicube {
    GDALDatasetH dataset;
    GDALGroupH root;
    int width, height, days;
    bool flipped;                    /* the arrays' rows run north */
    float **planes[CLV_CUBE_LAYERS]; /* [days]; NULL: not read; a plane is NULL when it shows nothing */
    int *day_of;                     /* [steps] */
} minicube;

/* ---- Arrays ------------------------------------------------------------------------------------ */

static bool open_root(const char *path, GDALDatasetH *dataset, GDALGroupH *root)
{
    static const char *const drivers[] = {"netCDF", NULL};
    clv_gdal_errors errors;
    clv_reading(path);
    GDALAllRegister();
    clv_gdal_errors_begin(&errors);
    *dataset = GDALOpenEx(path, GDAL_OF_MULTIDIM_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    *root = *dataset ? GDALDatasetGetRootGroup(*dataset) : NULL;
    clv_gdal_errors_end(&errors);
    return *root != NULL;
}

static void close_root(GDALDatasetH dataset, GDALGroupH root)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    if (root)
        GDALGroupRelease(root);
    if (dataset)
        GDALClose(dataset);
    clv_gdal_errors_end(&errors);
}

static GDALMDArrayH open_array(GDALGroupH root, const char *name)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALMDArrayH array = GDALGroupOpenMDArray(root, name, NULL);
    clv_gdal_errors_end(&errors);
    return array;
}

/* Whether the array's axes are these; their sizes into size. */
static bool has_axes(GDALMDArrayH array, const char *const *names, int count, uint64_t *size)
{
    size_t n = 0;
    GDALDimensionH *dims = GDALMDArrayGetDimensions(array, &n);
    bool same = n == (size_t)count;
    for (int i = 0; i < count && same; i++) {
        same = strcmp(GDALDimensionGetName(dims[i]), names[i]) == 0;
        size[i] = GDALDimensionGetSize(dims[i]);
    }
    if (dims)
        GDALReleaseDimensions(dims, n);
    return same;
}

static bool read_all(GDALMDArrayH array, int axes, const uint64_t *size, GDALDataType type, void *out)
{
    const GUInt64 start[3] = {0, 0, 0};
    size_t count[3];
    clv_gdal_errors errors;
    for (int i = 0; i < axes; i++)
        count[i] = (size_t)size[i];
    clv_gdal_errors_begin(&errors);
    GDALExtendedDataTypeH wanted = GDALExtendedDataTypeCreate(type);
    int read = wanted && GDALMDArrayRead(array, start, count, NULL, NULL, wanted, out, NULL, 0);
    if (wanted)
        GDALExtendedDataTypeRelease(wanted);
    return !clv_gdal_errors_end(&errors) && read;
}

/* A variable over one axis as doubles; NULL when there is none of that length. free() */
static double *read_axis(GDALGroupH root, const char *name, uint64_t length)
{
    GDALMDArrayH array = open_array(root, name);
    uint64_t size[1] = {0};
    double *values = NULL;
    if (array && has_axes(array, &name, 1, size) && size[0] == length &&
        (values = clv_alloc_array(1, (size_t)length, sizeof *values)) != NULL &&
        !read_all(array, 1, size, GDT_Float64, values)) {
        free(values);
        values = NULL;
    }
    if (array)
        GDALMDArrayRelease(array);
    return values;
}

/* Raw numbers to values, NaN for what is none, in place; whether any is one. */
static bool convert(GDALMDArrayH array, float *x, size_t n)
{
    int has_nodata = 0, has_scale = 0, has_offset = 0;
    double nodata = GDALMDArrayGetNoDataValueAsDouble(array, &has_nodata);
    double scale = GDALMDArrayGetScale(array, &has_scale), offset = GDALMDArrayGetOffset(array, &has_offset);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        bool none = !isfinite(x[i]) || (has_nodata && (double)x[i] == nodata);
        x[i] = none ? NAN : (float)((double)x[i] * (has_scale ? scale : 1) + (has_offset ? offset : 0));
        any = any || !none;
    }
    return any;
}

static void copy_rows(const minicube *m, const float *from, float *to)
{
    size_t w = (size_t)m->width;
    for (int y = 0; y < m->height; y++)
        memcpy(to + (size_t)y * w, from + (size_t)(m->flipped ? m->height - 1 - y : y) * w, w * sizeof *to);
}

/* ---- Variables --------------------------------------------------------------------------------- */

static clv_status keep_days(clv_context *ctx, clv_cube *cube, GDALMDArrayH array, float *x, float **planes)
{
    const minicube *m = cube->state;
    size_t n = (size_t)m->width * (size_t)m->height;
    for (int d = 0; d < m->days; d++, x += n) {
        if (!convert(array, x, n))
            continue;
        if (!(planes[d] = clv_alloc_array(1, n, sizeof **planes)))
            return clv_fail_memory_for(ctx, cube->path);
        copy_rows(m, x, planes[d]);
    }
    return CLV_OK;
}

static void forget(minicube *m, int layer)
{
    for (int d = 0; m->planes[layer] && d < m->days; d++)
        free(m->planes[layer][d]);
    free(m->planes[layer]);
    m->planes[layer] = NULL;
}

static clv_status load(clv_context *ctx, clv_cube *cube, clv_cube_layer layer)
{
    static const char *const axes[3] = {"time", "lat", "lon"};
    minicube *m = cube->state;
    uint64_t size[3] = {0};
    float *x = NULL;
    clv_status status = CLV_OK;
    if (m->planes[layer])
        return CLV_OK;
    GDALMDArrayH array = open_array(m->root, variables[layer]);
    if (!array || !has_axes(array, axes, 3, size) || size[0] != (uint64_t)m->days || size[1] != (uint64_t)m->height ||
        size[2] != (uint64_t)m->width) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %s has another shape than %s", cube->path, variables[layer],
                          variables[0]);
        goto cleanup;
    }
    x = clv_alloc_array((size_t)m->days, (size_t)m->width * (size_t)m->height, sizeof *x);
    m->planes[layer] = clv_alloc_array(1, (size_t)m->days, sizeof *m->planes[layer]);
    if (!x || !m->planes[layer])
        status = clv_fail_memory_for(ctx, cube->path);
    else if (!read_all(array, 3, size, GDT_Float32, x))
        status = clv_fail(ctx, CLV_ERROR_READ, "%s: reading %s failed", cube->path, variables[layer]);
    else
        status = keep_days(ctx, cube, array, x, m->planes[layer]);

cleanup:
    free(x);
    if (array)
        GDALMDArrayRelease(array);
    if (status != CLV_OK)
        forget(m, layer);
    return status;
}

/* ---- Opening ----------------------------------------------------------------------------------- */

bool clv_cube_is_minicube(const char *path)
{
    GDALDatasetH dataset;
    GDALGroupH root;
    if (!clv_name_ends(path, "nc") || clv_path_look(path) != CLV_PATH_FILE)
        return false;
    bool is = clv_damage_probe(NULL, path) == CLV_OK && open_root(path, &dataset, &root);
    for (int layer = 0; layer < CLV_CUBE_BANDS && is; layer++) {
        GDALMDArrayH array = open_array(root, variables[layer]);
        is = array != NULL;
        if (array)
            GDALMDArrayRelease(array);
    }
    close_root(dataset, root);
    return is;
}

static clv_status measure(clv_context *ctx, clv_cube *cube)
{
    static const char *const axes[3] = {"time", "lat", "lon"};
    minicube *m = cube->state;
    uint64_t size[3] = {0};
    for (int layer = 0; layer < CLV_CUBE_LAYERS; layer++) {
        GDALMDArrayH array = variables[layer] ? open_array(m->root, variables[layer]) : NULL;
        cube->has[layer] = array != NULL;
        bool good = array && has_axes(array, axes, 3, size);
        if (array)
            GDALMDArrayRelease(array);
        if (layer < CLV_CUBE_BANDS && !good)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: not a minicube: no variable %s over (time, lat, lon)",
                            cube->path, variables[layer]);
        if (layer > 0)
            continue;
        if (size[0] < 1 || size[0] > MAX_DAYS || size[1] < 1 || size[1] > CLV_CUBE_MAX_SIDE || size[2] < 1 ||
            size[2] > CLV_CUBE_MAX_SIDE || size[0] * size[1] * size[2] * sizeof(float) > CLV_CUBE_MAX_BYTES)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %llu days of %llux%llu pixels are more than a minicube has",
                            cube->path, (unsigned long long)size[0], (unsigned long long)size[2],
                            (unsigned long long)size[1]);
        m->days = (int)size[0];
        m->height = cube->grid.height = (int)size[1];
        m->width = cube->grid.width = (int)size[2];
    }
    return CLV_OK;
}

static clv_status place(clv_context *ctx, clv_cube *cube)
{
    minicube *m = cube->state;
    double *lon = read_axis(m->root, "lon", (uint64_t)m->width);
    double *lat = read_axis(m->root, "lat", (uint64_t)m->height);
    if (!lon || !lat || m->width != m->height ||
        !clv_minicube_grid(cube->path, lon, lat, m->width, &cube->grid, &m->flipped, cube->georeference,
                           sizeof cube->georeference))
        clv_note(ctx, "%s: its lon and lat give no regular grid: it is read without georeference", cube->path);
    free(lon);
    free(lat);
    return CLV_OK;
}

/* "days since YYYY-MM-DD ..." */
static bool first_day(GDALGroupH root, double *day)
{
    GDALMDArrayH array = open_array(root, "time");
    const char *unit = array ? GDALMDArrayGetUnit(array) : NULL;
    char text[11] = "";
    clv_date first;
    if (unit && strncmp(unit, "days since ", 11) == 0)
        snprintf(text, sizeof text, "%s", unit + 11);
    if (array)
        GDALMDArrayRelease(array);
    if (!clv_date_parse(text, &first))
        return false;
    *day = clv_date_days(&first);
    return true;
}

/* The days on which any band shows anything become the steps. */
static clv_status find_steps(clv_context *ctx, clv_cube *cube)
{
    minicube *m = cube->state;
    double first = 0, *days = read_axis(m->root, "time", (uint64_t)m->days);
    clv_status status = CLV_OK;
    cube->dates = clv_alloc_array(1, (size_t)m->days, sizeof *cube->dates);
    m->day_of = clv_alloc_array(1, (size_t)m->days, sizeof *m->day_of);
    if (!cube->dates || !m->day_of)
        status = clv_fail_memory_for(ctx, cube->path);
    else if (!days || !first_day(m->root, &first))
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: its time axis is not in days since a date", cube->path);
    for (int d = 0; d < m->days && status == CLV_OK; d++) {
        bool seen = false;
        for (int layer = 0; layer < CLV_CUBE_BANDS; layer++)
            seen = seen || m->planes[layer][d];
        if (!seen)
            continue;
        if (!(fabs(days[d]) < 100000))
            status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: its time axis has no days", cube->path);
        else
            cube->dates[cube->steps] = clv_date_from_days(first + floor(days[d]));
        m->day_of[cube->steps++] = d;
    }
    free(days);
    if (status == CLV_OK && cube->steps == 0)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: no date of the minicube has any pixel", cube->path);
    return status;
}

static clv_status open_cube(clv_context *ctx, clv_cube *cube)
{
    minicube *m = calloc(1, sizeof *m);
    if (!m)
        return clv_fail_memory_for(ctx, cube->path);
    cube->state = m;
    clv_input_files_add(ctx, cube->path);
    clv_status sound = clv_damage_probe(ctx, cube->path);
    if (sound != CLV_OK)
        return sound;
    if (!open_root(cube->path, &m->dataset, &m->root))
        return clv_path_look(cube->path) == CLV_PATH_NONE
                   ? clv_fail(ctx, CLV_ERROR_OPEN, "%s: no such file", cube->path)
                   : clv_fail(
                         ctx, CLV_ERROR_OPEN,
                         "%s: cannot be opened by GDAL's netCDF driver: not a minicube, or a GDAL without that driver",
                         cube->path);
    clv_status status = measure(ctx, cube);
    if (status == CLV_OK)
        status = place(ctx, cube);
    for (int layer = 0; layer < CLV_CUBE_BANDS && status == CLV_OK; layer++)
        status = load(ctx, cube, layer);
    return status == CLV_OK ? find_steps(ctx, cube) : status;
}

static void close_cube(clv_cube *cube)
{
    minicube *m = cube->state;
    if (!m)
        return;
    for (int layer = 0; layer < CLV_CUBE_LAYERS; layer++)
        forget(m, layer);
    free(m->day_of);
    close_root(m->dataset, m->root);
    free(m);
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static clv_status read_cube(clv_context *ctx, clv_cube *cube, clv_cube_layer layer, int step, float *plane)
{
    minicube *m = cube->state;
    size_t n = (size_t)m->width * (size_t)m->height;
    clv_status status = load(ctx, cube, layer);
    if (status != CLV_OK)
        return status;
    const float *from = m->planes[layer][m->day_of[step]];
    if (from)
        memcpy(plane, from, n * sizeof *plane);
    for (size_t i = 0; !from && i < n; i++)
        plane[i] = NAN;
    return CLV_OK;
}

static clv_status find_extras(clv_context *ctx, clv_cube *cube)
{
    static const char *const axes[2] = {"lat", "lon"};
    const minicube *m = cube->state;
    for (int i = 0; i < LISTED; i++) {
        uint64_t size[2] = {0};
        GDALMDArrayH array = open_array(m->root, statics[i].name);
        bool there =
            array && has_axes(array, axes, 2, size) && size[0] == (uint64_t)m->height && size[1] == (uint64_t)m->width;
        if (array)
            GDALMDArrayRelease(array);
        clv_cube_extra *e = there ? clv_cube_add_extra(cube) : NULL;
        if (there && !e)
            return clv_fail_memory_for(ctx, cube->path);
        if (!e)
            continue;
        snprintf(e->name, sizeof e->name, "%s", statics[i].name);
        e->what = statics[i].what;
        e->unit = statics[i].unit;
        e->width = m->width;
        e->height = m->height;
        e->bands = 1;
        e->on_grid = true;
        e->source = i;
    }
    return CLV_OK;
}

static clv_status read_extra(clv_context *ctx, clv_cube *cube, const clv_cube_extra *extra, int band, float *plane)
{
    const minicube *m = cube->state;
    const uint64_t size[2] = {(uint64_t)m->height, (uint64_t)m->width};
    size_t n = (size_t)m->width * (size_t)m->height;
    GDALMDArrayH array = open_array(m->root, extra->name);
    float *x = clv_alloc_array(1, n, sizeof *x);
    (void)band;
    clv_status status = CLV_OK;
    if (!array || !x || !read_all(array, 2, size, GDT_Float32, x)) {
        status = clv_fail(ctx, CLV_ERROR_READ, "%s: reading %s failed", cube->path, extra->name);
    } else {
        convert(array, x, n);
        copy_rows(m, x, plane);
    }
    free(x);
    if (array)
        GDALMDArrayRelease(array);
    return status;
}

const clv_cube_reader clv_cube_minicube_reader = {open_cube, read_cube, find_extras, read_extra, close_cube};
