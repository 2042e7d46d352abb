/* SPDX-License-Identifier: MIT
 *
 * Listening, who may ask, and connections that take too long.
 */
#include "serve/http.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "serve/listen.h"

#define TOO_LARGE "This request is larger than any that the page sends"

/* An open connection; the library calls when it begins and before its descriptor is closed. */
typedef struct connection {
    int fd;
    double deadline; /* 0: none */
    bool known;      /* has shown the token */
    bool ended;      /* told to end */
    struct connection *next, *last;
} connection;

struct clv_http {
    struct MHD_Daemon *daemons[2];
    pthread_mutex_t lock; /* the list */
    connection *first;
};

/* ---- Connections --------------------------------------------------------------------------------- */

static connection *connection_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* The connection must get on within so many seconds; 0: as long as bytes flow. */
static void give_time(clv_request *r, double seconds)
{
    struct clv_http *http = r->server->http;
    connection *own = connection_of(r->connection);
    pthread_mutex_lock(&http->lock);
    if (own)
        own->deadline = seconds > 0 ? clv_serve_clock() + seconds : 0;
    pthread_mutex_unlock(&http->lock);
}

static void make_known(clv_request *r)
{
    struct clv_http *http = r->server->http;
    connection *own = connection_of(r->connection);
    pthread_mutex_lock(&http->lock);
    if (own)
        own->known = true;
    pthread_mutex_unlock(&http->lock);
}

static void end_connection(connection *c)
{
    shutdown(c->fd, SHUT_RDWR); /* its thread sees the end and closes it */
    c->deadline = 0;
    c->ended = true;
}

/* Who has not shown the token cannot keep others out: of too many such connections the oldest go. With the lock held.
 */
static void make_room(struct clv_http *http)
{
    int unknown = 0;
    for (connection *c = http->first; c; c = c->next) /* the youngest first */
        if (!c->known && !c->ended && ++unknown > CLV_SERVE_UNKNOWN)
            end_connection(c);
}

static void on_connection(void *user, struct MHD_Connection *c, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    clv_server *server = user;
    struct clv_http *http = server->http;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        connection *own = info ? calloc(1, sizeof *own) : NULL;
        *context = own;
        if (!own)
            return;
        own->fd = info->connect_fd;
        own->deadline = clv_serve_clock() + CLV_SERVE_HEADER_SECONDS;
        pthread_mutex_lock(&http->lock);
        own->next = http->first;
        if (own->next)
            own->next->last = own;
        http->first = own;
        make_room(http);
        pthread_mutex_unlock(&http->lock);
    } else if (*context) {
        connection *own = *context;
        pthread_mutex_lock(&http->lock);
        *(own->last ? &own->last->next : &http->first) = own->next;
        if (own->next)
            own->next->last = own->last;
        pthread_mutex_unlock(&http->lock);
        free(own);
        *context = NULL;
    }
}

void clv_http_watch(clv_server *server)
{
    struct clv_http *http = server->http;
    const double now = clv_serve_clock();
    pthread_mutex_lock(&http->lock);
    for (connection *c = http->first; c; c = c->next)
        if (c->deadline > 0 && now > c->deadline)
            end_connection(c);
    pthread_mutex_unlock(&http->lock);
}

/* ---- Requests ------------------------------------------------------------------------------------ */

/* Called with the request line, before anything is decoded. */
static void *on_line(void *user, const char *line, struct MHD_Connection *c)
{
    clv_request *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->server = user;
    r->connection = c;
    r->number = -1;
    r->fd = -1;
    r->bad_path = strstr(line, "%00") != NULL;
    return r;
}

static void on_completed(void *user, struct MHD_Connection *c, void **context, enum MHD_RequestTerminationCode code)
{
    clv_request *r = *context;
    (void)user;
    (void)c;
    (void)code;
    if (!r)
        return;
    clv_upload_abandon(r);
    give_time(r, CLV_SERVE_HEADER_SECONDS);
    free(r->body);
    free(r->name);
    free(r);
    *context = NULL;
}

static const char *head(const clv_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

/* TOKEN.VISITOR of the cookie: true when the token is right; then the visitor is known. */
static bool take_cookie(clv_request *r)
{
    char value[CLV_TOKEN_TEXT + CLV_ID_TEXT];
    if (!clv_request_cookie(head(r, "Cookie"), r->server->cookie, value, sizeof value))
        return false;
    char *dot = strchr(value, '.');
    if (!dot || !clv_secret_is(dot + 1, CLV_ID_TEXT - 1))
        return false;
    *dot = '\0';
    if (!clv_secret_same(r->server->token, value))
        return false;
    memcpy(r->visitor, dot + 1, sizeof r->visitor);
    return true;
}

/* Several Host or Origin lines: only all of them being right will do. */
typedef struct line_check {
    int hosts, port;
    const char *const *allowed; /* -host */
    bool wrong;
} line_check;

static enum MHD_Result check_line(void *user, enum MHD_ValueKind kind, const char *key, const char *value)
{
    line_check *check = user;
    (void)kind;
    if (strcasecmp(key, "Host") == 0) {
        check->hosts++;
        check->wrong = check->wrong || !clv_request_host_ok(value, check->port, check->allowed);
    } else if (strcasecmp(key, "Origin") == 0) {
        check->wrong = check->wrong || !value || !clv_request_origin_ok(value, check->port, check->allowed);
    }
    return MHD_YES;
}

/* 0: may ask; else the status of the refusal. */
static unsigned refusal(clv_request *r, const char **why)
{
    line_check check = {.port = r->server->port, .allowed = r->server->options.hosts};
    MHD_get_connection_values(r->connection, MHD_HEADER_KIND, check_line, &check);
    if (check.hosts != 1 || check.wrong) {
        *why = "This server answers to its own page on this machine only; behind a proxy start it with -host NAME";
        return MHD_HTTP_FORBIDDEN;
    }
    if (r->bad_path) {
        *why = "There is nothing here";
        return MHD_HTTP_BAD_REQUEST;
    }
    const char *token = MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, "token");
    const bool entry = strcmp(r->path, "/") == 0 && token;
    const char *site = head(r, "Sec-Fetch-Site");
    *why = "Open the address that clearvision serve has printed: it carries the key to this page";
    if (site && !entry && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return MHD_HTTP_FORBIDDEN;
    const bool known = take_cookie(r);
    if (!entry)
        return known ? 0 : MHD_HTTP_FORBIDDEN;
    if (!clv_secret_same(r->server->token, token))
        return MHD_HTTP_FORBIDDEN;
    r->fresh = !known;
    if (!known && !clv_secret_make(r->visitor, sizeof r->visitor)) {
        *why = "The system has no random numbers";
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
    return 0;
}

/* Bytes of the body, as far as the head says it. */
static double declared_size(const clv_request *r)
{
    const char *text = head(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return text ? strtod(text, NULL) : 0;
}

static enum MHD_Result on_head(clv_request *r)
{
    const char *why = NULL;
    bool answered = false;
    r->begun = true;
    r->head_only = strcmp(r->method, "HEAD") == 0;
    unsigned status = refusal(r, &why);
    if (!status && !r->head_only && strcmp(r->method, "GET") != 0 && strcmp(r->method, "POST") != 0 &&
        strcmp(r->method, "DELETE") != 0) {
        status = MHD_HTTP_METHOD_NOT_ALLOWED;
        why = "GET, HEAD, POST and DELETE are possible";
    }
    if (status)
        return clv_reply_problem(r, status, "%s", why);
    make_known(r);
    if (strcmp(r->method, "POST") == 0 && declared_size(r) > CLV_SERVE_MAX_DISCARD && !clv_route_takes_upload(r))
        return clv_reply_problem(r, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LARGE);
    const enum MHD_Result result = clv_route_begin(r, &answered);
    if (!answered)
        give_time(r, r->upload ? 0 : CLV_SERVE_BODY_SECONDS);
    return result;
}

/* Collects a small body. What is too large is read to its end, or for a while, so that the answer arrives; false: no
 * more of it is read. */
static bool keep_body(clv_request *r, const char *data, size_t size)
{
    if (r->too_large || size > CLV_SERVE_MAX_BODY - r->body_size) {
        r->too_large = true;
        r->body_size += size < CLV_SERVE_MAX_DISCARD ? size : CLV_SERVE_MAX_DISCARD;
        return r->body_size < CLV_SERVE_MAX_DISCARD;
    }
    char *grown = realloc(r->body, r->body_size + size);
    if (!grown)
        return false;
    memcpy(grown + r->body_size, data, size);
    r->body = grown;
    r->body_size += size;
    return true;
}

static enum MHD_Result on_request(void *user, struct MHD_Connection *c, const char *path, const char *method,
                                  const char *version, const char *data, size_t *size, void **context)
{
    clv_request *r = *context;
    (void)user;
    (void)c;
    (void)version;
    if (!r)
        return MHD_NO; /* out of memory */
    r->path = path;
    r->method = method;
    if (!r->begun)
        return on_head(r);
    if (*size > 0) {
        const bool go_on = r->upload ? clv_upload_bytes(r, data, *size) : keep_body(r, data, *size);
        *size = 0;
        return go_on ? MHD_YES : MHD_NO;
    }
    give_time(r, 0);
    return r->too_large ? clv_reply_problem(r, MHD_HTTP_CONTENT_TOO_LARGE, TOO_LARGE) : clv_route_end(r);
}

/* ---- Listening ----------------------------------------------------------------------------------- */

static struct MHD_Daemon *start_daemon(clv_server *server, int fd)
{
    return MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, server,
                            MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)CLV_SERVE_THREADS,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)CLV_SERVE_CONNECTIONS,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLV_SERVE_CONNECTION_BYTES,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CLV_SERVE_IDLE_SECONDS,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_NOTIFY_COMPLETED,
                            on_completed, server, MHD_OPTION_URI_LOG_CALLBACK, on_line, server, MHD_OPTION_END);
}

clv_status clv_http_start(clv_server *server)
{
    int fds[2] = {-1, -1};
    sigset_t all, former;
    if (!(server->http = calloc(1, sizeof *server->http)))
        return clv_fail_memory(server->ctx);
    pthread_mutex_init(&server->http->lock, NULL);
    clv_status status = clv_listen(server->ctx, server->options.port, &server->port, fds);
    if (status != CLV_OK)
        return status;
    snprintf(server->cookie, sizeof server->cookie, "clearvision_%d", server->port);
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &former);
    for (int i = 0; i < 2; i++) {
        server->http->daemons[i] = fds[i] >= 0 ? start_daemon(server, fds[i]) : NULL;
        if (fds[i] >= 0 && !server->http->daemons[i]) {
            close(fds[i]);
            status = clv_fail(server->ctx, CLV_ERROR_OPEN, "-port %d: the server cannot be started: %s", server->port,
                              strerror(errno));
        }
    }
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    return status;
}

void clv_http_stop(clv_server *server)
{
    struct clv_http *http = server->http;
    if (!http)
        return;
    for (int i = 0; i < 2; i++)
        if (http->daemons[i])
            MHD_stop_daemon(http->daemons[i]); /* ends open requests, closes the socket */
    pthread_mutex_destroy(&http->lock);
    free(http);
    server->http = NULL;
}
