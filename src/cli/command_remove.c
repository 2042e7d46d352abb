/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

static void init(void *options)
{
    clv_remove_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_remove(ctx, inputs, count, options, json);
}

const clv_command clv_command_remove = {
    .id = CLV_COMMAND_REMOVE,
    .name = "remove",
    .usage = "INPUT... -o DIR",
    .summary = "Write the series without clouds",
    .about = "Finds the clouds of every date, predicts the ground under them from all dates together, and writes "
             "each date exactly where its input lies: same grid, type, scale and metadata. Observed pixels stay as "
             "they are.",
    .options_size = sizeof(clv_remove_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = offsetof(clv_remove_options, input),
                 [CLV_SECTION_DETECT] = offsetof(clv_remove_options, detect),
                 [CLV_SECTION_COMPUTE] = offsetof(clv_remove_options, compute),
                 [CLV_SECTION_OUTPUT] = offsetof(clv_remove_options, output)},
    .takes_inputs = true,
    .needs_output = true,
    .has_progress = true,
    .init = init,
    .run = run,
};
