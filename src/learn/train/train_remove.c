/* SPDX-License-Identifier: MIT
 *
 * clv_train_remove: trains a stage-2 network on samples of a prepared set and measures it on what was held out: PSNR of
 * the occluded pixels, beside that of the gap filling it starts from. Reads no picture: a machine without GDAL's
 * drivers can train.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/options.h"
#include "base/parallel.h"
#include "image/metrics.h"
#include "learn/dataset/set_choice.h"
#include "learn/dataset/training_sample.h"
#include "learn/train/batch.h"
#include "learn/train/training.h"

#define HELD_SAMPLES 40       /* measured, at most */
#define SAMPLES_OF_A_WINDOW 5 /* so many different gaps are laid on each window held out */
#define HELD_SEED 20251125u   /* the samples that are measured are the same in every training */
#define MOST_PLACES 256
#define SCORED 3 /* red, green, blue */

/* A batch: `count` samples in one piece of memory each. */
typedef struct batch_buffers {
    float *in, *days, *target;
    uint8_t *scope;
} batch_buffers;

/* Means over the samples of a place. */
typedef struct place_score {
    const char *name;
    double network, gapfill; /* sums of dB */
    int samples;
} place_score;

typedef struct training {
    clv_training common;
    clv_context *ctx;
    const clv_train_remove_options *options;
    clv_prepared *set;
    clv_training_samples *samples, *held;
    clv_net_info info;
    clv_training_sample_options form; /* of the training samples */
    clv_training_sample_work **work;  /* [workers] */
    int workers;
    batch_buffers buffers[2], test; /* test: one sample of the full size */
    clv_training_sample_work *test_work;
    float *out; /* what the network makes of it */
    clv_batches *batches;
    batch_buffers *filling; /* of make_batch */
    int64_t filling_step;
    place_score places[MOST_PLACES];
    int place_count;
} training;

/* ---- Memory ------------------------------------------------------------------------------------ */

static size_t planes_of(const training *tr)
{
    return (size_t)clv_fill_planes(&tr->form.form);
}

static bool buffers_new(const training *tr, size_t count, size_t area, batch_buffers *r)
{
    const size_t frames = count * CLV_TRAINING_SAMPLE_DATES;
    r->in = clv_alloc_array(frames * planes_of(tr), area, sizeof *r->in);
    r->days = clv_alloc_array(frames, 1, sizeof *r->days);
    r->target = clv_alloc_array(frames * (size_t)tr->form.form.bands, area, sizeof *r->target);
    r->scope = clv_alloc_array(frames, area, 1);
    return r->in && r->days && r->target && r->scope;
}

static void buffers_clear(batch_buffers *r)
{
    free(r->in);
    free(r->days);
    free(r->target);
    free(r->scope);
}

static clv_training_sample sample_in(const training *tr, const batch_buffers *r, size_t i, size_t area)
{
    const size_t frames = i * CLV_TRAINING_SAMPLE_DATES;
    return (clv_training_sample){.in = r->in + frames * planes_of(tr) * area,
                                 .days = r->days + frames,
                                 .target = r->target + frames * (size_t)tr->form.form.bands * area,
                                 .scope = r->scope + frames * area};
}

static size_t area_of(const training *tr)
{
    return (size_t)tr->form.side * (size_t)tr->form.side;
}

/* ---- Getting ready ----------------------------------------------------------------------------- */

static clv_status check_inputs(clv_context *ctx, const char *const *inputs, int count,
                               const clv_train_remove_options *o)
{
    if (count != 1 || !inputs)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "train remove: name one training set, as \"clearvision prepare\" writes it");
    clv_input_files_add(ctx, inputs[0]);
    if (o->side < 16 || o->side > CLV_PREPARED_SIDE || o->side % 8 != 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "train remove: -side %d: must be a multiple of 8 from 16 to %d",
                        o->side, CLV_PREPARED_SIDE);
    return CLV_OK;
}

static clv_status open_network(training *tr)
{
    clv_status status = clv_training_open(&tr->common, tr->options->settings);
    if (status != CLV_OK)
        return status;
    tr->common.api->trainer_info(tr->common.trainer, &tr->info);
    if (tr->options->side % tr->info.multiple != 0 || CLV_PREPARED_SIDE % tr->info.multiple != 0)
        return clv_fail(tr->ctx, CLV_ERROR_ARGUMENT, "train remove: -side %d: this network needs a multiple of %d",
                        tr->options->side, tr->info.multiple);
    tr->form = (clv_training_sample_options){.seed = tr->options->train.seed,
                                             .vary = true,
                                             .without = tr->options->without,
                                             .form = {tr->info.bands, tr->info.needs_gapfill},
                                             .side = tr->options->side};
    if (tr->info.in_channels != clv_fill_planes(&tr->form.form) || tr->info.bands < 3 || tr->info.bands > 4)
        return clv_fail(
            tr->ctx, CLV_ERROR_ARGUMENT,
            "train remove: a network of %d planes in and %d out does not fit; remove works with red, green, "
            "blue and, if wanted, near infrared",
            tr->info.in_channels, tr->info.out_channels);
    return CLV_OK;
}

static clv_status open_samples(training *tr)
{
    clv_training_sample_options held = tr->form;
    held.seed = HELD_SEED;
    held.hold = true;
    held.vary = false;
    held.side = CLV_PREPARED_SIDE;
    clv_status status = clv_training_samples_new(tr->ctx, tr->set, &tr->form, &tr->samples);
    if (status == CLV_OK)
        status = clv_training_samples_new(tr->ctx, tr->set, &held, &tr->held);
    if (status == CLV_OK && !tr->samples)
        status = clv_fail(tr->ctx, CLV_ERROR_ARGUMENT,
                          "train remove: nothing to learn from: no sequence has 5 clear dates, and there is no clear "
                          "picture that is not held out");
    if (status != CLV_OK)
        return status;
    int series = 0, pictures = 0, held_series = 0, held_pictures = 0;
    clv_training_samples_count(tr->samples, &series, &pictures);
    if (tr->held)
        clv_training_samples_count(tr->held, &held_series, &held_pictures);
    clv_note(tr->ctx, "%d windows of series and %d of single pictures to train on, %d and %d held out", series,
             pictures, held_series, held_pictures);
    return CLV_OK;
}

static clv_status open_buffers(training *tr)
{
    const size_t batch = (size_t)tr->options->train.batch;
    const int threads = clv_threads(tr->ctx);
    tr->workers = threads < (int)batch ? threads : (int)batch;
    tr->work = clv_alloc_array((size_t)tr->workers, 1, sizeof *tr->work);
    bool ok = tr->work && buffers_new(tr, batch, area_of(tr), &tr->buffers[0]) &&
              buffers_new(tr, batch, area_of(tr), &tr->buffers[1]);
    for (int i = 0; ok && i < tr->workers; i++)
        ok = (tr->work[i] = clv_training_sample_work_new()) != NULL;
    if (ok && tr->held)
        tr->out = clv_alloc_array((size_t)CLV_TRAINING_SAMPLE_DATES * (size_t)tr->info.out_channels,
                                  CLV_PREPARED_PIXELS, sizeof *tr->out);
    if (ok && tr->held)
        ok = tr->out && (tr->test_work = clv_training_sample_work_new()) &&
             buffers_new(tr, 1, CLV_PREPARED_PIXELS, &tr->test);
    return ok ? CLV_OK
              : clv_fail(tr->ctx, CLV_ERROR_MEMORY, "out of memory for batches of %d windows: use a smaller -batch",
                         tr->options->train.batch);
}

/* ---- Measuring --------------------------------------------------------------------------------- */

static place_score *score_of(training *tr, int sequence)
{
    clv_prepared_sequence s;
    clv_prepared_get(tr->set, sequence, &s);
    for (int i = 0; i < tr->place_count; i++)
        if (strcmp(tr->places[i].name, s.place) == 0)
            return &tr->places[i];
    if (tr->place_count < MOST_PLACES)
        tr->places[tr->place_count++] = (place_score){.name = s.place};
    return &tr->places[tr->place_count - 1];
}

/* Of the occluded pixels of all dates; out_stride: planes per date of `out`. */
static double psnr_of(const training *tr, const clv_training_sample *sample, const float *out, size_t out_planes)
{
    clv_errors e = {0};
    for (int t = 0; t < sample->dates; t++)
        clv_errors_add(&e, out + (size_t)t * out_planes * CLV_PREPARED_PIXELS,
                       sample->target + (size_t)t * (size_t)tr->form.form.bands * CLV_PREPARED_PIXELS, SCORED,
                       CLV_PREPARED_PIXELS, CLV_PREPARED_PIXELS, sample->scope + (size_t)t * CLV_PREPARED_PIXELS,
                       CLV_TRAINING_SAMPLE_OCCLUDED);
    return clv_errors_psnr(&e);
}

static clv_status measure_sample(training *tr, uint64_t number)
{
    clv_net_error error = {""};
    clv_training_sample sample = sample_in(tr, &tr->test, 0, CLV_PREPARED_PIXELS);
    clv_status status = clv_training_samples_draw(tr->ctx, tr->held, number, tr->test_work, &sample);
    if (status != CLV_OK)
        return status;
    status = tr->common.api->trainer_predict(tr->common.trainer, sample.in, sample.days, 1, sample.dates,
                                             CLV_PREPARED_SIDE, CLV_PREPARED_SIDE, tr->out, &error);
    if (status != CLV_OK)
        return clv_training_failed(&tr->common, status, &error);
    const double network = psnr_of(tr, &sample, tr->out, (size_t)tr->info.out_channels);
    const double gapfill = tr->info.needs_gapfill ? psnr_of(tr, &sample, sample.in, planes_of(tr)) : network;
    if (!isfinite(network) || !isfinite(gapfill))
        return CLV_OK; /* nothing under a gap whose truth is known */
    place_score *score = score_of(tr, sample.sequence);
    score->network += network;
    score->gapfill += gapfill;
    score->samples++;
    return CLV_OK;
}

static place_score sum_of(const training *tr)
{
    place_score sum = {0};
    for (int i = 0; i < tr->place_count; i++) {
        sum.network += tr->places[i].network;
        sum.gapfill += tr->places[i].gapfill;
        sum.samples += tr->places[i].samples;
    }
    return sum;
}

static double mean(double sum, int count)
{
    return count ? sum / count : NAN;
}

static clv_status measure_held(void *user, int64_t step, double *value)
{
    training *tr = user;
    clv_status status = CLV_OK;
    int series = 0, pictures = 0;
    clv_training_samples_count(tr->held, &series, &pictures);
    const int samples = SAMPLES_OF_A_WINDOW * (series + pictures);
    tr->place_count = 0;
    for (int i = 0; i < samples && i < HELD_SAMPLES && status == CLV_OK; i++) {
        status = measure_sample(tr, (uint64_t)i);
        if (status == CLV_OK)
            status = clv_check_cancel(tr->ctx);
    }
    if (status != CLV_OK)
        return status;
    const place_score sum = sum_of(tr);
    *value = mean(sum.network, sum.samples);
    if (tr->info.needs_gapfill)
        clv_note(tr->ctx, "step %" PRId64 ": held out, occluded: %.3f dB, gapfill %.3f dB", step, *value,
                 mean(sum.gapfill, sum.samples));
    else
        clv_note(tr->ctx, "step %" PRId64 ": held out, occluded: %.3f dB", step, *value);
    return isnan(*value) ? clv_fail(tr->ctx, CLV_ERROR_ARGUMENT,
                                    "train remove: nothing can be measured on what is held "
                                    "out; hold other pictures out, or none")
                         : CLV_OK;
}

/* ---- Writing ----------------------------------------------------------------------------------- */

static void write_score(const training *tr, clv_json_writer *w, const place_score *s)
{
    clv_jw_object(w);
    clv_jw_key(w, "lessons");
    clv_jw_integer(w, s->samples);
    clv_jw_key(w, "psnr");
    clv_jw_number(w, mean(s->network, s->samples));
    if (tr->info.needs_gapfill) {
        clv_jw_key(w, "psnr_prior");
        clv_jw_number(w, mean(s->gapfill, s->samples));
    }
    clv_jw_end(w);
}

static void write_metrics(void *user, clv_json_writer *w)
{
    const training *tr = user;
    const place_score sum = sum_of(tr);
    clv_jw_object(w);
    clv_jw_key(w, "held_out");
    write_score(tr, w, &sum);
    clv_jw_key(w, "places");
    clv_jw_object(w);
    for (int i = 0; i < tr->place_count; i++) {
        clv_jw_key(w, tr->places[i].name);
        write_score(tr, w, &tr->places[i]);
    }
    clv_jw_end(w);
    clv_jw_end(w);
}

static bool trained_on(const training *tr, const clv_prepared_sequence *s)
{
    return strcmp(s->split, "hold") != 0 && !clv_set_choice_names(tr->options->without, s->place);
}

/* Each place with its licence, once. */
static void write_data(void *user, clv_json_writer *w)
{
    const training *tr = user;
    clv_jw_key(w, "side");
    clv_jw_integer(w, tr->options->side);
    clv_jw_key(w, "data");
    clv_jw_array(w);
    for (int i = 0; i < clv_prepared_count(tr->set); i++) {
        clv_prepared_sequence s;
        clv_prepared_get(tr->set, i, &s);
        if (!clv_set_choice_first(tr->set, i) || !trained_on(tr, &s))
            continue;
        clv_jw_object(w);
        clv_jw_key(w, "place");
        clv_jw_string(w, s.place);
        clv_jw_key(w, "licence");
        clv_jw_string(w, s.licence);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

/* ---- Steps ------------------------------------------------------------------------------------- */

static clv_status draw_one(void *arg, int index, int worker)
{
    training *tr = arg;
    clv_training_sample sample = sample_in(tr, tr->filling, (size_t)index, area_of(tr));
    const uint64_t number = (uint64_t)tr->filling_step * (uint64_t)tr->options->train.batch + (uint64_t)index;
    return clv_training_samples_draw(tr->ctx, tr->samples, number, tr->work[worker], &sample);
}

/* Step k consists of the samples k * batch .. (k + 1) * batch - 1. */
static clv_status make_batch(void *user, int64_t step, int number)
{
    training *tr = user;
    tr->filling = &tr->buffers[number];
    tr->filling_step = step;
    return clv_parallel_for(tr->ctx, tr->options->train.batch, tr->workers, draw_one, tr);
}

static clv_status step(void *user, double *loss)
{
    training *tr = user;
    clv_net_error error = {""};
    int k = 0;
    clv_status status = clv_batches_next(tr->batches, &k);
    if (status != CLV_OK)
        return status;
    const batch_buffers *r = &tr->buffers[k];
    status = tr->common.api->train_remove_step(tr->common.trainer, r->in, r->days, r->target, r->scope,
                                               tr->options->train.batch, CLV_TRAINING_SAMPLE_DATES, tr->form.side,
                                               tr->form.side, loss, &error);
    return status == CLV_OK ? status : clv_training_failed(&tr->common, status, &error);
}

static void training_clear(training *tr)
{
    clv_batches_free(tr->batches);
    clv_training_close(&tr->common);
    buffers_clear(&tr->buffers[0]);
    buffers_clear(&tr->buffers[1]);
    buffers_clear(&tr->test);
    for (int i = 0; tr->work && i < tr->workers; i++)
        clv_training_sample_work_free(tr->work[i]);
    free(tr->work);
    clv_training_sample_work_free(tr->test_work);
    free(tr->out);
    clv_training_samples_free(tr->samples);
    clv_training_samples_free(tr->held);
    clv_prepared_free(tr->set);
}

static clv_status train(clv_context *ctx, const char *const *inputs, int count, const clv_train_remove_options *options,
                        char **json)
{
    training tr = {.ctx = ctx,
                   .options = options,
                   .common = {.ctx = ctx,
                              .options = &options->train,
                              .network = "utilise",
                              .preset = options->preset,
                              .step = step,
                              .write_metrics = write_metrics,
                              .write_data = write_data}};
    tr.common.user = &tr;
    clv_status status = check_inputs(ctx, inputs, count, options);
    if (status == CLV_OK)
        status = clv_training_check(&tr.common);
    if (status == CLV_OK)
        status = clv_prepared_open(ctx, inputs[0], &tr.set);
    if (status == CLV_OK)
        status = open_network(&tr);
    if (status == CLV_OK)
        status = open_samples(&tr);
    if (status == CLV_OK)
        status = open_buffers(&tr);
    if (status == CLV_OK)
        status = clv_batches_new(ctx, make_batch, &tr, tr.common.api->trainer_step(tr.common.trainer), &tr.batches);
    if (status == CLV_OK) {
        tr.common.measure = tr.held ? measure_held : NULL;
        status = clv_training_run(&tr.common);
    }
    if (status == CLV_OK)
        status = clv_training_result(&tr.common, json);
    training_clear(&tr);
    return status;
}

clv_status clv_train_remove(clv_context *ctx, const char *const *inputs, int count,
                            const clv_train_remove_options *options, char **json)
{
    clv_train_remove_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_train_remove_options_init);
    return status == CLV_OK ? train(ctx, inputs, count, &own, json) : status;
}
