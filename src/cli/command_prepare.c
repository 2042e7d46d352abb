/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

static void init(void *options)
{
    clv_prepare_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_prepare(ctx, inputs, count, options, json);
}

const clv_command clv_command_prepare = {
    .id = CLV_COMMAND_PREPARE,
    .name = "prepare",
    .usage = "LIST|CUBE... -o FILE",
    .summary = "Cut series and cloud shapes into a training set",
    .about = "Cuts the series, EarthNet cubes and single pictures that the text files LIST name into sequences of "
             "128x128 pixels, collects cloud shapes, and writes both as one training set for stage 2. A run that was "
             "interrupted goes on where it stopped.",
    .options_size = sizeof(clv_prepare_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = CLV_NO_SECTION,
                 [CLV_SECTION_DETECT] = offsetof(clv_prepare_options, detect),
                 [CLV_SECTION_COMPUTE] = offsetof(clv_prepare_options, compute),
                 [CLV_SECTION_OUTPUT] = offsetof(clv_prepare_options, output)},
    .takes_inputs = true,
    .needs_output = true,
    .has_progress = true,
    .init = init,
    .run = run,
};
