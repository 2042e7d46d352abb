/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "pipeline/compose.h"
#include "pipeline/products.h"
#include "pipeline/report.h"
#include "pipeline/stage1.h"
#include "pipeline/stage2.h"

#define MIN_DATES 2

/* Paths of one date's outputs and their places in the set. */
typedef struct date_names {
    char *image, *mask, *quality;
    int image_index, mask_index, quality_index;
} date_names;

typedef struct remove_run {
    clv_context *ctx;
    clv_series *series;
    const clv_remove_options *options;
    clv_method method;
    clv_outputs *set;
    clv_writer **outputs, **masks, **quality; /* [dates]; masks and quality NULL when not wanted */
    date_names *names;                        /* [dates] */
    clv_preview *preview;
    int preview_index;
    clv_scratch *flags;
    clv_stage1 stage1;
    clv_compose *compose;
    char model_sha256[65];
} remove_run;

static const char *method_name(clv_method method)
{
    static const char *const names[] = {"auto", "clear", "regression", "linear"};
    return names[method];
}

static clv_status check_options(clv_context *ctx, const clv_remove_options *o)
{
    clv_status status = clv_check_settings(ctx, &o->detect, &o->output);
    if (status != CLV_OK)
        return status;
    if (o->window < 2 || o->window > 64)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-window %d: must be 2 to 64 dates", o->window);
    if (o->model && o->method != CLV_METHOD_CLEAR && o->method != CLV_METHOD_AUTO)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-model: -method %s uses no weights; leave out one of them",
                        method_name(o->method));
    return CLV_OK;
}

/* ---- Outputs ------------------------------------------------------------------------------------- */

/* Names are given out before any work is done, so that an output that exists is said at once. */
static clv_status name_outputs(remove_run *r)
{
    size_t dates = (size_t)r->series->dates;
    const clv_remove_options *o = r->options;
    r->outputs = calloc(dates, sizeof *r->outputs);
    r->masks = o->masks ? calloc(dates, sizeof *r->masks) : NULL;
    r->quality = o->quality ? calloc(dates, sizeof *r->quality) : NULL;
    r->names = calloc(dates, sizeof *r->names);
    if (!r->outputs || !r->names || (o->masks && !r->masks) || (o->quality && !r->quality))
        return clv_fail(r->ctx, CLV_ERROR_MEMORY, "out of memory");
    clv_status status = CLV_OK;
    for (int t = 0; t < r->series->dates && status == CLV_OK; t++) {
        const char *stem = r->series->acquisitions[t].stem;
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

static clv_status open_product(remove_run *r, int t, clv_product product, const char *path, clv_writer **writer,
                               int *index)
{
    *index = clv_outputs_count(r->set);
    return clv_product_create(r->set, r->series, t, product, path, writer);
}

static clv_status open_image(remove_run *r, int t)
{
    date_names *n = &r->names[t];
    if (r->options->stack && t > 0) {
        r->outputs[t] = r->outputs[0];
        n->image_index = r->names[0].image_index;
        return CLV_OK;
    }
    n->image_index = clv_outputs_count(r->set);
    return r->options->stack ? clv_writer_create_stack(r->set, n->image, r->series, &r->outputs[t])
                             : clv_writer_create_like(r->set, n->image, r->series, t, &r->outputs[t]);
}

static clv_status tag_outputs(remove_run *r)
{
    clv_status status = clv_outputs_tag(r->set, "CLEARVISION_METHOD", method_name(r->method));
    if (status == CLV_OK && r->model_sha256[0])
        status = clv_outputs_tag(r->set, "CLEARVISION_MODEL_SHA256", r->model_sha256);
    if (status == CLV_OK && r->stage1.used_network)
        status = clv_outputs_tag(r->set, "CLEARVISION_DETECT_SHA256", r->stage1.model_sha256);
    char *dates = clv_alloc_array((size_t)r->series->dates, 12, 1);
    if (!dates)
        return clv_fail(r->ctx, CLV_ERROR_MEMORY, "out of memory");
    for (int t = 0; t < r->series->dates; t++) {
        char date[32];
        clv_date_format(&r->series->acquisitions[t].date, date);
        sprintf(dates + strlen(dates), "%s%.10s", t ? "," : "", date);
    }
    if (status == CLV_OK)
        status = clv_outputs_tag(r->set, "CLEARVISION_DATES", dates);
    free(dates);
    return status;
}

static clv_status open_outputs(remove_run *r)
{
    clv_status status = tag_outputs(r);
    for (int t = 0; t < r->series->dates && status == CLV_OK; t++) {
        date_names *n = &r->names[t];
        status = open_image(r, t);
        if (status == CLV_OK && r->masks)
            status = open_product(r, t, CLV_PRODUCT_MASK, n->mask, &r->masks[t], &n->mask_index);
        if (status == CLV_OK && r->quality)
            status = open_product(r, t, CLV_PRODUCT_QUALITY, n->quality, &r->quality[t], &n->quality_index);
    }
    return status;
}

/* ---- The scene ----------------------------------------------------------------------------------- */

static clv_status run_panel(remove_run *r, clv_stage2 *stage, const clv_panel *panel, double done, double share)
{
    const clv_grid *grid = &r->series->grid;
    int rows = clv_window_count(grid->height, CLV_WINDOW_SIZE, CLV_WINDOW_STRIDE), written = 0;
    clv_status status = clv_stage2_begin_panel(stage, panel);
    if (status == CLV_OK)
        status = clv_compose_begin_panel(r->compose, panel, stage);
    for (int row = 0; row < rows && status == CLV_OK; row++) {
        int ready;
        status = clv_stage2_row(stage, r->flags, &r->options->detect, row, &ready);
        /* The last final row waits: enlarging it looks at the row below. */
        int end = ready == grid->height ? ready : ready - 1;
        if (status == CLV_OK && end > written)
            status = clv_compose_rows(r->compose, written, end);
        written = end;
        clv_stage2_release(stage, written > 0 ? written - 1 : 0);
        if (status == CLV_OK)
            status = clv_progress(r->ctx, done + share * (row + 1) / rows);
    }
    if (status == CLV_OK)
        status = clv_compose_end_panel(r->compose);
    clv_stage2_end_panel(stage);
    return status;
}

static double bytes_per_column(const clv_series *series)
{
    double sinks = 0;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        double f = a->warped ? 1 : a->factor, rows = 256 + (CLV_WINDOW_SIZE + 2) * f;
        for (int c = 0; c < series->channels; c++)
            sinks += rows * f * (double)clv_pixel_size(a->bands[c].type);
    }
    return clv_stage2_bytes_per_column(series) + sinks;
}

static clv_status fill_scene(remove_run *r, clv_stage2 *stage)
{
    clv_panel *panels = NULL;
    int count = clv_panels_plan(r->series->grid.width, CLV_CONTEXT, 1, bytes_per_column(r->series),
                                clv_memory_budget(&r->options->compute), &panels);
    if (count == 0)
        return clv_fail(r->ctx, CLV_ERROR_MEMORY, "out of memory");
    clv_status status = CLV_OK;
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = run_panel(r, stage, &panels[i], (double)i / count, 1.0 / count);
    free(panels);
    return status == CLV_OK ? clv_compose_warped(r->compose) : status;
}

static clv_status find_clouds(remove_run *r)
{
    r->stage1 = (clv_stage1){.settings = &r->options->detect,
                             .compute = &r->options->compute,
                             .user_masks = r->options->input.masks != NULL};
    r->stage1.dates = calloc((size_t)r->series->dates, sizeof *r->stage1.dates);
    if (!r->stage1.dates)
        return clv_fail(r->ctx, CLV_ERROR_MEMORY, "out of memory");
    clv_status status = clv_scratch_new(r->set, &r->series->grid, GDT_Byte, r->series->dates, &r->flags);
    r->stage1.flags = r->flags;
    return status == CLV_OK ? clv_stage1_run(r->ctx, r->series, &r->stage1) : status;
}

/* ---- Report -------------------------------------------------------------------------------------- */

static void report_path(clv_json_writer *w, const remove_run *r, const char *key, bool wanted, int index)
{
    if (!wanted)
        return;
    clv_jw_key(w, key);
    clv_jw_string(w, clv_outputs_path(r->set, index));
}

static char *report(const remove_run *r)
{
    const clv_compose_date *counts = clv_compose_counts(r->compose);
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "method");
    clv_jw_string(&w, method_name(r->method));
    clv_jw_key(&w, "model_sha256");
    clv_jw_string(&w, r->model_sha256[0] ? r->model_sha256 : NULL);
    clv_report_stage1(&w, &r->stage1, &r->options->detect);
    clv_jw_key(&w, "dates");
    clv_jw_array(&w);
    for (int t = 0; t < r->series->dates; t++) {
        double pixels = counts[t].pixels > 0 ? counts[t].pixels : 1;
        clv_jw_object(&w);
        clv_report_date(&w, r->series, t, &r->stage1.dates[t]);
        clv_jw_key(&w, "filled");
        clv_jw_number(&w, counts[t].filled / pixels);
        clv_jw_key(&w, "never_observed");
        clv_jw_number(&w, counts[t].never / pixels);
        report_path(&w, r, "output", true, r->names[t].image_index);
        report_path(&w, r, "mask", r->options->masks, r->names[t].mask_index);
        report_path(&w, r, "quality", r->options->quality, r->names[t].quality_index);
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    report_path(&w, r, "preview", r->preview != NULL, r->preview_index);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

static clv_status choose_method(remove_run *r)
{
    r->method = r->options->method;
    /* The regression needs no weights and beats every network shipped so far; a model that is named is used. */
    if (r->method == CLV_METHOD_AUTO)
        r->method = r->options->model ? CLV_METHOD_CLEAR : CLV_METHOD_REGRESSION;
    if (r->series->dates < MIN_DATES)
        return clv_fail(r->ctx, CLV_ERROR_ARGUMENT,
                        "%s: only one date; give at least %d dates of the same area (5 to 10 are best)",
                        r->series->acquisitions[0].source, MIN_DATES);
    if (r->series->dates < 5)
        clv_warn(r->ctx, "only %d dates: 5 to 10 give better results", r->series->dates);
    return CLV_OK;
}

clv_status clv_remove(clv_context *ctx, const char *const *inputs, int count, const clv_remove_options *options,
                      char **json)
{
    remove_run r = {.ctx = ctx, .options = options};
    clv_stage2 *stage = NULL;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = check_options(ctx, options);
    if (status == CLV_OK)
        status = clv_series_open(ctx, inputs, count, &options->input, &r.series);
    if (status == CLV_OK)
        status = choose_method(&r);
    if (status == CLV_OK)
        status = clv_outputs_new(ctx, &options->output, &r.set);
    if (status == CLV_OK)
        status = name_outputs(&r);
    if (status != CLV_OK)
        goto cleanup;
    clv_report_series(ctx, r.series);
    clv_stage2_setup setup = {r.method,        options->model, &options->compute,
                              options->window, options->full,  options->keep_nodata};
    clv_progress_phase(ctx, 0, 0.3);
    if ((status = clv_stage2_new(ctx, r.series, &setup, &stage, r.model_sha256)) != CLV_OK ||
        (status = find_clouds(&r)) != CLV_OK)
        goto cleanup;
    clv_report_clouds(ctx, r.series, &r.stage1);
    if ((status = open_outputs(&r)) != CLV_OK)
        goto cleanup;
    clv_compose_setup compose = {options->full, options->keep_nodata, r.outputs, r.masks, r.quality, r.preview};
    clv_progress_phase(ctx, 0.3, 0.95);
    if ((status = clv_compose_new(ctx, r.set, r.series, &compose, &r.compose)) != CLV_OK ||
        (status = fill_scene(&r, stage)) != CLV_OK || (r.preview && (status = clv_preview_finish(r.preview)) != CLV_OK))
        goto cleanup;
    clv_progress_phase(ctx, 0.95, 1);
    if ((status = clv_outputs_publish(r.set)) != CLV_OK)
        goto cleanup;
    clv_progress(ctx, 1);
    if (json)
        *json = report(&r);

cleanup:
    clv_stage2_free(stage);
    clv_compose_free(r.compose);
    clv_preview_free(r.preview);
    clv_scratch_free(r.flags);
    clv_outputs_free(r.set);
    free(r.outputs);
    for (int t = 0; r.names && t < r.series->dates; t++) {
        free(r.names[t].image);
        free(r.names[t].mask);
        free(r.names[t].quality);
    }
    free(r.names);
    free(r.masks);
    free(r.quality);
    free(r.stage1.dates);
    clv_series_free(r.series);
    return status;
}
