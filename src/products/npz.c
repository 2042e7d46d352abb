/* SPDX-License-Identifier: MIT */
#include "products/npz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "raster/gdal_errors.h"
#include "raster/paths.h"

#define HEAD_BYTES ((size_t)66000) /* the longest .npy header and what precedes it */

struct clv_npz {
    char *path;
    VSILFILE *file;
    clv_zip zip;
};

static bool read_file(void *user, uint64_t offset, void *out, size_t n)
{
    VSILFILE *file = user;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    bool read = VSIFSeekL(file, offset, SEEK_SET) == 0 && VSIFReadL(out, 1, n, file) == n;
    clv_gdal_errors_end(&errors);
    return read;
}

/* Size of an open file; false for what cannot be measured, such as a pipe. */
static bool measure(VSILFILE *file, uint64_t *size)
{
    if (VSIFSeekL(file, 0, SEEK_END) != 0)
        return false;
    *size = VSIFTellL(file);
    return *size < (uint64_t)INT64_MAX;
}

clv_status clv_npz_open(clv_context *ctx, const char *path, clv_npz **out)
{
    clv_gdal_errors errors;
    clv_status status = CLV_OK;
    clv_zip_source source = {.read = read_file};
    *out = NULL;
    clv_npz *npz = calloc(1, sizeof *npz);
    if (!npz || !(npz->path = clv_strdup(path))) {
        free(npz);
        return clv_fail_memory_for(ctx, path);
    }
    clv_path_type type = clv_path_look(path);
    clv_input_files_add(ctx, path);
    clv_gdal_errors_begin(&errors);
    npz->file = type == CLV_PATH_NONE || type == CLV_PATH_FILE ? VSIFOpenL(path, "rb") : NULL;
    bool measured = npz->file && measure(npz->file, &source.size);
    clv_gdal_errors_end(&errors);
    source.user = npz->file;
    if (!npz->file)
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: %s", path,
                          type == CLV_PATH_NONE ? "no such file" : "cannot be opened as a file");
    else if (!measured)
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: cannot be opened as a file", path);
    else
        status = clv_zip_open(ctx, npz->path, &source, &npz->zip);
    if (status == CLV_OK)
        *out = npz;
    else
        clv_npz_free(npz);
    return status;
}

void clv_npz_free(clv_npz *npz)
{
    if (!npz)
        return;
    clv_zip_clear(&npz->zip);
    if (npz->file)
        VSIFCloseL(npz->file);
    free(npz->path);
    free(npz);
}

bool clv_npz_has(const clv_npz *npz, const char *name)
{
    char member[64];
    snprintf(member, sizeof member, "%s.npy", name);
    return clv_zip_count(&npz->zip, member) > 0;
}

/* What the header says against what the archive says, so that nothing is allocated for a shape that is made up. */
clv_status clv_npz_array_check(clv_context *ctx, const clv_npz *npz, const clv_npz_array *a, size_t max_bytes)
{
    uint64_t bytes = (uint64_t)a->npy.count * (uint64_t)a->npy.item_size;
    if (bytes > max_bytes)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %s is larger than %zu MB", npz->path, a->name, max_bytes >> 20);
    if (a->member.size < a->npy.data_offset || a->member.size - a->npy.data_offset < bytes)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %s is cut short or damaged", npz->path, a->name);
    if (a->member.size - a->npy.data_offset > bytes)
        return clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %s has more bytes than its shape needs", npz->path, a->name);
    return CLV_OK;
}

clv_status clv_npz_array_open(clv_context *ctx, const clv_npz *npz, const char *name, clv_npz_array **out)
{
    char member[64];
    clv_npz_array *a = calloc(1, sizeof *a);
    uint8_t *head = malloc(HEAD_BYTES);
    clv_status status = CLV_OK;
    *out = NULL;
    if (!a || !head) {
        status = clv_fail_memory_for(ctx, npz->path);
        goto cleanup;
    }
    snprintf(a->name, sizeof a->name, "%s", name);
    snprintf(member, sizeof member, "%s.npy", name);
    status = clv_zip_find(ctx, &npz->zip, member, &a->member);
    if (status != CLV_OK)
        goto cleanup;
    size_t got = a->member.size < HEAD_BYTES ? (size_t)a->member.size : HEAD_BYTES;
    status = clv_zip_read(ctx, &npz->zip, &a->member, head, got);
    if (status == CLV_OK)
        status = clv_npy_parse(ctx, npz->path, head, got, &a->npy);
    if (status == CLV_OK)
        clv_npy_strides(&a->npy, a->strides);

cleanup:
    free(head);
    if (status == CLV_OK)
        *out = a;
    else
        clv_npz_array_free(a);
    return status;
}

clv_status clv_npz_array_load(clv_context *ctx, const clv_npz *npz, clv_npz_array *a)
{
    if (a->data)
        return CLV_OK;
    size_t bytes = (size_t)a->member.size;
    uint8_t *all = malloc(bytes ? bytes : 1);
    if (!all)
        return clv_fail(ctx, CLV_ERROR_MEMORY, "%s: out of memory for %zu MB", npz->path, bytes >> 20);
    clv_status status = clv_zip_read(ctx, &npz->zip, &a->member, all, bytes);
    if (status != CLV_OK) {
        free(all);
        return status;
    }
    memmove(all, all + a->npy.data_offset, bytes - a->npy.data_offset);
    a->data = all;
    return CLV_OK;
}

void clv_npz_array_free(clv_npz_array *array)
{
    if (!array)
        return;
    free(array->data);
    free(array);
}
