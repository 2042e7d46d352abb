/* SPDX-License-Identifier: MIT
 *
 * Uploads: a picture's bytes go to disk as they come; limits are watched while they do; what is refused or cut short
 * leaves nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/http.h"

CLV_PRINTF(3, 4) static bool refuse(clv_request *r, unsigned status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->why, sizeof r->why, format, args);
    va_end(args);
    r->refused = status;
    return false;
}

static bool refuse_size(clv_request *r)
{
    return refuse(r, MHD_HTTP_CONTENT_TOO_LARGE,
                  "More than %g MB in one series; start the server with a larger -max_upload",
                  r->server->options.max_upload_mb);
}

/* Whether `more` bytes may come; with the lock held. */
static bool check_room(clv_request *r, uint64_t more)
{
    const uint64_t most = clv_serve_job_bytes(r->server);
    if (more > most || r->job->bytes > most - more)
        return refuse_size(r);
    if (r->server->bytes + more > CLV_SERVE_UPLOADS_TIMES * most)
        return refuse(r, MHD_HTTP_INSUFFICIENT_STORAGE,
                      "This server holds as many pictures as it may; try again when "
                      "others are done");
    return true;
}

bool clv_upload_begin(clv_request *r, clv_job *job, const char *name, size_t name_size)
{
    uint64_t length = 0;
    const char *text = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    r->job = job;
    r->number = -1;
    r->fd = -1;
    r->started = clv_serve_clock();
    if (!name || name_size == 0 || strlen(name) != name_size)
        return refuse(r, MHD_HTTP_BAD_REQUEST, "An upload needs the picture's name: ?name=NAME");
    if (!(r->name = strdup(name)))
        return refuse(r, MHD_HTTP_INTERNAL_SERVER_ERROR, "Out of memory");
    if (text && sscanf(text, "%" SCNu64, &length) != 1)
        length = 0;
    pthread_mutex_lock(&r->server->lock);
    bool good = check_room(r, length);
    if (good && (job->run == CLV_TASK_WAITING || job->run == CLV_TASK_RUNNING || job->title))
        good = refuse(r, MHD_HTTP_CONFLICT, "Pictures cannot be added to this series now");
    if (good) {
        job->receiving++;
        r->upload = true;
    }
    pthread_mutex_unlock(&r->server->lock);
    return good;
}

/* The first bytes tell what it is: opens the file. */
static bool open_file(clv_request *r)
{
    char name[CLV_UPLOAD_NAME_TEXT];
    const clv_upload_kind *kind = clv_upload_sniff(r->first, r->first_size);
    if (!kind)
        return refuse(r, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "This is not a picture that can be processed; give %s",
                      clv_upload_kinds_text);
    clv_upload_name(r->name, kind, name);
    pthread_mutex_lock(&r->server->lock);
    r->number = r->job->gone ? -1 : clv_job_add(r->job, name, NULL, kind);
    const char *path = r->number >= 0 ? r->job->uploads[r->number].path : NULL;
    pthread_mutex_unlock(&r->server->lock);
    if (!path)
        return refuse(r, MHD_HTTP_CONFLICT, "This series takes no more pictures (at most %d)", CLV_SERVE_MAX_FILES);
    r->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return r->fd >= 0 ? true
                      : refuse(r, MHD_HTTP_INSUFFICIENT_STORAGE, "The picture cannot be stored: %s", strerror(errno));
}

static bool store(clv_request *r, const char *data, size_t size)
{
    pthread_mutex_lock(&r->server->lock);
    const bool room = r->job->gone ? refuse(r, MHD_HTTP_GONE, "This series was closed") : check_room(r, size);
    if (room) {
        r->job->bytes += size;
        r->server->bytes += size;
        r->job->uploads[r->number].bytes += size;
        r->job->touched = clv_serve_clock();
    }
    pthread_mutex_unlock(&r->server->lock);
    if (!room)
        return false;
    while (size > 0) {
        const ssize_t n = write(r->fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return refuse(r, MHD_HTTP_INSUFFICIENT_STORAGE, "The picture cannot be stored: %s", strerror(errno));
        data += n;
        size -= (size_t)n;
    }
    return true;
}

/* Puts the first bytes aside until they tell the kind; false when nothing is left of this piece or it is refused. */
static bool take_first(clv_request *r, const char **data, size_t *size)
{
    size_t n = sizeof r->first - r->first_size;
    n = n < *size ? n : *size;
    memcpy(r->first + r->first_size, *data, n);
    r->first_size += n;
    *data += n;
    *size -= n;
    return r->first_size == sizeof r->first && open_file(r) && store(r, (const char *)r->first, r->first_size);
}

/* Takes back what a refused or cut upload has stored. */
static void take_back(clv_request *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    if (r->number < 0)
        return;
    pthread_mutex_lock(&r->server->lock);
    clv_jobs_drop_upload(r->server, r->job, r->number);
    pthread_mutex_unlock(&r->server->lock);
    r->number = -1;
}

bool clv_upload_bytes(clv_request *r, const char *data, size_t size)
{
    const double took = clv_serve_clock() - r->started;
    r->received += size;
    if (took > CLV_SERVE_SLOW_SECONDS && (double)r->received < took * CLV_SERVE_SLOW_BYTES)
        return false;
    if (!r->refused && (r->number >= 0 || take_first(r, &data, &size)))
        store(r, data, size);
    if (!r->refused)
        return true;
    take_back(r);
    return r->received < CLV_SERVE_MAX_DISCARD;
}

/* A request lets go of its job. */
static void let_go(clv_request *r)
{
    pthread_mutex_lock(&r->server->lock);
    if (r->upload)
        r->job->receiving--;
    clv_jobs_release(r->server, r->job);
    pthread_mutex_unlock(&r->server->lock);
    r->upload = false;
    r->job = NULL;
}

enum MHD_Result clv_upload_end(clv_request *r)
{
    if (!r->refused && r->number < 0) /* shorter than a head: no picture */
        refuse(r, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "This is not a picture that can be processed; give %s",
               clv_upload_kinds_text);
    if (!r->refused && close(r->fd) != 0) {
        r->fd = -1;
        refuse(r, MHD_HTTP_INSUFFICIENT_STORAGE, "The picture cannot be stored: %s", strerror(errno));
    }
    if (r->refused) {
        take_back(r);
        let_go(r);
        return clv_reply_problem(r, r->refused, "%s", r->why);
    }
    r->fd = -1;
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "number");
    clv_jw_integer(&w, r->number);
    clv_jw_end(&w);
    pthread_mutex_lock(&r->server->lock);
    r->job->uploads[r->number].state = CLV_UPLOAD_WAITING;
    const bool queued = !r->job->gone && clv_lane_add(&r->server->reader, r->job, CLV_TASK_READ);
    if (!queued)
        clv_jobs_drop_upload(r->server, r->job, r->number);
    pthread_mutex_unlock(&r->server->lock);
    let_go(r);
    return clv_reply_json(r, queued ? MHD_HTTP_CREATED : MHD_HTTP_GONE, clv_jw_take(&w));
}

void clv_upload_abandon(clv_request *r)
{
    if (!r->job)
        return;
    take_back(r);
    let_go(r);
}
