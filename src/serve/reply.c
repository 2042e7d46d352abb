/* SPDX-License-Identifier: MIT
 *
 * Answers: what stands in the head of each, JSON, files and parts of files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "serve/http.h"

#define ZIP_BLOCK 65536

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

/* Nothing is kept, framed or loaded from elsewhere, and no address (it may hold the token) is told to others. */
static bool add_heads(struct MHD_Response *response, const char *type)
{
    static const char *const heads[][2] = {
        {"Content-Security-Policy",
         "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
    };
    bool good = add(response, "Content-Type", type);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
        good = good && add(response, heads[i][0], heads[i][1]);
    return good;
}

enum MHD_Result clv_reply(clv_request *r, unsigned status, struct MHD_Response *response, const char *type)
{
    enum MHD_Result result = MHD_NO;
    if (!response)
        return MHD_NO;
    bool good = add_heads(response, type);
    if (good && r->fresh) {
        char *cookie =
            clv_format("%s=%s.%s; HttpOnly; SameSite=Strict; Path=/", r->server->cookie, r->server->token, r->visitor);
        good = cookie && add(response, "Set-Cookie", cookie);
        free(cookie);
    }
    if (good)
        result = MHD_queue_response(r->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

enum MHD_Result clv_reply_constant(clv_request *r, const void *bytes, size_t size, const char *type)
{
    /* The library does not write into it. */
    return clv_reply(r, MHD_HTTP_OK,
                     MHD_create_response_from_buffer(size, (void *)(size_t)bytes, MHD_RESPMEM_PERSISTENT), type);
}

enum MHD_Result clv_reply_json(clv_request *r, unsigned status, char *text)
{
    if (!text)
        return MHD_NO;
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    if (!response)
        free(text);
    return clv_reply(r, status, response, "application/json");
}

enum MHD_Result clv_reply_problem(clv_request *r, unsigned status, const char *format, ...)
{
    char text[400];
    va_list args;
    clv_json_writer w = {0};
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    clv_jw_object(&w);
    clv_jw_key(&w, "error");
    clv_jw_string(&w, text);
    clv_jw_end(&w);
    return clv_reply_json(r, status, clv_jw_take(&w));
}

/* ---- Files --------------------------------------------------------------------------------------- */

/* attachment; the name in ASCII, and as UTF-8 (RFC 6266). */
static bool add_download(struct MHD_Response *response, const char *name)
{
    const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    const size_t n = strlen(base);
    char *head = malloc(80 + 4 * n), *at = head;
    if (!head)
        return false;
    at += sprintf(at, "attachment; filename=\"");
    for (const char *c = base; *c; c++)
        *at++ = (unsigned char)*c < 32 || (unsigned char)*c > 126 || *c == '"' || *c == '\\' ? '_' : *c;
    at += sprintf(at, "\"; filename*=UTF-8''");
    for (const char *c = base; *c; c++)
        if ((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || strchr("-_.", *c))
            *at++ = *c;
        else
            at += sprintf(at, "%%%02X", (unsigned char)*c);
    *at = '\0';
    const bool good = add(response, "Content-Disposition", head);
    free(head);
    return good;
}

/* The part that is asked for. NONE: the answer 416 was queued, in *result. */
static clv_range asked(clv_request *r, uint64_t size, uint64_t *first, uint64_t *count, enum MHD_Result *result)
{
    const char *header = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Range");
    const char *condition = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "If-Range");
    const clv_range range = clv_request_range(condition ? NULL : header, size, first, count);
    if (range == CLV_RANGE_NONE)
        *result = clv_reply_problem(r, MHD_HTTP_RANGE_NOT_SATISFIABLE, "Nothing of that range is there");
    return range;
}

static bool add_range(struct MHD_Response *response, clv_range range, uint64_t first, uint64_t count, uint64_t size)
{
    char text[80];
    snprintf(text, sizeof text, "bytes %llu-%llu/%llu", (unsigned long long)first,
             (unsigned long long)(first + count - 1), (unsigned long long)size);
    return add(response, "Accept-Ranges", "bytes") && (range != CLV_RANGE_PART || add(response, "Content-Range", text));
}

enum MHD_Result clv_reply_file(clv_request *r, const char *path, const char *type, const char *download)
{
    struct stat look;
    uint64_t first, count;
    enum MHD_Result result = MHD_NO;
    const int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &look) != 0 || !S_ISREG(look.st_mode)) {
        if (fd >= 0)
            close(fd);
        return clv_reply_problem(r, MHD_HTTP_NOT_FOUND, "Not there any more");
    }
    const uint64_t size = (uint64_t)look.st_size;
    const clv_range range = asked(r, size, &first, &count, &result);
    if (range == CLV_RANGE_NONE) {
        close(fd);
        return result;
    }
    struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(count, fd, first); /* closes fd */
    if (!response) {
        close(fd);
        return MHD_NO;
    }
    if (!add_range(response, range, first, count, size) || (download && !add_download(response, download))) {
        MHD_destroy_response(response);
        return MHD_NO;
    }
    return clv_reply(r, range == CLV_RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, response, type);
}

/* ---- The archive --------------------------------------------------------------------------------- */

typedef struct download {
    clv_server *server;
    clv_job *job;
    clv_archive_reader *reader;
    uint64_t first;
} download;

static ssize_t read_download(void *user, uint64_t position, char *buffer, size_t size)
{
    download *d = user;
    const ssize_t n = clv_archive_read(d->reader, d->first + position, buffer, size);
    return n > 0 ? n : MHD_CONTENT_READER_END_WITH_ERROR; /* the length is known: the end is never asked for */
}

static void free_download(void *user)
{
    download *d = user;
    clv_archive_reader_free(d->reader);
    pthread_mutex_lock(&d->server->lock);
    d->job->downloads--;
    clv_jobs_release(d->server, d->job);
    pthread_mutex_unlock(&d->server->lock);
    free(d);
}

enum MHD_Result clv_reply_zip(clv_request *r, clv_job *job)
{
    uint64_t first, count;
    enum MHD_Result result = MHD_NO;
    pthread_mutex_lock(&r->server->lock);
    const bool there = job->run == CLV_TASK_DONE && job->zip;
    download *d = there ? calloc(1, sizeof *d) : NULL;
    if (d && (d->reader = clv_archive_open(job->zip))) {
        d->server = r->server;
        d->job = job;
        job->references++;
        job->downloads++; /* from now on the archive stays */
    }
    pthread_mutex_unlock(&r->server->lock);
    if (!there)
        return clv_reply_problem(r, MHD_HTTP_NOT_FOUND, "There is no result");
    if (!d || !d->reader) {
        free(d);
        return MHD_NO;
    }
    const uint64_t size = clv_archive_size(job->zip);
    const clv_range range = asked(r, size, &first, &count, &result);
    if (range == CLV_RANGE_NONE) {
        free_download(d);
        return result;
    }
    d->first = first;
    struct MHD_Response *response =
        MHD_create_response_from_callback(count, ZIP_BLOCK, read_download, d, free_download);
    if (!response) {
        free_download(d);
        return MHD_NO;
    }
    if (!add_range(response, range, first, count, size) || !add_download(response, CLV_ARCHIVE_NAME)) {
        MHD_destroy_response(response);
        return MHD_NO;
    }
    return clv_reply(r, range == CLV_RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK, response, "application/zip");
}
