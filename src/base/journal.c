/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* fstatat(), renameat() */
#include "base/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/rename.h"
#include "base/temporary.h"
#include "base/tree.h"

#define EXTENSION "journal"
#define MAGIC "clearvision journal 1\n"
#define MAX_BYTES ((size_t)64 << 20)
#define LONGEST_STATE 80

/* The byte after the magic; it is changed in place, which is done or not done. */
#define FORWARD '>'
#define BACK '<'

/* ---- Paths ----------------------------------------------------------------------------------------- */

static const char *without_dot(const char *path)
{
    while (path[0] == '.' && path[1] == '/')
        for (path += 2; *path == '/';)
            path++;
    return path;
}

/* Bytes of the folder in front of the last slash; 0: the current one. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + (slash == path) : 0;
}

static bool is_same_folder(const char *a, const char *b)
{
    const size_t n = folder_length(a = without_dot(a));
    return n == folder_length(b = without_dot(b)) && strncmp(a, b, n) == 0;
}

/* The path within the folder of `to`; NULL: it lies elsewhere. */
static const char *within(const char *path, const char *to)
{
    path = without_dot(path);
    to = without_dot(to);
    const size_t n = folder_length(to);
    if (n == 0)
        return path[0] == '/' ? NULL : path;
    if (strncmp(path, to, n) != 0 || (to[n - 1] != '/' && path[n] != '/'))
        return NULL;
    path += n;
    return path + strspn(path, "/");
}

static bool is_plain_name(const char *name)
{
    return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* A temporary file of the journal's process, or a file in such a folder. */
static bool is_temporary(const char *journal, const char *path, bool below)
{
    char first[256];
    const char *slash = strchr(path, '/');
    const size_t n = slash ? (size_t)(slash - path) : strlen(path);
    if (n == 0 || n >= sizeof first || (slash && (!below || !is_plain_name(slash + 1))))
        return false;
    memcpy(first, path, n);
    first[n] = '\0';
    return clv_temporary_same_process(journal, first);
}

/* What lies under a name: a file by size and time, which a renaming and a second name keep; a folder by its inode. */
static void state_of(int fd, const char *name, char out[LONGEST_STATE])
{
    struct stat info;
    out[0] = '\0';
    if (fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISREG(info.st_mode))
        snprintf(out, LONGEST_STATE, "file %lld %lld.%ld", (long long)info.st_size, (long long)info.st_mtim.tv_sec,
                 info.st_mtim.tv_nsec);
    else
        snprintf(out, LONGEST_STATE, "%s %llu", S_ISDIR(info.st_mode) ? "folder" : "other",
                 (unsigned long long)info.st_ino);
}

static bool is_there(int fd, const char *name)
{
    struct stat info;
    return fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- Writing --------------------------------------------------------------------------------------- */

typedef struct written {
    char *folder, *path; /* its folder, "." for the current one */
    const char *to;      /* of the first step there */
} written;

struct clv_journal {
    written *list;
    int count;
};

typedef struct text {
    char *data;
    size_t size, capacity;
    bool failed;
} text;

/* A word and the NUL that ends it. */
static void put(text *t, const char *word)
{
    const size_t n = strlen(word) + 1;
    if (t->size + n > t->capacity) {
        const size_t capacity = 2 * t->capacity + n + 1024;
        char *data = t->failed ? NULL : realloc(t->data, capacity);
        t->failed = !data;
        if (!data)
            return;
        t->data = data;
        t->capacity = capacity;
    }
    memcpy(t->data + t->size, word, n);
    t->size += n;
}

static void put_step(text *t, const char *journal, const clv_journal_step *step)
{
    char was[LONGEST_STATE], will[LONGEST_STATE] = "";
    const char *from = step->from ? within(step->from, step->to) : "";
    const char *backup = step->backup ? within(step->backup, step->to) : "";
    if (!from || !backup || (*from && !is_temporary(journal, from, true)) ||
        (*backup && !is_temporary(journal, backup, false)))
        return; /* lies in another folder: a renaming that no journal may repeat */
    state_of(AT_FDCWD, step->to, was);
    if (step->from)
        state_of(AT_FDCWD, step->from, will);
    put(t, step->last ? "last" : "step");
    put(t, from);
    put(t, within(step->to, step->to));
    put(t, backup);
    put(t, was);
    put(t, will);
}

static clv_status write_bytes(clv_context *ctx, const char *path, const char *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0;
    while (good && size > 0) {
        ssize_t n = write(fd, data, size);
        good = n >= 0 || errno == EINTR;
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    good = good && (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP);
    const int error = errno;
    if (fd >= 0 && close(fd) != 0)
        good = false;
    if (good)
        return CLV_OK;
    unlink(path);
    return clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot be written: %s", path, strerror(error));
}

static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* a file system that cannot is no reason to fail */
        close(fd);
    }
}

static clv_status write_one(clv_context *ctx, const clv_journal *j, int index, const clv_journal_step *steps, int count)
{
    const written *own = &j->list[index];
    const char *slash = strrchr(own->path, '/'), *name = slash ? slash + 1 : own->path;
    text t = {0};
    put(&t, MAGIC ">");
    for (int i = 0; i < count; i++)
        if (is_same_folder(steps[i].to, own->to))
            put_step(&t, name, &steps[i]);
    for (int i = 0; i < j->count && j->count > 1; i++) {
        char *folder = realpath(j->list[i].folder, NULL);
        const char *last = strrchr(j->list[i].path, '/');
        char *full = folder ? clv_format("%s/%s", folder, last ? last + 1 : j->list[i].path) : NULL;
        put(&t, "journal");
        put(&t, full ? full : "");
        t.failed = t.failed || !full;
        free(full);
        free(folder);
    }
    put(&t, "end");
    clv_status status = t.failed ? clv_fail_memory(ctx) : write_bytes(ctx, own->path, t.data, t.size);
    free(t.data);
    if (status == CLV_OK)
        sync_folder(own->folder);
    return status;
}

/* One journal for each folder that a step leads to. */
static bool name_all(clv_journal *j, const clv_journal_step *steps, int count)
{
    for (int i = 0; i < count; i++) {
        bool known = false;
        for (int k = 0; k < j->count && !known; k++)
            known = is_same_folder(j->list[k].to, steps[i].to);
        if (known)
            continue;
        const char *to = without_dot(steps[i].to);
        const size_t n = folder_length(to);
        written *w = &j->list[j->count++];
        char *name = clv_temporary_name("outputs", EXTENSION);
        w->to = steps[i].to;
        w->folder = n ? clv_format("%.*s", (int)n, to) : clv_strdup(".");
        w->path =
            w->folder && name ? clv_format("%s%s%s", w->folder, strcmp(w->folder, "/") == 0 ? "" : "/", name) : NULL;
        free(name);
        if (!w->path)
            return false;
    }
    return true;
}

clv_status clv_journal_begin(clv_context *ctx, const clv_journal_step *steps, int count, clv_journal **out)
{
    *out = NULL;
    clv_journal *j = calloc(1, sizeof *j);
    if (j)
        j->list = clv_alloc_array((size_t)count, 1, sizeof *j->list);
    clv_status status = j && j->list && name_all(j, steps, count) ? CLV_OK : clv_fail_memory(ctx);
    for (int i = 0; status == CLV_OK && i < j->count; i++)
        status = write_one(ctx, j, i, steps, count);
    if (status == CLV_OK)
        *out = j;
    else
        clv_journal_end(j);
    return status;
}

void clv_journal_turn(clv_journal *journal)
{
    const char back = BACK;
    for (int i = 0; journal && i < journal->count; i++) {
        int fd = open(journal->list[i].path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (pwrite(fd, &back, 1, strlen(MAGIC)) == 1)
            fsync(fd);
        close(fd);
    }
}

/* The last one first: as long as some are left, the first is among them. */
void clv_journal_end(clv_journal *journal)
{
    if (!journal)
        return;
    for (int i = journal->count - 1; i >= 0; i--) {
        if (journal->list[i].path)
            unlink(journal->list[i].path);
        free(journal->list[i].path);
        free(journal->list[i].folder);
    }
    free(journal->list);
    free(journal);
}

/* ---- Reading --------------------------------------------------------------------------------------- */

bool clv_journal_is(const char *name)
{
    size_t length;
    return clv_temporary_owner_of(name, &length) != CLV_TEMPORARY_NO && strcmp(name + length, ".tmp." EXTENSION) == 0;
}

/* The next word; NULL: there is none that ends. */
static const char *take(const char **at, const char *end)
{
    const char *word = *at, *stop = memchr(word, '\0', (size_t)(end - word));
    if (stop)
        *at = stop + 1;
    return stop ? word : NULL;
}

static bool take_step(const char *name, const char **at, const char *end, bool last, clv_journal_text *out)
{
    const char *words[5];
    for (int i = 0; i < 5; i++)
        if (!(words[i] = take(at, end)))
            return false;
    if ((*words[0] && !is_temporary(name, words[0], true)) || !is_plain_name(words[1]) ||
        (*words[2] && !is_temporary(name, words[2], false)))
        return false;
    out->entries[out->count++] = (clv_journal_entry){words[0], words[1], words[2], words[3], words[4], last};
    return true;
}

static bool take_other(const char *name, const char **at, const char *end, clv_journal_text *out)
{
    const char *path = take(at, end), *slash = path ? strrchr(path, '/') : NULL;
    if (!slash || path[0] != '/' || !clv_journal_is(slash + 1) || !clv_temporary_same_process(name, slash + 1))
        return false;
    out->others[out->other_count++] = path;
    return true;
}

bool clv_journal_parse(const char *name, const char *bytes, size_t size, clv_journal_text *out)
{
    const char *at = bytes, *end = bytes + size;
    const char *first = take(&at, end);
    int words = 0;
    *out = (clv_journal_text){0};
    if (!first || strlen(first) != strlen(MAGIC) + 1 || strncmp(first, MAGIC, strlen(MAGIC)) != 0)
        return false;
    const char way = first[strlen(MAGIC)];
    for (const char *p = at; p < end; p++)
        words += *p == '\0';
    out->back = way == BACK;
    out->entries = clv_alloc_array((size_t)words + 1, 1, sizeof *out->entries);
    out->others = clv_alloc_array((size_t)words + 1, 1, sizeof *out->others);
    bool good = out->entries && out->others && (way == BACK || way == FORWARD), ended = false;
    while (good && !ended) {
        const char *word = take(&at, end);
        ended = word && strcmp(word, "end") == 0 && at == end;
        if (word && (strcmp(word, "step") == 0 || strcmp(word, "last") == 0))
            good = take_step(name, &at, end, strcmp(word, "last") == 0, out);
        else if (word && strcmp(word, "journal") == 0)
            good = take_other(name, &at, end, out);
        else
            good = ended;
    }
    if (good)
        return true;
    free(out->entries);
    free(out->others);
    *out = (clv_journal_text){0};
    return false;
}

/* ---- Finishing ------------------------------------------------------------------------------------- */

typedef struct opened {
    int fd; /* of its folder */
    const char *folder;
    const char *name;
    char *bytes;
    clv_journal_text text;
} opened;

typedef struct outcome {
    int done, kept;
    char first_done[200], first_kept[200];
    int error; /* of a call of the system: it may go another time; 0: none */
} outcome;

static void count_name(int *count, char first[200], const char *name)
{
    if ((*count)++ == 0)
        snprintf(first, 200, "%s", name);
}

/* What is not there any more another run has moved, which does the same. */
static bool note_error(outcome *result, bool succeeded)
{
    if (!succeeded && errno != ENOENT)
        result->error = errno ? errno : EIO;
    return succeeded;
}

typedef enum loaded {
    LOADED,
    LOADED_NOT,     /* not there, or not complete: the run was killed while it was written or removed */
    LOADED_UNKNOWN, /* cannot be read now */
    LOADED_FOREIGN  /* no journal, but for its name */
} loaded;

static loaded load(opened *o)
{
    struct stat info;
    size_t size = 0;
    int fd = openat(o->fd, o->name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? LOADED_NOT : errno == ELOOP || errno == ENXIO ? LOADED_FOREIGN : LOADED_UNKNOWN;
    loaded result = LOADED_UNKNOWN;
    ssize_t n = 1;
    if (fstat(fd, &info) != 0)
        goto cleanup;
    if (!S_ISREG(info.st_mode) || info.st_uid != geteuid() || info.st_size == 0) {
        result = S_ISREG(info.st_mode) && info.st_uid == geteuid() ? LOADED_NOT : LOADED_FOREIGN;
        goto cleanup;
    }
    o->bytes = (size_t)info.st_size <= MAX_BYTES ? malloc((size_t)info.st_size) : NULL;
    while (o->bytes && n > 0 && size < (size_t)info.st_size) {
        n = read(fd, o->bytes + size, (size_t)info.st_size - size);
        size += n > 0 ? (size_t)n : 0;
    }
    const size_t begun = size < strlen(MAGIC) ? size : strlen(MAGIC);
    if (o->bytes && n > 0 && memcmp(o->bytes, MAGIC, begun) != 0)
        result = LOADED_FOREIGN;
    else if (o->bytes && n > 0)
        result = clv_journal_parse(o->name, o->bytes, size, &o->text) ? LOADED : LOADED_NOT;
cleanup:
    close(fd);
    return result;
}

static void unload(opened *o)
{
    free(o->text.entries);
    free(o->text.others);
    free(o->bytes);
}

static bool is_folder_state(const char *state)
{
    return strncmp(state, "folder", 6) == 0;
}

/* Whether the old folder still has the new one's hidden name: killed between the two steps of an exchange. */
static bool is_half_exchanged(const opened *o, const clv_journal_entry *e)
{
    char hidden[LONGEST_STATE];
    state_of(o->fd, e->from, hidden);
    return is_folder_state(e->was) && strcmp(hidden, e->was) == 0;
}

/* The new folder takes the old one's place, in one step where that is possible. */
static bool replace_folder(const opened *o, const clv_journal_entry *e)
{
    if (clv_rename_exchange(o->fd, e->from, e->to) == 0)
        return renameat(o->fd, e->from, o->fd, e->backup) == 0;
    return renameat(o->fd, e->to, o->fd, e->backup) == 0 && clv_rename_new(o->fd, e->from, e->to) == 0;
}

/* The new file gets its name, unless somebody has put another one there. */
static void go_on(const opened *o, const clv_journal_entry *e, outcome *result)
{
    char now[LONGEST_STATE];
    state_of(o->fd, e->to, now);
    if (!*e->from) { /* what is to go */
        if (*now && strcmp(now, e->was) == 0 && !is_folder_state(now))
            note_error(result, unlinkat(o->fd, e->to, 0) == 0);
        return;
    }
    const bool there = is_there(o->fd, e->from), in_place = *now && strcmp(now, e->will) == 0;
    if (there && in_place && *e->backup && is_half_exchanged(o, e)) {
        if (note_error(result, renameat(o->fd, e->from, o->fd, e->backup) == 0))
            count_name(&result->done, result->first_done, e->to);
        return;
    }
    if (!there || (*now && strcmp(now, e->was) != 0)) {
        if (!in_place) /* else from, if it is there, is a second name that goes with the temporary files */
            count_name(&result->kept, result->first_kept, e->to);
        return;
    }
    const bool moved = is_folder_state(now) && *e->backup ? replace_folder(o, e)
                       : *now                             ? renameat(o->fd, e->from, o->fd, e->to) == 0
                                                          : clv_rename_new(o->fd, e->from, e->to) == 0;
    if (note_error(result, moved))
        count_name(&result->done, result->first_done, e->to);
}

static void go_back(const opened *o, const clv_journal_entry *e, outcome *result)
{
    char now[LONGEST_STATE];
    state_of(o->fd, e->to, now);
    const bool is_new = *now && *e->will && strcmp(now, e->will) == 0 && strcmp(now, e->was) != 0;
    const bool half = is_new && *e->from && is_half_exchanged(o, e);
    const char *old = half ? e->from : e->backup;
    const bool backup = *old && is_there(o->fd, old);
    if (is_new && backup && is_folder_state(now) && clv_rename_exchange(o->fd, old, e->to) == 0) {
        count_name(&result->done, result->first_done, e->to);
        return;
    }
    if (*now && !is_new && strcmp(now, e->was) != 0)
        count_name(&result->kept, result->first_kept, e->to);
    else if (is_new && !backup && *e->was)
        count_name(&result->kept, result->first_kept, e->to); /* the old one could not be kept */
    else if (is_new && (!backup || is_folder_state(now)))
        note_error(result, clv_tree_remove(o->fd, e->to));
    if (backup && (!*now || is_new) && note_error(result, renameat(o->fd, old, o->fd, e->to) == 0))
        count_name(&result->done, result->first_done, e->to);
}

/* What has been replaced, or what was new and has been taken back; anything else with that name is somebody's. */
static void remove_backup(const opened *o, const clv_journal_entry *e)
{
    char state[LONGEST_STATE];
    state_of(o->fd, e->backup, state);
    if (*state && ((strcmp(state, e->was) == 0 && !e->last) || (o->text.back && strcmp(state, e->will) == 0)))
        clv_tree_remove(o->fd, e->backup);
}

static void do_all(const opened *o, outcome *result)
{
    const clv_journal_text *t = &o->text;
    for (int i = 0; i < t->count; i++)
        if (t->back)
            go_back(o, &t->entries[t->count - 1 - i], result);
        else
            go_on(o, &t->entries[i], result);
    for (int i = 0; i < t->count && !result->error; i++)
        if (*t->entries[i].backup)
            remove_backup(o, &t->entries[i]);
}

static bool touches_input(clv_context *ctx, const opened *o, char first[200])
{
    bool found = false;
    for (int i = 0; i < o->text.count && !found; i++) {
        char *path = clv_format("%s/%s", o->folder, o->text.entries[i].to);
        found = !path || clv_input_files_has(ctx, path);
        if (found)
            snprintf(first, 200, "%s", o->text.entries[i].to);
        free(path);
    }
    return found;
}

/* Whether a file has been moved already. */
static bool has_begun(const opened *o)
{
    for (int i = 0; i < o->text.count; i++)
        if (*o->text.entries[i].from && !is_there(o->fd, o->text.entries[i].from))
            return true;
    return false;
}

static void say(clv_context *ctx, const char *folder, const outcome *result, bool back)
{
    char more[40] = "";
    if (result->kept > 0) {
        if (result->kept > 1)
            snprintf(more, sizeof more, " and %d more", result->kept - 1);
        clv_warn(ctx,
                 "%s: a run was killed while its outputs got their names; %s%s has changed since, or is gone, so the "
                 "files there are of different runs",
                 folder, result->first_kept, more);
    } else if (result->done > 0) {
        if (result->done > 1)
            snprintf(more, sizeof more, " and %d more", result->done - 1);
        clv_warn(ctx, "%s: a run was killed while its outputs got their names; this is %s: %s%s", folder,
                 back ? "taken back now" : "finished now", result->first_done, more);
    }
}

/* Opens the journals of the run in all folders: the worst of what was found. */
static loaded load_all(opened *own, opened *list, int *count)
{
    loaded all = LOADED;
    for (int i = 0; i < own->text.other_count; i++) {
        const char *path = own->text.others[i], *slash = strrchr(path, '/');
        opened *o = &list[(*count)++];
        char *folder = clv_format("%.*s", slash == path ? 1 : (int)(slash - path), path);
        *o = (opened){
            .fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, .folder = folder, .name = slash + 1};
        loaded one = o->fd >= 0 ? load(o) : LOADED_UNKNOWN;
        one = one == LOADED_FOREIGN ? LOADED_NOT : one; /* ours has gone */
        all = one > all ? one : all;
    }
    return all;
}

static bool finish_all(clv_context *ctx, opened *list, int count)
{
    outcome result = {0};
    char first[200];
    bool back = false; /* in one folder: the run was killed while it turned round */
    for (int i = 0; i < count; i++)
        back = back || list[i].text.back;
    for (int i = 0; i < count; i++)
        list[i].text.back = back;
    for (int i = 0; i < count; i++)
        if (touches_input(ctx, &list[i], first)) {
            clv_warn(ctx,
                     "%s: a run was killed while its outputs got their names, so the files there are of different "
                     "runs; the next run that does not read %s finishes it",
                     list[i].folder, first);
            return false;
        }
    for (int i = 0; i < count; i++)
        do_all(&list[i], &result);
    if (result.error) {
        clv_warn(ctx,
                 "%s: a run was killed while its outputs got their names, so the files there are of different runs; "
                 "it cannot be finished: %s",
                 list[0].folder, strerror(result.error));
        return false;
    }
    say(ctx, list[0].folder, &result, list[0].text.back);
    for (int i = count - 1; i >= 0; i--)
        unlinkat(list[i].fd, list[i].name, 0);
    return true;
}

bool clv_journal_finish(clv_context *ctx, int fd, const char *folder, const char *name)
{
    opened own = {.fd = fd, .folder = folder, .name = name};
    bool ended = true;
    int count = 0;
    const loaded found = load(&own);
    if (found != LOADED) { /* killed before anything changed: its temporary files are of no use */
        if (found == LOADED_NOT)
            unlinkat(fd, name, 0);
        else if (found == LOADED_UNKNOWN)
            clv_warn(ctx,
                     "%s: a run was killed there, and what it was about to do cannot be read (%s); its files are left "
                     "as they are",
                     folder, name);
        unload(&own);
        return found != LOADED_UNKNOWN;
    }
    opened *list = clv_alloc_array((size_t)own.text.other_count + 1, 1, sizeof *list);
    if (!list)
        ended = false;
    else if (own.text.other_count == 0)
        ended = finish_all(ctx, &own, 1);
    else {
        const loaded all = load_all(&own, list, &count);
        if (all == LOADED)
            ended = finish_all(ctx, list, count);
        else if (all == LOADED_UNKNOWN || has_begun(&own)) /* a folder is gone, or killed while they were removed */
            ended = finish_all(ctx, &own, 1);
        else /* killed while they were written */
            unlinkat(fd, name, 0);
    }
    for (int i = 0; i < count; i++) {
        unload(&list[i]);
        if (list[i].fd >= 0)
            close(list[i].fd);
        free((char *)list[i].folder);
    }
    free(list);
    unload(&own);
    return ended;
}
