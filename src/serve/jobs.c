/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "serve/server.h"

#define MEGABYTE 1e6

double clv_serve_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

uint64_t clv_serve_job_bytes(const clv_server *server)
{
    return (uint64_t)(server->options.max_upload_mb * MEGABYTE);
}

clv_job *clv_jobs_find(clv_server *server, const char *id, const char *visitor)
{
    for (int i = 0; i < server->job_count; i++) {
        clv_job *job = server->jobs[i];
        if (clv_secret_same(job->id, id) && clv_secret_same(job->visitor, visitor)) {
            job->references++;
            job->touched = clv_serve_clock();
            job->leaving = 0;
            return job;
        }
    }
    return NULL;
}

clv_job *clv_jobs_new(clv_server *server, const char *visitor, const char **why)
{
    int own = 0;
    for (int i = 0; i < server->job_count; i++)
        own += strcmp(server->jobs[i]->visitor, visitor) == 0;
    *why = NULL;
    if (own >= CLV_SERVE_MAX_JOBS_EACH)
        *why = "You have as many series open as one visitor may; close one of them first";
    else if (server->job_count == CLV_SERVE_MAX_JOBS)
        *why = "As many series are open as this server takes; try again when others are done";
    clv_job *job = *why ? NULL : clv_job_new(server->folder.path, visitor);
    if (job) {
        job->references = 2; /* the table's and the caller's */
        job->touched = clv_serve_clock();
        server->jobs[server->job_count++] = job;
    } else if (!*why) {
        *why = "The temporary folder takes no more files";
    }
    return job;
}

void clv_jobs_release(clv_server *server, clv_job *job)
{
    if (job && --job->references == 0) {
        server->bytes -= job->bytes;
        clv_job_free(job);
    }
}

static void cancel(clv_context *ctx)
{
    if (ctx)
        clv_context_cancel(ctx);
}

void clv_jobs_cancel_run(clv_server *server, clv_job *job)
{
    if (job->run == CLV_TASK_WAITING) {
        job->run = CLV_TASK_CANCELLED;
        clv_lane_drop(&server->engine, job, -1);
    } else if (job->run == CLV_TASK_RUNNING) {
        job->cancel = true;
        cancel(job->running);
    }
}

void clv_jobs_remove(clv_server *server, clv_job *job)
{
    for (int i = 0; i < server->job_count; i++) {
        if (server->jobs[i] != job)
            continue;
        server->jobs[i] = server->jobs[--server->job_count];
        job->gone = true;
        clv_jobs_cancel_run(server, job);
        cancel(job->reading);
        clv_lane_drop(&server->reader, job, -1);
        clv_jobs_release(server, job);
        return;
    }
}

void clv_jobs_drop_upload(clv_server *server, clv_job *job, int number)
{
    clv_upload *u = &job->uploads[number];
    server->bytes -= u->bytes;
    job->bytes -= u->bytes;
    clv_upload_drop_bytes(u);
    u->state = CLV_UPLOAD_GONE;
}

void clv_jobs_expire(clv_server *server)
{
    const double now = clv_serve_clock(), longest = 60 * server->options.expire_minutes;
    for (int i = server->job_count - 1; i >= 0; i--) {
        clv_job *job = server->jobs[i];
        if (job->receiving == 0 &&
            (now - job->touched > longest || (job->leaving > 0 && now - job->leaving > CLV_SERVE_LEAVE_SECONDS)))
            clv_jobs_remove(server, job);
    }
}
