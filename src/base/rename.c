/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* renameat2() */
#include "base/rename.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int rename2(int folder, const char *from, const char *to, unsigned flags)
{
#ifdef RENAME_NOREPLACE
    return renameat2(folder, from, folder, to, flags);
#else
    (void)folder, (void)from, (void)to, (void)flags;
    errno = ENOSYS;
    return -1;
#endif
}

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

static int link_new(int folder, const char *from, const char *to)
{
    struct stat info;
    if (fstatat(folder, from, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return -1;
    if (!S_ISDIR(info.st_mode)) {
        if (linkat(folder, from, folder, to, 0) == 0)
            return unlinkat(folder, from, 0);
        if (errno == EEXIST)
            return -1;
    }
    if (fstatat(folder, to, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(folder, from, folder, to);
}

int clv_rename_new(int folder, const char *from, const char *to)
{
    if (rename2(folder, from, to, RENAME_NOREPLACE) == 0)
        return 0;
    return errno == EINVAL || errno == ENOSYS || errno == ENOTSUP ? link_new(folder, from, to) : -1;
}

int clv_rename_exchange(int folder, const char *a, const char *b)
{
    return rename2(folder, a, b, RENAME_EXCHANGE);
}
