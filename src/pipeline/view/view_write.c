/* SPDX-License-Identifier: MIT */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* realpath */
#endif
#include "pipeline/view/view_write.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_string.h>
#include <gdal.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "base/file.h"
#include "base/names.h"
#include "base/number.h"
#include "base/options.h"
#include "formats/json.h"
#include "gapfill/methods.h"
#include "pipeline/report.h"
#include "raster/paths.h"

#define EXTENSION "cvrt.json"

typedef struct view_files {
    clv_context *ctx;
    const clv_remove_options *options;
    const clv_series *series;
    const char *const *inputs;
    int count;
    char *folder;             /* absolute */
    char **paths;             /* CSL */
    clv_file_writer **writer; /* one for each path */
} view_files;

bool clv_view_wanted(const clv_output_options *output)
{
    return output->format && EQUAL(output->format, "CLEARVISION");
}

clv_status clv_view_check_options(clv_context *ctx, const clv_remove_options *o)
{
    const clv_input_options *in = &o->input;
    const char *wrong = in->te            ? "-te"
                        : in->projwin     ? "-projwin"
                        : in->srcwin      ? "-srcwin"
                        : o->output.t_srs ? "-t_srs"
                        : o->output.tap   ? "-tap"
                                          : NULL;
    if (!wrong)
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: is not possible with a view; cut or warp the view (gdalwarp)", wrong);
}

/* What a view cannot be. */
static clv_status check(const view_files *v)
{
    const clv_remove_options *o = v->options;
    const char *models[] = {o->model, o->detect.model};
    for (int i = 0; i < 2; i++)
        if (models[i] && (strchr(models[i], '/') || strstr(models[i], ".safetensors")))
            return clv_fail(v->ctx, CLV_ERROR_ARGUMENT,
                            "%s: views take models by name; put the file into a folder of CLEARVISION_MODEL_PATH",
                            models[i]);
    if (o->stack || o->preview || o->report)
        return clv_fail(v->ctx, CLV_ERROR_ARGUMENT, "%s: is not possible with -of CLEARVISION",
                        o->stack     ? "-stack"
                        : o->preview ? "-preview"
                                     : "-report");
    if (o->input.drivers || o->input.open_options || o->input.overview)
        return clv_fail(v->ctx, CLV_ERROR_ARGUMENT, "%s: is not possible with -of CLEARVISION",
                        o->input.drivers        ? "-if"
                        : o->input.open_options ? "-oo"
                                                : "-ovr");
    clv_status status = clv_view_check_options(v->ctx, o);
    if (status != CLV_OK)
        return status;
    for (int i = 0; i < v->count; i++)
        if (EQUALN(v->inputs[i], "CLEARVISION:", 12) || clv_name_ends(v->inputs[i], EXTENSION))
            return clv_fail(v->ctx, CLV_ERROR_ARGUMENT, "%s: a view cannot be an input of a view", v->inputs[i]);
    if (clv_path_kind_of(o->output.path) != CLV_PATH_NATIVE)
        return clv_fail(v->ctx, CLV_ERROR_ARGUMENT, "-o %s: views are written to files of the system", o->output.path);
    return CLV_OK;
}

/* ---- Contents ------------------------------------------------------------------------------------ */

/* /vsizip/a.zip/b.tif names a.zip from the current folder, where a view is hardly opened again. */
static char *absolute_virtual(const char *name)
{
    static const char *const kinds[] = {"/vsizip/", "/vsitar/", "/vsigzip/"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i]);
        if (strncmp(name, kinds[i], n) != 0 || name[n] == '/' || name[n] == '{')
            continue;
        char *folder = CPLGetCurrentDir();
        char *full = folder ? clv_format("%s%s/%s", kinds[i], folder, name + n) : NULL;
        CPLFree(folder);
        return full;
    }
    return clv_strdup(name);
}

/* `full` as seen from `folder`, both from the root without links: "../a.tif". NULL where they share no folder but the
 * root, or out of memory; free(). */
static char *relative_to(const char *folder, const char *full)
{
    size_t shared = 0;
    for (size_t i = 0; folder[i] && folder[i] == full[i]; i++)
        if (full[i] == '/')
            shared = i;
    const size_t n = strlen(folder);
    if (strncmp(folder, full, n) == 0 && full[n] == '/')
        shared = n;
    if (shared == 0)
        return NULL;
    size_t ups = 0;
    for (const char *c = folder + shared; *c; c++)
        ups += *c == '/' && c[1];
    const char *rest = full + shared + 1;
    /* A colon in the first folder's name would make a prefix of it, as in CLEARVISION:. */
    const bool dot = ups == 0 && strchr(rest, ':');
    char *text = malloc(3 * ups + 2 + strlen(rest) + 1), *to = text;
    for (size_t i = 0; text && i < ups; i++)
        to = stpcpy(to, "../");
    if (text)
        sprintf(to, "%s%s", dot ? "./" : "", rest);
    return text;
}

/* A file is named from the view's folder where both lie in a folder that is not the root, so that they can move
 * together; any other by its full path. */
static void write_path(clv_json_writer *w, const view_files *v, const char *name)
{
    if (strcmp(name, "none") == 0) { /* -scl none */
        clv_jw_string(w, name);
        return;
    }
    char *full = clv_path_kind_of(name) == CLV_PATH_NATIVE ? realpath(name, NULL) : NULL;
    char *relative = full ? relative_to(v->folder, full) : NULL;
    if (!full)
        full = absolute_virtual(name);
    clv_jw_string(w, relative ? relative : full ? full : name);
    free(relative);
    free(full);
}

static void write_paths(clv_json_writer *w, const view_files *v, const char *key, const char *const *names)
{
    if (!names || !names[0])
        return;
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (int i = 0; names[i]; i++)
        write_path(w, v, names[i]);
    clv_jw_end(w);
}

static void write_text(clv_json_writer *w, const char *key, const char *value)
{
    if (!value)
        return;
    clv_jw_key(w, key);
    clv_jw_string(w, value);
}

static void write_number(clv_json_writer *w, const char *key, double value, double usual)
{
    if (value == usual || isnan(value))
        return;
    clv_jw_key(w, key);
    clv_jw_number(w, value);
}

static void write_flag(clv_json_writer *w, const char *key, bool value)
{
    if (!value)
        return;
    clv_jw_key(w, key);
    clv_jw_bool(w, true);
}

static void write_list(clv_json_writer *w, const char *key, const char *const *values)
{
    char *text = NULL;
    for (int i = 0; values && values[i]; i++) {
        char *longer = clv_format("%s%s%s", text ? text : "", text ? "," : "", values[i]);
        free(text);
        text = longer;
    }
    write_text(w, key, text);
    free(text);
}

/* One number for all dates, or a list of one each, with "auto" for NaN. */
static void write_numbers(clv_json_writer *w, const char *key, double value, const double *values, int count)
{
    char *text = NULL, number[CLV_NUMBER_SIZE];
    if (count == 0)
        write_number(w, key, value, NAN);
    for (int i = 0; i < count; i++) {
        clv_number_format(values[i], number);
        char *longer = clv_format("%s%s%s", text ? text : "", text ? "," : "", isnan(values[i]) ? "auto" : number);
        free(text);
        text = longer;
    }
    write_text(w, key, text);
    free(text);
}

static void write_bands(clv_json_writer *w, const clv_input_options *input)
{
    char text[64] = "";
    for (int i = 0; i < input->band_count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? "," : "", input->bands[i]);
    write_text(w, "bands", *text ? text : NULL);
}

static void write_input(clv_json_writer *w, const view_files *v, const clv_input_options *input)
{
    write_bands(w, input);
    write_numbers(w, "in_scale", input->in_scale, input->in_scales, input->in_scale_count);
    write_numbers(w, "in_offset", input->in_offset, input->in_offsets, input->in_offset_count);
    write_list(w, "dates", input->dates);
    write_text(w, "srcnodata", input->srcnodata);
    write_text(w, "fill_bands", input->fill_bands);
    if (input->ref) {
        clv_jw_key(w, "ref");
        write_path(w, v, input->ref);
    }
    write_number(w, "tr", input->tr, 0);
    if (input->resampling != CLV_RESAMPLING_BILINEAR)
        write_text(w, "resampling", clv_resampling_name(input->resampling));
    write_paths(w, v, "mask", input->masks);
    write_paths(w, v, "scl", input->scls);
    write_text(w, "mask_mode", input->mask_mode == CLV_MASK_REPLACE ? "replace" : NULL);
}

/* Pixels are a number, as ever; metres a text. */
static void write_dilation(clv_json_writer *w, const clv_detect_settings *detect, const clv_detect_settings *usual)
{
    char text[CLV_NUMBER_SIZE + 1];
    if (clv_dilation_same(detect, usual))
        return;
    clv_dilation_text(detect, text);
    if (detect->dilate >= 0)
        clv_jw_put_integer(w, "dilate", detect->dilate);
    else
        write_text(w, "dilate", text);
}

static char *document(const view_files *v, const char *date, const char *product)
{
    const clv_remove_options *o = v->options;
    clv_remove_options usual;
    clv_json_writer w = {0};
    clv_remove_options_init(&usual);
    clv_jw_object(&w);
    write_text(&w, "type", "clearvision-view");
    clv_jw_key(&w, "inputs");
    clv_jw_array(&w);
    for (int i = 0; i < v->count; i++)
        write_path(&w, v, v->inputs[i]);
    clv_jw_end(&w);
    write_text(&w, "date", date);
    write_text(&w, "product", product);
    write_text(&w, "method", o->method != usual.method ? clv_method_name(o->method) : NULL);
    write_text(&w, "model", o->model);
    write_text(&w, "detect_model", o->detect.model);
    write_number(&w, "window", o->window, usual.window);
    write_number(&w, "threshold", o->detect.threshold, usual.detect.threshold);
    write_number(&w, "shadow_threshold", o->detect.shadow_threshold, usual.detect.shadow_threshold);
    write_dilation(&w, &o->detect, &usual.detect);
    write_text(&w, "haze", o->detect.haze == CLV_HAZE_FILL ? "fill" : NULL);
    write_flag(&w, "no_review", o->detect.no_review);
    write_flag(&w, "full", o->full);
    write_flag(&w, "keep_nodata", o->keep_nodata);
    write_input(&w, v, &o->input);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

/* ---- Files --------------------------------------------------------------------------------------- */

static clv_status add_file(view_files *v, const char *path, const char *date, const char *product)
{
    if (clv_path_look(path) != CLV_PATH_NONE && !v->options->output.overwrite)
        return clv_fail(v->ctx, CLV_ERROR_EXISTS, "%s: exists; use -overwrite to replace it", path);
    if (CSLFindStringCaseSensitive(v->paths, path) >= 0)
        return clv_fail(v->ctx, CLV_ERROR_ARGUMENT, "%s: two views would have this name", path);
    size_t n = (size_t)CSLCount(v->paths);
    clv_file_writer **writers = realloc(v->writer, (n + 1) * sizeof(clv_file_writer *));
    if (!writers)
        return clv_fail_memory(v->ctx);
    v->writer = writers;
    v->writer[n] = NULL;
    v->paths = CSLAddString(v->paths, path);
    clv_status status = clv_file_create(v->ctx, path, &v->writer[n]);
    char *text = status == CLV_OK ? document(v, date, product) : NULL;
    if (status == CLV_OK && !text)
        status = clv_fail_memory(v->ctx);
    if (status == CLV_OK)
        status = clv_file_write(v->writer[n], text, strlen(text));
    if (status == CLV_OK)
        status = clv_file_write(v->writer[n], "\n", 1);
    free(text);
    return status;
}

static clv_status add_date(view_files *v, int t)
{
    static const char *const suffixes[] = {"", "_mask", "_quality"}, *const products[] = {NULL, "mask", "quality"};
    const bool wanted[] = {true, v->options->masks, v->options->quality};
    const clv_acquisition *a = &v->series->acquisitions[t];
    if (a->warped) {
        clv_warn(v->ctx, "%s: lies on another grid than the series: no view of it", a->source);
        return CLV_OK;
    }
    clv_status status = CLV_OK;
    for (int k = 0; k < 3 && status == CLV_OK; k++) {
        if (!wanted[k])
            continue;
        char *path = clv_format("%s/%s%s." EXTENSION, v->folder, a->stem, suffixes[k]);
        status = path ? add_file(v, path, a->stem, products[k]) : clv_fail_memory(v->ctx);
        free(path);
    }
    return status;
}

/* All files are complete before the first appears. */
static clv_status finish(view_files *v, bool keep)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < CSLCount(v->paths); i++) {
        clv_status s = clv_file_finish(v->writer[i], keep && status == CLV_OK);
        status = status == CLV_OK ? s : status;
    }
    return status;
}

static char *report(const view_files *v)
{
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_key(&w, "views");
    clv_jw_array(&w);
    for (int i = 0; i < CSLCount(v->paths); i++)
        clv_jw_string(&w, v->paths[i]);
    clv_jw_end(&w);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

clv_status clv_view_write(clv_removal *removal, const char *const *inputs, int count, char **json)
{
    view_files v = {removal->ctx, removal->options, removal->series, inputs, count, NULL, NULL, NULL};
    const char *path = removal->options->output.path;
    char *folder = NULL, *made = NULL;
    bool one = clv_name_ends(path, EXTENSION);
    clv_status status = check(&v);
    if (status == CLV_OK && !(folder = one ? clv_path_folder(path) : clv_strdup(path)))
        status = clv_fail_memory(v.ctx);
    if (status == CLV_OK)
        status = clv_folder_make(v.ctx, folder, &made);
    if (status == CLV_OK && !(v.folder = realpath(folder, NULL)))
        status = clv_fail(v.ctx, CLV_ERROR_WRITE, "%s: cannot be reached", folder);
    if (status == CLV_OK && one)
        status = add_file(&v, path, NULL, NULL);
    for (int t = 0; t < v.series->dates && status == CLV_OK && !one; t++)
        status = add_date(&v, t);
    clv_status finished = finish(&v, status == CLV_OK);
    status = status == CLV_OK ? finished : status;
    if (status != CLV_OK && made)
        clv_folder_unmake(folder, made);
    if (status == CLV_OK && json)
        *json = report(&v);
    if (status == CLV_OK)
        clv_note(v.ctx, "%d view%s; pixels are computed when they are read%s", CSLCount(v.paths),
                 CSLCount(v.paths) == 1 ? "" : "s",
                 GDALGetDriverByName("CLEARVISION") ? "" : " (install the GDAL plug-in for that)");
    CSLDestroy(v.paths);
    free(v.writer);
    free(v.folder);
    free(folder);
    free(made);
    return status;
}
