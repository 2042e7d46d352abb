/* SPDX-License-Identifier: MIT */
#ifndef _LARGEFILE64_SOURCE
#define _LARGEFILE64_SOURCE 1 /* GDAL's VSIStatBufL is a struct stat64 */
#endif
#include "pipeline/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal.h>

#include "base/dilation.h"
#include "base/options.h"

/* ---- Writing ------------------------------------------------------------------------------------- */

static void write_file(clv_json_writer *w, const char *name)
{
    VSIStatBufL info;
    bool there = VSIStatL(name, &info) == 0;
    clv_jw_array(w);
    clv_jw_string(w, name);
    clv_jw_integer(w, there ? (int64_t)info.st_size : -1);
    clv_jw_integer(w, there ? (int64_t)info.st_mtime : -1);
    clv_jw_end(w);
}

static void write_files(clv_json_writer *w, const char *key, const char *const *names, int count)
{
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (int i = 0; names && (count < 0 || i < count) && names[i]; i++)
        write_file(w, names[i]);
    clv_jw_end(w);
}

/* What lies behind names of lists, VRTs and products. */
static void write_sources(clv_json_writer *w, clv_series *series)
{
    clv_jw_key(w, "files");
    clv_jw_array(w);
    for (int t = 0; t < series->dates; t++) {
        GDALDatasetH dataset = clv_series_dataset(series, t);
        char **files = dataset ? GDALGetFileList(dataset) : NULL;
        write_file(w, series->acquisitions[t].source);
        for (int i = 0; files && files[i]; i++)
            write_file(w, files[i]);
        CSLDestroy(files);
    }
    clv_jw_end(w);
}

static void write_list(clv_json_writer *w, const char *key, const char *const *values)
{
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (int i = 0; values && values[i]; i++)
        clv_jw_string(w, values[i]);
    clv_jw_end(w);
}

/* Not there without numbers: older manifests have none. */
static void write_numbers(clv_json_writer *w, const char *key, const double *values, int count)
{
    if (count == 0)
        return;
    clv_jw_key(w, key);
    clv_jw_array(w);
    for (int i = 0; i < count; i++)
        clv_jw_number(w, values[i]);
    clv_jw_end(w);
}

static void write_input(clv_json_writer *w, const clv_input_options *in)
{
    write_files(w, "masks", in->masks, -1);
    write_files(w, "scls", in->scls, -1);
    write_files(w, "ref", in->ref ? (const char *const[]){in->ref} : NULL, 1);
    clv_jw_key(w, "bands");
    clv_jw_array(w);
    for (int i = 0; i < in->band_count; i++)
        clv_jw_integer(w, in->bands[i]);
    clv_jw_end(w);
    write_list(w, "dates", in->dates);
    clv_jw_put_number(w, "in_scale", in->in_scale);
    clv_jw_put_number(w, "in_offset", in->in_offset);
    write_numbers(w, "in_scales", in->in_scales, in->in_scale_count);
    write_numbers(w, "in_offsets", in->in_offsets, in->in_offset_count);
    clv_jw_put_string(w, "srcnodata", in->srcnodata);
    if (in->fill_bands)
        clv_jw_put_string(w, "fill_bands", in->fill_bands);
    clv_jw_put_number(w, "tr", in->tr);
    clv_jw_put_string(w, "r", clv_resampling_name(in->resampling));
    clv_jw_put_integer(w, "mask_mode", in->mask_mode);
    write_list(w, "if", in->drivers);
    write_list(w, "oo", in->open_options);
    clv_jw_put_string(w, "ovr", in->overview);
}

static void write_output(clv_json_writer *w, const clv_output_options *output)
{
    write_list(w, "co", output->creation);
    write_list(w, "mo", output->metadata);
    clv_jw_put_bool(w, "nomd", output->no_metadata);
    clv_jw_put_string(w, "a_srs", output->a_srs);
}

static void write_extent(clv_json_writer *w, const clv_manifest_run *run)
{
    clv_jw_key(w, "extent");
    clv_jw_object(w);
    clv_jw_put_integer(w, "x", run->window.x);
    clv_jw_put_integer(w, "y", run->window.y);
    clv_jw_put_integer(w, "width", run->window.width);
    clv_jw_put_integer(w, "height", run->window.height);
    clv_jw_end(w);
    clv_jw_put_integer(w, "part_rows", run->rows);
}

static void write_stage1(clv_json_writer *w, const clv_grid *grid, const clv_detect_settings *detect,
                         const clv_compute_options *compute)
{
    clv_jw_put_string(w, "detect_model", detect->model);
    clv_jw_put_number(w, "threshold", detect->threshold);
    clv_jw_put_number(w, "shadow_threshold", detect->shadow_threshold);
    clv_jw_put_integer(w, "dilate", clv_dilation_pixels(detect, grid->pixel_m));
    clv_jw_put_string(w, "haze", detect->haze == CLV_HAZE_KEEP ? "keep" : "fill");
    clv_jw_put_bool(w, "no_review", detect->no_review);
    char device[24];
    clv_jw_put_string(w, "device", clv_device_name(compute, device));
    clv_jw_put_string(w, "precision", clv_precision_name(compute->precision));
}

char *clv_manifest_write(const clv_manifest_run *run)
{
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_string(&w, "clearvision", clv_version());
    clv_jw_put_string(&w, "command", run->command);
    write_files(&w, "inputs", run->inputs, run->count);
    write_sources(&w, run->series);
    write_input(&w, run->input);
    write_output(&w, run->output);
    write_extent(&w, run);
    write_stage1(&w, &run->series->grid, run->detect, run->compute);
    run->describe(&w, run->options);
    clv_jw_key(&w, "parts");
    clv_jw_object(&w);
    clv_jw_put_integer(&w, "set", run->set);
    clv_jw_put_bool(&w, "complete", run->complete);
    write_list(&w, "outputs", run->outputs);
    clv_jw_end(&w);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

/* ---- Comparing ----------------------------------------------------------------------------------- */

static bool same(const clv_json *a, const clv_json *b)
{
    clv_json_type kind = clv_json_kind(a);
    if (!a || !b || kind != clv_json_kind(b) || clv_json_count(a) != clv_json_count(b))
        return false;
    if (kind == CLV_JSON_STRING)
        return strcmp(clv_json_string(a, ""), clv_json_string(b, "")) == 0;
    if (kind == CLV_JSON_NUMBER)
        return clv_json_number(a, 0) == clv_json_number(b, 0);
    if (kind == CLV_JSON_BOOL)
        return clv_json_bool(a, false) == clv_json_bool(b, false);
    for (int i = 0; i < clv_json_count(a); i++) {
        const clv_json *other = kind == CLV_JSON_OBJECT ? clv_json_get(b, clv_json_key_at(a, i)) : clv_json_at(b, i);
        if (!same(clv_json_at(a, i), other))
            return false;
    }
    return true;
}

/* The names of the members of one that other lacks or, unless lacking is set, has otherwise. */
static void list_differences(const clv_json *one, const clv_json *other, bool lacking, char *list, size_t size)
{
    for (int i = 0; i < clv_json_count(one); i++) {
        const char *key = clv_json_key_at(one, i);
        if (strcmp(key, "parts") == 0) /* how far it is, not what it is */
            continue;
        const clv_json *value = clv_json_get(other, key);
        size_t used = strlen(list);
        if (lacking ? !value : !same(clv_json_at(one, i), value))
            snprintf(list + used, size - used, "%s%s", used ? ", " : "", key);
    }
}

/* Version 0.1.0 first had the numbers of a command in a list without names. */
static bool of_other_version(const clv_json *theirs, const clv_json *ours)
{
    return clv_json_kind(clv_json_get(theirs, "settings")) == CLV_JSON_ARRAY ||
           !same(clv_json_get(theirs, "clearvision"), clv_json_get(ours, "clearvision"));
}

clv_status clv_manifest_check(clv_context *ctx, const char *folder, const clv_json *theirs, const char *wanted)
{
    char why[200], list[300] = "";
    clv_json *ours = clv_json_parse(wanted, strlen(wanted), why, sizeof why);
    clv_status status = CLV_OK;
    if (!ours) {
        status = clv_fail_memory(ctx);
    } else if (of_other_version(theirs, ours)) {
        status = clv_fail(ctx, CLV_ERROR_EXISTS,
                          "%s: holds parts of a run of another version of clearvision; finish it with that version, "
                          "write somewhere else, or use -overwrite to begin anew",
                          folder);
    } else {
        list_differences(ours, theirs, false, list, sizeof list);
        list_differences(theirs, ours, true, list, sizeof list);
        if (*list)
            status = clv_fail(ctx, CLV_ERROR_EXISTS,
                              "%s: holds parts of a run with other inputs or options (%s); use -overwrite to begin "
                              "anew, or remove it",
                              folder, list);
    }
    clv_json_free(ours);
    return status;
}

bool clv_manifest_same(const clv_json *theirs, const char *wanted)
{
    return clv_manifest_check(NULL, "", theirs, wanted) == CLV_OK;
}
