/* SPDX-License-Identifier: MIT
 *
 * lane: a thread that does tasks one after the other, fairly: visitors take turns, however many tasks each has waiting;
 * who was served longest ago is next. The server has two: one reads pictures and checks series (short), one removes
 * clouds (long).
 *
 *     clv_lane_start(&lane, &lock, work, done, server);
 *     pthread_mutex_lock(&lock);
 *     ok = clv_lane_add(&lane, job, kind);              // takes a reference to the job
 *     pthread_mutex_unlock(&lock);
 *     clv_lane_stop(&lane);                             // waiting tasks are dropped, the running one is waited for
 *
 * `work` is called without the lock and may take it. A job's references are counted under the lock; a task that ends is
 * handed to `done` (with the lock held), which lets go of the job.
 */
#ifndef CLV_SERVE_LANE_H
#define CLV_SERVE_LANE_H

#include <pthread.h>

#include "serve/job.h"

typedef struct clv_task {
    clv_job *job;
    int kind; /* what the lane's user makes of it */
    struct clv_task *next;
} clv_task;

typedef struct clv_lane {
    pthread_t thread;
    pthread_mutex_t *lock;
    pthread_cond_t wake;
    clv_task *first; /* in order of arrival */
    struct clv_turn {
        char visitor[CLV_ID_TEXT];
        unsigned long when;      /* counts the tasks taken; 0: empty */
    } turns[CLV_SERVE_MAX_JOBS]; /* whose turn was when: of the visitors served last */
    unsigned long taken;
    bool started, stop;
    void (*work)(void *user, const clv_task *task);
    void (*done)(void *user, clv_job *job);
    void *user;
} clv_lane;

bool clv_lane_start(clv_lane *lane, pthread_mutex_t *lock, void (*work)(void *, const clv_task *),
                    void (*done)(void *, clv_job *), void *user);
void clv_lane_stop(clv_lane *lane);
/* With the lock held. A task of this job and kind that waits already stands for both. False when out of memory. */
bool clv_lane_add(clv_lane *lane, clv_job *job, int kind);
/* With the lock held: drops the job's waiting tasks of a kind (-1: of all kinds). */
void clv_lane_drop(clv_lane *lane, const clv_job *job, int kind);
/* With the lock held: how many tasks will be begun before this job's, and one more; 0 when none waits. */
int clv_lane_position(const clv_lane *lane, const clv_job *job);

#endif
