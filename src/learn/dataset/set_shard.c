/* SPDX-License-Identifier: MIT */
#include "learn/dataset/set_shard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "formats/json.h"
#include "learn/dataset/cutting.h"

#define DATA 0
#define SHAPES 1
#define INDEX 2
#define COPY_BYTES ((size_t)1024 * 1024)

static size_t x_bytes(int dates, int bands)
{
    return (size_t)dates * (size_t)bands * CLV_CUT_PIXELS * sizeof(int16_t);
}

static size_t sequence_bytes(const clv_set_shard_sequence *s)
{
    return x_bytes(s->dates, s->bands) + (size_t)s->dates * (CLV_CUT_PIXELS + sizeof(double));
}

static clv_status name_files(clv_context *ctx, const char *folder, const char *key, clv_set_shard *shard)
{
    static const char *const endings[] = {"data", "shapes", "json"};
    *shard = (clv_set_shard){.ctx = ctx};
    for (int i = 0; i < 3; i++)
        if (!(shard->path[i] = clv_format("%s/%s.%s", folder, key, endings[i])))
            return clv_fail_memory_for(ctx, folder);
    return CLV_OK;
}

static clv_status failed(const clv_set_shard *shard, int which, const char *what)
{
    return clv_fail(shard->ctx, CLV_ERROR_WRITE, "%s: %s: %s", shard->path[which], what, strerror(errno));
}

static void close_files(clv_set_shard *shard)
{
    for (int i = 0; i < 2; i++)
        if (shard->file[i]) {
            fclose(shard->file[i]);
            shard->file[i] = NULL;
        }
}

static void remove_files(clv_set_shard *shard)
{
    close_files(shard);
    for (int i = 2; i >= 0; i--) /* the index first: without it the rest counts for nothing */
        if (shard->path[i])
            unlink(shard->path[i]);
    shard->finished = true; /* nothing is left to remove */
}

void clv_set_shard_clear(clv_set_shard *shard)
{
    if (!shard->finished && shard->file[DATA])
        remove_files(shard);
    close_files(shard);
    for (int i = 0; i < 3; i++)
        free(shard->path[i]);
    free(shard->sequences);
    *shard = (clv_set_shard){0};
}

/* ---- Making ------------------------------------------------------------------------------------ */

clv_status clv_set_shard_begin(clv_context *ctx, const char *folder, const char *key, clv_set_shard *shard)
{
    clv_status status = name_files(ctx, folder, key, shard);
    if (status != CLV_OK)
        return status;
    for (int i = 2; i >= 0; i--) /* links too: what they lead to is not emptied */
        unlink(shard->path[i]);
    for (int i = 0; i < 2; i++)
        if (!(shard->file[i] = fopen(shard->path[i], "wb")))
            return failed(shard, i, "cannot be written");
    return CLV_OK;
}

static clv_status append(clv_set_shard *shard, const clv_set_shard_sequence *sequence)
{
    if (shard->count == shard->capacity) {
        int capacity = shard->capacity ? 2 * shard->capacity : 16;
        clv_set_shard_sequence *grown = realloc(shard->sequences, (size_t)capacity * sizeof *grown);
        if (!grown)
            return clv_fail_memory_for(shard->ctx, shard->path[DATA]);
        shard->sequences = grown;
        shard->capacity = capacity;
    }
    shard->sequences[shard->count++] = *sequence;
    return CLV_OK;
}

clv_status clv_set_shard_add(clv_set_shard *shard, const clv_set_shard_sequence *sequence, const int16_t *x,
                             const uint8_t *gap, const double *days)
{
    size_t n = (size_t)sequence->dates, size = x_bytes(sequence->dates, sequence->bands);
    if (fwrite(x, 1, size, shard->file[DATA]) != size || fwrite(gap, CLV_CUT_PIXELS, n, shard->file[DATA]) != n ||
        fwrite(days, sizeof *days, n, shard->file[DATA]) != n)
        return failed(shard, DATA, "writing failed");
    return append(shard, sequence);
}

clv_status clv_set_shard_add_shape(clv_set_shard *shard, const uint8_t *shape)
{
    if (fwrite(shape, CLV_CUT_PIXELS, 1, shard->file[SHAPES]) != 1)
        return failed(shard, SHAPES, "writing failed");
    shard->shapes++;
    return CLV_OK;
}

static char *make_index(const clv_set_shard *shard)
{
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_integer(&w, "windows", shard->windows);
    clv_jw_put_integer(&w, "dates", shard->dates);
    clv_jw_put_integer(&w, "shapes", shard->shapes);
    clv_jw_key(&w, "pixel_size");
    clv_jw_number(&w, shard->pixel_m);
    clv_jw_key(&w, "sequences");
    clv_jw_array(&w);
    for (int i = 0; i < shard->count; i++) {
        const clv_set_shard_sequence *s = &shard->sequences[i];
        clv_jw_array(&w);
        clv_jw_integer(&w, s->dates);
        clv_jw_integer(&w, s->bands);
        clv_jw_integer(&w, s->clear_dates);
        clv_jw_integer(&w, s->x);
        clv_jw_integer(&w, s->y);
        clv_jw_string(&w, s->first);
        clv_jw_string(&w, s->last);
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

clv_status clv_set_shard_finish(clv_set_shard *shard)
{
    clv_file_writer *index = NULL;
    for (int i = 0; i < 2; i++) {
        bool ok = fflush(shard->file[i]) == 0 && fsync(fileno(shard->file[i])) == 0;
        if (!ok)
            return failed(shard, i, "writing failed");
    }
    char *text = make_index(shard);
    if (!text)
        return clv_fail_memory_for(shard->ctx, shard->path[INDEX]);
    clv_status status = clv_file_create(shard->ctx, shard->path[INDEX], &index);
    if (status == CLV_OK) {
        clv_file_write(index, text, strlen(text));
        status = clv_file_finish(index, true);
    }
    free(text);
    shard->finished = status == CLV_OK;
    if (shard->finished)
        close_files(shard);
    return status;
}

/* ---- Loading ----------------------------------------------------------------------------------- */

static bool has_size(const char *path, uint64_t expected)
{
    struct stat info;
    return stat(path, &info) == 0 && info.st_size >= 0 && (uint64_t)info.st_size == expected;
}

static int small(const clv_json *value)
{
    int64_t v = clv_json_integer(value, -1);
    return v >= 0 && v <= INT32_MAX ? (int)v : -1;
}

static bool read_sequence(const clv_json *row, clv_set_shard_sequence *s)
{
    *s = (clv_set_shard_sequence){small(clv_json_at(row, 0)),
                                  small(clv_json_at(row, 1)),
                                  small(clv_json_at(row, 2)),
                                  small(clv_json_at(row, 3)),
                                  small(clv_json_at(row, 4)),
                                  "",
                                  ""};
    snprintf(s->first, sizeof s->first, "%s", clv_json_string(clv_json_at(row, 5), ""));
    snprintf(s->last, sizeof s->last, "%s", clv_json_string(clv_json_at(row, 6), ""));
    return s->dates > 0 && (s->bands == 3 || s->bands == 4) && s->clear_dates >= 0 && s->x >= 0 && s->y >= 0;
}

/* Whether the index makes sense and the files are as long as it says. */
static clv_status take_index(clv_set_shard *shard, const clv_json *index, bool *good)
{
    const clv_json *rows = clv_json_get(index, "sequences");
    uint64_t bytes = 0;
    *good = false;
    shard->windows = small(clv_json_get(index, "windows"));
    shard->dates = small(clv_json_get(index, "dates"));
    shard->shapes = small(clv_json_get(index, "shapes"));
    shard->pixel_m = clv_json_number(clv_json_get(index, "pixel_size"), 0);
    if (shard->windows < 0 || shard->dates < 0 || shard->shapes < 0)
        return CLV_OK;
    for (int i = 0; i < clv_json_count(rows); i++) {
        clv_set_shard_sequence s;
        if (!read_sequence(clv_json_at(rows, i), &s))
            return CLV_OK;
        bytes += sequence_bytes(&s);
        clv_status status = append(shard, &s);
        if (status != CLV_OK)
            return status;
    }
    *good =
        has_size(shard->path[DATA], bytes) && has_size(shard->path[SHAPES], (uint64_t)shard->shapes * CLV_CUT_PIXELS);
    return CLV_OK;
}

clv_status clv_set_shard_load(clv_context *ctx, const char *folder, const char *key, clv_set_shard *shard, bool *found)
{
    uint8_t *text = NULL;
    size_t size = 0;
    char error[160];
    *found = false;
    clv_status status = name_files(ctx, folder, key, shard);
    if (status != CLV_OK || access(shard->path[INDEX], F_OK) != 0)
        goto cleanup;
    if ((status = clv_read_own_file(ctx, shard->path[INDEX], CLV_JSON_MAX, &text, &size)) != CLV_OK)
        goto cleanup;
    clv_json *index = clv_json_parse((const char *)text, size, error, sizeof error);
    if (index)
        status = take_index(shard, index, found);
    clv_json_free(index);
    shard->finished = *found;
cleanup:
    free(text);
    if (!*found)
        clv_set_shard_clear(shard);
    return status;
}

clv_status clv_set_shard_copy(const clv_set_shard *shard, bool shapes, clv_safetensors_stream *to)
{
    const char *path = shard->path[shapes ? SHAPES : DATA];
    uint8_t *buffer = clv_alloc_array(COPY_BYTES, 1, 1);
    FILE *file = fopen(path, "rb");
    clv_status status = CLV_OK;
    if (!buffer)
        status = clv_fail_memory_for(shard->ctx, path);
    else if (!file)
        status = clv_fail(shard->ctx, CLV_ERROR_OPEN, "%s: %s", path, strerror(errno));
    while (status == CLV_OK) {
        /* cppcheck-suppress nullPointerRedundantCheck ; without a file the status is another */
        size_t n = fread(buffer, 1, COPY_BYTES, file);
        if (n == 0)
            break;
        status = clv_safetensors_put(to, buffer, n);
    }
    if (status == CLV_OK && ferror(file))
        status = clv_fail(shard->ctx, CLV_ERROR_READ, "%s: reading failed", path);
    if (file)
        fclose(file);
    free(buffer);
    return status;
}
