/* SPDX-License-Identifier: MIT */
#include "pipeline/part_sets.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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
#include "raster/paths.h"

#define MAX_JSON ((size_t)16 << 20)
#define MAX_SET 999

char *clv_part_name(int set, int part)
{
    return set > 1 ? clv_format("%04d-%d", part + 1, set) : clv_format("%04d", part + 1);
}

/* The number of the set that a folder's name belongs to, 0: none. */
static int set_of_name(const char *name)
{
    int set = 1, end = 0;
    for (int i = 0; i < 4; i++)
        if (!isdigit((unsigned char)name[i]))
            return 0;
    if (name[4] == '\0')
        return 1;
    sscanf(name + 4, "-%3d%n", &set, &end);
    return end > 0 && name[4 + end] == '\0' && set > 1 ? set : 0;
}

bool clv_part_name_is(const char *name, int set)
{
    return set_of_name(name) == set;
}

/* manifest.json, manifest-2.json; files of them that are being written count too. */
static bool is_manifest(const char *file, bool *unfinished)
{
    char *target = clv_part_unfinished(file);
    const char *name = target ? target : file;
    int set = 0, end = 0;
    sscanf(name, "manifest-%3d.json%n", &set, &end);
    const bool is = strcmp(name, CLV_PARTS_MANIFEST) == 0 || (end > 0 && set > 0 && name[end] == '\0');
    *unfinished = is && target;
    free(target);
    return is;
}

static clv_status add_set(clv_context *ctx, const char *tiles, const char *name, clv_part_sets *sets)
{
    uint8_t *text = NULL;
    size_t size = 0;
    char why[200], *path = clv_path_join(tiles, name);
    clv_part_set *list = realloc(sets->list, ((size_t)sets->count + 1) * sizeof *list);
    if (list)
        sets->list = list;
    clv_part_set set = {.file = clv_strdup(name)};
    if (!path || !list || !set.file) {
        free(path);
        free(set.file);
        return clv_fail_memory(ctx);
    }
    if (clv_read_own_file(NULL, path, MAX_JSON, &text, &size) == CLV_OK)
        set.manifest = clv_json_parse((const char *)text, size, why, sizeof why);
    free(text);
    free(path);
    const clv_json *parts = clv_json_get(set.manifest, "parts");
    set.number = (int)clv_json_integer(clv_json_get(parts, "set"), 1);
    set.complete = clv_json_bool(clv_json_get(parts, "complete"), false);
    if (clv_json_kind(clv_json_get(set.manifest, "clearvision")) == CLV_JSON_STRING && set.number >= 1 &&
        set.number <= MAX_SET) {
        sets->list[sets->count++] = set;
        return CLV_OK;
    }
    sets->damaged = sets->damaged || strcmp(name, CLV_PARTS_MANIFEST) == 0;
    sets->others = true;
    clv_json_free(set.manifest);
    free(set.file);
    return CLV_OK;
}

clv_status clv_part_sets_read(clv_context *ctx, const char *tiles, clv_part_sets *out)
{
    clv_status status = CLV_OK;
    *out = (clv_part_sets){0};
    DIR *folder = opendir(tiles);
    for (struct dirent *e = folder ? readdir(folder) : NULL; e && status == CLV_OK; e = readdir(folder)) {
        bool unfinished;
        if (is_manifest(e->d_name, &unfinished)) {
            if (!unfinished)
                status = add_set(ctx, tiles, e->d_name, out);
        } else if (e->d_name[0] != '.') {
            out->others = true;
        }
    }
    if (folder)
        closedir(folder);
    return status;
}

void clv_part_sets_clear(clv_part_sets *sets)
{
    for (int i = 0; i < sets->count; i++) {
        clv_json_free(sets->list[i].manifest);
        free(sets->list[i].file);
    }
    free(sets->list);
    *sets = (clv_part_sets){0};
}

int clv_part_sets_free_number(const char *tiles, const clv_part_sets *sets, int parts)
{
    for (int number = 1; number < MAX_SET; number++) {
        bool taken = false;
        for (int i = 0; i < sets->count && !taken; i++)
            taken = sets->list[i].number == number;
        for (int i = 0; i < parts && !taken; i++) {
            struct stat info;
            char *name = clv_part_name(number, i), *path = name ? clv_path_join(tiles, name) : NULL;
            taken = !path || lstat(path, &info) == 0;
            free(path);
            free(name);
        }
        if (!taken)
            return number;
    }
    return MAX_SET;
}

void clv_part_sets_find_foreign(const char *tiles, clv_part_rest *rest)
{
    DIR *folder = opendir(tiles);
    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
        bool unfinished;
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && !is_manifest(e->d_name, &unfinished) &&
            set_of_name(e->d_name) == 0 && rest->foreign++ == 0)
            snprintf(rest->name, sizeof rest->name, "%.79s", e->d_name);
    }
    if (folder)
        closedir(folder);
}

void clv_part_sets_tidy(const char *tiles)
{
    DIR *folder = opendir(tiles);
    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
        bool unfinished;
        if (is_manifest(e->d_name, &unfinished) && unfinished &&
            clv_temporary_owner_of(e->d_name, NULL) == CLV_TEMPORARY_GONE)
            unlinkat(dirfd(folder), e->d_name, 0);
    }
    if (folder)
        closedir(folder);
}

void clv_part_set_remove(clv_context *ctx, const char *tiles, const clv_part_set *set,
                         bool (*needed)(const char *stem, const void *user), const void *user, clv_part_rest *rest)
{
    struct stat info;
    char **names = NULL, **outputs = NULL;
    const clv_json *own = clv_json_get(clv_json_get(set->manifest, "parts"), "outputs");
    const int kept = rest->kept;
    if (lstat(tiles, &info) != 0 || !S_ISDIR(info.st_mode)) /* a link: what lies behind it is not ours to remove */
        return;
    for (int i = 0; i < clv_json_count(own); i++)
        outputs = CSLAddString(outputs, clv_json_string(clv_json_at(own, i), ""));
    DIR *folder = opendir(tiles);
    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder))
        if (clv_part_name_is(e->d_name, set->number))
            names = CSLAddString(names, e->d_name);
    if (folder)
        closedir(folder);
    for (int i = 0; names && names[i]; i++) {
        char *path = clv_path_join(tiles, names[i]), *record = path ? clv_path_join(path, CLV_PART_RECORD) : NULL;
        if (record && !set->complete && lstat(record, &info) != 0)
            clv_part_clean(ctx, path, outputs);
        if (path && lstat(path, &info) == 0)
            clv_part_remove(ctx, path, needed, user, rest);
        free(record);
        free(path);
    }
    char *manifest = rest->kept == kept ? clv_path_join(tiles, set->file) : NULL;
    if (manifest && !clv_input_files_has(ctx, manifest))
        unlink(manifest);
    free(manifest);
    CSLDestroy(names);
    CSLDestroy(outputs);
}
