/* SPDX-License-Identifier: MIT */
#include "core/safetensors.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static clv_status check_unique(clv_context *ctx, const char *path, const char **names, int count, const char *what)
{
    if (count > 0)
        qsort((void *)names, (size_t)count, sizeof *names, compare_strings);
    for (int i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %s \"%s\" twice", path, what, names[i]);
    return CLV_OK;
}

/* What is written must be read again by the strict reader. */
static clv_status check_content(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                                const char *const *metadata, int pairs)
{
    const char **names = clv_alloc_array((size_t)(count > pairs ? count : pairs), 1, sizeof *names);
    clv_status status = CLV_OK;
    size_t bytes;

    if (!names)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory", path);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        const clv_tensor *t = &tensors[i];
        names[i] = t->name ? t->name : "";
        if (!t->name || strcmp(t->name, "__metadata__") == 0)
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: tensor %d has no usable name", path, i);
        else if (!clv_tensor_size(t, &bytes) || bytes != t->bytes || (bytes && !t->data))
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: tensor \"%s\" has a shape that does not fit its %zu bytes",
                              path, t->name, t->bytes);
    }
    if (status == CLV_OK)
        status = check_unique(ctx, path, names, count, "tensor");
    for (int i = 0; i < pairs && status == CLV_OK; i++) {
        names[i] = metadata[2 * i];
        if (!metadata[2 * i] || !metadata[2 * i + 1])
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: metadata %d is NULL", path, i);
    }
    if (status == CLV_OK)
        status = check_unique(ctx, path, names, pairs, "metadata");
    free((void *)names);
    return status;
}

static void put_tensor(clv_json_writer *w, const clv_tensor *t, size_t offset)
{
    clv_jw_key(w, t->name);
    clv_jw_object(w);
    clv_jw_key(w, "dtype");
    clv_jw_string(w, clv_dtype_name(t->dtype));
    clv_jw_key(w, "shape");
    clv_jw_array(w);
    for (int i = 0; i < t->dims; i++)
        clv_jw_integer(w, t->shape[i]);
    clv_jw_end(w);
    clv_jw_key(w, "data_offsets");
    clv_jw_array(w);
    clv_jw_integer(w, (int64_t)offset);
    clv_jw_integer(w, (int64_t)(offset + t->bytes));
    clv_jw_end(w);
    clv_jw_end(w);
}

static char *make_header(const clv_tensor *tensors, int count, const char *const *metadata, int pairs)
{
    clv_json_writer w = {0};
    size_t offset = 0;

    clv_jw_object(&w);
    if (pairs > 0) {
        clv_jw_key(&w, "__metadata__");
        clv_jw_object(&w);
        for (int i = 0; i < pairs; i++) {
            clv_jw_key(&w, metadata[2 * i]);
            clv_jw_string(&w, metadata[2 * i + 1]);
        }
        clv_jw_end(&w);
    }
    for (int i = 0; i < count; i++) {
        put_tensor(&w, &tensors[i], offset);
        offset += tensors[i].bytes;
    }
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

clv_status clv_safetensors_write(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                                 const char *const *metadata, int metadata_pairs)
{
    clv_file_writer *file = NULL;
    uint8_t length[8];

    clv_status status = check_content(ctx, path, tensors, count, metadata, metadata_pairs);
    if (status != CLV_OK)
        return status;
    char *header = make_header(tensors, count, metadata, metadata_pairs);
    if (!header)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory", path);
    status = clv_file_create(ctx, path, &file);
    if (status != CLV_OK)
        goto cleanup;
    /* The data starts aligned: whoever maps the file may use it in place. */
    size_t size = strlen(header), padding = (8 - size % 8) % 8;
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)(size + padding) >> 8 * i);
    clv_file_write(file, length, sizeof length);
    clv_file_write(file, header, size);
    clv_file_write(file, "       ", padding);
    for (int i = 0; i < count; i++)
        clv_file_write(file, tensors[i].data, tensors[i].bytes);
    status = clv_file_finish(file, true);

cleanup:
    free(header);
    return status;
}
