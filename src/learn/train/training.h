/* SPDX-License-Identifier: MIT
 *
 * training: what every training of a network does around its steps: opens the trainer, starts, resumes or goes on,
 * notes losses, measures what was held out, keeps the best averaged weights, stops when they get no better, writes
 * checkpoints and the log.
 *
 *     clv_training tr = {.ctx = ctx, .options = options, .network = "unet", .user = &mine,
 *                        .step = step, .measure = measure, .write_metrics = metrics, .write_data = data};
 *     if ((status = clv_training_open(&tr, NULL)) == CLV_OK) status = clv_training_run(&tr);
 *     if (status == CLV_OK) status = clv_training_result(&tr, json);
 *     clv_training_close(&tr);
 *
 * A run that is killed and resumed from its checkpoint, with the same output, ends with the weights of one that was
 * not. One thread at a time.
 */
#ifndef CLV_LEARN_TRAIN_TRAINING_H
#define CLV_LEARN_TRAIN_TRAINING_H

#include "formats/json.h"
#include "learn/train/training_log.h"
#include "pipeline/engine.h"

typedef struct clv_training {
    clv_context *ctx;
    const clv_train_options *options;
    const char *network; /* "unet", "utilise" */
    const char *preset;  /* of the network, or NULL */
    void *user;
    /* One step of the trainer. */
    clv_status (*step)(void *user, double *loss);
    /* Measures the averaged weights on what was held out: the larger *value the better. NULL: nothing is held out. */
    clv_status (*measure)(void *user, int64_t step, double *value);
    /* The figures of the latest measurement; what was trained on ("data": [...] and more keys of an open object). */
    void (*write_metrics)(void *user, clv_json_writer *w);
    void (*write_data)(void *user, clv_json_writer *w);

    /* Set by clv_training_open. */
    const clv_net_api *api;
    clv_net_trainer *trainer;

    /* Of training.c. */
    clv_training_log *log;
    double started, last_checkpoint, loss, loss_sum, best;
    int loss_count, since_best;  /* measurements */
    int64_t best_step, measured; /* step of the best and of the latest measurement; -1: none */
    bool has_best;
    char *best_metrics;   /* JSON */
    const char *settings; /* JSON, or NULL */
} clv_training;

/* Checks the options: before anything else, since reading takes time. */
clv_status clv_training_check(const clv_training *training);
/* Opens the trainer. config: further settings of network and training as a JSON object (see
 * net/optimiser.h and the tasks there), or NULL. */
clv_status clv_training_open(clv_training *training, const char *config);
clv_status clv_training_run(clv_training *training);
/* {"output", "steps", "best_step", "loss", "minutes", "metrics"}; json may be NULL. */
clv_status clv_training_result(const clv_training *training, char **json);
void clv_training_close(clv_training *training);

/* Passes a failure of the network module on. */
clv_status clv_training_failed(const clv_training *training, clv_status status, const clv_net_error *error);

#endif
