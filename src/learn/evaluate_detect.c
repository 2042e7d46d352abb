/* SPDX-License-Identifier: MIT
 *
 * How well stage 1 agrees with masks that are known: a series' own (EarthNet cubes), the user's (-mask), or a scene
 * classification (-scl). The network finds clouds as `detect` does, without seeing those masks.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "geo/earthnet.h"
#include "geo/inputs.h"
#include "geo/writer.h"
#include "learn/labels.h"
#include "learn/score.h"
#include "pipeline/report.h"
#include "pipeline/stage1.h"

enum { ROWS = 256, SEED_FRAMES = 10 };

/* One place: dates that are looked at together. */
typedef struct place_score {
    char *name;
    int dates;
    bool flagged; /* its labels do not tell cloud from shadow */
    clv_score score;
} place_score;

typedef struct evaluation {
    clv_context *ctx;
    const clv_evaluate_detect_options *options;
    clv_inputs inputs;
    place_score *places; /* [inputs.count], the first `count` are done */
    int count;
    clv_stage1 stage; /* of the last place: model and device are the same for all */
} evaluation;

/* ---- Scores --------------------------------------------------------------------------------------- */

typedef struct figures {
    double f1_cloud, f1_clear, precision, recall, f1_shadow;
    int64_t pixels;
} figures;

static double ratio(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

/* Labels without shadow cannot say that a shadow found is wrong: it then counts as no cloud. */
static clv_score without_shadow(const clv_score *s)
{
    clv_score out = *s;
    for (int label = 0; label < 3; label++) {
        out.pixels[label][CLV_LABEL_CLEAR] += out.pixels[label][CLV_LABEL_SHADOW];
        out.pixels[label][CLV_LABEL_SHADOW] = 0;
    }
    return out;
}

static figures figures_of(const clv_score *score)
{
    int64_t shadows = 0;
    for (int k = 0; k < 3; k++)
        shadows += score->pixels[CLV_LABEL_SHADOW][k];
    const clv_score s = shadows ? *score : without_shadow(score);
    int64_t labelled = 0, found = 0;
    figures f = {.f1_cloud = clv_score_f1(&s, CLV_LABEL_CLOUD),
                 .f1_clear = clv_score_f1(&s, CLV_LABEL_CLEAR),
                 .f1_shadow = clv_score_f1(&s, CLV_LABEL_SHADOW)};
    for (int k = 0; k < 3; k++) {
        labelled += s.pixels[CLV_LABEL_CLOUD][k];
        found += s.pixels[k][CLV_LABEL_CLOUD];
        for (int j = 0; j < 3; j++)
            f.pixels += s.pixels[k][j];
    }
    f.precision = ratio(s.pixels[CLV_LABEL_CLOUD][CLV_LABEL_CLOUD], found);
    f.recall = ratio(s.pixels[CLV_LABEL_CLOUD][CLV_LABEL_CLOUD], labelled);
    return f;
}

static void write_number(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, value); /* null for NaN: the labels have no such pixel */
}

static void write_figures(clv_json_writer *w, const clv_score *score)
{
    const figures f = figures_of(score);
    write_number(w, "f1_cloud", f.f1_cloud);
    write_number(w, "f1_clear", f.f1_clear);
    write_number(w, "mean_f1", (f.f1_cloud + f.f1_clear) / 2);
    write_number(w, "precision", f.precision);
    write_number(w, "recall", f.recall);
    write_number(w, "f1_shadow", f.f1_shadow);
    write_number(w, "pixels", (double)f.pixels);
}

/* ---- One place ------------------------------------------------------------------------------------ */

/* The network's class of a pixel, or CLV_LABEL_UNKNOWN where it was not asked. */
static uint8_t found_class(uint8_t flags)
{
    if (flags & CLV_FLAG_MISSING)
        return CLV_LABEL_UNKNOWN;
    return flags & CLV_FLAG_CLOUD ? CLV_LABEL_CLOUD : flags & CLV_FLAG_SHADOW ? CLV_LABEL_SHADOW : CLV_LABEL_CLEAR;
}

static void count_pixels(place_score *place, bool seed, const uint8_t *label, const uint8_t *flags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t truth = label[i], found = found_class(flags[i]);
        if (found == CLV_LABEL_UNKNOWN) {
            if (!seed)
                continue;
            found = CLV_LABEL_CLOUD; /* what has no value is not used, whatever it is */
        }
        if (place->flagged) {
            truth = truth ? CLV_LABEL_CLOUD : CLV_LABEL_CLEAR;
            found = found ? CLV_LABEL_CLOUD : CLV_LABEL_CLEAR;
        }
        place->score.pixels[truth][found]++;
    }
}

static clv_status score_date(evaluation *e, clv_series *series, clv_scratch *flags, int t, place_score *place,
                             uint8_t *buffer)
{
    const int width = series->grid.width, height = series->grid.height;
    clv_status status = CLV_OK;
    for (int y = 0; y < height && status == CLV_OK; y += ROWS) {
        const clv_rect rows = {0, y, width, height - y < ROWS ? height - y : ROWS};
        const size_t n = (size_t)rows.width * (size_t)rows.height;
        status = clv_series_read_mask(e->ctx, series, t, rows, buffer);
        if (status == CLV_OK)
            status = clv_flags_read(e->ctx, flags, &series->grid, t, &e->options->detect, rows, buffer + n);
        if (status == CLV_OK)
            count_pixels(place, e->options->protocol == CLV_PROTOCOL_SEED, buffer, buffer + n, n);
    }
    return status;
}

/* Whether a date takes part: it has a label, and for the seed protocol lies in the cube's first ten steps. */
static bool takes_part(const evaluation *e, const clv_acquisition *date)
{
    return date->mask_how[0] && (e->options->protocol != CLV_PROTOCOL_SEED || date->frame < SEED_FRAMES);
}

static bool labels_are_flags(const evaluation *e, bool cube)
{
    if (e->options->protocol == CLV_PROTOCOL_SEED || e->options->labels == CLV_LABELS_FLAGGED)
        return true;
    /* EarthNet's quality mask is one class for cloud, shadow and whatever else is bad. */
    return e->options->labels == CLV_LABELS_AUTO && cube;
}

static const char *temporary_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

static clv_status score_place(evaluation *e, const char *const *names, int count, const clv_input_options *input,
                              bool cube)
{
    clv_context *ctx = e->ctx;
    place_score *place = &e->places[e->count];
    const clv_output_options scratch_place = {.path = temporary_folder()};
    clv_series *series = NULL;
    clv_outputs *set = NULL;
    clv_scratch *flags = NULL;
    uint8_t *buffer = NULL;
    e->stage = (clv_stage1){
        .settings = &e->options->detect, .compute = &e->options->compute, .network_only = true};
    clv_status status = clv_series_open(ctx, names, count, input, &series);
    if (status != CLV_OK)
        goto cleanup;
    if (!series->has_masks) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "%s: no labels to compare with: give a mask or a scene classification per input with -mask "
                          "or -scl", names[0]);
        goto cleanup;
    }
    clv_report_series(ctx, series);
    place->name = clv_strdup(clv_name_base(names[0]));
    place->flagged = labels_are_flags(e, cube);
    e->stage.dates = calloc((size_t)series->dates, sizeof *e->stage.dates);
    buffer = clv_alloc_array(2 * ROWS, (size_t)series->grid.width, 1);
    if (!place->name || !e->stage.dates || !buffer) {
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
        goto cleanup;
    }
    if ((status = clv_outputs_new(ctx, &scratch_place, &set)) != CLV_OK ||
        (status = clv_scratch_new(set, &series->grid, GDT_Byte, series->dates, &flags)) != CLV_OK)
        goto cleanup;
    e->stage.flags = flags;
    status = clv_stage1_run(ctx, series, &e->stage);
    for (int t = 0; t < series->dates && status == CLV_OK; t++)
        if (takes_part(e, &series->acquisitions[t])) {
            place->dates++;
            status = score_date(e, series, flags, t, place, buffer);
        }
    e->count += status == CLV_OK;

cleanup:
    if (status != CLV_OK) {
        free(place->name);
        place->name = NULL;
    }
    free(e->stage.dates);
    e->stage.dates = NULL;
    e->stage.flags = NULL;
    free(buffer);
    clv_scratch_free(flags);
    clv_outputs_free(set);
    clv_series_free(series);
    return status;
}

/* ---- All places ----------------------------------------------------------------------------------- */

static int list_length(const char *const *list)
{
    int n = 0;
    while (list && list[n])
        n++;
    return n;
}

/* Whether input i is the other half of a cube that was named before: both are read as one. */
static bool seen_before(const evaluation *e, int i)
{
    char *partner = clv_earthnet_is_cube(e->inputs.names[i]) ? clv_earthnet_partner(e->inputs.names[i]) : NULL;
    bool seen = false;
    for (int k = 0; partner && k < i && !seen; k++)
        seen = strcmp(partner, e->inputs.names[k]) == 0;
    free(partner);
    return seen;
}

/* Each input a place of its own, with its own label. */
static clv_status score_each(evaluation *e)
{
    const clv_input_options *input = &e->options->input;
    const int masks = list_length(input->masks), scls = list_length(input->scls);
    if ((masks && masks != e->inputs.count) || (scls && scls != e->inputs.count))
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: %d given for %d inputs; give one per input, in their order",
                        masks ? "-mask" : "-scl", masks ? masks : scls, e->inputs.count);
    clv_status status = CLV_OK;
    for (int i = 0; i < e->inputs.count && status == CLV_OK; i++) {
        const char *name = e->inputs.names[i];
        if (seen_before(e, i))
            continue;
        const char *const mask[] = {masks ? input->masks[i] : NULL, NULL};
        const char *const scl[] = {scls ? input->scls[i] : NULL, NULL};
        clv_input_options own = *input;
        own.masks = masks ? mask : NULL;
        own.scls = scls ? scl : NULL;
        clv_progress_phase(e->ctx, (double)i / e->inputs.count, (double)(i + 1) / e->inputs.count);
        status = score_place(e, &name, 1, &own, clv_earthnet_is_cube(name));
    }
    return status;
}

static clv_status score_all(evaluation *e)
{
    int cubes = 0;
    for (int i = 0; i < e->inputs.count; i++)
        cubes += clv_earthnet_is_cube(e->inputs.names[i]);
    if (cubes && cubes < e->inputs.count)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "cubes and rasters cannot be judged together: call twice");
    if (e->options->protocol == CLV_PROTOCOL_SEED && !cubes)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: -protocol seed is for EarthNet2021 cubes (.npz)",
                        e->inputs.names[0]);
    if (cubes || e->options->each)
        return score_each(e);
    return score_place(e, (const char *const *)e->inputs.names, e->inputs.count, &e->options->input, false);
}

static clv_status check_options(clv_context *ctx, const clv_evaluate_detect_options *options)
{
    const clv_output_options somewhere = {.path = "."};
    return clv_check_settings(ctx, &options->detect, &somewhere);
}

static char *report(evaluation *e)
{
    static const char *const protocols[] = {"utilise", "seed"};
    clv_score all = {0};
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "protocol");
    clv_jw_string(&w, protocols[e->options->protocol]);
    clv_report_stage1(&w, &e->stage, &e->options->detect);
    for (int i = 0; i < e->count; i++)
        clv_score_join(&all, &e->places[i].score);
    write_figures(&w, &all);
    clv_jw_key(&w, "places");
    clv_jw_array(&w);
    for (int i = 0; i < e->count; i++) {
        const place_score *p = &e->places[i];
        clv_jw_object(&w);
        clv_jw_key(&w, "name");
        clv_jw_string(&w, p->name);
        clv_jw_key(&w, "labels");
        clv_jw_string(&w, p->flagged ? "flagged" : "cloud");
        write_number(&w, "dates", p->dates);
        write_figures(&w, &p->score);
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

clv_status clv_evaluate_detect(clv_context *ctx, const char *const *inputs, int count,
                               const clv_evaluate_detect_options *options, char **json)
{
    evaluation e = {.ctx = ctx, .options = options};
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = check_options(ctx, options);
    if (status == CLV_OK)
        status = clv_inputs_expand(ctx, inputs, count, "input", &e.inputs);
    if (status != CLV_OK)
        goto cleanup;
    e.places = calloc((size_t)e.inputs.count, sizeof *e.places);
    status = e.places ? score_all(&e) : clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    if (status != CLV_OK)
        goto cleanup;
    clv_progress_phase(ctx, 0, 1);
    clv_progress(ctx, 1);
    if (json && !(*json = report(&e)))
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");

cleanup:
    for (int i = 0; i < e.count; i++)
        free(e.places[i].name);
    free(e.places);
    clv_inputs_clear(&e.inputs);
    return status;
}
