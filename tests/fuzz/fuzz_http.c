/* SPDX-License-Identifier: MIT
 *
 * http: the local page's server, over a connection: heads and bodies as they may come. In the blocks three bytes stand
 * for what only the server knows: 0x01 for the cookie with its token, 0x02 for the address, 0x03 for a job's number.
 * Whatever comes, the server answers the next request; who does not show the token gets nothing.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gdal.h>

#include "serve/serve.h"
#include "serve/server.h"

/* ms: how long a right request may wait on a machine that does other things too; how long is listened to a block, whose
 * connection the server may well keep open for more. */
#define WAIT 20000
#define LISTEN 5

static clv_context *ctx;
static clv_server *server;
static char visitor[CLV_ID_TEXT], cookie[200], host[40], job_id[CLV_ID_TEXT];

static void end(void)
{
    clv_serve_free(server);
    clv_context_free(ctx);
}

static void begin(void)
{
    clv_serve_options options;
    GDALAllRegister();
    clv_serve_options_init(&options);
    options.max_upload_mb = 1;
    ctx = clv_context_new();
    clv_require(ctx && clv_serve_start(ctx, NULL, 0, &options, &server) == CLV_OK);
    atexit(end);
    memset(visitor, 'a', sizeof visitor - 1);
    snprintf(host, sizeof host, "127.0.0.1:%d", server->port);
    snprintf(cookie, sizeof cookie, "%s=%s.%s", server->cookie, server->token, visitor);
}

/* A job of the visitor's that is there, also when a request has taken the last one away. */
static void hold_job(void)
{
    const char *why;
    pthread_mutex_lock(&server->lock);
    clv_job *job = NULL;
    for (int i = 0; i < server->job_count && !job; i++)
        if (strcmp(server->jobs[i]->visitor, visitor) == 0)
            job = server->jobs[i];
    if (!job && (job = clv_jobs_new(server, visitor, &why)))
        clv_jobs_release(server, job);
    if (job)
        memcpy(job_id, job->id, sizeof job_id);
    pthread_mutex_unlock(&server->lock);
}

static int connected(void)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)server->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    clv_require(fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* The answer's first bytes; what follows is read until the server closes, or says nothing for `wait` ms. */
static size_t ask(const char *bytes, size_t size, int wait, char *answer, size_t room)
{
    const int fd = connected();
    size_t sent = 0, got = 0;
    char rest[4096];
    while (sent < size) {
        ssize_t n = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* refused before it was read */
        sent += (size_t)n;
    }
    for (;;) {
        struct pollfd more = {.fd = fd, .events = POLLIN};
        if (poll(&more, 1, wait) != 1)
            break;
        ssize_t n = recv(fd, rest, sizeof rest, 0);
        if (n <= 0)
            break;
        const size_t kept = (size_t)n < room - 1 - got ? (size_t)n : room - 1 - got;
        memcpy(answer + got, rest, kept);
        got += kept;
    }
    answer[got] = '\0';
    close(fd);
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char answer[16], text[300];
    bool known = false;
    if (!server)
        begin();
    if (size > 65536)
        return 0;
    hold_job();
    char *bytes = malloc(size * sizeof cookie + 1);
    size_t n = 0;
    clv_require(bytes);
    for (size_t i = 0; i < size; i++) {
        const char *word = data[i] == 1 ? cookie : data[i] == 2 ? host : data[i] == 3 ? job_id : NULL;
        known = known || data[i] == 1;
        if (!word)
            bytes[n++] = (char)data[i];
        for (; word && *word; word++)
            bytes[n++] = *word;
    }
    ask(bytes, n, LISTEN, answer, sizeof answer);
    clv_require(!*answer || strncmp(answer, "HTTP/1.", 7) == 0);
    clv_require(known || !*answer || answer[9] != '2'); /* "HTTP/1.1 200": only with the token */
    free(bytes);
    const int length =
        snprintf(text, sizeof text, "GET /api/state HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nConnection: close\r\n\r\n",
                 host, cookie);
    ask(text, (size_t)length, WAIT, answer, sizeof answer);
    clv_require(strncmp(answer, "HTTP/1.1 200", 12) == 0);
    return 0;
}
