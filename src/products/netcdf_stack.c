/* SPDX-License-Identifier: MIT */
#include "products/netcdf_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/xcube.h"

/* The file's name without its extension, whatever slashes end it. */
static char *stem_of(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    char *copy = clv_format("%.*s", (int)n, path);
    char *stem = copy ? clv_strdup(clv_name_base(copy)) : NULL;
    char *dot = stem ? strrchr(stem, '.') : NULL;
    if (dot && dot != stem)
        *dot = 0;
    free(copy);
    return stem;
}

clv_status clv_netcdf_stack_open(clv_context *ctx, const char *path, clv_bundle **out)
{
    clv_xcube *cube;
    *out = NULL;
    clv_status status = clv_xcube_open(ctx, path, &cube);
    if (status != CLV_OK || !cube)
        return status;
    char *stem = stem_of(path);
    clv_bundle *bundle = stem ? clv_bundle_new(path, stem) : NULL;
    free(stem);
    if (!bundle) {
        clv_xcube_free(cube);
        return clv_fail_memory(ctx);
    }
    bundle->xcube = cube;
    bundle->mosaic = true; /* more than one date: its bands tell the rest */
    bundle->undated = cube->dated ? 0 : cube->steps;
    for (int i = 0; i < cube->count && status == CLV_OK; i++) {
        char *name = clv_xcube_raster(cube, &cube->layers[i], 0);
        status = name ? clv_bundle_add(ctx, bundle, name, cube->layers[i].name, 0) : clv_fail_memory(ctx);
        free(name);
    }
    if (status == CLV_OK)
        *out = bundle;
    else
        clv_bundle_free(bundle);
    return status;
}

static bool has_colours(const clv_xcube *cube)
{
    return cube->has_colours || cube->nameless;
}

static void names_of(const clv_xcube *cube, char *text, size_t size)
{
    *text = 0;
    for (int i = 0; i < cube->count; i++) {
        size_t used = strlen(text);
        if (!cube->layers[i].mask && used + strlen(cube->layers[i].name) + 2 < size)
            snprintf(text + used, size - used, "%s%s", used ? " " : "", cube->layers[i].name);
    }
}

/* The cube that this one belongs to, -1. Of two that both have red, green and blue the finer is the series. */
static int find_partner(const clv_inputs *list, int which)
{
    const clv_xcube *cube = list->bundles[which]->xcube;
    for (int i = 0; i < list->count; i++) {
        const clv_xcube *other = list->bundles[i] ? list->bundles[i]->xcube : NULL;
        if (i == which || !other || !has_colours(other) || !clv_xcube_fits(other, cube))
            continue;
        if (!has_colours(cube) || other->layers[0].part.grid.pixel_m < cube->layers[0].part.grid.pixel_m)
            return i;
    }
    return -1;
}

static void remove_entry(clv_inputs *list, int which)
{
    free(list->names[which]);
    clv_bundle_free(list->bundles[which]);
    list->count--;
    for (int i = which; i < list->count; i++) {
        list->names[i] = list->names[i + 1];
        list->bundles[i] = list->bundles[i + 1];
    }
}

clv_status clv_netcdf_stack_join(clv_context *ctx, clv_inputs *list)
{
    for (int i = 0; i < list->count;) {
        clv_bundle *bundle = list->bundles[i];
        int to = bundle && bundle->xcube ? find_partner(list, i) : -1;
        if (to < 0) {
            i++;
            continue;
        }
        clv_xcube **end = &list->bundles[to]->xcube->next;
        while (*end)
            end = &(*end)->next;
        *end = bundle->xcube;
        bundle->xcube = NULL;
        remove_entry(list, i);
    }
    for (int i = 0; i < list->count; i++) {
        const clv_xcube *cube = list->bundles[i] ? list->bundles[i]->xcube : NULL;
        char names[100];
        if (!cube || has_colours(cube))
            continue;
        names_of(cube, names, sizeof names);
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "%s: holds %s; red, green and blue (B04, B03, B02) are needed: give it together with the file "
                        "of the same dates and area that has them",
                        cube->path, names);
    }
    return CLV_OK;
}
