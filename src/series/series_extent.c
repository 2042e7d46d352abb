/* SPDX-License-Identifier: MIT
 *
 * Where the dates lie: the pixels of the working grid under each, the working grid over all of them, and what lies
 * outside where the working grid is limited.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "series/series_private.h"

#define EDGE 21        /* points along an edge of a date on another grid */
#define EPSILON 1e-3   /* pixels */
#define BEYOND 2       /* working pixels beyond the grid that follow its border (pipeline/native.h) */
#define FARTHEST 1.0e9 /* pixels of a date, to keep offsets in range */
#define MESH 41        /* points a side by which shares of dates on another grid are estimated */

static int floor_div(int a, int b)
{
    int q = a / b;
    return a % b < 0 ? q - 1 : q;
}

static clv_rect hull(clv_rect a, clv_rect b)
{
    const int x1 = a.x + a.width > b.x + b.width ? a.x + a.width : b.x + b.width;
    const int y1 = a.y + a.height > b.y + b.height ? a.y + a.height : b.y + b.height;
    clv_rect r = {a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, 0, 0};
    r.width = x1 - r.x;
    r.height = y1 - r.y;
    return r;
}

/* Working pixels under a date that fits. */
static clv_rect under_direct(const clv_date_files *f)
{
    clv_rect r = {floor_div(-f->xoff, f->factor), floor_div(-f->yoff, f->factor), 0, 0};
    r.width = floor_div(f->native.width - 1 - f->xoff, f->factor) + 1 - r.x;
    r.height = floor_div(f->native.height - 1 - f->yoff, f->factor) + 1 - r.y;
    return r;
}

/* Bounds on the working grid of the outline of a date on another grid; inset: 0 its edges, 0.5 the centres of its
 * outermost pixels. False where nothing can be mapped. */
static bool outline(const clv_grid *native, const clv_grid *working, double inset, double bounds[4])
{
    double x[4 * EDGE], y[4 * EDGE];
    int ok[4 * EDGE];
    const double x0 = inset, y0 = inset, x1 = native->width - inset, y1 = native->height - inset;
    for (int i = 0; i < EDGE; i++) {
        const double u = i / (EDGE - 1.0), px = x0 + u * (x1 - x0), py = y0 + u * (y1 - y0);
        const double xs[4] = {px, px, x0, x1}, ys[4] = {y0, y1, py, py};
        for (int k = 0; k < 4; k++) {
            x[4 * i + k] = xs[k];
            y[4 * i + k] = ys[k];
        }
    }
    if (!clv_grid_map_pixels(native, working, 4 * EDGE, x, y, ok))
        return false;
    bounds[0] = bounds[1] = INFINITY;
    bounds[2] = bounds[3] = -INFINITY;
    for (int i = 0; i < 4 * EDGE; i++) {
        if (!ok[i] || !(fabs(x[i]) < FARTHEST) || !(fabs(y[i]) < FARTHEST))
            continue;
        bounds[0] = fmin(bounds[0], x[i]);
        bounds[1] = fmin(bounds[1], y[i]);
        bounds[2] = fmax(bounds[2], x[i]);
        bounds[3] = fmax(bounds[3], y[i]);
    }
    return bounds[0] <= bounds[2];
}

static clv_rect rect_of(const double bounds[4], double widen)
{
    clv_rect r = {(int)floor(bounds[0] + EPSILON - widen), (int)floor(bounds[1] + EPSILON - widen), 0, 0};
    r.width = (int)floor(bounds[2] - EPSILON + widen) + 1 - r.x;
    r.height = (int)floor(bounds[3] - EPSILON + widen) + 1 - r.y;
    r.width = r.width < 1 ? 1 : r.width;
    r.height = r.height < 1 ? 1 : r.height;
    return r;
}

/* extent: what a date can show of the working grid; need: the part of it in which centres of its pixels lie, so that
 * each can be given a value. */
static bool measure(const clv_series *s, int t, clv_rect *extent, clv_rect *need)
{
    const clv_date_files *f = &s->private_data->files[t];
    double edges[4], centres[4];
    if (!f->warped) {
        *extent = *need = under_direct(f);
        return true;
    }
    if (!outline(&f->native, &s->grid, 0, edges) || !outline(&f->native, &s->grid, 0.5, centres))
        return false;
    /* Resampling a coarse date looks further around. */
    const double pixel = s->grid.pixel_m > 0 ? f->native.pixel_m / s->grid.pixel_m : 1;
    *extent = rect_of(edges, 1 + (pixel > 1 ? ceil(pixel) : 0));
    *need = rect_of(centres, 2 * EPSILON); /* a centre on the edge between two pixels needs both */
    return true;
}

/* ---- Dates that overlap ------------------------------------------------------------------------ */

static int root_of(int *parent, int t)
{
    while (parent[t] != t)
        t = parent[t] = parent[parent[t]];
    return t;
}

static bool overlap(const clv_series *s, const clv_rect *need, int a, int b)
{
    const clv_date_files *f = &s->private_data->files[a], *g = &s->private_data->files[b];
    clv_rect common = clv_rect_intersect(need[a], need[b]);
    if (common.width <= 0 || common.height <= 0)
        return false;
    return (!f->warped && !g->warped) || clv_grids_overlap(&f->native, &g->native);
}

/* All dates must overlap each other, directly or through others. */
static clv_status check_connected(clv_context *ctx, const clv_series *s, const clv_rect *need,
                                  const char *const *sources, int first)
{
    const int n = s->dates;
    int *parent = clv_alloc_array((size_t)n, 2, sizeof *parent), *size = parent ? parent + n : NULL;
    clv_status status = CLV_OK;
    if (!parent)
        return clv_fail_memory(ctx);
    for (int t = 0; t < n; t++)
        parent[t] = t;
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            if (root_of(parent, a) != root_of(parent, b) && overlap(s, need, a, b))
                parent[root_of(parent, b)] = root_of(parent, a);
    for (int t = 0; t < n; t++)
        size[root_of(parent, t)]++;
    for (int t = 0; t < n && n > 1 && status == CLV_OK; t++)
        if (size[root_of(parent, t)] == 1)
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s does not overlap %s; leave it out", sources[t],
                              n > 2 ? "any other date" : sources[t == 0 ? 1 : 0]);
    for (int t = 0; t < n && status == CLV_OK; t++)
        if (root_of(parent, t) != root_of(parent, first))
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                              "%s does not overlap %s, nor do dates between them join the two; process them apart",
                              sources[t], sources[first]);
    free(parent);
    return status;
}

/* ---- The working grid -------------------------------------------------------------------------- */

static clv_status extend(clv_context *ctx, clv_series *s, clv_rect all)
{
    struct clv_series_private *p = s->private_data;
    clv_grid grid;
    if (all.width > CLV_MAX_SIZE || all.height > CLV_MAX_SIZE)
        return clv_fail(
            ctx, CLV_ERROR_UNSUPPORTED,
            "the dates reach over %dx%d pixels of the working grid, at most %d a side are possible; process "
            "them in parts, or limit them with -ref",
            all.width, all.height, CLV_MAX_SIZE);
    for (int t = 0; t < s->dates; t++) {
        clv_acquisition *a = &s->acquisitions[t];
        clv_date_files *f = &p->files[t];
        const double x = f->xoff + (double)all.x * f->factor, y = f->yoff + (double)all.y * f->factor;
        if (fabs(x) > FARTHEST || fabs(y) > FARTHEST || (double)all.width * f->factor > FARTHEST ||
            (double)all.height * f->factor > FARTHEST)
            return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "the dates lie too far apart; process them in parts");
        a->extent.x -= all.x;
        a->extent.y -= all.y;
        if (f->warped)
            continue;
        a->xoff = f->xoff = (int)x;
        a->yoff = f->yoff = (int)y;
    }
    if (clv_grid_window(&s->grid, all, &grid) != CLV_OK)
        return clv_fail_memory(ctx);
    s->first.x = -all.x;
    s->first.y = -all.y;
    s->extended = true;
    clv_grid_clear(&s->grid);
    s->grid = grid;
    return CLV_OK;
}

/* ---- A limited grid ---------------------------------------------------------------------------- */

/* Share of a date's pixels that lie outside of the working grid and do not follow its border. */
static double share_outside(const clv_series *s, int t)
{
    const clv_date_files *f = &s->private_data->files[t];
    if (!f->warped) {
        clv_rect near = {f->xoff - BEYOND * f->factor, f->yoff - BEYOND * f->factor,
                         (s->grid.width + 2 * BEYOND) * f->factor, (s->grid.height + 2 * BEYOND) * f->factor};
        clv_rect in = clv_rect_intersect((clv_rect){0, 0, f->native.width, f->native.height}, near);
        return in.width <= 0 || in.height <= 0
                   ? 1
                   : 1 - (double)in.width * in.height / ((double)f->native.width * f->native.height);
    }
    double *x = clv_alloc_array(2, (size_t)MESH * MESH, sizeof *x), *y = x ? x + (size_t)MESH * MESH : NULL;
    int *ok = clv_alloc_array((size_t)MESH * MESH, 1, sizeof *ok), inside = 0, known = 0;
    for (int i = 0; x && i < MESH * MESH; i++) {
        x[i] = (i % MESH + 0.5) / MESH * f->native.width;
        y[i] = (i / MESH + 0.5) / MESH * f->native.height;
    }
    if (x && ok && clv_grid_map_pixels(&f->native, &s->grid, MESH * MESH, x, y, ok))
        for (int i = 0; i < MESH * MESH; i++) {
            known++;
            inside += ok[i] && x[i] > -BEYOND && x[i] < s->grid.width + BEYOND && y[i] > -BEYOND &&
                      y[i] < s->grid.height + BEYOND;
        }
    free(x);
    free(ok);
    return known > 0 ? 1 - (double)inside / known : 0;
}

void clv_series_warn_outside(clv_context *ctx, const clv_series *s, const char *const *sources, const char *limit,
                             const char *advice)
{
    int worst = -1, count = 0;
    double most = 0;
    for (int t = 0; t < s->dates; t++) {
        const double share = share_outside(s, t);
        count += share > 0;
        if (share > most) {
            most = share;
            worst = t;
        }
    }
    if (worst < 0)
        return;
    char others[64] = "";
    if (count > 1)
        snprintf(others, sizeof others, ", of %d other date%s less", count - 1, count == 2 ? "" : "s");
    clv_warn(ctx, "%s: %.2g %% of it lies outside of %s%s: that is not worked, and masks say no data there%s",
             sources[worst], fmax(100 * most, 0.01), limit, others, advice);
}

clv_status clv_series_extents(clv_context *ctx, clv_series *s, const char *const *sources, int first, bool unite)
{
    const clv_rect own = {0, 0, s->grid.width, s->grid.height};
    clv_rect *need = clv_alloc_array((size_t)s->dates, 1, sizeof *need), all = own;
    clv_status status = need ? CLV_OK : clv_fail_memory(ctx);
    s->first = own;
    for (int t = 0; t < s->dates && status == CLV_OK; t++) {
        s->acquisitions[t].extent = need[t] = own;
        if (!s->grid.has_transform)
            continue;
        if (!measure(s, t, &s->acquisitions[t].extent, &need[t]))
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                              "%s does not overlap %s; leave it out, or choose the extent with -ref", sources[t],
                              sources[first]);
        else
            all = hull(all, need[t]);
    }
    const bool larger = all.x < 0 || all.y < 0 || all.width > own.width || all.height > own.height;
    if (status == CLV_OK && unite)
        status = check_connected(ctx, s, need, sources, first);
    if (status == CLV_OK && unite && larger)
        status = extend(ctx, s, all);
    free(need);
    return status;
}
