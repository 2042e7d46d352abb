/* SPDX-License-Identifier: MIT */
#include "learn/report_folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "geo/paths.h"
#include "geo/unfinished.h"

static const char page_name[] = "index.html";

/* The path without slashes at its end; free(). */
static char *plain_path(const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return clv_format("%.*s", (int)length, path);
}

clv_status clv_report_folder_check(clv_context *ctx, const char *path, bool overwrite)
{
    if (!*path || clv_path_kind_of(path) != CLV_PATH_NATIVE || strcmp(path, "-") == 0)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-report %s: must be a folder of this machine", path);
    char *plain = plain_path(path);
    if (!plain)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    const clv_path_type type = clv_path_look(plain);
    clv_status status = CLV_OK;
    if (type == CLV_PATH_FILE || type == CLV_PATH_OTHER)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "-report %s: is a file, a folder was expected", path);
    else if (type == CLV_PATH_FOLDER && !overwrite)
        status = clv_fail(ctx, CLV_ERROR_EXISTS, "-report %s: exists; use -overwrite to replace its page", path);
    else
        status = clv_folder_check(ctx, plain);
    free(plain);
    return status;
}

static clv_status write_page(clv_context *ctx, const char *folder, const char *html, size_t length)
{
    clv_file_writer *w;
    char *path = clv_path_join(folder, page_name);
    if (!path)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    clv_status status = clv_file_create(ctx, path, &w);
    if (status == CLV_OK) {
        clv_file_write(w, html, length);
        status = clv_file_finish(w, true);
    }
    free(path);
    return status;
}

/* Makes a hidden folder beside `path`; free(*made). */
static clv_status make_hidden(clv_context *ctx, const char *path, char **made)
{
    char *above = clv_path_folder(path);
    int error = above ? EEXIST : ENOMEM;
    *made = NULL;
    for (int i = 0; i < 100 && error == EEXIST; i++) {
        free(*made);
        *made = clv_format("%s/.%s.%ld-%d.tmp", above, clv_path_name(path), (long)getpid(), i);
        error = !*made ? ENOMEM : mkdir(*made, 0777) == 0 ? 0 : errno;
    }
    free(above);
    if (!error)
        return CLV_OK;
    free(*made);
    *made = NULL;
    return clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be made: %s", path, strerror(error));
}

static clv_status write_new(clv_context *ctx, const char *path, const char *html, size_t length)
{
    char *above = clv_path_folder(path), *top = NULL, *hidden = NULL, *page = NULL;
    clv_unfinished *guard = NULL;
    clv_status status = above ? clv_folder_make(ctx, above, &top) : clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    if (status == CLV_OK)
        status = make_hidden(ctx, path, &hidden);
    if (status == CLV_OK && !(page = clv_path_join(hidden, page_name)))
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    if (status == CLV_OK) {
        guard = clv_unfinished_add(page);
        status = write_page(ctx, hidden, html, length);
    }
    /* A folder that somebody else made in between and put something into makes this fail. */
    if (status == CLV_OK && rename(hidden, path) != 0)
        status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot get its name: %s", path, strerror(errno));
    if (status != CLV_OK) {
        if (page)
            unlink(page);
        if (hidden)
            rmdir(hidden);
        if (above && top)
            clv_folder_unmake(above, top);
    }
    clv_unfinished_done(guard);
    free(page);
    free(hidden);
    free(top);
    free(above);
    return status;
}

clv_status clv_report_folder_write(clv_context *ctx, const char *path, bool overwrite, const char *html, size_t length)
{
    char *plain = plain_path(path);
    if (!plain)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory");
    clv_status status;
    if (overwrite && clv_path_look(plain) == CLV_PATH_FOLDER)
        status = write_page(ctx, plain, html, length);
    else
        status = write_new(ctx, plain, html, length);
    free(plain);
    return status;
}
