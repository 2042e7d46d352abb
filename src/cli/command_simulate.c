/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

static void init(void *options)
{
    clv_simulate_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    (void)inputs;
    (void)count;
    return clv_simulate(ctx, options, json);
}

const clv_command clv_command_simulate = {
    .id = CLV_COMMAND_SIMULATE,
    .name = "simulate",
    .usage = "-o DIR",
    .summary = "Make a believable series with clouds, its truth and its masks",
    .about = "Makes a georeferenced series of fields, forest, water, roads and a town with haze, sun angle, clouds "
             "and shadows, and beside it the same series without clouds and the true masks. The same seed gives the "
             "same bytes.",
    .options_size = sizeof(clv_simulate_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = CLV_NO_SECTION,
                 [CLV_SECTION_DETECT] = CLV_NO_SECTION,
                 [CLV_SECTION_COMPUTE] = CLV_NO_SECTION,
                 [CLV_SECTION_OUTPUT] = offsetof(clv_simulate_options, output)},
    .needs_output = true,
    .has_progress = true,
    .init = init,
    .run = run,
};
