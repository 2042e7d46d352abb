/* SPDX-License-Identifier: MIT
 *
 * parse: words of a command line into a command's options struct, by the option table.
 *
 *     clv_parsed parsed;
 *     if (clv_parse(command, words, count, &parsed))
 *         command->run(ctx, parsed.inputs, parsed.input_count, parsed.options, NULL);
 *     else
 *         fprintf(stderr, "%s\n", parsed.error);
 *     clv_parse_free(&parsed);
 *
 * Every option works with one or two dashes and with its value after '=' or as the next word. "--" ends the options.
 * A single "-" is a file name: standard input or output. Numbers are read with a decimal point whatever the locale.
 *
 * Ownership: strings in the options struct belong to `words` (or to the parse result) and live until clv_parse_free()
 * and the words' end. One parse, one thread.
 */
#ifndef CLV_CLI_PARSE_H
#define CLV_CLI_PARSE_H

#include "cli/command.h"

typedef struct clv_parsed {
    void *options; /* the command's struct, filled in */
    clv_cli_options cli;
    const char **inputs; /* NULL-terminated */
    int input_count;
    bool unknown_option; /* the failure is an unknown option (GDAL's error number differs) */
    char error[600];
    void **owned; /* everything else that is freed with it */
    int owned_count;
} clv_parsed;

/* False with `error` set on the first thing that is wrong. Free the result either way. */
bool clv_parse(const clv_command *command, const char *const *words, int count, clv_parsed *out);
void clv_parse_free(clv_parsed *parsed);

/* Sets one option from text, as the parser does; `value` and `second` (for "-size W H", else NULL). For tests. */
bool clv_parse_set(clv_parsed *parsed, const clv_command *command, const clv_option *option, const char *value,
                   const char *second);

/* A number with a decimal point, or a fraction a/b; the whole text. False otherwise. NaN and Inf are no numbers. */
bool clv_parse_number(const char *text, double *value);

#endif
