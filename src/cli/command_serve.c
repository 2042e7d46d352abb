/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>

#include "serve/serve.h"

static void init(void *options)
{
    clv_serve_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    clv_server *server;
    (void)json;
    clv_status status = clv_serve_start(ctx, inputs, count, options, &server);
    if (status != CLV_OK)
        return status;
    /* The address is the result: -q does not keep it back, and a program that waits for it gets it at once. */
    if (printf("%s\n", clv_serve_url(server)) > 0 && fflush(stdout) == 0)
        status = clv_serve_run(server);
    clv_serve_free(server);
    return status;
}

const clv_command clv_command_serve = {
    .id = CLV_COMMAND_SERVE,
    .name = "serve",
    .usage = "[INPUT...]",
    .summary = "Show a page in the browser in which clouds are removed",
    .about = "Starts a server for this machine's own browser and prints its address. In the page, choose a series (the "
             "sample, the inputs named here) or drop pictures, remove the clouds, look at every date before and after, "
             "and save the results. An input with several dates is a series of its own; the others make one together. "
             "Ends with Ctrl-C and leaves nothing on disk.",
    .options_size = sizeof(clv_serve_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = CLV_NO_SECTION,
                 [CLV_SECTION_DETECT] = offsetof(clv_serve_options, detect),
                 [CLV_SECTION_COMPUTE] = offsetof(clv_serve_options, compute),
                 [CLV_SECTION_OUTPUT] = CLV_NO_SECTION},
    .takes_inputs = true,
    .inputs_optional = true,
    .endless = true,
    .init = init,
    .run = run,
};
