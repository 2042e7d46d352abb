/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_NOFOLLOW, O_DIRECTORY, fdopendir() */
#endif
#include "pipeline/part_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/input_files.h"
#include "base/temporary.h"
#include "base/unfinished.h"
#include "formats/sha256.h"
#include "raster/paths.h"

#define MAX_JSON ((size_t)16 << 20)
#define PIECE ((size_t)1 << 20)

/* ---- Names ------------------------------------------------------------------------------------- */

/* A temporary file that no other process writes to. */
static bool is_left(const char *file)
{
    const clv_temporary_owner owner = clv_temporary_owner_of(file, NULL);
    return owner == CLV_TEMPORARY_OWN || owner == CLV_TEMPORARY_GONE;
}

char *clv_part_unfinished(const char *file)
{
    return is_left(file) ? clv_temporary_target(file) : NULL;
}

/* NAME.tif and what drivers put beside it. */
static bool is_output(const char *file, const char *name)
{
    const size_t n = strlen(name);
    if (strncmp(file, name, n) != 0)
        return false;
    const char *rest = file + n;
    if (strcmp(rest, ".tfw") == 0)
        return true;
    if (strncmp(rest, ".tif", 4) != 0)
        return false;
    for (int i = 0; clv_sidecars[i]; i++)
        if (strcmp(rest + 4, clv_sidecars[i]) == 0)
            return true;
    return rest[4] == '\0';
}

/* ---- A file ------------------------------------------------------------------------------------ */

typedef struct seen {
    int64_t size;
    bool tiff;
    char hash[65];
} seen;

/* Looks at a regular file of the folder; false for links, anything else, and what cannot be read. */
static bool look(clv_context *ctx, int folder, const char *name, bool hashed, seen *out)
{
    struct stat info;
    *out = (seen){0};
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    unsigned char *piece = malloc(PIECE);
    bool good = piece && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    clv_sha256_sum sum;
    clv_sha256_begin(&sum);
    for (bool first = true, more = good; more; first = false) {
        const ssize_t n = read(fd, piece, PIECE);
        good = n >= 0 && clv_check_cancel(ctx) == CLV_OK;
        more = good && n > 0 && hashed;
        if (first && n >= 4)
            out->tiff = memcmp(piece, "II*\0", 4) == 0 || memcmp(piece, "MM\0*", 4) == 0 ||
                        memcmp(piece, "II+\0", 4) == 0 || memcmp(piece, "MM\0+", 4) == 0;
        if (n > 0)
            clv_sha256_add(&sum, piece, (size_t)n);
    }
    clv_sha256_end(&sum, out->hash);
    if (good)
        out->size = (int64_t)info.st_size;
    free(piece);
    close(fd);
    return good;
}

static int open_folder(const char *folder)
{
    return open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Unlinks a regular file that is no input. */
static bool take_away(clv_context *ctx, int fd, const char *folder, const char *name)
{
    struct stat info;
    char *path = clv_path_join(folder, name);
    const bool may = path && fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
                     !clv_input_files_has(ctx, path);
    free(path);
    return may && unlinkat(fd, name, 0) == 0;
}

/* Names in the folder, CSL. */
static char **names_in(int fd)
{
    char **names = NULL;
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    DIR *list = own >= 0 ? fdopendir(own) : NULL;
    if (!list && own >= 0)
        close(own);
    if (list)
        rewinddir(list);
    for (struct dirent *e = list ? readdir(list) : NULL; e; e = readdir(list))
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            names = CSLAddString(names, e->d_name);
    if (list)
        closedir(list);
    return names;
}

/* ---- The record -------------------------------------------------------------------------------- */

static clv_json *read_record(const char *folder)
{
    uint8_t *text = NULL;
    size_t size = 0;
    char why[200], *path = clv_path_join(folder, CLV_PART_RECORD);
    struct stat info;
    clv_json *record = NULL;
    if (path && lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
        clv_read_own_file(NULL, path, MAX_JSON, &text, &size) == CLV_OK)
        record = clv_json_parse((const char *)text, size, why, sizeof why);
    free(text);
    free(path);
    if (clv_json_kind(record) == CLV_JSON_OBJECT)
        return record;
    clv_json_free(record);
    return NULL;
}

clv_status clv_part_seal(clv_context *ctx, const char *folder, char *const *outputs, const char *report)
{
    clv_json_writer w = {0};
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char **names = fd >= 0 ? names_in(fd) : NULL;
    clv_status status =
        names ? CLV_OK : clv_fail(ctx, CLV_ERROR_READ, "%s: cannot be read: %s", folder, strerror(errno));
    clv_jw_object(&w);
    clv_jw_put_string(&w, "clearvision", clv_version());
    clv_jw_key(&w, "files");
    clv_jw_array(&w);
    for (int i = 0; names && names[i] && status == CLV_OK; i++) {
        seen file;
        bool ours = false;
        for (int k = 0; outputs[k] && !ours; k++)
            ours = is_output(names[i], outputs[k]);
        if (!ours)
            continue;
        if (!look(ctx, fd, names[i], true, &file)) {
            status = clv_check_cancel(ctx);
            if (status == CLV_OK)
                status = clv_fail(ctx, CLV_ERROR_READ, "%s/%s: cannot be read", folder, names[i]);
            break;
        }
        clv_jw_object(&w);
        clv_jw_put_string(&w, "name", names[i]);
        clv_jw_put_integer(&w, "size", file.size);
        clv_jw_put_string(&w, "driver", file.tiff ? "GTiff" : NULL);
        clv_jw_put_string(&w, "sha256", file.hash);
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    clv_jw_key(&w, "report");
    clv_jw_raw(&w, report);
    clv_jw_end(&w);
    CSLDestroy(names);
    if (fd >= 0)
        close(fd);
    char *text = clv_jw_take(&w), *path = clv_path_join(folder, CLV_PART_RECORD);
    clv_file_writer *file = NULL;
    if (status == CLV_OK)
        status = text && path ? clv_file_create(ctx, path, &file) : clv_fail_memory(ctx);
    if (file) {
        clv_file_write(file, text, strlen(text));
        status = clv_file_finish(file, true);
    }
    free(path);
    free(text);
    return status;
}

/* Whether the file is what the record says. Of version 0.1 nothing more is known than that it is a TIFF. */
static bool agrees(clv_context *ctx, int fd, const char *name, const clv_json *entry)
{
    seen file;
    const char *hash = clv_json_string(clv_json_get(entry, "sha256"), NULL);
    struct stat info;
    if (!entry)
        return look(ctx, fd, name, false, &file) && file.tiff;
    return hash && fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           (int64_t)info.st_size == clv_json_integer(clv_json_get(entry, "size"), -1) &&
           look(ctx, fd, name, true, &file) && strcmp(file.hash, hash) == 0 &&
           (file.tiff || !clv_json_string(clv_json_get(entry, "driver"), NULL));
}

static const char *name_of(const clv_json *entry)
{
    const char *name = clv_json_string(clv_json_get(entry, "name"), "");
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 ? name : NULL;
}

bool clv_part_has(const clv_json *record, const char *file)
{
    const clv_json *files = clv_json_get(record, "files");
    for (int i = 0; i < clv_json_count(files); i++)
        if (strcmp(clv_json_string(clv_json_get(clv_json_at(files, i), "name"), ""), file) == 0)
            return true;
    return false;
}

clv_json *clv_part_open(clv_context *ctx, const char *folder, bool verify)
{
    clv_json *record = read_record(folder);
    const clv_json *files = clv_json_get(record, "files");
    const int fd = record ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool whole = fd >= 0 && clv_json_kind(files) == CLV_JSON_ARRAY && clv_json_get(record, "report");
    for (int i = 0; i < clv_json_count(files) && whole; i++) {
        const char *name = name_of(clv_json_at(files, i));
        whole = name && (!verify || agrees(ctx, fd, name, clv_json_at(files, i)));
    }
    if (fd >= 0)
        close(fd);
    if (whole)
        return record;
    clv_json_free(record);
    return NULL;
}

/* ---- Removing ---------------------------------------------------------------------------------- */

void clv_part_clean(clv_context *ctx, const char *folder, char *const *outputs)
{
    const int fd = open_folder(folder);
    char **names = fd >= 0 ? names_in(fd) : NULL;
    for (int i = 0; names && names[i]; i++) {
        bool ours = is_left(names[i]) || strcmp(names[i], CLV_PART_RECORD) == 0;
        for (int k = 0; outputs && outputs[k] && !ours; k++)
            ours = is_output(names[i], outputs[k]);
        if (ours)
            take_away(ctx, fd, folder, names[i]);
    }
    CSLDestroy(names);
    if (fd < 0)
        return;
    close(fd);
    rmdir(folder); /* where nothing of anybody else is in it */
}

/* The files of a part of version 0.1: those that its report names in this folder. CSL */
static char **named_files(const clv_json *value, const char *folder, char **found)
{
    if (clv_json_kind(value) == CLV_JSON_STRING) {
        const char *path = clv_json_string(value, "");
        char *above = clv_path_folder(path);
        if (above && strcmp(clv_path_name(above), clv_path_name(folder)) == 0 && clv_path_name(path) != path &&
            EQUAL(clv_path_extension(path), "tif"))
            found = CSLAddString(found, clv_path_name(path));
        free(above);
    }
    for (int i = 0; i < clv_json_count(value); i++)
        found = named_files(clv_json_at(value, i), folder, found);
    return found;
}

/* Sidecars that came later describe pixels that are gone. */
static void take_sidecars_away(clv_context *ctx, int fd, const char *folder, const char *name)
{
    for (int i = 0; clv_sidecars[i]; i++) {
        char *sidecar = clv_format("%s%s", name, clv_sidecars[i]);
        if (sidecar)
            take_away(ctx, fd, folder, sidecar);
        free(sidecar);
    }
}

typedef struct removing {
    clv_context *ctx;
    const char *folder;
    int fd;
    bool (*needed)(const char *stem, const void *user);
    const void *user;
    char **kept; /* CSL */
} removing;

/* NAME of NAME.tif and of what lies beside it; free(). NULL: the file is of no output. */
static char *stem_of(const char *file)
{
    for (size_t n = strlen(file); n > 0; n--) {
        char *stem = file[n] == '.' ? clv_format("%.*s", (int)n, file) : NULL;
        if (stem && is_output(file, stem))
            return stem;
        free(stem);
    }
    return NULL;
}

static void remove_one(removing *r, const char *name, const clv_json *entry)
{
    char *stem = stem_of(name);
    struct stat info;
    if (fstatat(r->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
        if (stem && r->needed(stem, r->user))
            r->kept = CSLAddString(r->kept, name);
        else if (agrees(r->ctx, r->fd, name, entry) && take_away(r->ctx, r->fd, r->folder, name) && stem)
            take_sidecars_away(r->ctx, r->fd, r->folder, name);
    }
    free(stem);
}

void clv_part_remove(clv_context *ctx, const char *folder, bool (*needed)(const char *stem, const void *user),
                     const void *user, clv_part_rest *rest)
{
    removing r = {ctx, folder, open_folder(folder), needed, user, NULL};
    struct stat info;
    if (r.fd < 0) { /* gone, or a link, whose target is not ours */
        if (lstat(folder, &info) == 0 && rest->foreign++ == 0)
            snprintf(rest->name, sizeof rest->name, "%.79s", clv_path_name(folder));
        return;
    }
    clv_json *record = read_record(folder);
    const clv_json *files = clv_json_get(record, "files");
    char **older = files ? NULL : named_files(record, folder, NULL);
    for (int i = 0; i < clv_json_count(files); i++)
        if (name_of(clv_json_at(files, i)))
            remove_one(&r, name_of(clv_json_at(files, i)), clv_json_at(files, i));
    for (int i = 0; older && older[i]; i++)
        remove_one(&r, older[i], NULL);
    const int kept = CSLCount(r.kept);
    if (kept == 0 && (files || older))
        take_away(ctx, r.fd, folder, CLV_PART_RECORD);
    char **names = names_in(r.fd);
    for (int i = 0; names && names[i]; i++) {
        bool ours = kept > 0 && strcmp(names[i], CLV_PART_RECORD) == 0;
        for (int k = 0; k < kept && !ours; k++)
            ours = strncmp(names[i], r.kept[k], strlen(r.kept[k])) == 0;
        if (!ours && rest->foreign++ == 0)
            snprintf(rest->name, sizeof rest->name, "%.19s/%.59s", clv_path_name(folder), names[i]);
    }
    rest->kept += kept;
    CSLDestroy(names);
    CSLDestroy(older);
    CSLDestroy(r.kept);
    clv_json_free(record);
    close(r.fd);
    rmdir(folder); /* where nothing is left in it */
}
