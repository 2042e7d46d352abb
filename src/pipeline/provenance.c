/* SPDX-License-Identifier: MIT */
#include "pipeline/provenance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "base/number.h"
#include "base/options.h"
#include "raster/paths.h"

/* Words with spaces between them; NULL after memory ran out. */
typedef struct words {
    char *text;
    bool failed;
} words;

static void add(words *w, const char *word)
{
    char *longer = clv_format("%s%s%s", w->text ? w->text : "", w->text ? " " : "", word);
    free(w->text);
    w->text = longer;
    w->failed |= !longer;
}

static void add_number(words *w, double value)
{
    char text[CLV_NUMBER_SIZE];
    clv_number_format(value, text);
    add(w, isnan(value) ? "auto" : text);
}

static void option(words *w, const char *name, const char *value)
{
    if (!value)
        return;
    add(w, name);
    add(w, value);
}

static void number(words *w, const char *name, double value, double usual)
{
    if (value == usual || (isnan(value) && isnan(usual)))
        return;
    add(w, name);
    add_number(w, value);
}

static void flag(words *w, const char *name, bool value)
{
    if (value)
        add(w, name);
}

/* Of all dates, or one each. */
static void numbers(words *w, const char *name, double value, const double *values, int count)
{
    if (count == 0)
        number(w, name, value, NAN);
    for (int i = 0; i < count; i++) {
        add(w, name);
        add_number(w, values[i]);
    }
}

static void files(words *w, const char *name, const char *const *list)
{
    int count = 0;
    while (list && list[count])
        count++;
    if (count == 1)
        option(w, name, clv_path_name(list[0]));
    char *text = count > 1 ? clv_format("(%d files)", count) : NULL;
    w->failed |= count > 1 && !text;
    option(w, name, text);
    free(text);
}

static void input_options(words *w, const clv_input_options *input, const clv_input_options *usual)
{
    for (int i = 0; i < input->band_count; i++) {
        add(w, "-b");
        add_number(w, input->bands[i]);
    }
    option(w, "-fill_bands", input->fill_bands);
    numbers(w, "-in_scale", input->in_scale, input->in_scales, input->in_scale_count);
    numbers(w, "-in_offset", input->in_offset, input->in_offsets, input->in_offset_count);
    for (int i = 0; input->dates && input->dates[i]; i++)
        option(w, "-date", input->dates[i]);
    option(w, "-srcnodata", input->srcnodata);
    files(w, "-mask", input->masks);
    files(w, "-scl", input->scls);
    if (input->mask_mode != usual->mask_mode)
        option(w, "-mask_mode", input->mask_mode == CLV_MASK_REPLACE ? "replace" : "join");
    option(w, "-ref", input->ref ? clv_path_name(input->ref) : NULL);
    number(w, "-tr", input->tr, usual->tr);
    if (input->resampling != usual->resampling)
        option(w, "-r", clv_resampling_name(input->resampling));
    option(w, "-ovr", input->overview);
}

char *clv_provenance_options(const clv_input_options *input, const clv_detect_settings *detect,
                             const clv_compute_options *compute, const clv_output_options *output,
                             const clv_remove_options *remove)
{
    clv_remove_options usual;
    words w = {0};
    clv_remove_options_init(&usual);
    input_options(&w, input, &usual.input);
    number(&w, "-threshold", detect->threshold, usual.detect.threshold);
    number(&w, "-shadow_threshold", detect->shadow_threshold, usual.detect.shadow_threshold);
    if (!clv_dilation_same(detect, &usual.detect)) {
        char dilation[CLV_NUMBER_SIZE + 1];
        clv_dilation_text(detect, dilation);
        option(&w, "-dilate", dilation);
    }
    option(&w, "-haze", detect->haze == CLV_HAZE_KEEP ? "keep" : NULL);
    flag(&w, "-no_review", detect->no_review);
    /* On the CPU auto is fp32: the same bits have the same metadata. */
    if (compute->precision != usual.compute.precision && compute->precision != CLV_PRECISION_FP32)
        option(&w, "-precision", clv_precision_name(compute->precision));
    if (remove) {
        number(&w, "-window", remove->window, usual.window);
        flag(&w, "-full", remove->full);
        flag(&w, "-keep_nodata", remove->keep_nodata);
    }
    option(&w, "-t_srs", output->t_srs);
    flag(&w, "-tap", output->tap);
    if (!w.failed)
        return w.text ? w.text : clv_strdup("");
    free(w.text);
    return NULL;
}

clv_status clv_provenance_tag(clv_context *ctx, clv_outputs *set, char *options)
{
    clv_status status = options ? CLV_OK : clv_fail_memory(ctx);
    if (status == CLV_OK && *options)
        status = clv_outputs_tag(set, "CLEARVISION_OPTIONS", options);
    free(options);
    return status;
}

clv_status clv_provenance_tag_detector(clv_outputs *set, const clv_stage1 *stage)
{
    return stage->model_sha256[0] ? clv_outputs_tag(set, "CLEARVISION_DETECT_SHA256", stage->model_sha256) : CLV_OK;
}
