/* SPDX-License-Identifier: MIT */
#include "learn/train/training.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/options.h"
#include "formats/safetensors.h"
#include "learn/train/training_files.h"

#define NOTE_STEPS 50
#define CHECKPOINT_SECONDS 120.0
#define MAX_CHECKPOINT ((size_t)4 << 30)

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double minutes_of(const clv_training *tr)
{
    return (now() - tr->started) / 60;
}

clv_status clv_training_failed(const clv_training *tr, clv_status status, const clv_net_error *error)
{
    return clv_fail(tr->ctx, status, "%s", error->text);
}

/* ---- Getting ready ----------------------------------------------------------------------------- */

clv_status clv_training_check(const clv_training *tr)
{
    clv_context *ctx = tr->ctx;
    const clv_train_options *o = tr->options;
    if (!o->output.path)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -o FILE.safetensors is missing");
    if (o->steps < 1 || o->batch < 1 || o->batch > 4096)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -steps and -batch must be at least 1 (batch at most 4096)");
    if (!(o->learning_rate >= 0 && o->learning_rate <= 1))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -lr must be between 0 and 1");
    if (o->every < 1 || o->patience < 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -every must be at least 1 and -patience at least 0");
    if (o->init && o->resume)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -init starts a training and -resume continues one; give one");
    return clv_training_files_check(ctx, o);
}

/* Fails unless `more` is a JSON object without the keys that options give. */
static clv_status check_settings(const clv_training *tr, const char *more)
{
    static const char *const own[][2] = {{"steps", "-steps"}, {"seed", "-seed"}, {"lr", "-lr"}, {"preset", "-preset"}};
    char error[128];
    clv_status status = CLV_OK;
    clv_json *doc = more ? clv_json_parse(more, strlen(more), error, sizeof error) : NULL;
    if (more && !doc)
        return clv_fail(tr->ctx, CLV_ERROR_ARGUMENT, "-settings %s: not valid JSON: %s", more, error);
    if (more && clv_json_kind(doc) != CLV_JSON_OBJECT)
        status =
            clv_fail(tr->ctx, CLV_ERROR_ARGUMENT, "-settings %s: must be a JSON object such as {\"ema\": 0.999}", more);
    for (size_t i = 0; i < sizeof own / sizeof *own && status == CLV_OK; i++)
        if (clv_json_get(doc, own[i][0]))
            status = clv_fail(tr->ctx, CLV_ERROR_ARGUMENT, "-settings: \"%s\" is given by %s", own[i][0], own[i][1]);
    clv_json_free(doc);
    return status;
}

/* The trainer's settings: those of the options, and the members of the object `more`. */
static char *configuration(const clv_training *tr, const char *more)
{
    const clv_train_options *o = tr->options;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "steps");
    clv_jw_integer(&w, o->steps);
    clv_jw_key(&w, "seed");
    clv_jw_integer(&w, (int64_t)(o->seed & INT64_MAX));
    if (tr->preset) {
        clv_jw_key(&w, "preset");
        clv_jw_string(&w, tr->preset);
    }
    if (o->learning_rate > 0) {
        clv_jw_key(&w, "lr");
        clv_jw_number(&w, o->learning_rate);
    }
    clv_jw_end(&w);
    char *own = clv_jw_take(&w), *all = NULL;
    const char *begin = more ? strchr(more, '{') : NULL;
    if (own && begin && begin[1 + strspn(begin + 1, " \t\r\n")] != '}')
        all = clv_format("%.*s,%s", (int)strlen(own) - 1, own, begin + 1);
    else if (own)
        all = clv_strdup(own);
    free(own);
    return all;
}

static bool same_output(const clv_training *tr, const clv_json *state)
{
    struct stat existing;
    const char *own = clv_json_string(clv_json_get(state, "output"), NULL);
    return own && clv_training_files_same(own, tr->options->output.path) &&
           stat(tr->options->output.path, &existing) == 0;
}

static clv_status take_state(clv_training *tr, const char *text, const char *metrics)
{
    char error[128];
    clv_json *state = clv_json_parse(text, strlen(text), error, sizeof error);
    clv_json *figures = metrics ? clv_json_parse(metrics, strlen(metrics), error, sizeof error) : NULL;
    const clv_json *value = clv_json_get(state, "value");
    const bool has_best = clv_json_kind(value) == CLV_JSON_NUMBER;
    clv_status status = CLV_OK;
    tr->measured = clv_json_integer(clv_json_get(state, "measured"), -1);
    tr->since_best = (int)clv_json_integer(clv_json_get(state, "since"), 0);
    if (!state || (has_best && !figures)) {
        status = clv_fail(tr->ctx, CLV_ERROR_FORMAT, "%s: damaged training checkpoint: its figures cannot be read",
                          tr->options->resume);
    } else if (has_best && same_output(tr, state)) {
        tr->best = clv_json_number(value, 0);
        tr->best_step = clv_json_integer(clv_json_get(state, "step"), 0);
        tr->has_best = (tr->best_metrics = clv_strdup(metrics)) != NULL;
        if (!tr->has_best)
            status = clv_fail_memory_for(tr->ctx, "train");
    } else if (has_best) {
        clv_note(tr->ctx, "the best weights so far are in another file; %s starts again", tr->options->output.path);
    }
    if (status == CLV_OK)
        status = clv_training_files_claim(tr->ctx, tr->options, state);
    clv_json_free(state);
    clv_json_free(figures);
    return status;
}

/* What a checkpoint says of the course: the best so far, which lies in the output, and what was measured. */
static clv_status read_state(clv_training *tr)
{
    uint8_t *data = NULL;
    size_t size = 0;
    clv_safetensors *file = NULL;
    clv_status status = clv_read_file(tr->ctx, tr->options->resume, MAX_CHECKPOINT, &data, &size);
    if (status == CLV_OK)
        status = clv_safetensors_parse(tr->ctx, data, size, &file);
    const char *state = status == CLV_OK ? clv_safetensors_metadata(file, "clearvision.course") : NULL;
    if (state)
        status = take_state(tr, state, clv_safetensors_metadata(file, "clearvision.metrics"));
    else if (status == CLV_OK)
        status = clv_training_files_claim(tr->ctx, tr->options, NULL);
    clv_safetensors_free(file);
    free(data);
    return status;
}

static clv_status begin(clv_training *tr)
{
    clv_net_error error = {""};
    clv_status status = CLV_OK;
    if (tr->options->init)
        status = tr->api->trainer_begin(tr->trainer, tr->options->init, &error);
    else if (tr->options->resume)
        status = tr->api->trainer_load(tr->trainer, tr->options->resume, &error);
    if (status != CLV_OK)
        return clv_training_failed(tr, status, &error);
    return tr->options->resume ? read_state(tr) : clv_training_files_claim(tr->ctx, tr->options, NULL);
}

clv_status clv_training_open(clv_training *tr, const char *config)
{
    clv_net_error error = {""};
    tr->started = tr->last_checkpoint = now();
    tr->measured = -1;
    tr->settings = config;
    clv_status status = clv_engine_api(tr->ctx, &tr->api);
    if (status != CLV_OK)
        return status;
    status = check_settings(tr, config);
    if (status != CLV_OK)
        return status;
    char device[24], *text = configuration(tr, config);
    if (!text)
        return clv_fail_memory_for(tr->ctx, "train");
    tr->api->set_threads(clv_threads(tr->ctx));
    status = tr->api->trainer_open(tr->network, text, clv_device_name(&tr->options->compute, device),
                                   clv_precision_name(tr->options->compute.precision), &tr->trainer, &error);
    free(text);
    if (status != CLV_OK)
        return clv_training_failed(tr, status, &error);
    status = begin(tr);
    if (status == CLV_OK)
        status = clv_training_log_open(tr->ctx, tr->options->log, tr->api->trainer_step(tr->trainer), &tr->log);
    return status;
}

void clv_training_close(clv_training *tr)
{
    if (tr->trainer)
        tr->api->trainer_close(tr->trainer);
    clv_training_log_free(tr->log);
    free(tr->best_metrics);
}

/* ---- Writing ----------------------------------------------------------------------------------- */

static char *describe_training(const clv_training *tr)
{
    const clv_train_options *o = tr->options;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "licence");
    clv_jw_string(&w, o->licence);
    clv_jw_key(&w, "steps");
    clv_jw_integer(&w, tr->api->trainer_step(tr->trainer));
    clv_jw_key(&w, "of_steps");
    clv_jw_integer(&w, o->steps);
    clv_jw_key(&w, "batch");
    clv_jw_integer(&w, o->batch);
    if (o->learning_rate > 0) {
        clv_jw_key(&w, "lr");
        clv_jw_number(&w, o->learning_rate);
    }
    clv_jw_key(&w, "precision");
    clv_jw_string(&w, clv_precision_name(o->compute.precision));
    clv_jw_key(&w, "settings");
    clv_jw_raw(&w, tr->settings);
    clv_jw_key(&w, "init");
    clv_jw_string(&w, o->init);
    clv_jw_key(&w, "seed");
    clv_jw_integer(&w, (int64_t)(o->seed & INT64_MAX));
    clv_jw_key(&w, "minutes");
    clv_jw_number(&w, floor(minutes_of(tr) * 10 + 0.5) / 10);
    tr->write_data(tr->user, &w);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

/* Writes the averaged weights with what they were made from. */
static clv_status save_weights(clv_training *tr)
{
    clv_net_error error = {""};
    clv_status status = clv_training_files_spare(tr->ctx, tr->options, tr->options->output.path);
    if (status != CLV_OK)
        return status;
    char *description = describe_training(tr);
    const char *licence = tr->options->licence ? tr->options->licence : "";
    const char *const metadata[] = {"clearvision.version", clv_version(),    "clearvision.training", description,
                                    "clearvision.metrics", tr->best_metrics, "clearvision.licence",  licence};
    status = description ? tr->api->trainer_save(tr->trainer, tr->options->output.path, false, metadata,
                                                 (int)(sizeof metadata / sizeof *metadata / 2), &error)
                         : CLV_ERROR_MEMORY;
    if (status != CLV_OK)
        clv_fail(tr->ctx, status, "%s", description ? error.text : "train: out of memory");
    free(description);
    return status;
}

static char *describe_course(const clv_training *tr)
{
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "value");
    clv_jw_number(&w, tr->has_best ? tr->best : NAN);
    clv_jw_key(&w, "step");
    clv_jw_integer(&w, tr->best_step);
    clv_jw_key(&w, "since");
    clv_jw_integer(&w, tr->since_best);
    clv_jw_key(&w, "measured");
    clv_jw_integer(&w, tr->measured);
    clv_jw_key(&w, "output");
    clv_jw_string(&w, tr->options->output.path);
    clv_jw_put_string(&w, "log", tr->options->log);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

static clv_status save_checkpoint(clv_training *tr)
{
    clv_net_error error = {""};
    tr->last_checkpoint = now();
    clv_status status = clv_training_log_write(tr->log);
    if (status == CLV_OK && tr->options->checkpoint)
        status = clv_training_files_spare(tr->ctx, tr->options, tr->options->checkpoint);
    if (status != CLV_OK || !tr->options->checkpoint)
        return status;
    char *course = describe_course(tr);
    if (!course)
        return clv_fail_memory_for(tr->ctx, "train");
    const char *const metadata[] = {"clearvision.course", course, "clearvision.metrics", tr->best_metrics};
    status = tr->api->trainer_save(tr->trainer, tr->options->checkpoint, true, metadata, tr->has_best ? 2 : 1, &error);
    free(course);
    return status == CLV_OK ? status : clv_training_failed(tr, status, &error);
}

/* ---- The loop ---------------------------------------------------------------------------------- */

static clv_status keep_best(clv_training *tr, int64_t step, double value)
{
    clv_json_writer w = {0};
    tr->best = value;
    tr->best_step = step;
    tr->since_best = 0;
    tr->has_best = true;
    tr->write_metrics(tr->user, &w);
    free(tr->best_metrics);
    tr->best_metrics = clv_jw_take(&w);
    return tr->best_metrics ? save_weights(tr) : clv_fail_memory_for(tr->ctx, "train");
}

/* Mean of the steps since the latest note, or that of the note. */
static double latest_loss(const clv_training *tr)
{
    return tr->loss_count ? tr->loss_sum / tr->loss_count : tr->loss;
}

/* Writes the averaged weights when they are the best so far; without anything held out: always. */
static clv_status measure(clv_training *tr, int64_t step)
{
    double value = 0;
    clv_status status = tr->measure ? tr->measure(tr->user, step, &value) : CLV_OK;
    if (status == CLV_OK && tr->measure)
        status = clv_training_log_add(tr->log, step, latest_loss(tr), tr->api->trainer_rate(tr->trainer),
                                      minutes_of(tr), value);
    if (status != CLV_OK)
        return status;
    tr->measured = step;
    tr->since_best++;
    if (tr->has_best && tr->measure && value <= tr->best)
        return CLV_OK;
    return keep_best(tr, step, value);
}

static clv_status note_loss(clv_training *tr, int64_t step, double loss)
{
    tr->loss_sum += loss;
    tr->loss_count++;
    if (step % NOTE_STEPS != 0)
        return CLV_OK;
    tr->loss = tr->loss_sum / tr->loss_count;
    clv_note(tr->ctx, "step %" PRId64 " of %d: loss %.5g, %.1f minutes", step, tr->options->steps, tr->loss,
             minutes_of(tr));
    tr->loss_sum = 0;
    tr->loss_count = 0;
    return clv_training_log_add(tr->log, step, tr->loss, tr->api->trainer_rate(tr->trainer), minutes_of(tr), NAN);
}

static bool time_is_up(const clv_training *tr)
{
    return tr->options->minutes > 0 && minutes_of(tr) >= tr->options->minutes;
}

static bool gets_no_better(const clv_training *tr)
{
    return tr->measure && tr->options->patience > 0 && tr->since_best >= tr->options->patience;
}

static double progress_of(const clv_training *tr, int64_t step)
{
    double by_steps = (double)step / tr->options->steps;
    double by_time = tr->options->minutes > 0 ? minutes_of(tr) / tr->options->minutes : 0;
    return fmin(1, fmax(by_steps, by_time));
}

static clv_status one_step(clv_training *tr, int64_t step)
{
    double loss = 0;
    clv_status status = tr->step(tr->user, &loss);
    if (status == CLV_OK)
        status = note_loss(tr, step, loss);
    if (status == CLV_OK && now() - tr->last_checkpoint > CHECKPOINT_SECONDS && step % tr->options->every != 0)
        status = save_checkpoint(tr);
    return status == CLV_OK ? clv_progress(tr->ctx, progress_of(tr, step)) : status;
}

clv_status clv_training_run(clv_training *tr)
{
    clv_status status = CLV_OK;
    int64_t step = tr->api->trainer_step(tr->trainer);
    /* A checkpoint may have been written between a step and its measurement: that is made first. */
    while (status == CLV_OK) {
        if (step > 0 && step % tr->options->every == 0 && tr->measured != step) {
            status = measure(tr, step);
            if (status == CLV_OK)
                status = save_checkpoint(tr);
        }
        if (status != CLV_OK || step >= tr->options->steps || time_is_up(tr) || gets_no_better(tr))
            break;
        status = one_step(tr, ++step);
    }
    if (gets_no_better(tr))
        clv_note(tr->ctx, "stopped: the best of what was held out lies %d measurements back", tr->since_best);
    if (status == CLV_OK || status == CLV_ERROR_CANCELLED) {
        clv_status saved = save_checkpoint(tr);
        status = status == CLV_OK ? saved : status;
    }
    /* Behind the checkpoint: a run that goes on from there has never made this measurement, as one without a pause. */
    if (status == CLV_OK && tr->measured != step) {
        status = measure(tr, step);
        if (status == CLV_OK)
            status = clv_training_log_write(tr->log);
    }
    return status;
}

clv_status clv_training_result(const clv_training *tr, char **json)
{
    clv_json_writer w = {0};
    if (!json)
        return CLV_OK;
    clv_jw_object(&w);
    clv_jw_key(&w, "output");
    clv_jw_string(&w, tr->options->output.path);
    clv_jw_key(&w, "steps");
    clv_jw_integer(&w, tr->api->trainer_step(tr->trainer));
    clv_jw_key(&w, "best_step");
    clv_jw_integer(&w, tr->best_step);
    clv_jw_key(&w, "loss");
    clv_jw_number(&w, latest_loss(tr));
    clv_jw_key(&w, "minutes");
    clv_jw_number(&w, minutes_of(tr));
    clv_jw_key(&w, "metrics");
    clv_jw_raw(&w, tr->best_metrics);
    clv_jw_end(&w);
    *json = clv_jw_take(&w);
    return *json ? CLV_OK : clv_fail_memory_for(tr->ctx, "train");
}
