/* SPDX-License-Identifier: MIT */
#include "products/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "products/folder.h"
#include "products/grouping.h"
#include "products/md_array.h"
#include "products/netcdf_stack.h"
#include "products/product_safe.h"
#include "products/stac_collection.h"
#include "raster/paths.h"

#define MAX_LIST_BYTES (4 * 1024 * 1024)
#define MAX_NESTING 4 /* text files that name text files */

typedef struct expansion {
    clv_context *ctx;
    const char *what;
    clv_inputs *list;
    bool whole; /* folders, archives and products are spelled out */
} expansion;

static clv_status expand_name(expansion *e, const char *name, int depth);

static clv_status add(expansion *e, const char *name)
{
    return clv_inputs_add(e->ctx, e->list, name, NULL);
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
        return clv_fail_memory(e->ctx);
    folder[clv_name_base(path) - path] = 0;
    char *name = clv_format("%s%s", folder, line);
    clv_status status = name ? expand_name(e, name, depth + 1) : clv_fail_memory(e->ctx);
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
    clv_input_files_add(e->ctx, path);
    int ok = VSIIngestFile(NULL, path, &text, &size, MAX_LIST_BYTES);
    CPLPopErrorHandler();
    if (!ok)
        return clv_fail(e->ctx, CLV_ERROR_OPEN, "%s: cannot be read as a text file that names %ss (at most 4 MB)", path,
                        e->what);
    int before = e->list->count, number = 1;
    if (strlen((const char *)text) != size) {
        status =
            clv_fail(e->ctx, CLV_ERROR_FORMAT, "%s: is not a text file; a list names one %s a line", path, e->what);
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

/* Dates of a folder or an archive (its /vsizip/ path). shown: what the user called it. */
static clv_status expand_folder(expansion *e, const char *path, const char *shown)
{
    clv_inputs files = {0};
    if (!e->whole) {
        size_t n = strlen(path);
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: is a folder; name its rasters, for example %s%s*.tif", path,
                        path, n && path[n - 1] == '/' ? "" : "/");
    }
    clv_status status = clv_folder_files(e->ctx, path, &files);
    if (status == CLV_OK)
        status = clv_group_files(e->ctx, &files, shown, e->list);
    clv_inputs_clear(&files);
    return status;
}

/* A name that is more than a dataset: *done. */
static clv_status expand_whole(expansion *e, const char *name, clv_path_type type, bool *done)
{
    clv_status status = CLV_OK;
    *done = true;
    if (type == CLV_PATH_FILE && clv_safe_is_metadata(name))
        return clv_folder_product(e->ctx, name, e->list);
    if (type == CLV_PATH_FILE || type == CLV_PATH_FOLDER) {
        clv_bundle *bundle = NULL;
        clv_status opened = clv_netcdf_stack_open(e->ctx, name, &bundle);
        if (bundle || opened != CLV_OK)
            return bundle ? clv_inputs_add(e->ctx, e->list, name, bundle) : opened;
    }
    if (type == CLV_PATH_FILE && (clv_name_ends(name, "json") || clv_name_ends(name, "geojson"))) {
        status = clv_stac_collection_add(e->ctx, name, done, e->list);
        if (*done || status != CLV_OK)
            return status;
    }
    char *archive = type == CLV_PATH_FILE ? clv_archive_folder(name) : NULL;
    if (archive)
        status = expand_folder(e, archive, name);
    else
        *done = false;
    free(archive);
    return status;
}

static clv_status expand_name(expansion *e, const char *name, int depth)
{
    if (!*name)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "an %s has an empty name", e->what);
    clv_path_type type = clv_path_look(name);
    if (type == CLV_PATH_FOLDER && !clv_md_has_name(name))
        return expand_folder(e, name, name);
    if (e->whole) {
        bool done;
        clv_status status = expand_whole(e, name, type, &done);
        if (done)
            return status;
    }
    if (clv_name_ends(name, "txt") || clv_name_ends(name, "lst") || clv_name_ends(name, "list"))
        return expand_text(e, name, depth);
    /* Whatever else has no file of that name may still be a name that one of GDAL's drivers knows. */
    return add(e, name);
}

/* Dates of which one variant of processing is there and another is not: corrections for slopes or angles then look like
 * change. */
static void warn_variants(clv_context *ctx, const clv_inputs *list)
{
    const clv_bundle *first = NULL, *other = NULL;
    int count[2] = {0, 0};
    for (int i = 0; i < list->count; i++) {
        const clv_bundle *b = list->bundles[i];
        if (!b || !b->variant[0])
            continue;
        const size_t n = strcspn(b->variant, " ");
        const bool same = !first || (strcspn(first->variant, " ") == n && strncmp(first->variant, b->variant, n) == 0);
        first = first ? first : b;
        other = other || same ? other : b;
        count[!same]++;
    }
    if (!other)
        return;
    const clv_bundle *rare = count[0] < count[1] ? first : other, *usual = rare == first ? other : first;
    clv_warn(ctx,
             "%s%s: %d of %d dates %s in the variant %.*s and not %.*s, whose reflectances differ; give one variant of "
             "all dates, or leave these out",
             clv_name_base(rare->label), count[0] == 1 || count[1] == 1 ? "" : " and others", count[rare == other],
             count[0] + count[1], count[rare == other] == 1 ? "is" : "are", (int)strcspn(rare->variant, " "),
             rare->variant, (int)strcspn(usual->variant, " "), usual->variant);
}

/* What a series should not be made of without a word. */
static void warn_mixture(clv_context *ctx, const clv_inputs *list)
{
    bool levels[3] = {false};
    char tile[6] = "", other[6] = "";
    for (int i = 0; i < list->count; i++) {
        const clv_bundle *b = list->bundles[i];
        levels[b && b->processing_level ? b->processing_level
                                        : clv_processing_level_of_name(clv_name_base(list->names[i]))] = true;
        if (!b || !b->tile[0])
            continue;
        if (!tile[0])
            memcpy(tile, b->tile, sizeof tile);
        else if (strcmp(tile, b->tile) != 0)
            memcpy(other, b->tile, sizeof other);
    }
    warn_variants(ctx, list);
    if (levels[1] && levels[2])
        clv_warn(ctx, "Level-1C and Level-2A are mixed: haze that only one of them corrects looks like change; "
                      "give one level");
    if (other[0])
        clv_warn(
            ctx,
            "the inputs are of several tiles (%s, %s): they are worked together, over all of them, on the first date's "
            "grid; where dates share little ground, process each tile by itself, or choose the extent with -ref",
            tile, other);
}

clv_status clv_inputs_expand(clv_context *ctx, const char *const *names, int count, const char *what, clv_inputs *list)
{
    clv_inputs files = {0};
    expansion e = {ctx, what, &files, strcmp(what, "input") == 0};
    clv_status status = CLV_OK;
    if (!e.whole)
        e.list = list;
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = expand_name(&e, names[i] ? names[i] : "", 0);
    if (status == CLV_OK && e.whole)
        status = clv_netcdf_stack_join(ctx, &files);
    if (status == CLV_OK && e.whole)
        status = clv_group_files(ctx, &files, "", list);
    if (status == CLV_OK && list->count > CLV_MAX_INPUTS)
        status =
            clv_fail(ctx, CLV_ERROR_ARGUMENT, "more than %d %ss; process the series in parts", CLV_MAX_INPUTS, what);
    if (status == CLV_OK && e.whole)
        warn_mixture(ctx, list);
    clv_inputs_clear(&files);
    return status;
}
