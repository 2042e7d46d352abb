/* SPDX-License-Identifier: MIT
 *
 * faulty: loaded into the program (LD_PRELOAD), what a failing disk, a file that changes and a full memory look like.
 *
 *     FAULTY_FILE=red.tif FAULTY_AFTER=4096   reading that file fails with EIO behind so many bytes of it that were
 * read
 *     ... FAULTY_WHAT=truncate                it is cut to half its size then
 *     FAULTY_ALLOCATION=7 FAULTY_SIZE=4096    the 7th allocation of that size or more fails, and only it
 *     FAULTY_REPORT=path                      a file that is made when the fault has happened
 *
 * FAULTY_FILE is compared with the end of the name under which a file is opened.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FD 4096
#define IO_ERROR_SEEN 0x20 /* glibc's flag in a FILE */

static const char *file, *report;
static long after, allocation, smallest;
static bool cut, ready;
static atomic_bool watched[MAX_FD];
static atomic_long taken, allocations;

static void say(void)
{
    int fd = report ? open(report, O_WRONLY | O_CREAT | O_CLOEXEC, 0644) : -1;
    if (fd >= 0)
        close(fd);
}

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *what = getenv("FAULTY_WHAT");
    file = getenv("FAULTY_FILE");
    report = getenv("FAULTY_REPORT");
    after = number("FAULTY_AFTER");
    allocation = number("FAULTY_ALLOCATION");
    smallest = number("FAULTY_SIZE");
    cut = what && strcmp(what, "truncate") == 0;
    ready = true;
}

#define REAL(type, name) ((type)dlsym(RTLD_NEXT, name))

/* ---- Files ----------------------------------------------------------------------------------------- */

static int watch(const char *path, int fd)
{
    const size_t n = strlen(path), m = file ? strlen(file) : 0;
    if (fd >= 0 && fd < MAX_FD)
        atomic_store(&watched[fd], m > 0 && n >= m && strcmp(path + n - m, file) == 0);
    return fd;
}

#define OPEN(name, type)                                                                                               \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list list;                                                                                                  \
        va_start(list, flags);                                                                                         \
        const mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;                                \
        va_end(list);                                                                                                  \
        return watch(path, REAL(type, #name)(path, flags, mode));                                                      \
    }
typedef int (*open_fn)(const char *, int, ...);
OPEN(open, open_fn)
OPEN(open64, open_fn)

#define FOPEN(name)                                                                                                    \
    FILE *name(const char *path, const char *mode)                                                                     \
    {                                                                                                                  \
        FILE *f = REAL(FILE * (*)(const char *, const char *), #name)(path, mode);                                     \
        if (f)                                                                                                         \
            watch(path, fileno(f));                                                                                    \
        return f;                                                                                                      \
    }
FOPEN(fopen)
FOPEN(fopen64)

/* Whether a reading of so many bytes fails. */
static bool fails(int fd, size_t size)
{
    if (fd < 0 || fd >= MAX_FD || !atomic_load(&watched[fd]))
        return false;
    if (atomic_fetch_add(&taken, (long)size) + (long)size <= after)
        return false;
    struct stat info;
    say();
    if (!cut)
        return true;
    char link[40], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, path, sizeof path - 1);
    if (n > 0 && fstat(fd, &info) == 0) {
        path[n] = '\0';
        if (truncate(path, info.st_size / 2) == 0)
            atomic_store(&taken, -((long)1 << 60)); /* once */
    }
    return false;
}

ssize_t read(int fd, void *data, size_t size)
{
    if (fails(fd, size)) {
        errno = EIO;
        return -1;
    }
    return REAL(ssize_t(*)(int, void *, size_t), "read")(fd, data, size);
}

#define PREAD(name, offset_type)                                                                                       \
    ssize_t name(int fd, void *data, size_t size, offset_type at)                                                      \
    {                                                                                                                  \
        if (fails(fd, size)) {                                                                                         \
            errno = EIO;                                                                                               \
            return -1;                                                                                                 \
        }                                                                                                              \
        return REAL(ssize_t(*)(int, void *, size_t, offset_type), #name)(fd, data, size, at);                          \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

size_t fread(void *data, size_t size, size_t count, FILE *f)
{
    if (fails(fileno(f), size * count)) {
        f->_flags |= IO_ERROR_SEEN;
        errno = EIO;
        return 0;
    }
    return REAL(size_t (*)(void *, size_t, size_t, FILE *), "fread")(data, size, count, f);
}

/* ---- Memory ---------------------------------------------------------------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static bool is_refused(size_t size)
{
    if (!ready || allocation <= 0 || (long)size < smallest || atomic_fetch_add(&allocations, 1) + 1 != allocation)
        return false;
    say();
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return is_refused(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return is_refused(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
    return is_refused(size) ? NULL : __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return is_refused(size) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    if (is_refused(size))
        return ENOMEM;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}
