/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

static void init(void *options)
{
    clv_detect_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_detect(ctx, inputs, count, options, json);
}

const clv_command clv_command_detect = {
    .id = CLV_COMMAND_DETECT,
    .name = "detect",
    .usage = "INPUT... -o DIR",
    .summary = "Find clouds and their shadows: a mask for every date",
    .about = "Writes a mask for every date of the series, on the date's own grid: 0 clear, 1 cloud, 2 cloud shadow, "
             "255 no data.",
    .options_size = sizeof(clv_detect_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = offsetof(clv_detect_options, input),
                 [CLV_SECTION_DETECT] = offsetof(clv_detect_options, detect),
                 [CLV_SECTION_COMPUTE] = offsetof(clv_detect_options, compute),
                 [CLV_SECTION_OUTPUT] = offsetof(clv_detect_options, output)},
    .takes_inputs = true,
    .needs_output = true,
    .has_progress = true,
    .init = init,
    .run = run,
};
