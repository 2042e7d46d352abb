/* SPDX-License-Identifier: MIT
 *
 * A dataset from the files of one date.
 */
#include "series/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>

#include "base/alloc.h"
#include "products/bundle_vrt.h"
#include "series/given_scales.h"

static bool by_user(const clv_input_options *o)
{
    return !isnan(o->in_scale) || !isnan(o->in_offset);
}

/* What the metadata of the product say stands before what the joined raster alone tells. */
static void tell_scale(const clv_bundle *b, const clv_input_options *given, clv_dataset_acquisition *acquisition)
{
    const clv_input_options own = clv_given_scales_of(given, 0), *o = &own;
    if (by_user(o) || acquisition->channels < 1)
        return;
    acquisition->claimed_offset = b->claimed;
    if (!b->scale_from[0])
        return;
    const clv_band *red = &acquisition->bands[0];
    if (fabs(red->scale * b->quantification - 1) > 1e-6)
        return; /* the files themselves said something else */
    double dn = floor(red->offset / red->scale + 0.5);
    CPLsnprintf(acquisition->facts.scale_how, sizeof acquisition->facts.scale_how, "1/%g, offset %g DN (%s)",
                b->quantification, dn == 0 ? 0.0 : dn, b->scale_from);
    acquisition->by_tags = false; /* the tags are those of the VRT that joins the files */
    acquisition->facts.scale_told = true;
    acquisition->facts.scale_sure = b->sure;
    if (b->sure)
        acquisition->scale_warn[0] = 0; /* the product knows; very dark ground is no evidence against it */
    else if (b->applied)
        acquisition->scale_of_type = true; /* items have been wrong about that: the series' values are looked at */
}

static void tell_date(const clv_bundle *b, clv_dataset_acquisition *acquisition)
{
    if (!b->facts.has_date)
        return;
    acquisition->facts.date = b->facts.date;
    acquisition->facts.has_date = true;
    acquisition->date_of_folder = acquisition->date_of_tag = false;
    acquisition->written.kind = CLV_WRITTEN_NONE;
    acquisition->doubtful[0] = 0;
    memcpy(acquisition->facts.date_how, b->facts.date_how, sizeof acquisition->facts.date_how);
}

static clv_status tell(clv_context *ctx, const clv_bundle *b, const clv_input_options *o, clv_dataset *opened)
{
    clv_dataset_acquisition *acquisition = &opened->acquisition[0];
    for (int m = 0; m < b->facts.mask_count; m++)
        for (int f = 0; f < opened->acquisitions; f++) {
            const clv_date_mask *mask = &b->facts.masks[m];
            clv_date_facts *facts = &opened->acquisition[f].facts;
            if (!clv_date_facts_add_mask(facts, mask->name, mask->kind, mask->band, mask->how))
                return clv_fail_memory(ctx);
        }
    if (b->count == 0) { /* a raster by itself: its masks, and the time of its STAC item */
        if (opened->acquisitions == 1)
            tell_date(b, acquisition);
        return CLV_OK;
    }
    for (int f = 0; f < opened->acquisitions; f++) {
        char how[sizeof opened->acquisition[f].facts.bands_how];
        memcpy(how, opened->acquisition[f].facts.bands_how, sizeof how);
        snprintf(opened->acquisition[f].facts.bands_how, sizeof opened->acquisition[f].facts.bands_how, "%s%s%s%s%.90s",
                 b->files_how, b->variant[0] ? ", " : "", b->variant,
                 b->mosaic        ? ": "
                 : b->left_out[0] ? "; "
                                  : "",
                 b->mosaic ? how : b->left_out);
    }
    if (b->mosaic)
        return CLV_OK;
    tell_scale(b, o, acquisition);
    tell_date(b, acquisition);
    return CLV_OK;
}

/* Every date of the dataset is opened through the VRT. */
static clv_status keep_vrt(clv_context *ctx, const clv_bundle *b, const char *vrt, clv_dataset *opened)
{
    for (int f = 0; f < opened->acquisitions; f++) {
        clv_date_facts *facts = &opened->acquisition[f].facts;
        facts->overview = CLV_OVERVIEW_NONE;
        facts->packed = b->facts.packed;
        int each = opened->dataset && b->xcube ? GDALGetRasterCount(opened->dataset) / opened->acquisitions : 0;
        /* The first one's describes all of them, for an output with all dates. */
        facts->vrt = f > 0 && each > 0
                         ? clv_vrt_thin(vrt, (opened->acquisition[f].bands[0].index - 1) / each * each + 1, each)
                         : clv_strdup(vrt);
        if (!facts->vrt)
            return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    }
    return CLV_OK;
}

static clv_status open_joined(clv_context *ctx, clv_bundle *b, const clv_input_options *o, int wanted, clv_dataset *out)
{
    char *vrt = NULL;
    *out = (clv_dataset){0};
    GDALAllRegister();
    out->source = clv_strdup(b->label);
    out->stem = clv_strdup(b->stem);
    clv_status status = out->source && out->stem ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK && b->undated > 1 && wanted != b->undated)
        status =
            clv_fail(ctx, CLV_ERROR_ARGUMENT,
                     "%s: does not tell when its %d dates were taken; give -date YYYY-MM-DD %d times, in its order",
                     b->label, b->undated, b->undated);
    if (status == CLV_OK)
        status = clv_bundle_join(ctx, b, o->tr > 0 ? o->tr : 0, &vrt);
    if (status == CLV_OK)
        status = clv_bundle_open(ctx, vrt, b->label, &out->dataset);
    if (status == CLV_OK)
        status = clv_dataset_describe(ctx, o, wanted, out);
    if (status == CLV_OK)
        status = keep_vrt(ctx, b, vrt, out);
    if (status == CLV_OK && b->has_place && out->grid.has_transform && b->placed)
        snprintf(out->grid_note, sizeof out->grid_note, "%s", b->place_from);
    free(vrt);
    return status;
}

clv_status clv_dataset_open_bundle(clv_context *ctx, clv_bundle *bundle, const clv_open_options *how,
                                   const clv_input_options *options, int wanted_dates, clv_dataset *out)
{
    *out = (clv_dataset){0};
    if (bundle->count > 0 && how && how->overview >= 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "%s: is read from several files, whose overviews need not agree; give -tr "
                        "instead of -ovr",
                        bundle->label);
    clv_status status = bundle->count == 0 ? clv_dataset_open(ctx, bundle->label, how, options, wanted_dates, out)
                                           : open_joined(ctx, bundle, options, wanted_dates, out);
    if (status == CLV_OK)
        status = tell(ctx, bundle, options, out);
    if (status != CLV_OK)
        clv_dataset_clear(out);
    return status;
}
