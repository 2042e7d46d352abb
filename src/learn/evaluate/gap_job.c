/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/gap_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/parallel.h"

/* ---- Jobs ----------------------------------------------------------------------------------------- */

void clv_gap_job_clear(clv_gap_job *j)
{
    clv_sequence_clear(&j->sequence);
    free(j->gap);
    free(j->scope);
    free(j->picture);
    *j = (clv_gap_job){.place = -1};
}

clv_status clv_gap_job_reserve(clv_context *ctx, clv_gap_job *j)
{
    const size_t n = (size_t)j->sequence.width * (size_t)j->sequence.height;
    j->gap = clv_alloc_array((size_t)j->sequence.dates, n, 1);
    j->scope = clv_alloc_array((size_t)j->sequence.dates, n, 1);
    return j->gap && j->scope ? CLV_OK : clv_fail_memory(ctx);
}

static void set_scope(clv_gap_job *j)
{
    const clv_sequence *s = &j->sequence;
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (int t = 0; t < s->dates; t++) {
        uint8_t *gap = j->gap + (size_t)t * n, *scope = j->scope + (size_t)t * n;
        const uint8_t *bad = s->bad + (size_t)t * n;
        bool seen = false;
        for (size_t i = 0; i < n; i++)
            seen = seen || !(gap[i] || bad[i]);
        for (size_t i = 0; i < n; i++) {
            scope[i] = bad[i]    ? CLV_SCOPE_IGNORED
                       : !gap[i] ? CLV_SCOPE_OBSERVED
                       : seen    ? CLV_SCOPE_OCCLUDED
                                 : CLV_SCOPE_UNSEEN;
            gap[i] = gap[i] || bad[i];
        }
    }
}

static void set_range(clv_gap_job *j)
{
    const clv_sequence *s = &j->sequence;
    const size_t n = (size_t)s->width * (size_t)s->height;
    double low = INFINITY, high = -INFINITY;
    for (int t = 0; t < s->dates; t++)
        for (size_t i = 0; i < CLV_GAP_SCORED * n; i++) {
            const double v = s->x[(size_t)t * (size_t)s->channels * n + i];
            low = fmin(low, v);
            high = fmax(high, v);
        }
    j->range = high > low ? high - low : 1;
    j->largest = high / j->range;
}

/* ---- Filling -------------------------------------------------------------------------------------- */

static clv_status begin_picture(const clv_gap_queue *q, clv_gap_job *j)
{
    j->picture = calloc(1, sizeof *j->picture);
    if (!j->picture || !clv_gap_picture_begin(j->picture, &q->show, &j->sequence, j->scope))
        return clv_fail_memory(q->ctx);
    memcpy(j->picture->name, j->name, sizeof j->name);
    return CLV_OK;
}

static clv_status fill_job(void *arg, int index, int worker)
{
    clv_gap_queue *q = arg;
    clv_gap_job *j = &q->jobs[index];
    const clv_sequence *s = &j->sequence;
    const size_t values = (size_t)s->dates * (size_t)s->channels * (size_t)s->width * (size_t)s->height;
    const clv_stack stack = {s->x, j->gap, s->days, s->dates, s->channels, s->height, s->width};
    float *filled = clv_alloc_array(values, 1, sizeof *filled);
    float *deviation = clv_alloc_array((size_t)s->dates, (size_t)s->width * (size_t)s->height, sizeof *deviation);
    clv_status status = filled && deviation ? CLV_OK : clv_fail_memory(q->ctx);
    if (status == CLV_OK && q->show.ranking)
        status = begin_picture(q, j);
    for (int m = 0; m < CLV_FILL_METHODS && status == CLV_OK; m++) {
        if (!q->wanted[m])
            continue;
        status = clv_fill_run(q->ctx, (clv_fill_method)m, &stack, q->window, q->predictor, worker, q->work[worker],
                              filled, deviation);
        if (status != CLV_OK)
            break;
        clv_gap_score_add(&j->score[m], s, j->scope, filled, j->has_nir, q->pooled ? j->range : 0);
        clv_gap_score_add_deviation(&j->score[m], s, j->scope, filled, deviation);
        if (j->picture)
            clv_gap_picture_add(j->picture, (clv_fill_method)m, s, j->scope, filled);
    }
    free(filled);
    free(deviation);
    return status;
}

static clv_status add_result(clv_gap_queue *q, const clv_gap_job *j)
{
    clv_gap_place *place = j->place >= 0 ? &q->places[j->place] : NULL;
    for (int m = 0; m < CLV_FILL_METHODS; m++) {
        clv_gap_score_join(&q->total[m], &j->score[m]);
        if (place)
            clv_gap_score_join(&place->total[m], &j->score[m]);
    }
    q->sequences++;
    if (place)
        place->sequences++;
    q->has_nir = q->has_nir || j->has_nir;
    q->largest = fmax(q->largest, j->largest);
    return j->picture ? clv_gap_show_add(q->ctx, &q->show, j->score, j->picture) : CLV_OK;
}

clv_status clv_gap_queue_drain(clv_gap_queue *q)
{
    clv_status status = clv_parallel_for(q->ctx, q->waiting, q->workers, fill_job, q);
    for (int i = 0; i < q->waiting; i++) {
        if (status == CLV_OK)
            status = add_result(q, &q->jobs[i]);
        clv_gap_job_clear(&q->jobs[i]);
    }
    q->waiting = 0;
    return status;
}

/* ---- The queue ------------------------------------------------------------------------------------ */

clv_status clv_gap_queue_start(clv_gap_queue *q)
{
    q->workers = clv_threads(q->ctx);
    q->capacity = 2 * q->workers;
    q->jobs = calloc((size_t)q->capacity, sizeof *q->jobs);
    q->work = calloc((size_t)q->workers, sizeof *q->work);
    bool complete = q->jobs && q->work;
    for (int i = 0; i < q->workers && complete; i++)
        complete = (q->work[i] = clv_gapfill_work_new()) != NULL;
    for (int i = 0; q->jobs && i < q->capacity; i++)
        q->jobs[i].place = -1;
    return complete ? CLV_OK : clv_fail_memory(q->ctx);
}

int clv_gap_queue_place(clv_gap_queue *q, const char *name)
{
    for (int i = 0; i < q->place_count; i++)
        if (strcmp(q->places[i].name, name) == 0)
            return i;
    clv_gap_place *places = realloc(q->places, (size_t)(q->place_count + 1) * sizeof *places);
    if (!places)
        return -1;
    q->places = places;
    places[q->place_count] = (clv_gap_place){.name = name};
    return q->place_count++;
}

clv_gap_job *clv_gap_queue_next(clv_gap_queue *q)
{
    return &q->jobs[q->waiting];
}

clv_status clv_gap_queue_put(clv_gap_queue *q)
{
    clv_gap_job *j = &q->jobs[q->waiting];
    set_scope(j);
    set_range(j);
    return ++q->waiting == q->capacity ? clv_gap_queue_drain(q) : CLV_OK;
}

void clv_gap_queue_free(clv_gap_queue *q)
{
    for (int i = 0; q->jobs && i < q->capacity; i++)
        clv_gap_job_clear(&q->jobs[i]);
    for (int i = 0; q->work && i < q->workers; i++)
        clv_gapfill_work_free(q->work[i]);
    free(q->jobs);
    free(q->work);
    free(q->places);
    clv_predictor_free(q->predictor);
    clv_gap_show_end(&q->show);
    q->jobs = NULL;
    q->work = NULL;
    q->places = NULL;
    q->predictor = NULL;
    q->place_count = 0;
}
