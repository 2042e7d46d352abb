/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* openat(), fdopendir(), dirfd() */
#include "base/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/folder_record.h"
#include "base/journal.h"
#include "base/tree.h"
#include "base/unfinished.h"

#define LONGEST_NAME 255 /* bytes of one file name on common file systems */
#define LONGEST_TOKEN 40
#define MARK ".tmp"
#define MACHINE_LETTERS 8

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* ---- Who we are ------------------------------------------------------------------------------------ */

static struct {
    pthread_mutex_t lock;
    pid_t pid; /* a forked child is somebody else */
    char machine[MACHINE_LETTERS + 1];
    uint64_t start;
    char token[LONGEST_TOKEN]; /* "k3j2h4x9-2n9c-1h4x-": what all names of this process have in common */
} self = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t mix(uint64_t hash, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001B3ull; /* FNV-1a */
    return (hash ^ 0xFF) * 0x100000001B3ull;
}

static uint64_t mix_file(uint64_t hash, const char *path)
{
    char text[128];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : 0;
    if (fd >= 0)
        close(fd);
    return mix(hash, text, n > 0 ? (size_t)n : 0);
}

/* The start of the machine and the name space of its process numbers: containers share the first, not the second. */
static void find_machine(char out[MACHINE_LETTERS + 1])
{
    char text[256];
    uint64_t hash = 0xCBF29CE484222325ull;
    ssize_t n = gethostname(text, sizeof text) == 0 ? (ssize_t)strnlen(text, sizeof text) : 0;
    hash = mix(hash, text, (size_t)n);
    hash = mix_file(hash, "/proc/sys/kernel/random/boot_id");
    n = readlink("/proc/self/ns/pid", text, sizeof text);
    hash = mix(hash, text, n > 0 ? (size_t)n : 0);
    for (int i = 0; i < MACHINE_LETTERS; i++, hash /= 36)
        out[i] = digits[hash % 36];
    out[MACHINE_LETTERS] = '\0';
}

/* When a process began, in ticks since the machine did; 0: not known. */
static uint64_t start_of(pid_t pid)
{
    char path[40], text[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    char *at = strrchr(text, ')'); /* the program's name may hold anything */
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

static void base36(uint64_t x, char *out)
{
    char turned[16];
    int n = 0;
    do
        turned[n++] = digits[x % 36];
    while ((x /= 36) > 0);
    while (n > 0)
        *out++ = turned[--n];
    *out = '\0';
}

static void find_self(void)
{
    char pid[16], start[16];
    pthread_mutex_lock(&self.lock);
    if (self.pid != getpid()) {
        find_machine(self.machine);
        self.start = start_of(getpid());
        self.pid = getpid();
        base36((uint64_t)self.pid, pid);
        base36(self.start, start);
        snprintf(self.token, sizeof self.token, "%s-%.8s-%.13s-", self.machine, pid, start);
    }
    pthread_mutex_unlock(&self.lock);
}

/* ---- Names ----------------------------------------------------------------------------------------- */

/* Four letters that hardly repeat: the name is only a first try, exclusive creation decides. */
static void number_letters(char out[5])
{
    static atomic_uint counter;
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t x = (uint64_t)now.tv_nsec + ((uint64_t)now.tv_sec << 30);
    x += 0x9E3779B97F4A7C15ull * (atomic_fetch_add(&counter, 1) + 1u);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    x ^= x >> 31;
    for (int i = 0; i < 4; i++, x /= 36)
        out[i] = digits[x % 36];
    out[4] = '\0';
}

char *clv_temporary_name(const char *name, const char *extension)
{
    char number[5];
    find_self();
    number_letters(number);
    /* A long name is cut (between UTF-8 characters): the temporary name must fit where the final one does. */
    size_t taken = strlen("..." MARK ".msk.ovr.tmp") + strlen(self.token) + strlen(number) + strlen(extension);
    size_t room = taken < LONGEST_NAME ? LONGEST_NAME - taken : 0, length = strlen(name);
    if (length > room)
        for (length = room; length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80;)
            length--;
    return clv_format(".%.*s.%s%s" MARK "%s%s", (int)length, name, self.token, number, *extension ? "." : "",
                      extension);
}

/* The words of a token that ends before `end`; *begin: the dot in front of it. */
static bool read_token(const char *name, const char *end, const char **begin, uint64_t *pid, uint64_t *start)
{
    uint64_t values[4] = {0};
    const char *from = end;
    while (from > name && from[-1] != '.')
        from--;
    if (from - name < 2 || end - from >= LONGEST_TOKEN)
        return false;
    int word = 0, letters = 0;
    for (const char *p = from; p < end; p++) {
        const char *digit = *p ? strchr(digits, *p) : NULL;
        if (*p == '-' && letters > 0 && word < 3) {
            if (word == 0 && letters != MACHINE_LETTERS)
                return false;
            word++;
            letters = 0;
        } else if (digit && ++letters <= 13) {
            values[word] = values[word] * 36 + (uint64_t)(digit - digits);
        } else {
            return false;
        }
    }
    *begin = from - 1;
    *pid = values[1];
    *start = values[2];
    return word == 3 && letters == 4;
}

static bool find_token(const char *name, const char **begin, const char **end, uint64_t *pid, uint64_t *start)
{
    if (name[0] != '.')
        return false;
    for (*end = strstr(name, MARK); *end; *end = strstr(*end + 1, MARK))
        if (((*end)[strlen(MARK)] == '\0' || (*end)[strlen(MARK)] == '.') && read_token(name, *end, begin, pid, start))
            return true;
    return false;
}

clv_temporary_owner clv_temporary_owner_of(const char *name, size_t *length)
{
    const char *begin, *end;
    uint64_t pid, start;
    if (!find_token(name, &begin, &end, &pid, &start))
        return CLV_TEMPORARY_NO;
    if (length)
        *length = (size_t)(end - name);
    find_self();
    if (strncmp(begin + 1, self.machine, MACHINE_LETTERS) != 0)
        return CLV_TEMPORARY_OTHER;
    if (pid == (uint64_t)self.pid && start == self.start)
        return CLV_TEMPORARY_OWN;
    if (pid < 1 || pid > INT_MAX)
        return CLV_TEMPORARY_OTHER;
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
        return CLV_TEMPORARY_GONE;
    const uint64_t began = start_of((pid_t)pid); /* 0: /proc does not show it */
    return start > 0 && began > 0 && began != start ? CLV_TEMPORARY_GONE : CLV_TEMPORARY_USED;
}

char *clv_temporary_target(const char *name)
{
    const char *begin, *end;
    uint64_t pid, start;
    return find_token(name, &begin, &end, &pid, &start) ? clv_format("%.*s", (int)(begin - name - 1), name + 1) : NULL;
}

bool clv_temporary_same_process(const char *a, const char *b)
{
    const char *begin[2], *end[2];
    uint64_t pid, start;
    if (!find_token(a, &begin[0], &end[0], &pid, &start) || !find_token(b, &begin[1], &end[1], &pid, &start))
        return false;
    const ptrdiff_t length = end[0] - begin[0]; /* the last word is the file's number */
    return length == end[1] - begin[1] && strncmp(begin[0], begin[1], (size_t)length - 4) == 0;
}

/* ---- What killed runs have left ---------------------------------------------------------------------- */

/* What a killed run has put aside, `.a.tif.TOKEN.tmp.old`, may be the last copy: it goes when the name is in use again.
 */
static bool is_last_copy(int folder, const char *name, size_t length)
{
    if (strncmp(name + length, MARK ".old", strlen(MARK ".old")) != 0)
        return false;
    struct stat aside, now;
    char *target = clv_temporary_target(name);
    const bool replaced = target && fstatat(folder, name, &aside, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(aside.st_mode) &&
                          fstatat(folder, target, &now, AT_SYMLINK_NOFOLLOW) == 0;
    free(target);
    return !replaced;
}

typedef struct left {
    int foreign; /* has such a name and is not what this program makes */
    char first_foreign[256];
    int count;
    char first[256];
    bool aside;     /* a file that was being replaced is among them */
    bool journal;   /* one of a run that was replacing several */
    bool unsure;    /* memory ran out */
    char **waiting; /* journals of this machine that could not be finished: their files are still wanted */
    int waiting_count;
} left;

static void leave(left *others, const char *name, bool aside)
{
    if (others->count++ == 0)
        snprintf(others->first, sizeof others->first, "%s", name);
    others->aside = others->aside || aside;
    others->journal = others->journal || clv_journal_is(name);
}

static void leave_foreign(left *others, const char *name)
{
    if (others->foreign++ == 0)
        snprintf(others->first_foreign, sizeof others->first_foreign, "%s", name);
}

/* Whether a journal that waits may need the file. */
static bool is_wanted(const left *others, const char *name)
{
    for (int i = 0; i < others->waiting_count; i++)
        if (!others->waiting[i] || clv_temporary_same_process(others->waiting[i], name))
            return true;
    return others->unsure;
}

/* Something that a process of this user on this machine has left. */
static bool is_ours(int folder, const char *name)
{
    struct stat info;
    return clv_temporary_owner_of(name, NULL) == CLV_TEMPORARY_GONE &&
           fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && info.st_uid == geteuid();
}

/* Names are collected first: they change while journals are finished. */
static void finish_journals(clv_context *ctx, const char *folder, DIR *list, left *others)
{
    char **found = NULL;
    int count = 0;
    for (struct dirent *e; (e = readdir(list));)
        if (e->d_name[0] == '.' && clv_journal_is(e->d_name) && is_ours(dirfd(list), e->d_name)) {
            char **more = realloc(found, ((size_t)count + 1) * sizeof *found);
            others->unsure = others->unsure || !more;
            found = more ? more : found;
            if (more)
                found[count++] = clv_strdup(e->d_name);
        }
    for (int i = 0; i < count; i++)
        if (found[i] && clv_journal_finish(ctx, dirfd(list), folder, found[i]))
            free(found[i]);
        else
            found[others->waiting_count++] = found[i]; /* NULL: out of memory */
    others->waiting = found;
    rewinddir(list);
}

static void look_at(int folder, const char *name, left *others)
{
    struct stat info;
    size_t length;
    const clv_temporary_owner owner = clv_temporary_owner_of(name, &length);
    if ((owner != CLV_TEMPORARY_GONE && owner != CLV_TEMPORARY_OTHER) ||
        fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || info.st_uid != geteuid())
        return;
    if (owner == CLV_TEMPORARY_OTHER)
        leave(others, name, false);
    else if (is_wanted(others, name))
        return;
    else if (is_last_copy(folder, name, length))
        leave(others, name, true);
    else if (S_ISREG(info.st_mode) && !clv_journal_is(name)) /* a journal that is one has been finished */
        unlinkat(folder, name, 0);
    else if (!S_ISDIR(info.st_mode) || unlinkat(folder, name, AT_REMOVEDIR) != 0) /* a record's folder has gone */
        leave_foreign(others, name);
}

static bool is_record(const char *name)
{
    size_t length;
    return clv_temporary_owner_of(name, &length) == CLV_TEMPORARY_GONE &&
           strcmp(name + length, MARK CLV_FOLDER_RECORD) == 0;
}

/* Folders that records name; the records themselves are files as others. */
static void remove_folders(DIR *list, const left *others)
{
    for (struct dirent *e; (e = readdir(list));)
        if (e->d_name[0] == '.' && is_record(e->d_name) && is_ours(dirfd(list), e->d_name) &&
            !is_wanted(others, e->d_name)) {
            char *name = clv_folder_record_read(dirfd(list), e->d_name);
            if (name)
                clv_tree_remove(dirfd(list), name);
            free(name);
        }
    rewinddir(list);
}

static void forget_waiting(left *others)
{
    for (int i = 0; i < others->waiting_count; i++)
        free(others->waiting[i]);
    free(others->waiting);
}

bool clv_temporary_finish(clv_context *ctx, const char *folder)
{
    left others = {0};
    DIR *list = opendir(folder);
    if (!list)
        return false;
    finish_journals(ctx, folder, list, &others);
    closedir(list);
    const bool all = others.waiting_count == 0 && !others.unsure;
    forget_waiting(&others);
    return all;
}

static void remove_left(clv_context *ctx, const char *folder)
{
    left others = {0};
    DIR *list = opendir(folder);
    if (!list)
        return;
    finish_journals(ctx, folder, list, &others);
    remove_folders(list, &others);
    for (struct dirent *e; (e = readdir(list));)
        if (e->d_name[0] == '.' && strstr(e->d_name, MARK))
            look_at(dirfd(list), e->d_name, &others);
    closedir(list);
    forget_waiting(&others);
    char more[40] = "";
    if (others.foreign > 1)
        snprintf(more, sizeof more, " and %d more", others.foreign - 1);
    if (others.foreign > 0)
        clv_warn(ctx, "%s/%s%s: has the name of a temporary file of a killed run, but is none, and stays", folder,
                 others.first_foreign, more);
    if (others.count == 0)
        return;
    *more = '\0';
    if (others.count > 1)
        snprintf(more, sizeof more, " and %d more", others.count - 1);
    if (others.journal)
        clv_warn(ctx,
                 "%s/%s%s: left by a run on another machine, or before this one was started, that was giving its "
                 "outputs their names: if none runs, the files there are of different runs, make them again",
                 folder, others.first, more);
    else if (others.aside)
        clv_warn(ctx, "%s/%s%s: put aside by a run that was killed while it replaced files; look at it, then remove it",
                 folder, others.first, more);
    else
        clv_warn(ctx,
                 "%s/%s%s: left by a run on another machine, or before this one was started; remove it if none runs",
                 folder, others.first, more);
}

/* ---- Folders --------------------------------------------------------------------------------------- */

void clv_temporary_enter(clv_context *ctx, const char *folder)
{
    if (strncmp(folder, "/vsi", 4) == 0)
        return;
    find_self();
    if (clv_unfinished_enter(folder, self.token))
        remove_left(ctx, folder);
}
