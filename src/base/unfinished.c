/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* syscall() */
#include "base/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <clearvision/clearvision.h>

/* The last three are the COG driver's working files. */
const char *const clv_sidecars[] = {
    ".aux.xml", ".ovr", ".msk", ".msk.ovr", ".ovr.tmp", ".msk.tmp", ".msk.ovr.tmp", ".warped.tif.tmp", NULL};
#define LONGEST_SIDECAR 16

/* An entry is written only by who holds it BUSY, and read by the handler only after it has turned ARMED into TAKEN.
 * Entries are used again but never freed: the handler may be walking the list. */
enum { FREE, BUSY, ARMED, TAKEN };

struct clv_unfinished {
    struct clv_unfinished *next;
    atomic_int state;
    bool folder;
    pid_t owner;
    size_t length, capacity;
    char path[];
};

static _Atomic(clv_unfinished *) entries;

static clv_unfinished *reuse_entry(size_t length)
{
    for (clv_unfinished *e = atomic_load(&entries); e; e = e->next) {
        int expected = FREE;
        if (e->capacity >= length && atomic_compare_exchange_strong(&e->state, &expected, BUSY))
            return e;
    }
    return NULL;
}

static clv_unfinished *new_entry(size_t length)
{
    size_t capacity = length < 256 ? 256 : length;
    clv_unfinished *e = malloc(sizeof *e + capacity + LONGEST_SIDECAR + 1);
    if (!e)
        return NULL;
    e->capacity = capacity;
    atomic_init(&e->state, BUSY);
    e->next = atomic_load(&entries);
    while (!atomic_compare_exchange_weak(&entries, &e->next, e))
        ;
    return e;
}

static clv_unfinished *add(const char *path, bool folder_of_files)
{
    if (!path || !*path || strncmp(path, "/vsi", 4) == 0)
        return NULL;
    char folder[4096] = "";
    if (path[0] != '/' && !getcwd(folder, sizeof folder))
        return NULL;
    size_t prefix = strlen(folder) + (*folder ? 1 : 0);
    size_t length = prefix + strlen(path);
    clv_unfinished *e = reuse_entry(length);
    if (!e)
        e = new_entry(length);
    if (!e)
        return NULL;
    if (prefix) {
        memcpy(e->path, folder, prefix - 1);
        e->path[prefix - 1] = '/';
    }
    memcpy(e->path + prefix, path, length - prefix + 1);
    e->length = length;
    e->folder = folder_of_files;
    e->owner = getpid();
    atomic_store(&e->state, ARMED);
    return e;
}

clv_unfinished *clv_unfinished_add(const char *path)
{
    return add(path, false);
}

clv_unfinished *clv_unfinished_add_folder(const char *path)
{
    return add(path, true);
}

void clv_unfinished_done(clv_unfinished *entry)
{
    int expected = ARMED;
    if (entry)
        atomic_compare_exchange_strong(&entry->state, &expected, FREE);
}

/* ---- Folders --------------------------------------------------------------------------------------- */

/* Folders in which this process makes temporary files. Never freed: the handler may be walking the list. */
typedef struct entered {
    struct entered *next;
    dev_t device;
    ino_t inode;
    pid_t owner;
    char token[40];
    char path[];
} entered;

static _Atomic(entered *) folders;

bool clv_unfinished_enter(const char *folder, const char *token)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct stat info;
    char *path = realpath(folder, NULL);
    if (!path || stat(path, &info) != 0) {
        free(path);
        return false;
    }
    pthread_mutex_lock(&lock);
    bool known = false;
    for (entered *e = atomic_load(&folders); e && !known; e = e->next)
        known =
            e->device == info.st_dev && e->inode == info.st_ino && e->owner == getpid() && strcmp(e->path, path) == 0;
    entered *e = known ? NULL : malloc(sizeof *e + strlen(path) + 1);
    if (e) {
        e->device = info.st_dev;
        e->inode = info.st_ino;
        e->owner = getpid();
        snprintf(e->token, sizeof e->token, "%s", token);
        memcpy(e->path, path, strlen(path) + 1);
        e->next = atomic_load(&folders);
        atomic_store(&folders, e);
    }
    pthread_mutex_unlock(&lock);
    free(path);
    return !known;
}

/* ---- Names that change ----------------------------------------------------------------------------- */

static atomic_int held;

void clv_unfinished_hold(void)
{
    atomic_fetch_add(&held, 1);
}

void clv_unfinished_release(void)
{
    atomic_fetch_sub(&held, 1);
}

bool clv_unfinished_held(void)
{
    return atomic_load(&held) > 0;
}

static atomic_int frozen;

void clv_unfinished_freeze(bool freeze)
{
    if (freeze)
        atomic_fetch_add(&frozen, 1);
    else
        atomic_fetch_sub(&frozen, 1);
}

/* ---- In a signal handler ------------------------------------------------------------------------------ */

/* Zarr has four levels: folder, array, and chunks that are named by numbers between slashes. */
#define DEEPEST 8

static void remove_folder(int above, const char *path, int depth);

#ifdef SYS_getdents64
/* opendir() takes memory, which a signal handler must not: the system's own call reads into the stack. With `token`
 * what has it in its name goes, else all. */
static bool remove_entries(int fd, const char *token, int depth)
{
    _Alignas(uint64_t) char list[2048];
    bool removed = false;
    long size;
    lseek(fd, 0, SEEK_SET);
    while ((size = syscall(SYS_getdents64, fd, list, sizeof list)) > 0)
        for (long at = 0; at < size;) {
            /* struct linux_dirent64: inode, offset (8 bytes each), length (2), type (1), name */
            unsigned short length;
            memcpy(&length, list + at + 16, sizeof length);
            const char *name = list + at + 19;
            at += length;
            if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                continue;
            const char *found = token && name[0] == '.' ? strstr(name, token) : NULL;
            /* What has been put aside while a name changes is not unfinished. */
            if (token && (!found || strstr(found, ".tmp.old")))
                continue;
            if (unlinkat(fd, name, 0) == 0) {
                removed = true;
                continue;
            }
            remove_folder(fd, name, depth + 1);
            removed |= faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
        }
    return removed;
}
#endif

static void remove_folder(int above, const char *path, int depth)
{
#ifdef SYS_getdents64
    int fd = openat(above, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    /* Names move while they are removed: from the beginning until nothing goes any more. */
    while (fd >= 0 && depth < DEEPEST && remove_entries(fd, NULL, depth))
        ;
    if (fd >= 0)
        close(fd);
#else
    (void)depth;
#endif
    unlinkat(above, path, AT_REMOVEDIR);
}

/* What threads were about to make or drivers have put beside their files: all names with this process's token. */
static void remove_named(void)
{
#ifdef SYS_getdents64
    for (const entered *e = atomic_load(&folders); e; e = e->next) {
        int fd = e->owner == getpid() ? open(e->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
        while (fd >= 0 && remove_entries(fd, e->token, 0))
            ;
        if (fd >= 0)
            close(fd);
    }
#endif
}

void clv_unlink_unfinished(void)
{
    if (atomic_load(&frozen) > 0)
        return;
    for (clv_unfinished *e = atomic_load(&entries); e; e = e->next) {
        int expected = ARMED;
        if (!atomic_compare_exchange_strong(&e->state, &expected, TAKEN))
            continue;
        if (e->owner == getpid() && e->folder) {
            remove_folder(AT_FDCWD, e->path, 0);
        } else if (e->owner == getpid()) {
            unlink(e->path);
            for (int i = 0; clv_sidecars[i]; i++) {
                memcpy(e->path + e->length, clv_sidecars[i], strlen(clv_sidecars[i]) + 1);
                unlink(e->path);
            }
            e->path[e->length] = '\0';
        }
        atomic_store(&e->state, ARMED);
    }
    remove_named();
}
