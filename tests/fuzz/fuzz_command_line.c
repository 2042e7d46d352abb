/* SPDX-License-Identifier: MIT
 *
 * The command line, one word a line: nothing is run; what is refused says why.
 */
#include "fuzz.h"

#include "cli/parse.h"

#define MAX_WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *words[MAX_WORDS + 1] = {NULL};
    char *text = clv_fuzz_text(data, size), *line = text;
    clv_parsed parsed;
    int count = 0, used = 0;

    while (line && count < MAX_WORDS) {
        words[count++] = line;
        line = strchr(line, '\n');
        if (line)
            *line++ = 0;
    }
    const clv_command *command = clv_command_find(words, count, &used);
    if (!command) {
        clv_command_suggest(words[0]);
        command = &clv_command_remove;
        used = 0;
    }
    bool accepted = clv_parse(command, words + used, count - used, &parsed);
    clv_require(accepted || parsed.error[0]);
    for (int i = 0; accepted && i < parsed.input_count; i++)
        clv_require(parsed.inputs[i]);
    clv_parse_free(&parsed);
    free(text);
    return 0;
}
