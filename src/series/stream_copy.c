/* SPDX-License-Identifier: MIT */
#include "series/stream_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "products/input_list.h"
#include "raster/paths.h"

#define CHUNK ((size_t)1 << 20)

bool clv_stream_copy_is_stdin(const char *name)
{
    return strcmp(name, "-") == 0 || strncmp(name, "/vsistdin/", 10) == 0 || strncmp(name, "/vsistdin?", 10) == 0;
}

bool clv_stream_copy_is_stream(const char *name)
{
    struct stat info;
    if (clv_stream_copy_is_stdin(name))
        return true;
    return strncmp(name, "/vsi", 4) != 0 && stat(name, &info) == 0 &&
           (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

/* GDAL's /vsistdin/ says nothing about a read that fails, so the bytes are read directly. */
static clv_status copy_bytes(clv_context *ctx, const char *name, int from, int to, const char *file)
{
    size_t total = 0;
    char *buffer = malloc(CHUNK);
    clv_status status = buffer ? CLV_OK : clv_fail_memory(ctx);
    while (status == CLV_OK) {
        ssize_t got = read(from, buffer, CHUNK);
        if (got < 0 && errno == EINTR) {
            status = clv_check_cancel(ctx);
            continue;
        }
        if (got < 0)
            status = clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be read: %s", name, strerror(errno));
        if (got <= 0)
            break;
        total += (size_t)got;
        for (ssize_t put = 0, n; put < got && status == CLV_OK; put += n) {
            n = write(to, buffer + put, (size_t)(got - put));
            if (n < 0 && errno == EINTR)
                n = 0;
            else if (n < 0)
                status = clv_fail(ctx, CLV_ERROR_WRITE,
                                  "%s: the copy of %s cannot be written: %s; CPL_TMPDIR names "
                                  "another folder",
                                  file, name, strerror(errno));
        }
        if (status == CLV_OK)
            status = clv_check_cancel(ctx);
    }
    free(buffer);
    if (status == CLV_OK && total == 0)
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: no data; did the program before it fail?", name);
    return status;
}

static clv_status copy_stream(clv_context *ctx, clv_stream_copy *copies, const char *name, char **file)
{
    bool standard = clv_stream_copy_is_stdin(name);
    const char *shown = standard ? "/vsistdin/" : name;
    *file = NULL;
    if (standard && copies->stdin_used)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "standard input is named more than once; it holds one raster");
    if (standard && isatty(STDIN_FILENO))
        return clv_fail(ctx, CLV_ERROR_OPEN,
                        "standard input is a terminal; send a raster into it: gdal_translate ... "
                        "/vsistdout/ | clearvision ...");
    copies->stdin_used = copies->stdin_used || standard;
    struct clv_stream_copied *items = realloc(copies->items, ((size_t)copies->count + 1) * sizeof *items);
    if (!items)
        return clv_fail_memory(ctx);
    copies->items = items;
    struct clv_stream_copied *item = &items[copies->count];
    *item = (struct clv_stream_copied){.name = clv_strdup(shown)};
    if (!item->name)
        return clv_fail_memory(ctx);
    copies->count++;
    clv_status status = clv_temporary_create(ctx, clv_temporary_folder(), "clearvision-input", "tif", &item->file);
    if (status != CLV_OK)
        return status;
    item->guard = clv_unfinished_add(item->file);
    int from = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    int to = open(item->file, O_WRONLY | O_CLOEXEC);
    if (from < 0)
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: cannot be opened: %s", name, strerror(errno));
    else if (to < 0)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be opened: %s", item->file, strerror(errno));
    else
        status = copy_bytes(ctx, shown, from, to, item->file);
    if (to >= 0 && close(to) != 0 && status == CLV_OK)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be written: %s", item->file, strerror(errno));
    if (!standard && from >= 0)
        close(from);
    if (status == CLV_OK && !(*file = clv_strdup(item->file)))
        status = clv_fail_memory(ctx);
    return status;
}

clv_status clv_stream_copy_inputs(clv_context *ctx, clv_stream_copy *copies, clv_inputs *list)
{
    for (int i = 0; i < list->count; i++) {
        if (!clv_stream_copy_is_stream(list->names[i]))
            continue;
        char *file;
        clv_status status = copy_stream(ctx, copies, list->names[i], &file);
        if (status != CLV_OK)
            return status;
        free(list->names[i]);
        list->names[i] = file;
    }
    return CLV_OK;
}

const char *clv_stream_copy_origin(const clv_stream_copy *copies, const char *file)
{
    for (int i = 0; i < copies->count; i++)
        if (copies->items[i].file && strcmp(copies->items[i].file, file) == 0)
            return copies->items[i].name;
    return NULL;
}

void clv_stream_copy_clear(clv_stream_copy *copies)
{
    for (int i = 0; i < copies->count; i++) {
        struct clv_stream_copied *item = &copies->items[i];
        if (item->file)
            unlink(item->file);
        clv_unfinished_done(item->guard);
        free(item->file);
        free(item->name);
    }
    free(copies->items);
    *copies = (clv_stream_copy){0};
}
