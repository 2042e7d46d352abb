/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* flock */
#endif
#include "serve/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/unfinished.h"
#include "raster/paths.h"

#define PREFIX "clearvision-serve-"
#define LOCK_NAME "lock"
#define MAX_DEPTH 16
#define YOUNG_SECONDS 60 /* a folder without a lock may be one that is just being made */

/* ---- Removing ------------------------------------------------------------------------------------ */

static void remove_at(int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT || depth > MAX_DEPTH)
        return;
    const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    if (listing) {
        for (struct dirent *entry; (entry = readdir(listing));)
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                remove_at(fd, entry->d_name, depth + 1);
        closedir(listing);
    } else if (fd >= 0) {
        close(fd);
    }
    unlinkat(parent, name, AT_REMOVEDIR);
}

void clv_folder_remove(const char *path)
{
    remove_at(AT_FDCWD, path, 0);
}

/* ---- Stale folders ------------------------------------------------------------------------------- */

/* Whether a folder is one of ours that no live server holds. The lock stays held in *lock until the folder is gone. */
static bool is_stale(const char *path, int *lock)
{
    struct stat look;
    *lock = -1;
    if (lstat(path, &look) != 0 || !S_ISDIR(look.st_mode) || look.st_uid != geteuid())
        return false;
    char *name = clv_format("%s/" LOCK_NAME, path);
    if (!name)
        return false;
    *lock = open(name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    free(name);
    if (*lock < 0)
        return errno == ENOENT && time(NULL) - look.st_mtime > YOUNG_SECONDS;
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    close(*lock);
    *lock = -1;
    return false;
}

static void remove_stale(clv_context *ctx, const char *parent)
{
    DIR *listing = opendir(parent);
    if (!listing)
        return;
    for (struct dirent *entry; (entry = readdir(listing));) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        int lock;
        char *path = clv_format("%s/%s", parent, entry->d_name);
        if (path && is_stale(path, &lock)) {
            clv_folder_remove(path);
            clv_note(ctx, "removed what a server that was killed had left: %s", path);
            if (lock >= 0)
                close(lock);
        }
        free(path);
    }
    closedir(listing);
}

/* ---- Life ---------------------------------------------------------------------------------------- */

/* The lock; false when another server took the folder for stale in the moment between making and locking it. */
static bool lock_it(clv_folder *folder)
{
    struct stat look;
    char *name = clv_format("%s/" LOCK_NAME, folder->path);
    folder->lock = name ? open(name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    free(name);
    return folder->lock >= 0 && flock(folder->lock, LOCK_EX | LOCK_NB) == 0 && fstat(folder->lock, &look) == 0 &&
           look.st_nlink > 0;
}

clv_status clv_folder_begin(clv_context *ctx, clv_folder *out)
{
    const char *parent = clv_temporary_folder();
    *out = (clv_folder){.lock = -1};
    remove_stale(ctx, parent);
    /* mkdtemp's letters are too few to be taken for a date of the pictures below. */
    out->path = clv_format("%s/" PREFIX "XXXXXX", parent);
    if (!out->path)
        return clv_fail_memory(ctx);
    if (!mkdtemp(out->path)) {
        clv_fail(ctx, CLV_ERROR_WRITE, "%s: no folder for temporary files can be made there: %s; set CPL_TMPDIR",
                 parent, strerror(errno));
        free(out->path);
        *out = (clv_folder){.lock = -1};
        return CLV_ERROR_WRITE;
    }
    if (lock_it(out)) {
        out->guard = clv_unfinished_add_folder(out->path);
        return CLV_OK;
    }
    clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be locked: %s; set CPL_TMPDIR to a folder on a local disk", out->path,
             strerror(errno));
    clv_folder_end(out);
    return CLV_ERROR_WRITE;
}

void clv_folder_end(clv_folder *folder)
{
    if (folder->path)
        clv_folder_remove(folder->path);
    clv_unfinished_done(folder->guard);
    if (folder->lock >= 0)
        close(folder->lock);
    free(folder->path);
    *folder = (clv_folder){.lock = -1};
}
