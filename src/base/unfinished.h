/* SPDX-License-Identifier: MIT
 *
 * unfinished: the names of temporary files that are being written, kept so that a signal handler can remove them.
 *
 * Everything that creates a temporary file registers it here before writing and says done when the file has been
 * renamed or removed. clv_unlink_unfinished() (public header) unlinks what is left, together with the sidecars GDAL's
 * drivers put beside a file. It takes no lock and no memory, so that a second Ctrl-C can call it at any moment.
 *
 *     clv_unfinished *guard = clv_unfinished_add(temporary);
 *     ... write, rename ...
 *     clv_unfinished_done(guard);
 *
 * Threads: all functions from any thread; clv_unlink_unfinished() from a signal handler too. A forked child never
 * unlinks its parent's files.
 */
#ifndef CLV_BASE_UNFINISHED_H
#define CLV_BASE_UNFINISHED_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct clv_unfinished clv_unfinished;

/* NULL for paths the operating system does not know (/vsimem/ and the like) and when memory is out. Relative
 * paths are made absolute, so that a later chdir() does no harm. */
clv_unfinished *clv_unfinished_add(const char *path);
/* A folder that goes with all that lies in it. */
clv_unfinished *clv_unfinished_add_folder(const char *path);
void clv_unfinished_done(clv_unfinished *entry); /* NULL allowed */

/* A folder in which temporary files will be made: hidden files with the token in their names are removed from it,
 * whether they have an entry or not. True the first time. Called by clv_temporary_enter(). */
bool clv_unfinished_enter(const char *folder, const char *token);

/* Between the two some names are changing that belong together: who handles a signal should wait for a moment. From any
 * thread, held() from a signal handler too. */
void clv_unfinished_hold(void);
void clv_unfinished_release(void);
bool clv_unfinished_held(void);

/* While frozen nothing is removed, whatever ends the process: a journal (journal.h) tells the next run what to do. */
void clv_unfinished_freeze(bool freeze);

/* Suffixes of the sidecars that GDAL's drivers may leave beside a file; ends with NULL. */
extern const char *const clv_sidecars[];

#ifdef __cplusplus
}
#endif

#endif
