/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <string.h>

static const clv_command *const commands[] = {
    &clv_command_info,    &clv_command_detect,       &clv_command_remove, &clv_command_simulate,
    &clv_command_prepare, &clv_command_train_detect, NULL};

const clv_command *const *clv_commands(void)
{
    return commands;
}

const clv_command *clv_command_find(const char *const *words, int count, int *used)
{
    for (int i = 0; commands[i] && count > 0; i++) {
        const char *name = commands[i]->name, *space = strchr(name, ' ');
        if (!space && strcmp(words[0], name) == 0) {
            *used = 1;
            return commands[i];
        }
        const size_t first = space ? (size_t)(space - name) : 0;
        if (space && count > 1 && strlen(words[0]) == first && strncmp(words[0], name, first) == 0 &&
            strcmp(words[1], space + 1) == 0) {
            *used = 2;
            return commands[i];
        }
    }
    return NULL;
}

const char *clv_command_suggest(const char *word)
{
    static const char *const words[] = {"info", "detect", "remove", "simulate",
                                        "prepare", "train", "help", "completion"};
    const char *best = NULL;
    int best_distance = (int)(strlen(word) + 2) / 3 + 1;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const int distance = clv_edit_distance(words[i], word);
        if (distance < best_distance) {
            best = words[i];
            best_distance = distance;
        }
    }
    return best;
}
