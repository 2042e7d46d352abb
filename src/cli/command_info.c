/* SPDX-License-Identifier: MIT */
#include "cli/command.h"
#include "cli/info_table.h"

static void init(void *options)
{
    clv_info_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_info(ctx, inputs, count, options, json);
}

const clv_command clv_command_info = {
    .id = CLV_COMMAND_INFO,
    .name = "info",
    .usage = "INPUT...",
    .summary = "What a series is made of, how it is understood, and whether it suits",
    .about = "Lists the dates of a series with their grid, bands, scale and share of cloud, says how each of them "
             "was found out, and whether the series suits cloud removal and what to do when it does not. Reads a "
             "sample of the pixels, loads no network and writes nothing.",
    .options_size = sizeof(clv_info_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = offsetof(clv_info_options, input),
                 [CLV_SECTION_DETECT] = CLV_NO_SECTION,
                 [CLV_SECTION_COMPUTE] = CLV_NO_SECTION,
                 [CLV_SECTION_OUTPUT] = CLV_NO_SECTION},
    .takes_inputs = true,
    .init = init,
    .run = run,
    .show = clv_info_table_print,
};
