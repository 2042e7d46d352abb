/* SPDX-License-Identifier: MIT */
#include "series/crop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ogr_srs_api.h>

#include "raster/gdal_errors.h"
#include "raster/regrid.h"
#include "raster/srs.h"

#define EPSILON 1e-3 /* pixels: numbers with few digits still mean whole pixels */
#define EDGE 21      /* points along an edge of a box that is brought to another CRS */

/* A box in a CRS. */
typedef struct box {
    const char *option;
    double x0, y0, x1, y1; /* x0 < x1, y0 < y1 */
    const char *srs;       /* NULL: the reference's */
} box;

/* The box in the reference's CRS: what bounds it there. */
static clv_status bring_home(clv_context *ctx, const char *name, const clv_grid *reference, box *b)
{
    OGRSpatialReferenceH from = NULL, to = NULL;
    char option[40];
    snprintf(option, sizeof option, "%s_srs", b->option);
    clv_status status = clv_srs_of_option(ctx, option, b->srs, &from);
    if (status == CLV_OK && !reference->wkt)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s_srs: the CRS of %s is not known; leave it out", b->option, name);
    if (status == CLV_OK)
        status = clv_srs_of_option(ctx, option, reference->wkt, &to);
    if (status == CLV_OK) {
        clv_gdal_errors errors;
        clv_gdal_errors_begin(&errors);
        OGRCoordinateTransformationH t = OCTNewCoordinateTransformation(from, to);
        double home[4];
        bool done =
            t && OCTTransformBounds(t, b->x0, b->y0, b->x1, b->y1, &home[0], &home[1], &home[2], &home[3], EDGE);
        OCTDestroyCoordinateTransformation(t);
        clv_gdal_errors_end(&errors);
        if (done) {
            b->x0 = home[0];
            b->y0 = home[1];
            b->x1 = home[2];
            b->y1 = home[3];
        } else {
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: cannot be brought to the CRS of %s: %s", b->option, name,
                              clv_gdal_errors_text(&errors));
        }
    }
    OSRDestroySpatialReference(from);
    OSRDestroySpatialReference(to);
    return status;
}

static clv_status box_pixels(clv_context *ctx, const char *name, const clv_grid *reference, const clv_grid *working,
                             box *b, clv_crop *out)
{
    if (!reference->has_transform)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %s has no georeference; cut by pixels: -srcwin", b->option, name);
    clv_status status = b->srs ? bring_home(ctx, name, reference, b) : CLV_OK;
    if (status != CLV_OK)
        return status;
    const double *t = working->transform, det = t[1] * t[5] - t[2] * t[4];
    const double xs[4] = {b->x0, b->x1, b->x0, b->x1}, ys[4] = {b->y0, b->y0, b->y1, b->y1};
    out->x0 = out->y0 = INFINITY;
    out->x1 = out->y1 = -INFINITY;
    for (int i = 0; i < 4; i++) {
        double gx = xs[i] - t[0], gy = ys[i] - t[3];
        double x = (t[5] * gx - t[2] * gy) / det, y = (t[1] * gy - t[4] * gx) / det;
        out->x0 = fmin(out->x0, x);
        out->x1 = fmax(out->x1, x);
        out->y0 = fmin(out->y0, y);
        out->y1 = fmax(out->y1, y);
    }
    return CLV_OK;
}

/* The working grid in pixels of the reference: where that ends is known to the pixel. */
static clv_rect whole_window(const clv_crop_reference *r, const clv_grid *working)
{
    const int right = (working->width - r->x) * r->factor, below = (working->height - r->y) * r->factor;
    clv_rect all = {-r->x * r->factor, -r->y * r->factor, 0, 0};
    all.width = (right - r->grid->width < r->factor ? r->grid->width : right) - all.x;
    all.height = (below - r->grid->height < r->factor ? r->grid->height : below) - all.y;
    return all;
}

clv_rect clv_crop_window(const clv_crop *crop, const clv_crop_reference *reference, const clv_grid *working)
{
    const clv_rect all = whole_window(reference, working);
    clv_rect r = clv_crop_pixels(crop, 0, 0, reference->factor, all.width, all.height);
    r.x += all.x;
    r.y += all.y;
    return r;
}

static clv_status window_pixels(clv_context *ctx, const clv_crop_reference *reference, const clv_grid *working,
                                const double w[4], clv_crop *out)
{
    const clv_rect all = whole_window(reference, working);
    for (int i = 0; i < 4; i++)
        if (w[i] != floor(w[i]))
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-srcwin %g %g %g %g: give whole pixels", w[0], w[1], w[2], w[3]);
    if (w[2] < 1 || w[3] < 1)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-srcwin %g %g %g %g: is empty; give offsets, then width and height",
                        w[0], w[1], w[2], w[3]);
    /* Where other dates reach further, so may the window. */
    if (w[0] < all.x || w[1] < all.y || w[0] + w[2] > all.x + all.width || w[1] + w[3] > all.y + all.height)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-srcwin %g %g %g %g: %s has %dx%d pixels", w[0], w[1], w[2], w[3],
                        reference->name, reference->grid->width, reference->grid->height);
    const double f = reference->factor;
    *out = (clv_crop){true, reference->x + w[0] / f, reference->y + w[1] / f, reference->x + (w[0] + w[2]) / f,
                      reference->y + (w[1] + w[3]) / f};
    return CLV_OK;
}

/* The one crop that is wanted; more than one, a CRS without its box, an empty box: errors. */
static clv_status read_box(clv_context *ctx, const clv_input_options *o, box *b)
{
    if ((o->te != NULL) + (o->projwin != NULL) + (o->srcwin != NULL) > 1)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-te, -projwin and -srcwin exclude each other; give one");
    if (o->te_srs && !o->te)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-te_srs: says in which CRS -te is; give -te xmin ymin xmax ymax too");
    if (o->projwin_srs && !o->projwin)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "-projwin_srs: says in which CRS -projwin is; give -projwin ulx uly lrx lry too");
    const double *v = o->te ? o->te : o->projwin;
    if (!v)
        return CLV_OK;
    if (o->te)
        *b = (box){"-te", v[0], v[1], v[2], v[3], o->te_srs};
    else
        *b = (box){"-projwin", v[0], v[3], v[2], v[1], o->projwin_srs};
    if (b->x0 < b->x1 && b->y0 < b->y1)
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s %.12g %.12g %.12g %.12g: is empty; the order is %s", b->option, v[0],
                    v[1], v[2], v[3], o->te ? "xmin ymin xmax ymax" : "ulx uly lrx lry (left, top, right, bottom)");
}

clv_status clv_crop_of(clv_context *ctx, const clv_input_options *options, const clv_crop_reference *reference,
                       const clv_grid *working, clv_crop *out)
{
    const char *name = reference->name;
    box b = {0};
    *out = (clv_crop){false, 0, 0, working->width, working->height};
    clv_status status = read_box(ctx, options, &b);
    if (status != CLV_OK || (!b.option && !options->srcwin))
        return status;
    status = b.option ? box_pixels(ctx, name, reference->grid, working, &b, out)
                      : window_pixels(ctx, reference, working, options->srcwin, out);
    if (status != CLV_OK)
        return status;
    out->wanted = true;
    if (b.option && !(out->x0 < working->width && out->x1 > 0 && out->y0 < working->height && out->y1 > 0))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: lies outside of %s", b.option, name);
    if (b.option && (out->x0 < -EPSILON || out->y0 < -EPSILON || out->x1 > working->width + EPSILON ||
                     out->y1 > working->height + EPSILON))
        clv_warn(ctx, "%s: reaches beyond %s; the outputs end where it ends", b.option, name);
    out->x0 = fmax(0, out->x0);
    out->y0 = fmax(0, out->y0);
    out->x1 = fmin(working->width, out->x1);
    out->y1 = fmin(working->height, out->y1);
    return CLV_OK;
}

static void span(double from, double to, int length, int *start, int *size)
{
    double a = floor(from + EPSILON), b = ceil(to - EPSILON);
    a = fmin(fmax(a, 0), length);
    b = fmin(fmax(b, 0), length);
    *start = (int)a;
    *size = b > a ? (int)(b - a) : 0;
}

clv_rect clv_crop_pixels(const clv_crop *crop, int xoff, int yoff, int factor, int width, int height)
{
    clv_rect r;
    span(xoff + crop->x0 * factor, xoff + crop->x1 * factor, width, &r.x, &r.width);
    span(yoff + crop->y0 * factor, yoff + crop->y1 * factor, height, &r.y, &r.height);
    return r.width > 0 && r.height > 0 ? r : (clv_rect){0, 0, 0, 0};
}

clv_rect clv_crop_mapped(const clv_crop *crop, const clv_grid *from, const clv_grid *to)
{
    double x[4 * EDGE], y[4 * EDGE];
    int ok[4 * EDGE];
    for (int i = 0; i < EDGE; i++) {
        double u = i / (EDGE - 1.0), px = crop->x0 + u * (crop->x1 - crop->x0),
               py = crop->y0 + u * (crop->y1 - crop->y0);
        const double xs[4] = {px, px, crop->x0, crop->x1}, ys[4] = {crop->y0, crop->y1, py, py};
        memcpy(x + (size_t)4 * (size_t)i, xs, sizeof xs);
        memcpy(y + (size_t)4 * (size_t)i, ys, sizeof ys);
    }
    clv_crop hull = {true, INFINITY, INFINITY, -INFINITY, -INFINITY};
    if (!clv_grid_map_pixels(from, to, 4 * EDGE, x, y, ok))
        return (clv_rect){0, 0, 0, 0};
    for (int i = 0; i < 4 * EDGE; i++) {
        if (!ok[i])
            continue;
        hull.x0 = fmin(hull.x0, x[i]);
        hull.x1 = fmax(hull.x1, x[i]);
        hull.y0 = fmin(hull.y0, y[i]);
        hull.y1 = fmax(hull.y1, y[i]);
    }
    return hull.x0 <= hull.x1 ? clv_crop_pixels(&hull, 0, 0, 1, to->width, to->height) : (clv_rect){0, 0, 0, 0};
}
