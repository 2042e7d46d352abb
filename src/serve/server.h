/* SPDX-License-Identifier: MIT
 *
 * server: what the files of this room share: the server's state, the table of jobs, the two lanes' work. Knows nothing
 * of HTTP; not for other rooms.
 */
#ifndef CLV_SERVE_SERVER_H
#define CLV_SERVE_SERVER_H

#include <pthread.h>
#include <sys/types.h>

#include "serve/folder.h"
#include "serve/job.h"
#include "serve/lane.h"
#include "serve/serve.h"

#define CLV_SERVE_MAX_EXAMPLES 32

/* A series to choose from. Fixed after the start. */
typedef struct clv_example {
    char *title;
    char **paths; /* [count] */
    int count, dates;
    char first[12], last[12];
} clv_example;

enum { CLV_TASK_READ, CLV_TASK_CHECK, CLV_TASK_REMOVE };

struct clv_server {
    clv_context *ctx; /* the caller's: log, and the wish to stop */
    clv_serve_options options;
    clv_example examples[CLV_SERVE_MAX_EXAMPLES];
    int example_count;
    const char *drivers[8]; /* that open what visitors bring, ended by NULL */
    char token[CLV_TOKEN_TEXT];
    int port;
    char cookie[32]; /* its name */
    char *url;
    clv_folder folder;
    pid_t browser;        /* what was started to open it; 0: nothing */
    pthread_mutex_t lock; /* everything below and in the jobs */
    clv_job *jobs[CLV_SERVE_MAX_JOBS];
    int job_count;
    uint64_t bytes; /* uploaded and kept, of all jobs */
    clv_lane reader, engine;
    struct clv_http *http;
};

double clv_serve_clock(void);                           /* seconds of the steady clock */
uint64_t clv_serve_job_bytes(const clv_server *server); /* that a job may upload */

/* ---- Jobs, all with the lock held ---------------------------------------------------------------- */

/* The visitor's job with that id, with a reference more; NULL when there is none. */
clv_job *clv_jobs_find(clv_server *server, const char *id, const char *visitor);
/* A new job with a reference more; NULL with the reason in *why (text that lasts). */
clv_job *clv_jobs_new(clv_server *server, const char *visitor, const char **why);
void clv_jobs_release(clv_server *server, clv_job *job);
/* Takes the job out of the table; what works on it stops. */
void clv_jobs_remove(clv_server *server, clv_job *job);
void clv_jobs_cancel_run(clv_server *server, clv_job *job);
/* Takes a picture away. */
void clv_jobs_drop_upload(clv_server *server, clv_job *job, int number);
/* Removes the jobs that nobody has asked for in a while. */
void clv_jobs_expire(clv_server *server);

/* ---- Work, without the lock ---------------------------------------------------------------------- */

void clv_serve_read_task(clv_server *server, clv_job *job);
void clv_serve_check_task(clv_server *server, clv_job *job);
void clv_serve_remove_task(clv_server *server, clv_job *job);

/* ---- Examples ------------------------------------------------------------------------------------ */

/* Which of the drivers for uploads this GDAL has. */
void clv_serve_find_drivers(clv_server *server);
clv_status clv_examples_find(clv_server *server, const char *const *inputs, int count);
void clv_examples_clear(clv_server *server);

#endif
