/* SPDX-License-Identifier: MIT
 *
 * serve: the local web page. A server on this machine's own addresses (127.0.0.1 and ::1) that shows a page, takes
 * pictures, runs them through clv_remove() one job after the other, and hands out what comes of it. Everything it keeps
 * lies in one private temporary folder and is gone when it ends.
 *
 *     clv_server *server;
 *     if ((status = clv_serve_start(ctx, inputs, count, &options, &server)) != CLV_OK) ...
 *     puts(clv_serve_url(server));
 *     status = clv_serve_run(server);         // until clv_context_cancel(ctx); then CLV_ERROR_CANCELLED
 *     clv_serve_free(server);
 *
 * A room of the program, not of the library. Built without libmicrohttpd, starting fails with CLV_ERROR_UNSUPPORTED.
 * One server a process and thread; the server has threads of its own.
 */
#ifndef CLV_SERVE_SERVE_H
#define CLV_SERVE_SERVE_H

#include <clearvision/clearvision.h>

typedef struct clv_serve_options {
    clv_detect_settings detect;  /* what a page's settings begin with; -detect_model */
    clv_compute_options compute; /* of every job */
    const char *model;           /* -model: stage-2 weights; NULL: as clv_remove chooses */
    int port;                    /* -port; 0: one that is free */
    double max_upload_mb;        /* -max_upload: of a job, in MB */
    double expire_minutes;       /* -expire: a job that nobody asks for is removed after this time */
    bool open;                   /* -open: show the page in the browser */
    const char *const *hosts;    /* -host: names under which a proxy passes this page on; NULL: none. Kept as given */
} clv_serve_options;

typedef struct clv_server clv_server;

void clv_serve_options_init(clv_serve_options *options);
/* Inputs (may be none) become series to choose from: one that holds several dates is a series of its own, the others
 * make one together. */
clv_status clv_serve_start(clv_context *ctx, const char *const *inputs, int count, const clv_serve_options *options,
                           clv_server **out);
/* The address with the token without which nothing is answered. Valid until free. */
const char *clv_serve_url(const clv_server *server);
clv_status clv_serve_run(clv_server *server);
/* Stops what runs, removes every file. NULL allowed. */
void clv_serve_free(clv_server *server);

#endif
