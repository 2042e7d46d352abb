/* SPDX-License-Identifier: MIT */
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE 1 /* GDAL's VSIStatBufL is a struct stat64 */
#endif
#include "pipeline/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <cpl_vsi.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/input_files.h"
#include "base/temporary.h"
#include "base/unfinished.h"
#include "output/mosaic.h"
#include "output/moves.h"
#include "output/writer.h"
#include "pipeline/manifest.h"
#include "pipeline/part_sets.h"
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
    char *tiles;        /* of the sets of parts */
    char **names;       /* CSL: base names of the outputs */
    clv_rect window;    /* pixels of the reference */
    int rows, count;    /* rows of a part in those pixels; parts */
    clv_part_sets sets; /* that were there */
    int set;            /* the number of ours */
    char *file, *text;  /* its manifest: name in tiles, and content when it is complete */
    char *made;         /* uppermost folder that was made for it */
    bool begun;         /* by this run */
    int done;           /* parts that were there */
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
    char *name = clv_part_name(r->set, part);
    char *path = name ? clv_format("%s/%s%s%s", r->tiles, name, *file ? "/" : "", file) : NULL;
    free(name);
    return path;
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
    r->tiles = r->names ? clv_format("%s/%s_tiles", r->folder, r->names[0]) : NULL;
    return r->folder && r->tiles ? CLV_OK : clv_fail_memory(r->ctx);
}

/* No VRT may take the name of an input, and no input may lie in the folder of parts. */
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
        status = clv_outputs_forbid_folder(set, r->series, "-of VRT: the folder of parts", r->tiles);
    clv_outputs_free(set);
    free(folder);
    return status;
}

/* ---- The manifest -------------------------------------------------------------------------------- */

static char *manifest(const parts_run *r, bool complete)
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
                            .options = p->options,
                            .set = r->set,
                            .complete = complete,
                            .outputs = (const char *const *)r->names};
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

/* ---- Which set of parts -------------------------------------------------------------------------- */

static bool is_same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Whether all that the VRT shows are parts of the set: then a run of it that was killed has written the VRT. */
static bool shows_set(const parts_run *r, const char *vrt, int set)
{
    static const char tag[] = "<SourceFilename";
    uint8_t *text = NULL;
    size_t size = 0;
    int sources = 0;
    bool all = clv_read_own_file(NULL, vrt, MAX_JSON, &text, &size) == CLV_OK;
    for (const char *at = (const char *)text; all && (at = strstr(at, tag)) != NULL; sources++) {
        const char *begin = strchr(at, '>'), *end = begin ? strchr(begin, '<') : NULL;
        char *xml = end ? clv_format("%.*s", (int)(end - begin - 1), begin + 1) : NULL;
        char *path = xml ? CPLUnescapeString(xml, NULL, CPLES_XML) : NULL;
        char *full = path && path[0] != '/' ? clv_path_join(r->folder, path) : clv_strdup(path);
        char *part = full ? clv_path_folder(full) : NULL, *above = part ? clv_path_folder(part) : NULL;
        all = above && is_same_folder(above, r->tiles) && clv_part_name_is(clv_path_name(part), set);
        free(above);
        free(part);
        free(full);
        CPLFree(path);
        free(xml);
        at = end ? end : at + strlen(tag);
    }
    free(text);
    return all && sources > 0;
}

/* A VRT, or what would count as a part of it, is replaced with -overwrite only, or when the set's own run has written
 * it before it was killed. *there: how many VRTs there are. */
static clv_status check_vrts(const parts_run *r, int set, int *there)
{
    clv_status status = CLV_OK;
    *there = 0;
    for (int i = 0; r->names[i] && status == CLV_OK; i++) {
        char *vrt = vrt_path(r, r->names[i]);
        if (!vrt)
            return clv_fail_memory(r->ctx);
        const clv_path_type type = clv_path_look(vrt);
        const bool ours = type == CLV_PATH_FILE && set > 0 && shows_set(r, vrt, set);
        *there += type != CLV_PATH_NONE;
        if (type != CLV_PATH_NONE && (!r->p->output->overwrite || type != CLV_PATH_FILE) && !ours)
            status = clv_fail(r->ctx, CLV_ERROR_EXISTS, "%s: exists; use -overwrite to replace it", vrt);
        for (int k = 0; clv_sidecars[k] && type == CLV_PATH_NONE && !r->p->output->overwrite && status == CLV_OK; k++) {
            char *sidecar = clv_format("%s%s", vrt, clv_sidecars[k]);
            if (sidecar && clv_path_look(sidecar) != CLV_PATH_NONE)
                status = clv_fail(r->ctx, CLV_ERROR_EXISTS,
                                  "%s: exists, and would belong to the output; use -overwrite to replace it", sidecar);
            free(sidecar);
        }
        free(vrt);
    }
    return status;
}

/* The set that this run goes on with, or would replace by the same again; NULL: none. An unfinished one comes first. */
static const clv_part_set *find_ours(const parts_run *r, const char *wanted)
{
    const clv_part_set *found = NULL;
    for (int i = 0; i < r->sets.count; i++) {
        const clv_part_set *s = &r->sets.list[i];
        if ((!found || found->complete) && clv_manifest_same(s->manifest, wanted))
            found = s;
    }
    return found;
}

static clv_status refuse_others(const parts_run *r)
{
    struct stat info;
    const bool link = lstat(r->tiles, &info) == 0 && S_ISLNK(info.st_mode);
    if (clv_path_look(r->tiles) != CLV_PATH_NONE && clv_path_look(r->tiles) != CLV_PATH_FOLDER)
        return clv_fail(r->ctx, CLV_ERROR_EXISTS, "%s: exists and is not a folder; write somewhere else", r->tiles);
    if (r->sets.damaged)
        return clv_fail(r->ctx, CLV_ERROR_EXISTS,
                        "%s: its " CLV_PARTS_MANIFEST " cannot be read as one of a run in parts; write somewhere else, "
                        "or remove the folder",
                        r->tiles);
    if (r->sets.count == 0 && r->sets.others)
        return clv_fail(r->ctx, CLV_ERROR_EXISTS, "%s: exists and is not a folder of parts; write somewhere else",
                        r->tiles);
    if (link && r->p->output->overwrite && r->sets.count > 0)
        return clv_fail(r->ctx, CLV_ERROR_EXISTS,
                        "%s: is a link, and nothing is replaced through links; remove it or write somewhere else",
                        r->tiles);
    return CLV_OK;
}

static clv_status choose_set(parts_run *r, const char *wanted)
{
    const bool overwrite = r->p->output->overwrite;
    int there = 0, all = CSLCount(r->names);
    clv_status status = clv_part_sets_read(r->ctx, r->tiles, &r->sets);
    const clv_part_set *ours = status == CLV_OK ? find_ours(r, wanted) : NULL;
    if (status == CLV_OK)
        status = check_vrts(r, ours ? ours->number : 0, &there);
    if (status == CLV_OK && ours && ours->complete && !overwrite && there == all) {
        char *vrt = vrt_path(r, r->names[0]);
        status = clv_fail(r->ctx, CLV_ERROR_EXISTS, "%s: exists; use -overwrite to replace it", vrt ? vrt : r->folder);
        free(vrt);
    }
    if (status == CLV_OK)
        status = refuse_others(r);
    if (status == CLV_OK && !ours && !overwrite && r->sets.count > 0)
        status = clv_manifest_check(r->ctx, r->tiles, r->sets.list[0].manifest, wanted);
    if (status != CLV_OK)
        return status;
    const bool goes_on = ours && (!ours->complete || !overwrite);
    r->set = goes_on ? ours->number : clv_part_sets_free_number(r->tiles, &r->sets, r->count);
    r->file = goes_on              ? clv_strdup(ours->file)
              : r->sets.count == 0 ? clv_strdup(CLV_PARTS_MANIFEST)
                                   : clv_format("manifest-%d.json", r->set);
    r->begun = !goes_on;
    return r->file ? CLV_OK : clv_fail_memory(r->ctx);
}

/* Finds out which set is ours, and writes its manifest when it is a new one: from here on a killed run can go on. */
static clv_status claim_tiles(parts_run *r)
{
    char *wanted = manifest(r, false), *path = NULL, *text = NULL;
    clv_status status = wanted ? choose_set(r, wanted) : clv_fail_memory(r->ctx);
    if (status == CLV_OK) {
        path = clv_path_join(r->tiles, r->file);
        text = manifest(r, false);
        r->text = manifest(r, true);
        status = path && text && r->text ? CLV_OK : clv_fail_memory(r->ctx);
    }
    if (status == CLV_OK && r->begun)
        status = clv_folder_make(r->ctx, r->tiles, &r->made);
    if (status == CLV_OK && r->begun)
        status = write_text_file(r->ctx, path, text);
    free(text);
    free(path);
    free(wanted);
    return status;
}

/* A run that has made no part leaves nothing. */
static void give_up(parts_run *r)
{
    char *path = r->begun && r->file ? clv_path_join(r->tiles, r->file) : NULL;
    for (int i = 0; path && i < r->count; i++) {
        char *folder = part_path(r, i, "");
        if (folder)
            clv_part_clean(r->ctx, folder, r->names);
        free(folder);
    }
    if (path)
        VSIUnlink(path);
    if (path && r->made)
        clv_folder_unmake(r->tiles, r->made);
    free(path);
}

/* ---- Strips -------------------------------------------------------------------------------------- */

static clv_status run_part(parts_run *r, int i)
{
    const clv_parts *p = r->p;
    char *folder = part_path(r, i, ""), *json = NULL;
    const clv_input_options whole_input = *p->input;
    const clv_output_options whole_output = *p->output;
    int y = r->window.y + i * r->rows, end = r->window.y + r->window.height;
    const double window[4] = {r->window.x, y, r->window.width, end - y < r->rows ? end - y : r->rows};
    if (!folder)
        return clv_fail_memory(r->ctx);
    clv_part_clean(r->ctx, folder, r->names); /* of a run that was killed */
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
        status = clv_part_seal(r->ctx, folder, r->names, json);
    clv_free(json);
    free(single);
    free(folder);
    return status;
}

static clv_status run_parts(parts_run *r, clv_json **records, double *weights, int *made)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < r->count && status == CLV_OK; i++) {
        char *folder = part_path(r, i, "");
        if (!folder)
            return clv_fail_memory(r->ctx);
        int rest = r->window.height - i * r->rows;
        weights[i] = rest < r->rows ? rest : r->rows;
        records[i] = r->begun ? NULL : clv_part_open(r->ctx, folder, true);
        r->done += records[i] != NULL;
        *made += records[i] != NULL;
        clv_progress_part(r->ctx, (double)i / r->count, (i + 1.0) / r->count);
        status = clv_check_cancel(r->ctx);
        if (status == CLV_OK && !records[i]) {
            status = run_part(r, i);
            *made += status == CLV_OK;
            records[i] = status == CLV_OK ? clv_part_open(r->ctx, folder, false) : NULL;
            if (status == CLV_OK && !records[i])
                status = clv_fail(r->ctx, CLV_ERROR_READ, "%s: its " CLV_PART_RECORD " cannot be read", folder);
        }
        free(folder);
    }
    clv_progress_part(r->ctx, 0, 1);
    return status;
}

/* ---- The whole ----------------------------------------------------------------------------------- */

static bool is_part(const parts_run *r, const char *text)
{
    const size_t n = strlen(r->tiles);
    return strncmp(text, r->tiles, n) == 0 && text[n] == '/';
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

/* The VRT of one output, in hidden. */
static clv_status write_vrt(const parts_run *r, clv_json *const *records, const char *name, const char *hidden,
                            char **parts, bool *written)
{
    int n = 0;
    clv_status status = CLV_OK;
    char *file = clv_format("%s.tif", name);
    for (int i = 0; file && i < r->count && status == CLV_OK; i++)
        if (clv_part_has(records[i], file) && !(parts[n++] = part_path(r, i, file)))
            status = clv_fail_memory(r->ctx);
    if (!file)
        status = clv_fail_memory(r->ctx);
    else if (status == CLV_OK && n > 0)
        status = clv_mosaic_write(r->ctx, hidden, parts, n);
    *written = n > 0;
    for (int i = 0; i < n; i++)
        free(parts[i]);
    free(file);
    return status;
}

/* Files that described the pixels of the VRT that is replaced. */
static clv_status retire_sidecars(const parts_run *r, const char *vrt, clv_moves *moves)
{
    clv_status status = CLV_OK;
    for (int i = 0; clv_sidecars[i] && status == CLV_OK; i++) {
        struct stat info;
        char *sidecar = clv_format("%s%s", vrt, clv_sidecars[i]);
        if (!sidecar)
            status = clv_fail_memory(r->ctx);
        else if (lstat(sidecar, &info) == 0 && S_ISREG(info.st_mode))
            status = clv_moves_retire(moves, sidecar);
        free(sidecar);
    }
    return status;
}

/* Writes the VRT of one output under a hidden name, and plans its renaming. */
static clv_status plan_vrt(const parts_run *r, clv_json *const *records, const char *name, char **parts,
                           clv_moves *moves, char **hidden, clv_unfinished **guard)
{
    bool written = false;
    char *vrt = vrt_path(r, name);
    clv_status status = vrt ? clv_temporary_create(r->ctx, r->folder, name, "vrt", hidden) : clv_fail_memory(r->ctx);
    if (status == CLV_OK) {
        *guard = clv_unfinished_add(*hidden);
        status = write_vrt(r, records, name, *hidden, parts, &written);
    }
    if (status == CLV_OK && written)
        status = clv_moves_add(moves, *hidden, vrt, false);
    if (status == CLV_OK && written)
        status = retire_sidecars(r, vrt, moves);
    free(vrt);
    return status;
}

/* All VRTs are complete before the first gets its name: a full disk shows before. */
static clv_status join_parts(const parts_run *r, clv_json *const *records)
{
    const int count = CSLCount(r->names);
    char **parts = clv_alloc_array((size_t)r->count, 1, sizeof *parts);
    char **hidden = clv_alloc_array((size_t)count, 1, sizeof *hidden);
    clv_unfinished **guards = clv_alloc_array((size_t)count, 1, sizeof *guards);
    clv_moves *moves = clv_moves_new(r->ctx, true); /* what is there has been looked at */
    clv_status status = parts && hidden && guards && moves ? CLV_OK : clv_fail_memory(r->ctx);
    for (int k = 0; k < count && status == CLV_OK; k++)
        status = plan_vrt(r, records, r->names[k], parts, moves, &hidden[k], &guards[k]);
    if (status == CLV_OK)
        status = clv_moves_run(moves);
    clv_moves_free(moves, status == CLV_OK);
    for (int k = 0; hidden && guards && k < count; k++) {
        if (hidden[k])
            VSIUnlink(hidden[k]); /* not there any more where it has its name */
        clv_unfinished_done(guards[k]);
        free(hidden[k]);
    }
    free(guards);
    free(hidden);
    free(parts);
    return status;
}

/* ---- What was replaced --------------------------------------------------------------------------- */

/* Another product of an earlier run, which this one has not made again, still shows its parts. */
static bool is_still_shown(const char *stem, const void *user)
{
    const parts_run *r = user;
    char *vrt = CSLFindStringCaseSensitive(r->names, stem) < 0 ? vrt_path(r, stem) : NULL;
    const bool shown = vrt && clv_path_look(vrt) == CLV_PATH_FILE;
    free(vrt);
    return shown;
}

/* The manifest of a set that has to stay makes room for ours. */
static clv_status move_manifest(const parts_run *r, const clv_part_set *set)
{
    if (strcmp(set->file, CLV_PARTS_MANIFEST) != 0)
        return CLV_OK;
    char *from = clv_path_join(r->tiles, set->file);
    char *to = from ? clv_format("%s/manifest-%d.json", r->tiles, set->number) : NULL;
    clv_status status = to ? CLV_OK : clv_fail_memory(r->ctx);
    if (to && VSIRename(from, to) != 0)
        status = clv_fail(r->ctx, CLV_ERROR_WRITE, "%s: cannot be renamed: %s", from, strerror(errno));
    free(to);
    free(from);
    return status;
}

/* The VRTs show our parts: the others' can go, and our manifest says that all is done. */
static clv_status finish(const parts_run *r)
{
    clv_part_rest rest = {0};
    clv_status status = CLV_OK;
    for (int i = 0; i < r->sets.count && status == CLV_OK; i++) {
        const clv_part_set *set = &r->sets.list[i];
        if (set->number == r->set)
            continue;
        const int kept = rest.kept;
        clv_part_set_remove(r->ctx, r->tiles, set, is_still_shown, r, &rest);
        if (rest.kept > kept)
            status = move_manifest(r, set);
    }
    char *path = clv_path_join(r->tiles, CLV_PARTS_MANIFEST), *own = clv_path_join(r->tiles, r->file);
    if (status == CLV_OK)
        status = path && own ? write_text_file(r->ctx, path, r->text) : clv_fail_memory(r->ctx);
    if (status == CLV_OK && strcmp(path, own) != 0)
        VSIUnlink(own);
    clv_part_sets_tidy(r->tiles);
    if (r->sets.count > 0 && r->begun)
        clv_part_sets_find_foreign(r->tiles, &rest);
    if (rest.foreign == 1)
        clv_warn(r->ctx, "%s: %s is not of this program, or has changed since, and stays", r->tiles, rest.name);
    else if (rest.foreign > 1)
        clv_warn(r->ctx, "%s: %s and %d more are not of this program, or have changed since, and stay", r->tiles,
                 rest.name, rest.foreign - 1);
    free(path);
    free(own);
    return status;
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
    clv_json **records = NULL;
    const clv_json **reports = NULL;
    double *weights = NULL;
    int made = 0;
    clv_status status = check(&r);
    if (status == CLV_OK)
        status = clv_series_open_around(r.ctx, parts->inputs, parts->count, parts->input,
                                        parts->single ? CLV_EXTENT_REFERENCE : CLV_EXTENT_ALL, 0, NULL, &r.series);
    if (status == CLV_OK)
        status = check_series(&r);
    if (status == CLV_OK)
        status = plan(&r);
    if (status == CLV_OK)
        status = name_all(&r);
    if (status == CLV_OK)
        status = spare_inputs(&r);
    if (status == CLV_OK)
        clv_temporary_enter(r.ctx,
                            r.folder); /* VRTs of a run that was killed get their names before they are looked at */
    if (status == CLV_OK)
        status = claim_tiles(&r);
    if (status == CLV_OK)
        clv_report_series(r.ctx, r.series);
    clv_series_free(r.series);
    r.series = NULL;
    if (status == CLV_OK) {
        records = clv_alloc_array((size_t)r.count, 1, sizeof *records);
        reports = clv_alloc_array((size_t)r.count, 1, sizeof *reports);
        weights = clv_alloc_array((size_t)r.count, 1, sizeof *weights);
        status = records && reports && weights ? CLV_OK : clv_fail_memory(r.ctx);
    }
    if (status == CLV_OK)
        status = run_parts(&r, records, weights, &made);
    if (status != CLV_OK && made == 0)
        give_up(&r);
    for (int i = 0; i < r.count && status == CLV_OK; i++)
        reports[i] = clv_json_get(records[i], "report");
    if (status == CLV_OK && r.done > 0)
        clv_note(r.ctx, "%d of %d parts were there already", r.done, r.count);
    char *text = status == CLV_OK ? clv_parts_report(reports, weights, r.count, rename_file, &r) : NULL;
    if (status == CLV_OK && !text)
        status = clv_fail(r.ctx, CLV_ERROR_FORMAT,
                          "%s: its parts were made with different models; use -overwrite to start again", r.tiles);
    if (status == CLV_OK)
        status = join_parts(&r, records);
    if (status == CLV_OK)
        status = finish(&r);
    if (status == CLV_OK)
        status = clv_progress(r.ctx, 1);
    if (status == CLV_OK && json)
        *json = text;
    else
        free(text);
    for (int i = 0; records && i < r.count; i++)
        clv_json_free(records[i]);
    free(records);
    free(reports);
    free(weights);
    free(r.folder);
    free(r.tiles);
    free(r.file);
    free(r.text);
    free(r.made);
    clv_part_sets_clear(&r.sets);
    CSLDestroy(r.names);
    return status;
}
