/* SPDX-License-Identifier: MIT
 *
 * A crop of a series: dates keep their datasets and their places on the whole working grid; only what is written, and
 * what is read around it, becomes smaller. Views and masks stay on the whole grid, so that every pixel is read exactly
 * as it would be without the crop.
 */
#include <math.h>

#include "series/series_private.h"

static clv_rect unite(clv_rect a, clv_rect b)
{
    if (a.width == 0 || b.width == 0)
        return a.width == 0 ? b : a;
    int x1 = a.x + a.width > b.x + b.width ? a.x + a.width : b.x + b.width;
    int y1 = a.y + a.height > b.y + b.height ? a.y + a.height : b.y + b.height;
    clv_rect r = {a.x < b.x ? a.x : b.x, a.y < b.y ? a.y : b.y, 0, 0};
    r.width = x1 - r.x;
    r.height = y1 - r.y;
    return r;
}

/* Pixels of a date's output (in pixels of its own raster, regridded: of the whole working grid) that touch the crop,
 * and what of the working grid they need beyond it. */
static clv_rect output_of(const clv_series *s, int t, const clv_crop *crop, clv_rect *core)
{
    const clv_date_files *f = &s->private_data->files[t];
    const clv_grid *whole = &s->private_data->whole;
    if (f->regridded)
        return clv_crop_pixels(crop, 0, 0, 1, whole->width, whole->height);
    if (!f->warped)
        return clv_crop_pixels(crop, f->xoff, f->yoff, f->factor, f->native.width, f->native.height);
    clv_rect native = clv_crop_mapped(crop, whole, &f->native);
    clv_crop back = {true, native.x, native.y, native.x + native.width, native.y + native.height};
    if (native.width > 0)
        *core = unite(*core, clv_crop_mapped(&back, &f->native, whole));
    return native;
}

/* From a multiple of the strides; one more window at the end, whose weights are those of a dataset's border. */
static void widen(int margin, int length, int *start, int *size)
{
    int from = *start - margin, to = *start + *size + margin + (margin > 0 ? CLV_WINDOW_ALIGNMENT : 0);
    from = from > 0 ? from : 0;
    if (margin > 0)
        from -= from % CLV_WINDOW_ALIGNMENT;
    if (to - from < CLV_MIN_SIDE)
        to = from + CLV_MIN_SIDE;
    if (to > length) {
        to = length;
        from = margin == 0 && to - from < CLV_MIN_SIDE ? to - CLV_MIN_SIDE : from;
        from = from > 0 ? from : 0;
    }
    *start = from;
    *size = to - from;
}

static clv_status cut_date(clv_context *ctx, clv_series *s, int t, clv_rect out)
{
    clv_acquisition *a = &s->acquisitions[t];
    clv_date_files *f = &s->private_data->files[t];
    const struct clv_series_private *p = s->private_data;
    clv_grid part;
    if (clv_grid_window(f->regridded ? &p->whole : &f->native, out, &part) != CLV_OK)
        return clv_fail_memory(ctx);
    clv_grid_clear(&a->grid);
    a->grid = part;
    a->extent.x -= p->x;
    a->extent.y -= p->y;
    f->x = out.x;
    f->y = out.y;
    if (f->warped && !f->regridded)
        return CLV_OK;
    a->xoff = (f->regridded ? 0 : f->xoff) + p->x * a->factor - out.x;
    a->yoff = (f->regridded ? 0 : f->yoff) + p->y * a->factor - out.y;
    return CLV_OK;
}

clv_status clv_series_cut(clv_context *ctx, clv_series *s, const clv_crop *crop, int margin)
{
    struct clv_series_private *p = s->private_data;
    clv_grid whole;
    clv_status status = clv_grid_copy(&s->grid, &whole);
    if (status != CLV_OK)
        return clv_fail_memory(ctx);
    clv_grid_clear(&p->whole);
    p->whole = whole;
    p->x = p->y = 0;
    s->core = (clv_rect){0, 0, whole.width, whole.height};
    if (!crop->wanted)
        return CLV_OK;
    clv_rect core = clv_crop_pixels(crop, 0, 0, 1, whole.width, whole.height);
    for (int t = 0; t < s->dates; t++)
        output_of(s, t, crop, &core);
    clv_rect read = core;
    widen(margin, whole.width, &read.x, &read.width);
    widen(margin, whole.height, &read.y, &read.height);
    p->x = read.x;
    p->y = read.y;
    s->core = (clv_rect){core.x - read.x, core.y - read.y, core.width, core.height};
    s->first.x -= read.x;
    s->first.y -= read.y;
    clv_grid_clear(&s->grid);
    if (clv_grid_window(&whole, read, &s->grid) != CLV_OK)
        return clv_fail_memory(ctx);
    for (int t = 0; t < s->dates && status == CLV_OK; t++)
        status = cut_date(ctx, s, t, output_of(s, t, crop, &core));
    return status;
}

clv_rect clv_series_source(clv_series *s, int t, GDALDatasetH dataset)
{
    const clv_date_files *f = &s->private_data->files[t];
    const clv_grid *out = &s->acquisitions[t].grid, *whole = &s->private_data->whole;
    const int width = GDALGetRasterXSize(dataset), height = GDALGetRasterYSize(dataset);
    if (!f->regridded)
        return (clv_rect){f->x, f->y, out->width, out->height};
    /* On the working grid: the same shares of the raster. */
    double sx = (double)width / whole->width, sy = (double)height / whole->height;
    clv_rect r = {(int)(f->x * sx), (int)(f->y * sy), (int)(out->width * sx), (int)(out->height * sy)};
    r.width = r.width < 1 ? 1 : r.width > width - r.x ? width - r.x : r.width;
    r.height = r.height < 1 ? 1 : r.height > height - r.y ? height - r.y : r.height;
    return r;
}

bool clv_series_steps(const clv_series *s, int t, int *x, int *y, int *step)
{
    const clv_date_files *f = &s->private_data->files[t];
    if (!f->regridded || f->warped)
        return false;
    /* Of the native pixels under an output pixel the middle one, the lower right of the two that are nearest. */
    *step = f->factor;
    *x = f->xoff + f->x * f->factor + f->factor / 2;
    *y = f->yoff + f->y * f->factor + f->factor / 2;
    return true;
}
