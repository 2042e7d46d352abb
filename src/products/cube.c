/* SPDX-License-Identifier: MIT */
#include "products/cube.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/cube_private.h"

bool clv_cube_has_name(const char *path)
{
    return clv_name_ends(path, "npz") || clv_name_ends(path, "nc");
}

bool clv_cube_is(const char *path)
{
    return clv_name_ends(path, "npz") || clv_cube_is_minicube(path);
}

clv_status clv_cube_open(clv_context *ctx, const char *path, clv_cube **out)
{
    clv_cube *cube = calloc(1, sizeof *cube);
    *out = NULL;
    if (!cube || !(cube->path = clv_strdup(path))) {
        free(cube);
        return clv_fail_memory_for(ctx, path);
    }
    cube->is_minicube = clv_name_ends(path, "nc");
    cube->reader = cube->is_minicube ? &clv_cube_minicube_reader : &clv_cube_npz_reader;
    cube->grid = (clv_grid){.transform = {0, 1, 0, 0, 0, 1}};
    clv_status status = cube->reader->open(ctx, cube);
    if (status == CLV_OK)
        *out = cube;
    else
        clv_cube_free(cube);
    return status;
}

void clv_cube_free(clv_cube *cube)
{
    if (!cube)
        return;
    cube->reader->close(cube);
    clv_grid_clear(&cube->grid);
    free(cube->extras);
    free(cube->dates);
    free(cube->path);
    free(cube);
}

clv_status clv_cube_read(clv_context *ctx, clv_cube *cube, clv_cube_layer layer, int step, float *plane)
{
    if (!cube->has[layer] || step < 0 || step >= cube->steps)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "%s: no such layer or step", cube->path);
    return cube->reader->read(ctx, cube, layer, step, plane);
}

clv_status clv_cube_find_extras(clv_context *ctx, clv_cube *cube)
{
    if (cube->extras_known)
        return CLV_OK;
    cube->extras_known = true;
    return cube->reader->find_extras(ctx, cube);
}

clv_status clv_cube_read_extra(clv_context *ctx, clv_cube *cube, const clv_cube_extra *extra, int band, float *plane)
{
    if (band < 0 || band >= extra->bands)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "%s: no such band", cube->path);
    return cube->reader->read_extra(ctx, cube, extra, band, plane);
}
