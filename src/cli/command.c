/* SPDX-License-Identifier: MIT */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static const clv_command *const commands[] = {&clv_command_info,
                                              &clv_command_detect,
                                              &clv_command_remove,
                                              &clv_command_simulate,
                                              &clv_command_prepare,
                                              &clv_command_train_detect,
                                              &clv_command_train_remove,
                                              &clv_command_evaluate_detect,
                                              &clv_command_evaluate_remove,
                                              &clv_command_serve,
                                              NULL};

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

/* Length of a name's first word. */
static size_t first_word(const char *name)
{
    return strcspn(name, " ");
}

/* Whether command i is the first whose name begins with its first word. */
static bool opens_group(int i)
{
    const size_t n = first_word(commands[i]->name);
    for (int k = 0; k < i; k++)
        if (first_word(commands[k]->name) == n && strncmp(commands[k]->name, commands[i]->name, n) == 0)
            return false;
    return true;
}

void clv_command_words(const char *group, const char *separator, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; commands[i] && used < size; i++) {
        const char *name = commands[i]->name;
        const size_t n = first_word(name);
        const bool member = group && strlen(group) == n && strncmp(group, name, n) == 0 && name[n];
        if (member)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? separator : "", name + n + 1);
        else if (!group && opens_group(i))
            used += (size_t)snprintf(text + used, size - used, "%s%.*s", used ? separator : "", (int)n, name);
    }
}

const char *clv_command_suggest(const char *word)
{
    static char words[200]; /* the words never change */
    static const char *starts[32];
    static int count;
    if (!count) {
        clv_command_words(NULL, " ", words, sizeof words);
        for (char *at = strtok(words, " "); at && count < 30; at = strtok(NULL, " "))
            starts[count++] = at;
        starts[count++] = "help";
        starts[count++] = "completion";
    }
    const char *best = NULL;
    int best_distance = (int)(strlen(word) + 2) / 3 + 1;
    for (int i = 0; i < count; i++) {
        const int distance = clv_edit_distance(starts[i], word);
        if (distance < best_distance) {
            best = starts[i];
            best_distance = distance;
        }
    }
    return best;
}
