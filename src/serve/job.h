/* SPDX-License-Identifier: MIT
 *
 * job: what one visitor works on: pictures that were uploaded (or an example's), what was read from them, the check of
 * the series, the run and its result.
 *
 * Ownership: counted references. The table of jobs holds one, every request and every task in a lane that uses the job
 * holds one; the last that lets go removes the job's folder. A job that was removed from the table is `gone`: whoever
 * still works on it stops soon and stores nothing.
 * Threads: every member is guarded by the server's lock, except those marked "fixed" (never change after creation) and
 * the folder's content.
 */
#ifndef CLV_SERVE_JOB_H
#define CLV_SERVE_JOB_H

#include <stdint.h>
#include <time.h>

#include "formats/json.h"
#include "serve/archive.h"
#include "serve/limits.h"
#include "serve/secret.h"
#include "serve/upload_kind.h"

#define CLV_ARCHIVE_NAME "clearvision.zip" /* of all results together */

typedef enum clv_upload_state {
    CLV_UPLOAD_COMING,  /* bytes are being received */
    CLV_UPLOAD_WAITING, /* to be read */
    CLV_UPLOAD_GOOD,
    CLV_UPLOAD_BAD, /* see error; its bytes are gone */
    CLV_UPLOAD_GONE /* the visitor took it away */
} clv_upload_state;

typedef struct clv_upload {
    clv_upload_state state;
    bool owned;  /* lies in the job's folder; fixed */
    char *path;  /* what GDAL opens; fixed */
    char *name;  /* shown; fixed */
    char *thumb; /* small picture's file, NULL */
    char *error;
    const clv_upload_kind *kind; /* NULL for examples */
    uint64_t bytes;
    char first[12], last[12]; /* dates, "" when unknown */
    int dates, channels, width, height;
    double pixel_m; /* 0: unknown */
} clv_upload;

/* What was chosen to be worked on: copies, so that a task needs no lock. */
typedef struct clv_plan {
    int count;
    char *paths[CLV_SERVE_MAX_FILES];
    char *names[CLV_SERVE_MAX_FILES]; /* shown */
    char dates[CLV_SERVE_MAX_FILES][12];
    bool dated; /* dates are given */
    bool uploads;
} clv_plan;

typedef struct clv_run_options {
    clv_method method;
    double threshold;
    int dilate; /* as in clv_detect_settings */
    double dilate_m;
    bool stack, full, masks, quality, keep_nodata;
} clv_run_options;

typedef enum clv_task_state {
    CLV_TASK_NONE,
    CLV_TASK_WAITING,
    CLV_TASK_RUNNING,
    CLV_TASK_DONE,
    CLV_TASK_FAILED,
    CLV_TASK_CANCELLED
} clv_task_state;

/* A file that may be asked for, and nothing else may. */
typedef struct clv_result_file {
    char *name; /* relative, as it stands in the address */
    char *path;
    const char *type; /* of its content */
    uint64_t bytes;
    bool download;
} clv_result_file;

typedef struct clv_job {
    char id[CLV_ID_TEXT], visitor[CLV_ID_TEXT]; /* fixed */
    char *folder;                               /* fixed */
    char *title;                                /* fixed; NULL: own pictures */
    int references;
    bool gone;
    double touched, leaving; /* seconds of the steady clock; leaving: 0, or when the page said good-bye */
    uint64_t bytes;          /* uploaded and kept */
    int receiving;           /* uploads on their way */
    int count;
    clv_upload uploads[CLV_SERVE_MAX_SLOTS];
    clv_context *reading; /* the reader lane's context while it works on this job */
    /* The check */
    clv_task_state check;
    char *check_error, *check_json;
    clv_plan plan_check;
    /* The run */
    clv_task_state run;
    clv_context *running; /* while it runs */
    bool cancel;          /* wanted */
    clv_run_options options;
    clv_plan plan_run;
    double progress, started, seconds;
    char *run_error;
    char *messages[CLV_SERVE_MESSAGES];
    int message_count;
    clv_result_file *results;
    int result_count;
    clv_archive *zip;
    int downloads; /* of the archive, under way: it stays as it is */
} clv_job;

/* NULL when out of memory or when its folder cannot be made. */
clv_job *clv_job_new(const char *folder, const char *visitor);
/* Frees everything and removes the folder. Without references only. */
void clv_job_free(clv_job *job);
/* Takes memory for one more picture; its number, or -1 when there are too many or memory is out. name is
 * taken as it is shown; path NULL: it will lie in the job's folder, which is made. */
int clv_job_add(clv_job *job, const char *name, const char *path, const clv_upload_kind *kind);
void clv_upload_drop_bytes(clv_upload *upload);

/* Text in which the paths of the job's files are replaced by the names that the visitor knows; free(). */
char *clv_job_text(const char *folder, const clv_plan *plan, const char *text);
void clv_plan_clear(clv_plan *plan);
bool clv_plan_copy(clv_plan *to, const clv_plan *from);
/* Forgets the result of a run, on disk too. */
void clv_job_drop_result(clv_job *job);
/* position: 0 when nothing waits. */
void clv_job_write(clv_json_writer *w, const clv_job *job, int position);

#endif
