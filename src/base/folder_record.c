/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* openat(), fstatat() */
#include "base/folder_record.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

#define LONGEST 80

/* A folder keeps its inode whatever it is called. */
static void text_of(const struct stat *info, char out[LONGEST])
{
    snprintf(out, LONGEST, "clearvision folder 1\n%llu\n", (unsigned long long)info->st_ino);
}

void clv_folder_record_write(const char *folder)
{
    struct stat info;
    char text[LONGEST], *path = clv_format("%s" CLV_FOLDER_RECORD, folder);
    int fd = path && lstat(folder, &info) == 0 ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (fd >= 0) {
        text_of(&info, text);
        const size_t length = strlen(text);
        if (write(fd, text, length) != (ssize_t)length)
            unlink(path);
        close(fd);
    }
    free(path);
}

void clv_folder_record_remove(const char *folder)
{
    char *path = clv_format("%s" CLV_FOLDER_RECORD, folder);
    if (path)
        unlink(path);
    free(path);
}

char *clv_folder_record_read(int above, const char *name)
{
    struct stat info;
    char text[LONGEST] = "", expected[LONGEST];
    int fd = openat(above, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    char *folder = n > 0 ? clv_format("%.*s", (int)(strlen(name) - strlen(CLV_FOLDER_RECORD)), name) : NULL;
    if (folder && fstatat(above, folder, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode)) {
        text_of(&info, expected);
        if (strcmp(text, expected) == 0)
            return folder;
    }
    free(folder);
    return NULL;
}
