/* SPDX-License-Identifier: MIT
 *
 * gap_job: sequences with simulated gaps that wait to be filled, and what came of those that were.
 *
 * Sequences are put one after the other; when as many wait as keep the threads busy, every method fills them all.
 * Results are added in the order of the sequences, whatever thread was first, so that sums do not depend on threads.
 *
 *     clv_gap_queue queue = {.ctx = ctx, .window = 15, .wanted = {true}};
 *     if ((status = clv_gap_queue_start(&queue)) == CLV_OK)
 *         for (int i = 0; i < windows; i++) {
 *             clv_gap_job *job = clv_gap_queue_next(&queue);
 *             ... read job->sequence, then clv_gap_job_reserve(ctx, job), then lay job->gap ...
 *             status = clv_gap_queue_put(&queue);      // or clv_gap_job_clear(job) to leave it out
 *         }
 *     status = clv_gap_queue_drain(&queue);
 *     ... queue.total[CLV_FILL_LINEAR], queue.places ...
 *     clv_gap_queue_free(&queue);
 *
 * One thread owns a queue; it uses further threads by itself. The predictor belongs to the queue.
 */
#ifndef CLV_LEARN_EVALUATE_GAP_JOB_H
#define CLV_LEARN_EVALUATE_GAP_JOB_H

#include "learn/evaluate/gap_picture.h"

typedef struct clv_gap_job {
    clv_sequence sequence;
    bool has_nir;   /* the fourth channel is near infrared */
    int place;      /* number of its place, see clv_gap_queue_place(); -1 = of none */
    char name[160]; /* of the sequence, for people */
    uint8_t *gap;   /* [dates, n] laid gaps; once put, what the methods do not see: those and what is bad */
    uint8_t *scope; /* [dates, n] CLV_SCOPE_... */
    double range;   /* maximum - minimum of the true values */
    double largest; /* the largest true value in these units */
    clv_gap_score score[CLV_FILL_METHODS];
    clv_gap_picture *picture; /* NULL: not shown */
} clv_gap_job;

typedef struct clv_gap_place {
    const char *name; /* lives where its giver keeps it */
    int64_t sequences;
    clv_gap_score total[CLV_FILL_METHODS];
} clv_gap_place;

typedef struct clv_gap_queue {
    /* Given by the owner before start(); the predictor before the first sequence is filled with a model. */
    clv_context *ctx;
    bool wanted[CLV_FILL_METHODS];
    int window;  /* dates looked at together */
    bool pooled; /* figures of the pooled protocol */
    clv_predictor *predictor;
    clv_gap_show show; /* started by the owner when pictures are wanted; belongs to the queue */
    /* Results. */
    int64_t sequences;
    bool has_nir; /* of any sequence */
    double largest;
    clv_gap_score total[CLV_FILL_METHODS];
    clv_gap_place *places;
    int place_count;
    /* The queue's own. */
    int workers;
    clv_gapfill_work **work; /* [workers] */
    clv_gap_job *jobs;       /* [capacity] */
    int waiting, capacity;
} clv_gap_queue;

clv_status clv_gap_queue_start(clv_gap_queue *queue);
/* The number of a place of that name, made when there is none; -1 when out of memory. */
int clv_gap_queue_place(clv_gap_queue *queue, const char *name);
/* An empty job, never NULL. It waits from clv_gap_queue_put() on; until then the same one is given again. */
clv_gap_job *clv_gap_queue_next(clv_gap_queue *queue);
/* Room for gap and scope of job->sequence. */
clv_status clv_gap_job_reserve(clv_context *ctx, clv_gap_job *job);
void clv_gap_job_clear(clv_gap_job *job);
clv_status clv_gap_queue_put(clv_gap_queue *queue);
/* Fills all that wait. */
clv_status clv_gap_queue_drain(clv_gap_queue *queue);
void clv_gap_queue_free(clv_gap_queue *queue);

#endif
