/* SPDX-License-Identifier: MIT
 *
 * new_folder: a folder of several files (a report) that appears whole or not at all.
 *
 *     clv_new_folder *f;
 *     if ((status = clv_new_folder_begin(ctx, "-report", "out", false, owned, &f)) != CLV_OK) return status;
 *     ...                                                   // long work
 *     clv_new_folder_write(f, "index.html", bytes, size);   // or write to clv_new_folder_file(f, "pictures/a.png")
 *     status = clv_new_folder_place(f);                     // it has its name now; can still be undone
 *     if (status == CLV_OK) clv_new_folder_keep(f);         // it stays
 *     clv_new_folder_free(f);                               // undoes what was not kept
 *
 * Files are written into a hidden folder beside the final one, which is made at the first file. With overwrite, a
 * folder that exists is exchanged for the new one; of the old one, files that `owned` knows are removed by keep(), all
 * others get a second name in the new one before the exchange, so that they are there whenever the process is killed
 * (or move afterwards, where the file system has no hard links). What is unfinished is known to
 * clv_unlink_unfinished(). One thread at a time, but for clv_new_folder_file(), which any thread may call.
 */
#ifndef CLV_OUTPUT_NEW_FOLDER_H
#define CLV_OUTPUT_NEW_FOLDER_H

#include <stddef.h>

#include "output/moves.h"

typedef struct clv_new_folder clv_new_folder;

/* Whether a file of an earlier folder, "index.html" or "pictures/a.png", is one that such a folder is made of. */
typedef bool (*clv_new_folder_owned)(const char *relative);

/* option: what messages begin with. CLV_ERROR_EXISTS: the folder exists and overwrite is false; CLV_ERROR_WRITE: it
 * cannot be made. Nothing is made yet. */
clv_status clv_new_folder_begin(clv_context *ctx, const char *option, const char *path, bool overwrite,
                                clv_new_folder_owned owned, clv_new_folder **out);
void clv_new_folder_free(clv_new_folder *folder);
/* The final path, without slashes at its end. */
const char *clv_new_folder_path(const clv_new_folder *folder);
/* Where a file is to be written now; relative has at most one slash. free(*path). */
clv_status clv_new_folder_file(clv_new_folder *folder, const char *relative, char **path);
clv_status clv_new_folder_write(clv_new_folder *folder, const char *relative, const void *bytes, size_t size);
clv_status clv_new_folder_place(clv_new_folder *folder);
void clv_new_folder_keep(clv_new_folder *folder);
/* In place of place(): among the moves of other outputs. When they were run and kept: keep(). */
clv_status clv_new_folder_plan(clv_new_folder *folder, clv_moves *moves);

#endif
