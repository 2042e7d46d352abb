/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* openat(), fdopendir() */
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DEEPEST 8 /* folders in a temporary folder: a Zarr has four levels */

static bool remove_at(int folder, const char *name, int depth)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    int fd = depth < DEEPEST ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (!list) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (struct dirent *e; (e = readdir(list));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            remove_at(fd, e->d_name, depth + 1);
    closedir(list);
    return unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

bool clv_tree_remove(int folder, const char *name)
{
    return remove_at(folder, name, 0);
}
