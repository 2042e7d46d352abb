/* SPDX-License-Identifier: MIT */
#include "formats/safetensors.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define MAX_HEADER ((uint64_t)CLV_SAFETENSORS_HEADER_MAX)
#define METADATA "__metadata__"

struct clv_safetensors {
    clv_json *header; /* owns all names and the metadata */
    const clv_json *metadata;
    clv_tensor *tensors;        /* in the order of the header */
    const clv_tensor **by_name; /* for looking up */
    int count;
    uint8_t *owned; /* the file's bytes, when clv_safetensors_open read them */
};

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
    [CLV_F64] = {"F64", 8}, [CLV_F32] = {"F32", 4},   [CLV_F16] = {"F16", 2}, [CLV_BF16] = {"BF16", 2},
    [CLV_I64] = {"I64", 8}, [CLV_I32] = {"I32", 4},   [CLV_I16] = {"I16", 2}, [CLV_I8] = {"I8", 1},
    [CLV_U8] = {"U8", 1},   [CLV_BOOL] = {"BOOL", 1},
};
#define DTYPE_COUNT ((int)(sizeof dtypes / sizeof dtypes[0]))

size_t clv_dtype_size(clv_dtype dtype)
{
    return (int)dtype >= 0 && (int)dtype < DTYPE_COUNT ? dtypes[dtype].size : 0;
}

const char *clv_dtype_name(clv_dtype dtype)
{
    return (int)dtype >= 0 && (int)dtype < DTYPE_COUNT ? dtypes[dtype].name : "unknown";
}

bool clv_tensor_size(const clv_tensor *tensor, size_t *bytes)
{
    size_t nonzero = clv_dtype_size(tensor->dtype);
    bool empty = false;

    if (nonzero == 0 || tensor->dims < 0 || tensor->dims > CLV_TENSOR_MAX_DIMS)
        return false;
    for (int i = 0; i < tensor->dims; i++) {
        if (tensor->shape[i] < 0)
            return false;
        /* An axis of length 0 must not hide that the others overflow whoever computes strides. */
        if (tensor->shape[i] == 0)
            empty = true;
        else if (!clv_size_mul(nonzero, (size_t)tensor->shape[i], &nonzero) || nonzero > PTRDIFF_MAX)
            return false;
    }
    *bytes = empty ? 0 : nonzero;
    return true;
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static clv_status read_dtype(clv_context *ctx, const char *file, clv_tensor *t, const clv_json *value)
{
    const char *name = clv_json_string(value, NULL);

    if (!name)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: tensor \"%s\" has no dtype", file, t->name);
    for (int i = 0; i < DTYPE_COUNT; i++) {
        if (strcmp(name, dtypes[i].name) == 0) {
            t->dtype = (clv_dtype)i;
            return CLV_OK;
        }
    }
    return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: tensor \"%s\" has the dtype \"%.40s\", which is not known here",
                    file, t->name, name);
}

static clv_status read_shape(clv_context *ctx, const char *file, clv_tensor *t, const clv_json *value)
{
    if (clv_json_kind(value) != CLV_JSON_ARRAY)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: tensor \"%s\" has no shape", file, t->name);
    t->dims = clv_json_count(value);
    if (t->dims > CLV_TENSOR_MAX_DIMS)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: tensor \"%s\" has %d axes, at most %d are supported", file,
                        t->name, t->dims, CLV_TENSOR_MAX_DIMS);
    for (int i = 0; i < t->dims; i++) {
        t->shape[i] = clv_json_integer(clv_json_at(value, i), -1);
        if (t->shape[i] < 0)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: tensor \"%s\" has a shape that is not a list of sizes", file,
                            t->name);
    }
    return CLV_OK;
}

static clv_status read_offsets(clv_context *ctx, const char *file, clv_tensor *t, const clv_json *value,
                               const uint8_t *data, size_t size)
{
    int64_t begin = clv_json_integer(clv_json_at(value, 0), -1), end = clv_json_integer(clv_json_at(value, 1), -1);
    size_t expected;

    if (clv_json_kind(value) != CLV_JSON_ARRAY || clv_json_count(value) != 2 || begin < 0 || end < begin ||
        (uint64_t)end > size)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: tensor \"%s\" has data_offsets outside the file; is it complete?",
                        file, t->name);
    t->data = data + begin;
    t->bytes = (size_t)(end - begin);
    if (!clv_tensor_size(t, &expected) || expected != t->bytes)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: tensor \"%s\" has a shape that does not fit its %zu bytes", file,
                        t->name, t->bytes);
    return CLV_OK;
}

static clv_status read_tensor(clv_context *ctx, const char *file, clv_tensor *t, const clv_json *value,
                              const uint8_t *data, size_t size)
{
    clv_status status;

    if (clv_json_kind(value) != CLV_JSON_OBJECT || clv_json_count(value) != 3)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: tensor \"%s\" is not described by dtype, shape and data_offsets",
                        file, t->name);
    if ((status = read_dtype(ctx, file, t, clv_json_get(value, "dtype"))) != CLV_OK ||
        (status = read_shape(ctx, file, t, clv_json_get(value, "shape"))) != CLV_OK)
        return status;
    return read_offsets(ctx, file, t, clv_json_get(value, "data_offsets"), data, size);
}

static clv_status check_metadata(clv_context *ctx, const char *file, const clv_json *metadata)
{
    if (clv_json_kind(metadata) != CLV_JSON_OBJECT)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: " METADATA " is not an object", file);
    for (int i = 0; i < clv_json_count(metadata); i++)
        if (clv_json_kind(clv_json_at(metadata, i)) != CLV_JSON_STRING)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: " METADATA " \"%s\" is not a string", file,
                            clv_json_key_at(metadata, i));
    return CLV_OK;
}

static int compare_data(const void *a, const void *b)
{
    const clv_tensor *s = *(const clv_tensor *const *)a, *t = *(const clv_tensor *const *)b;
    const char *p = s->data, *q = t->data;

    if (p != q)
        return p < q ? -1 : 1;
    return (s->bytes > t->bytes) - (s->bytes < t->bytes); /* an empty tensor before the one that starts there */
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(const clv_tensor *const *)a)->name, (*(const clv_tensor *const *)b)->name);
}

/* The tensors fill the data from its first to its last byte, one after the other. `order` is work space. */
static clv_status check_layout(clv_context *ctx, const char *file, const clv_tensor **order, int count,
                               const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *end = at + size;

    if (count > 0)
        qsort((void *)order, (size_t)count, sizeof *order, compare_data);
    for (int i = 0; i < count; i++) {
        if ((const char *)order[i]->data != at)
            return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: tensor \"%s\" %s", file, order[i]->name,
                            (const char *)order[i]->data < at ? "overlaps another" : "follows a gap in the data");
        at += order[i]->bytes;
    }
    if (at != end)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %zu bytes after the last tensor", file, (size_t)(end - at));
    return CLV_OK;
}

static clv_status read_tensors(clv_context *ctx, const char *file, clv_safetensors *st, const uint8_t *data,
                               size_t size)
{
    int members = clv_json_count(st->header);

    st->tensors = clv_alloc_array((size_t)members, 1, sizeof *st->tensors);
    st->by_name = clv_alloc_array((size_t)members, 1, sizeof *st->by_name);
    if (!st->tensors || !st->by_name)
        return clv_fail_memory_for(ctx, file);
    for (int i = 0; i < members; i++) {
        const clv_json *value = clv_json_at(st->header, i);
        const char *name = clv_json_key_at(st->header, i);
        clv_status status;
        if (strcmp(name, METADATA) == 0) {
            st->metadata = value;
            status = check_metadata(ctx, file, value);
        } else {
            clv_tensor *t = &st->tensors[st->count];
            t->name = name;
            st->by_name[st->count++] = t;
            status = read_tensor(ctx, file, t, value, data, size);
        }
        if (status != CLV_OK)
            return status;
    }
    clv_status status = check_layout(ctx, file, st->by_name, st->count, data, size);
    if (st->count > 0)
        qsort((void *)st->by_name, (size_t)st->count, sizeof *st->by_name, compare_names);
    return status;
}

static clv_status parse(clv_context *ctx, const char *file, const uint8_t *data, size_t size, clv_safetensors **out)
{
    clv_status status;
    uint64_t header = 0;
    char error[128];

    *out = NULL;
    if (size < 8)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: too short for a safetensors file", file);
    for (int i = 7; i >= 0; i--)
        header = header << 8 | data[i];
    if (header > MAX_HEADER || header > size - 8)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: not a safetensors file, or not a complete one", file);
    clv_safetensors *st = calloc(1, sizeof *st);
    if (!st)
        return clv_fail_memory_for(ctx, file);
    st->header = clv_json_parse((const char *)data + 8, (size_t)header, error, sizeof error);
    if (!st->header || data[8] != '{') {
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: the header is not the JSON of a safetensors file (%s)", file,
                          st->header ? "byte 0: '{' expected" : error);
        goto failed;
    }
    status = read_tensors(ctx, file, st, data + 8 + header, size - 8 - (size_t)header);
    if (status != CLV_OK)
        goto failed;
    *out = st;
    return CLV_OK;

failed:
    clv_safetensors_free(st);
    return status;
}

clv_status clv_safetensors_parse(clv_context *ctx, const uint8_t *data, size_t size, clv_safetensors **out)
{
    return parse(ctx, "weights", data, size, out);
}

clv_status clv_safetensors_open(clv_context *ctx, const char *path, size_t max_bytes, clv_safetensors **out)
{
    uint8_t *data;
    size_t size;

    *out = NULL;
    clv_status status = clv_read_file(ctx, path, max_bytes, &data, &size);
    if (status != CLV_OK)
        return status;
    status = parse(ctx, path, data, size, out);
    if (status == CLV_OK)
        (*out)->owned = data; /* NOLINT(clang-analyzer-core.NullDereference): set where the status is CLV_OK */
    else
        free(data);
    return status;
}

void clv_safetensors_free(clv_safetensors *st)
{
    if (!st)
        return;
    clv_json_free(st->header);
    free(st->tensors);
    free((void *)st->by_name);
    free(st->owned);
    free(st);
}

/* ---- Access ------------------------------------------------------------------------------------ */

int clv_safetensors_count(const clv_safetensors *st)
{
    return st ? st->count : 0;
}

const clv_tensor *clv_safetensors_at(const clv_safetensors *st, int index)
{
    return st && index >= 0 && index < st->count ? &st->tensors[index] : NULL;
}

const clv_tensor *clv_safetensors_find(const clv_safetensors *st, const char *name)
{
    if (!st || !name || st->count == 0)
        return NULL;
    const clv_tensor wanted = {.name = name}, *key = &wanted;
    const clv_tensor **found =
        bsearch(&key, (const void *)st->by_name, (size_t)st->count, sizeof *st->by_name, compare_names);
    return found ? *found : NULL;
}

const char *clv_safetensors_metadata(const clv_safetensors *st, const char *key)
{
    return st ? clv_json_string(clv_json_get(st->metadata, key), NULL) : NULL;
}
