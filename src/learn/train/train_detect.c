/* SPDX-License-Identifier: MIT
 *
 * clv_train_detect: reads the lists, trains the stage-1 network on samples of their pictures, and measures it on what
 * was held out.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/options.h"
#include "learn/dataset/sample.h"
#include "learn/evaluate/score.h"
#include "learn/train/batch.h"
#include "learn/train/training.h"

#define SCORE_SAMPLES 96 /* windows measured, with a reference and without */
#define SCORE_BATCH 8
#define SCORE_SEED 20240607u /* the windows that are measured are the same in every training */

typedef struct batch_buffers {
    float *in;      /* [batch, CLV_DETECT_CHANNELS, 128, 128] */
    uint8_t *label; /* [batch, 128, 128] */
} batch_buffers;

/* Everything a training holds. */
typedef struct training {
    clv_training common;
    clv_context *ctx;
    clv_places *places;
    clv_sampler *sampler, *held, *held_single;
    clv_sample_work *work;
    batch_buffers buffers[2];
    clv_batches *batches;
    clv_score *scores; /* [2, places]: with reference where there is one; every picture by itself */
} training;

/* ---- Getting ready ----------------------------------------------------------------------------- */

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
    return tr->scores ? CLV_OK : clv_fail_memory_for(tr->ctx, "train");
}

static clv_status open_samplers(training *tr)
{
    clv_sampler_options training_samples = {.seed = tr->common.options->seed, .vary = true};
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
        status = clv_fail_memory_for(tr->ctx, "train");
    for (int first = 0; first < SCORE_SAMPLES && status == CLV_OK; first += SCORE_BATCH) {
        for (int i = 0; i < SCORE_BATCH; i++)
            place[i] = clv_sampler_draw(sampler, (uint64_t)(first + i), work, in + (size_t)i * sample,
                                        label + (size_t)i * CLV_SAMPLE_PIXELS);
        status = tr->common.api->trainer_detect(tr->common.trainer, in, SCORE_BATCH, CLV_SAMPLE_SIDE, CLV_SAMPLE_SIDE,
                                                out, &error);
        if (status != CLV_OK) {
            clv_training_failed(&tr->common, status, &error);
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

static void write_metrics(void *user, clv_json_writer *w)
{
    const training *tr = user;
    clv_jw_object(w);
    clv_jw_key(w, "held_out");
    write_joint(tr, w, tr->scores);
    clv_jw_key(w, "held_out_single_pictures");
    write_joint(tr, w, tr->scores + tr->places->count);
    clv_jw_key(w, "places");
    clv_jw_object(w);
    for (int p = 0; p < tr->places->count; p++) {
        const clv_place *place = &tr->places->items[p];
        if (!place->hold || !first_of_name(tr, p))
            continue;
        clv_score score = {{{0}}};
        for (int q = p; q < tr->places->count; q++)
            if (strcmp(tr->places->items[q].name, place->name) == 0)
                clv_score_join(&score, &tr->scores[q]);
        clv_jw_key(w, place->name);
        write_numbers(w, all_pixels(&score), clv_score_f1(&score, 1), clv_score_f1(&score, 2),
                      clv_score_false_alarms(&score));
    }
    clv_jw_end(w);
    clv_jw_end(w);
}

static void write_data(void *user, clv_json_writer *w)
{
    const training *tr = user;
    clv_jw_key(w, "data");
    clv_jw_array(w);
    for (int p = 0; p < tr->places->count; p++)
        if (!tr->places->items[p].hold && first_of_name(tr, p))
            clv_jw_string(w, tr->places->items[p].name);
    clv_jw_end(w);
}

/* Measures the averaged weights on what was held out; a number to compare them by. */
static clv_status measure_held(void *user, int64_t step, double *value)
{
    training *tr = user;
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

/* ---- Steps ------------------------------------------------------------------------------------- */

/* Step k consists of the samples k * batch .. (k + 1) * batch - 1. */
static clv_status make_batch(void *user, int64_t step, int number)
{
    training *tr = user;
    const int batch = tr->common.options->batch;
    for (int i = 0; i < batch; i++)
        clv_sampler_draw(tr->sampler, (uint64_t)step * (uint64_t)batch + (uint64_t)i, tr->work,
                         tr->buffers[number].in + (size_t)i * CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS,
                         tr->buffers[number].label + (size_t)i * CLV_SAMPLE_PIXELS);
    return CLV_OK;
}

static clv_status start_batches(training *tr)
{
    const size_t batch = (size_t)tr->common.options->batch;
    bool ok = (tr->work = clv_sample_work_new()) != NULL;
    for (int k = 0; k < 2 && ok; k++) {
        tr->buffers[k].in = clv_alloc_array(batch, CLV_DETECT_CHANNELS * CLV_SAMPLE_PIXELS, sizeof *tr->buffers[k].in);
        tr->buffers[k].label = clv_alloc_array(batch, CLV_SAMPLE_PIXELS, 1);
        ok = tr->buffers[k].in && tr->buffers[k].label;
    }
    if (!ok)
        return clv_fail(tr->ctx, CLV_ERROR_MEMORY, "out of memory for batches of %d samples: use a smaller -batch",
                        tr->common.options->batch);
    return clv_batches_new(tr->ctx, make_batch, tr, tr->common.api->trainer_step(tr->common.trainer), &tr->batches);
}

static clv_status step(void *user, double *loss)
{
    training *tr = user;
    clv_net_error error = {""};
    int k = 0;
    clv_status status = clv_batches_next(tr->batches, &k);
    if (status != CLV_OK)
        return status;
    status =
        tr->common.api->train_detect_step(tr->common.trainer, tr->buffers[k].in, tr->buffers[k].label,
                                          tr->common.options->batch, CLV_SAMPLE_SIDE, CLV_SAMPLE_SIDE, loss, &error);
    return status == CLV_OK ? status : clv_training_failed(&tr->common, status, &error);
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
    clv_training_close(&tr->common);
    for (int k = 0; k < 2; k++) {
        free(tr->buffers[k].in);
        free(tr->buffers[k].label);
    }
    clv_sample_work_free(tr->work);
    clv_sampler_free(tr->sampler);
    clv_sampler_free(tr->held);
    clv_sampler_free(tr->held_single);
    clv_places_free(tr->places);
    free(tr->scores);
}

static clv_status train(clv_context *ctx, const char *const *inputs, int count, const clv_train_options *options,
                        char **json)
{
    clv_status status = CLV_OK;
    training tr = {.ctx = ctx,
                   .common = {.ctx = ctx,
                              .options = options,
                              .network = "unet",
                              .step = step,
                              .write_metrics = write_metrics,
                              .write_data = write_data}};
    tr.common.user = &tr;
    if (count < 1 || !inputs)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "train: name at least one list of training pictures");
    for (int i = 0; i < count && status == CLV_OK; i++)
        clv_input_files_add(ctx, inputs[i]);
    if (status == CLV_OK)
        status = clv_training_check(&tr.common);
    if (status == CLV_OK)
        status = open_places(&tr, inputs, count);
    if (status == CLV_OK)
        status = open_samplers(&tr);
    if (status == CLV_OK)
        status = clv_training_open(&tr.common, NULL);
    if (status == CLV_OK)
        status = start_batches(&tr);
    if (status == CLV_OK) {
        tr.common.measure = tr.held ? measure_held : NULL;
        note_places(&tr);
        status = clv_training_run(&tr.common);
    }
    if (status == CLV_OK)
        status = clv_training_result(&tr.common, json);
    training_clear(&tr);
    return status;
}

clv_status clv_train_detect(clv_context *ctx, const char *const *inputs, int count, const clv_train_options *options,
                            char **json)
{
    clv_train_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_train_detect_options_init);
    return status == CLV_OK ? train(ctx, inputs, count, &own, json) : status;
}
