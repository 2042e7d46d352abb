/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/options.h"
#include "formats/json.h"
#include "gapfill/methods.h"
#include "output/jp2_cache.h"
#include "pipeline/parts.h"
#include "pipeline/remove/removal.h"
#include "pipeline/remove/remove_page.h"
#include "pipeline/provenance.h"
#include "pipeline/report.h"
#include "pipeline/view/view_write.h"

/* ---- The scene ----------------------------------------------------------------------------------- */

static double bytes_per_column(const clv_removal *r)
{
    const clv_series *series = r->series;
    const clv_window_grid windows = clv_stage2_windows(r->method);
    double sinks = 0;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        double f = a->warped ? 1 : a->factor, rows = 256 + (windows.size + 2) * f;
        for (int c = 0; c < series->channels; c++)
            sinks += rows * f * (double)clv_pixel_size(a->bands[c].type);
    }
    return clv_stage2_bytes_per_column(r->method, series->dates, series->channels, r->options->quality) + sinks;
}

static clv_status fill_dataset(clv_removal *r)
{
    clv_panel *panels = NULL;
    int count = clv_panels_plan(r->series->grid.width, clv_stage2_windows(r->method), 1, bytes_per_column(r),
                                clv_memory_budget(&r->options->compute), &panels);
    if (count == 0)
        return clv_fail_memory(r->ctx);
    clv_status status = CLV_OK;
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = clv_removal_rows(r, &panels[i], 0, r->series->grid.height, (double)i / count, 1.0 / count);
    free(panels);
    return status == CLV_OK ? clv_compose_warped(r->compose) : status;
}

static void warn_unseen(clv_context *ctx, const char *names, int bands, double most)
{
    clv_warn(ctx,
             "no date has data of band%s %s in up to %.3g %% of the pixels: nothing is filled in %s there, and the "
             "masks and -quality call these pixels no data",
             bands > 1 ? "s" : "", names, 100 * most, bands > 1 ? "them" : "it");
}

static bool is_unseen(const clv_removal *r, int band)
{
    bool unseen = false;
    for (int t = 0; t < r->series->dates && !unseen; t++)
        unseen = clv_compose_unseen_band(r->compose, t, band);
    return unseen;
}

/* Bands that no date has at a place stay as they are. */
static void report_unseen(const clv_removal *r)
{
    const clv_compose_date *counts = clv_compose_counts(r->compose);
    char names[256] = "";
    double most = 0;
    int bands = 0;
    for (int t = 0; t < r->series->dates; t++)
        if (counts[t].pixels > 0 && counts[t].unseen / counts[t].pixels > most)
            most = counts[t].unseen / counts[t].pixels;
    for (int k = 0; k < r->series->channels; k++) {
        const size_t used = strlen(names);
        if (is_unseen(r, k))
            snprintf(names + used, sizeof names - used, "%s%s", bands++ ? ", " : "",
                     r->series->acquisitions[0].bands[k].name);
    }
    if (most > 0)
        warn_unseen(r->ctx, names, bands, most);
}

/* The same of parts, which were silent: by their joined report. */
static void report_unseen_parts(clv_context *ctx, const char *text)
{
    char error[80], names[256] = "";
    clv_json *root = clv_json_parse(text, strlen(text), error, sizeof error);
    const clv_json *list = clv_json_get(root, "bands"), *dates = clv_json_get(root, "dates");
    double most = 0;
    int bands = 0;
    for (int k = 0; k < clv_json_count(list); k++) {
        const clv_json *band = clv_json_at(list, k);
        const size_t used = strlen(names);
        if (clv_json_number(clv_json_get(band, "unseen"), 0) > 0)
            snprintf(names + used, sizeof names - used, "%s%s", bands++ ? ", " : "",
                     clv_json_string(clv_json_get(band, "name"), ""));
    }
    for (int t = 0; t < clv_json_count(dates); t++)
        most = fmax(most, clv_json_number(clv_json_get(clv_json_at(dates, t), "unseen"), 0));
    if (bands > 0)
        warn_unseen(ctx, names, bands, fmax(most, 1e-4)); /* shares of parts are rounded to that */
    clv_json_free(root);
}

static clv_status write_page(clv_removal *r, clv_remove_page *page)
{
    if (!r->options->report)
        return CLV_OK;
    size_t dates = (size_t)r->series->dates;
    clv_page_outputs *outputs = clv_alloc_array(dates, 1, sizeof *outputs);
    clv_status status = outputs ? clv_outputs_prepare(r->set) : clv_fail_memory(r->ctx);
    for (size_t t = 0; t < dates && status == CLV_OK; t++)
        outputs[t] = (clv_page_outputs){r->names[t].image_index, r->names[t].mask_index, r->names[t].quality_index};
    page->stage1 = &r->stage1;
    page->counts = clv_compose_counts(r->compose);
    page->outputs = outputs;
    page->method = clv_method_name(r->method);
    page->model_sha256 = r->model_sha256;
    if (status == CLV_OK)
        status = clv_remove_page_write(page);
    free(outputs);
    return status;
}

/* ---- Report -------------------------------------------------------------------------------------- */

static void report_path(clv_json_writer *w, const clv_removal *r, const char *key, bool wanted, int index)
{
    if (!wanted)
        return;
    clv_jw_key(w, key);
    clv_jw_string(w, clv_outputs_path(r->set, index));
}

static char *report(const clv_removal *r)
{
    const clv_compose_date *counts = clv_compose_counts(r->compose);
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "method");
    clv_jw_string(&w, clv_method_name(r->method));
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
        clv_jw_put_number(&w, "unseen", counts[t].unseen / pixels);
        report_path(&w, r, "output", true, r->names[t].image_index);
        report_path(&w, r, "mask", r->options->masks, r->names[t].mask_index);
        report_path(&w, r, "quality", r->options->quality, r->names[t].quality_index);
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    clv_jw_key(&w, "bands");
    clv_jw_array(&w);
    for (int k = 0; k < r->series->channels; k++) {
        clv_jw_object(&w);
        clv_jw_put_string(&w, "name", r->series->acquisitions[0].bands[k].name);
        clv_jw_put_number(&w, "unseen", is_unseen(r, k)); /* 1: no date has data of it somewhere */
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    report_path(&w, r, "preview", r->preview != NULL, r->preview_index);
    if (r->options->report) {
        clv_jw_key(&w, "report");
        clv_jw_string(&w, r->options->report);
    }
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

static clv_status remove_series(clv_context *ctx, const char *const *inputs, int count,
                                const clv_remove_options *options, char **json)
{
    clv_removal r = {
        .ctx = ctx, .options = options, .output = &options->output, .view = clv_view_wanted(&options->output)};
    clv_remove_page page = {.ctx = ctx, .options = options, .inputs = inputs, .input_count = count};
    clv_status status = clv_removal_open_series(&r, inputs, count);
    if (status == CLV_OK && r.view) {
        clv_report_series(ctx, r.series);
        status = clv_view_write(&r, inputs, count, json);
        goto cleanup;
    }
    if (status != CLV_OK || (status = clv_removal_open_outputs(&r)) != CLV_OK)
        goto cleanup;
    page.set = r.set;
    page.series = r.series;
    if ((status = clv_remove_page_begin(&page)) != CLV_OK)
        goto cleanup;
    clv_report_series(ctx, r.series);
    clv_progress_phase(ctx, 0, 0.15);
    if ((status = clv_series_cache_jp2(ctx, r.series, r.set)) != CLV_OK)
        goto cleanup;
    clv_progress_phase(ctx, 0, 0.3);
    /* Outputs first: what a format cannot hold, and where -t_srs breaks off, is said before the work. */
    if ((status = clv_removal_prepare(&r)) != CLV_OK || (status = clv_removal_create_outputs(&r)) != CLV_OK ||
        (status = clv_stage1_run(ctx, r.series, &r.stage1)) != CLV_OK ||
        (status = clv_provenance_tag_detector(r.set, &r.stage1)) != CLV_OK)
        goto cleanup;
    clv_report_clouds(ctx, r.series, &r.stage1);
    if ((status = clv_remove_page_collect(&page)) != CLV_OK)
        goto cleanup;
    r.pictures = page.pictures;
    clv_progress_phase(ctx, 0.3, 0.95);
    if ((status = clv_removal_compose(&r)) != CLV_OK || (status = fill_dataset(&r)) != CLV_OK ||
        (r.preview && (status = clv_preview_finish(r.preview)) != CLV_OK))
        goto cleanup;
    clv_progress_phase(ctx, 0.95, 1);
    if ((status = write_page(&r, &page)) != CLV_OK || (status = clv_outputs_publish(r.set)) != CLV_OK)
        goto cleanup;
    clv_remove_page_keep(&page);
    report_unseen(&r);
    clv_progress(ctx, 1);
    if (json)
        *json = report(&r);

cleanup:
    clv_remove_page_free(&page); /* its scratch space lies in the outputs' folder */
    clv_removal_clear(&r);
    return status;
}

/* ---- In parts ------------------------------------------------------------------------------------ */

static void describe(clv_json_writer *w, const void *options)
{
    const clv_remove_options *o = options;
    clv_jw_put_string(w, "method", clv_method_name(o->method));
    clv_jw_put_string(w, "model", o->model);
    clv_jw_put_integer(w, "window", o->window);
    clv_jw_put_bool(w, "full", o->full);
    clv_jw_put_bool(w, "masks_written", o->masks);
    clv_jw_put_bool(w, "quality", o->quality);
    clv_jw_put_bool(w, "stack", o->stack);
    clv_jw_put_bool(w, "keep_nodata", o->keep_nodata);
}

static clv_status run_part(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return remove_series(ctx, inputs, count, options, json);
}

static clv_status remove_in_parts(clv_context *ctx, const char *const *inputs, int count,
                                  const clv_remove_options *options, char **json)
{
    const char *suffixes[4] = {""};
    int n = 1;
    clv_remove_options copy = *options;
    if (options->masks)
        suffixes[n++] = "_mask";
    if (options->quality)
        suffixes[n++] = "_quality";
    if (options->preview || options->report)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: is not possible with -of VRT",
                        options->preview ? "-preview" : "-report");
    clv_parts parts = {CLV_PARTS_OF(ctx, inputs, count, &copy),    .command = "remove",  .suffixes = suffixes,
                       .single = options->stack ? "series" : NULL, .describe = describe, .run = run_part};
    char *text = NULL;
    clv_status status = clv_parts_run(&parts, &text);
    if (text)
        report_unseen_parts(ctx, text);
    if (json)
        *json = text;
    else
        free(text);
    return status;
}

static clv_status remove_clouds(clv_context *ctx, const char *const *inputs, int count,
                                const clv_remove_options *options, char **json)
{
    return clv_parts_wanted(&options->output) ? remove_in_parts(ctx, inputs, count, options, json)
                                              : remove_series(ctx, inputs, count, options, json);
}

clv_status clv_remove(clv_context *ctx, const char *const *inputs, int count, const clv_remove_options *options,
                      char **json)
{
    clv_remove_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_remove_options_init);
    return status == CLV_OK ? remove_clouds(ctx, inputs, count, &own, json) : status;
}
