/* SPDX-License-Identifier: MIT
 *
 * A scene from the files of one date.
 */
#include "series/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "base/alloc.h"

static bool by_user(const clv_input_options *o)
{
    return !isnan(o->in_scale) || !isnan(o->in_offset);
}

/* What the metadata of the product say stands before what the joined raster alone tells. */
static void tell_scale(const clv_bundle *b, const clv_input_options *o, clv_frame *frame)
{
    if (by_user(o) || !b->scale_from[0] || frame->channels < 1)
        return;
    const clv_band *red = &frame->bands[0];
    if (fabs(red->scale * b->quantification - 1) > 1e-6)
        return; /* the files themselves said something else */
    double dn = floor(red->offset / red->scale + 0.5);
    CPLsnprintf(frame->scale_how, sizeof frame->scale_how, "1/%g, offset %g DN (%s)", b->quantification,
                dn == 0 ? 0.0 : dn, b->scale_from);
    if (b->sure)
        frame->scale_warn[0] = 0; /* the product knows; very dark ground is no evidence against it */
    else if (b->applied)
        frame->scale_of_type = true; /* items have been wrong about that: the series' values are looked at */
}

static void tell_date(const clv_bundle *b, clv_frame *frame)
{
    if (!b->has_date)
        return;
    frame->date = b->date;
    frame->has_date = true;
    frame->date_of_folder = false;
    snprintf(frame->date_how, sizeof frame->date_how, "%s", b->date_from);
}

static clv_status tell(clv_context *ctx, const clv_bundle *b, const clv_input_options *o, clv_scene *scene)
{
    clv_frame *frame = &scene->frame[0];
    if (b->mask) {
        scene->mask = clv_strdup(b->mask);
        if (!scene->mask)
            return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
        for (int f = 0; f < scene->frames; f++) {
            scene->frame[f].mask_kind = b->mask_kind;
            scene->frame[f].mask_band = 1;
            snprintf(scene->frame[f].mask_how, sizeof scene->frame[f].mask_how, "%s", b->mask_from);
        }
    }
    if (b->count == 0)
        return CLV_OK;
    for (int f = 0; f < scene->frames; f++) {
        char how[160];
        memcpy(how, scene->frame[f].bands_how, sizeof how);
        snprintf(scene->frame[f].bands_how, sizeof scene->frame[f].bands_how, "%s%s%.80s", b->files_how,
                 b->mosaic        ? ": "
                 : b->left_out[0] ? "; "
                                  : "",
                 b->mosaic ? how : b->left_out);
    }
    if (b->mosaic)
        return CLV_OK;
    tell_scale(b, o, frame);
    tell_date(b, frame);
    return CLV_OK;
}

static clv_status open_joined(clv_context *ctx, clv_bundle *b, const clv_input_options *o, int wanted, clv_scene *out)
{
    *out = (clv_scene){.level = CLV_OVERVIEW_NONE};
    GDALAllRegister();
    out->source = clv_strdup(b->label);
    out->stem = clv_strdup(b->stem);
    clv_status status = out->source && out->stem ? CLV_OK : clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    if (status == CLV_OK)
        status = clv_bundle_join(ctx, b, o->tr > 0 ? o->tr : 0, &out->vrt);
    if (status == CLV_OK)
        status = clv_bundle_open(ctx, out->vrt, b->label, &out->dataset);
    if (status == CLV_OK)
        status = clv_scene_describe(ctx, o, wanted, out);
    out->packed = b->packed;
    if (status == CLV_OK && b->has_place && out->grid.has_transform && b->placed)
        snprintf(out->grid_note, sizeof out->grid_note, "%s", b->place_from);
    return status;
}

clv_status clv_scene_open_bundle(clv_context *ctx, clv_bundle *bundle, const clv_open_options *how,
                                 const clv_input_options *options, int wanted_dates, clv_scene *out)
{
    *out = (clv_scene){.level = CLV_OVERVIEW_NONE};
    if (bundle->count > 0 && how && how->level >= 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "%s: is read from several files, whose overviews need not agree; give -tr "
                        "instead of -ovr",
                        bundle->label);
    clv_status status = bundle->count == 0 ? clv_scene_open(ctx, bundle->label, how, options, wanted_dates, out)
                                           : open_joined(ctx, bundle, options, wanted_dates, out);
    if (status == CLV_OK)
        status = tell(ctx, bundle, options, out);
    if (status != CLV_OK)
        clv_scene_clear(out);
    return status;
}
