/* SPDX-License-Identifier: MIT */
#include "base/file_set.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

typedef struct set_file {
    char *name;
    uint64_t hash; /* of the name */
    bool exists;   /* as a file of the system */
    dev_t device;
    ino_t inode;
} set_file;

struct clv_file_set {
    pthread_mutex_t lock;
    set_file *list;
    size_t count, capacity;
    size_t *places; /* hash table of indices + 1, a power of two long and at most half full */
    size_t place_count;
    bool kept, incomplete;
};

clv_file_set *clv_file_set_new(void)
{
    clv_file_set *files = calloc(1, sizeof *files);
    if (files && pthread_mutex_init(&files->lock, NULL) != 0) {
        free(files);
        files = NULL;
    }
    return files;
}

static void forget(clv_file_set *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->list[i].name);
    free(files->list);
    free(files->places);
    files->list = NULL;
    files->places = NULL;
    files->count = files->capacity = files->place_count = 0;
    files->incomplete = false;
}

void clv_file_set_free(clv_file_set *files)
{
    if (!files)
        return;
    forget(files);
    pthread_mutex_destroy(&files->lock);
    free(files);
}

void clv_file_set_forget(clv_file_set *files)
{
    pthread_mutex_lock(&files->lock);
    if (!files->kept)
        forget(files);
    pthread_mutex_unlock(&files->lock);
}

void clv_file_set_keep(clv_file_set *files, bool keep)
{
    pthread_mutex_lock(&files->lock);
    files->kept = keep;
    pthread_mutex_unlock(&files->lock);
}

/* ---- Adding ------------------------------------------------------------------------------------ */

/* FNV-1a */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (const unsigned char *p = (const unsigned char *)name; *p; p++)
        hash = (hash ^ *p) * 1099511628211u;
    return hash;
}

/* Where the name is or would be. */
static size_t place_of(const clv_file_set *files, const char *name, uint64_t hash)
{
    size_t at = (size_t)hash & (files->place_count - 1);
    while (files->places[at] && (files->list[files->places[at] - 1].hash != hash ||
                                 strcmp(files->list[files->places[at] - 1].name, name) != 0))
        at = (at + 1) & (files->place_count - 1);
    return at;
}

static bool grow(clv_file_set *files)
{
    if (files->count < files->capacity)
        return true;
    const size_t capacity = files->capacity ? 2 * files->capacity : 64;
    set_file *list = realloc(files->list, capacity * sizeof *list);
    if (!list)
        return false;
    files->list = list;
    size_t *places = calloc(2 * capacity, sizeof *places);
    if (!places)
        return false;
    free(files->places);
    files->places = places;
    files->place_count = 2 * capacity;
    files->capacity = capacity;
    for (size_t i = 0; i < files->count; i++)
        places[place_of(files, list[i].name, list[i].hash)] = i + 1;
    return true;
}

static void add(clv_file_set *files, const char *name)
{
    const uint64_t hash = hash_of(name);
    struct stat info;
    if (files->count > 0 && files->places[place_of(files, name, hash)])
        return;
    set_file file = {.name = clv_strdup(name), .hash = hash};
    if (!file.name || !grow(files)) {
        free(file.name);
        files->incomplete = true;
        return;
    }
    if (stat(name, &info) == 0) {
        file.exists = true;
        file.device = info.st_dev;
        file.inode = info.st_ino;
    }
    files->places[place_of(files, name, hash)] = files->count + 1;
    files->list[files->count++] = file;
}

static bool is_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* NETCDF:"a.nc":b02, HDF5:"a.h5"://x, SENTINEL2_L1C:/a/MTD.xml:10m:EPSG_32632, GTIFF_DIR:1:a.tif */
static void add_pieces(clv_file_set *files, char *text)
{
    for (char *piece = text; piece;) {
        const char stop = *piece == '"' ? '"' : ':';
        char *begin = piece + (stop == '"'), *end = strchr(begin, stop);
        if (end)
            *end = 0;
        if (*begin && is_file(begin))
            add(files, begin);
        piece = !end ? NULL : stop == '"' ? (end[1] ? end + 2 : NULL) : end + 1;
    }
}

/* /vsizip//abs/a.zip/b.tif, /vsizip/rel/a.zip/b.tif, /vsizip/{/abs/a.zip}/b.tif: the archive is the longest beginning
 * that is a file. */
static void add_archive(clv_file_set *files, char *text)
{
    char *inner = text;
    while (strncmp(inner, "/vsi", 4) == 0 && strncmp(inner, "/vsimem/", 8) != 0 && strchr(inner + 1, '/'))
        inner = strchr(inner + 1, '/') + 1;
    if (inner == text || !*inner)
        return;
    inner += *inner == '{';
    for (;;) {
        char *brace = strchr(inner, '}');
        if (brace)
            *brace = '\0';
        if (is_file(inner)) {
            add(files, inner);
            return;
        }
        char *slash = strrchr(inner, '/');
        if (!slash || slash == inner)
            return;
        *slash = '\0';
    }
}

void clv_file_set_add(clv_file_set *files, const char *name)
{
    struct stat info;
    pthread_mutex_lock(&files->lock);
    add(files, name);
    if (stat(name, &info) != 0) {
        char *text = clv_strdup(name);
        if (!text)
            files->incomplete = true;
        else if (strncmp(name, "/vsi", 4) == 0)
            add_archive(files, text);
        else
            add_pieces(files, text);
        free(text);
    }
    pthread_mutex_unlock(&files->lock);
}

/* ---- Asking ------------------------------------------------------------------------------------ */

/* The inode of a file that is gone may belong to a new one: only names that still lead there count. */
static bool leads_to(const set_file *file, const struct stat *info)
{
    struct stat now;
    return file->exists && file->device == info->st_dev && file->inode == info->st_ino && stat(file->name, &now) == 0 &&
           now.st_dev == info->st_dev && now.st_ino == info->st_ino;
}

/* The file of the set that path leads to, NULL = none. Under the lock. */
static const set_file *find(const clv_file_set *files, const char *path)
{
    struct stat info;
    if (files->count == 0)
        return NULL;
    const size_t place = files->places[place_of(files, path, hash_of(path))];
    if (place)
        return &files->list[place - 1];
    if (stat(path, &info) != 0)
        return NULL;
    for (size_t i = 0; i < files->count; i++)
        if (leads_to(&files->list[i], &info))
            return &files->list[i];
    return NULL;
}

clv_file_found clv_file_set_find(clv_file_set *files, const char *path, char **name)
{
    pthread_mutex_lock(&files->lock);
    const set_file *file = find(files, path);
    clv_file_found found = files->incomplete ? CLV_FILE_UNSURE : file ? CLV_FILE_FOUND : CLV_FILE_NONE;
    if (found == CLV_FILE_FOUND && name && !(*name = clv_strdup(file->name)))
        found = CLV_FILE_UNSURE;
    pthread_mutex_unlock(&files->lock);
    return found;
}

void clv_file_set_each(clv_file_set *files, bool (*visit)(const char *name, void *user), void *user)
{
    pthread_mutex_lock(&files->lock);
    for (size_t i = 0; i < files->count; i++)
        if (files->list[i].exists && !visit(files->list[i].name, user))
            break;
    pthread_mutex_unlock(&files->lock);
}
