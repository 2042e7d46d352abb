/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* linkat(), realpath() */
#include "output/new_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/folder_record.h"
#include "base/temporary.h"
#include "raster/paths.h"
#include "base/unfinished.h"

struct clv_new_folder {
    clv_context *ctx;
    char *option, *asked; /* as messages name it */
    char *path;           /* links resolved */
    bool overwrite;
    clv_new_folder_owned owned;
    pthread_mutex_t lock;
    char *hidden;      /* the new folder before it is placed, the old one after it */
    char *above, *top; /* folder that holds both; uppermost that had to be made for it */
    struct made_file {
        char *relative;
        clv_unfinished *guard;
    } *files;
    int count, capacity;
    clv_unfinished *guard; /* of the hidden folder */
    clv_moves *moves;      /* place()'s own */
    bool placed;
};

/* What is done with each entry of a folder and its counterpart in the other; false: it had to stay as it was. */
typedef bool (*entry_fn)(const clv_new_folder *f, const char *relative, const char *from, const char *to);

static bool for_entries(const clv_new_folder *f, const char *from, const char *to, const char *prefix, entry_fn fn);
static bool link_foreign(const clv_new_folder *f, const char *relative, const char *old, const char *now);
static void take_back(clv_new_folder *f);
static clv_moves_old_fn clear_old;

/* ---- Beginning ------------------------------------------------------------------------------------- */

/* The path without slashes at its end; free(). */
static char *plain_path(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return clv_format("%.*s", (int)length, path);
}

/* Its files will be removed, and others are moved. */
static clv_status spare_inputs(const clv_new_folder *f)
{
    char *input = NULL;
    clv_status status = clv_folder_find_input(f->ctx, f->path, &input);
    if (input)
        status = clv_fail(f->ctx, CLV_ERROR_ARGUMENT, "%s %s: holds an input (%s); give a folder of its own", f->option,
                          f->asked, input);
    free(input);
    return status;
}

static clv_status check(const clv_new_folder *f)
{
    switch (clv_path_look(f->path)) {
    case CLV_PATH_NONE:
        return clv_folder_check(f->ctx, f->path);
    case CLV_PATH_FOLDER:
        break;
    default:
        return clv_fail(f->ctx, CLV_ERROR_WRITE, "%s %s: is a file, a folder was expected", f->option, f->asked);
    }
    if (!f->overwrite)
        return clv_fail(f->ctx, CLV_ERROR_EXISTS, "%s %s: exists; use -overwrite to replace its page", f->option,
                        f->asked);
    clv_status status = clv_folder_check(f->ctx, f->path);
    if (status == CLV_OK)
        status = clv_folder_check(f->ctx, f->above);
    return status == CLV_OK ? spare_inputs(f) : status;
}

/* Links and "." are resolved, so that the folder itself can be renamed. */
static char *real_path(const char *path)
{
    char *plain = plain_path(path);
    char *real = plain && clv_path_look(plain) == CLV_PATH_FOLDER ? realpath(plain, NULL) : NULL;
    if (!real)
        return plain;
    free(plain);
    return real;
}

clv_status clv_new_folder_begin(clv_context *ctx, const char *option, const char *path, bool overwrite,
                                clv_new_folder_owned owned, clv_new_folder **out)
{
    *out = NULL;
    if (!*path || clv_path_kind_of(path) != CLV_PATH_NATIVE || strcmp(path, "-") == 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s %s: must be a folder of this machine", option, path);
    clv_new_folder *f = calloc(1, sizeof *f);
    if (!f)
        return clv_fail_memory(ctx);
    pthread_mutex_init(&f->lock, NULL);
    f->ctx = ctx;
    f->overwrite = overwrite;
    f->owned = owned;
    f->option = clv_strdup(option);
    f->asked = plain_path(path);
    f->path = real_path(path);
    f->above = f->path ? clv_path_folder(f->path) : NULL;
    clv_status status = f->option && f->asked && f->above ? check(f) : clv_fail_memory(ctx);
    if (status == CLV_OK)
        *out = f;
    else
        clv_new_folder_free(f);
    return status;
}

const char *clv_new_folder_path(const clv_new_folder *f)
{
    return f->path;
}

/* ---- Files ----------------------------------------------------------------------------------------- */

static clv_status make_hidden(clv_new_folder *f)
{
    if (f->hidden)
        return CLV_OK;
    clv_status status = clv_folder_make(f->ctx, f->above, &f->top);
    if (status == CLV_OK) {
        if (clv_temporary_finish(f->ctx, f->above))
            take_back(f); /* before what killed runs have left is named */
        status = clv_temporary_make_folder(f->ctx, f->above, clv_path_name(f->path), &f->hidden);
    }
    if (status == CLV_OK)
        f->guard = clv_unfinished_add_folder(f->hidden);
    return status;
}

static clv_status add_file(clv_new_folder *f, const char *relative, const char *path)
{
    for (int i = 0; i < f->count; i++)
        if (strcmp(f->files[i].relative, relative) == 0)
            return CLV_OK;
    if (f->count == f->capacity) {
        int capacity = f->capacity ? 2 * f->capacity : 32;
        void *files = realloc(f->files, (size_t)capacity * sizeof *f->files);
        if (!files)
            return clv_fail_memory(f->ctx);
        f->files = files;
        f->capacity = capacity;
    }
    char *name = clv_strdup(relative);
    if (!name)
        return clv_fail_memory(f->ctx);
    f->files[f->count].relative = name;
    f->files[f->count++].guard = clv_unfinished_add(path);
    return CLV_OK;
}

static clv_status prepare_file(clv_new_folder *f, const char *relative, char **path)
{
    clv_status status = make_hidden(f);
    if (status != CLV_OK)
        return status;
    const char *slash = strchr(relative, '/');
    char *full = clv_path_join(f->hidden, relative);
    char *folder = slash ? clv_format("%s/%.*s", f->hidden, (int)(slash - relative), relative) : NULL;
    if (!full || (slash && !folder))
        status = clv_fail_memory(f->ctx);
    else if (folder && mkdir(folder, 0777) != 0 && errno != EEXIST)
        status = clv_fail(f->ctx, CLV_ERROR_WRITE, "%s %s: cannot be made: %s", f->option, f->asked, strerror(errno));
    if (status == CLV_OK)
        status = add_file(f, relative, full);
    free(folder);
    if (status == CLV_OK)
        *path = full;
    else
        free(full);
    return status;
}

clv_status clv_new_folder_file(clv_new_folder *f, const char *relative, char **path)
{
    *path = NULL;
    pthread_mutex_lock(&f->lock);
    clv_status status = prepare_file(f, relative, path);
    pthread_mutex_unlock(&f->lock);
    return status;
}

clv_status clv_new_folder_write(clv_new_folder *f, const char *relative, const void *bytes, size_t size)
{
    char *path;
    clv_file_writer *w = NULL;
    clv_status status = clv_new_folder_file(f, relative, &path);
    if (status == CLV_OK)
        status = clv_file_create(f->ctx, path, &w);
    if (status == CLV_OK) {
        clv_file_write(w, bytes, size);
        status = clv_file_finish(w, true);
    }
    free(path);
    return status;
}

/* ---- Names ----------------------------------------------------------------------------------------- */

clv_status clv_new_folder_plan(clv_new_folder *f, clv_moves *moves)
{
    clv_status status = make_hidden(f);
    if (status != CLV_OK)
        return status;
    bool there = clv_path_look(f->path) != CLV_PATH_NONE;
    if (there && !f->overwrite && rmdir(f->path) == 0)
        there = false; /* made by somebody since, but empty */
    if (there && (!f->overwrite || clv_path_look(f->path) != CLV_PATH_FOLDER))
        return clv_fail(f->ctx, CLV_ERROR_EXISTS,
                        "%s %s: appeared while it was being made; use -overwrite to replace it", f->option, f->asked);
    if (there && (status = spare_inputs(f)) != CLV_OK)
        return status;
    const bool last = there && !for_entries(f, f->path, f->hidden, "", link_foreign);
    return clv_moves_add_folder(moves, f->hidden, f->path, last, clear_old, f);
}

clv_status clv_new_folder_place(clv_new_folder *f)
{
    f->moves = clv_moves_new(f->ctx, f->overwrite);
    clv_status status = f->moves ? clv_new_folder_plan(f, f->moves) : clv_fail_memory(f->ctx);
    return status == CLV_OK ? clv_moves_run(f->moves) : status;
}

void clv_new_folder_keep(clv_new_folder *f)
{
    f->placed = true;
    clv_folder_record_remove(f->hidden);
    clv_moves_free(f->moves, true);
    f->moves = NULL;
}

/* ---- The old folder -------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return lstat(a, &one) == 0 && lstat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static bool for_entries(const clv_new_folder *f, const char *from, const char *to, const char *prefix, entry_fn fn)
{
    char *folder = clv_format("%s/%s", from, prefix);
    DIR *list = folder ? opendir(folder) : NULL;
    bool all = list != NULL;
    for (struct dirent *e = all ? readdir(list) : NULL; e; e = readdir(list)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char *relative = clv_format("%s%s", prefix, e->d_name);
        char *old = relative ? clv_path_join(from, relative) : NULL,
             *now = relative ? clv_path_join(to, relative) : NULL;
        all = old && now && fn(f, relative, old, now) && all;
        free(relative);
        free(old);
        free(now);
    }
    if (list)
        closedir(list);
    free(folder);
    return all;
}

/* A second name in the new folder, so that a file of the user's is in place at every moment. Where the file system has
 * no hard links it is moved afterwards. */
static bool link_foreign(const clv_new_folder *f, const char *relative, const char *old, const char *now)
{
    struct stat info;
    if (is_folder(old)) {
        const bool made = stat(old, &info) == 0 && mkdir(now, 0700) == 0;
        char *below = made || is_folder(now) ? clv_format("%s/", relative) : NULL;
        const bool all = below && for_entries(f, f->path, f->hidden, below, link_foreign);
        if (made)
            chmod(now, info.st_mode & 07777);
        if (made && !all)
            rmdir(now); /* empty: nothing could be linked */
        free(below);
        return all;
    }
    return f->owned(relative) || linkat(AT_FDCWD, old, AT_FDCWD, now, 0) == 0;
}

/* Owned files and second names go, all others move into the new folder. */
static bool move_foreign(const clv_new_folder *f, const char *relative, const char *old, const char *now)
{
    struct stat info;
    if (!is_folder(old) && (f->owned(relative) || is_same_file(old, now)))
        return unlink(old) == 0;
    if (lstat(now, &info) != 0)
        return rename(old, now) == 0;
    if (!is_folder(old) || !is_folder(now))
        return false;
    char *below = clv_format("%s/", relative);
    const bool all = below && for_entries(f, f->hidden, f->path, below, move_foreign) && rmdir(old) == 0;
    free(below);
    return all;
}

/* What lies in the folder that was replaced. */
static void clear_old(const char *backup, void *user)
{
    clv_new_folder *f = user;
    char *hidden = f->hidden;
    f->hidden = clv_strdup(backup);
    if (!f->hidden || !for_entries(f, f->hidden, f->path, "", move_foreign) || rmdir(backup) != 0)
        clv_warn(f->ctx, "%s %s: not everything of the old folder could be moved; the rest is in %s", f->option,
                 f->asked, backup);
    free(f->hidden);
    f->hidden = hidden;
}

/* A run that was killed after the folders had changed places has left the old one hidden, with files of the user's that
 * could not get a second name. */
static void take_back(clv_new_folder *f)
{
    DIR *list = opendir(f->above);
    char *own = f->hidden;
    for (struct dirent *e = list ? readdir(list) : NULL; e; e = readdir(list)) {
        size_t length;
        if (clv_temporary_owner_of(e->d_name, &length) != CLV_TEMPORARY_GONE ||
            strcmp(e->d_name + length, ".tmp.old") != 0)
            continue;
        char *target = clv_temporary_target(e->d_name);
        f->hidden = target && strcmp(target, clv_path_name(f->path)) == 0 ? clv_path_join(f->above, e->d_name) : NULL;
        if (f->hidden && is_folder(f->hidden) && is_folder(f->path) &&
            !(for_entries(f, f->hidden, f->path, "", move_foreign) && rmdir(f->hidden) == 0))
            clv_warn(f->ctx, "%s %s: a killed run has left files in %s that are there under the same name", f->option,
                     f->asked, f->hidden);
        free(f->hidden);
        free(target);
    }
    f->hidden = own;
    if (list)
        closedir(list);
}

/* ---- Undoing --------------------------------------------------------------------------------------- */

static bool remove_second_name(const clv_new_folder *f, const char *relative, const char *hidden, const char *path)
{
    if (!is_folder(hidden))
        return !is_same_file(hidden, path) || unlink(hidden) == 0;
    char *below = clv_format("%s/", relative);
    if (below)
        for_entries(f, f->hidden, f->path, below, remove_second_name);
    free(below);
    rmdir(hidden); /* fails where files of ours are in it */
    return true;
}

static void remove_files(const clv_new_folder *f)
{
    for_entries(f, f->hidden, f->path, "", remove_second_name);
    for (int i = 0; i < f->count; i++) {
        char *path = clv_path_join(f->hidden, f->files[i].relative);
        if (path)
            unlink(path);
        free(path);
    }
    for (int i = 0; i < f->count; i++) {
        char *path = clv_path_join(f->hidden, f->files[i].relative);
        char *slash = path ? strrchr(path, '/') : NULL;
        if (slash && strchr(f->files[i].relative, '/')) {
            *slash = '\0';
            rmdir(path); /* fails until the last file of it */
        }
        free(path);
    }
    rmdir(f->hidden);
    clv_folder_record_remove(f->hidden);
}

void clv_new_folder_free(clv_new_folder *f)
{
    if (!f)
        return;
    clv_moves_free(f->moves, false);
    if (f->hidden && !f->placed) {
        remove_files(f);
        if (f->top)
            clv_folder_unmake(f->above, f->top);
    }
    clv_unfinished_done(f->guard);
    for (int i = 0; i < f->count; i++) {
        clv_unfinished_done(f->files[i].guard);
        free(f->files[i].relative);
    }
    free(f->files);
    free(f->hidden);
    free(f->top);
    free(f->above);
    free(f->path);
    free(f->option);
    free(f->asked);
    pthread_mutex_destroy(&f->lock);
    free(f);
}
