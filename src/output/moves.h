/* SPDX-License-Identifier: MIT
 *
 * moves: complete files get their names together, and what they replace goes. Where the process is killed in between,
 * the next run in the folder ends it (base/journal.h); where a renaming fails, everything is put back.
 *
 *     clv_moves *m = clv_moves_new(ctx, overwrite);                           // NULL: out of memory
 *     status = clv_moves_add(m, ".a.tif.TOKEN.tmp.tif", "a.tif", false);
 *     if (status == CLV_OK) status = clv_moves_retire(m, "a.tif.aux.xml");    // described what a.tif was
 *     if (status == CLV_OK) status = clv_moves_run(m);
 *     clv_moves_free(m, status == CLV_OK);                                    // false: puts back
 *
 * A file that another process has put there meanwhile is replaced only with overwrite. A folder and the one that it
 * replaces change places in one step where the file system can do that.
 * Between run() and free() names are held (unfinished.h). One thread at a time. In /vsimem/ and other places that the
 * operating system does not know nothing survives a process, or nothing can be kept: there is no journal there.
 */
#ifndef CLV_OUTPUT_MOVES_H
#define CLV_OUTPUT_MOVES_H

#include <stdbool.h>

#include "base/context.h"

typedef struct clv_moves clv_moves;

clv_moves *clv_moves_new(clv_context *ctx, bool overwrite);
/* from: a temporary file or folder, or a file in one, in the folder of `to`. keep_mode: what is replaced keeps its
 * permissions. CLV_ERROR_ARGUMENT: `to` is an input; CLV_ERROR_EXISTS: it is there, without overwrite or as something
 * else; CLV_ERROR_WRITE: another file of this run has the name. */
clv_status clv_moves_add(clv_moves *moves, const char *from, const char *to, bool keep_mode);
/* A folder that may hold files of others when it is replaced: keep leaves the old one, which is then called `backup`,
 * to `old`. last: there are files in it that are nowhere else, so that a run that finishes this one after a kill leaves
 * it. */
typedef void clv_moves_old_fn(const char *backup, void *user);
clv_status clv_moves_add_folder(clv_moves *moves, const char *from, const char *to, bool last, clv_moves_old_fn *old,
                                void *user);
/* A file of what is replaced. It goes unless a new one has its name, wherever that is added; inputs and what is no file
 * stay. */
clv_status clv_moves_retire(clv_moves *moves, const char *file);
/* After a failure the caller frees with false. */
clv_status clv_moves_run(clv_moves *moves);
/* NULL allowed. keep: what was replaced is removed; else everything is as it was before. */
void clv_moves_free(clv_moves *moves, bool keep);

#endif
