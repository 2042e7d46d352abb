/* SPDX-License-Identifier: MIT */
#include "pipeline/remove/remove_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "base/number.h"
#include "base/parallel.h"
#include "raster/paths.h"
#include "web/files.h"

/* Encoding a picture takes some ten megabytes: more threads would not help much, but need them all at once. */
#define MOST_THREADS 8

static const char *const page_files[] = {"index.html", "viewer.css", "viewer.js", NULL};

/* ---- The folder ------------------------------------------------------------------------------------ */

static bool is_ours(const char *relative)
{
    for (int i = 0; page_files[i]; i++)
        if (strcmp(relative, page_files[i]) == 0)
            return true;
    if (strcmp(relative, "series.js") == 0 || strcmp(relative, "series.json") == 0)
        return true;
    int t, end = 0;
    char kind[16];
    if (sscanf(relative, "pictures/%3d_%15[a-z].png%n", &t, kind, &end) != 2 || relative[end] || t < 0)
        return false;
    for (int k = 0; k < CLV_PICTURE_KINDS; k++) {
        char name[40];
        clv_viewer_picture_name(t, (clv_picture)k, name);
        if (strcmp(name, relative) == 0)
            return true;
    }
    return false;
}

clv_status clv_remove_page_begin(clv_remove_page *p)
{
    if (!p->options->report)
        return CLV_OK;
    clv_status status = clv_outputs_forbid_folder(p->set, p->series, "-report", p->options->report);
    if (status == CLV_OK)
        status = clv_new_folder_begin(p->ctx, "-report", p->options->report, p->options->output.overwrite, is_ours,
                                      &p->folder);
    return status;
}

clv_status clv_remove_page_collect(clv_remove_page *p)
{
    return p->folder ? clv_pictures_new(p->ctx, p->set, p->series, &p->pictures) : CLV_OK;
}

/* ---- Pictures -------------------------------------------------------------------------------------- */

static clv_status write_pictures(void *arg, int t, int number)
{
    (void)number;
    clv_remove_page *p = arg;
    clv_status status = CLV_OK;
    for (int k = 0; k < CLV_PICTURE_KINDS && status == CLV_OK; k++) {
        char name[40], *path = NULL;
        clv_viewer_picture_name(t, (clv_picture)k, name);
        status = clv_new_folder_file(p->folder, name, &path);
        if (status == CLV_OK)
            status = clv_pictures_write(p->pictures, t, (clv_picture)k, path);
        free(path);
    }
    return status;
}

/* ---- Data ------------------------------------------------------------------------------------------ */

/* The folder that the first input lies in, or a single input's own name: what people call the series. */
static char *title_of(const clv_remove_page *p)
{
    if (p->input_count == 1)
        return clv_strdup(clv_path_name(p->inputs[0]));
    char *full = clv_path_kind_of(p->inputs[0]) == CLV_PATH_NATIVE ? clv_path_absolute(p->inputs[0]) : NULL;
    char *folder = full ? clv_path_folder(full) : NULL;
    const char *name = folder ? clv_path_name(folder) : "";
    char *title = clv_strdup(*name ? name : "Series");
    free(folder);
    free(full);
    return title;
}

/* Advice from a sample of the pixels, with what the run found out since in place of the estimates. */
static clv_status advise(const clv_remove_page *p, clv_check checks[CLV_CHECKS], int *count)
{
    clv_series_sample sample = {0};
    clv_status status = clv_series_sample_take(p->ctx, p->series, &sample);
    double never = -1;
    for (int t = 0; t < p->series->dates && status == CLV_OK; t++) {
        const clv_stage1_date *found = &p->stage1->dates[t];
        sample.dates[t].cloud = found->missing < 1 ? found->cloud / (1 - found->missing) : NAN;
        const clv_compose_date *c = &p->counts[t];
        if (!p->series->acquisitions[t].warped && c->pixels > 0 && c->never / c->pixels > never)
            never = c->never / c->pixels;
    }
    if (status == CLV_OK && never >= 0)
        sample.never = never;
    if (status == CLV_OK)
        *count = clv_series_advice(p->series, &sample, checks);
    free(sample.dates);
    return status;
}

static void setting(clv_viewer_data *v, const char *name, const char *value)
{
    if (!value || !*value || v->setting_count == CLV_VIEWER_SETTINGS)
        return;
    clv_viewer_setting *s = &v->settings[v->setting_count++];
    s->name = name;
    snprintf(s->value, sizeof s->value, "%s", value);
}

static void setting_number(clv_viewer_data *v, const char *name, double value)
{
    char text[CLV_NUMBER_SIZE];
    clv_number_format(value, text);
    setting(v, name, text);
}

static void fill_settings(const clv_remove_page *p, clv_viewer_data *v)
{
    const clv_remove_options *o = p->options;
    char grid[200], text[256];
    setting(v, "program", "clearvision");
    setting(v, "version", clv_version());
    snprintf(text, sizeof text, "%d", p->series->inputs);
    setting(v, "inputs", text);
    clv_grid_describe(&p->series->grid, grid, sizeof grid);
    setting(v, "working grid", grid);
    setting(v, "method", p->method);
    setting(v, "weights, SHA-256", p->model_sha256);
    setting(v, "cloud detection",
            p->stage1->used_network ? o->detect.model ? o->detect.model : "detect" : "the masks that were given");
    if (p->stage1->used_network) {
        setting(v, "its weights, SHA-256", p->stage1->model_sha256);
        setting(v, "device", p->stage1->device);
        setting_number(v, "-threshold", o->detect.threshold);
        setting_number(v, "-shadow_threshold", o->detect.shadow_threshold);
        setting(v, "-haze", o->detect.haze == CLV_HAZE_FILL ? "fill" : NULL);
        setting(v, "-no_review", o->detect.no_review ? "clouds are not compared with the other dates" : NULL);
    }
    clv_dilation_text(&o->detect, text);
    setting(v, "-dilate", text);
    setting_number(v, "-window", o->window);
    setting(v, "-full", o->full ? "the prediction everywhere" : NULL);
    setting(v, "-keep_nodata", o->keep_nodata ? "missing data stays missing" : NULL);
}

static void add_file(const clv_remove_page *p, clv_viewer_date *d, const char *what, int index, char **paths,
                     int *count)
{
    const char *path = index >= 0 ? clv_outputs_path(p->set, index) : NULL;
    if (!path || clv_path_kind_of(path) != CLV_PATH_NATIVE)
        return;
    char *full = clv_path_absolute(path);
    if (!full)
        return; /* a link less */
    paths[(*count)++] = full;
    d->files[d->file_count++] = (clv_viewer_file){what, full, clv_outputs_bytes(p->set, index)};
}

static void fill_date(const clv_remove_page *p, int t, clv_viewer_date *d, char **paths, int *count)
{
    const clv_acquisition *a = &p->series->acquisitions[t];
    const clv_compose_date *c = &p->counts[t];
    const clv_stage1_date *found = &p->stage1->dates[t];
    double pixels = c->pixels > 0 ? c->pixels : NAN;
    clv_date_format(&a->facts.date, d->date);
    d->date[10] = '\0';
    d->stem = a->stem;
    d->source = clv_path_name(a->source);
    d->cloud = found->cloud;
    d->shadow = found->shadow;
    d->missing = found->missing;
    d->filled = c->filled / pixels;
    /* For dates that are warped the days are kept only for a quality raster. */
    d->never = a->warped && !p->options->quality ? NAN : c->never / pixels;
    add_file(p, d, "output", p->outputs[t].image, paths, count);
    add_file(p, d, "mask", p->outputs[t].mask, paths, count);
    add_file(p, d, "quality", p->outputs[t].quality, paths, count);
}

/* The part of the working grid that the pictures show. */
static clv_status shown_grid(const clv_series *series, clv_grid *grid)
{
    const clv_rect *core = &series->core;
    if (clv_grid_copy(&series->grid, grid) != CLV_OK)
        return CLV_ERROR_MEMORY;
    grid->width = core->width;
    grid->height = core->height;
    for (int i = 0; i < 6 && grid->has_transform; i += 3)
        grid->transform[i] += core->x * grid->transform[i + 1] + core->y * grid->transform[i + 2];
    return CLV_OK;
}

static clv_status write_data(clv_remove_page *p)
{
    int dates = p->series->dates, path_count = 0, check_count = 0;
    clv_check checks[CLV_CHECKS];
    clv_viewer_date *list = clv_alloc_array((size_t)dates, 1, sizeof *list);
    char **paths = clv_alloc_array((size_t)dates, 3, sizeof *paths), *json = NULL, *script = NULL;
    char *title = title_of(p), *folder = clv_path_absolute(clv_new_folder_path(p->folder));
    clv_grid grid = {0};
    clv_status status = advise(p, checks, &check_count);
    if (status == CLV_OK && shown_grid(p->series, &grid) != CLV_OK)
        status = clv_fail_memory(p->ctx);
    if (status == CLV_OK && list && paths && title && folder) {
        for (int t = 0; t < dates; t++)
            fill_date(p, t, &list[t], paths, &path_count);
        clv_viewer_data view = {.title = title,
                                .folder = folder,
                                .grid = &grid,
                                .pictures = p->pictures,
                                .checks = checks,
                                .check_count = check_count,
                                .dates = list,
                                .date_count = dates};
        fill_settings(p, &view);
        json = clv_viewer_json(&view);
        script = json ? clv_viewer_script(json) : NULL;
    }
    if (status == CLV_OK && !script)
        status = clv_fail_memory(p->ctx);
    if (status == CLV_OK)
        status = clv_new_folder_write(p->folder, "series.json", json, strlen(json));
    if (status == CLV_OK)
        status = clv_new_folder_write(p->folder, "series.js", script, strlen(script));
    for (int i = 0; paths && i < path_count; i++)
        free(paths[i]);
    free(paths);
    free(list);
    free(json);
    free(script);
    free(title);
    free(folder);
    clv_grid_clear(&grid);
    return status;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

clv_status clv_remove_page_write(clv_remove_page *p)
{
    if (!p->folder)
        return CLV_OK;
    int threads = clv_threads(p->ctx);
    clv_status status = clv_pictures_finish(p->pictures);
    if (status == CLV_OK)
        status = clv_parallel_for(p->ctx, p->series->dates, threads < MOST_THREADS ? threads : MOST_THREADS,
                                  write_pictures, p);
    if (status == CLV_OK)
        status = write_data(p);
    for (int i = 0; page_files[i] && status == CLV_OK; i++) {
        char name[40];
        snprintf(name, sizeof name, "viewer/%s", page_files[i]);
        const clv_web_file *file = clv_web_file_find(name);
        status = file ? clv_new_folder_write(p->folder, page_files[i], file->bytes, file->size)
                      : clv_fail(p->ctx, CLV_ERROR_INTERNAL, "%s is not in this program", name);
    }
    if (status == CLV_OK)
        clv_outputs_place_with(p->set, p->folder);
    return status;
}

void clv_remove_page_keep(clv_remove_page *p)
{
    if (p->folder)
        clv_new_folder_keep(p->folder);
}

void clv_remove_page_free(clv_remove_page *p)
{
    clv_pictures_free(p->pictures);
    clv_new_folder_free(p->folder);
    p->pictures = NULL;
    p->folder = NULL;
}
