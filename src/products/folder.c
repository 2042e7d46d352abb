/* SPDX-License-Identifier: MIT */
#include "products/folder.h"

#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/input_list.h"
#include "products/netcdf_stack.h"
#include "products/product_safe.h"
#include "raster/gdal_errors.h"
#include "raster/open_options.h"
#include "raster/paths.h"
#include "sentinel2/archive_names.h"
#include "sentinel2/band_file.h"

#define MAX_DEPTH 12      /* tiles/32/T/QR/2023/4/13/0/R10m, and what such trees are put into */
#define MAX_ENTRIES 20000 /* of one folder */

static clv_status search(clv_context *ctx, const char *folder, int depth, clv_inputs *list);

clv_status clv_folder_product(clv_context *ctx, const char *metadata, clv_inputs *list)
{
    clv_bundle *bundle = NULL;
    clv_status status = clv_safe_open(ctx, metadata, &bundle);
    if (status == CLV_OK)
        status = clv_inputs_add(ctx, list, bundle ? bundle->label : metadata, bundle);
    return status;
}

char *clv_archive_folder(const char *name)
{
    if (!clv_name_ends(name, "zip") && !clv_name_ends(name, "tar") && !clv_name_ends(name, "tgz") &&
        !clv_name_ends(name, "tar.gz"))
        return NULL;
    if (strncmp(name, "/vsizip/", 8) == 0 || strncmp(name, "/vsitar/", 8) == 0)
        return clv_strdup(name);
    return clv_format("/%s/%s", clv_name_ends(name, "zip") ? "vsizip" : "vsitar", name);
}

static bool is_raster_name(const char *name)
{
    static const char *const extensions[] = {"tif", "tiff", "jp2", "vrt", "npz", "nc", "nc4", "img"};
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (clv_name_ends(name, extensions[i]))
            return true;
    return false;
}

/* A plain name of one entry, not hidden. Folders inside archives may come with a slash at their end. */
static bool is_plain(const char *name)
{
    return *name && name[0] != '.' && !strchr(name, '/') && !strchr(name, '\\');
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static clv_status read_folder(clv_context *ctx, const char *folder, char ***entries)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    *entries = VSIReadDirEx(folder, MAX_ENTRIES + 1);
    clv_gdal_errors_end(&errors);
    int n = CSLCount(*entries);
    if (n == 0)
        return clv_path_look(folder) == CLV_PATH_FOLDER
                   ? CLV_OK
                   : clv_fail(ctx, CLV_ERROR_OPEN, "%s: cannot be read as a folder or an archive", folder);
    for (int i = 0; i < n; i++) { /* "a/" is "a" */
        size_t length = strlen((*entries)[i]);
        if (length > 1 && (*entries)[i][length - 1] == '/')
            (*entries)[i][length - 1] = 0;
    }
    qsort(*entries, (size_t)n, sizeof **entries, by_name);
    if (n > MAX_ENTRIES)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%s: more than %d files; name those of the series", folder,
                        MAX_ENTRIES);
    return CLV_OK;
}

/* Fewer bands than a date has: an index, a count, angles. What cannot be opened is not known to be that. */
static bool has_few_bands(const char *path)
{
    clv_context *quiet = clv_context_new();
    GDALDatasetH ds;
    bool few = false;
    if (quiet && !clv_name_ends(path, "nc") && !clv_name_ends(path, "npz") &&
        clv_raster_open(quiet, path, NULL, &ds) == CLV_OK) {
        few = GDALGetRasterCount(ds) < 3;
        GDALClose(ds);
    }
    clv_context_free(quiet);
    return few;
}

/* A product that lies in the folder, or a raster file; *took: that it was one of them and tells of a date. */
static clv_status take_entry(clv_context *ctx, const char *path, int depth, clv_inputs *list, bool *took)
{
    clv_status status = CLV_OK;
    const char *name = clv_name_base(path);
    bool product = clv_name_ends(name, "SAFE") && clv_path_look(path) == CLV_PATH_FOLDER;
    if (product) {
        *took = true;
        return search(ctx, path, depth + 1, list);
    }
    if (clv_archive_is_product(name)) {
        char *inside = clv_archive_folder(path);
        *took = true;
        status = inside ? search(ctx, inside, depth + 1, list) : clv_fail_memory(ctx);
        free(inside);
        return status;
    }
    const clv_path_type type = clv_path_look(path);
    bool zarr = clv_name_ends(name, "zarr") && type == CLV_PATH_FOLDER;
    if (!zarr && (!is_raster_name(name) || type == CLV_PATH_FOLDER))
        return CLV_OK;
    if (type == CLV_PATH_OTHER) { /* reading a pipe would wait for who writes into it */
        clv_warn(ctx, "%s: is no file (a pipe, a device or a link that leads nowhere): left out", path);
        return CLV_OK;
    }
    clv_band_file f;
    clv_band_file_read(name, &f);
    *took = *took || f.kind == CLV_FILE_BAND || f.kind == CLV_FILE_TILE ||
            (f.kind == CLV_FILE_RASTER && !has_few_bands(path));
    clv_bundle *bundle = NULL;
    status = clv_netcdf_stack_open(ctx, path, &bundle);
    return status == CLV_OK ? clv_inputs_add(ctx, list, path, bundle) : status;
}

/* Folders that belong to the rasters beside them: Theia's masks, Sen2Like's bands of their native resolution. */
static bool is_companion(const char *name)
{
    return strcmp(name, "MASKS") == 0 || strcmp(name, "NATIVE") == 0;
}

static clv_status search(clv_context *ctx, const char *folder, int depth, clv_inputs *list)
{
    char **entries = NULL;
    bool took = false;
    clv_status status = clv_check_cancel(ctx);
    char *metadata = status == CLV_OK ? clv_safe_metadata_of(folder) : NULL;
    if (metadata) {
        status = clv_folder_product(ctx, metadata, list);
        free(metadata);
        return status;
    }
    if (status == CLV_OK)
        status = read_folder(ctx, folder, &entries);
    /* First what lies in the folder itself, then, if nothing does, its folders. */
    for (int pass = 0; pass < 2 && status == CLV_OK; pass++) {
        for (int i = 0; entries && entries[i] && status == CLV_OK; i++) {
            if (!is_plain(entries[i]))
                continue;
            char *path = clv_path_join(folder, entries[i]);
            if (!path)
                status = clv_fail_memory(ctx);
            else if (pass == 0)
                status = take_entry(ctx, path, depth, list, &took);
            else if ((!took || is_companion(entries[i])) && clv_path_look(path) == CLV_PATH_FOLDER)
                status = search(ctx, path, depth + 1, list);
            free(path);
        }
        if (depth >= MAX_DEPTH)
            break;
    }
    if (status == CLV_OK && depth == 0 && !took && clv_name_ends(folder, "SAFE") && list->count == 0)
        status = clv_fail(ctx, CLV_ERROR_OPEN, "%s: has no MTD_MSIL1C.xml or MTD_MSIL2A.xml and no band files", folder);
    CSLDestroy(entries);
    return status;
}

clv_status clv_folder_files(clv_context *ctx, const char *folder, clv_inputs *list)
{
    return search(ctx, folder, 0, list);
}
