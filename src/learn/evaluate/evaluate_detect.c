/* SPDX-License-Identifier: MIT
 *
 * How well stage 1 agrees with masks that are known: a series' own (EarthNet cubes), the user's (-mask), or a scene
 * classification (-scl). The network finds clouds as `detect` does, without seeing those masks.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/options.h"
#include "formats/json.h"
#include "learn/dataset/labels.h"
#include "learn/evaluate/eval_case.h"
#include "learn/evaluate/evaluate_grounds.h"
#include "learn/evaluate/report_detect.h"
#include "learn/evaluate/report_folder.h"
#include "learn/evaluate/score.h"
#include "pipeline/flags.h"
#include "pipeline/report.h"

enum { ROWS = 256, POOLED_FRAMES = 10 };

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
    const char *const *inputs;
    int input_count;
    place_score *places; /* [count] */
    int count;
    clv_stage1 stage;     /* of the last place: model and device are the same for all */
    clv_detect_show show; /* empty without -report */
} evaluation;

/* ---- Scores --------------------------------------------------------------------------------------- */

typedef struct figures {
    double f1_cloud, f1_clear, precision, recall; /* of cloud */
    double f1_shadow, precision_shadow, recall_shadow;
    int64_t pixels;
} figures;

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
    figures f = {.f1_cloud = clv_score_f1(&s, CLV_LABEL_CLOUD),
                 .f1_clear = clv_score_f1(&s, CLV_LABEL_CLEAR),
                 .precision = clv_score_precision(&s, CLV_LABEL_CLOUD),
                 .recall = clv_score_recall(&s, CLV_LABEL_CLOUD),
                 .f1_shadow = clv_score_f1(&s, CLV_LABEL_SHADOW),
                 .precision_shadow = clv_score_precision(&s, CLV_LABEL_SHADOW),
                 .recall_shadow = clv_score_recall(&s, CLV_LABEL_SHADOW)};
    for (int k = 0; k < 9; k++)
        f.pixels += s.pixels[k / 3][k % 3];
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
    write_number(w, "precision_shadow", f.precision_shadow);
    write_number(w, "recall_shadow", f.recall_shadow);
    write_number(w, "pixels", (double)f.pixels);
}

/* ---- One place ------------------------------------------------------------------------------------ */

/* The network's class of a pixel, or CLV_LABEL_UNKNOWN where it was not asked. */
static uint8_t found_class(uint8_t flags)
{
    if (flags & CLV_PIXEL_MISSING)
        return CLV_LABEL_UNKNOWN;
    return flags & CLV_PIXEL_CLOUD ? CLV_LABEL_CLOUD : flags & CLV_PIXEL_SHADOW ? CLV_LABEL_SHADOW : CLV_LABEL_CLEAR;
}

/* The classes that are compared: flags become them, CLV_LABEL_UNKNOWN where nothing is. */
static void compare_as(const place_score *place, bool seed, uint8_t *label, uint8_t *flags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t found = found_class(flags[i]);
        if (label[i] == CLV_PIXEL_MISSING) { /* a fill code is no label */
            label[i] = seed ? CLV_LABEL_CLOUD : CLV_LABEL_CLEAR;
            if (!seed)
                found = CLV_LABEL_UNKNOWN;
        }
        if (found == CLV_LABEL_UNKNOWN && seed)
            found = CLV_LABEL_CLOUD; /* what has no value is not used, whatever it is */
        if (found != CLV_LABEL_UNKNOWN && place->flagged) {
            label[i] = label[i] ? CLV_LABEL_CLOUD : CLV_LABEL_CLEAR;
            found = found ? CLV_LABEL_CLOUD : CLV_LABEL_CLEAR;
        }
        flags[i] = found;
    }
}

/* label, found [window]: the classes of a date that are compared. */
static clv_status read_classes(evaluation *e, const clv_found *found, const place_score *place, int t, clv_rect window,
                               uint8_t *label, uint8_t *classes)
{
    const size_t n = (size_t)window.width * (size_t)window.height;
    clv_status status = clv_series_read_mask(e->ctx, found->series, t, window, label);
    if (status == CLV_OK)
        status = clv_flags_read(e->ctx, found->flags, &found->series->grid, t, &e->options->detect, window, classes);
    if (status == CLV_OK)
        compare_as(place, e->options->protocol == CLV_PROTOCOL_POOLED, label, classes, n);
    return status;
}

static clv_status score_date(evaluation *e, const clv_found *found, int t, place_score *place, uint8_t *buffer)
{
    const int width = found->series->grid.width, height = found->series->grid.height;
    clv_status status = CLV_OK;
    for (int y = 0; y < height && status == CLV_OK; y += ROWS) {
        const clv_rect rows = {0, y, width, height - y < ROWS ? height - y : ROWS};
        const size_t n = (size_t)rows.width * (size_t)rows.height;
        const uint8_t *label = buffer, *classes = buffer + n;
        status = read_classes(e, found, place, t, rows, buffer, buffer + n);
        for (size_t i = 0; i < n && status == CLV_OK; i++)
            if (classes[i] != CLV_LABEL_UNKNOWN)
                place->score.pixels[label[i]][classes[i]]++;
        if (status == CLV_OK && e->show.kept[0])
            status = clv_detect_show_rank(e->ctx, &e->show, t, rows, label, classes);
    }
    return status;
}

/* While the series is open: pictures of its best, middle and worst window. */
static clv_status keep_pictures(evaluation *e, const clv_found *found, const place_score *place)
{
    clv_detect_window picked[CLV_DETECT_SHOWN];
    if (!e->show.kept[0] || !clv_detect_show_pick(&e->show, picked))
        return CLV_OK;
    clv_detect_picture *p = calloc(1, sizeof *p);
    clv_status status = p ? CLV_OK : clv_fail_memory(e->ctx);
    for (int i = 0; i < CLV_DETECT_SHOWN && status == CLV_OK; i++) {
        snprintf(p->name, sizeof p->name, "%s", place->name);
        p->window = picked[i].window;
        p->f1 = picked[i].f1;
        status = clv_detect_picture_read(e->ctx, found->series, picked[i].date, p);
        if (status == CLV_OK)
            status = read_classes(e, found, place, picked[i].date, p->window, p->label, p->found);
        if (status == CLV_OK)
            status = clv_detect_show_add(e->ctx, &e->show, i, p);
    }
    free(p);
    return status;
}

/* Whether a date takes part: it has a label, and for the pooled protocol lies in the cube's first ten steps. */
static bool takes_part(const evaluation *e, const clv_acquisition *date)
{
    return date->facts.mask_how[0] && (e->options->protocol != CLV_PROTOCOL_POOLED || date->step < POOLED_FRAMES);
}

static bool labels_are_flags(const evaluation *e, bool cube)
{
    if (e->options->protocol == CLV_PROTOCOL_POOLED || e->options->labels == CLV_LABELS_FLAGGED)
        return true;
    /* EarthNet's quality mask is one class for cloud, shadow and whatever else is bad. */
    return e->options->labels == CLV_LABELS_AUTO && cube;
}

static place_score *next_place(evaluation *e)
{
    place_score *places = realloc(e->places, (size_t)(e->count + 1) * sizeof *places);
    if (!places)
        return NULL;
    e->places = places;
    places[e->count] = (place_score){0};
    return &places[e->count];
}

static clv_status score_case(void *user, const clv_eval_case *eval_case)
{
    evaluation *e = user;
    clv_context *ctx = e->ctx;
    clv_found found = {0};
    uint8_t *buffer = NULL;
    place_score *place = next_place(e);
    clv_status status = CLV_OK;
    if (e->options->protocol == CLV_PROTOCOL_POOLED && !eval_case->cube)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: -protocol pooled is for EarthNet2021 cubes (.npz)",
                        eval_case->names[0]);
    if (!place)
        return clv_fail_memory(ctx);
    status = clv_found_open(ctx, eval_case, &e->options->detect, &e->options->compute, true, &found);
    if (status != CLV_OK)
        goto cleanup;
    place->name = clv_strdup(clv_name_base(eval_case->names[0]));
    place->flagged = labels_are_flags(e, eval_case->cube);
    buffer = clv_alloc_array(2 * ROWS, (size_t)found.series->grid.width, 1);
    if (!place->name || !buffer)
        status = clv_fail_memory(ctx);
    for (int t = 0; t < found.series->dates && status == CLV_OK; t++)
        if (takes_part(e, &found.series->acquisitions[t])) {
            place->dates++;
            status = score_date(e, &found, t, place, buffer);
        }
    if (status == CLV_OK)
        status = keep_pictures(e, &found, place);
    e->stage = found.stage;
    e->stage.dates = NULL;
    e->stage.flags = NULL;
    e->count++;

cleanup:
    free(buffer);
    clv_found_close(&found);
    return status;
}

static char *report(evaluation *e)
{
    static const char *const protocols[] = {"utilise", "pooled"};
    clv_score all = {0};
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "protocol");
    clv_jw_string(&w, protocols[e->options->protocol]);
    if (e->options->report) {
        clv_jw_key(&w, "report");
        clv_jw_string(&w, e->options->report);
    }
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

static clv_status make_page(void *user, const char *json, clv_page *page)
{
    evaluation *e = user;
    return clv_report_detect(e->ctx, e->inputs, e->input_count, e->options, &e->show, json, page);
}

static clv_status evaluate(clv_context *ctx, const char *const *inputs, int count,
                           const clv_evaluate_detect_options *options, char **json)
{
    const clv_output_options nowhere = {.path = "."};
    evaluation e = {.ctx = ctx, .options = options, .inputs = inputs, .input_count = count};
    const clv_report page = {options->report, options->overwrite, make_page, &e};
    clv_status status = clv_check_settings(ctx, &options->detect, &nowhere);
    if (status == CLV_OK)
        status = clv_report_folder_check(ctx, &page);
    if (status == CLV_OK && options->report)
        status = clv_detect_show_start(ctx, &e.show);
    if (status == CLV_OK)
        status = clv_eval_cases(ctx, inputs, count, &options->input, options->each, score_case, &e);
    if (status == CLV_OK)
        status = clv_report_finish(ctx, &page, report(&e), json);
    clv_detect_show_end(&e.show);
    for (int i = 0; i < e.count; i++)
        free(e.places[i].name);
    free(e.places);
    return status;
}

static clv_status evaluate_grounds(clv_context *ctx, int count, const clv_evaluate_detect_options *options, char **json)
{
    char *text = NULL;
    if (count)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-grounds: the list names what is measured; leave out the inputs");
    const clv_status status = clv_evaluate_grounds(ctx, options, &text);
    return status == CLV_OK ? clv_report_finish(ctx, &(clv_report){.path = NULL}, text, json) : status;
}

clv_status clv_evaluate_detect(clv_context *ctx, const char *const *inputs, int count,
                               const clv_evaluate_detect_options *options, char **json)
{
    clv_evaluate_detect_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_evaluate_detect_options_init);
    if (status != CLV_OK)
        return status;
    if (own.grounds)
        return evaluate_grounds(ctx, count, &own, json);
    if (!count)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "No input given: name what to evaluate, or a list with -grounds");
    return evaluate(ctx, inputs, count, &own, json);
}
