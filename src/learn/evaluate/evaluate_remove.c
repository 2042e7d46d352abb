/* SPDX-License-Identifier: MIT
 *
 * How well the ground under clouds is predicted: real cloud shapes are laid on clear dates, every method fills them,
 * and the result is compared with what was there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/options.h"
#include "learn/dataset/set_choice.h"
#include "learn/dataset/shape_pool.h"
#include "learn/evaluate/end_to_end.h"
#include "learn/evaluate/eval_case.h"
#include "learn/evaluate/gap_job.h"
#include "learn/evaluate/gap_json.h"
#include "learn/evaluate/report_folder.h"
#include "learn/evaluate/report_remove.h"
#include "pipeline/report.h"
#include "synth/gaps.h"

enum { SIDE = CLV_SHAPE_SIDE, POOLED_FRAMES = 10, LEAST_DATES = 5 };

typedef struct evaluation {
    clv_context *ctx;
    const clv_evaluate_remove_options *options;
    const char *const *inputs;
    int input_count;
    clv_gap_queue queue;
    clv_shapes shapes;
    bool own_shapes; /* the pool grows with the inputs' own clouds */
    clv_sequence_rule rule;
    clv_prepared *set; /* NULL: series are measured */
    char sha256[65];
    int64_t windows; /* looked at */
    int channels;    /* of the first eval_case: a predictor is made for it */
    bool has_nir;
} evaluation;

/* ---- One sequence --------------------------------------------------------------------------------- */

/* Lays gaps on the sequence of the job. False when none could be laid. */
static bool lay_gaps(evaluation *e, clv_gap_job *j, uint64_t number)
{
    const clv_sequence *s = &j->sequence;
    const size_t n = (size_t)s->width * (size_t)s->height;
    const clv_gap_options options = {e->options->whole_frames, e->options->consecutive};
    clv_random rng;
    clv_random_seed(&rng, clv_hash_seed(e->options->seed, number));
    if (e->options->protocol == CLV_PROTOCOL_POOLED)
        return clv_gaps_seed(&rng, s->cloudy, s->cloudy_dates, s->dates, n, j->gap) > 0;
    return e->shapes.count && clv_gaps_utilise(&rng, &e->shapes, &options, s->dates, s->width, s->height, j->gap) > 0;
}

/* The job's sequence has been read: it waits to be filled, or is left out. The pool changes only before that: gaps are
 * laid at once. number: what its random numbers start from. */
static clv_status put_sequence(evaluation *e, clv_gap_job *j, uint64_t number)
{
    const clv_sequence *s = &j->sequence;
    clv_status status = clv_gap_job_reserve(e->ctx, j);
    e->windows++;
    if (status == CLV_OK && s->dates >= e->rule.least && s->dates <= CLV_GAP_MOST_DATES && lay_gaps(e, j, number))
        return clv_gap_queue_put(&e->queue);
    clv_gap_job_clear(j);
    return status;
}

static clv_status open_model(evaluation *e, bool has_nir)
{
    if (!e->queue.wanted[CLV_FILL_MODEL] || e->queue.predictor)
        return CLV_OK;
    return clv_predictor_new(e->ctx, has_nir, e->options->model, &e->options->compute, e->queue.workers,
                             &e->queue.predictor, e->sha256);
}

/* ---- Series and cubes ----------------------------------------------------------------------------- */

static clv_status take_window(evaluation *e, const clv_eval_case *eval_case, clv_found *found, clv_rect window)
{
    clv_gap_job *j = clv_gap_queue_next(&e->queue);
    clv_sequence *s = &j->sequence;
    clv_status status =
        clv_sequence_read(e->ctx, found->series, found->flags, &e->options->detect, window, &e->rule, s);
    if (status != CLV_OK)
        return status;
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (int i = 0; e->own_shapes && i < s->cloudy_dates; i++)
        if (clv_shapes_add(&e->shapes, s->cloudy + (size_t)i * n, s->width, s->height) < 0)
            return clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory for cloud shapes");
    j->has_nir = e->has_nir;
    snprintf(j->name, sizeof j->name, "%.110s, %d dates, window at %d, %d", clv_name_base(eval_case->names[0]),
             found->series->dates, window.x, window.y);
    return put_sequence(e, j, (uint64_t)e->windows + 1);
}

static clv_status check_bands(evaluation *e, const clv_eval_case *eval_case, const clv_found *found)
{
    if (!e->channels) {
        e->channels = found->series->channels;
        e->has_nir = found->series->has_nir;
    }
    if (found->series->channels == e->channels && found->series->has_nir == e->has_nir)
        return CLV_OK;
    return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: has %d bands, the first input %d; evaluate them apart",
                    eval_case->names[0], found->series->channels, e->channels);
}

static clv_status take_case(void *user, const clv_eval_case *eval_case)
{
    evaluation *e = user;
    clv_found found;
    if (e->options->protocol == CLV_PROTOCOL_POOLED && !eval_case->cube)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: -protocol pooled is for EarthNet2021 cubes (.npz)",
                        eval_case->names[0]);
    clv_status status = clv_found_open(e->ctx, eval_case, &e->options->detect, &e->options->compute, false, &found);
    if (status == CLV_OK)
        status = check_bands(e, eval_case, &found);
    if (status == CLV_OK)
        status = open_model(e, e->has_nir);
    if (status != CLV_OK)
        goto cleanup;
    const clv_grid *grid = &found.series->grid;
    const int width = grid->width < SIDE ? grid->width : SIDE, height = grid->height < SIDE ? grid->height : SIDE;
    const int across = grid->width / width, down = grid->height / height;
    const int x0 = (grid->width - across * width) / 2, y0 = (grid->height - down * height) / 2;
    for (int i = 0; i < across * down && status == CLV_OK; i++) {
        const clv_rect window = {x0 + i % across * width, y0 + i / across * height, width, height};
        status = take_window(e, eval_case, &found, window);
        if (status == CLV_OK)
            status = clv_progress(e->ctx, (double)(i + 1) / (across * down));
    }
    if (status == CLV_OK)
        status = clv_gap_queue_drain(&e->queue);

cleanup:
    clv_found_close(&found);
    return status;
}

/* ---- A training set ------------------------------------------------------------------------------- */

static bool is_wanted(const evaluation *e, int i)
{
    return clv_set_choice_has(e->set, i, e->options->places, e->options->split);
}

static clv_status check_set_options(evaluation *e, const char *path)
{
    const clv_evaluate_remove_options *o = e->options;
    const clv_input_options *in = &o->input;
    if (o->protocol == CLV_PROTOCOL_POOLED)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                        "%s: -protocol pooled is for EarthNet2021 cubes (.npz), not for training sets", path);
    if (in->masks || in->scls || in->dates || in->bands)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                        "%s: a training set has its own masks, dates and bands; leave out -mask, -scl, -date and -b",
                        path);
    return CLV_OK;
}

/* A model may be asked for all bands of all sequences. */
static clv_status open_set_model(evaluation *e)
{
    bool has_nir = true;
    for (int i = 0; i < clv_prepared_count(e->set); i++) {
        clv_prepared_sequence s;
        clv_prepared_get(e->set, i, &s);
        has_nir = has_nir && (!is_wanted(e, i) || s.clear_dates < e->rule.least || s.bands == 4);
    }
    return open_model(e, has_nir);
}

static clv_status take_set_sequence(evaluation *e, int i)
{
    clv_prepared_sequence from;
    clv_gap_job *j = clv_gap_queue_next(&e->queue);
    clv_prepared_get(e->set, i, &from);
    clv_status status = clv_sequence_take(e->ctx, e->set, i, &e->rule, &j->sequence);
    if (status != CLV_OK)
        return status;
    j->has_nir = from.bands == 4;
    snprintf(j->name, sizeof j->name, "%.110s, sequence %d", from.place, i);
    j->place = clv_gap_queue_place(&e->queue, from.place);
    if (j->place < 0)
        return clv_fail_memory(e->ctx);
    /* The number in the set: a place has the same gaps whether or not it is measured by itself. */
    return put_sequence(e, j, (uint64_t)i);
}

static clv_status take_set(evaluation *e, const char *path)
{
    clv_status status = check_set_options(e, path);
    if (status == CLV_OK)
        status = clv_prepared_open(e->ctx, path, &e->set);
    if (status == CLV_OK)
        status = clv_set_choice_check(e->ctx, e->set, path, "-place", e->options->places);
    if (status == CLV_OK && !e->options->shapes)
        status = clv_shapes_take(e->ctx, e->set, &e->shapes);
    if (status == CLV_OK && !e->shapes.count)
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                          "%s: has no cloud shape of 10 %% or more; give shapes with -shapes", path);
    if (status == CLV_OK)
        status = open_set_model(e);
    e->own_shapes = false;
    const int count = status == CLV_OK ? clv_prepared_count(e->set) : 0;
    clv_progress_phase(e->ctx, 0, 1);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        if (is_wanted(e, i))
            status = take_set_sequence(e, i);
        if (status == CLV_OK)
            status = clv_progress(e->ctx, (double)i / count);
    }
    if (status == CLV_OK)
        status = clv_gap_queue_drain(&e->queue);
    if (status == CLV_OK && !e->queue.sequences)
        status =
            clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                     "%s: nothing to measure: none of its sequences%s has %d dates of which less than 5 %% is "
                     "clouded",
                     path, e->options->places || e->options->split ? " that -place and -split leave" : "", LEAST_DATES);
    return status;
}

/* ---- Options -------------------------------------------------------------------------------------- */

static clv_status wrong_method(clv_context *ctx, const char *name)
{
    char list[200] = "";
    for (int m = 0; m < CLV_FILL_METHODS; m++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", m ? ", " : "", clv_fill_names[m]);
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-method %s: is not one of %s", name, list);
}

static clv_status choose_methods(evaluation *e)
{
    const clv_evaluate_remove_options *o = e->options;
    bool *wanted = e->queue.wanted;
    for (int m = 0; m < CLV_FILL_METHODS; m++)
        wanted[m] = !o->methods && (m != CLV_FILL_MODEL || o->model);
    for (int i = 0; o->methods && o->methods[i]; i++) {
        const clv_fill_method m = clv_fill_find(o->methods[i]);
        if (m == CLV_FILL_METHODS)
            return wrong_method(e->ctx, o->methods[i]);
        wanted[m] = true;
    }
    if (wanted[CLV_FILL_MODEL] && !o->model)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "-method model: name the weights with -model FILE");
    return CLV_OK;
}

static clv_status prepare(evaluation *e, const clv_report *page)
{
    const clv_evaluate_remove_options *o = e->options;
    const clv_output_options nowhere = {.path = "."};
    const bool seed = o->protocol == CLV_PROTOCOL_POOLED;
    clv_status status = clv_check_settings(e->ctx, &o->detect, &nowhere);
    if (status == CLV_OK && o->window < 2)
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "-window %d: must be at least 2", o->window);
    if (status == CLV_OK && seed && (o->shapes || o->whole_frames || o->consecutive))
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                          "-protocol pooled has its own gaps; leave out -shapes, -whole_frames and -consecutive");
    if (status == CLV_OK)
        status = choose_methods(e);
    if (status == CLV_OK)
        status = clv_report_folder_check(e->ctx, page);
    e->rule = seed ? (clv_sequence_rule){0, LEAST_DATES, POOLED_FRAMES} : (clv_sequence_rule){0.05, LEAST_DATES, 0};
    e->own_shapes = !o->shapes && !seed;
    e->queue.ctx = e->ctx;
    e->queue.window = o->window;
    e->queue.pooled = seed;
    if (status == CLV_OK)
        status = clv_gap_queue_start(&e->queue);
    if (status == CLV_OK && o->report)
        status = clv_gap_show_start(e->ctx, e->queue.wanted, &e->queue.show);
    for (int i = 0; o->shapes && o->shapes[i] && status == CLV_OK; i++)
        status = clv_shapes_read(e->ctx, o->shapes[i], &e->shapes);
    if (status == CLV_OK && o->shapes && !e->shapes.count)
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: has no mask with 10 %% of cloud or more", o->shapes[0]);
    return status;
}

/* ---- All of it ------------------------------------------------------------------------------------ */

static clv_status take_inputs(evaluation *e, const char *const *inputs, int count)
{
    const clv_evaluate_remove_options *o = e->options;
    int sets = 0;
    for (int i = 0; i < count; i++)
        sets += inputs[i] && clv_is_set_name(inputs[i]);
    if (sets && count > 1)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "a training set is measured by itself: call once for every input");
    if (sets)
        return take_set(e, inputs[0]);
    if (o->places || o->split)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                        "-place and -split choose from a training set (.safetensors, see \"clearvision prepare\"); "
                        "leave them out");
    clv_status status = clv_eval_cases(e->ctx, inputs, count, &o->input, false, take_case, e);
    if (status == CLV_OK && !e->queue.sequences)
        status = clv_fail(e->ctx, CLV_ERROR_ARGUMENT,
                          "nothing to measure: none of %lld windows has %d clear dates and a cloud shape to lay on "
                          "them; give more dates, or shapes with -shapes",
                          (long long)e->windows, LEAST_DATES);
    return status;
}

static clv_status make_page(void *user, const char *json, clv_page *page)
{
    evaluation *e = user;
    return clv_report_remove(e->ctx, e->inputs, e->input_count, e->options, &e->queue.show, json, page);
}

static clv_status measure_whole_run(clv_context *ctx, const char *const *inputs, int count,
                                    const clv_evaluate_remove_options *o, char **json)
{
    const clv_output_options nowhere = {.path = "."};
    char *text = NULL;
    clv_status status = clv_check_settings(ctx, &o->detect, &nowhere);
    if (status == CLV_OK && (o->protocol != CLV_PROTOCOL_UTILISE || o->methods || o->shapes || o->whole_frames ||
                             o->consecutive || o->places || o->split || o->report))
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "-end_to_end has its own clouds and runs remove as it is; leave out -protocol, -method, "
                          "-shapes, -whole_frames, -consecutive, -place, -split and -report");
    for (int i = 0; i < count && status == CLV_OK; i++)
        if (inputs[i] && clv_is_set_name(inputs[i]))
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: -end_to_end is for series and cubes, not training sets",
                              inputs[i]);
    if (status == CLV_OK)
        status = clv_end_to_end(ctx, inputs, count, o, &text);
    if (status == CLV_OK)
        status = clv_report_finish(ctx, &(clv_report){.path = NULL}, text, json);
    return status;
}

static clv_status evaluate(clv_context *ctx, const char *const *inputs, int count,
                           const clv_evaluate_remove_options *options, char **json)
{
    evaluation e = {.ctx = ctx, .options = options, .inputs = inputs, .input_count = count};
    const clv_report page = {options->report, options->overwrite, make_page, &e};
    if (options->end_to_end)
        return measure_whole_run(ctx, inputs, count, options, json);
    clv_status status = prepare(&e, &page);
    if (status == CLV_OK)
        status = take_inputs(&e, inputs, count);
    if (status == CLV_OK)
        status =
            clv_report_finish(ctx, &page, clv_gap_json(&(clv_gap_facts){options, &e.queue, e.windows, e.sha256}), json);
    clv_gap_queue_free(&e.queue);
    clv_shapes_clear(&e.shapes);
    clv_prepared_free(e.set);
    return status;
}

clv_status clv_evaluate_remove(clv_context *ctx, const char *const *inputs, int count,
                               const clv_evaluate_remove_options *options, char **json)
{
    clv_evaluate_remove_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_evaluate_remove_options_init);
    return status == CLV_OK ? evaluate(ctx, inputs, count, &own, json) : status;
}
