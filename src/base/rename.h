/* SPDX-License-Identifier: MIT
 *
 * rename: names that change without a file of another process being lost.
 *
 *     if (clv_rename_new(AT_FDCWD, ".a.tif.TOKEN.tmp.tif", "a.tif") != 0 && errno == EEXIST)
 *         ...                                   // somebody has made a.tif since it was looked for
 *
 * Both names belong to one folder, that of the descriptor, or to folders of one file system. 0, or -1 and errno. Any
 * thread.
 */
#ifndef CLV_BASE_RENAME_H
#define CLV_BASE_RENAME_H

/* Renames where nothing has the new name: EEXIST where something has, also a link that leads nowhere. Where neither the
 * kernel nor the file system can tell in one step, files get the name by a hard link; folders, and files where there
 * are no hard links, after a look. */
int clv_rename_new(int folder, const char *from, const char *to);
/* Two names change places in one step; EINVAL or ENOSYS where that is not possible. */
int clv_rename_exchange(int folder, const char *a, const char *b);

#endif
