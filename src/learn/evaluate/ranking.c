/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/ranking.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "raster/paths.h"

typedef struct ranked {
    double key;
    int number;
} ranked;

struct clv_ranking {
    int file;
    size_t record;
    ranked *list; /* [count], in any order */
    int count, capacity;
};

clv_status clv_ranking_new(clv_context *ctx, size_t record, clv_ranking **out)
{
    const char *folder = clv_temporary_folder();
    char *name = clv_format("%s/clearvision-XXXXXX", folder);
    clv_ranking *r = calloc(1, sizeof *r);
    clv_status status = CLV_OK;
    *out = r;
    if (!r || !name) {
        status = clv_fail_memory(ctx);
        free(r);
        *out = NULL;
    } else {
        r->record = record;
        r->file = mkstemp(name);
        if (r->file >= 0) {
            unlink(name);
        } else {
            status = clv_fail(ctx, CLV_ERROR_WRITE, "%s: cannot create a temporary file: %s; set TMPDIR", folder,
                              strerror(errno));
            clv_ranking_free(r);
            *out = NULL;
        }
    }
    free(name);
    return status;
}

void clv_ranking_free(clv_ranking *r)
{
    if (!r)
        return;
    if (r->file >= 0)
        close(r->file);
    free(r->list);
    free(r);
}

static bool write_record(const clv_ranking *r, const char *record)
{
    const off_t start = (off_t)r->count * (off_t)r->record;
    for (size_t done = 0; done < r->record;) {
        const ssize_t n = pwrite(r->file, record + done, r->record - done, start + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

clv_status clv_ranking_add(clv_context *ctx, clv_ranking *r, double key, const void *record)
{
    if (isnan(key))
        return CLV_OK;
    if (r->count == r->capacity) {
        const int capacity = r->capacity ? 2 * r->capacity : 64;
        ranked *list = realloc(r->list, (size_t)capacity * sizeof *list);
        if (!list)
            return clv_fail_memory(ctx);
        r->list = list;
        r->capacity = capacity;
    }
    if (!write_record(r, record))
        return clv_fail(ctx, CLV_ERROR_WRITE, "%s: a temporary file cannot be written: %s; set TMPDIR",
                        clv_temporary_folder(), strerror(errno));
    r->list[r->count] = (ranked){key, r->count};
    r->count++;
    return CLV_OK;
}

static int compare(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

int clv_ranking_pick(const clv_ranking *r, int picked[3])
{
    if (!r->count)
        return 0;
    qsort(r->list, (size_t)r->count, sizeof *r->list, compare);
    const int places[3] = {0, r->count / 2, r->count - 1};
    int n = 0;
    for (int i = 0; i < 3; i++)
        if (r->count >= 3 || (i != 1 && (n == 0 || r->count == 2)))
            picked[n++] = r->list[places[i]].number;
    return n;
}

clv_status clv_ranking_read(clv_context *ctx, const clv_ranking *r, int number, void *record)
{
    char *to = record;
    const off_t start = (off_t)number * (off_t)r->record;
    for (size_t done = 0; done < r->record;) {
        const ssize_t n = pread(r->file, to + done, r->record - done, start + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return clv_fail(ctx, CLV_ERROR_READ, "%s: a temporary file cannot be read: %s", clv_temporary_folder(),
                            n < 0 ? strerror(errno) : "it is too short");
        done += (size_t)n;
    }
    return CLV_OK;
}
