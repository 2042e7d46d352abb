/* SPDX-License-Identifier: MIT
 *
 * clv_train_detect: reads the lists, trains the stage-1 network, measures it on what was held out, and writes the
 * best averaged weights with a description of what they were made from.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/alloc.h"
#include "core/json.h"
#include "learn/batch.h"
#include "learn/score.h"
#include "pipeline/engine.h"

#define NOTE_STEPS 50
#define SCORE_STEPS 500
#define SCORE_SAMPLES 96    /* windows measured, with a reference and without */
#define SCORE_BATCH 8
#define CHECKPOINT_SECONDS 120.0
#define SCORE_SEED 20240607u /* the windows that are measured are the same in every training */

/* Everything a training holds. */
typedef struct training {
    clv_context *ctx;
    const clv_train_detect_options *options;
    clv_places *places;
    clv_sampler *sampler, *held, *held_single;
    clv_batches *batches;
    const clv_net_api *api;
    clv_net_trainer *trainer;
    clv_score *scores, *best_scores; /* [2, places]: with reference where there is one; every picture by itself */
    double started, last_checkpoint, loss, loss_sum;
    int loss_count;
    double best;
    int64_t best_step;
    bool has_best;
} training;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- Getting ready ----------------------------------------------------------------------------- */

static clv_status check_options(clv_context *ctx, const char *const *inputs, int count,
                                const clv_train_detect_options *options)
{
    struct stat existing;
    if (count < 1 || !inputs)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: name at least one list of training pictures");
    if (!options->output.path)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -o FILE.safetensors is missing");
    if (options->steps < 1 || options->batch < 1 || options->batch > 4096)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -steps and -batch must be at least 1 (batch at most 4096)");
    if (!(options->learning_rate > 0 && options->learning_rate <= 1))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: -lr must be above 0 and at most 1");
    /* Going on with a training replaces what it wrote before. */
    if (!options->output.overwrite && !options->resume && stat(options->output.path, &existing) == 0)
        return clv_fail(ctx, CLV_ERROR_EXISTS, "%s: exists already; give -overwrite or another name",
                        options->output.path);
    return CLV_OK;
}

static clv_status open_places(training *tr, const char *const *inputs, int count)
{
    for (int i = 0; i < count; i++) {
        clv_train_list *list = NULL;
        clv_places *more = NULL;
        clv_status status = clv_train_list_open(tr->ctx, inputs[i], &list);
        if (status == CLV_OK)
            status = clv_places_open(tr->ctx, list, &more);
        clv_train_list_free(list);
        if (status == CLV_OK && tr->places)
            status = clv_places_join(tr->ctx, tr->places, more);
        else if (status == CLV_OK)
            tr->places = more;
        if (status != CLV_OK)
            return status;
    }
    size_t n = (size_t)tr->places->count;
    tr->scores = clv_alloc_array(n, 2, sizeof *tr->scores);
    tr->best_scores = clv_alloc_array(n, 2, sizeof *tr->best_scores);
    return tr->scores && tr->best_scores ? CLV_OK : clv_fail(tr->ctx, CLV_ERROR_MEMORY, "train: out of memory");
}

static clv_status open_samplers(training *tr)
{
    clv_sampler_options training_samples = {.seed = tr->options->seed, .vary = true};
    clv_sampler_options held = {.seed = SCORE_SEED, .hold = true}, single = held;
    single.without_reference = true;
    clv_status status = clv_sampler_new(tr->ctx, tr->places, &training_samples, &tr->sampler);
    if (status == CLV_OK)
        status = clv_sampler_new(tr->ctx, tr->places, &held, &tr->held);
    if (status == CLV_OK)
        status = clv_sampler_new(tr->ctx, tr->places, &single, &tr->held_single);
    if (status == CLV_OK && !tr->sampler)
        status = clv_fail(tr->ctx, CLV_ERROR_ARGUMENT, "train: everything in the lists is held out (hold=yes)");
    return status;
}

static clv_status net_failed(clv_context *ctx, clv_status status, const clv_net_error *error)
{
    return clv_fail(ctx, status, "%s", error->text);
}

static clv_status open_trainer(training *tr)
{
    clv_net_error error = {""};
    clv_status status = clv_engine_api(tr->ctx, &tr->api);
    if (status != CLV_OK)
        return status;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "steps");
    clv_jw_integer(&w, tr->options->steps);
    clv_jw_key(&w, "lr");
    clv_jw_number(&w, tr->options->learning_rate);
    clv_jw_key(&w, "seed");
    clv_jw_integer(&w, (int64_t)(tr->options->seed & INT64_MAX));
    clv_jw_end(&w);
    char *config = clv_jw_take(&w);
    if (!config)
        return clv_fail(tr->ctx, CLV_ERROR_MEMORY, "train: out of memory");
    tr->api->set_threads(clv_threads(tr->ctx));
    status = tr->api->trainer_open("unet", config, tr->options->compute.device, tr->options->compute.precision,
                                   &tr->trainer, &error);
    free(config);
    if (status == CLV_OK && tr->options->resume)
        status = tr->api->trainer_load(tr->trainer, tr->options->resume, &error);
    return status == CLV_OK ? status : net_failed(tr->ctx, status, &error);
}

/* ---- Measuring --------------------------------------------------------------------------------- */

/* Scores SCORE_SAMPLES windows of a sampler of held-out places into scores [places]. */
static clv_status score_sampler(training *tr, const clv_sampler *sampler, clv_score *scores)
{
    clv_status status = CLV_OK;
    clv_net_error error = {""};
    size_t sample = (size_t)CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS;
    clv_sample_work *work = clv_sample_work_new();
    float *in = clv_alloc_array(SCORE_BATCH, sample, sizeof *in);
    float *out = clv_alloc_array(SCORE_BATCH * 2, CLV_SAMPLE_PIXELS, sizeof *out);
    uint8_t *label = clv_alloc_array(SCORE_BATCH, CLV_SAMPLE_PIXELS, 1);
    int place[SCORE_BATCH];
    if (!work || !in || !out || !label)
        status = clv_fail(tr->ctx, CLV_ERROR_MEMORY, "train: out of memory");
    for (int first = 0; first < SCORE_SAMPLES && status == CLV_OK; first += SCORE_BATCH) {
        for (int i = 0; i < SCORE_BATCH; i++)
            place[i] = clv_sampler_draw(sampler, (uint64_t)(first + i), work, in + (size_t)i * sample,
                                        label + (size_t)i * CLV_SAMPLE_PIXELS);
        status = tr->api->trainer_detect(tr->trainer, in, SCORE_BATCH, CLV_SAMPLE_SIDE, CLV_SAMPLE_SIDE, out, &error);
        if (status != CLV_OK) {
            net_failed(tr->ctx, status, &error);
            break;
        }
        for (int i = 0; i < SCORE_BATCH; i++) {
            const float *cloud = out + (size_t)i * 2 * CLV_SAMPLE_PIXELS;
            clv_score_add(&scores[place[i]], label + (size_t)i * CLV_SAMPLE_PIXELS, cloud, cloud + CLV_SAMPLE_PIXELS,
                          CLV_SAMPLE_PIXELS);
        }
        status = clv_check_cancel(tr->ctx);
    }
    clv_sample_work_free(work);
    free(in);
    free(out);
    free(label);
    return status;
}

static double known_or_zero(double x)
{
    return isnan(x) ? 0 : x;
}

static int64_t labelled(const clv_score *score, int class_index)
{
    const int64_t *row = score->pixels[class_index];
    return row[0] + row[1] + row[2];
}

/* Joins the scores of all places; with a class: of those whose labels know it (masks without shadows say nothing about
 * shadows). class_index -1: all. */
static clv_score sum_of(const training *tr, const clv_score *scores, int class_index)
{
    clv_score sum = {{{0}}};
    for (int p = 0; p < tr->places->count; p++)
        if (class_index < 0 || labelled(&scores[p], class_index))
            clv_score_join(&sum, &scores[p]);
    return sum;
}

static double joint_f1(const training *tr, const clv_score *scores, int class_index)
{
    clv_score sum = sum_of(tr, scores, class_index);
    return clv_score_f1(&sum, class_index);
}

static double joint_false_alarms(const training *tr, const clv_score *scores)
{
    clv_score sum = sum_of(tr, scores, -1);
    return clv_score_false_alarms(&sum);
}

/* ---- Writing ----------------------------------------------------------------------------------- */

static void write_numbers(clv_json_writer *w, int64_t pixels, double cloud, double shadow, double false_alarms)
{
    clv_jw_object(w);
    clv_jw_key(w, "pixels");
    clv_jw_integer(w, pixels);
    clv_jw_key(w, "f1_cloud");
    clv_jw_number(w, cloud);
    clv_jw_key(w, "f1_shadow");
    clv_jw_number(w, shadow);
    clv_jw_key(w, "false_alarms");
    clv_jw_number(w, false_alarms);
    clv_jw_end(w);
}

static int64_t all_pixels(const clv_score *score)
{
    return labelled(score, 0) + labelled(score, 1) + labelled(score, 2);
}

static void write_joint(const training *tr, clv_json_writer *w, const clv_score *scores)
{
    clv_score sum = sum_of(tr, scores, -1);
    write_numbers(w, all_pixels(&sum), joint_f1(tr, scores, 1), joint_f1(tr, scores, 2), clv_score_false_alarms(&sum));
}

/* True for the first place of its name: places of one name are reported together. */
static bool first_of_name(const training *tr, int p)
{
    for (int q = 0; q < p; q++)
        if (strcmp(tr->places->items[q].name, tr->places->items[p].name) == 0)
            return false;
    return true;
}

static void write_metrics(const training *tr, clv_json_writer *w)
{
    clv_jw_object(w);
    clv_jw_key(w, "held_out");
    write_joint(tr, w, tr->best_scores);
    clv_jw_key(w, "held_out_single_pictures");
    write_joint(tr, w, tr->best_scores + tr->places->count);
    clv_jw_key(w, "places");
    clv_jw_object(w);
    for (int p = 0; p < tr->places->count; p++) {
        const clv_place *place = &tr->places->items[p];
        if (!place->hold || !first_of_name(tr, p))
            continue;
        clv_score score = {{{0}}};
        for (int q = p; q < tr->places->count; q++)
            if (strcmp(tr->places->items[q].name, place->name) == 0)
                clv_score_join(&score, &tr->best_scores[q]);
        clv_jw_key(w, place->name);
        write_numbers(w, all_pixels(&score), clv_score_f1(&score, 1), clv_score_f1(&score, 2),
                      clv_score_false_alarms(&score));
    }
    clv_jw_end(w);
    clv_jw_end(w);
}

static void write_training(const training *tr, clv_json_writer *w)
{
    clv_jw_object(w);
    clv_jw_key(w, "licence");
    clv_jw_string(w, tr->options->licence);
    clv_jw_key(w, "steps");
    clv_jw_integer(w, tr->api->trainer_step(tr->trainer));
    clv_jw_key(w, "batch");
    clv_jw_integer(w, tr->options->batch);
    clv_jw_key(w, "lr");
    clv_jw_number(w, tr->options->learning_rate);
    clv_jw_key(w, "seed");
    clv_jw_integer(w, (int64_t)(tr->options->seed & INT64_MAX));
    clv_jw_key(w, "minutes");
    clv_jw_number(w, floor((now() - tr->started) / 6 + 0.5) / 10);
    clv_jw_key(w, "data");
    clv_jw_array(w);
    for (int p = 0; p < tr->places->count; p++)
        if (!tr->places->items[p].hold && first_of_name(tr, p))
            clv_jw_string(w, tr->places->items[p].name);
    clv_jw_end(w);
    clv_jw_end(w);
}

/* Writes the averaged weights with what they were made from. */
static clv_status save_weights(training *tr)
{
    clv_net_error error = {""};
    clv_json_writer w = {0}, m = {0};
    write_training(tr, &w);
    write_metrics(tr, &m);
    char *description = clv_jw_take(&w), *metrics = clv_jw_take(&m);
    clv_status status = CLV_ERROR_MEMORY;
    if (description && metrics) {
        const char *const metadata[] = {"clearvision.version",  clv_version(),      "clearvision.training",
                                        description,            "clearvision.metrics", metrics,
                                        "clearvision.licence",  tr->options->licence ? tr->options->licence : ""};
        status = tr->api->trainer_save(tr->trainer, tr->options->output.path, false, metadata,
                                       (int)(sizeof metadata / sizeof *metadata / 2), &error);
        if (status != CLV_OK)
            net_failed(tr->ctx, status, &error);
    } else {
        clv_fail(tr->ctx, status, "train: out of memory");
    }
    free(description);
    free(metrics);
    return status;
}

static clv_status save_checkpoint(training *tr)
{
    clv_net_error error = {""};
    tr->last_checkpoint = now();
    if (!tr->options->checkpoint)
        return CLV_OK;
    clv_status status = tr->api->trainer_save(tr->trainer, tr->options->checkpoint, true, NULL, 0, &error);
    return status == CLV_OK ? status : net_failed(tr->ctx, status, &error);
}

/* ---- The loop ---------------------------------------------------------------------------------- */

/* Measures the averaged weights on what was held out; a number to compare them by. */
static clv_status measure_held(training *tr, int64_t step, double *value)
{
    clv_score *series = tr->scores, *single = tr->scores + tr->places->count;
    memset(tr->scores, 0, 2 * (size_t)tr->places->count * sizeof *tr->scores);
    clv_status status = score_sampler(tr, tr->held, series);
    if (status == CLV_OK)
        status = score_sampler(tr, tr->held_single, single);
    if (status != CLV_OK)
        return status;
    double cloud[2] = {joint_f1(tr, series, 1), joint_f1(tr, single, 1)};
    double shadow[2] = {joint_f1(tr, series, 2), joint_f1(tr, single, 2)};
    clv_note(tr->ctx,
             "step %lld: held out, series: cloud F1 %.4f, shadow F1 %.4f, false alarms %.2f %%; "
             "single pictures: %.4f, %.4f, %.2f %%",
             (long long)step, cloud[0], shadow[0], 100 * joint_false_alarms(tr, series), cloud[1], shadow[1],
             100 * joint_false_alarms(tr, single));
    *value = 0.375 * (known_or_zero(cloud[0]) + known_or_zero(cloud[1])) +
             0.125 * (known_or_zero(shadow[0]) + known_or_zero(shadow[1]));
    return CLV_OK;
}

/* Writes the averaged weights when they are the best so far; without anything held out: always. */
static clv_status measure(training *tr)
{
    int64_t step = tr->api->trainer_step(tr->trainer);
    double value = 0;
    clv_status status = tr->held ? measure_held(tr, step, &value) : CLV_OK;
    if (status != CLV_OK || (tr->has_best && tr->held && value <= tr->best))
        return status;
    tr->best = value;
    tr->best_step = step;
    tr->has_best = true;
    memcpy(tr->best_scores, tr->scores, 2 * (size_t)tr->places->count * sizeof *tr->scores);
    return save_weights(tr);
}

static void note_loss(training *tr, int64_t step, double loss)
{
    tr->loss_sum += loss;
    tr->loss_count++;
    if (step % NOTE_STEPS != 0)
        return;
    tr->loss = tr->loss_sum / tr->loss_count;
    clv_note(tr->ctx, "step %lld of %d: loss %.4f, %.1f minutes", (long long)step, tr->options->steps, tr->loss,
             (now() - tr->started) / 60);
    tr->loss_sum = 0;
    tr->loss_count = 0;
}

static bool time_is_up(const training *tr)
{
    return tr->options->minutes > 0 && now() - tr->started >= tr->options->minutes * 60;
}

static double progress_of(const training *tr, int64_t step)
{
    double by_steps = (double)step / tr->options->steps;
    double by_time = tr->options->minutes > 0 ? (now() - tr->started) / (tr->options->minutes * 60) : 0;
    return fmin(1, fmax(by_steps, by_time));
}

static clv_status run_steps(training *tr)
{
    clv_net_error error = {""};
    clv_status status = CLV_OK;
    int64_t step = tr->api->trainer_step(tr->trainer), measured = -1;
    while (status == CLV_OK && step < tr->options->steps && !time_is_up(tr)) {
        const clv_batch *batch = NULL;
        double loss = 0;
        status = clv_batches_next(tr->batches, &batch);
        if (status != CLV_OK)
            break;
        status = tr->api->train_detect_step(tr->trainer, batch->in, batch->label, batch->size, CLV_SAMPLE_SIDE,
                                            CLV_SAMPLE_SIDE, &loss, &error);
        if (status != CLV_OK)
            return net_failed(tr->ctx, status, &error);
        step++;
        note_loss(tr, step, loss);
        if (step % SCORE_STEPS == 0) {
            status = measure(tr);
            measured = step;
        }
        if (status == CLV_OK && now() - tr->last_checkpoint > CHECKPOINT_SECONDS)
            status = save_checkpoint(tr);
        if (status == CLV_OK)
            status = clv_progress(tr->ctx, progress_of(tr, step));
    }
    if (status == CLV_ERROR_CANCELLED) {
        save_checkpoint(tr);
        return status;
    }
    if (status == CLV_OK)
        status = save_checkpoint(tr);
    return status == CLV_OK && measured != step ? measure(tr) : status;
}

static clv_status write_result(training *tr, char **json)
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
    clv_jw_number(&w, tr->loss_count ? tr->loss_sum / tr->loss_count : tr->loss);
    clv_jw_key(&w, "minutes");
    clv_jw_number(&w, (now() - tr->started) / 60);
    clv_jw_key(&w, "metrics");
    write_metrics(tr, &w);
    clv_jw_end(&w);
    *json = clv_jw_take(&w);
    return *json ? CLV_OK : clv_fail(tr->ctx, CLV_ERROR_MEMORY, "train: out of memory");
}

static void note_places(const training *tr)
{
    int trained = 0, held = 0, dates = 0;
    for (int p = 0; p < tr->places->count; p++) {
        const clv_place *place = &tr->places->items[p];
        *(place->hold ? &held : &trained) += 1;
        dates += place->dates;
    }
    clv_note(tr->ctx, "%d places to train on, %d held out, %d pictures in all", trained, held, dates);
}

static void training_clear(training *tr)
{
    clv_batches_free(tr->batches);
    if (tr->trainer)
        tr->api->trainer_close(tr->trainer);
    clv_sampler_free(tr->sampler);
    clv_sampler_free(tr->held);
    clv_sampler_free(tr->held_single);
    clv_places_free(tr->places);
    free(tr->scores);
    free(tr->best_scores);
}

clv_status clv_train_detect(clv_context *ctx, const char *const *inputs, int count,
                            const clv_train_detect_options *options, char **json)
{
    clv_train_detect_options defaults;
    training tr = {.ctx = ctx, .started = now()};
    if (json)
        *json = NULL;
    clv_clear_error(ctx);
    if (!options) {
        clv_train_detect_options_init(&defaults);
        options = &defaults;
    }
    tr.options = options;
    clv_status status = check_options(ctx, inputs, count, options);
    if (status == CLV_OK)
        status = open_places(&tr, inputs, count);
    if (status == CLV_OK)
        status = open_samplers(&tr);
    if (status == CLV_OK)
        status = open_trainer(&tr);
    if (status == CLV_OK)
        status = clv_batches_new(ctx, tr.sampler, options->batch, tr.api->trainer_step(tr.trainer), &tr.batches);
    if (status == CLV_OK) {
        note_places(&tr);
        tr.last_checkpoint = now();
        status = run_steps(&tr);
    }
    if (status == CLV_OK)
        status = write_result(&tr, json);
    training_clear(&tr);
    return status;
}
