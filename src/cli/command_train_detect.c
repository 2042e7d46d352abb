/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

static void init(void *options)
{
    clv_train_detect_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_train_detect(ctx, inputs, count, options, json);
}

const clv_command clv_command_train_detect = {
    .id = CLV_COMMAND_TRAIN_DETECT,
    .name = "train detect",
    .usage = "LIST... -o FILE",
    .summary = "Train the cloud detector on series, labels and pairs",
    .about = "Trains stage 1 on what the text files LIST name and writes a weights file that detect and remove take "
             "by -detect_model.",
    .options_size = sizeof(clv_train_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = CLV_NO_SECTION,
                 [CLV_SECTION_DETECT] = CLV_NO_SECTION,
                 [CLV_SECTION_COMPUTE] = offsetof(clv_train_options, compute),
                 [CLV_SECTION_OUTPUT] = offsetof(clv_train_options, output),
                 [CLV_SECTION_TRAIN] = 0},
    .takes_inputs = true,
    .needs_output = true,
    .has_progress = true,
    .init = init,
    .run = run,
};
