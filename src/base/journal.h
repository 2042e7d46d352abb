/* SPDX-License-Identifier: MIT
 *
 * journal: several files get their names together, also when the process is killed between two of them. What is going
 * to be done stands in a hidden file, `.outputs.TOKEN.tmp.journal` (temporary.h), in each folder concerned before the
 * first name changes, and is gone after the last one. The next run that makes temporary files in such a folder does
 * what is left of it, or takes it back.
 *
 *     clv_journal *journal;
 *     const clv_journal_step steps[] = {{".a.tif.TOKEN.tmp.tif", "a.tif", ".a.tif.TOKEN.tmp.old", false},  // is new
 *                                       {NULL, "a.tif.aux.xml", ".a.tif.aux.xml.TOKEN.tmp.old", false}};   // goes
 *     if ((status = clv_journal_begin(ctx, steps, 2, &journal)) != CLV_OK) return status;
 *     ...                               // rename; where that fails: clv_journal_turn(journal), then put back
 *     clv_journal_end(journal);
 *
 * A journal moves temporary files of its own process within its own folder (a link in a temporary folder's place
 * is followed), and nothing else, whatever stands in it;
 * a file that is not the one that was there is left, and said. One thread at a time.
 */
#ifndef CLV_BASE_JOURNAL_H
#define CLV_BASE_JOURNAL_H

#include <stdbool.h>

#include "base/context.h"

/* Full paths. from: what gets the name `to`, a file or a folder; NULL: what is there goes. backup: the name under which
 * what was there is kept meanwhile; NULL: not kept. from and backup are temporary files, in the folder of `to` or in a
 * temporary folder there. */
typedef struct clv_journal_step {
    const char *from, *to, *backup;
    bool last; /* backup is a folder with files that are nowhere else: who finishes the journal leaves it */
} clv_journal_step;

typedef struct clv_journal clv_journal;

/* Written and on disk when it returns; CLV_ERROR_WRITE: nothing is left. */
clv_status clv_journal_begin(clv_context *ctx, const clv_journal_step *steps, int count, clv_journal **out);
/* From now on it says that everything is to be put back, which the caller does. */
void clv_journal_turn(clv_journal *journal);
/* Removes it; NULL allowed. */
void clv_journal_end(clv_journal *journal);

/* Whether a name is that of a journal. */
bool clv_journal_is(const char *name);
/* Ends what the journal of a process that is gone says; warns of what it did, and of what it could not. What has the
 * name of a journal and is none stays as it is. False: it has
 * to wait (one of its files is an input of this call, the folder cannot be written), and its temporary files with it.
 * fd: the folder. */
bool clv_journal_finish(clv_context *ctx, int fd, const char *folder, const char *name);

/* What a journal's bytes say (parsed in place). False: it is not complete, or says what none may say. */
typedef struct clv_journal_entry {
    const char *from, *to, *backup; /* names in the folder, from perhaps in a folder there; "" for none */
    const char *was, *will;         /* what was and will be under the name: opaque words, "" for nothing */
    bool last;
} clv_journal_entry;

typedef struct clv_journal_text {
    bool back;
    clv_journal_entry *entries; /* free() */
    int count;
    const char **others; /* journals of the same run in other folders; free() */
    int other_count;
} clv_journal_text;

bool clv_journal_parse(const char *name, const char *bytes, size_t size, clv_journal_text *out);

#endif
