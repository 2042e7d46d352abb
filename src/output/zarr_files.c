/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* openat(), fdopendir() */
#include "output/zarr_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

#define DEEPEST 16 /* groups, arrays, and a folder for each dimension of a chunk's number */

/* Metadata of versions 2 (".zarray") and 3, NetCDF's (".nczarray") and GDAL's additions, and chunks: "0.1", "c.0.1",
 * "1". */
static bool is_of_zarr(const char *name)
{
    if (strcmp(name, "zarr.json") == 0 || strcmp(name, "pam.aux.xml") == 0 || strncmp(name, ".z", 2) == 0 ||
        strncmp(name, ".ncz", 4) == 0)
        return true;
    if (name[0] == 'c')
        name++;
    return name[strspn(name, "0123456789.")] == '\0';
}

static char *find_in(int above, const char *name, int depth)
{
    int fd = depth < DEEPEST ? openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    char *found = list ? NULL : clv_strdup("");
    if (!list && fd >= 0)
        close(fd);
    for (struct dirent *e; list && !found && (e = readdir(list));) {
        struct stat info;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            fstatat(fd, e->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        char *below = S_ISDIR(info.st_mode) ? find_in(fd, e->d_name, depth + 1) : NULL;
        if (below)
            found = clv_format("%s%s%s", e->d_name, *below ? "/" : "", below);
        else if (!S_ISDIR(info.st_mode) && (!S_ISREG(info.st_mode) || !is_of_zarr(e->d_name)))
            found = clv_strdup(e->d_name);
        free(below);
    }
    if (list)
        closedir(list);
    return found;
}

char *clv_zarr_find_foreign(const char *folder)
{
    struct stat info; /* the folder itself may be behind a link */
    char *real = stat(folder, &info) == 0 && S_ISDIR(info.st_mode) ? realpath(folder, NULL) : NULL;
    char *found = real ? find_in(AT_FDCWD, real, 0) : NULL;
    free(real);
    return found;
}
