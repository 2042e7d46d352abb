/* SPDX-License-Identifier: MIT
 *
 * listen: sockets on this machine's own addresses, 127.0.0.1 and ::1, and on no other.
 *
 *     int fds[2], port;
 *     if ((status = clv_listen(ctx, 0, &port, fds)) != CLV_OK) return status;
 *     close(fds[0]);                       // IPv4
 *     if (fds[1] >= 0) close(fds[1]);      // IPv6, -1 on a machine without it
 */
#ifndef CLV_SERVE_LISTEN_H
#define CLV_SERVE_LISTEN_H

#include "base/context.h"

/* Both on one port: the wanted one, or (0) one that is free on both. */
clv_status clv_listen(clv_context *ctx, int wanted, int *port, int fds[2]);

#endif
