/* SPDX-License-Identifier: MIT */
#include "learn/dataset/prepared.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "formats/json.h"
#include "formats/safetensors.h"

typedef struct entry {
    const clv_tensor *x, *gap;
    clv_prepared_sequence view;
} entry;

struct clv_prepared {
    void *map;
    size_t size;
    clv_safetensors *tensors;
    clv_json *manifest;
    entry *entries;
    int count;
    double *days; /* of all sequences, aligned */
    const clv_tensor *shapes;
};

void clv_prepared_free(clv_prepared *set)
{
    if (!set)
        return;
    clv_safetensors_free(set->tensors);
    clv_json_free(set->manifest);
    if (set->map)
        munmap(set->map, set->size);
    free(set->entries);
    free(set->days);
    free(set);
}

/* ---- Opening ----------------------------------------------------------------------------------- */

static clv_status map_file(clv_context *ctx, const char *path, clv_prepared *set)
{
    struct stat info;
    clv_status status = CLV_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return clv_fail(ctx, CLV_ERROR_OPEN, "%s: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: not a regular file", path);
    } else if (info.st_size < 8) {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: too short to be a prepared training set", path);
    } else {
        set->size = (size_t)info.st_size;
        set->map = mmap(NULL, set->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (set->map == MAP_FAILED) {
            set->map = NULL;
            status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: cannot be mapped: %s", path, strerror(errno));
        }
    }
    close(fd);
    return status;
}

/* The safetensors parser speaks of a block without a name: its text is put behind the path. */
static clv_status parse_file(clv_context *ctx, const char *path, clv_prepared *set)
{
    clv_context *inner = clv_context_new();
    if (!inner)
        return clv_fail_memory_for(ctx, path);
    clv_status status = clv_safetensors_parse(inner, set->map, set->size, &set->tensors);
    if (status != CLV_OK)
        clv_fail(ctx, status, "%s: %s", path, clv_context_error(inner));
    clv_context_free(inner);
    return status;
}

static clv_status parse_manifest(clv_context *ctx, const char *path, clv_prepared *set)
{
    const char *kind = clv_safetensors_metadata(set->tensors, "clearvision.prepared");
    char error[160] = "";
    if (!kind)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: not a training set: make one with \"clearvision prepare\"", path);
    if (strcmp(kind, "1") != 0)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: a training set of version %.20s; this program reads version 1",
                        path, kind);
    const char *text = clv_safetensors_metadata(set->tensors, "clearvision.manifest");
    if (text)
        set->manifest = clv_json_parse(text, strlen(text), error, sizeof error);
    if (clv_json_kind(clv_json_get(set->manifest, "sequences")) != CLV_JSON_ARRAY)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: the training set's manifest is missing or damaged %s", path, error);
    if (clv_json_integer(clv_json_get(set->manifest, "window"), 0) != CLV_PREPARED_SIDE)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: windows of another size than %d pixels", path,
                        CLV_PREPARED_SIDE);
    return CLV_OK;
}

static bool has_shape(const clv_tensor *t, clv_dtype dtype, int dims, int64_t first, int64_t second)
{
    if (!t || t->dtype != dtype || t->dims != dims || (first >= 0 && t->shape[0] != first))
        return false;
    if (dims == 1)
        return true;
    if (dims == 4 && t->shape[1] != second)
        return false;
    return t->shape[dims - 2] == CLV_PREPARED_SIDE && t->shape[dims - 1] == CLV_PREPARED_SIDE;
}

static const clv_tensor *find(const clv_prepared *set, int i, const char *what)
{
    char name[40];
    snprintf(name, sizeof name, "seq.%06d.%s", i, what);
    return clv_safetensors_find(set->tensors, name);
}

/* Fills entry i; its days go to *days, which moves on. */
static clv_status take_sequence(clv_context *ctx, const char *path, clv_prepared *set, int i, double **days)
{
    const clv_json *facts = clv_json_at(clv_json_get(set->manifest, "sequences"), i);
    const clv_json *source =
        clv_json_at(clv_json_get(set->manifest, "sources"), (int)clv_json_integer(clv_json_get(facts, "source"), -1));
    const clv_tensor *x = find(set, i, "x"), *gap = find(set, i, "gap"), *when = find(set, i, "days");
    entry *e = &set->entries[i];
    int64_t dates = x && x->dims == 4 ? x->shape[0] : -1, bands = x && x->dims == 4 ? x->shape[1] : -1;
    if (dates < 1 || dates > INT32_MAX || (bands != 3 && bands != 4) || !has_shape(x, CLV_I16, 4, dates, bands) ||
        !has_shape(gap, CLV_U8, 3, dates, 0) || !has_shape(when, CLV_F64, 1, dates, 0))
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: sequence %d is not of the kind that \"clearvision prepare\" writes",
                        path, i);
    memcpy(*days, when->data, when->bytes);
    *e = (entry){x,
                 gap,
                 {(int)dates, (int)bands, *days, clv_json_string(clv_json_get(facts, "place"), ""),
                  clv_json_string(clv_json_get(facts, "split"), ""),
                  clv_json_string(clv_json_get(source, "licence"), ""),
                  (int)clv_json_integer(clv_json_get(facts, "clear_dates"), 0)}};
    *days += dates;
    for (int t = 0; t < e->view.dates; t++)
        if (!isfinite(e->view.days[t]) || (t > 0 && e->view.days[t] < e->view.days[t - 1]))
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: the days of sequence %d do not ascend", path, i);
    if (strcmp(e->view.split, "train") != 0 && strcmp(e->view.split, "hold") != 0)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: sequence %d belongs neither to \"train\" nor to \"hold\"", path, i);
    return CLV_OK;
}

static clv_status take_sequences(clv_context *ctx, const char *path, clv_prepared *set)
{
    size_t dates = 0;
    set->count = clv_json_count(clv_json_get(set->manifest, "sequences"));
    if (clv_safetensors_count(set->tensors) != 3 * set->count + 1)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: holds another number of sequences than its manifest", path);
    /* A days tensor that is no such thing fails in take_sequence; its bytes bound what is copied. */
    for (int i = 0; i < set->count; i++) {
        const clv_tensor *when = find(set, i, "days");
        dates += when ? when->bytes / sizeof(double) : 0;
    }
    set->entries = clv_alloc_array((size_t)set->count, 1, sizeof *set->entries);
    set->days = clv_alloc_array(dates, 1, sizeof *set->days);
    if (!set->entries || !set->days)
        return clv_fail_memory_for(ctx, path);
    double *days = set->days;
    for (int i = 0; i < set->count; i++) {
        clv_status status = take_sequence(ctx, path, set, i, &days);
        if (status != CLV_OK)
            return status;
    }
    set->shapes = clv_safetensors_find(set->tensors, "shapes");
    if (!has_shape(set->shapes, CLV_U8, 3, -1, 0))
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: the cloud shapes are missing or of another size", path);
    return CLV_OK;
}

clv_status clv_prepared_open(clv_context *ctx, const char *path, clv_prepared **out)
{
    *out = NULL;
    clv_prepared *set = calloc(1, sizeof *set);
    if (!set)
        return clv_fail_memory_for(ctx, path);
    clv_status status = map_file(ctx, path, set);
    if (status == CLV_OK)
        status = parse_file(ctx, path, set);
    if (status == CLV_OK)
        status = parse_manifest(ctx, path, set);
    if (status == CLV_OK)
        status = take_sequences(ctx, path, set);
    if (status == CLV_OK)
        *out = set;
    else
        clv_prepared_free(set);
    return status;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

int clv_prepared_count(const clv_prepared *set)
{
    return set->count;
}

void clv_prepared_get(const clv_prepared *set, int i, clv_prepared_sequence *out)
{
    *out = set->entries[i].view;
}

void clv_prepared_read(const clv_prepared *set, int i, int t, float *x, uint8_t *gap)
{
    const entry *e = &set->entries[i];
    size_t n = (size_t)e->view.bands * CLV_PREPARED_PIXELS;
    /* Bytes, because a tensor of another writer's file need not be aligned. */
    const uint8_t *from = (const uint8_t *)e->x->data + (size_t)t * n * sizeof(int16_t);
    for (size_t k = 0; x && k < n; k++)
        x[k] = (float)(int16_t)(uint16_t)(from[2 * k] | from[2 * k + 1] << 8) * 1e-4f;
    if (gap)
        memcpy(gap, (const uint8_t *)e->gap->data + (size_t)t * CLV_PREPARED_PIXELS, CLV_PREPARED_PIXELS);
}

const uint8_t *clv_prepared_shapes(const clv_prepared *set, int64_t *count)
{
    *count = set->shapes->shape[0];
    return set->shapes->data;
}
