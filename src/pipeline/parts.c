/* SPDX-License-Identifier: MIT */
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE 1 /* GDAL's VSIStatBufL is a struct stat64 */
#endif
#include "pipeline/parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/file.h"
#include "output/mosaic.h"
#include "output/writer.h"
#include "pipeline/manifest.h"
#include "pipeline/report.h"
#include "raster/paths.h"
#include "series/stream_copy.h"

#define MAX_PARTS 9999
#define MAX_JSON ((size_t)16 << 20)

typedef struct parts_run {
    const clv_parts *p;
    clv_context *ctx;
    clv_series *series; /* closed before the work begins */
    char *folder;       /* of the VRTs */
    char *tiles;        /* of the strips; with -overwrite a hidden folder until all are there */
    char *final_tiles;  /* its name then */
    char **names;       /* CSL: base names of the outputs */
    clv_rect window;    /* pixels of the reference */
    int rows, count;    /* rows of a strip in those pixels; strips */
    int done;           /* strips that were there */
} parts_run;

bool clv_parts_wanted(const clv_output_options *output)
{
    const char *path = output->path ? output->path : "";
    const char *extension = clv_path_extension(path);
    if (output->format)
        return EQUAL(output->format, "VRT");
    return EQUAL(extension, "vrt") && clv_path_look(path) != CLV_PATH_FOLDER;
}

/* ---- What cannot be done in parts ---------------------------------------------------------------- */

static clv_status check_names(clv_context *ctx, const char *const *names, int count)
{
    for (int i = 0; names && (count < 0 || i < count) && names[i]; i++)
        if (clv_stream_copy_is_stream(names[i]))
            return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                            "-of VRT: %s can be read only once, parts need it again; save it first", names[i]);
    return CLV_OK;
}

static clv_status check(const parts_run *r)
{
    const clv_parts *p = r->p;
    clv_status status = check_names(r->ctx, p->inputs, p->count);
    if (status == CLV_OK)
        status = check_names(r->ctx, p->input->masks, -1);
    if (status == CLV_OK)
        status = check_names(r->ctx, p->input->scls, -1);
    if (status == CLV_OK && (p->output->t_srs || p->output->tap))
        status = clv_fail(r->ctx, CLV_ERROR_ARGUMENT, "%s: is not possible with -of VRT; gdalwarp the VRT",
                          p->output->t_srs ? "-t_srs" : "-tap");
    if (status == CLV_OK && clv_path_kind_of(p->output->path) != CLV_PATH_NATIVE)
        status = clv_fail(r->ctx, CLV_ERROR_ARGUMENT,
                          "-o %s: -of VRT writes a folder of parts; name a folder or file of "
                          "the system",
                          p->output->path);
    return status;
}

static clv_status check_series(const parts_run *r)
{
    for (int t = 0; t < r->series->dates; t++) {
        const clv_acquisition *a = &r->series->acquisitions[t];
        GDALDatasetH dataset = clv_series_dataset(r->series, t);
        if (a->warped)
            return clv_fail(
                r->ctx, CLV_ERROR_UNSUPPORTED,
                "-of VRT: %s lies on another grid than the series and cannot be written in parts; give -tr, "
                "or another format",
                a->source);
        if (!a->grid.has_transform)
            return clv_fail(r->ctx, CLV_ERROR_UNSUPPORTED,
                            "-of VRT: %s has no georeference, its parts could not be put together; give another format",
                            a->source);
        if (dataset && GDALGetRasterCount(dataset) > 0 &&
            GDALGetMaskFlags(GDALGetRasterBand(dataset, 1)) == GMF_PER_DATASET)
            return clv_fail(r->ctx, CLV_ERROR_UNSUPPORTED, "-of VRT: %s has a mask band; give another format",
                            a->source);
    }
    return CLV_OK;
}

/* ---- Names --------------------------------------------------------------------------------------- */

static char *vrt_path(const parts_run *r, const char *name)
{
    return clv_format("%s/%s.vrt", r->folder, name);
}

static char *part_path(const parts_run *r, int part, const char *file)
{
    return clv_format("%s/%04d%s%s", r->tiles, part + 1, *file ? "/" : "", file);
}

static bool is_folder_output(const char *path)
{
    return !EQUAL(clv_path_extension(path), "vrt") || clv_path_look(path) == CLV_PATH_FOLDER;
}

static clv_status name_all(parts_run *r)
{
    const clv_parts *p = r->p;
    const char *path = p->output->path;
    char *stem = NULL;
    if (is_folder_output(path)) {
        r->folder = clv_strdup(path);
        for (size_t n = r->folder ? strlen(r->folder) : 0; n > 1 && r->folder[n - 1] == '/'; n--)
            r->folder[n - 1] = '\0';
    } else {
        r->folder = clv_path_folder(path);
        stem = clv_format("%.*s", (int)(strlen(clv_path_name(path)) - 4), clv_path_name(path));
    }
    bool one = p->single || r->series->dates == 1;
    if (stem && !one) {
        free(stem);
        return clv_fail(r->ctx, CLV_ERROR_ARGUMENT, "-o %s: is one file, but there are several outputs; give a folder",
                        path);
    }
    for (int t = 0; t < r->series->dates; t++)
        for (int k = 0; p->suffixes[k]; k++) {
            const char *date = r->series->acquisitions[t].stem;
            const char *main = stem ? stem : p->single;
            if (k == 0 && main && t > 0)
                continue;
            char *name = k == 0 && main ? clv_format("%s%s", main, stem ? "" : p->suffixes[0])
                                        : clv_format("%s%s", date, p->suffixes[k]);
            r->names = name ? CSLAddString(r->names, name) : r->names;
            free(name);
        }
    free(stem);
    r->final_tiles = r->names ? clv_format("%s/%s_tiles", r->folder, r->names[0]) : NULL;
    char *there_manifest = r->final_tiles ? clv_path_join(r->final_tiles, "manifest.json") : NULL;
    const bool replaces = p->output->overwrite && there_manifest && clv_path_look(there_manifest) == CLV_PATH_FILE;
    free(there_manifest);
    r->tiles = !r->names  ? NULL
               : replaces ? clv_format("%s/.%s_tiles.new", r->folder, r->names[0])
                          : clv_strdup(r->final_tiles);
    clv_status status = r->folder && r->tiles && r->final_tiles ? CLV_OK : clv_fail_memory(r->ctx);
    for (int i = 0; r->names && r->names[i] && status == CLV_OK; i++) {
        char *vrt = vrt_path(r, r->names[i]);
        clv_path_type there = vrt ? clv_path_look(vrt) : CLV_PATH_NONE;
        if (there != CLV_PATH_NONE && (!p->output->overwrite || there != CLV_PATH_FILE))
            status = clv_fail(r->ctx, CLV_ERROR_EXISTS, "%s: exists; use -overwrite to replace it", vrt);
        free(vrt);
    }
    return status;
}

/* No VRT may take the name of an input, and no input may lie in the folder of parts, which is replaced as a whole. */
static clv_status spare_inputs(const parts_run *r)
{
    clv_output_options options = *r->p->output;
    clv_outputs *set = NULL;
    options.format = "GTiff";
    char *folder = clv_format("%s/", r->folder);
    options.path = folder;
    clv_status status = folder ? clv_outputs_new_for(r->ctx, &options, 2, &set) : clv_fail_memory(r->ctx);
    for (int i = 0; status == CLV_OK && r->names[i]; i++) {
        char *vrt = vrt_path(r, r->names[i]);
        status = vrt ? clv_outputs_forbid_input(set, r->series, vrt) : clv_fail_memory(r->ctx);
        free(vrt);
    }
    if (status == CLV_OK)
        status = clv_outputs_forbid_folder(set, r->series, "-of VRT: the folder of parts", r->final_tiles);
    clv_outputs_free(set);
    free(folder);
    return status;
}

/* ---- The manifest -------------------------------------------------------------------------------- */

static char *manifest(const parts_run *r)
{
    const clv_parts *p = r->p;
    clv_manifest_run run = {.command = p->command,
                            .inputs = p->inputs,
                            .count = p->count,
                            .input = p->input,
                            .output = p->output,
                            .detect = p->detect,
                            .compute = p->compute,
                            .series = r->series,
                            .window = r->window,
                            .rows = r->rows,
                            .describe = p->describe,
                            .options = p->options};
    return clv_manifest_write(&run);
}

static clv_status write_text_file(clv_context *ctx, const char *path, const char *text)
{
    clv_file_writer *w = NULL;
    clv_status status = clv_file_create(ctx, path, &w);
    if (status != CLV_OK)
        return status;
    clv_file_write(w, text, strlen(text));
    return clv_file_finish(w, true);
}

/* Whether the parts replace others, which stay until all are there. */
static bool is_hidden(const parts_run *r)
{
    return strcmp(r->tiles, r->final_tiles) != 0;
}

/* Ours are the parts whose manifest says what ours says. */
static clv_status claim_tiles(parts_run *r)
{
    char *path = clv_format("%s/manifest.json", r->tiles), *wanted = manifest(r), *made = NULL;
    uint8_t *found = NULL;
    size_t size = 0;
    clv_status status = path && wanted ? CLV_OK : clv_fail_memory(r->ctx);
    if (status != CLV_OK)
        goto cleanup;
    if (is_hidden(r))
        VSIRmdirRecursive(r->tiles); /* of a run that was killed */
    if (clv_path_look(path) == CLV_PATH_FILE) {
        status = clv_read_file(r->ctx, path, MAX_JSON, &found, &size);
        if (status == CLV_OK)
            status = clv_manifest_check(r->ctx, r->tiles, (const char *)found, size, wanted);
        goto cleanup;
    }
    if (clv_path_look(r->tiles) != CLV_PATH_NONE) {
        char **files = VSIReadDir(r->tiles);
        int others = 0;
        for (int i = 0; files && files[i]; i++)
            others += files[i][0] != '.';
        CSLDestroy(files);
        if (others > 0)
            status = clv_fail(r->ctx, CLV_ERROR_EXISTS, "%s: exists and is not a folder of parts; write somewhere else",
                              r->tiles);
    }
    if (status == CLV_OK)
        status = clv_folder_make(r->ctx, r->tiles, &made);
    if (status == CLV_OK)
        status = write_text_file(r->ctx, path, wanted);

cleanup:
    free(made);
    free(found);
    free(wanted);
    free(path);
    return status;
}

/* ---- Strips -------------------------------------------------------------------------------------- */

static clv_status read_report(clv_context *ctx, const char *path, clv_json **report)
{
    uint8_t *text = NULL;
    size_t size = 0;
    char why[200];
    clv_status status = clv_read_file(ctx, path, MAX_JSON, &text, &size);
    *report = status == CLV_OK ? clv_json_parse((const char *)text, size, why, sizeof why) : NULL;
    free(text);
    if (status == CLV_OK && !*report)
        status = clv_fail(ctx, CLV_ERROR_FORMAT, "%s: %s; remove its folder", path, why);
    return status;
}

static clv_status run_part(parts_run *r, int i, const char *report)
{
    const clv_parts *p = r->p;
    char *folder = part_path(r, i, ""), *json = NULL;
    const clv_input_options whole_input = *p->input;
    const clv_output_options whole_output = *p->output;
    int y = r->window.y + i * r->rows, end = r->window.y + r->window.height;
    const double window[4] = {r->window.x, y, r->window.width, end - y < r->rows ? end - y : r->rows};
    if (!folder)
        return clv_fail_memory(r->ctx);
    VSIRmdirRecursive(folder); /* of a run that was killed */
    char *single = is_folder_output(p->output->path) ? NULL : clv_format("%s/%s.tif", folder, r->names[0]);
    p->input->te = p->input->projwin = NULL;
    p->input->te_srs = p->input->projwin_srs = NULL;
    p->input->srcwin = window;
    p->output->format = "GTiff";
    p->output->path = single ? single : folder;
    p->output->overwrite = false;
    const double whole[4] = {r->window.x, r->window.y, r->window.width, r->window.height};
    clv_mute(r->ctx, true);
    clv_set_whole_window(r->ctx, whole);
    clv_status status = p->run(r->ctx, p->inputs, p->count, p->options, &json);
    clv_set_whole_window(r->ctx, NULL);
    clv_mute(r->ctx, false);
    *p->input = whole_input;
    *p->output = whole_output;
    if (status == CLV_OK && !json)
        status = clv_fail_memory(r->ctx);
    if (status == CLV_OK)
        status = write_text_file(r->ctx, report, json);
    clv_free(json);
    free(single);
    free(folder);
    return status;
}

static clv_status run_parts(parts_run *r, clv_json **reports, double *weights)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < r->count && status == CLV_OK; i++) {
        char *report = part_path(r, i, "report.json");
        if (!report)
            return clv_fail_memory(r->ctx);
        int rest = r->window.height - i * r->rows;
        weights[i] = rest < r->rows ? rest : r->rows;
        bool there = clv_path_look(report) == CLV_PATH_FILE;
        r->done += there;
        clv_progress_part(r->ctx, (double)i / r->count, (i + 1.0) / r->count);
        if (!there)
            status = run_part(r, i, report);
        if (status == CLV_OK)
            status = read_report(r->ctx, report, &reports[i]);
        free(report);
    }
    clv_progress_part(r->ctx, 0, 1);
    return status;
}

/* ---- The whole ----------------------------------------------------------------------------------- */

/* The folder of parts and the file's name in it: reports of replaced parts name the hidden folder. */
static bool is_part(const parts_run *r, const char *text)
{
    const char *name = clv_path_name(r->final_tiles);
    const size_t folder = strlen(r->folder), stem = strlen(name);
    if (strncmp(text, r->folder, folder) != 0 || text[folder] != '/')
        return false;
    const bool hidden = text[folder + 1] == '.';
    const char *own = text + folder + 1 + hidden;
    return strncmp(own, name, stem) == 0 && strncmp(own + stem, hidden ? ".new/" : "/", hidden ? 5 : 1) == 0;
}

/* A part's file becomes its VRT; other texts stay. free() */
static char *rename_file(const char *text, void *user)
{
    const parts_run *r = user;
    if (!is_part(r, text))
        return clv_strdup(text);
    const char *name = clv_path_name(text);
    char *stem = clv_format("%.*s", (int)(strlen(name) - strlen(clv_path_extension(name)) - 1), name);
    char *vrt = stem ? vrt_path(r, stem) : NULL;
    free(stem);
    return vrt;
}

static clv_status join_parts(const parts_run *r)
{
    clv_status status = CLV_OK;
    char **parts = clv_alloc_array((size_t)r->count, 1, sizeof *parts);
    if (!parts)
        return clv_fail_memory(r->ctx);
    for (int k = 0; r->names[k] && status == CLV_OK; k++) {
        int n = 0;
        char *file = clv_format("%s.tif", r->names[k]), *vrt = vrt_path(r, r->names[k]);
        for (int i = 0; file && i < r->count; i++) {
            char *path = part_path(r, i, file);
            if (path && clv_path_look(path) == CLV_PATH_FILE)
                parts[n++] = path;
            else
                free(path);
        }
        if (!file || !vrt)
            status = clv_fail_memory(r->ctx);
        else if (n > 0)
            status = clv_mosaic_write(r->ctx, vrt, parts, n);
        for (int i = 0; i < n; i++)
            free(parts[i]);
        free(file);
        free(vrt);
    }
    free(parts);
    return status;
}

/* The complete parts take the place of the old ones, which *aside then names until the VRTs are written. */
static clv_status take_place(parts_run *r, char **aside)
{
    *aside = NULL;
    if (!is_hidden(r))
        return CLV_OK;
    char *old = clv_format("%s/.%s.old", r->folder, clv_path_name(r->final_tiles)), *name = clv_strdup(r->final_tiles);
    if (!old || !name) {
        free(old);
        free(name);
        return clv_fail_memory(r->ctx);
    }
    VSIRmdirRecursive(old);
    if (VSIRename(r->final_tiles, old) != 0 || VSIRename(r->tiles, r->final_tiles) != 0) {
        if (clv_path_look(r->final_tiles) == CLV_PATH_NONE)
            VSIRename(old, r->final_tiles);
        free(old);
        free(name);
        return clv_fail(r->ctx, CLV_ERROR_WRITE, "%s: cannot get its name", r->final_tiles);
    }
    free(r->tiles);
    r->tiles = name;
    *aside = old;
    return CLV_OK;
}

static void end_replacing(parts_run *r, char *aside, clv_status status)
{
    if (aside && status == CLV_OK) {
        VSIRmdirRecursive(aside);
    } else if (aside) {
        VSIRmdirRecursive(r->final_tiles);
        VSIRename(aside, r->final_tiles);
    } else if (r->tiles && is_hidden(r)) {
        VSIRmdirRecursive(r->tiles);
    }
    free(aside);
}

static clv_status plan(parts_run *r)
{
    const char *text = CPLGetConfigOption("CLEARVISION_PART_ROWS", NULL);
    int rows = text ? atoi(text) : CLV_PART_ROWS;
    if (rows < 1 || rows > 1000000)
        return clv_fail(r->ctx, CLV_ERROR_ARGUMENT, "CLEARVISION_PART_ROWS=%s: give a number of rows", text);
    r->window = r->series->window;
    r->rows = rows * r->series->window_factor;
    r->count = (r->window.height + r->rows - 1) / r->rows;
    if (r->count > MAX_PARTS)
        return clv_fail(r->ctx, CLV_ERROR_ARGUMENT, "CLEARVISION_PART_ROWS=%s: makes %d parts, at most %d are possible",
                        text, r->count, MAX_PARTS);
    return CLV_OK;
}

clv_status clv_parts_run(const clv_parts *parts, char **json)
{
    parts_run r = {.p = parts, .ctx = parts->ctx};
    clv_json **reports = NULL;
    double *weights = NULL;
    clv_status status = check(&r);
    if (status == CLV_OK)
        status = clv_series_open_around(r.ctx, parts->inputs, parts->count, parts->input,
                                        parts->single ? CLV_EXTENT_REFERENCE : CLV_EXTENT_ALL, 0, &r.series);
    if (status == CLV_OK)
        status = check_series(&r);
    if (status == CLV_OK)
        status = plan(&r);
    if (status == CLV_OK)
        status = name_all(&r);
    if (status == CLV_OK)
        status = spare_inputs(&r);
    if (status == CLV_OK)
        status = claim_tiles(&r);
    if (status == CLV_OK)
        clv_report_series(r.ctx, r.series);
    clv_series_free(r.series);
    r.series = NULL;
    if (status == CLV_OK) {
        reports = clv_alloc_array((size_t)r.count, 1, sizeof *reports);
        weights = clv_alloc_array((size_t)r.count, 1, sizeof *weights);
        status = reports && weights ? CLV_OK : clv_fail_memory(r.ctx);
    }
    if (status == CLV_OK)
        status = run_parts(&r, reports, weights);
    if (status == CLV_OK && r.done > 0)
        clv_note(r.ctx, "%d of %d parts were there already", r.done, r.count);
    char *text =
        status == CLV_OK ? clv_parts_report((const clv_json *const *)reports, weights, r.count, rename_file, &r) : NULL;
    if (status == CLV_OK && !text)
        status = clv_fail(r.ctx, CLV_ERROR_FORMAT,
                          "%s: its parts were made with different models; use -overwrite to start again", r.tiles);
    char *aside = NULL;
    if (status == CLV_OK)
        status = take_place(&r, &aside);
    if (status == CLV_OK)
        status = join_parts(&r);
    end_replacing(&r, aside, status);
    if (status == CLV_OK)
        status = clv_progress(r.ctx, 1);
    if (status == CLV_OK && json)
        *json = text;
    else
        free(text);
    for (int i = 0; reports && i < r.count; i++)
        clv_json_free(reports[i]);
    free(reports);
    free(weights);
    free(r.folder);
    free(r.tiles);
    free(r.final_tiles);
    CSLDestroy(r.names);
    return status;
}
