/* SPDX-License-Identifier: MIT
 *
 * What can be asked for. The addresses:
 *
 *     GET    /                             the page; with ?token=TOKEN it gives the cookie
 *     GET    /app.css, /app.js, /viewer.css, /viewer.js
 *     GET    /api/state                    version, limits, examples
 *     POST   /api/jobs                     {} or {"example": N}: a new job; answers with the job
 *     GET    /api/jobs/ID                  the job
 *     DELETE /api/jobs/ID
 *     POST   /api/jobs/ID/pictures?name=N  the body is the picture
 *     DELETE /api/jobs/ID/pictures/N
 *     GET    /api/jobs/ID/pictures/N.png   small picture
 *     POST   /api/jobs/ID/check            see plans.h; the job's member "check" tells what came of it
 *     POST   /api/jobs/ID/run              see plans.h
 *     POST   /api/jobs/ID/cancel, /api/jobs/ID/leave
 *     GET    /jobs/ID/NAME                 a file of the result, by its name in the job's table
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "gapfill/methods.h"
#include "serve/http.h"
#include "serve/plans.h"
#include "web/files.h"

typedef enum MHD_Result answer;

static answer not_found(clv_request *r)
{
    return clv_reply_problem(r, MHD_HTTP_NOT_FOUND, "There is nothing here");
}

static answer not_allowed(clv_request *r)
{
    return clv_reply_problem(r, MHD_HTTP_METHOD_NOT_ALLOWED, "%s is not possible here", r->method);
}

static bool is_get(const clv_request *r)
{
    return strcmp(r->method, "GET") == 0 || r->head_only;
}

static bool is_post(const clv_request *r)
{
    return strcmp(r->method, "POST") == 0;
}

static bool is_delete(const clv_request *r)
{
    return strcmp(r->method, "DELETE") == 0;
}

/* ---- Files of the page --------------------------------------------------------------------------- */

/* NULL: no such file. */
static const clv_web_file *page_file(const char *path)
{
    static const char *const files[][2] = {{"/", "app/index.html"},
                                           {"/app.css", "app/app.css"},
                                           {"/app.js", "app/app.js"},
                                           {"/viewer.css", "viewer/viewer.css"},
                                           {"/viewer.js", "viewer/viewer.js"}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (strcmp(path, files[i][0]) == 0)
            return clv_web_file_find(files[i][1]);
    return NULL;
}

/* ---- State --------------------------------------------------------------------------------------- */

static void write_methods(clv_json_writer *w)
{
    clv_jw_key(w, "methods");
    clv_jw_array(w);
    for (int i = 0; i < CLV_METHODS; i++) {
        clv_jw_object(w);
        clv_jw_put_string(w, "name", clv_method_table[i].name);
        clv_jw_put_string(w, "label", clv_method_table[i].label);
        clv_jw_end(w);
    }
    clv_jw_end(w);
}

static answer show_state(clv_request *r)
{
    const clv_server *server = r->server;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_string(&w, "version", clv_version());
    clv_jw_put_integer(&w, "max_upload", (int64_t)clv_serve_job_bytes(server));
    clv_jw_put_integer(&w, "max_pictures", CLV_SERVE_MAX_FILES);
    clv_jw_put_string(&w, "kinds", clv_upload_kinds_text);
    char dilation[CLV_NUMBER_SIZE + 1];
    clv_dilation_text(&server->options.detect, dilation);
    clv_jw_put_string(&w, "dilate", dilation);
    clv_jw_key(&w, "threshold");
    clv_jw_number(&w, server->options.detect.threshold);
    clv_jw_key(&w, "expire_minutes");
    clv_jw_number(&w, server->options.expire_minutes);
    write_methods(&w);
    clv_jw_key(&w, "examples");
    clv_jw_array(&w);
    for (int i = 0; i < server->example_count; i++) {
        const clv_example *e = &server->examples[i];
        clv_jw_object(&w);
        clv_jw_put_string(&w, "title", e->title);
        clv_jw_put_integer(&w, "dates", e->dates);
        clv_jw_put_string(&w, "first", e->first[0] ? e->first : NULL);
        clv_jw_put_string(&w, "last", e->last[0] ? e->last : NULL);
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    clv_jw_end(&w);
    return clv_reply_json(r, MHD_HTTP_OK, clv_jw_take(&w));
}

/* The job as JSON; NULL when out of memory. With the lock held. */
static char *job_text(const clv_server *server, const clv_job *job)
{
    clv_json_writer w = {0};
    clv_job_write(&w, job, clv_lane_position(&server->engine, job));
    return clv_jw_take(&w);
}

static answer show_job(clv_request *r, unsigned status, const clv_job *job)
{
    pthread_mutex_lock(&r->server->lock);
    char *json = job_text(r->server, job);
    pthread_mutex_unlock(&r->server->lock);
    return clv_reply_json(r, status, json);
}

/* ---- Jobs ---------------------------------------------------------------------------------------- */

static clv_json *body_json(clv_request *r)
{
    char error[160];
    static const char nothing[] = "{}";
    clv_json *doc =
        clv_json_parse(r->body_size ? r->body : nothing, r->body_size ? r->body_size : 2, error, sizeof error);
    if (doc && clv_json_kind(doc) == CLV_JSON_OBJECT)
        return doc;
    clv_json_free(doc);
    return NULL;
}

static bool fill_example(clv_server *server, clv_job *job, const clv_example *example)
{
    job->title = clv_strdup(example->title);
    bool good = job->title != NULL;
    for (int i = 0; good && i < example->count; i++) {
        const char *slash = strrchr(example->paths[i], '/');
        good = clv_job_add(job, slash && slash[1] ? slash + 1 : example->paths[i], example->paths[i], NULL) >= 0;
    }
    return good && clv_lane_add(&server->reader, job, CLV_TASK_READ);
}

static answer new_job(clv_request *r)
{
    const char *why = "Out of memory";
    char *json = NULL;
    clv_json *doc = body_json(r);
    if (!doc)
        return clv_reply_problem(r, MHD_HTTP_BAD_REQUEST, "The request's body is not a JSON object");
    const clv_json *wish = clv_json_get(doc, "example");
    const int64_t example = clv_json_integer(wish, -1);
    const bool wrong = wish && (example < 0 || example >= r->server->example_count);
    clv_json_free(doc);
    if (wrong)
        return clv_reply_problem(r, MHD_HTTP_NOT_FOUND, "There is no such example");
    pthread_mutex_lock(&r->server->lock);
    clv_job *job = clv_jobs_new(r->server, r->visitor, &why);
    if (job && example >= 0 && !fill_example(r->server, job, &r->server->examples[example])) {
        clv_jobs_remove(r->server, job);
        why = "Out of memory";
    } else if (job) {
        json = job_text(r->server, job);
    }
    clv_jobs_release(r->server, job);
    pthread_mutex_unlock(&r->server->lock);
    if (!json)
        return clv_reply_problem(r, job ? MHD_HTTP_INTERNAL_SERVER_ERROR : MHD_HTTP_TOO_MANY_REQUESTS, "%s", why);
    return clv_reply_json(r, MHD_HTTP_CREATED, json);
}

/* Check and run: what is chosen is kept, and a lane told. */
static answer start_task(clv_request *r, clv_job *job, bool run)
{
    char why[CLV_PLAN_WHY] = "";
    clv_plan plan = {0};
    clv_run_options options;
    unsigned status = MHD_HTTP_BAD_REQUEST;
    clv_server *server = r->server;
    clv_json *doc = body_json(r);
    if (!doc)
        return clv_reply_problem(r, status, "The request's body is not a JSON object");
    pthread_mutex_lock(&server->lock);
    bool good = clv_plan_read(doc, job, &plan, why) &&
                (!run || clv_run_options_read(clv_json_get(doc, "options"), &server->options, &options, why));
    if (good && run && (job->run == CLV_TASK_WAITING || job->run == CLV_TASK_RUNNING || job->downloads > 0)) {
        snprintf(why, sizeof why,
                 job->downloads > 0 ? "A download is under way; try again when it is done"
                                    : "This series is being processed already");
        status = MHD_HTTP_CONFLICT;
        good = false;
    }
    clv_plan *kept = run ? &job->plan_run : &job->plan_check;
    if (good) {
        clv_plan_clear(kept);
        *kept = plan;
        plan = (clv_plan){0};
        if (run) {
            clv_job_drop_result(job);
            job->options = options;
            job->run = CLV_TASK_WAITING;
        } else {
            job->check = CLV_TASK_WAITING;
        }
        good = clv_lane_add(run ? &server->engine : &server->reader, job, run ? CLV_TASK_REMOVE : CLV_TASK_CHECK);
        if (!good) {
            *(run ? &job->run : &job->check) = CLV_TASK_FAILED;
            status = MHD_HTTP_INTERNAL_SERVER_ERROR;
            snprintf(why, sizeof why, "Out of memory");
        }
    }
    char *json = good ? job_text(server, job) : NULL;
    pthread_mutex_unlock(&server->lock);
    clv_plan_clear(&plan);
    clv_json_free(doc);
    return good ? clv_reply_json(r, MHD_HTTP_ACCEPTED, json) : clv_reply_problem(r, status, "%s", why);
}

static answer change(clv_request *r, clv_job *job, void (*what)(clv_server *, clv_job *))
{
    pthread_mutex_lock(&r->server->lock);
    what(r->server, job);
    char *json = job_text(r->server, job);
    pthread_mutex_unlock(&r->server->lock);
    return clv_reply_json(r, MHD_HTTP_OK, json);
}

static void leave(clv_server *server, clv_job *job)
{
    (void)server;
    job->leaving = clv_serve_clock();
}

/* ---- Pictures ------------------------------------------------------------------------------------ */

/* The number in "N" or "N.png" of a picture that is there; -1. With the lock held. */
static int picture_number(const clv_job *job, const char *name, const char *extension)
{
    char digits[8];
    int number;
    const size_t n = strlen(name), m = strlen(extension);
    if (n <= m || n - m >= sizeof digits || strcmp(name + n - m, extension) != 0)
        return -1;
    memcpy(digits, name, n - m);
    digits[n - m] = '\0';
    return clv_request_number(digits, job->count - 1, &number) && job->uploads[number].state != CLV_UPLOAD_GONE ? number
                                                                                                                : -1;
}

static answer show_thumb(clv_request *r, const clv_job *job, const char *name)
{
    pthread_mutex_lock(&r->server->lock);
    const int number = picture_number(job, name, ".png");
    char *path = number >= 0 ? clv_strdup(job->uploads[number].thumb) : NULL;
    pthread_mutex_unlock(&r->server->lock);
    const answer result = path ? clv_reply_file(r, path, "image/png", NULL) : not_found(r);
    free(path);
    return result;
}

static answer delete_picture(clv_request *r, clv_job *job, const char *name)
{
    pthread_mutex_lock(&r->server->lock);
    const int number = picture_number(job, name, "");
    const bool busy = job->run == CLV_TASK_WAITING || job->run == CLV_TASK_RUNNING;
    const bool coming = number >= 0 && job->uploads[number].state == CLV_UPLOAD_COMING;
    if (number >= 0 && !busy && !coming && !job->title)
        clv_jobs_drop_upload(r->server, job, number);
    pthread_mutex_unlock(&r->server->lock);
    if (number < 0)
        return not_found(r);
    if (busy || coming || job->title)
        return clv_reply_problem(r, MHD_HTTP_CONFLICT, "This picture cannot be removed now");
    return show_job(r, MHD_HTTP_OK, job);
}

/* ---- Results ------------------------------------------------------------------------------------- */

static answer show_result(clv_request *r, clv_job *job, const char *name)
{
    char *path = NULL;
    const char *type = NULL;
    bool download = false;
    if (strcmp(name, CLV_ARCHIVE_NAME) == 0)
        return clv_reply_zip(r, job);
    pthread_mutex_lock(&r->server->lock);
    for (int i = 0; i < job->result_count && job->run == CLV_TASK_DONE && !path; i++)
        if (strcmp(job->results[i].name, name) == 0) {
            path = clv_strdup(job->results[i].path);
            type = job->results[i].type;
            download = job->results[i].download;
        }
    pthread_mutex_unlock(&r->server->lock);
    const answer result = path ? clv_reply_file(r, path, type, download ? name : NULL) : not_found(r);
    free(path);
    return result;
}

/* ---- Which is which ------------------------------------------------------------------------------ */

static answer to_job(clv_request *r, clv_job *job, const char *rest)
{
    if (!*rest && is_delete(r))
        return change(r, job, clv_jobs_remove);
    if (!*rest)
        return is_get(r) ? show_job(r, MHD_HTTP_OK, job) : not_allowed(r);
    if (strncmp(rest, "/pictures/", 10) == 0)
        return is_get(r)      ? show_thumb(r, job, rest + 10)
               : is_delete(r) ? delete_picture(r, job, rest + 10)
                              : not_allowed(r);
    const bool check = strcmp(rest, "/check") == 0, run = strcmp(rest, "/run") == 0;
    const bool cancel = strcmp(rest, "/cancel") == 0, leaves = strcmp(rest, "/leave") == 0;
    if (!check && !run && !cancel && !leaves)
        return not_found(r);
    if (!is_post(r))
        return not_allowed(r);
    return check || run ? start_task(r, job, run) : change(r, job, cancel ? clv_jobs_cancel_run : leave);
}

static clv_job *find_job(clv_request *r, const char *id)
{
    pthread_mutex_lock(&r->server->lock);
    clv_job *job = clv_jobs_find(r->server, id, r->visitor);
    pthread_mutex_unlock(&r->server->lock);
    return job;
}

answer clv_route_end(clv_request *r)
{
    char id[CLV_ID_TEXT];
    const char *rest = "";
    const clv_web_file *file = page_file(r->path);
    if (r->upload)
        return clv_upload_end(r);
    if (file)
        return is_get(r) ? clv_reply_constant(r, file->bytes, file->size, file->type) : not_allowed(r);
    if (strcmp(r->path, "/favicon.ico") == 0) /* browsers ask for one unasked */
        return clv_reply(r, MHD_HTTP_NO_CONTENT, MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT),
                         "image/png");
    if (strcmp(r->path, "/api/state") == 0)
        return is_get(r) ? show_state(r) : not_allowed(r);
    if (strcmp(r->path, "/api/jobs") == 0)
        return is_post(r) ? new_job(r) : not_allowed(r);
    const bool api = clv_request_id(r->path, "/api/jobs/", id, &rest);
    const bool result = !api && clv_request_id(r->path, "/jobs/", id, &rest) && *rest == '/';
    clv_job *job = api || result ? find_job(r, id) : NULL;
    if (!job)
        return not_found(r);
    const answer done = api ? to_job(r, job, rest) : is_get(r) ? show_result(r, job, rest + 1) : not_allowed(r);
    pthread_mutex_lock(&r->server->lock);
    clv_jobs_release(r->server, job);
    pthread_mutex_unlock(&r->server->lock);
    return done;
}

bool clv_route_takes_upload(clv_request *r)
{
    char id[CLV_ID_TEXT];
    const char *rest;
    return is_post(r) && clv_request_id(r->path, "/api/jobs/", id, &rest) && strcmp(rest, "/pictures") == 0;
}

answer clv_route_begin(clv_request *r, bool *answered)
{
    char id[CLV_ID_TEXT];
    const char *rest, *name = NULL;
    size_t name_size = 0;
    *answered = false;
    if (!clv_route_takes_upload(r) || !clv_request_id(r->path, "/api/jobs/", id, &rest))
        return MHD_YES;
    clv_job *job = find_job(r, id);
    if (!job) {
        *answered = true;
        return not_found(r);
    }
    MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, "name", 4, &name, &name_size);
    if (clv_upload_begin(r, job, name, name_size))
        return MHD_YES;
    *answered = true;
    return clv_reply_problem(r, r->refused, "%s", r->why);
}
