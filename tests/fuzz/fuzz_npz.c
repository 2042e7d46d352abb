/* SPDX-License-Identifier: MIT
 *
 * EarthNet cubes, the whole file: the block is the archive. Whatever opens is read: every layer of the first and last
 * step, and what lies beside the pictures.
 */
#include "fuzz.h"

#include "base/alloc.h"
#include "products/cube.h"

#include <cpl_error.h>
#include <cpl_vsi.h>

#define NAME "/vsimem/fuzz_npz/29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz"

static void read_layers(clv_context *ctx, clv_cube *cube)
{
    float *plane = clv_alloc_array((size_t)cube->grid.width, (size_t)cube->grid.height, sizeof *plane);
    clv_require(plane && cube->steps >= 1 && cube->dates);
    for (int layer = 0; layer < CLV_CUBE_LAYERS; layer++)
        if (cube->has[layer]) {
            clv_status first = clv_cube_read(ctx, cube, (clv_cube_layer)layer, 0, plane);
            clv_status last = clv_cube_read(ctx, cube, (clv_cube_layer)layer, cube->steps - 1, plane);
            clv_require(first == last); /* values are unpacked once, or not at all */
        }
    free(plane);
}

static void read_extras(clv_context *ctx, clv_cube *cube)
{
    clv_require(clv_cube_find_extras(ctx, cube) == CLV_OK);
    for (int i = 0; i < cube->extra_count; i++) {
        const clv_cube_extra *extra = &cube->extras[i];
        float *plane = clv_alloc_array((size_t)extra->width, (size_t)extra->height, sizeof *plane);
        clv_require(plane && extra->bands >= 1);
        clv_cube_read_extra(ctx, cube, extra, extra->bands - 1, plane);
        free(plane);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_context *ctx = clv_context_new();
    uint8_t *copy = malloc(size ? size : 1);
    clv_cube *cube;

    clv_require(ctx && copy);
    if (size)
        memcpy(copy, data, size);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSIFCloseL(VSIFileFromMemBuffer(NAME, copy, size, FALSE));
    clv_status status = clv_cube_open(ctx, NAME, &cube);
    clv_require((status == CLV_OK) == (clv_context_error(ctx)[0] == 0));
    clv_require((status == CLV_OK) == (cube != NULL));
    if (cube) {
        read_layers(ctx, cube);
        read_extras(ctx, cube);
    }
    clv_cube_free(cube);
    VSIUnlink(NAME);
    CPLPopErrorHandler();
    clv_context_free(ctx);
    free(copy);
    return 0;
}
