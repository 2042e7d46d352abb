/* SPDX-License-Identifier: MIT
 *
 * journal: the file that says how outputs get their names. What is accepted moves temporary files of one process in its
 * folder, and nothing else.
 */
#include "fuzz.h"

#include "base/journal.h"
#include "base/temporary.h"

/* A process whose names the corpus has. */
#define OWN ".outputs.aaaaaaaa-1-1-0000.tmp.journal"

static bool is_plain(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    clv_journal_text text;
    if (!clv_journal_parse(OWN, (const char *)data, size, &text))
        return 0;
    clv_require(size > 0 && data[size - 1] == 0);
    for (int i = 0; i < text.count; i++) {
        const clv_journal_entry *e = &text.entries[i];
        char first[300];
        clv_require(is_plain(e->to));
        clv_require(!*e->backup || (is_plain(e->backup) && clv_temporary_same_process(OWN, e->backup)));
        if (*e->from) {
            const char *slash = strchr(e->from, '/');
            snprintf(first, sizeof first, "%.*s", slash ? (int)(slash - e->from) : 299, e->from);
            clv_require(clv_temporary_same_process(OWN, first) && (!slash || is_plain(slash + 1)));
        }
    }
    for (int i = 0; i < text.other_count; i++)
        clv_require(text.others[i][0] == '/' && clv_journal_is(strrchr(text.others[i], '/') + 1));
    free(text.entries);
    free(text.others);
    return 0;
}
