/* SPDX-License-Identifier: MIT */
#include "formats/safetensors.h"

#include "base/alloc.h"

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
                                const char *const *metadata, int pairs, bool with_data)
{
    const char **names = clv_alloc_array((size_t)(count > pairs ? count : pairs), 1, sizeof *names);
    clv_status status = CLV_OK;
    size_t bytes;

    if (!names)
        return clv_fail_memory_for(ctx, path);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        const clv_tensor *t = &tensors[i];
        names[i] = t->name ? t->name : "";
        if (!t->name || strcmp(t->name, "__metadata__") == 0)
            status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: tensor %d has no usable name", path, i);
        else if (!clv_tensor_size(t, &bytes) || bytes != t->bytes || (with_data && bytes && !t->data))
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

struct clv_safetensors_stream {
    clv_context *ctx;
    char *path;
    clv_file_writer *file;
    size_t expected, written;
};

static void write_header(clv_file_writer *file, const char *header)
{
    uint8_t length[8];
    /* The data starts aligned: whoever maps the file may use it in place. */
    size_t size = strlen(header), padding = (8 - size % 8) % 8;
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)(size + padding) >> 8 * i);
    clv_file_write(file, length, sizeof length);
    clv_file_write(file, header, size);
    clv_file_write(file, "       ", padding);
}

static clv_status open_stream(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                              const char *const *metadata, int pairs, clv_safetensors_stream **out)
{
    char *header = make_header(tensors, count, metadata, pairs);
    clv_safetensors_stream *stream = calloc(1, sizeof *stream);
    clv_status status = CLV_OK;

    *out = NULL;
    if (!header || !stream || !(stream->path = clv_strdup(path))) {
        status = clv_fail_memory_for(ctx, path);
        goto cleanup;
    }
    if (strlen(header) + 8 > CLV_SAFETENSORS_HEADER_MAX) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: too many tensors for one file (its header would exceed %d MB)",
                          path, CLV_SAFETENSORS_HEADER_MAX / 1024 / 1024);
        goto cleanup;
    }
    stream->ctx = ctx;
    for (int i = 0; i < count; i++)
        stream->expected += tensors[i].bytes;
    if ((status = clv_file_create(ctx, path, &stream->file)) != CLV_OK)
        goto cleanup;
    write_header(stream->file, header);
    *out = stream;
    stream = NULL;

cleanup:
    if (stream)
        free(stream->path);
    free(stream);
    free(header);
    return status;
}

clv_status clv_safetensors_begin(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                                 const char *const *metadata, int metadata_pairs, clv_safetensors_stream **out)
{
    *out = NULL;
    clv_status status = check_content(ctx, path, tensors, count, metadata, metadata_pairs, false);
    return status == CLV_OK ? open_stream(ctx, path, tensors, count, metadata, metadata_pairs, out) : status;
}

clv_status clv_safetensors_put(clv_safetensors_stream *stream, const void *data, size_t size)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is a stream where the status was CLV_OK */
    if (size > stream->expected - stream->written)
        return clv_fail(stream->ctx, CLV_ERROR_ARGUMENT, "%s: more data than its tensors hold", stream->path);
    stream->written += size;
    return clv_file_write(stream->file, data, size);
}

clv_status clv_safetensors_end(clv_safetensors_stream *stream, bool keep)
{
    clv_status status = CLV_OK;

    if (!stream)
        return CLV_OK;
    if (keep && stream->written != stream->expected) {
        status = clv_fail(stream->ctx, CLV_ERROR_ARGUMENT, "%s: %zu of %zu bytes of its tensors were given",
                          stream->path, stream->written, stream->expected);
        keep = false;
    }
    clv_status finished = clv_file_finish(stream->file, keep);
    free(stream->path);
    free(stream);
    return status == CLV_OK ? finished : status;
}

clv_status clv_safetensors_write(clv_context *ctx, const char *path, const clv_tensor *tensors, int count,
                                 const char *const *metadata, int metadata_pairs)
{
    clv_safetensors_stream *stream = NULL;
    clv_status status = check_content(ctx, path, tensors, count, metadata, metadata_pairs, true);
    if (status == CLV_OK)
        status = open_stream(ctx, path, tensors, count, metadata, metadata_pairs, &stream);
    if (status != CLV_OK)
        return status;
    for (int i = 0; i < count; i++)
        clv_safetensors_put(stream, tensors[i].data, tensors[i].bytes);
    return clv_safetensors_end(stream, true);
}
