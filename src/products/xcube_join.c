/* SPDX-License-Identifier: MIT
 *
 * The layers of a cube, and of those joined with it, as one VRT.
 */
#include "products/xcube.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* A layer that is taken, and how its pixels lie on those of red, green and blue. */
typedef struct choice {
    const clv_xcube *cube;
    const clv_xlayer *layer;
    int rank; /* 0 the same grid, 1 finer, 2 coarser */
    clv_vrt_part part;
} choice;

typedef struct choices {
    choice list[CLV_XCUBE_LAYERS];
    int count;
    char coarser[40], left[60]; /* names, for people */
    double coarser_pixel;
} choices;

static const clv_xlayer *find(const clv_xcube *cube, const char *band, double pixel)
{
    for (int i = 0; i < cube->count; i++)
        if (strcmp(cube->layers[i].name, band) == 0 && (pixel <= 0 || cube->layers[i].part.grid.pixel_m == pixel))
            return &cube->layers[i];
    return NULL;
}

/* The finest grid that red, green and blue share; NULL: there is none. */
static const clv_grid *base_grid(const clv_xcube *first)
{
    const clv_grid *best = NULL;
    for (const clv_xcube *cube = first; cube; cube = cube->next)
        for (int i = 0; i < cube->count; i++) {
            const clv_grid *g = &cube->layers[i].part.grid;
            if (strcmp(cube->layers[i].name, "B04") != 0 || (best && best->width >= g->width))
                continue;
            const clv_xlayer *green = find(cube, "B03", g->pixel_m), *blue = find(cube, "B02", g->pixel_m);
            if (green && blue && green->part.grid.width == g->width && blue->part.grid.width == g->width)
                best = g;
        }
    return best ? best : first->nameless ? &first->layers[0].part.grid : NULL;
}

static bool covers(int offset, int size, int of)
{
    return offset <= 0 && offset + size >= of;
}

/* Places a layer on the base grid; false when the two do not fit. */
static bool place(const clv_grid *base, const clv_xlayer *layer, choice *c)
{
    const clv_grid *g = &layer->part.grid;
    int factor, x, y;
    c->part = layer->part;
    c->part.factor = 1;
    c->part.repeat = 1;
    if (!base->has_transform && !g->has_transform) { /* the same area, as far as anybody knows */
        int k = g->width > 0 ? base->width / g->width : 0;
        c->rank = k == 1 ? 0 : 2;
        c->part.repeat = k;
        return k >= 1 && g->width * k == base->width && g->height * k == base->height;
    }
    if (clv_grid_fits(base, g, &factor, &x, &y)) {
        c->rank = factor == 1 ? 0 : 2;
        c->part.repeat = factor;
        c->part.x = x;
        c->part.y = y;
        return covers(x, g->width * factor, base->width) && covers(y, g->height * factor, base->height);
    }
    if (!clv_grid_fits(g, base, &factor, &x, &y))
        return false;
    c->rank = 1;
    c->part.factor = factor;
    return x == 0 && y == 0 && g->width == base->width * factor && g->height == base->height * factor;
}

static void append(char *text, size_t size, const char *word)
{
    size_t used = strlen(text);
    if (used + strlen(word) + 2 <= size)
        snprintf(text + used, size - used, "%s%s", used ? " " : "", word);
}

/* Every band once: of several, the one on the base grid, else the finer one. */
static void choose(const clv_xcube *first, const clv_grid *base, choices *all)
{
    for (const clv_xcube *cube = first; cube; cube = cube->next)
        for (int i = 0; i < cube->count; i++) {
            const clv_xlayer *layer = &cube->layers[i];
            choice c = {.cube = cube, .layer = layer};
            if (first->nameless != !layer->name[0])
                continue;
            if (!place(base, layer, &c)) {
                append(all->left, sizeof all->left, layer->name);
                continue;
            }
            int k = layer->name[0] ? 0 : all->count;
            while (k < all->count && strcmp(all->list[k].layer->name, layer->name) != 0)
                k++;
            if (k == all->count && all->count < CLV_XCUBE_LAYERS)
                all->list[all->count++] = c;
            else if (k < all->count && c.rank < all->list[k].rank)
                all->list[k] = c;
        }
    for (int k = 0; k < all->count; k++)
        if (all->list[k].rank == 2) {
            append(all->coarser, sizeof all->coarser, all->list[k].layer->name);
            all->coarser_pixel = fmax(all->coarser_pixel, all->list[k].layer->part.grid.pixel_m);
        }
}

static void date_text(double days, char text[32])
{
    clv_date date = clv_date_from_days(days);
    double second = floor((days - floor(days)) * 86400 + 0.5);
    date.has_time = second > 0 && second < 86400;
    date.hour = date.has_time ? (int)second / 3600 : 0;
    date.minute = date.has_time ? (int)second / 60 % 60 : 0;
    date.second = date.has_time ? (int)second % 60 : 0;
    clv_date_format(&date, text);
}

static clv_status add_band(clv_context *ctx, clv_vrt *vrt, choice *c, int step, const char *date)
{
    const clv_xlayer *layer = c->layer;
    clv_bundle_file file = {.path = clv_xcube_raster(c->cube, layer, step)};
    if (!file.path)
        return clv_fail_memory(ctx);
    c->part.file = &file;
    c->part.name = layer->name;
    clv_vrt_add_dated(vrt, &c->part, clv_xcube_by_date(c->cube, layer) ? 1 : layer->first + step * layer->step, date);
    c->part.file = NULL;
    free(file.path);
    return CLV_OK;
}

static void describe(const choices *all, char *how, size_t size)
{
    size_t used = (size_t)snprintf(how, size, "%d variables over time", all->count);
    if (all->coarser[0] && used < size) {
        char pixel[24] = "coarser pixels";
        if (all->coarser_pixel > 0)
            snprintf(pixel, sizeof pixel, "%.0f m", all->coarser_pixel);
        snprintf(how + used, size - used, "; %s: %s", pixel, all->coarser);
    }
}

clv_status clv_xcube_join(clv_context *ctx, const clv_xcube *cube, const clv_bundle *bundle, char *how, size_t how_size,
                          char **text)
{
    clv_vrt vrt = {0};
    *text = NULL;
    const clv_grid *base = base_grid(cube);
    if (!base)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: its red, green and blue bands do not lie on one grid", cube->path);
    choices *all = clv_alloc_array(1, 1, sizeof *all);
    clv_status status = all && clv_grid_copy(base, &vrt.grid) == CLV_OK ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK) {
        choose(cube, base, all);
        describe(all, how, how_size);
        if (all->left[0])
            clv_warn(ctx, "%s: %s left out: their pixels do not lie on those of red, green and blue", cube->path,
                     all->left);
    }
    for (int t = 0; t < cube->steps && status == CLV_OK; t++) {
        char date[32];
        if (cube->dated)
            date_text(cube->days[t], date);
        for (int i = 0; i < all->count && status == CLV_OK; i++)
            status = add_band(ctx, &vrt, &all->list[i], t, cube->dated ? date : NULL);
    }
    if (status == CLV_OK)
        status = clv_vrt_finish(ctx, &vrt, bundle, text);
    clv_vrt_clear(&vrt);
    free(all);
    return status;
}

static const clv_grid *any_grid(const clv_xcube *cube)
{
    for (int i = 0; i < cube->count; i++)
        if (!cube->layers[i].mask)
            return &cube->layers[i].part.grid;
    return &cube->layers[0].part.grid;
}

static bool same_area(const clv_grid *fine, const clv_grid *coarse)
{
    int factor, x, y;
    return clv_grid_fits(fine, coarse, &factor, &x, &y) && covers(x, coarse->width * factor, fine->width) &&
           covers(y, coarse->height * factor, fine->height) && x > -factor && y > -factor &&
           coarse->width * factor < fine->width + 2 * factor && coarse->height * factor < fine->height + 2 * factor;
}

bool clv_xcube_fits(const clv_xcube *a, const clv_xcube *b)
{
    if (a->steps != b->steps || a->dated != b->dated || a->nameless || b->nameless)
        return false;
    for (int t = 0; t < a->steps && a->dated; t++)
        if (floor(a->days[t]) != floor(b->days[t]))
            return false;
    const clv_grid *ga = any_grid(a), *gb = any_grid(b);
    return ga->has_transform && gb->has_transform && (same_area(ga, gb) || same_area(gb, ga));
}
