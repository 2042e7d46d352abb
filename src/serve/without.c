/* SPDX-License-Identifier: MIT
 *
 * What is left of this room in a build without libmicrohttpd: a clear answer.
 */
#include "base/context.h"
#include "serve/serve.h"

clv_status clv_serve_start(clv_context *ctx, const char *const *inputs, int count, const clv_serve_options *options,
                           clv_server **out)
{
    (void)inputs;
    (void)count;
    (void)options;
    *out = NULL;
    clv_clear_error(ctx);
    return clv_fail(ctx, CLV_ERROR_UNSUPPORTED,
                    "this program was built without libmicrohttpd, which serve needs; install "
                    "it (Debian: libmicrohttpd-dev) and build again with -DCLV_WITH_SERVE=ON");
}

const char *clv_serve_url(const clv_server *server)
{
    (void)server;
    return "";
}

clv_status clv_serve_run(clv_server *server)
{
    (void)server;
    return CLV_ERROR_UNSUPPORTED;
}

void clv_serve_free(clv_server *server)
{
    (void)server;
}
