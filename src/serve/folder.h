/* SPDX-License-Identifier: MIT
 *
 * folder: the folder in which everything that visitors bring and get lies: private (0700), in the folder for temporary
 * files, locked while its server lives, and gone with it. A server that is killed cannot clean up; the next one removes
 * what no live server has locked.
 *
 *     clv_folder folder;
 *     if ((status = clv_folder_begin(ctx, &folder)) != CLV_OK) ...
 *     ... files under folder.path ...
 *     clv_folder_end(&folder);
 *
 * One thread begins and ends; clv_folder_remove() from any.
 */
#ifndef CLV_SERVE_FOLDER_H
#define CLV_SERVE_FOLDER_H

#include "base/context.h"

typedef struct clv_folder {
    char *path;
    int lock; /* descriptor that holds the lock */
    struct clv_unfinished *guard;
} clv_folder;

/* Removes stale folders of this user, then makes a new one. */
clv_status clv_folder_begin(clv_context *ctx, clv_folder *out);
/* Removes the folder with all that is in it. */
void clv_folder_end(clv_folder *folder);
/* Removes a folder or a file with all that is in it; links are removed, not followed. What is not there is no mistake.
 */
void clv_folder_remove(const char *path);

#endif
