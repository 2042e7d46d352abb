/* SPDX-License-Identifier: MIT */
#include "geo/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "core/alloc.h"
#include "geo/paths.h"

#define MAX_LIST_BYTES (4 * 1024 * 1024)
#define MAX_NESTING 4 /* text files that name text files */

typedef struct expansion {
    clv_context *ctx;
    const char *what;
    clv_inputs *list;
} expansion;

static clv_status expand_name(expansion *e, const char *name, int depth);

int clv_name_ends(const char *name, const char *ext)
{
    size_t n = strlen(name), m = strlen(ext);
    return n > m + 1 && name[n - m - 1] == '.' && strcasecmp(name + n - m, ext) == 0;
}

const char *clv_name_base(const char *name)
{
    const char *base = name;
    for (const char *c = name; *c; c++)
        if ((*c == '/' || *c == '\\') && c[1])
            base = c + 1;
    return base;
}

static clv_status add(expansion *e, const char *name)
{
    clv_inputs *list = e->list;
    if (list->count == CLV_MAX_INPUTS)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "more than %d %ss; process the series in parts", CLV_MAX_INPUTS,
                        e->what);
    if (list->count == list->capacity) {
        int capacity = list->capacity ? list->capacity * 2 : 16;
        char **names = realloc(list->names, (size_t)capacity * sizeof *names);
        if (!names)
            return clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
        list->names = names;
        list->capacity = capacity;
    }
    if (!(list->names[list->count] = clv_strdup(name)))
        return clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
    list->count++;
    return CLV_OK;
}

/* A name with a driver's prefix (NETCDF:"a.nc":x) or an absolute or virtual path stands for itself. */
static bool stands_alone(const char *name)
{
    if (name[0] == '/' || strncmp(name, "\\\\", 2) == 0)
        return true;
    const char *colon = strchr(name, ':'), *slash = strchr(name, '/');
    return (colon && (!slash || colon < slash)) || !CPLIsFilenameRelative(name);
}

static clv_status expand_line(expansion *e, const char *path, char *line, int number, int depth)
{
    while (*line == ' ' || *line == '\t')
        line++;
    for (size_t n = strlen(line); n > 0 && strchr(" \t\r", line[n - 1]); n--)
        line[n - 1] = 0;
    if (!*line || *line == '#')
        return CLV_OK;
    if (strlen(line) > 4096)
        return clv_fail(e->ctx, CLV_ERROR_FORMAT, "%s: line %d is too long for a file name", path, number);
    if (stands_alone(line))
        return expand_name(e, line, depth + 1);
    char *folder = clv_strdup(path);
    if (!folder)
        return clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
    folder[clv_name_base(path) - path] = 0;
    char *name = clv_format("%s%s", folder, line);
    clv_status status = name ? expand_name(e, name, depth + 1) : clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
    free(name);
    free(folder);
    return status;
}

static clv_status expand_text(expansion *e, const char *path, int depth)
{
    clv_status status = CLV_OK;
    GByte *text = NULL;
    vsi_l_offset size = 0;

    if (depth >= MAX_NESTING)
        return clv_fail(e->ctx, CLV_ERROR_FORMAT, "%s: text files name each other more than %d deep", path,
                        MAX_NESTING);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    int ok = VSIIngestFile(NULL, path, &text, &size, MAX_LIST_BYTES);
    CPLPopErrorHandler();
    if (!ok)
        return clv_fail(e->ctx, CLV_ERROR_OPEN, "%s: cannot be read as a text file that names %ss (at most 4 MB)", path,
                        e->what);
    int before = e->list->count, number = 1;
    if (strlen((const char *)text) != size) {
        status = clv_fail(e->ctx, CLV_ERROR_FORMAT, "%s: is no text file; a list names one %s a line", path, e->what);
        goto cleanup;
    }
    char *line = (char *)text;
    if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3;
    while (line && status == CLV_OK) {
        char *end = strchr(line, '\n');
        if (end)
            *end++ = 0;
        status = expand_line(e, path, line, number++, depth);
        line = end;
    }
    if (status == CLV_OK && e->list->count == before)
        status = clv_fail(e->ctx, CLV_ERROR_FORMAT, "%s: names no %ss; a list names one a line", path, e->what);

cleanup:
    CPLFree(text);
    return status;
}

/* A Sentinel-2 product's folder is opened by its metadata file; any other folder is a mistake. */
static clv_status expand_folder(expansion *e, const char *path)
{
    static const char *const metadata[] = {"MTD_MSIL2A.xml", "MTD_MSIL1C.xml"};
    size_t n = strlen(path);
    const char *slash = n && path[n - 1] == '/' ? "" : "/";
    for (size_t i = 0; i < sizeof metadata / sizeof *metadata; i++) {
        char *name = clv_format("%s%s%s", path, slash, metadata[i]);
        if (!name)
            return clv_fail(e->ctx, CLV_ERROR_MEMORY, "out of memory");
        clv_status status = CLV_OK;
        bool there = clv_path_look(name) == CLV_PATH_FILE;
        if (there)
            status = add(e, name);
        free(name);
        if (there)
            return status;
    }
    return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: is a folder; name its rasters, for example %s%s*.tif", path, path,
                    slash);
}

static clv_status expand_name(expansion *e, const char *name, int depth)
{
    if (!*name)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "an %s has an empty name", e->what);
    if (clv_path_look(name) == CLV_PATH_FOLDER && !clv_name_ends(name, "zarr"))
        return expand_folder(e, name);
    if (clv_name_ends(name, "txt") || clv_name_ends(name, "lst") || clv_name_ends(name, "list"))
        return expand_text(e, name, depth);
    /* Whatever else has no file of that name may still be a name that one of GDAL's drivers knows. */
    return add(e, name);
}

clv_status clv_inputs_expand(clv_context *ctx, const char *const *names, int count, const char *what, clv_inputs *list)
{
    expansion e = {ctx, what, list};
    for (int i = 0; i < count; i++) {
        clv_status status = expand_name(&e, names[i] ? names[i] : "", 0);
        if (status != CLV_OK)
            return status;
    }
    return CLV_OK;
}

void clv_inputs_clear(clv_inputs *list)
{
    for (int i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    *list = (clv_inputs){0};
}
