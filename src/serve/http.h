/* SPDX-License-Identifier: MIT
 *
 * http: what the files that speak HTTP share. libmicrohttpd's threads call into them; a request belongs to one of these
 * threads at a time.
 *
 * Every request: Host must be ours, Origin (when there is one) too, and the cookie must carry the token, which the
 * page's address brings once. Paths are looked up in tables; none is ever made into a file's name.
 */
#ifndef CLV_SERVE_HTTP_H
#define CLV_SERVE_HTTP_H

#include <sys/types.h>

#include <microhttpd.h>

#include "serve/request.h"
#include "serve/server.h"

typedef struct clv_request {
    clv_server *server;
    struct MHD_Connection *connection;
    const char *path, *method;
    bool begun;     /* the head has been looked at */
    bool bad_path;  /* holds an encoded NUL */
    bool head_only; /* HEAD */
    char visitor[CLV_ID_TEXT];
    bool fresh; /* the visitor is new and gets a cookie */
    /* Body of a request that is no upload */
    char *body;
    size_t body_size;
    bool too_large; /* its bytes are counted, not kept */
    /* Upload */
    bool upload;
    clv_job *job; /* with a reference */
    char *name;   /* as the visitor calls the picture */
    int number;   /* of the picture, -1 before its first bytes */
    int fd;
    uint8_t first[CLV_UPLOAD_HEAD];
    size_t first_size;
    uint64_t received;
    double started;
    unsigned refused; /* status, 0 while all is well */
    char why[240];
} clv_request;

/* ---- http.c: listening, who may ask, connections ------------------------------------------------- */

clv_status clv_http_start(clv_server *server);
void clv_http_stop(clv_server *server);
/* Closes connections that are too slow. */
void clv_http_watch(clv_server *server);

/* ---- reply.c ------------------------------------------------------------------------------------- */

/* Takes the response over. */
enum MHD_Result clv_reply(clv_request *r, unsigned status, struct MHD_Response *response, const char *type);
enum MHD_Result clv_reply_constant(clv_request *r, const void *bytes, size_t size, const char *type);
/* Takes text over; NULL: out of memory. */
enum MHD_Result clv_reply_json(clv_request *r, unsigned status, char *text);
/* {"error": text} */
enum MHD_Result clv_reply_problem(clv_request *r, unsigned status, const char *format, ...) CLV_PRINTF(3, 4);
/* A file, or the part of it that Range asks for. download: the name to save it under, or NULL. */
enum MHD_Result clv_reply_file(clv_request *r, const char *path, const char *type, const char *download);
/* The archive of the job's results. Takes a reference of its own. */
enum MHD_Result clv_reply_zip(clv_request *r, clv_job *job);

/* ---- routes.c ------------------------------------------------------------------------------------ */

/* Whether the request sends a picture. */
bool clv_route_takes_upload(clv_request *r);
/* The head is there: answers what needs no body to be refused. *answered: a reply was queued. */
enum MHD_Result clv_route_begin(clv_request *r, bool *answered);
/* All is there. */
enum MHD_Result clv_route_end(clv_request *r);

/* ---- uploads.c ----------------------------------------------------------------------------------- */

/* False: refused (r->refused, r->why). Takes over a reference to the job. */
bool clv_upload_begin(clv_request *r, clv_job *job, const char *name, size_t name_size);
/* False: the connection is to be closed. */
bool clv_upload_bytes(clv_request *r, const char *data, size_t size);
enum MHD_Result clv_upload_end(clv_request *r);
/* What was begun and not ended leaves nothing behind. */
void clv_upload_abandon(clv_request *r);

#endif
