/* SPDX-License-Identifier: MIT */
#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRIES 16 /* for a port that is free on both addresses */
#define BACKLOG 128

/* A socket on a loopback address, -1 with errno. *port: 0 gives a free one, which is stored. */
static int listen_on(int family, int *port)
{
    const int yes = 1;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)*port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool old = family == AF_INET;
    const int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!old)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    const void *address = old ? (const void *)&v4 : (const void *)&v6;
    socklen_t length = old ? sizeof v4 : sizeof v6;
    if (bind(fd, address, length) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, old ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, &length) != 0) {
        const int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    *port = ntohs(old ? v4.sin_port : v6.sin6_port);
    return fd;
}

clv_status clv_listen(clv_context *ctx, int wanted, int *port, int fds[2])
{
    for (int i = 0; i < TRIES; i++) {
        *port = wanted;
        fds[0] = listen_on(AF_INET, port);
        if (fds[0] < 0)
            return clv_fail(ctx, CLV_ERROR_OPEN, "-port %d: cannot be used: %s; give another or leave it out", wanted,
                            strerror(errno));
        fds[1] = listen_on(AF_INET6, port);
        if (fds[1] >= 0 || errno != EADDRINUSE)
            return CLV_OK;
        close(fds[0]);
        if (wanted > 0) /* somebody else would answer to "localhost" */
            break;
    }
    return clv_fail(ctx, CLV_ERROR_OPEN, "-port %d: is used on [::1] by another program; give another", *port);
}
