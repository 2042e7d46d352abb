/* SPDX-License-Identifier: MIT
 *
 * EarthNet2021's archives behind cube.h.
 */
#include "products/cube_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "products/cube_name.h"
#include "products/npz.h"

#define PICTURES "highresdynamic"
#define MAX_STEPS 400
#define MAX_DAYS 4096
#define WEATHER 5 /* variables of mesodynamic */
#define EXTRAS 3

static const char *const extra_arrays[EXTRAS] = {"highresstatic", "mesostatic", "mesodynamic"};

typedef struct npz_cube {
    clv_npz *npz;
    clv_npz_array *pictures, *extra[EXTRAS];
    int channel[CLV_CUBE_LAYERS];
} npz_cube;

/* ---- Opening ----------------------------------------------------------------------------------- */

static clv_status check_shape(clv_context *ctx, const char *path, const clv_npy *npy)
{
    const int64_t *shape = npy->shape;
    if (npy->dims != 4)
        return clv_fail(ctx, CLV_ERROR_FORMAT,
                        "%s: highresdynamic has %d axes instead of 4 (rows, columns, channels, time)", path, npy->dims);
    if (shape[0] < 1 || shape[0] > CLV_CUBE_MAX_SIDE || shape[1] < 1 || shape[1] > CLV_CUBE_MAX_SIDE || shape[3] < 1 ||
        shape[3] > MAX_STEPS)
        return clv_fail(ctx, CLV_ERROR_FORMAT,
                        "%s: a cube of %lldx%lld pixels and %lld dates does not have EarthNet2021's size", path,
                        (long long)shape[1], (long long)shape[0], (long long)shape[3]);
    if (shape[2] != 5 && shape[2] != 7)
        return clv_fail(ctx, CLV_ERROR_FORMAT,
                        "%s: highresdynamic has %lld channels instead of 5 (test) or 7 (training)", path,
                        (long long)shape[2]);
    return CLV_OK;
}

static clv_status name_steps(clv_context *ctx, clv_cube *cube)
{
    clv_cube_name name;
    if (!clv_cube_name_parse(cube->path, &name))
        return CLV_OK;
    cube->dates = clv_alloc_array(1, (size_t)cube->steps, sizeof *cube->dates);
    if (!cube->dates)
        return clv_fail_memory_for(ctx, cube->path);
    int first = clv_cube_name_first(cube->path, &name, cube->steps);
    for (int t = 0; t < cube->steps; t++)
        cube->dates[t] = clv_cube_name_date(&name, first + t);
    clv_cube_name_place(&name, &cube->grid);
    if (cube->grid.has_transform)
        snprintf(cube->georeference, sizeof cube->georeference,
                 "reconstructed from the file name: tile %s from row %d, column %d at 20 m, on the Sentinel-2 tiling "
                 "grid",
                 name.tile, name.row, name.column);
    return CLV_OK;
}

static clv_status open_cube(clv_context *ctx, clv_cube *cube)
{
    npz_cube *c = calloc(1, sizeof *c);
    if (!c)
        return clv_fail_memory_for(ctx, cube->path);
    cube->state = c;
    clv_status status = clv_npz_open(ctx, cube->path, &c->npz);
    if (status == CLV_OK && !clv_npz_has(c->npz, PICTURES))
        status =
            clv_fail(ctx, CLV_ERROR_FORMAT, "%s: is not an EarthNet2021 cube: no " PICTURES ".npy in it", cube->path);
    if (status == CLV_OK)
        status = clv_npz_array_open(ctx, c->npz, PICTURES, &c->pictures);
    if (status == CLV_OK)
        status = check_shape(ctx, cube->path, &c->pictures->npy);
    if (status == CLV_OK)
        status = clv_npz_array_check(ctx, c->npz, c->pictures, CLV_CUBE_MAX_BYTES);
    if (status != CLV_OK)
        return status;
    const int64_t *shape = c->pictures->npy.shape;
    int channels = (int)shape[2];
    cube->grid.height = (int)shape[0];
    cube->grid.width = (int)shape[1];
    cube->steps = (int)shape[3];
    for (int layer = 0; layer < CLV_CUBE_LAYERS; layer++) {
        c->channel[layer] = layer < CLV_CUBE_BANDS   ? layer
                            : layer == CLV_CUBE_MASK ? channels - 1
                            : layer == CLV_CUBE_CLD  ? 4
                                                     : 5;
        cube->has[layer] = layer <= CLV_CUBE_MASK || channels == 7;
    }
    return name_steps(ctx, cube);
}

static void close_cube(clv_cube *cube)
{
    npz_cube *c = cube->state;
    if (!c)
        return;
    for (int i = 0; i < EXTRAS; i++)
        clv_npz_array_free(c->extra[i]);
    clv_npz_array_free(c->pictures);
    clv_npz_free(c->npz);
    free(c);
}

/* ---- Values ------------------------------------------------------------------------------------ */

/* Rows and columns of the array with the other axes held: `at` is the first element's. */
static void take_plane(const clv_npz_array *a, int64_t at, float *plane)
{
    int height = (int)a->npy.shape[0], width = (int)a->npy.shape[1];
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            *plane++ = clv_npy_value(&a->npy, a->data, (size_t)(at + y * a->strides[0] + x * a->strides[1]));
}

static clv_status read_cube(clv_context *ctx, clv_cube *cube, clv_cube_layer layer, int step, float *plane)
{
    npz_cube *c = cube->state;
    size_t n = (size_t)cube->grid.width * (size_t)cube->grid.height;
    clv_status status = clv_npz_array_load(ctx, c->npz, c->pictures);
    if (status != CLV_OK)
        return status;
    take_plane(c->pictures, c->channel[layer] * c->pictures->strides[2] + step * c->pictures->strides[3], plane);
    for (size_t i = 0; layer == CLV_CUBE_MASK && i < n; i++)
        plane[i] = plane[i] != 0; /* NaN is not good either */
    return CLV_OK;
}

/* ---- Extras ------------------------------------------------------------------------------------ */

static bool fits(const clv_npy *npy, bool dynamic)
{
    if (npy->dims != (dynamic ? 4 : 3) || npy->shape[0] < 1 || npy->shape[0] > CLV_CUBE_MAX_SIDE || npy->shape[1] < 1 ||
        npy->shape[1] > CLV_CUBE_MAX_SIDE)
        return false;
    return dynamic ? npy->shape[2] == WEATHER && npy->shape[3] >= 1 && npy->shape[3] <= MAX_DAYS : npy->shape[2] == 1;
}

static clv_cube_extra *add(clv_cube *cube, int source, const clv_npy *npy)
{
    clv_cube_extra *e = clv_cube_add_extra(cube);
    if (!e)
        return NULL;
    e->source = source;
    e->height = (int)npy->shape[0];
    e->width = (int)npy->shape[1];
    e->bands = 1;
    return e;
}

static bool add_static(clv_cube *cube, int source, const clv_npy *npy)
{
    clv_cube_extra *e = add(cube, source, npy);
    if (!e)
        return false;
    snprintf(e->name, sizeof e->name, "%s", extra_arrays[source]);
    e->what = source == 0 ? "ground height at 20 m" : "ground height on the weather's grid";
    e->unit = "m"; /* stored as (height / 2000 + 1) / 2 */
    e->scale = 4000;
    e->offset = -2000;
    e->on_grid = source == 0 && e->width == cube->grid.width && e->height == cube->grid.height;
    return true;
}

static bool add_weather(clv_cube *cube, int source, const clv_npy *npy)
{
    static const char *const names[WEATHER] = {"RR", "PP", "TG", "TN", "TX"};
    static const char *const what[WEATHER] = {"precipitation, scaled", "sea level pressure, scaled",
                                              "mean temperature, scaled", "minimum temperature, scaled",
                                              "maximum temperature, scaled"};
    clv_cube_name name;
    bool known = clv_cube_name_parse(cube->path, &name);
    for (int v = 0; v < WEATHER; v++) {
        clv_cube_extra *e = add(cube, source, npy);
        if (!e)
            return false;
        snprintf(e->name, sizeof e->name, "%s:%s", extra_arrays[source], names[v]);
        e->what = what[v];
        e->channel = v;
        e->bands = (int)npy->shape[3];
        e->daily = true;
        e->first_day = known ? name.start : 0;
    }
    return true;
}

static clv_status find_extras(clv_context *ctx, clv_cube *cube)
{
    npz_cube *c = cube->state;
    for (int i = 0; i < EXTRAS; i++) {
        clv_context *own = clv_context_new(); /* a damaged array beside the pictures is no failure of theirs */
        bool there = clv_npz_has(c->npz, extra_arrays[i]) &&
                     clv_npz_array_open(own, c->npz, extra_arrays[i], &c->extra[i]) == CLV_OK &&
                     fits(&c->extra[i]->npy, i == 2) &&
                     clv_npz_array_check(own, c->npz, c->extra[i], CLV_CUBE_MAX_BYTES) == CLV_OK;
        clv_context_free(own);
        if (there && !(i == 2 ? add_weather : add_static)(cube, i, &c->extra[i]->npy))
            return clv_fail_memory_for(ctx, cube->path);
    }
    return CLV_OK;
}

static clv_status read_extra(clv_context *ctx, clv_cube *cube, const clv_cube_extra *extra, int band, float *plane)
{
    npz_cube *c = cube->state;
    clv_npz_array *a = c->extra[extra->source];
    clv_status status = clv_npz_array_load(ctx, c->npz, a);
    if (status == CLV_OK)
        take_plane(a, a->npy.dims == 4 ? extra->channel * a->strides[2] + band * a->strides[3] : 0, plane);
    return status;
}

const clv_cube_reader clv_cube_npz_reader = {open_cube, read_cube, find_extras, read_extra, close_cube};
