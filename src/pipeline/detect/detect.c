/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/options.h"
#include "base/parallel.h"
#include "formats/json.h"
#include "output/jp2_cache.h"
#include "pipeline/compose.h"
#include "pipeline/flags.h"
#include "pipeline/parts.h"
#include "pipeline/products.h"
#include "pipeline/provenance.h"
#include "pipeline/report.h"
#include "pipeline/stage1.h"
#include "pipeline/strip.h"

typedef struct detect_run {
    clv_context *ctx;
    clv_series *series;
    const clv_detect_options *options;
    clv_outputs *set;
    clv_writer **writers;
    int *index;                       /* [dates] place in the set, -1: no output */
    clv_scratch *flags, *probability; /* Byte: a band per date; Float32: two */
} detect_run;

static clv_status keep_probability(void *user, int t, clv_rect rows, const float *cloud, const float *shadow)
{
    detect_run *r = user;
    clv_status status = clv_scratch_write(r->probability, 2 * t, rows, cloud);
    return status == CLV_OK ? clv_scratch_write(r->probability, 2 * t + 1, rows, shadow) : status;
}

static clv_status read_states(void *user, int t, int band, clv_rect window, void *out)
{
    detect_run *r = user;
    (void)band;
    return clv_flags_read_states(r->ctx, r->flags, &r->series->grid, t, &r->options->detect, window, out);
}

static clv_status read_probability(void *user, int t, int band, clv_rect window, void *out)
{
    detect_run *r = user;
    return clv_scratch_read(r->probability, 2 * t + band, window, out);
}

static clv_status open_outputs(detect_run *r)
{
    int shown = 0;
    for (int t = 0; t < r->series->dates; t++)
        shown += clv_acquisition_shown(&r->series->acquisitions[t]);
    clv_status status = clv_outputs_new_for(r->ctx, &r->options->output, shown, &r->set);
    if (status == CLV_OK)
        status = clv_outputs_set_target_grid(r->set, &r->options->output, &r->options->input);
    r->writers = calloc((size_t)r->series->dates, sizeof *r->writers);
    r->index = calloc((size_t)r->series->dates, sizeof *r->index);
    if (status == CLV_OK && (!r->writers || !r->index))
        status = clv_fail_memory(r->ctx);
    for (int t = 0; t < r->series->dates && status == CLV_OK; t++) {
        char *path = NULL;
        r->index[t] = -1;
        if (!clv_acquisition_shown(&r->series->acquisitions[t]))
            continue;
        r->index[t] = clv_outputs_count(r->set);
        status = clv_outputs_name(r->set, r->series, r->series->acquisitions[t].stem, "_mask", &path);
        if (status == CLV_OK)
            status = clv_product_create(r->set, r->series, t,
                                        r->options->probability ? CLV_PRODUCT_PROBABILITY : CLV_PRODUCT_MASK, path,
                                        &r->writers[t]);
        free(path);
    }
    return status;
}

static void report(const detect_run *r, const clv_stage1 *stage, char **json)
{
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_report_stage1(&w, stage, &r->options->detect);
    clv_jw_key(&w, "dates");
    clv_jw_array(&w);
    for (int t = 0; t < r->series->dates; t++) {
        clv_jw_object(&w);
        clv_report_date(&w, r->series, t, &stage->dates[t]);
        clv_jw_key(&w, "mask");
        clv_jw_string(&w, clv_outputs_path(r->set, r->index[t]));
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    clv_jw_end(&w);
    *json = clv_jw_take(&w);
}

static clv_status detect_series(clv_context *ctx, const char *const *inputs, int count,
                                const clv_detect_options *options, char **json)
{
    detect_run r = {.ctx = ctx, .options = options};
    clv_stage1 stage = {.settings = &options->detect,
                        .compute = &options->compute,
                        .user_masks = options->input.masks != NULL,
                        .user_scls = options->input.scls != NULL,
                        .exact_missing = true};
    clv_status status = clv_check_settings(ctx, &options->detect, &options->output);
    if (status == CLV_OK)
        status = clv_open_to_write(ctx, inputs, count, &options->input, &options->output, &options->detect,
                                   CLV_EXTENT_ALL, &r.series);
    if (status != CLV_OK)
        goto cleanup;
    clv_report_series(ctx, r.series);
    if ((status = open_outputs(&r)) != CLV_OK ||
        (status = clv_scratch_new(r.set, &r.series->grid, GDT_Byte, r.series->dates, &r.flags)) != CLV_OK)
        goto cleanup;
    if (options->probability) {
        if ((status = clv_scratch_new(r.set, &r.series->grid, GDT_Float32, 2 * r.series->dates, &r.probability)) !=
            CLV_OK)
            goto cleanup;
        stage.probability = keep_probability;
        stage.user = &r;
    }
    stage.flags = r.flags;
    stage.dates = calloc((size_t)r.series->dates, sizeof *stage.dates);
    if (!stage.dates) {
        status = clv_fail_memory(ctx);
        goto cleanup;
    }
    clv_progress_phase(ctx, 0, 0.3);
    if ((status = clv_series_cache_jp2(ctx, r.series, r.set)) != CLV_OK)
        goto cleanup;
    clv_progress_phase(ctx, 0, 0.85);
    if ((status = clv_stage1_run(ctx, r.series, &stage)) != CLV_OK)
        goto cleanup;
    if (options->probability && !stage.used_network) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "-prob: the masks replace the network for every date, so there are no "
                          "probabilities; leave out -prob or -mask_mode replace");
        goto cleanup;
    }
    status = clv_provenance_tag(
        ctx, r.set,
        clv_provenance_options(&options->input, &options->detect, &options->compute, &options->output, NULL));
    if (status == CLV_OK)
        status = clv_provenance_tag_detector(r.set, &stage);
    if (status != CLV_OK)
        goto cleanup;
    clv_product_source source = {options->probability ? read_probability : read_states, &r};
    clv_progress_phase(ctx, 0.85, 0.97);
    status = clv_products_write(ctx, r.set, r.series, r.writers,
                                options->probability ? CLV_PRODUCT_PROBABILITY : CLV_PRODUCT_MASK, &source);
    if (status == CLV_OK)
        status = clv_outputs_publish(r.set);
    if (status != CLV_OK)
        goto cleanup;
    clv_progress_phase(ctx, 0.97, 1);
    clv_progress(ctx, 1);
    clv_report_clouds(ctx, r.series, &stage);
    if (json)
        report(&r, &stage, json);

cleanup:
    clv_scratch_free(r.flags);
    clv_scratch_free(r.probability);
    clv_outputs_free(r.set);
    free(r.writers);
    free(r.index);
    free(stage.dates);
    clv_series_free(r.series);
    return status;
}

/* ---- In parts ------------------------------------------------------------------------------------ */

static void describe(clv_json_writer *w, const void *options)
{
    const clv_detect_options *o = options;
    clv_jw_put_bool(w, "prob", o->probability);
}

static clv_status run_part(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return detect_series(ctx, inputs, count, options, json);
}

static clv_status detect(clv_context *ctx, const char *const *inputs, int count, const clv_detect_options *options,
                         char **json)
{
    static const char *const suffixes[] = {"_mask", NULL};
    clv_detect_options copy = *options;
    if (!clv_parts_wanted(&options->output))
        return detect_series(ctx, inputs, count, options, json);
    clv_parts parts = {CLV_PARTS_OF(ctx, inputs, count, &copy), .command = "detect", .suffixes = suffixes,
                       .describe = describe, .run = run_part};
    return clv_parts_run(&parts, json);
}

clv_status clv_detect(clv_context *ctx, const char *const *inputs, int count, const clv_detect_options *options,
                      char **json)
{
    clv_detect_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_detect_options_init);
    return status == CLV_OK ? detect(ctx, inputs, count, &own, json) : status;
}
