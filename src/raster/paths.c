/* SPDX-License-Identifier: MIT */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* realpath */
#endif
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE 1 /* GDAL's VSIStatBufL is a struct stat64 */
#endif
#include "raster/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/folder_record.h"
#include "base/temporary.h"

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_virtual(const char *path)
{
    return starts_with(path, "/vsi");
}

bool clv_path_is_stdout(const char *path)
{
    return strcmp(path, "-") == 0 || starts_with(path, "/vsistdout") || strcmp(path, "/dev/stdout") == 0;
}

clv_path_kind clv_path_kind_of(const char *path)
{
    if (clv_path_is_stdout(path))
        return CLV_PATH_STREAM;
    if (is_virtual(path))
        return starts_with(path, "/vsimem/") ? CLV_PATH_MEMORY : CLV_PATH_STREAM;
    struct stat info;
    if (stat(path, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)))
        return CLV_PATH_STREAM;
    return CLV_PATH_NATIVE;
}

bool clv_path_is_remote(const char *text)
{
    static const char *const prefixes[] = {"/vsicurl", "/vsis3",  "/vsigs",   "/vsiaz",
                                           "/vsiadls", "/vsioss", "/vsiswift"};
    for (size_t i = 0; text && i < sizeof prefixes / sizeof *prefixes; i++)
        if (strstr(text, prefixes[i]))
            return true;
    return false;
}

clv_path_type clv_path_look(const char *path)
{
    if (is_virtual(path)) {
        VSIStatBufL info;
        if (VSIStatExL(path, &info, VSI_STAT_EXISTS_FLAG | VSI_STAT_NATURE_FLAG) != 0)
            return CLV_PATH_NONE;
        return VSI_ISDIR(info.st_mode) ? CLV_PATH_FOLDER : CLV_PATH_FILE;
    }
    struct stat info;
    if (stat(path, &info) != 0)
        return lstat(path, &info) == 0 ? CLV_PATH_OTHER : CLV_PATH_NONE; /* a link that leads nowhere */
    return S_ISDIR(info.st_mode) ? CLV_PATH_FOLDER : S_ISREG(info.st_mode) ? CLV_PATH_FILE : CLV_PATH_OTHER;
}

bool clv_path_is_readable(const char *path)
{
    if (clv_path_is_remote(path))
        return true;
    const clv_path_type type = clv_path_look(path);
    return type == CLV_PATH_FILE || type == CLV_PATH_NONE; /* reading says why there is none */
}

const char *clv_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *clv_path_extension(const char *path)
{
    const char *name = clv_path_name(path);
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? dot + 1 : "";
}

char *clv_path_folder(const char *path)
{
    const char *name = clv_path_name(path);
    if (name == path)
        return clv_strdup(".");
    size_t length = (size_t)(name - path) - 1;
    return clv_format("%.*s", length ? (int)length : 1, path);
}

char *clv_path_absolute(const char *path)
{
    char *real = realpath(path, NULL);
    if (real || errno == ENOMEM || strcmp(path, "/") == 0)
        return real;
    char *above = clv_path_folder(path), *full = above && strcmp(above, path) != 0 ? clv_path_absolute(above) : NULL;
    char *joined = full ? clv_path_join(full, clv_path_name(path)) : NULL;
    free(full);
    free(above);
    return joined;
}

bool clv_path_within(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/' || length == 1);
}

char *clv_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    return clv_format("%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/", name);
}

/* ---- Folders ------------------------------------------------------------------------------------ */

clv_status clv_folder_make(clv_context *ctx, const char *folder, char **made)
{
    *made = NULL;
    clv_path_type type = clv_path_look(folder);
    if (type == CLV_PATH_FOLDER)
        return CLV_OK;
    if (type != CLV_PATH_NONE)
        return clv_fail(ctx, CLV_ERROR_WRITE, "%s: is a file, a folder was expected", folder);
    char *above = clv_path_folder(folder);
    if (!above)
        return clv_fail_memory(ctx);
    clv_status status = strcmp(above, folder) != 0 ? clv_folder_make(ctx, above, made) : CLV_OK;
    /* With "a/b/" the folder above was "a/b": nothing is left to make. */
    if (status == CLV_OK && *clv_path_name(folder)) {
        errno = 0;
        /* Another run may have made it in between. */
        if (VSIMkdir(folder, 0777) != 0 && clv_path_look(folder) != CLV_PATH_FOLDER)
            status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot make this folder: %s", folder,
                              errno ? strerror(errno) : "refused");
        else if (!*made)
            *made = clv_strdup(folder);
    }
    free(above);
    return status;
}

clv_status clv_folder_check(clv_context *ctx, const char *folder)
{
    if (is_virtual(folder))
        return CLV_OK;
    struct stat info;
    if (stat(folder, &info) == 0) {
        if (!S_ISDIR(info.st_mode))
            return clv_fail(ctx, CLV_ERROR_WRITE, "%s: is a file, a folder was expected", folder);
        if (access(folder, W_OK | X_OK) != 0)
            return clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot write into this folder: %s", folder, strerror(errno));
        return CLV_OK;
    }
    if (errno != ENOENT)
        return clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot write into this folder: %s", folder, strerror(errno));
    char *above = clv_path_folder(folder);
    if (!above)
        return clv_fail_memory(ctx);
    clv_status status = strcmp(above, folder) != 0 ? clv_folder_check(ctx, above) : CLV_OK;
    free(above);
    return status;
}

void clv_folder_unmake(const char *folder, const char *top)
{
    char *at = clv_strdup(folder);
    while (at) {
        size_t length = strlen(at);
        while (length > 1 && at[length - 1] == '/')
            at[--length] = '\0';
        if (length < strlen(top) || VSIRmdir(at) != 0 || strcmp(at, top) == 0)
            break;
        char *above = clv_path_folder(at);
        free(at);
        at = above;
    }
    free(at);
}

/* ---- Temporary files ------------------------------------------------------------------------------- */

const char *clv_temporary_folder(void)
{
    const char *folder = CPLGetConfigOption("CPL_TMPDIR", NULL);
    if (!folder || !*folder)
        folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

/* errno of the attempt, 0 when the file was created. */
static int create_exclusively(const char *path)
{
    if (is_virtual(path)) {
        if (clv_path_look(path) != CLV_PATH_NONE)
            return EEXIST;
        VSILFILE *file = VSIFOpenL(path, "wb");
        return file && VSIFCloseL(file) == 0 ? 0 : EIO;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int make_exclusively(const char *path)
{
    if (is_virtual(path) && clv_path_look(path) != CLV_PATH_NONE)
        return EEXIST;
    errno = 0;
    return VSIMkdir(path, 0777) == 0 ? 0 : errno ? errno : EIO;
}

static clv_status create_temporary(clv_context *ctx, const char *folder, const char *name, const char *extension,
                                   int (*create)(const char *), char **path)
{
    *path = NULL;
    if (!is_virtual(folder))
        clv_temporary_enter(ctx, folder);
    int error = EEXIST;
    for (int attempt = 0; attempt < 100 && error == EEXIST; attempt++) {
        char *file = clv_temporary_name(name, extension);
        char *full = file ? clv_path_join(folder, file) : NULL;
        free(file);
        if (!full)
            return clv_fail_memory(ctx);
        error = create(full);
        if (error == 0)
            *path = full;
        else
            free(full);
    }
    if (error == EMFILE)
        return clv_fail(ctx, CLV_ERROR_WRITE,
                        "%s: cannot create a file in this folder: %s; raise the limit with ulimit -n", folder,
                        strerror(error));
    struct statvfs disk;
    if (error == ENOSPC && statvfs(folder, &disk) == 0 && disk.f_bavail > 0 && disk.f_favail == 0)
        return clv_fail(ctx, CLV_ERROR_WRITE,
                        "%s: cannot create a file in this folder: the file system has room but no inodes left; remove "
                        "files there",
                        folder);
    if (error)
        return clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot create a file in this folder: %s", folder, strerror(error));
    return CLV_OK;
}

clv_status clv_temporary_create(clv_context *ctx, const char *folder, const char *name, const char *extension,
                                char **path)
{
    return create_temporary(ctx, folder, name, extension, create_exclusively, path);
}

clv_status clv_temporary_make_folder(clv_context *ctx, const char *folder, const char *name, char **path)
{
    clv_status status = create_temporary(ctx, folder, name, "", make_exclusively, path);
    if (status == CLV_OK && !is_virtual(*path))
        clv_folder_record_write(*path);
    return status;
}

void clv_temporary_remove_folder(const char *path)
{
    VSIRmdirRecursive(path);
    if (!is_virtual(path))
        clv_folder_record_remove(path);
}

/* ---- Inputs in a folder ---------------------------------------------------------------------------- */

typedef struct inside {
    char *folder, *found; /* from the root; a copy of the input's name */
    bool failed;
} inside;

static bool look_inside(const char *name, void *user)
{
    inside *at = user;
    char *full = clv_path_absolute(name);
    if (full && clv_path_within(full, at->folder))
        at->found = clv_strdup(name);
    at->failed = !full || (clv_path_within(full, at->folder) && !at->found);
    free(full);
    return !at->found && !at->failed;
}

clv_status clv_folder_find_input(clv_context *ctx, const char *folder, char **name)
{
    inside at = {.folder = clv_path_absolute(folder)};
    *name = NULL;
    if (at.folder)
        clv_input_files_each(ctx, look_inside, &at);
    const bool failed = at.failed || !at.folder;
    free(at.folder);
    *name = at.found;
    return failed ? clv_fail_memory(ctx) : CLV_OK;
}

char *clv_network_url(const char *name)
{
    const char *url = strncmp(name, "/vsicurl?", 9) == 0 ? strstr(name, "url=") : NULL;
    if (strncmp(name, "/vsicurl/", 9) == 0)
        url = name + 5;
    if (!url)
        return NULL;
    char *plain = CPLUnescapeString(url + 4, NULL, CPLES_URL), *copy = clv_strdup(plain);
    CPLFree(plain);
    if (copy)
        copy[strcspn(copy, "?")] = 0;
    return copy;
}
