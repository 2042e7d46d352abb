/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/evaluate_grounds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cpl_vsi.h>
#include <ogr_srs_api.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/options.h"
#include "formats/json.h"
#include "learn/evaluate/eval_case.h"
#include "learn/evaluate/ground_scene.h"
#include "learn/evaluate/ground_tally.h"
#include "learn/evaluate/memory_raster.h"
#include "pipeline/flags.h"
#include "pipeline/report.h"
#include "sentinel2/dates.h"

enum { BANDS = 4, FIRST_DAY = 19500, DAYS_APART = 5 }; /* days since 1970 */

typedef struct trial {
    clv_context *ctx;
    const clv_evaluate_detect_options *options;
    const clv_ground_line *line;
    clv_ground_tally *tally; /* of the line */
    clv_stage1 stage;        /* of the last picture: model and device are the same for all */
    char folder[64];
} trial;

/* ---- Files ---------------------------------------------------------------------------------------- */

/* kind: "in", "out"; ending: "", "_mask". */
static char *date_file(const trial *e, int t, const char *kind, const char *ending)
{
    const clv_date d = clv_date_from_days(FIRST_DAY + t * DAYS_APART);
    return clv_format("%s/%s/%04d%02d%02d%s.tif", e->folder, kind, d.year, d.month, d.day, ending);
}

static void free_files(char **files, int count)
{
    for (int i = 0; i < count; i++)
        free(files[i]);
}

static clv_status place_grid(clv_context *ctx, const clv_ground_scene *c, clv_grid *grid)
{
    const double transform[6] = {500000, 20, 0, 5200000, 0, -20};
    *grid = (clv_grid){.width = c->made.width, .height = c->made.height};
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    clv_status status = CLV_OK;
    if (!srs || OSRImportFromEPSG(srs, 32632) != OGRERR_NONE)
        status = clv_fail(ctx, CLV_ERROR_OPEN, "EPSG:32632: PROJ's database (proj.db) cannot be read");
    else
        status = clv_grid_set(ctx, grid, transform, srs);
    if (srs)
        OSRRelease(srs);
    return status;
}

/* Writes the scene's dates; files [dates] are theirs. */
static clv_status write_scene(const trial *e, const clv_ground_scene *c, char **files)
{
    const size_t n = (size_t)c->made.width * (size_t)c->made.height;
    clv_grid grid = {0};
    float *planes = clv_alloc_array(BANDS, n, sizeof *planes);
    clv_status status = planes ? place_grid(e->ctx, c, &grid) : clv_fail_memory(e->ctx);
    for (int t = 0; t < c->made.dates && status == CLV_OK; t++) {
        memcpy(planes, c->made.x + (size_t)t * BANDS * n, BANDS * n * sizeof *planes);
        for (size_t i = 0; i < BANDS * n; i++)
            if (c->missing[(size_t)t * n + i % n])
                planes[i] = NAN;
        files[t] = date_file(e, t, "in", "");
        status = files[t] ? clv_memory_raster_write(e->ctx, files[t], &grid, GDT_Float32, planes,
                                                    c->made.has_nir ? BANDS : BANDS - 1)
                          : clv_fail_memory(e->ctx);
    }
    clv_grid_clear(&grid);
    free(planes);
    return status;
}

/* ---- Stage 1 -------------------------------------------------------------------------------------- */

static clv_status count(trial *e, const clv_ground_scene *c, const clv_found *found)
{
    const int width = c->made.width, height = c->made.height;
    const size_t n = (size_t)width * (size_t)height;
    if (found->series->grid.width != width || found->series->grid.height != height ||
        found->series->dates != c->made.dates)
        return clv_fail(e->ctx, CLV_ERROR_ARGUMENT, "%s: %d dates of %dx%d pixels at 20 m became %d of %dx%d",
                        e->line->name, c->made.dates, width, height, found->series->dates, found->series->grid.width,
                        found->series->grid.height);
    uint8_t *flags = clv_alloc_array(n, 1, 1);
    clv_status status = flags ? CLV_OK : clv_fail_memory(e->ctx);
    for (int t = 0; t < c->made.dates && status == CLV_OK; t++) {
        if (!c->on[t])
            continue;
        status = clv_flags_read(e->ctx, found->flags, &found->series->grid, t, &e->options->detect,
                                (clv_rect){0, 0, width, height}, flags);
        if (status == CLV_OK && !clv_ground_tally_add(e->tally, c->made.truth + (size_t)t * n, flags, width, height))
            status = clv_fail_memory(e->ctx);
        e->tally->dates++;
    }
    free(flags);
    return status;
}

/* What the program is told of files that were written for it. */
static clv_input_options input_of(const trial *e)
{
    clv_input_options input = e->options->input;
    input.in_scale = 1;
    input.in_offset = 0;
    return input;
}

static clv_status find(trial *e, const clv_ground_scene *c, char **files)
{
    const clv_eval_case eval_case = {(const char *const *)files, c->made.dates, input_of(e), false};
    clv_found found = {0};
    clv_status status = clv_found_open(e->ctx, &eval_case, &e->options->detect, &e->options->compute, false, &found);
    if (status == CLV_OK)
        status = count(e, c, &found);
    if (found.stage.model_sha256[0])
        e->stage = found.stage;
    e->stage.dates = NULL;
    e->stage.flags = NULL;
    clv_found_close(&found);
    return status;
}

/* ---- The whole run -------------------------------------------------------------------------------- */

static double squared(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return sum;
}

static clv_status compare(trial *e, const clv_ground_scene *c)
{
    const size_t n = (size_t)c->made.width * (size_t)c->made.height;
    const int bands = c->made.has_nir ? BANDS : BANDS - 1;
    float *result = clv_alloc_array(BANDS, n, sizeof *result);
    clv_status status = result ? CLV_OK : clv_fail_memory(e->ctx);
    for (int t = 0; t < c->made.dates && status == CLV_OK; t++) {
        if (!c->on[t])
            continue;
        char *file = date_file(e, t, "out", "");
        const float *clean = c->clean + (size_t)t * BANDS * n, *laid = c->made.x + (size_t)t * BANDS * n;
        status = file ? clv_memory_raster_read(e->ctx, file, GDT_Float32, result, bands, c->made.width, c->made.height)
                      : clv_fail_memory(e->ctx);
        free(file);
        if (status != CLV_OK)
            break;
        for (size_t i = 0; i < BANDS * n; i++)
            if (c->missing[(size_t)t * n + i % n])
                result[i] = clean[i];
        e->tally->squares += squared(result, clean, 3 * n);
        e->tally->squares_before += squared(laid, clean, 3 * n);
        e->tally->values += 3 * (double)n;
    }
    free(result);
    return status;
}

static clv_status remove_all(trial *e, const clv_ground_scene *c, char **files)
{
    char *path = clv_format("%s/out/", e->folder);
    if (!path)
        return clv_fail_memory(e->ctx);
    clv_remove_options o;
    clv_remove_options_init(&o);
    o.input = input_of(e);
    o.detect = e->options->detect;
    o.compute = e->options->compute;
    o.output.path = path;
    o.output.overwrite = true;
    clv_input_files_keep(e->ctx, true); /* those of the evaluation stay known */
    clv_status status = clv_remove(e->ctx, (const char *const *)files, c->made.dates, &o, NULL);
    clv_input_files_keep(e->ctx, false);
    free(path);
    return status == CLV_OK ? compare(e, c) : status;
}

/* ---- A picture ------------------------------------------------------------------------------------ */

static clv_status measure(void *user, clv_ground_scene *c)
{
    trial *e = user;
    char **files = calloc((size_t)c->made.dates, sizeof *files);
    clv_status status = files ? write_scene(e, c, files) : clv_fail_memory(e->ctx);
    if (status == CLV_OK)
        status = find(e, c, files);
    if (status == CLV_OK && e->line->measure == CLV_MEASURE_RMSE)
        status = remove_all(e, c, files);
    e->tally->pictures++;
    VSIRmdirRecursive(e->folder);
    if (files)
        free_files(files, c->made.dates);
    free(files);
    return status;
}

/* ---- Figures -------------------------------------------------------------------------------------- */

typedef enum verdict { MEASURED, REACHED, NOT_REACHED, SKIPPED, VERDICTS } verdict;
static const char *const verdicts[] = {"measured", "reached", "not reached", "skipped"};

static verdict judge(const clv_ground_line *line, double value)
{
    if (line->missing || isnan(value))
        return SKIPPED;
    if (isnan(line->limit))
        return MEASURED;
    const bool good = clv_ground_measure_at_most(line->measure) ? value <= line->limit : value >= line->limit;
    return good ? REACHED : NOT_REACHED;
}

static void write_value(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, value);
}

static verdict write_row(clv_json_writer *w, const clv_ground_line *line, const clv_ground_tally *t)
{
    const double value = line->missing ? NAN : clv_ground_tally_value(t, line->measure);
    const verdict outcome = judge(line, value);
    clv_jw_object(w);
    clv_jw_put_string(w, "name", line->name);
    clv_jw_put_integer(w, "line", line->line);
    clv_jw_put_string(w, "measure", clv_ground_measure_name(line->measure));
    write_value(w, "measured", value);
    clv_jw_put_string(w, "wanted_is", clv_ground_measure_at_most(line->measure) ? "at most" : "at least");
    write_value(w, "wanted", line->limit);
    clv_jw_put_string(w, "verdict", verdicts[outcome]);
    clv_jw_key(w, "reason");
    clv_jw_string(w, line->missing ? line->missing : outcome == SKIPPED ? "nothing to count" : NULL);
    clv_jw_put_integer(w, "pictures", t->pictures);
    clv_jw_put_integer(w, "dates", t->dates);
    clv_jw_put_integer(w, "pixels", t->pixels);
    for (int m = CLV_MEASURE_FLAGGED; m <= CLV_MEASURE_RMSE; m++)
        write_value(w, clv_ground_measure_name((clv_ground_measure)m),
                    clv_ground_tally_value(t, (clv_ground_measure)m));
    write_value(w, "rmse_before", t->values > 0 ? sqrt(t->squares_before / t->values) : NAN);
    clv_jw_end(w);
    return outcome;
}

static char *figures(trial *e, const clv_ground_list *list, const clv_ground_tally *tallies)
{
    int counts[VERDICTS] = {0};
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_string(&w, "protocol", "grounds");
    clv_jw_put_string(&w, "list", e->options->grounds);
    clv_jw_key(&w, "seed");
    clv_jw_number(&w, (double)e->options->seed);
    clv_report_stage1(&w, &e->stage, &e->options->detect);
    clv_jw_key(&w, "grounds");
    clv_jw_array(&w);
    for (int i = 0; i < list->count; i++)
        counts[write_row(&w, &list->lines[i], &tallies[i])]++;
    clv_jw_end(&w);
    clv_jw_put_integer(&w, "reached", counts[REACHED]);
    clv_jw_put_integer(&w, "not_reached", counts[NOT_REACHED]);
    clv_jw_put_integer(&w, "skipped", counts[SKIPPED]);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

static clv_status check(clv_context *ctx, const clv_evaluate_detect_options *o)
{
    const clv_output_options nowhere = {.path = "."};
    if (o->each || o->protocol != CLV_PROTOCOL_UTILISE || o->labels != CLV_LABELS_AUTO || o->report || o->input.masks ||
        o->input.scls)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "-grounds: the list says what is measured; leave out -each, -protocol, -labels, -report, -mask "
                        "and -scl");
    return clv_check_settings(ctx, &o->detect, &nowhere);
}

clv_status clv_evaluate_grounds(clv_context *ctx, const clv_evaluate_detect_options *options, char **json)
{
    trial e = {.ctx = ctx, .options = options};
    clv_ground_list *list = NULL;
    clv_ground_tally *tallies = NULL;
    snprintf(e.folder, sizeof e.folder, "/vsimem/clearvision-grounds-%ld-%p", (long)getpid(), (void *)&e);
    clv_status status = check(ctx, options);
    if (status == CLV_OK)
        status = clv_ground_list_open(ctx, options->grounds, &list);
    if (status == CLV_OK && !(tallies = calloc((size_t)list->count, sizeof *tallies)))
        status = clv_fail_memory(ctx);
    for (int i = 0; status == CLV_OK && i < list->count; i++) {
        e.line = &list->lines[i];
        e.tally = &tallies[i];
        clv_progress_part(ctx, (double)i / list->count, (double)(i + 1) / list->count);
        clv_mute(ctx, true); /* what there is to be said of these files, the list's author knows */
        if (!e.line->missing)
            status = clv_ground_scenes(ctx, e.line, options->seed, measure, &e);
        clv_mute(ctx, false);
    }
    VSIRmdirRecursive(e.folder);
    if (status == CLV_OK && !(*json = figures(&e, list, tallies)))
        status = clv_fail_memory(ctx);
    free(tallies);
    clv_ground_list_free(list);
    return status;
}
