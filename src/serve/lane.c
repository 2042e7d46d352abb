/* SPDX-License-Identifier: MIT */
#include "serve/lane.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_visitor(const clv_task *a, const clv_task *b)
{
    return strcmp(a->job->visitor, b->job->visitor) == 0;
}

/* When the visitor was served last; 0: not in memory. */
static unsigned long served(const clv_lane *lane, const char *visitor)
{
    for (int i = 0; i < CLV_SERVE_MAX_JOBS; i++)
        if (lane->turns[i].when && strcmp(lane->turns[i].visitor, visitor) == 0)
            return lane->turns[i].when;
    return 0;
}

static void note_turn(clv_lane *lane, const char *visitor)
{
    int place = 0; /* the visitor's own, else the oldest */
    for (int i = 0; i < CLV_SERVE_MAX_JOBS; i++) {
        if (lane->turns[i].when && strcmp(lane->turns[i].visitor, visitor) == 0) {
            place = i;
            break;
        }
        if (lane->turns[i].when < lane->turns[place].when)
            place = i;
    }
    snprintf(lane->turns[place].visitor, sizeof lane->turns[place].visitor, "%s", visitor);
    lane->turns[place].when = ++lane->taken;
}

/* A task's place: in which round of its visitor's tasks it comes, when the visitor was served last, when the first of
 * the visitor's tasks arrived. */
typedef struct place {
    int round, arrival;
    unsigned long when;
} place;

static place place_of(const clv_lane *lane, const clv_task *task)
{
    place p = {.arrival = -1, .when = served(lane, task->job->visitor)};
    int number = 0;
    for (const clv_task *t = lane->first; t && t != task; t = t->next, number++)
        if (same_visitor(t, task)) {
            p.round++;
            if (p.arrival < 0)
                p.arrival = number;
        }
    if (p.arrival < 0)
        p.arrival = number;
    return p;
}

static bool before(const place *a, const place *b)
{
    if (a->round != b->round)
        return a->round < b->round;
    return a->when != b->when ? a->when < b->when : a->arrival < b->arrival;
}

int clv_lane_position(const clv_lane *lane, const clv_job *job)
{
    const clv_task *mine = lane->first;
    while (mine && mine->job != job)
        mine = mine->next;
    if (!mine)
        return 0;
    int position = 1;
    const place own = place_of(lane, mine);
    for (const clv_task *t = lane->first; t; t = t->next) {
        const place other = place_of(lane, t);
        position += t != mine && before(&other, &own);
    }
    return position;
}

/* Takes the next task out of the queue. */
static clv_task *take(clv_lane *lane)
{
    clv_task **best = NULL;
    place best_place = {0};
    for (clv_task **at = &lane->first; *at; at = &(*at)->next) {
        const place p = place_of(lane, *at);
        if (!best || before(&p, &best_place)) {
            best = at;
            best_place = p;
        }
    }
    if (!best)
        return NULL;
    clv_task *task = *best;
    *best = task->next;
    note_turn(lane, task->job->visitor);
    return task;
}

static void *live(void *argument)
{
    clv_lane *lane = argument;
    pthread_mutex_lock(lane->lock);
    while (!lane->stop) {
        clv_task *task = take(lane);
        if (!task) {
            pthread_cond_wait(&lane->wake, lane->lock);
            continue;
        }
        pthread_mutex_unlock(lane->lock);
        lane->work(lane->user, task);
        pthread_mutex_lock(lane->lock);
        lane->done(lane->user, task->job);
        free(task);
    }
    pthread_mutex_unlock(lane->lock);
    return NULL;
}

bool clv_lane_start(clv_lane *lane, pthread_mutex_t *lock, void (*work)(void *, const clv_task *),
                    void (*done)(void *, clv_job *), void *user)
{
    sigset_t all, former;
    *lane = (clv_lane){.lock = lock, .work = work, .done = done, .user = user};
    if (pthread_cond_init(&lane->wake, NULL) != 0)
        return false;
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &former);
    lane->started = pthread_create(&lane->thread, NULL, live, lane) == 0;
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    if (!lane->started)
        pthread_cond_destroy(&lane->wake);
    return lane->started;
}

void clv_lane_stop(clv_lane *lane)
{
    if (!lane->started)
        return;
    pthread_mutex_lock(lane->lock);
    lane->stop = true;
    pthread_cond_signal(&lane->wake);
    pthread_mutex_unlock(lane->lock);
    pthread_join(lane->thread, NULL);
    pthread_mutex_lock(lane->lock);
    while (lane->first) {
        clv_task *task = lane->first;
        lane->first = task->next;
        lane->done(lane->user, task->job);
        free(task);
    }
    pthread_mutex_unlock(lane->lock);
    pthread_cond_destroy(&lane->wake);
    lane->started = false;
}

bool clv_lane_add(clv_lane *lane, clv_job *job, int kind)
{
    clv_task **end = &lane->first;
    for (; *end; end = &(*end)->next)
        if ((*end)->job == job && (*end)->kind == kind)
            return true;
    clv_task *task = malloc(sizeof *task);
    if (!task)
        return false;
    *task = (clv_task){.job = job, .kind = kind};
    job->references++;
    *end = task;
    pthread_cond_signal(&lane->wake);
    return true;
}

void clv_lane_drop(clv_lane *lane, const clv_job *job, int kind)
{
    for (clv_task **at = &lane->first; *at;) {
        clv_task *task = *at;
        if (task->job != job || (kind >= 0 && task->kind != kind)) {
            at = &task->next;
            continue;
        }
        *at = task->next;
        lane->done(lane->user, task->job);
        free(task);
    }
}
