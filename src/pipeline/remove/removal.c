/* SPDX-License-Identifier: MIT */
#include "pipeline/remove/removal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "gapfill/methods.h"
#include "output/cube_copy.h"
#include "pipeline/flags.h"
#include "pipeline/products.h"
#include "pipeline/provenance.h"
#include "pipeline/report.h"

#define MIN_DATES 2

static clv_status check_options(clv_context *ctx, const clv_remove_options *o)
{
    clv_status status = clv_check_settings(ctx, &o->detect, &o->output);
    if (status != CLV_OK)
        return status;
    if (o->window < 2 || o->window > 64)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-window %d: must be 2 to 64 dates", o->window);
    if (o->model && o->method != CLV_METHOD_CLEAR && o->method != CLV_METHOD_AUTO)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-model: -method %s uses no weights; leave out one of them",
                        clv_method_name(o->method));
    return CLV_OK;
}

/* ---- Outputs ------------------------------------------------------------------------------------- */

/* Names are given out before any work is done, so that an output that exists is said at once. */
static clv_status name_outputs(clv_removal *r)
{
    size_t dates = (size_t)r->series->dates;
    const clv_remove_options *o = r->options;
    r->outputs = calloc(dates, sizeof *r->outputs);
    r->masks = o->masks ? calloc(dates, sizeof *r->masks) : NULL;
    r->quality = o->quality ? calloc(dates, sizeof *r->quality) : NULL;
    r->names = calloc(dates, sizeof *r->names);
    if (!r->outputs || !r->names || (o->masks && !r->masks) || (o->quality && !r->quality))
        return clv_fail_memory(r->ctx);
    clv_status status = CLV_OK;
    for (int t = 0; t < r->series->dates && status == CLV_OK; t++) {
        const char *stem = r->series->acquisitions[t].stem;
        if (!clv_acquisition_shown(&r->series->acquisitions[t]))
            continue;
        if (!o->stack || t == 0)
            status = clv_outputs_name(r->set, r->series, o->stack ? "series" : stem, "", &r->names[t].image);
        if (status == CLV_OK && o->masks)
            status = clv_outputs_name(r->set, r->series, stem, "_mask", &r->names[t].mask);
        if (status == CLV_OK && o->quality)
            status = clv_outputs_name(r->set, r->series, stem, "_quality", &r->names[t].quality);
    }
    r->preview_index = clv_outputs_count(r->set);
    if (status == CLV_OK && o->preview)
        status = clv_preview_new(r->set, o->preview, r->series, &r->preview);
    return status;
}

static clv_status open_product(clv_removal *r, int t, clv_product product, const char *path, clv_writer **writer,
                               int *index)
{
    *index = clv_outputs_count(r->set);
    return clv_product_create(r->set, r->series, t, product, path, writer);
}

static clv_status open_image(clv_removal *r, int t)
{
    clv_date_names *n = &r->names[t];
    if (r->options->stack && t > 0) {
        r->outputs[t] = r->outputs[0];
        n->image_index = r->names[0].image_index;
        return CLV_OK;
    }
    n->image_index = clv_outputs_count(r->set);
    return r->options->stack ? clv_writer_create_stack(r->set, n->image, r->series, &r->outputs[t])
                             : clv_writer_create_like(r->set, n->image, r->series, t, &r->outputs[t]);
}

static clv_status tag_outputs(clv_removal *r)
{
    clv_status status = clv_outputs_tag(r->set, "CLEARVISION_METHOD", clv_method_name(r->method));
    if (status == CLV_OK && r->model_sha256[0])
        status = clv_outputs_tag(r->set, "CLEARVISION_MODEL_SHA256", r->model_sha256);
    const clv_remove_options *o = r->options;
    if (status == CLV_OK)
        status = clv_provenance_tag(r->ctx, r->set,
                                    clv_provenance_options(&o->input, &o->detect, &o->compute, r->output, o));
    if (status == CLV_OK) /* a view knows them by now; others after stage 1 */
        status = clv_provenance_tag_detector(r->set, &r->stage1);
    char *dates = clv_alloc_array((size_t)r->series->dates, 12, 1);
    if (!dates)
        return clv_fail_memory(r->ctx);
    for (int t = 0; t < r->series->dates; t++) {
        char date[32];
        clv_date_format(&r->series->acquisitions[t].facts.date, date);
        sprintf(dates + strlen(dates), "%s%.10s", t ? "," : "", date);
    }
    if (status == CLV_OK)
        status = clv_outputs_tag(r->set, "CLEARVISION_DATES", dates);
    free(dates);
    return status;
}

clv_status clv_removal_create_outputs(clv_removal *r)
{
    clv_status status = tag_outputs(r);
    for (int t = 0; t < r->series->dates && status == CLV_OK; t++) {
        clv_date_names *n = &r->names[t];
        n->image_index = n->mask_index = n->quality_index = -1;
        if (!clv_acquisition_shown(&r->series->acquisitions[t]))
            continue;
        status = open_image(r, t);
        if (status == CLV_OK && r->masks)
            status = open_product(r, t, CLV_PRODUCT_MASK, n->mask, &r->masks[t], &n->mask_index);
        if (status == CLV_OK && r->quality)
            status = open_product(r, t, CLV_PRODUCT_QUALITY, n->quality, &r->quality[t], &n->quality_index);
    }
    return status;
}

static clv_status choose_method(clv_removal *r)
{
    r->method = r->options->method;
    if ((unsigned)r->method >= CLV_METHODS)
        return clv_fail(r->ctx, CLV_ERROR_ARGUMENT, "-method %d: there is no such method", (int)r->method);
    /* It needs no weights, and no network shipped so far does better; a model that is named is used. */
    if (r->method == CLV_METHOD_AUTO)
        r->method = r->options->model ? CLV_METHOD_CLEAR : CLV_METHOD_GAUSSIAN;
    if (r->series->dates < MIN_DATES)
        return clv_fail(r->ctx, CLV_ERROR_ARGUMENT,
                        "%s: only one date; give at least %d dates of the same area (5 to 10 are best)",
                        r->series->acquisitions[0].source, MIN_DATES);
    if (r->series->dates < 5)
        clv_warn(r->ctx, "only %d dates: 5 to 10 give better results", r->series->dates);
    return CLV_OK;
}

clv_status clv_removal_open_series(clv_removal *r, const char *const *inputs, int count)
{
    clv_status status = check_options(r->ctx, r->options);
    if (status == CLV_OK)
        status = clv_open_to_write(r->ctx, inputs, count, &r->options->input, &r->options->output, &r->options->detect,
                                   r->options->stack || r->view ? CLV_EXTENT_REFERENCE : CLV_EXTENT_ALL, &r->series);
    return status == CLV_OK ? choose_method(r) : status;
}

/* Pictures; where nothing says that -o is a file, what lies beside them counts too. */
static int count_outputs(const clv_removal *r)
{
    const clv_remove_options *o = r->options;
    int shown = 0;
    for (int t = 0; t < r->series->dates; t++)
        shown += clv_acquisition_shown(&r->series->acquisitions[t]);
    return (o->stack ? 1 : shown) + (r->output->format ? 0 : (o->masks ? shown : 0) + (o->quality ? shown : 0));
}

clv_status clv_removal_open_outputs(clv_removal *r)
{
    const clv_remove_options *o = r->options;
    const char *const models[] = {o->model, o->detect.model};
    for (int i = 0; i < 2; i++) /* read later; files, not names of models */
        if (models[i] && strstr(models[i], ".safetensors"))
            clv_input_files_add(r->ctx, models[i]);
    clv_status status = clv_outputs_new_for(r->ctx, r->output, count_outputs(r), &r->set);
    if (status == CLV_OK)
        status = clv_outputs_set_target_grid(r->set, r->output, &o->input);
    if (status == CLV_OK)
        status = clv_outputs_keep_cubes(r->set, r->series, o->stack);
    if (status == CLV_OK)
        status = name_outputs(r);
    if (status != CLV_OK)
        return status;
    r->stage1 = (clv_stage1){.settings = &o->detect,
                             .compute = &o->compute,
                             .user_masks = o->input.masks != NULL,
                             .user_scls = o->input.scls != NULL};
    r->stage1.dates = calloc((size_t)r->series->dates, sizeof *r->stage1.dates);
    return r->stage1.dates ? CLV_OK : clv_fail_memory(r->ctx);
}

static clv_status read_flags(void *user, int t, clv_rect rows, uint8_t *flags)
{
    const clv_removal *r = user;
    return clv_flags_read(r->ctx, r->flags, &r->series->grid, t, &r->options->detect, rows, flags);
}

clv_status clv_removal_prepare(clv_removal *r)
{
    const clv_remove_options *o = r->options;
    const clv_stage2_setup setup = {.method = r->method,
                                    .model = o->model,
                                    .compute = &o->compute,
                                    .window = o->window,
                                    .full = o->full,
                                    .keep_nodata = o->keep_nodata,
                                    .deviation = o->quality,
                                    .flags = read_flags,
                                    .user = r};
    const clv_stack_reader stack = clv_series_stack_reader(r->series);
    clv_status status = clv_stage2_new(r->ctx, &stack, &setup, &r->stage2, r->model_sha256);
    if (status == CLV_OK)
        status = clv_scratch_new(r->set, &r->series->grid, GDT_Byte, r->series->dates, &r->flags);
    r->stage1.flags = r->flags;
    return status;
}

clv_status clv_removal_compose(clv_removal *r)
{
    const clv_remove_options *o = r->options;
    clv_compose_setup compose = {o->full, o->keep_nodata, r->outputs, r->masks, r->quality, r->preview, r->pictures};
    return clv_compose_new(r->ctx, r->set, r->series, &compose, &r->compose);
}

clv_status clv_removal_rows(clv_removal *r, const clv_panel *panel, int y0, int y1, double done, double share)
{
    const clv_grid *grid = &r->series->grid;
    const clv_window_grid windows = clv_stage2_windows(r->method);
    int first, last, written = y0;
    /* Enlarging a row looks at the rows above and below it. */
    clv_window_range(grid->height, windows.size, windows.stride, y0 > 0 ? y0 - 1 : 0, y1 < grid->height ? y1 + 1 : y1,
                     &first, &last);
    clv_status status = clv_stage2_begin_panel(r->stage2, panel, first);
    if (status == CLV_OK)
        status = clv_compose_begin_panel(r->compose, panel, y0, r->stage2);
    for (int row = first; row <= last && status == CLV_OK; row++) {
        int ready;
        status = clv_stage2_row(r->stage2, row, &ready);
        /* The last final row waits: enlarging it looks at the row below. */
        int final = ready == grid->height ? ready : ready - 1, end = final < y1 ? final : y1;
        if (status == CLV_OK && end > written) {
            status = clv_compose_rows(r->compose, written, end);
            written = end;
        }
        clv_stage2_release(r->stage2, final > 0 ? final - 1 : 0);
        if (status == CLV_OK)
            status = clv_progress(r->ctx, done + share * (row + 1 - first) / (last + 1 - first));
    }
    clv_status ended = clv_compose_end_panel(r->compose, status == CLV_OK);
    status = status == CLV_OK ? ended : status;
    clv_stage2_end_panel(r->stage2);
    return status;
}

void clv_removal_clear(clv_removal *r)
{
    clv_stage2_free(r->stage2);
    clv_compose_free(r->compose);
    clv_preview_free(r->preview);
    clv_scratch_free(r->flags);
    clv_outputs_free(r->set);
    free(r->outputs);
    for (int t = 0; r->names && t < r->series->dates; t++) {
        free(r->names[t].image);
        free(r->names[t].mask);
        free(r->names[t].quality);
    }
    free(r->names);
    free(r->masks);
    free(r->quality);
    free(r->stage1.dates);
    clv_series_free(r->series);
}
