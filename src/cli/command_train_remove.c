/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

static void init(void *options)
{
    clv_train_remove_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_train_remove(ctx, inputs, count, options, json);
}

const clv_command clv_command_train_remove = {
    .id = CLV_COMMAND_TRAIN_REMOVE,
    .name = "train remove",
    .usage = "SET -o FILE",
    .summary = "Train the network that predicts the ground under clouds",
    .about =
        "Trains stage 2 on the training set SET, a file that \"clearvision prepare\" wrote, and writes a weights file "
        "that remove takes by -model.",
    .options_size = sizeof(clv_train_remove_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = CLV_NO_SECTION,
                 [CLV_SECTION_DETECT] = CLV_NO_SECTION,
                 [CLV_SECTION_COMPUTE] = offsetof(clv_train_remove_options, train.compute),
                 [CLV_SECTION_OUTPUT] = offsetof(clv_train_remove_options, train.output),
                 [CLV_SECTION_TRAIN] = offsetof(clv_train_remove_options, train)},
    .takes_inputs = true,
    .needs_output = true,
    .has_progress = true,
    .init = init,
    .run = run,
};
