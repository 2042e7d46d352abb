/* SPDX-License-Identifier: MIT
 *
 * temporary: names of temporary files, and what killed runs have left.
 *
 * A temporary file is a hidden sibling of what it will become, `.NAME.HHHHHHHH-PID-START-NNNN.tmp.EXT`. The four words
 * (base 36) tell who writes it: the machine since it was started and its process namespace, the process, when that
 * began, and a number. So a later run knows that nobody writes the file any more, and removes it. Files of other
 * machines, which may share the folder, are left.
 *
 *     char *name = clv_temporary_name("B04.tif", "tif");   // ".B04.tif.k3j2h4x9-2n9c-1h4x-a8f2.tmp.tif"
 *     clv_temporary_enter(ctx, "out");                     // before the first one is created there
 *
 * Any thread.
 */
#ifndef CLV_BASE_TEMPORARY_H
#define CLV_BASE_TEMPORARY_H

#include <stdbool.h>

#include "base/context.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The name alone, without a folder, another one with each call; cut so that it and its sidecars fit into a file
 * system's names. extension: "" for none. free(); NULL when memory is out. */
char *clv_temporary_name(const char *name, const char *extension);

typedef enum clv_temporary_owner {
    CLV_TEMPORARY_NO,   /* is no temporary file's name */
    CLV_TEMPORARY_OWN,  /* this process's */
    CLV_TEMPORARY_USED, /* that of a process which runs, or may run */
    CLV_TEMPORARY_GONE, /* nobody's: its process has ended */
    CLV_TEMPORARY_OTHER /* another machine's, or from before this one was started */
} clv_temporary_owner;

/* Whose file it is, by its name. length (NULL allowed): bytes of the hidden name up to ".tmp", that is without what
 * drivers append. */
clv_temporary_owner clv_temporary_owner_of(const char *name, size_t *length);

/* The name that the file was to get, without the extension that follows ".tmp": ".a.b.k3j2h4x9-1-2-3.tmp.tif" gives
 * "a.b". free(); NULL for other names, and when memory is out. */
char *clv_temporary_target(const char *name);

/* Whether both are temporary files' names of one process. */
bool clv_temporary_same_process(const char *a, const char *b);

/* Says that temporary files will be made in the folder: clv_unlink_unfinished() will look there. The first time in this
 * process what killed runs of this user have begun is finished (journal.h), what else they have left is removed, and
 * one warning names what is left of other machines'. What was put aside (".tmp.old") is removed only where the name
 * that it had is in use. Only files and folders that have a record (folder_record.h) are removed, and journals only
 * where they are some; one warning names other things with such names. Paths that the operating system does not know
 * are left alone. */
void clv_temporary_enter(clv_context *ctx, const char *folder);
/* Only finishes what killed runs of this user have begun there. False: some of it has to wait. */
bool clv_temporary_finish(clv_context *ctx, const char *folder);

#ifdef __cplusplus
}
#endif
#endif
