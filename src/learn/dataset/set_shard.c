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

size_t clv_part_x_bytes(int dates, int bands)
{
    return (size_t)dates * (size_t)bands * CLV_CUT_PIXELS * sizeof(int16_t);
}

static size_t sequence_bytes(const clv_part_sequence *s)
{
    return clv_part_x_bytes(s->dates, s->bands) + (size_t)s->dates * (CLV_CUT_PIXELS + sizeof(double));
}

static clv_status name_files(clv_context *ctx, const char *folder, const char *key, clv_part *part)
{
    static const char *const endings[] = {"data", "shapes", "json"};
    *part = (clv_part){.ctx = ctx};
    for (int i = 0; i < 3; i++)
        if (!(part->path[i] = clv_format("%s/%s.%s", folder, key, endings[i])))
            return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory", folder);
    return CLV_OK;
}

static clv_status failed(const clv_part *part, int which, const char *what)
{
    return clv_fail(part->ctx, CLV_ERROR_WRITE, "%s: %s: %s", part->path[which], what, strerror(errno));
}

static void close_files(clv_part *part)
{
    for (int i = 0; i < 2; i++)
        if (part->file[i]) {
            fclose(part->file[i]);
            part->file[i] = NULL;
        }
}

void clv_part_remove(clv_part *part)
{
    close_files(part);
    for (int i = 2; i >= 0; i--) /* the index first: without it the rest counts for nothing */
        if (part->path[i])
            unlink(part->path[i]);
    part->finished = true; /* nothing is left to remove */
}

void clv_part_clear(clv_part *part)
{
    if (!part->finished && part->file[DATA])
        clv_part_remove(part);
    close_files(part);
    for (int i = 0; i < 3; i++)
        free(part->path[i]);
    free(part->sequences);
    *part = (clv_part){0};
}

/* ---- Making ------------------------------------------------------------------------------------ */

clv_status clv_part_begin(clv_context *ctx, const char *folder, const char *key, clv_part *part)
{
    clv_status status = name_files(ctx, folder, key, part);
    if (status != CLV_OK)
        return status;
    unlink(part->path[INDEX]);
    for (int i = 0; i < 2; i++)
        if (!(part->file[i] = fopen(part->path[i], "wb")))
            return failed(part, i, "cannot be written");
    return CLV_OK;
}

static clv_status append(clv_part *part, const clv_part_sequence *sequence)
{
    if (part->count == part->capacity) {
        int capacity = part->capacity ? 2 * part->capacity : 16;
        clv_part_sequence *grown = realloc(part->sequences, (size_t)capacity * sizeof *grown);
        if (!grown)
            return clv_fail(part->ctx, CLV_ERROR_MEMORY, "%s: out of memory", part->path[DATA]);
        part->sequences = grown;
        part->capacity = capacity;
    }
    part->sequences[part->count++] = *sequence;
    return CLV_OK;
}

clv_status clv_part_add(clv_part *part, const clv_part_sequence *sequence, const int16_t *x, const uint8_t *gap,
                        const double *days)
{
    size_t n = (size_t)sequence->dates, size = clv_part_x_bytes(sequence->dates, sequence->bands);
    if (fwrite(x, 1, size, part->file[DATA]) != size ||
        fwrite(gap, CLV_CUT_PIXELS, n, part->file[DATA]) != n || fwrite(days, sizeof *days, n, part->file[DATA]) != n)
        return failed(part, DATA, "writing failed");
    return append(part, sequence);
}

clv_status clv_part_add_shape(clv_part *part, const uint8_t *shape)
{
    if (fwrite(shape, CLV_CUT_PIXELS, 1, part->file[SHAPES]) != 1)
        return failed(part, SHAPES, "writing failed");
    part->shapes++;
    return CLV_OK;
}

static char *make_index(const clv_part *part)
{
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_integer(&w, "windows", part->windows);
    clv_jw_put_integer(&w, "dates", part->dates);
    clv_jw_put_integer(&w, "shapes", part->shapes);
    clv_jw_key(&w, "pixel_size");
    clv_jw_number(&w, part->pixel_m);
    clv_jw_key(&w, "sequences");
    clv_jw_array(&w);
    for (int i = 0; i < part->count; i++) {
        const clv_part_sequence *s = &part->sequences[i];
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

clv_status clv_part_finish(clv_part *part)
{
    clv_file_writer *index = NULL;
    for (int i = 0; i < 2; i++) {
        bool ok = fflush(part->file[i]) == 0 && fsync(fileno(part->file[i])) == 0;
        if (!ok)
            return failed(part, i, "writing failed");
    }
    char *text = make_index(part);
    if (!text)
        return clv_fail(part->ctx, CLV_ERROR_MEMORY, "%s: out of memory", part->path[INDEX]);
    clv_status status = clv_file_create(part->ctx, part->path[INDEX], &index);
    if (status == CLV_OK) {
        clv_file_write(index, text, strlen(text));
        status = clv_file_finish(index, true);
    }
    free(text);
    part->finished = status == CLV_OK;
    if (part->finished)
        close_files(part);
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

static bool read_sequence(const clv_json *row, clv_part_sequence *s)
{
    *s = (clv_part_sequence){small(clv_json_at(row, 0)), small(clv_json_at(row, 1)), small(clv_json_at(row, 2)),
                             small(clv_json_at(row, 3)), small(clv_json_at(row, 4)), "", ""};
    snprintf(s->first, sizeof s->first, "%s", clv_json_string(clv_json_at(row, 5), ""));
    snprintf(s->last, sizeof s->last, "%s", clv_json_string(clv_json_at(row, 6), ""));
    return s->dates > 0 && (s->bands == 3 || s->bands == 4) && s->clear_dates >= 0 && s->x >= 0 && s->y >= 0;
}

/* Whether the index makes sense and the files are as long as it says. */
static clv_status take_index(clv_part *part, const clv_json *index, bool *good)
{
    const clv_json *rows = clv_json_get(index, "sequences");
    uint64_t bytes = 0;
    *good = false;
    part->windows = small(clv_json_get(index, "windows"));
    part->dates = small(clv_json_get(index, "dates"));
    part->shapes = small(clv_json_get(index, "shapes"));
    part->pixel_m = clv_json_number(clv_json_get(index, "pixel_size"), 0);
    if (part->windows < 0 || part->dates < 0 || part->shapes < 0)
        return CLV_OK;
    for (int i = 0; i < clv_json_count(rows); i++) {
        clv_part_sequence s;
        if (!read_sequence(clv_json_at(rows, i), &s))
            return CLV_OK;
        bytes += sequence_bytes(&s);
        clv_status status = append(part, &s);
        if (status != CLV_OK)
            return status;
    }
    *good = has_size(part->path[DATA], bytes) &&
            has_size(part->path[SHAPES], (uint64_t)part->shapes * CLV_CUT_PIXELS);
    return CLV_OK;
}

clv_status clv_part_load(clv_context *ctx, const char *folder, const char *key, clv_part *part, bool *found)
{
    uint8_t *text = NULL;
    size_t size = 0;
    char error[160];
    *found = false;
    clv_status status = name_files(ctx, folder, key, part);
    if (status != CLV_OK || access(part->path[INDEX], F_OK) != 0)
        goto cleanup;
    if ((status = clv_read_file(ctx, part->path[INDEX], CLV_JSON_MAX, &text, &size)) != CLV_OK)
        goto cleanup;
    clv_json *index = clv_json_parse((const char *)text, size, error, sizeof error);
    if (index)
        status = take_index(part, index, found);
    clv_json_free(index);
    part->finished = *found;
cleanup:
    free(text);
    if (!*found)
        clv_part_clear(part);
    return status;
}

clv_status clv_part_copy(const clv_part *part, bool shapes, clv_safetensors_stream *to)
{
    const char *path = part->path[shapes ? SHAPES : DATA];
    uint8_t *buffer = clv_alloc_array(COPY_BYTES, 1, 1);
    FILE *file = fopen(path, "rb");
    clv_status status = CLV_OK;
    if (!buffer)
        status = clv_fail(part->ctx, CLV_ERROR_MEMORY, "%s: out of memory", path);
    else if (!file)
        status = clv_fail(part->ctx, CLV_ERROR_OPEN, "%s: %s", path, strerror(errno));
    while (status == CLV_OK) {
        size_t n = fread(buffer, 1, COPY_BYTES, file);
        if (n == 0)
            break;
        status = clv_safetensors_put(to, buffer, n);
    }
    if (status == CLV_OK && ferror(file))
        status = clv_fail(part->ctx, CLV_ERROR_READ, "%s: reading failed", path);
    if (file)
        fclose(file);
    free(buffer);
    return status;
}
