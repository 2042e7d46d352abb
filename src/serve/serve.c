/* SPDX-License-Identifier: MIT */
#include "serve/serve.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "serve/http.h"
#include "serve/request.h"

#define TICK_NANOSECONDS 100000000L

extern char **environ;

/* ---- Lanes --------------------------------------------------------------------------------------- */

static void work(void *user, const clv_task *task)
{
    if (task->kind == CLV_TASK_READ)
        clv_serve_read_task(user, task->job);
    else if (task->kind == CLV_TASK_CHECK)
        clv_serve_check_task(user, task->job);
    else
        clv_serve_remove_task(user, task->job);
}

static void done(void *user, clv_job *job)
{
    clv_jobs_release(user, job);
}

/* ---- Life ---------------------------------------------------------------------------------------- */

static clv_status check_options(clv_context *ctx, const clv_serve_options *o)
{
    if (o->port < 0 || o->port > 65535)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-port %d: must be 0 to 65535", o->port);
    if (!(o->max_upload_mb >= 1 && o->max_upload_mb <= 1e6))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-max_upload %g: must be 1 to 1000000 MB", o->max_upload_mb);
    if (!(o->expire_minutes > 0 && o->expire_minutes <= 1e5))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-expire %g: must be above 0 minutes", o->expire_minutes);
    for (int i = 0; o->hosts && o->hosts[i]; i++)
        if (!clv_request_host_name_ok(o->hosts[i]))
            return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                            "-host %s: give the name alone, as browsers see it: clouds.example.org, or with a port "
                            "other than 80 and 443 clouds.example.org:8443",
                            o->hosts[i]);
    return CLV_OK;
}

clv_status clv_serve_start(clv_context *ctx, const char *const *inputs, int count, const clv_serve_options *options,
                           clv_server **out)
{
    *out = NULL;
    clv_clear_error(ctx);
    clv_status status = check_options(ctx, options);
    if (status != CLV_OK)
        return status;
    clv_server *server = calloc(1, sizeof *server);
    if (!server)
        return clv_fail_memory(ctx);
    server->ctx = ctx;
    server->options = *options;
    server->folder.lock = -1;
    pthread_mutex_init(&server->lock, NULL);
    clv_serve_find_drivers(server);
    if ((status = clv_examples_find(server, inputs, count)) != CLV_OK ||
        (status = clv_folder_begin(ctx, &server->folder)) != CLV_OK)
        goto failed;
    if (!clv_secret_make(server->token, sizeof server->token)) {
        status = clv_fail(ctx, CLV_ERROR_INTERNAL,
                          "/dev/urandom: cannot be read, and without random numbers the page "
                          "would be open to everybody");
        goto failed;
    }
    if (!clv_lane_start(&server->reader, &server->lock, work, done, server) ||
        !clv_lane_start(&server->engine, &server->lock, work, done, server)) {
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "no thread can be started");
        goto failed;
    }
    if ((status = clv_http_start(server)) != CLV_OK)
        goto failed;
    server->url = clv_format("http://127.0.0.1:%d/?token=%s", server->port, server->token);
    if (!server->url) {
        status = clv_fail_memory(ctx);
        goto failed;
    }
    *out = server;
    return CLV_OK;

failed:
    clv_serve_free(server);
    return status;
}

const char *clv_serve_url(const clv_server *server)
{
    return server->url;
}

void clv_serve_free(clv_server *server)
{
    if (!server)
        return;
    /* Whatever runs is told to stop first, so that nobody is waited for longer than needed. */
    pthread_mutex_lock(&server->lock);
    while (server->job_count > 0)
        clv_jobs_remove(server, server->jobs[server->job_count - 1]);
    pthread_mutex_unlock(&server->lock);
    clv_http_stop(server);
    pthread_mutex_lock(&server->lock); /* a request may have made a job in the meantime */
    while (server->job_count > 0)
        clv_jobs_remove(server, server->jobs[server->job_count - 1]);
    pthread_mutex_unlock(&server->lock);
    clv_lane_stop(&server->reader);
    clv_lane_stop(&server->engine);
    clv_folder_end(&server->folder);
    clv_examples_clear(server);
    pthread_mutex_destroy(&server->lock);
    free(server->url);
    free(server);
}

/* ---- Running ------------------------------------------------------------------------------------- */

/* The address goes through a file that only this user can read: a program's arguments can be read by everybody. */
static void open_browser(clv_server *server)
{
    char *path = clv_format("%s/open.html", server->folder.path);
    FILE *file = path ? fopen(path, "wx") : NULL;
    if (!file) {
        free(path);
        return;
    }
    fprintf(file,
            "<!DOCTYPE html><meta charset=\"utf-8\"><title>Clear Vision</title>"
            "<meta http-equiv=\"refresh\" content=\"0; url=%s\"><p><a href=\"%s\">Clear Vision</a></p>\n",
            server->url, server->url);
    fclose(file);
#ifdef __APPLE__
    char program[] = "open";
#else
    char program[] = "xdg-open";
#endif
    char *arguments[] = {program, path, NULL};
    const int error = posix_spawnp(&server->browser, program, NULL, NULL, arguments, environ);
    if (error) {
        server->browser = 0;
        clv_warn(server->ctx, "-open: %s cannot be run: %s; open the address above in a browser", program,
                 strerror(error));
    }
    free(path);
}

/* The helper that opens the browser may run as long as the browser does: it is looked at, not waited for. */
static void look_at_browser(clv_server *server)
{
    int state;
    if (server->browser <= 0 || waitpid(server->browser, &state, WNOHANG) == 0)
        return;
    server->browser = 0;
    if (state != 0)
        clv_warn(server->ctx, "-open: no browser was opened; open the address above in one");
}

clv_status clv_serve_run(clv_server *server)
{
    const struct timespec tick = {0, TICK_NANOSECONDS};
    clv_status status = CLV_OK;
    if (server->options.open)
        open_browser(server);
    while (status == CLV_OK) {
        nanosleep(&tick, NULL);
        clv_http_watch(server);
        look_at_browser(server);
        pthread_mutex_lock(&server->lock);
        clv_jobs_expire(server);
        pthread_mutex_unlock(&server->lock);
        status = clv_check_cancel(server->ctx);
    }
    return status;
}
