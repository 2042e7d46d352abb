/* SPDX-License-Identifier: MIT
 *
 * command: what each subcommand is. One file per command defines one constant of this type; main, help, completion
 * and the parser read them through clv_commands().
 */
#ifndef CLV_CLI_COMMAND_H
#define CLV_CLI_COMMAND_H

#include "cli/options.h"

#define CLV_NO_SECTION ((size_t)-1)

typedef struct clv_command {
    clv_command_id id;
    const char *name;    /* one or two words: "remove", "train detect" */
    const char *usage;   /* what follows the name, without options */
    const char *summary; /* one line for the list of commands */
    const char *about;   /* a paragraph for --help */
    size_t options_size;
    size_t sections[CLV_SECTION_COUNT]; /* where each section lies in the command's struct */
    bool takes_inputs;                  /* at least one is then needed ... */
    bool inputs_optional;               /* ... unless this is set */
    bool endless;                       /* runs until a signal ends it, which is no failure then */
    bool needs_output;
    bool has_progress;
    void (*init)(void *options);
    clv_status (*run)(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json);
    /* Prints the result for people; NULL: the library's remarks say it all. */
    void (*show)(const char *json, const clv_cli_options *cli);
} clv_command;

extern const clv_command clv_command_info, clv_command_detect, clv_command_remove, clv_command_simulate,
    clv_command_prepare, clv_command_train_detect, clv_command_train_remove, clv_command_evaluate_detect,
    clv_command_evaluate_remove, clv_command_serve;

/* All commands in the order in which help lists them; NULL-terminated. */
const clv_command *const *clv_commands(void);
/* The command that words[0] (and words[1] for two-word names) name; *used receives 1 or 2. NULL: none. */
const clv_command *clv_command_find(const char *const *words, int count, int *used);
/* The words a command line can begin with ("info, detect, ..., train"), each once and joined by `separator`; with a
 * group ("train"): the words that can follow it, "" when it is no group. Cut at size. */
void clv_command_words(const char *group, const char *separator, char *text, size_t size);
/* A command's first word near to `word`, or NULL. */
const char *clv_command_suggest(const char *word);

#endif
