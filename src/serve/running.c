/* SPDX-License-Identifier: MIT
 *
 * The engine lane's work: one job's clouds are removed; what came of it is listed, and only what is listed can be asked
 * for.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/names.h"
#include "gapfill/methods.h"
#include "serve/server.h"

typedef struct listing {
    clv_context *ctx;
    clv_result_file *files;
    int count;
    clv_archive *zip;
} listing;

/* ---- What came of it ----------------------------------------------------------------------------- */

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {{"tif", "image/tiff"},
                                           {"png", "image/png"},
                                           {"html", "text/html; charset=utf-8"},
                                           {"css", "text/css; charset=utf-8"},
                                           {"js", "text/javascript; charset=utf-8"},
                                           {"json", "application/json"}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (clv_name_ends(name, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

static clv_status list_file(listing *list, const char *path, const char *name, uint64_t bytes, bool download)
{
    if (list->count == CLV_SERVE_MAX_RESULTS)
        return clv_fail(list->ctx, CLV_ERROR_UNSUPPORTED, "the result has more than %d files", CLV_SERVE_MAX_RESULTS);
    clv_result_file *grown = realloc(list->files, ((size_t)list->count + 1) * sizeof *grown);
    if (!grown)
        return clv_fail_memory(list->ctx);
    list->files = grown;
    clv_result_file *file = &grown[list->count++];
    *file = (clv_result_file){clv_strdup(name), clv_strdup(path), type_of(name), bytes, download};
    if (!file->name || !file->path)
        return clv_fail_memory(list->ctx);
    return download ? clv_archive_add(list->ctx, list->zip, path, name) : CLV_OK;
}

/* Files of a folder and of those in it; `prefix`: how their names begin. */
static clv_status list_folder(listing *list, const char *folder, const char *prefix, bool download)
{
    clv_status status = CLV_OK;
    struct dirent **entries = NULL;
    const int n = scandir(folder, &entries, NULL, alphasort);
    if (n < 0)
        return clv_fail(list->ctx, CLV_ERROR_READ, "the result's folder cannot be read");
    for (int i = 0; i < n; i++) {
        struct stat look;
        char *path = clv_format("%s/%s", folder, entries[i]->d_name);
        char *name = clv_format("%s%s", prefix, entries[i]->d_name);
        if (!path || !name)
            status = clv_fail_memory(list->ctx);
        else if (status == CLV_OK && entries[i]->d_name[0] != '.' && lstat(path, &look) == 0) {
            char *inner = S_ISDIR(look.st_mode) ? clv_format("%s/", name) : NULL;
            if (S_ISDIR(look.st_mode) && inner)
                status = list_folder(list, path, inner, download && strcmp(inner, "report/") != 0);
            else if (S_ISREG(look.st_mode))
                status = list_file(list, path, name, (uint64_t)look.st_size, download);
            free(inner);
        }
        free(path);
        free(name);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static void clear_listing(listing *list)
{
    for (int i = 0; i < list->count; i++) {
        free(list->files[i].name);
        free(list->files[i].path);
    }
    free(list->files);
    clv_archive_free(list->zip);
}

static clv_status list_results(listing *list, const char *folder)
{
    list->zip = clv_archive_new();
    if (!list->zip)
        return clv_fail_memory(list->ctx);
    clv_status status = list_folder(list, folder, "", true);
    return status == CLV_OK ? clv_archive_close(list->ctx, list->zip) : status;
}

/* ---- The run ------------------------------------------------------------------------------------- */

typedef struct listener {
    clv_server *server;
    clv_job *job;
    const clv_plan *plan;
} listener;

static int on_progress(double complete, const char *message, void *user)
{
    (void)message;
    listener *l = user;
    pthread_mutex_lock(&l->server->lock);
    l->job->progress = 0.99 * complete; /* the rest: listing what came of it */
    const bool go_on = !l->job->cancel && !l->job->gone;
    pthread_mutex_unlock(&l->server->lock);
    return go_on;
}

static void on_log(clv_log_level level, const char *message, void *user)
{
    listener *l = user;
    if (level == CLV_LOG_DEBUG)
        return;
    char *text = clv_job_text(l->job->folder, l->plan, message);
    pthread_mutex_lock(&l->server->lock);
    if (text && l->job->message_count < CLV_SERVE_MESSAGES) {
        l->job->messages[l->job->message_count++] = text;
        text = NULL;
    }
    pthread_mutex_unlock(&l->server->lock);
    free(text);
}

static clv_status remove_clouds(listener *l, clv_context *ctx, const clv_run_options *chosen, const char *folder)
{
    clv_remove_options o;
    const char *dates[CLV_SERVE_MAX_FILES + 1] = {NULL};
    const clv_serve_options *own = &l->server->options;
    char *report = clv_format("%s/report", folder);
    if (!report)
        return clv_fail_memory(ctx);
    clv_remove_options_init(&o);
    for (int i = 0; i < l->plan->count && l->plan->dated; i++)
        dates[i] = l->plan->dates[i];
    o.input.dates = l->plan->dated ? dates : NULL;
    o.input.drivers = l->plan->uploads ? l->server->drivers : NULL;
    o.detect = own->detect;
    o.detect.threshold = chosen->threshold;
    o.detect.dilate = chosen->dilate;
    o.detect.dilate_m = chosen->dilate_m;
    o.compute = own->compute;
    o.method = chosen->method;
    const bool uses_weights = clv_method_table[o.method].uses_weights;
    o.model = uses_weights ? own->model : NULL;
    o.stack = chosen->stack;
    o.full = chosen->full;
    o.masks = chosen->masks;
    o.quality = chosen->quality;
    o.keep_nodata = chosen->keep_nodata;
    o.output.path = folder;
    o.report = report;
    const clv_status status = clv_remove(ctx, (const char *const *)l->plan->paths, l->plan->count, &o, NULL);
    free(report);
    return status;
}

static bool begin(clv_server *server, clv_job *job, clv_plan *plan, clv_run_options *chosen, clv_context *ctx)
{
    pthread_mutex_lock(&server->lock);
    const bool wanted = ctx && !job->gone && job->run == CLV_TASK_WAITING && clv_plan_copy(plan, &job->plan_run);
    if (wanted) {
        job->run = CLV_TASK_RUNNING;
        job->running = ctx;
        job->cancel = false;
        job->started = clv_serve_clock();
        *chosen = job->options;
    } else if (job->run == CLV_TASK_WAITING) {
        job->run = CLV_TASK_FAILED;
    }
    pthread_mutex_unlock(&server->lock);
    return wanted;
}

static void end(clv_server *server, clv_job *job, clv_status status, char *error, listing *list)
{
    pthread_mutex_lock(&server->lock);
    job->running = NULL;
    job->seconds = clv_serve_clock() - job->started;
    job->progress = 1;
    job->run = status == CLV_OK ? CLV_TASK_DONE : status == CLV_ERROR_CANCELLED ? CLV_TASK_CANCELLED : CLV_TASK_FAILED;
    free(job->run_error);
    job->run_error = job->run == CLV_TASK_FAILED ? error : NULL;
    if (job->run == CLV_TASK_DONE) {
        job->results = list->files;
        job->result_count = list->count;
        job->zip = list->zip;
        *list = (listing){0};
    }
    if (job->run_error != error)
        free(error);
    pthread_mutex_unlock(&server->lock);
}

void clv_serve_remove_task(clv_server *server, clv_job *job)
{
    clv_plan plan;
    clv_run_options chosen;
    listing list = {0};
    char *error = NULL;
    clv_context *ctx = clv_context_new();
    if (!begin(server, job, &plan, &chosen, ctx)) {
        clv_context_free(ctx);
        return;
    }
    listener l = {server, job, &plan};
    clv_context_set_progress(ctx, on_progress, &l);
    clv_context_set_log(ctx, on_log, &l);
    list.ctx = ctx;
    char *folder = clv_format("%s/result", job->folder);
    if (folder)
        clv_folder_remove(folder); /* of a run before */
    clv_status status = folder ? remove_clouds(&l, ctx, &chosen, folder) : CLV_ERROR_MEMORY;
    if (status == CLV_OK)
        status = list_results(&list, folder);
    if (status != CLV_OK) {
        error = clv_job_text(job->folder, &plan, clv_context_error(ctx));
        if (folder)
            clv_folder_remove(folder);
    }
    end(server, job, status, error, &list);
    clear_listing(&list);
    clv_context_free(ctx);
    clv_plan_clear(&plan);
    free(folder);
}
