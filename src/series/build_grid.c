/* SPDX-License-Identifier: MIT
 *
 * Building a series: the working grid, how the dates lie on it, what it covers, the crop.
 */
#include "series/build_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "raster/open_options.h"
#include "raster/regrid.h"

/* ---- Grids ------------------------------------------------------------------------------------- */

static const char *reference_name(const clv_series_build *b)
{
    return b->options->ref ? b->options->ref : b->datasets[0].source;
}

clv_status clv_build_choose_grid(clv_series_build *b)
{
    clv_status status;
    struct clv_series_private *p = b->series->private_data;
    if (!b->options->ref) {
        if (clv_grid_copy(&b->datasets[0].grid, &b->reference) != CLV_OK)
            return clv_fail_memory(b->ctx);
        return clv_working_grid(b->ctx, reference_name(b), &b->reference, b->options->tr, &b->series->grid);
    }
    GDALDatasetH ds;
    clv_open_options how = p->open_options;
    how.overview = CLV_OVERVIEW_NONE;
    status = clv_raster_open(b->ctx, b->options->ref, &how, &ds);
    if (status != CLV_OK)
        return status;
    status = clv_grid_of_dataset(b->ctx, ds, &b->reference);
    GDALClose(ds);
    if (status == CLV_OK)
        status = clv_working_grid(b->ctx, b->options->ref, &b->reference, b->options->tr, &b->series->grid);
    p->reference = clv_strdup(b->options->ref);
    if (status == CLV_OK && !p->reference)
        status = clv_fail_memory(b->ctx);
    return status;
}

/* Pixels of the reference in a pixel of the working grid. */
static int reference_factor(const clv_series_build *b)
{
    double ratio = b->reference.pixel_m > 0 ? b->series->grid.pixel_m / b->reference.pixel_m : 1;
    return ratio > 1 ? (int)floor(ratio + 0.5) : 1;
}

static const clv_grid *grid_of(const clv_series_build *b, int d)
{
    return &b->datasets[b->dates[d].input].grid;
}

static clv_status cannot_fit(clv_series_build *b, int d)
{
    const clv_grid *native = grid_of(b, d), *working = &b->series->grid;
    const char *reference = reference_name(b);
    if (native->has_transform != working->has_transform)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "%s has %s georeference while %s has %s; give all inputs one (gdal_translate -a_srs -a_ullr) "
                        "or none",
                        clv_build_source(b, d), native->has_transform ? "a" : "no", reference,
                        native->has_transform ? "none" : "one");
    if (!native->has_transform)
        return clv_fail(
            b->ctx, CLV_ERROR_ARGUMENT, "%s has %dx%d pixels, %s %dx%d: without georeference all must have one size",
            clv_build_source(b, d), native->width, native->height, reference, working->width, working->height);
    if (!native->wkt != !working->wkt)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "%s: its CRS is not known; set it: gdal_edit.py -a_srs",
                        native->wkt ? reference : clv_build_source(b, d));
    return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "%s does not overlap %s; leave it out, or choose the extent with -ref",
                    clv_build_source(b, d), reference);
}

static bool touches(const clv_grid *native, const clv_grid *working, const clv_acquisition *a)
{
    clv_rect there =
        clv_rect_intersect((clv_rect){0, 0, native->width, native->height},
                           (clv_rect){a->xoff, a->yoff, working->width * a->factor, working->height * a->factor});
    return there.width > 0 && there.height > 0;
}

static void say_direct(clv_acquisition *a, const clv_dataset *opened, const clv_grid *working)
{
    char averaged[64] = "";
    if (a->factor > 1)
        snprintf(averaged, sizeof averaged, ", %dx%d pixels averaged", a->factor, a->factor);
    int full_width = working->width * a->factor, full_height = working->height * a->factor;
    bool same = a->xoff == 0 && a->yoff == 0 && a->grid.width > full_width - a->factor && a->grid.width <= full_width &&
                a->grid.height > full_height - a->factor && a->grid.height <= full_height;
    if (same)
        snprintf(a->grid_how, sizeof a->grid_how, "own grid%s", averaged);
    else if (a->xoff == 0 && a->yoff == 0)
        snprintf(a->grid_how, sizeof a->grid_how, "other extent%s", averaged);
    else
        snprintf(a->grid_how, sizeof a->grid_how, "shifted by %d, %d pixels%s", -a->xoff, -a->yoff, averaged);
    if (opened->grid_note[0])
        snprintf(a->grid_how + strlen(a->grid_how), sizeof a->grid_how - strlen(a->grid_how), "; %s",
                 opened->grid_note);
}

static clv_status fit_date(clv_series_build *b, int d)
{
    clv_acquisition *a = &b->series->acquisitions[d];
    clv_date_files *f = &b->series->private_data->files[d];
    const clv_grid *native = grid_of(b, d), *working = &b->series->grid;
    if (clv_grid_copy(native, &a->grid) != CLV_OK)
        return clv_fail_memory(b->ctx);
    if (clv_grid_fits(native, working, &a->factor, &a->xoff, &a->yoff)) {
        if (!b->unites && !touches(native, working, a))
            return cannot_fit(b, d);
        say_direct(a, &b->datasets[b->dates[d].input], working);
        return CLV_OK;
    }
    if (!native->has_transform || !working->has_transform || !native->wkt != !working->wkt ||
        (!b->unites && !clv_grids_overlap(native, working)))
        return cannot_fit(b, d);
    a->warped = true;
    a->factor = 1;
    a->xoff = a->yoff = 0;
    clv_resampling_algorithm(b->options->resampling, &f->resampling);
    double relative = clv_grid_relative_pixel(native, working);
    if (relative > 0 && relative < 0.75)
        f->resampling = GRA_Average;
    char crs[80];
    clv_grid_crs_name(native, crs, sizeof crs);
    snprintf(a->grid_how, sizeof a->grid_how, "warped %s from %s%s", clv_resampling_algorithm_name(f->resampling), crs,
             clv_grid_same_crs(native, working) ? ", another pixel grid" : "");
    return CLV_OK;
}

clv_status clv_build_place_date(clv_series_build *b, int d)
{
    clv_acquisition *a = &b->series->acquisitions[d];
    clv_date_files *f = &b->series->private_data->files[d];
    const clv_grid *working = &b->series->grid;
    clv_status status = fit_date(b, d);
    if (status != CLV_OK)
        return status;
    if (clv_grid_copy(&a->grid, &f->native) != CLV_OK)
        return clv_fail_memory(b->ctx);
    f->factor = a->factor;
    f->xoff = a->xoff;
    f->yoff = a->yoff;
    f->warped = a->warped;
    bool there = !a->warped && a->factor == 1 && a->xoff == 0 && a->yoff == 0 && a->grid.width == working->width &&
                 a->grid.height == working->height;
    if (b->options->tr == 0 || there)
        return CLV_OK;
    f->regridded = true;
    a->warped = false;
    a->factor = 1;
    a->xoff = a->yoff = 0;
    clv_grid_clear(&a->grid);
    return clv_grid_copy(working, &a->grid) == CLV_OK ? CLV_OK : clv_fail_memory(b->ctx);
}

/* ---- Extent ------------------------------------------------------------------------------------ */

clv_status clv_build_choose_extent(clv_series_build *b, bool cropped)
{
    const clv_input_options *o = b->options;
    const char **sources = clv_alloc_array((size_t)b->count, 1, sizeof *sources);
    int first = 0;
    if (!sources)
        return clv_fail_memory(b->ctx);
    for (int d = b->count - 1; d >= 0; d--) {
        sources[d] = clv_build_source(b, d);
        first = b->dates[d].input == 0 ? d : first;
    }
    clv_status status = clv_series_extents(b->ctx, b->series, sources, first, b->unites);
    if (status == CLV_OK && !b->unites && !cropped && b->series->grid.has_transform)
        clv_series_warn_outside(b->ctx, b->series, sources, reference_name(b),
                                o->ref       ? "; leave out -ref to work on all of them"
                                : o->tr != 0 ? "; leave out -tr to work on all of them"
                                             : "");
    free(sources);
    return status;
}

/* ---- Crop -------------------------------------------------------------------------------------- */

/* Dates of which the crop shows nothing are looked at, as without the crop, but have no output. */
static clv_status say_outside(clv_series_build *b)
{
    int shown = 0;
    for (int d = 0; d < b->count; d++) {
        bool empty = b->series->acquisitions[d].grid.width == 0;
        if (empty)
            clv_warn(b->ctx, "%s: shows nothing of the crop; it gets no output", clv_build_source(b, d));
        shown += !empty;
    }
    return shown > 0 ? CLV_OK : clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "no input shows anything of the crop");
}

/* What the run asks for, of which this series may be a piece. */
static clv_status find_asked(clv_series_build *b, const clv_crop_reference *reference, const clv_grid *whole)
{
    struct clv_series_private *p = b->series->private_data;
    double window[4];
    p->asked = (clv_rect){p->x, p->y, b->series->grid.width, b->series->grid.height};
    if (!clv_whole_window(b->ctx, window))
        return CLV_OK;
    clv_input_options options = *b->options;
    clv_crop crop;
    options.srcwin = window;
    clv_status status = clv_crop_of(b->ctx, &options, reference, whole, &crop);
    if (status == CLV_OK)
        p->asked = clv_crop_pixels(&crop, 0, 0, 1, whole->width, whole->height);
    return status;
}

clv_status clv_build_cut(clv_series_build *b)
{
    clv_crop crop;
    clv_series *s = b->series;
    const clv_crop_reference reference = {reference_name(b), &b->reference, reference_factor(b), s->first.x,
                                          s->first.y};
    clv_status status = clv_crop_of(b->ctx, b->options, &reference, &s->grid, &crop);
    if (status == CLV_OK)
        s->window = clv_crop_window(&crop, &reference, &s->grid);
    if (status == CLV_OK)
        status = clv_series_cut(b->ctx, s, &crop,
                                b->margin + (b->dilation ? clv_dilation_pixels(b->dilation, s->grid.pixel_m) : 0));
    s->window_factor = reference.factor;
    if (status == CLV_OK)
        status = find_asked(b, &reference, &s->private_data->whole);
    return status == CLV_OK && crop.wanted ? say_outside(b) : status;
}
