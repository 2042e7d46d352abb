/* SPDX-License-Identifier: MIT
 *
 * What the tests of writing share: a work folder, contexts, listing what lies in a folder.
 * Included once by each test program, after cmocka.h.
 */
#ifndef CLV_TEST_WRITING_H
#define CLV_TEST_WRITING_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "base/context.h"
#include "output/writer.h"

typedef struct bench {
    clv_context *ctx;
    char folder[64]; /* fresh for every test */
} bench;

static inline char *in_folder(const bench *b, const char *name)
{
    static char path[32][512]; /* the last 32 stay valid */
    static int next;
    char *p = path[next++ % 32];
    snprintf(p, sizeof path[0], "%s/%s", b->folder, name);
    return p;
}

static inline int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    GDALAllRegister();
    b->ctx = clv_context_new();
    strcpy(b->folder, "/tmp/clv-writing-XXXXXX");
    if (!b->ctx || !mkdtemp(b->folder))
        return -1;
    *state = b;
    return 0;
}

static inline int tear_down(void **state)
{
    bench *b = *state;
    VSIRmdirRecursive(b->folder);
    clv_context_free(b->ctx);
    free(b);
    return 0;
}

/* Number of entries, hidden ones too; -1 when the folder is not there. */
static inline int count_files(const char *folder)
{
    DIR *d = opendir(folder);
    if (!d)
        return -1;
    int n = 0;
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static inline unsigned char *file_bytes(const char *path, size_t *size)
{
    *size = 0;
    VSILFILE *f = VSIFOpenL(path, "rb");
    if (!f)
        return NULL;
    VSIFSeekL(f, 0, SEEK_END);
    *size = (size_t)VSIFTellL(f);
    VSIFSeekL(f, 0, SEEK_SET);
    unsigned char *bytes = malloc(*size + 1);
    *size = VSIFReadL(bytes, 1, *size, f);
    VSIFCloseL(f);
    return bytes;
}

static inline bool same_bytes(const char *a, const char *b)
{
    size_t na, nb;
    unsigned char *x = file_bytes(a, &na), *y = file_bytes(b, &nb);
    bool same = x && y && na == nb && memcmp(x, y, na) == 0;
    free(x);
    free(y);
    return same;
}

static inline void put_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
}

/* The first characters of a file. */
static inline bool file_starts(const char *path, const char *text)
{
    char buffer[256] = "";
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    size_t n = fread(buffer, 1, sizeof buffer - 1, f);
    fclose(f);
    return n >= strlen(text) && strncmp(buffer, text, strlen(text)) == 0;
}

static inline bool error_mentions(const bench *b, const char *text)
{
    const char *error = clv_context_error(b->ctx);
    if (strchr(error, '\n'))
        return false;
    if (!strstr(error, text))
        fprintf(stderr, "the error was: %s\n", error);
    return strstr(error, text) != NULL;
}

/* Values that hardly compress, the same for the same seed. */
static inline void fill_noise(void *data, size_t bytes, unsigned seed)
{
    unsigned char *p = data;
    unsigned x = seed * 2654435761u + 12345u;
    for (size_t i = 0; i < bytes; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        p[i] = (unsigned char)(x >> 11);
    }
}

#endif
