/* SPDX-License-Identifier: MIT */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* realpath */
#endif
#include "output/conversion.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/temporary.h"
#include "output/zarr_files.h"
#include "products/input_list.h"
#include "raster/gdal_errors.h"
#include "raster/srs.h"
#include "series/series_private.h"

/* ---- The set ---------------------------------------------------------------------------------------- */

/* Whether a folder is a raster of the driver, as those of Zarr are. driver NULL: of any. */
static bool is_dataset(const char *folder, GDALDriverH driver)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDriverH found = GDALIdentifyDriverEx(folder, GDAL_OF_RASTER, NULL, NULL);
    clv_gdal_errors_end(&errors);
    return found && (!driver || found == driver);
}

/* A name is a folder's when it says so, when one is there, or when nothing in it looks like a file's: "clear_v1.2" is
 * none for several outputs, "clear.tif" is one whatever follows. */
static bool means_folder(const char *path, bool several)
{
    size_t length = strlen(path);
    if (clv_path_kind_of(path) == CLV_PATH_STREAM && clv_path_look(path) != CLV_PATH_FOLDER)
        return clv_path_is_stdout(path) ? false : length > 0 && path[length - 1] == '/';
    switch (clv_path_look(path)) {
    case CLV_PATH_FOLDER:
        return path[length - 1] == '/' || !clv_creation_known_extension(clv_path_extension(path)) ||
               !is_dataset(path, NULL);
    case CLV_PATH_NONE:
        return length == 0 || path[length - 1] == '/' || !*clv_path_extension(path) ||
               (several && !clv_creation_any_extension(clv_path_extension(path)));
    default:
        return false;
    }
}

static char **copy_list(const char *const *list)
{
    char **copy = NULL;
    for (int i = 0; list && list[i]; i++)
        copy = CSLAddString(copy, list[i]);
    return copy;
}

static char **lossless_options(const char *const *list)
{
    char **kept = NULL;
    for (int i = 0; list && list[i]; i++)
        if (!clv_creation_is_lossy(list[i]))
            kept = CSLAddString(kept, list[i]);
    return kept;
}

const char *const *clv_outputs_creation(const clv_outputs *set, const clv_writer *writer)
{
    return (const char *const *)(writer->series ? set->creation : set->lossless);
}

clv_status clv_outputs_stream(clv_outputs *set)
{
    /* GDAL's own programs ask for all bands of a block at once, and cannot go back; only plain files can be read so. */
    static const char *const wanted[][2] = {
        {"STREAMABLE_OUTPUT", "YES"}, {"INTERLEAVE", "PIXEL"}, {"COMPRESS", "NONE"}};
    const char *compress = CSLFetchNameValueDef(set->creation, "COMPRESS", "NONE");
    if (!EQUAL(GDALGetDriverShortName(set->driver), "GTiff") || !EQUAL(compress, "NONE"))
        return CLV_OK;
    char ***lists[] = {&set->creation, &set->lossless};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 3; k++) {
            if (!CSLFetchNameValue(*lists[i], wanted[k][0]))
                *lists[i] = CSLSetNameValue(*lists[i], wanted[k][0], wanted[k][1]);
            if (!*lists[i])
                return clv_fail_memory(set->ctx);
        }
    return CLV_OK;
}

/* -mo */
static clv_status take_items(clv_outputs *set, const char *const *items)
{
    for (int i = 0; items && items[i]; i++) {
        const char *equals = strchr(items[i], '=');
        if (!equals || equals == items[i])
            return clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "-mo %s: give it as NAME=VALUE", items[i]);
        char *name = clv_format("%.*s", (int)(equals - items[i]), items[i]);
        set->tags = name ? CSLSetNameValue(set->tags, name, equals + 1) : set->tags;
        free(name);
    }
    return CLV_OK;
}

clv_status clv_outputs_new(clv_context *ctx, const clv_output_options *options, clv_outputs **out)
{
    return clv_outputs_new_for(ctx, options, 1, out);
}

clv_status clv_outputs_new_for(clv_context *ctx, const clv_output_options *options, int outputs, clv_outputs **out)
{
    *out = NULL;
    if (!options->path || !*options->path)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-o: give the folder or file to write");
    if (GDALGetDriverCount() == 0)
        GDALAllRegister();
    clv_outputs *set = calloc(1, sizeof *set);
    if (!set)
        return clv_fail_memory(ctx);
    set->ctx = ctx;
    pthread_mutex_init(&set->lock, NULL);
    set->path = clv_strdup(options->path);
    set->overwrite = options->overwrite;
    set->creation = copy_list(options->creation);
    set->lossless = lossless_options(options->creation);
    set->gtiff = GDALGetDriverByName("GTiff");
    set->no_metadata = options->no_metadata;
    clv_status status = take_items(set, options->metadata);
    if (status == CLV_OK && options->a_srs)
        status = clv_srs_of_option(ctx, "-a_srs", options->a_srs, &set->a_srs);
    if (status == CLV_OK && !set->path)
        status = clv_fail_memory(ctx);
    if (status == CLV_OK) {
        set->folder = means_folder(set->path, outputs > 1);
        bool stream = clv_path_kind_of(set->path) == CLV_PATH_STREAM;
        const char *extension = set->folder ? "" : clv_path_extension(set->path);
        if (stream && !clv_creation_known_extension(extension))
            extension = ""; /* /vsistdout/, /dev/fd/63, a named pipe */
        status = clv_creation_driver(ctx, options->format, extension, &set->driver);
    }
    if (status == CLV_OK)
        status = clv_creation_check(ctx, set->driver, options->creation);
    if (status == CLV_OK && clv_creation_no_sidecars(set->driver))
        clv_warn(ctx, "-of %s: names of bands, dates and other metadata have no place in this format and are left out",
                 GDALGetDriverShortName(set->driver));
    if (status == CLV_OK && clv_path_kind_of(set->path) == CLV_PATH_NATIVE) {
        char *folder = set->folder ? clv_strdup(set->path) : clv_path_folder(set->path);
        status = folder ? clv_folder_check(ctx, folder) : clv_fail_memory(ctx);
        if (status == CLV_OK && clv_path_look(folder) == CLV_PATH_FOLDER)
            clv_temporary_enter(
                ctx, folder); /* outputs of a run that was killed get their names before they are looked at */
        free(folder);
    }
    if (status == CLV_OK)
        *out = set;
    else
        clv_outputs_free(set);
    return status;
}

clv_status clv_outputs_set_target_grid(clv_outputs *set, const clv_output_options *output,
                                       const clv_input_options *input)
{
    clv_status status = clv_target_new(set->ctx, output, input, &set->target);
    if (status == CLV_OK && output->t_srs)
        status = clv_srs_of_option(set->ctx, "-t_srs", output->t_srs, &set->target_srs);
    return status;
}

void clv_temporary_remove(const char *path, bool look_around)
{
    if (!path)
        return;
    VSIUnlink(path);
    for (int i = 0; clv_sidecars[i]; i++) {
        char *sidecar = clv_format("%s%s", path, clv_sidecars[i]);
        if (sidecar && clv_path_look(sidecar) == CLV_PATH_FILE)
            VSIUnlink(sidecar);
        free(sidecar);
    }
    if (!look_around)
        return;
    /* Formats of several files: all begin with the temporary name, which nobody else uses. */
    char *folder = clv_path_folder(path);
    const char *name = clv_path_name(path), *extension = clv_path_extension(path);
    size_t stem = strlen(name) - (*extension ? strlen(extension) + 1 : 0);
    char **found = folder ? VSIReadDir(folder) : NULL;
    for (int i = 0; found && found[i]; i++)
        if (strncmp(found[i], name, stem) == 0) {
            char *file = clv_path_join(folder, found[i]);
            if (file)
                VSIUnlink(file);
            free(file);
        }
    CSLDestroy(found);
    free(folder);
}

static void abandon_item(clv_item *item)
{
    /* Unlinked first: closing may still write what is buffered, and nobody shall see that. */
    clv_temporary_remove(item->temporary, false);
    clv_writer_abandon(item->writer);
    clv_temporary_remove(item->temporary, true);
    if (item->staged)
        clv_temporary_remove_folder(item->staged);
    clv_unfinished_done(item->guard);
    clv_unfinished_done(item->staged_guard);
    for (int i = 0; item->files && item->files[i]; i++)
        if (item->file_guards && item->file_guards[i])
            clv_unfinished_done(item->file_guards[i]);
    item->guard = item->staged_guard = NULL;
    free(item->file_guards);
    item->file_guards = NULL;
}

void clv_outputs_abandon(clv_outputs *set)
{
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    for (int i = 0; i < set->count; i++)
        abandon_item(set->items[i]);
    for (int i = CSLCount(set->made_folders) - 1; i >= 0; i--)
        clv_folder_unmake(set->made_folders[i], set->made_tops[i]);
    clv_gdal_errors_end(&errors);
    CSLDestroy(set->made_folders);
    CSLDestroy(set->made_tops);
    set->made_folders = set->made_tops = NULL;
}

void clv_outputs_unlink_temporaries(clv_outputs *set)
{
    bool all = true;
    for (int i = 0; i < set->count; i++) {
        clv_item *item = set->items[i];
        bool hidden = clv_path_kind_of(item->temporary) == CLV_PATH_NATIVE && VSIUnlink(item->temporary) == 0;
        if (hidden) {
            clv_unfinished_done(item->guard);
            item->guard = NULL;
        }
        all &= hidden;
    }
    for (int i = CSLCount(set->made_folders) - 1; all && i >= 0; i--)
        clv_folder_unmake(set->made_folders[i], set->made_tops[i]);
}

static void free_item(clv_item *item)
{
    clv_writer_free(item->writer);
    CSLDestroy(item->files);
    free(item->file_guards);
    free(item->path);
    free(item->final);
    free(item->temporary);
    free(item->staged);
    free(item);
}

void clv_outputs_free(clv_outputs *set)
{
    if (!set)
        return;
    if (!set->published)
        clv_outputs_abandon(set);
    for (int i = 0; i < set->count; i++)
        free_item(set->items[i]);
    free(set->items);
    free(set->path);
    free(set->file_stem);
    free(set->file_suffix);
    CSLDestroy(set->creation);
    CSLDestroy(set->lossless);
    CSLDestroy(set->tags);
    clv_target_free(set->target);
    clv_cube_copies_free(set->copies);
    if (set->a_srs)
        OSRDestroySpatialReference(set->a_srs);
    if (set->target_srs)
        OSRDestroySpatialReference(set->target_srs);
    while (set->probes) {
        clv_probe *next = set->probes->next;
        free(set->probes->extension);
        free(set->probes);
        set->probes = next;
    }
    CSLDestroy(set->named);
    CSLDestroy(set->made_folders);
    CSLDestroy(set->made_tops);
    pthread_mutex_destroy(&set->lock);
    free(set);
}

const char *clv_outputs_extension(const clv_outputs *set)
{
    return clv_creation_extension(set->driver);
}

bool clv_outputs_is_folder(const clv_outputs *set)
{
    return set->folder;
}

clv_status clv_outputs_tag(clv_outputs *set, const char *key, const char *value)
{
    pthread_mutex_lock(&set->lock);
    set->tags = CSLSetNameValue(set->tags, key, value);
    for (int i = 0; i < set->count; i++)
        if (set->items[i]->writer && set->items[i]->writer->dataset)
            GDALSetMetadataItem(set->items[i]->writer->dataset, key, value, NULL);
    pthread_mutex_unlock(&set->lock);
    return set->tags ? CLV_OK : clv_fail_memory(set->ctx);
}

int clv_outputs_count(const clv_outputs *set)
{
    return set->count;
}

const char *clv_outputs_path(const clv_outputs *set, int index)
{
    return index >= 0 && index < set->count ? set->items[index]->path : NULL;
}

/* ---- Inputs are never touched ----------------------------------------------------------------------- */

/* Files that GDAL does not list: NETCDF:"file":array behind a VRT. */
static clv_status learn_cubes(clv_outputs *set, const char *vrt)
{
    static const char begin[] = "NETCDF:\"";
    clv_status status = CLV_OK;
    for (const char *p = vrt; p && status == CLV_OK && (p = strstr(p, begin)) != NULL;) {
        p += sizeof begin - 1;
        const char *end = strstr(p, "\":");
        if (!end)
            break;
        char *xml = clv_format("%.*s", (int)(end - p), p), *name = xml ? CPLUnescapeString(xml, NULL, CPLES_XML) : NULL;
        if (!name)
            status = clv_fail_memory(set->ctx);
        clv_input_files_add(set->ctx, name);
        free(xml);
        CPLFree(name);
    }
    return status;
}

static void learn_dataset(clv_outputs *set, GDALDatasetH dataset)
{
    char **files = dataset ? GDALGetFileList(dataset) : NULL;
    for (int i = 0; files && files[i]; i++)
        clv_input_files_add(set->ctx, files[i]);
    CSLDestroy(files);
}

/* A VRT and the files it is made of; other rasters are one file. */
static void learn_file(clv_outputs *set, const char *name)
{
    clv_input_files_add(set->ctx, name);
    if (!EQUAL(clv_path_extension(name), "vrt"))
        return;
    clv_gdal_errors errors;
    clv_gdal_errors_begin(&errors);
    GDALDatasetH dataset = GDALOpenEx(name, GDAL_OF_RASTER, NULL, NULL, NULL);
    learn_dataset(set, dataset);
    if (dataset)
        GDALClose(dataset);
    clv_gdal_errors_end(&errors);
}

/* Every file the series is made of: the names given, and what GDAL says lies behind them (a VRT's sources, bands of a
 * product, sidecars). Those who opened lists, metadata and models have noted them. */
static clv_status learn_inputs(clv_outputs *set, const clv_series *series)
{
    if (!series || set->known == series)
        return CLV_OK;
    clv_status status = CLV_OK;
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        clv_input_files_add(set->ctx, series->acquisitions[t].source);
        /* A const series is enough for the caller; the handle is only asked for names. */
        learn_dataset(set, clv_series_dataset((clv_series *)series, t));
        const clv_date_facts *facts = &series->acquisitions[t].facts;
        status = learn_cubes(set, facts->vrt);
        for (int m = 0; m < facts->mask_count; m++)
            clv_input_files_add(set->ctx, facts->masks[m].name);
    }
    /* Masks and -ref are inputs as well: -masks may not replace what -mask reads. So is what was named and not used. */
    const clv_inputs *lists[] = {&series->private_data->masks, &series->private_data->scls,
                                 &series->private_data->named};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < lists[k]->count; i++)
            learn_file(set, lists[k]->names[i]);
    clv_input_files_add(set->ctx, series->private_data->reference);
    if (status == CLV_OK)
        set->known = series;
    return status;
}

static bool lies_in(const char *path, const char *folder, bool *failed)
{
    if (clv_path_kind_of(path) != CLV_PATH_NATIVE)
        return false;
    char *full = clv_path_absolute(path);
    bool inside = full && clv_path_within(full, folder);
    *failed = *failed || !full;
    free(full);
    return inside;
}

clv_status clv_outputs_check_folder(clv_outputs *set, const char *folder)
{
    char *input = NULL;
    clv_status status = clv_folder_find_input(set->ctx, folder, &input);
    if (input)
        status = clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "%s: holds an input (%s); write somewhere else", folder, input);
    free(input);
    const bool zarr = EQUAL(GDALGetDriverShortName(set->driver), "Zarr") && strncmp(folder, "/vsi", 4) != 0;
    char *foreign = status == CLV_OK && zarr ? clv_zarr_find_foreign(folder) : NULL;
    if (foreign)
        status = clv_fail(set->ctx, CLV_ERROR_EXISTS,
                          "%s: holds a file that is no part of a Zarr (%s); move it away, or write somewhere else",
                          folder, foreign);
    free(foreign);
    return status;
}

/* A mask, overview or metadata of a raster that is gone would count as a part of the new one. */
static clv_status check_sidecars(clv_outputs *set, const char *path)
{
    clv_status status = CLV_OK;
    for (int i = 0; clv_sidecars[i] && status == CLV_OK; i++) {
        char *sidecar = clv_format("%s%s", path, clv_sidecars[i]);
        const bool there =
            sidecar && clv_path_kind_of(sidecar) == CLV_PATH_NATIVE && clv_path_look(sidecar) == CLV_PATH_FILE;
        if (!sidecar)
            status = clv_fail_memory(set->ctx);
        else if (there)
            status = clv_input_files_spare(set->ctx, sidecar);
        if (there && status == CLV_OK && !set->overwrite)
            status = clv_fail(set->ctx, CLV_ERROR_EXISTS,
                              "%s: exists, and would belong to the output; use -overwrite to replace it", sidecar);
        free(sidecar);
    }
    return status;
}

/* Whether the output may be written under this name now. */
static clv_status check_free(clv_outputs *set, const char *path)
{
    clv_status status = clv_input_files_spare(set->ctx, path);
    if (status != CLV_OK)
        return status;
    if (clv_path_kind_of(path) == CLV_PATH_STREAM && (clv_path_is_stdout(path) || strncmp(path, "/vsi", 4) != 0))
        return CLV_OK; /* pipes and devices are there to be written to */
    switch (clv_path_look(path)) {
    case CLV_PATH_NONE:
        return check_sidecars(set, path);
    case CLV_PATH_FILE:
        if (set->overwrite)
            return check_sidecars(set, path);
        return clv_fail(set->ctx, CLV_ERROR_EXISTS, "%s: exists; use -overwrite to replace it", path);
    case CLV_PATH_FOLDER:
        if (is_dataset(path, set->driver) && set->overwrite)
            return clv_outputs_check_folder(set, path);
        if (is_dataset(path, set->driver))
            return clv_fail(set->ctx, CLV_ERROR_EXISTS, "%s: exists; use -overwrite to replace it", path);
        return clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "%s: is a folder, a file was expected", path);
    default:
        return clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "%s: is not a regular file and will not be replaced", path);
    }
}

static char *name_in(const clv_outputs *set, const char *folder, const char *stem, const char *suffix)
{
    const char *extension = clv_outputs_extension(set);
    char *file = clv_format("%s%s%s%s", stem, suffix, *extension ? "." : "", extension);
    char *full = file ? clv_path_join(folder, file) : NULL;
    free(file);
    return full;
}

/* -o FILE: the first output gets that name; companions of another kind (masks beside the picture) lie next to it. */
static clv_status name_beside_file(clv_outputs *set, const char *stem, const char *suffix, char **full)
{
    if (!set->file_stem) {
        set->file_stem = clv_strdup(stem);
        set->file_suffix = clv_strdup(suffix);
        *full = clv_strdup(set->path);
        return CLV_OK;
    }
    if (set->file_suffix && strcmp(set->file_suffix, suffix) == 0)
        return clv_fail(set->ctx, CLV_ERROR_ARGUMENT,
                        "-o %s: is one file, but there are several outputs; give a folder", set->path);
    if (clv_path_kind_of(set->path) == CLV_PATH_STREAM)
        return clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "-o %s: takes one output only; give a folder for more",
                        set->path);
    char *folder = clv_path_folder(set->path);
    *full = folder ? name_in(set, folder, stem, suffix) : NULL;
    free(folder);
    return CLV_OK;
}

clv_status clv_outputs_name(clv_outputs *set, const clv_series *series, const char *stem, const char *suffix,
                            char **path)
{
    *path = NULL;
    suffix = suffix ? suffix : "";
    if (!*stem || strchr(stem, '/'))
        return clv_fail(set->ctx, CLV_ERROR_INTERNAL, "'%s' is not a valid name for an output", stem);
    char *full = NULL;
    pthread_mutex_lock(&set->lock);
    clv_status status = learn_inputs(set, series);
    if (status == CLV_OK && set->copies && !*suffix)
        status = clv_cube_copies_name(set, series, stem, &full);
    else if (status == CLV_OK && set->folder)
        full = name_in(set, set->path, stem, suffix);
    else if (status == CLV_OK)
        status = name_beside_file(set, stem, suffix, &full);
    if (status == CLV_OK && !full)
        status = clv_fail_memory(set->ctx);
    if (status == CLV_OK)
        status = check_free(set, full);
    pthread_mutex_unlock(&set->lock);
    if (status == CLV_OK)
        *path = full;
    else
        free(full);
    return status;
}

clv_status clv_outputs_forbid_input(clv_outputs *set, const clv_series *series, const char *path)
{
    pthread_mutex_lock(&set->lock);
    clv_status status = learn_inputs(set, series);
    if (status == CLV_OK)
        status = clv_input_files_spare(set->ctx, path);
    pthread_mutex_unlock(&set->lock);
    return status;
}

clv_status clv_outputs_forbid_folder(clv_outputs *set, const clv_series *series, const char *option, const char *folder)
{
    char *full = clv_path_absolute(folder), *input = NULL;
    bool failed = !full;
    const char *output = NULL;
    pthread_mutex_lock(&set->lock);
    clv_status status = learn_inputs(set, series);
    if (status == CLV_OK)
        status = clv_folder_find_input(set->ctx, folder, &input);
    if (full && lies_in(set->path, full, &failed))
        output = set->path;
    for (int i = 0; set->named && set->named[i] && full && !output; i++)
        if (lies_in(set->named[i], full, &failed))
            output = set->named[i];
    if (status == CLV_OK && input)
        status = clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "%s %s: holds an input (%s); give a folder of its own", option,
                          folder, input);
    else if (status == CLV_OK && output)
        status = clv_fail(set->ctx, CLV_ERROR_ARGUMENT,
                          "%s %s: outputs are written there too (%s); give a folder of its own, such as %s/report",
                          option, folder, output, folder);
    else if (status == CLV_OK && failed)
        status = clv_fail_memory(set->ctx);
    pthread_mutex_unlock(&set->lock);
    free(input);
    free(full);
    return status;
}

/* ---- Items ------------------------------------------------------------------------------------------ */

static clv_status make_folder(clv_outputs *set, const char *folder)
{
    char *top = NULL;
    clv_status status = clv_folder_make(set->ctx, folder, &top);
    if (top) {
        set->made_folders = CSLAddString(set->made_folders, folder);
        set->made_tops = CSLAddString(set->made_tops, top);
    }
    free(top);
    return status;
}

/* The file behind links: the new file must appear there, on its file system. */
static char *resolve_links(const char *path)
{
    struct stat info;
    if (strncmp(path, "/vsi", 4) == 0 || lstat(path, &info) != 0 || !S_ISLNK(info.st_mode))
        return clv_strdup(path);
    char *target = realpath(path, NULL);
    return target ? target : clv_strdup(path);
}

static clv_status place_item(clv_outputs *set, clv_item *item, const char *extension)
{
    item->stream = clv_path_kind_of(item->path) == CLV_PATH_STREAM;
    item->final = item->stream ? clv_strdup(clv_path_is_stdout(item->path) ? "/vsistdout/" : item->path)
                               : resolve_links(item->path);
    char *folder = NULL;
    if (item->final)
        folder = item->stream ? clv_strdup(clv_temporary_folder()) : clv_path_folder(item->final);
    if (!folder)
        return clv_fail_memory(set->ctx);
    clv_status status = item->stream ? CLV_OK : make_folder(set, folder);
    const char *name = clv_path_name(item->final);
    const char *own = clv_path_extension(name);
    char *stem = clv_format("%.*s", (int)(strlen(name) - (*own ? strlen(own) + 1 : 0)), name);
    if (status == CLV_OK && !stem)
        status = clv_fail_memory(set->ctx);
    if (status == CLV_OK)
        status = clv_temporary_create(set->ctx, folder, *stem ? stem : "stdout", extension, &item->temporary);
    free(stem);
    free(folder);
    struct stat old;
    if (status == CLV_OK && !item->stream && strncmp(item->final, "/vsi", 4) != 0 && stat(item->final, &old) == 0)
        chmod(item->temporary, old.st_mode & 0777); /* what is replaced keeps its permissions */
    return status;
}

clv_status clv_item_rename(clv_outputs *set, clv_item *item, const char *extension)
{
    char *const names[] = {item->path, item->final};
    char *changed[2];
    for (int i = 0; i < 2; i++) {
        const char *old = clv_path_extension(names[i]);
        const int stem = (int)(strlen(names[i]) - (*old ? strlen(old) + 1 : 0));
        changed[i] = clv_format("%.*s%s%s", stem, names[i], *extension ? "." : "", extension);
    }
    clv_status status = changed[0] && changed[1] ? check_free(set, changed[1]) : clv_fail_memory(set->ctx);
    if (status != CLV_OK) {
        free(changed[0]);
        free(changed[1]);
        return status;
    }
    free(item->path);
    free(item->final);
    item->path = changed[0];
    item->final = changed[1];
    return CLV_OK;
}

static clv_status reserve_locked(clv_outputs *set, const char *path, const clv_series *series, const char *extension,
                                 clv_item **out)
{
    clv_status status = learn_inputs(set, series);
    if (status == CLV_OK)
        status = check_free(set, path);
    bool poured = clv_cube_copies_owns(set->copies, path);
    if (status == CLV_OK && !poured && CSLFindStringCaseSensitive(set->named, path) >= 0)
        status = clv_fail(set->ctx, CLV_ERROR_ARGUMENT, "%s: two outputs would have this name", path);
    if (status != CLV_OK)
        return status;
    if (set->count == set->capacity) {
        int capacity = set->capacity ? 2 * set->capacity : 16;
        clv_item **items = realloc(set->items, (size_t)capacity * sizeof(clv_item *));
        if (!items)
            return clv_fail_memory(set->ctx);
        set->items = items;
        set->capacity = capacity;
    }
    clv_item *item = calloc(1, sizeof *item);
    if (!item || !(item->path = clv_strdup(path))) {
        free(item);
        return clv_fail_memory(set->ctx);
    }
    status = place_item(set, item, extension);
    if (status != CLV_OK) {
        free_item(item);
        return status;
    }
    item->poured = poured;
    item->guard = clv_unfinished_add(item->temporary);
    set->named = CSLAddString(set->named, path);
    set->items[set->count++] = item;
    *out = item;
    return CLV_OK;
}

clv_status clv_outputs_reserve(clv_outputs *set, const char *path, const clv_series *series, const char *extension,
                               clv_item **out)
{
    *out = NULL;
    pthread_mutex_lock(&set->lock);
    clv_status status = reserve_locked(set, path, series, extension, out);
    pthread_mutex_unlock(&set->lock);
    return status;
}

clv_status clv_outputs_scratch_folder(clv_outputs *set, char **folder)
{
    const char *wanted = CPLGetConfigOption("CPL_TMPDIR", NULL);
    clv_path_kind kind = clv_path_kind_of(set->path);
    clv_status status = CLV_OK;
    if (wanted && *wanted)
        *folder = clv_strdup(wanted);
    else if (kind == CLV_PATH_STREAM)
        *folder = clv_strdup(clv_temporary_folder());
    else
        *folder = set->folder ? clv_strdup(set->path) : clv_path_folder(set->path);
    if (!*folder)
        return clv_fail_memory(set->ctx);
    if (wanted && *wanted) { /* the user's: a misspelled one is not made */
        if (strncmp(wanted, "/vsi", 4) != 0 && clv_path_look(wanted) != CLV_PATH_FOLDER)
            status =
                clv_fail(set->ctx, CLV_ERROR_WRITE, "CPL_TMPDIR %s: is no folder; make it, or name another", wanted);
    } else {
        pthread_mutex_lock(&set->lock);
        status = make_folder(set, *folder);
        pthread_mutex_unlock(&set->lock);
    }
    if (status != CLV_OK) {
        free(*folder);
        *folder = NULL;
    }
    return status;
}
