/* SPDX-License-Identifier: MIT */
#include "learn/netcdf_cube.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "core/alloc.h"
#include "core/dates.h"
#include "geo/inputs.h"
#include "geo/trap.h"

#define BANDS 4
#define VARIABLES 6 /* four bands, then the classes */

static const char *const variables[VARIABLES] = {"s2_B02", "s2_B03", "s2_B04", "s2_B8A", "s2_SCL", "s2_dlmask"};

/* A cube while it is unpacked. */
typedef struct unpacking {
    clv_context *ctx;
    const char *path;
    clv_netcdf_cube *cube;
    GDALDatasetH data[VARIABLES];
    int width, height, steps;
    double first_day;
    char **days; /* [steps], days after first_day as text */
    float *x;    /* [BANDS, height, width] */
    int16_t *scl, *deep;
    uint8_t *classes;
} unpacking;

bool clv_netcdf_is_cube(const char *name)
{
    return clv_name_ends(name, "nc");
}

void clv_netcdf_cube_free(clv_netcdf_cube *cube)
{
    if (!cube)
        return;
    for (int i = 0; i < cube->count; i++) {
        free(cube->pictures[i]);
        free(cube->classes[i]);
    }
    if (cube->folder)
        VSIRmdirRecursive(cube->folder);
    free(cube->pictures);
    free(cube->classes);
    free(cube->folder);
    free(cube);
}

/* ---- Opening ----------------------------------------------------------------------------------- */

static clv_status open_variable(unpacking *u, int v)
{
    clv_trap trap;
    char *name = clv_format("NETCDF:\"%s\":%s", u->path, variables[v]);
    if (!name)
        return clv_fail(u->ctx, CLV_ERROR_MEMORY, "%s: out of memory", u->path);
    clv_trap_begin(&trap);
    u->data[v] = GDALOpen(name, GA_ReadOnly);
    clv_trap_end(&trap);
    free(name);
    if (!u->data[v])
        return clv_fail(u->ctx, CLV_ERROR_OPEN,
                        "%s: no variable %s that GDAL's netCDF driver can open: not a minicube, or a GDAL without that "
                        "driver",
                        u->path, variables[v]);
    if (GDALGetRasterXSize(u->data[v]) != GDALGetRasterXSize(u->data[0]) ||
        GDALGetRasterYSize(u->data[v]) != GDALGetRasterYSize(u->data[0]) ||
        GDALGetRasterCount(u->data[v]) != GDALGetRasterCount(u->data[0]))
        return clv_fail(u->ctx, CLV_ERROR_FORMAT, "%s: %s has another shape than %s", u->path, variables[v],
                        variables[0]);
    return CLV_OK;
}

/* "days since YYYY-MM-DD ..." and the list of days. */
static clv_status read_time(unpacking *u)
{
    const char *units = GDALGetMetadataItem(u->data[0], "time#units", NULL);
    const char *values = GDALGetMetadataItem(u->data[0], "NETCDF_DIM_time_VALUES", NULL);
    char text[11] = "";
    clv_date first;
    if (units && strncmp(units, "days since ", 11) == 0)
        strncpy(text, units + 11, 10);
    if (!values || !clv_date_parse(text, &first))
        return clv_fail(u->ctx, CLV_ERROR_FORMAT, "%s: its time axis is not in days since a date", u->path);
    u->first_day = clv_date_days(&first);
    u->days = CSLTokenizeString2(values, "{,}", 0);
    if (CSLCount(u->days) != u->steps)
        return clv_fail(u->ctx, CLV_ERROR_FORMAT, "%s: its time axis has %d values for %d steps", u->path,
                        CSLCount(u->days), u->steps);
    return CLV_OK;
}

static clv_status open_all(unpacking *u)
{
    for (int v = 0; v < VARIABLES; v++) {
        clv_status status = open_variable(u, v);
        if (status != CLV_OK)
            return status;
    }
    u->width = GDALGetRasterXSize(u->data[0]);
    u->height = GDALGetRasterYSize(u->data[0]);
    u->steps = GDALGetRasterCount(u->data[0]);
    size_t w = (size_t)u->width, h = (size_t)u->height;
    u->x = clv_alloc_array(BANDS * w, h, sizeof *u->x);
    u->scl = clv_alloc_array(w, h, sizeof *u->scl);
    u->deep = clv_alloc_array(w, h, sizeof *u->deep);
    u->classes = clv_alloc_array(w, h, 1);
    u->cube->folder = clv_format("/vsimem/clearvision-%p", (void *)u->cube);
    if (!u->x || !u->scl || !u->deep || !u->classes || !u->cube->folder)
        return clv_fail(u->ctx, CLV_ERROR_MEMORY, "%s: out of memory", u->path);
    return read_time(u);
}

/* ---- Dates ------------------------------------------------------------------------------------- */

static clv_status read_plane(unpacking *u, int v, int step, GDALDataType type, void *out)
{
    clv_trap trap;
    clv_trap_begin(&trap);
    CPLErr error = GDALRasterIO(GDALGetRasterBand(u->data[v], step + 1), GF_Read, 0, 0, u->width, u->height, out,
                                u->width, u->height, type, 0, 0);
    if (clv_trap_end(&trap) || error != CE_None)
        return clv_fail(u->ctx, CLV_ERROR_READ, "%s: reading %s failed: %s", u->path, variables[v],
                        clv_trap_text(&trap));
    return CLV_OK;
}

/* Band v in reflectance; *seen when any pixel has a value. */
static clv_status read_band(unpacking *u, int v, int step, bool *seen)
{
    GDALRasterBandH band = GDALGetRasterBand(u->data[v], step + 1);
    size_t n = (size_t)u->width * (size_t)u->height;
    float *x = u->x + (size_t)v * n;
    int has_nodata = 0, has_scale = 0, has_offset = 0;
    double nodata = GDALGetRasterNoDataValue(band, &has_nodata);
    double scale = GDALGetRasterScale(band, &has_scale), offset = GDALGetRasterOffset(band, &has_offset);
    clv_status status = read_plane(u, v, step, GDT_Float32, x);
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        bool none = !isfinite(x[i]) || (has_nodata && (double)x[i] == nodata);
        x[i] = none ? NAN : (float)((double)x[i] * (has_scale ? scale : 1) + (has_offset ? offset : 0));
        *seen = *seen || !none;
    }
    return status;
}

static uint8_t class_of(int scl, int deep)
{
    if (deep == 1 || deep == 2 || scl <= 1 || scl == 8 || scl == 9 || scl == 10)
        return 9;
    return deep == 3 || scl == 3 ? 3 : 4;
}

static clv_status read_classes(unpacking *u, int step)
{
    size_t n = (size_t)u->width * (size_t)u->height;
    clv_status status = read_plane(u, 4, step, GDT_Int16, u->scl);
    if (status == CLV_OK)
        status = read_plane(u, 5, step, GDT_Int16, u->deep);
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        u->classes[i] = class_of(u->scl[i], u->deep[i]);
    return status;
}

static clv_status write_raster(unpacking *u, const char *name, int bands, GDALDataType type, void *pixels)
{
    clv_trap trap;
    clv_trap_begin(&trap);
    GDALDatasetH ds = GDALCreate(GDALGetDriverByName("GTiff"), name, u->width, u->height, bands, type, NULL);
    for (int b = 0; ds && bands == BANDS && b < bands; b++) {
        GDALRasterBandH band = GDALGetRasterBand(ds, b + 1);
        GDALSetDescription(band, variables[b] + 3);
        GDALSetRasterNoDataValue(band, NAN);
    }
    CPLErr error = ds ? GDALDatasetRasterIO(ds, GF_Write, 0, 0, u->width, u->height, pixels, u->width, u->height, type,
                                            bands, NULL, 0, 0, 0)
                      : CE_Failure;
    if (ds)
        GDALClose(ds);
    if (clv_trap_end(&trap) || error != CE_None)
        return clv_fail(u->ctx, CLV_ERROR_MEMORY, "%s: cannot be unpacked: %s", u->path, clv_trap_text(&trap));
    return CLV_OK;
}

static clv_status write_step(unpacking *u, int step)
{
    clv_netcdf_cube *cube = u->cube;
    clv_date date = clv_date_from_days(u->first_day + floor(CPLAtof(u->days[step])));
    char *picture = clv_format("%s/cube_%04d%02d%02d.tif", cube->folder, date.year, date.month, date.day);
    char *classes = clv_format("%s/scl_%04d%02d%02d.tif", cube->folder, date.year, date.month, date.day);
    cube->pictures[cube->count] = picture;
    cube->classes[cube->count++] = classes;
    if (!picture || !classes)
        return clv_fail(u->ctx, CLV_ERROR_MEMORY, "%s: out of memory", u->path);
    clv_status status = write_raster(u, picture, BANDS, GDT_Float32, u->x);
    return status == CLV_OK ? write_raster(u, classes, 1, GDT_Byte, u->classes) : status;
}

static clv_status unpack(unpacking *u)
{
    clv_netcdf_cube *cube = u->cube;
    clv_status status = CLV_OK;
    cube->pictures = clv_alloc_array((size_t)u->steps, 1, sizeof *cube->pictures);
    cube->classes = clv_alloc_array((size_t)u->steps, 1, sizeof *cube->classes);
    if (!cube->pictures || !cube->classes)
        return clv_fail(u->ctx, CLV_ERROR_MEMORY, "%s: out of memory", u->path);
    for (int step = 0; step < u->steps && status == CLV_OK; step++) {
        bool seen = false;
        for (int v = 0; v < BANDS && status == CLV_OK; v++)
            status = read_band(u, v, step, &seen);
        if (status == CLV_OK && seen)
            status = read_classes(u, step);
        if (status == CLV_OK && seen)
            status = write_step(u, step);
    }
    if (status == CLV_OK && cube->count == 0)
        status = clv_fail(u->ctx, CLV_ERROR_FORMAT, "%s: no date of the minicube has any pixel", u->path);
    return status;
}

clv_status clv_netcdf_cube_open(clv_context *ctx, const char *path, clv_netcdf_cube **out)
{
    unpacking u = {.ctx = ctx, .path = path, .cube = calloc(1, sizeof *u.cube)};
    *out = NULL;
    if (!u.cube)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory", path);
    clv_status status = open_all(&u);
    if (status == CLV_OK)
        status = unpack(&u);
    for (int v = 0; v < VARIABLES; v++)
        if (u.data[v])
            GDALClose(u.data[v]);
    CSLDestroy(u.days);
    free(u.x);
    free(u.scl);
    free(u.deep);
    free(u.classes);
    if (status == CLV_OK)
        *out = u.cube;
    else
        clv_netcdf_cube_free(u.cube);
    return status;
}
