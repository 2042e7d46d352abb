/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/temporary.h"
#include "base/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)16 * 1024 * 1024) /* read and written between two looks at the cancellation */

/* ---- Reading ----------------------------------------------------------------------------------- */

static clv_status open_input(clv_context *ctx, const char *path, int *fd, size_t *expected)
{
    struct stat info;
    clv_status status = CLV_OK;

    while ((*fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 && errno == EINTR)
        if ((status = clv_check_cancel(ctx)) != CLV_OK)
            return status;
    if (*fd < 0)
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: %s", path, strerror(errno));
    if (fstat(*fd, &info) != 0) {
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: %s", path, strerror(errno));
    } else if (S_ISDIR(info.st_mode)) {
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: is a folder", path);
    } else {
        *expected = S_ISREG(info.st_mode) && info.st_size > 0 ? (size_t)info.st_size : 0;
    }
    if (status != CLV_OK) {
        close(*fd);
        *fd = -1;
    }
    return status;
}

static bool grow(uint8_t **data, size_t *capacity, size_t wanted)
{
    uint8_t *bigger = realloc(*data, wanted);

    if (!bigger)
        return false;
    *data = bigger;
    *capacity = wanted;
    return true;
}

/* The size that the system tells is a guess only: pipes have none, and files change while they are read. */
static clv_status read_all(clv_context *ctx, const char *path, int fd, size_t expected, size_t max_bytes,
                           uint8_t **data, size_t *size)
{
    size_t capacity = 0;

    *size = 0;
    if (!grow(data, &capacity, expected + 2)) /* room for the terminator, and to see the end without growing */
        return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory for %zu bytes", path, expected);
    for (;;) {
        clv_status status = clv_check_cancel(ctx);
        if (status != CLV_OK)
            return status;
        if (capacity - *size < 2 && !grow(data, &capacity, capacity < 65536 ? 131072 : capacity * 2))
            return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory after %zu bytes", path, *size);
        size_t room = capacity - *size - 1;
        ssize_t n = read(fd, *data + *size, room < PIECE ? room : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return clv_fail(ctx, CLV_ERROR_READ, "%s: %s", path, strerror(errno));
        if (n == 0)
            break;
        *size += (size_t)n;
        if (*size > max_bytes)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: larger than the %zu bytes allowed for it", path, max_bytes);
    }
    (*data)[*size] = 0;
    return CLV_OK;
}

clv_status clv_read_file(clv_context *ctx, const char *path, size_t max_bytes, uint8_t **data, size_t *size)
{
    clv_input_files_add(ctx, path);
    return clv_read_own_file(ctx, path, max_bytes, data, size);
}

clv_status clv_read_own_file(clv_context *ctx, const char *path, size_t max_bytes, uint8_t **data, size_t *size)
{
    int fd;
    size_t expected = 0;

    *data = NULL;
    *size = 0;
    clv_status status = open_input(ctx, path, &fd, &expected);
    if (status != CLV_OK)
        return status;
    if (expected > max_bytes || expected > SIZE_MAX / 4)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %zu bytes, but at most %zu are allowed for it", path, expected,
                          max_bytes);
    else
        status = read_all(ctx, path, fd, expected, max_bytes, data, size);
    close(fd);
    if (status != CLV_OK) {
        free(*data);
        *data = NULL;
        *size = 0;
    }
    return status;
}

/* ---- Writing ----------------------------------------------------------------------------------- */

struct clv_file_writer {
    clv_context *ctx;
    char *path, *temporary;
    int fd;
    bool created;
    clv_unfinished *guard;
    clv_status status; /* the first failure's; what follows it does nothing */
};

static clv_status fail_writing(clv_file_writer *w)
{
    if (w->status == CLV_OK)
        w->status = clv_fail(w->ctx, CLV_ERROR_WRITE, "%s: %s", w->path, strerror(errno));
    return w->status;
}

/* A hidden sibling, so that the rename stays in one file system; its name is free, whoever else writes there. */
static clv_status create_temporary(clv_file_writer *w)
{
    const char *slash = strrchr(w->path, '/'), *name = slash ? slash + 1 : w->path;
    char *folder = slash ? clv_format("%.*s", slash == w->path ? 1 : (int)(slash - w->path), w->path) : clv_strdup(".");
    const bool known = folder != NULL;
    if (known)
        clv_temporary_enter(w->ctx, folder);
    free(folder);
    for (int i = 0; i < 100 && known; i++) {
        char *hidden = clv_temporary_name(name, "");
        free(w->temporary);
        w->temporary = hidden ? clv_format("%.*s%s", (int)(name - w->path), w->path, hidden) : NULL;
        free(hidden);
        if (!w->temporary)
            break;
        w->fd = open(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (w->fd >= 0) {
            w->created = true;
            w->guard = clv_unfinished_add(w->temporary);
            return CLV_OK;
        }
        if (errno != EEXIST && errno != EINTR)
            break;
    }
    return w->temporary ? fail_writing(w) : (w->status = clv_fail_memory_for(w->ctx, w->path));
}

clv_status clv_file_create(clv_context *ctx, const char *path, clv_file_writer **out)
{
    struct stat info;

    *out = NULL;
    /* Renaming over a device or a pipe would replace it. */
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return clv_fail(ctx, CLV_ERROR_WRITE, "%s: is not a regular file", path);
    clv_status status = clv_input_files_spare(ctx, path);
    if (status != CLV_OK)
        return status;
    clv_file_writer *w = calloc(1, sizeof *w);
    if (w)
        w->path = clv_strdup(path);
    if (!w || !w->path) {
        free(w);
        return clv_fail_memory_for(ctx, path);
    }
    w->ctx = ctx;
    w->fd = -1;
    status = create_temporary(w);
    if (status != CLV_OK) {
        clv_file_finish(w, false);
        return status;
    }
    *out = w;
    return CLV_OK;
}

clv_status clv_file_write(clv_file_writer *w, const void *data, size_t size)
{
    const char *p = data;

    while (size > 0 && w->status == CLV_OK) {
        if ((w->status = clv_check_cancel(w->ctx)) != CLV_OK)
            break;
        ssize_t n = write(w->fd, p, size < PIECE ? size : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_writing(w);
        p += n;
        size -= (size_t)n;
    }
    return w->status;
}

/* Makes the rename last; a file system that cannot do this for folders is no reason to fail. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? clv_strdup(path) : clv_strdup(".");

    if (folder && slash)
        folder[slash == path ? 1 : slash - path] = 0;
    int fd = folder ? open(folder, O_RDONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

clv_status clv_file_finish(clv_file_writer *w, bool keep)
{
    clv_status status;

    if (!w)
        return CLV_OK;
    if (keep && w->status == CLV_OK && fsync(w->fd) != 0 && errno != EINVAL && errno != ENOTSUP)
        fail_writing(w);
    if (w->fd >= 0 && close(w->fd) != 0 && keep)
        fail_writing(w);
    if (keep && w->status == CLV_OK)
        w->status = clv_input_files_spare(w->ctx, w->path); /* it may have been read meanwhile */
    if (keep && w->status == CLV_OK && rename(w->temporary, w->path) != 0)
        fail_writing(w);
    if (w->created && (!keep || w->status != CLV_OK))
        unlink(w->temporary);
    else if (w->created)
        sync_folder(w->path);
    clv_unfinished_done(w->guard);
    status = w->status;
    free(w->path);
    free(w->temporary);
    free(w);
    return status;
}
