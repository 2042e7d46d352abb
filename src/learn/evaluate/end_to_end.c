/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/end_to_end.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cpl_vsi.h>
#include <gdal.h>

#include "base/alloc.h"
#include "base/input_files.h"
#include "base/names.h"
#include "formats/json.h"
#include "image/morphology.h"
#include "learn/evaluate/eval_case.h"
#include "learn/evaluate/memory_raster.h"
#include "learn/evaluate/sequence.h"
#include "products/input_list.h"
#include "synth/soft_clouds.h"

#define DRAWS 3
#define SIDE 512
#define MOST_BYTES 268435456.0 /* of a region with all its dates */
#define LEAST_DATES 5
#define CHANGED 0.004f
#define DILATION 2

/* Sums of squared errors in red, green and blue. */
typedef struct sums {
    double own, truth; /* all pixels, with found and with true masks */
    double spoilt_before, spoilt, truth_spoilt, clean, truth_clean;
    double all_count, spoilt_count, clean_count;
    double found, false_count; /* spoilt pixels that are flagged; others that are */
} sums;

typedef struct place {
    char name[120];
    int dates, width, height;
    sums sums;
} place;

typedef struct trial {
    clv_context *ctx;
    const clv_evaluate_remove_options *options;
    place *places;
    int count, left_out;
    char folder[64];
} trial;

/* A region of clear dates, and what is laid on it. */
typedef struct scene {
    clv_sequence s;
    clv_grid grid;
    float *laid;      /* as s.x, with clouds */
    uint8_t *changed; /* [dates, n] */
    uint8_t *mask;    /* [dates, n]: changed, dilated */
    float *opacity;   /* [2, n] */
    bool has_nir;
} scene;

static void scene_clear(scene *c)
{
    clv_sequence_clear(&c->s);
    clv_grid_clear(&c->grid);
    free(c->laid);
    free(c->changed);
    free(c->mask);
    free(c->opacity);
    *c = (scene){0};
}

/* ---- Clouds --------------------------------------------------------------------------------------- */

/* Half of the dates, drawn without order: chosen[t]. */
static void choose_half(clv_random *rng, int dates, bool *chosen)
{
    int left = dates / 2;
    for (int t = 0; t < dates; t++) {
        chosen[t] = clv_random_int(rng, dates - t) < left;
        left -= chosen[t];
    }
}

static clv_status lay(clv_context *ctx, scene *c, uint64_t seed)
{
    const clv_sequence *s = &c->s;
    const size_t n = (size_t)s->width * (size_t)s->height, all = (size_t)s->channels * n;
    const double scale = c->grid.pixel_m > 0 ? 20 / c->grid.pixel_m : 1;
    bool chosen[CLV_MAX_DATES];
    clv_random rng;
    clv_random_seed(&rng, seed);
    choose_half(&rng, s->dates, chosen);
    memcpy(c->laid, s->x, (size_t)s->dates * all * sizeof *s->x);
    memset(c->changed, 0, (size_t)s->dates * n);
    memset(c->mask, 0, (size_t)s->dates * n);
    for (int t = 0; t < s->dates; t++) {
        if (!chosen[t])
            continue;
        float *x = c->laid + (size_t)t * all;
        const float *clear = s->x + (size_t)t * all;
        float *const bands[4] = {x, x + n, x + 2 * n, s->channels > 3 ? x + 3 * n : NULL};
        const clv_soft_clouds clouds = clv_soft_clouds_draw(&rng, scale);
        clv_soft_clouds_lay(&clouds, bands, s->width, s->height, c->opacity, c->opacity + n);
        uint8_t *changed = c->changed + (size_t)t * n;
        for (size_t i = 0; i < all; i++)
            changed[i % n] |= fabsf(x[i] - clear[i]) > CHANGED;
        if (clv_dilate(changed, s->width, s->height, DILATION, c->mask + (size_t)t * n) != 0)
            return clv_fail_memory(ctx);
    }
    return CLV_OK;
}

/* ---- Rasters -------------------------------------------------------------------------------------- */

static char *date_file(const trial *e, const clv_sequence *s, int t, const char *kind)
{
    const clv_date d = clv_date_from_days(floor(s->days[t]));
    return clv_format("%s/%s/%04d%02d%02d_%d%s.tif", e->folder, kind, d.year, d.month, d.day, t,
                      strcmp(kind, "mask") == 0 ? "_true" : "");
}

/* Red, green, blue, and near infrared where there is one: what clouds are laid on. */
static int bands_of(const clv_sequence *s)
{
    return s->channels < 4 ? s->channels : 4;
}

static clv_status write_raster(const trial *e, const scene *c, int t, const char *kind, GDALDataType type,
                               const void *planes, int bands)
{
    char *path = date_file(e, &c->s, t, kind);
    const clv_status status =
        path ? clv_memory_raster_write(e->ctx, path, &c->grid, type, planes, bands) : clv_fail_memory(e->ctx);
    free(path);
    return status;
}

static clv_status write_scene(const trial *e, scene *c)
{
    const clv_sequence *s = &c->s;
    const size_t n = (size_t)s->width * (size_t)s->height, all = (size_t)s->channels * n;
    clv_status status = CLV_OK;
    for (int t = 0; t < s->dates && status == CLV_OK; t++) {
        float *x = c->laid + (size_t)t * all;
        for (size_t i = 0; i < all; i++)
            if (s->bad[(size_t)t * n + i % n])
                x[i] = NAN; /* what is there is not known */
        status = write_raster(e, c, t, "in", GDT_Float32, x, bands_of(s));
        if (status == CLV_OK)
            status = write_raster(e, c, t, "mask", GDT_Byte, c->mask + (size_t)t * n, 1);
    }
    return status;
}

/* ---- The run -------------------------------------------------------------------------------------- */

/* kind: "own" or "true", where the results go. */
static clv_status run(trial *e, const scene *c, const char *kind, bool true_masks)
{
    const int dates = c->s.dates;
    char *inputs[CLV_MAX_DATES + 1] = {NULL}, *masks[CLV_MAX_DATES + 1] = {NULL};
    char *path = clv_format("%s/%s/", e->folder, kind);
    bool good = path != NULL;
    for (int t = 0; t < dates && good; t++) {
        inputs[t] = date_file(e, &c->s, t, "in");
        masks[t] = date_file(e, &c->s, t, "mask");
        good = inputs[t] && masks[t];
    }
    clv_remove_options o;
    clv_remove_options_init(&o);
    o.input.in_scale = 1;
    o.input.in_offset = 0;
    o.detect = e->options->detect;
    o.compute = e->options->compute;
    o.window = e->options->window;
    o.model = e->options->model;
    o.output.path = path;
    o.output.overwrite = true;
    o.masks = !true_masks;
    if (true_masks) {
        o.input.masks = (const char *const *)masks;
        o.input.mask_mode = CLV_MASK_REPLACE;
        o.detect.dilate = 0;
    }
    clv_status status = good ? CLV_OK : clv_fail_memory(e->ctx);
    clv_mute(e->ctx, true);
    clv_input_files_keep(e->ctx, true); /* those of the evaluation stay known */
    if (status == CLV_OK)
        status = clv_remove(e->ctx, (const char *const *)inputs, dates, &o, NULL);
    clv_input_files_keep(e->ctx, false);
    clv_mute(e->ctx, false);
    for (int t = 0; t < dates; t++) {
        free(inputs[t]);
        free(masks[t]);
    }
    free(path);
    return status;
}

static double squared(const float *a, const float *b, size_t n, size_t i)
{
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        const double d = (double)a[(size_t)k * n + i] - b[(size_t)k * n + i];
        sum += d * d;
    }
    return sum / 3;
}

static clv_status score_date(trial *e, const scene *c, int t, float *own, float *truth, uint8_t *flags, sums *out)
{
    const clv_sequence *s = &c->s;
    const size_t n = (size_t)s->width * (size_t)s->height, all = (size_t)s->channels * n;
    char *files[3] = {date_file(e, s, t, "own"), date_file(e, s, t, "true"), NULL};
    if (files[0])
        files[2] = clv_format("%.*s_mask.tif", (int)strlen(files[0]) - 4, files[0]);
    clv_status status = files[0] && files[1] && files[2] ? CLV_OK : clv_fail_memory(e->ctx);
    if (status == CLV_OK)
        status = clv_memory_raster_read(e->ctx, files[0], GDT_Float32, own, bands_of(s), s->width, s->height);
    if (status == CLV_OK)
        status = clv_memory_raster_read(e->ctx, files[1], GDT_Float32, truth, bands_of(s), s->width, s->height);
    if (status == CLV_OK)
        status = clv_memory_raster_read(e->ctx, files[2], GDT_Byte, flags, 1, s->width, s->height);
    const float *clear = s->x + (size_t)t * all, *laid = c->laid + (size_t)t * all;
    for (size_t i = 0; i < n && status == CLV_OK; i++) {
        if (s->bad[(size_t)t * n + i])
            continue;
        const double error = squared(own, clear, n, i);
        const bool changed = c->changed[(size_t)t * n + i], flagged = flags[i] == 1 || flags[i] == 2;
        out->own += error;
        const double best = squared(truth, clear, n, i);
        out->truth += best;
        out->all_count++;
        if (changed) {
            out->spoilt += error;
            out->truth_spoilt += best;
            out->spoilt_before += squared(laid, clear, n, i);
            out->spoilt_count++;
            out->found += flagged;
        } else {
            out->clean += error;
            out->truth_clean += best;
            out->clean_count++;
            out->false_count += flagged && !c->mask[(size_t)t * n + i];
        }
    }
    for (int i = 0; i < 3; i++)
        free(files[i]);
    return status;
}

static clv_status score(trial *e, const scene *c, sums *out)
{
    const size_t n = (size_t)c->s.width * (size_t)c->s.height, all = (size_t)c->s.channels * n;
    float *own = clv_alloc_array(all, 1, sizeof *own), *truth = clv_alloc_array(all, 1, sizeof *truth);
    uint8_t *flags = clv_alloc_array(n, 1, 1);
    clv_status status = own && truth && flags ? CLV_OK : clv_fail_memory(e->ctx);
    for (int t = 0; t < c->s.dates && status == CLV_OK; t++)
        status = score_date(e, c, t, own, truth, flags, out);
    free(own);
    free(truth);
    free(flags);
    return status;
}

/* ---- A place -------------------------------------------------------------------------------------- */

static clv_status read_scene(trial *e, const clv_eval_case *eval_case, scene *c)
{
    static const clv_sequence_rule rule = {0.05, LEAST_DATES, 0};
    clv_found found;
    clv_status status = clv_found_open(e->ctx, eval_case, &e->options->detect, &e->options->compute, false, &found);
    if (status == CLV_OK) {
        const clv_series *s = found.series;
        const double side = sqrt(MOST_BYTES / ((double)s->dates * s->channels * 2 * sizeof(float)));
        const int most = side < SIDE ? (int)side : SIDE;
        const int width = s->grid.width < most ? s->grid.width : most;
        const int height = s->grid.height < most ? s->grid.height : most;
        const clv_rect region = {(s->grid.width - width) / 2, (s->grid.height - height) / 2, width, height};
        status = clv_sequence_read(e->ctx, found.series, found.flags, &e->options->detect, region, &rule, &c->s);
        if (status == CLV_OK && clv_grid_window(&s->grid, region, &c->grid) != CLV_OK)
            status = clv_fail_memory(e->ctx);
    }
    clv_found_close(&found);
    if (status != CLV_OK)
        return status;
    const size_t n = (size_t)c->s.width * (size_t)c->s.height, dates = (size_t)c->s.dates + 1;
    c->laid = clv_alloc_array(dates * (size_t)c->s.channels, n, sizeof *c->laid);
    c->changed = clv_alloc_array(dates, n, 1);
    c->mask = clv_alloc_array(dates, n, 1);
    c->opacity = clv_alloc_array(2, n, sizeof *c->opacity);
    return c->laid && c->changed && c->mask && c->opacity ? CLV_OK : clv_fail_memory(e->ctx);
}

static clv_status add_place(trial *e, const clv_eval_case *eval_case, const scene *c, place **out)
{
    place *more = realloc(e->places, ((size_t)e->count + 1) * sizeof *more);
    if (!more)
        return clv_fail_memory(e->ctx);
    e->places = more;
    *out = &e->places[e->count++];
    **out = (place){.dates = c->s.dates, .width = c->s.width, .height = c->s.height};
    snprintf((*out)->name, sizeof(*out)->name, "%.110s", clv_name_base(eval_case->names[0]));
    return CLV_OK;
}

static clv_status take_case(void *user, const clv_eval_case *eval_case)
{
    trial *e = user;
    scene c = {0};
    place *p = NULL;
    clv_status status = read_scene(e, eval_case, &c);
    if (status == CLV_OK && c.s.dates < LEAST_DATES) {
        clv_warn(e->ctx, "%s: only %d clear dates, %d are needed: left out", eval_case->names[0], c.s.dates,
                 LEAST_DATES);
        e->left_out++;
        scene_clear(&c);
        return CLV_OK;
    }
    if (status == CLV_OK)
        status = add_place(e, eval_case, &c, &p);
    for (int draw = 0; draw < DRAWS && status == CLV_OK; draw++) {
        status = lay(e->ctx, &c, clv_hash_seed(e->options->seed + (uint64_t)draw, 77));
        if (status == CLV_OK)
            status = write_scene(e, &c);
        if (status == CLV_OK)
            status = run(e, &c, "own", false);
        if (status == CLV_OK)
            status = run(e, &c, "true", true);
        if (status == CLV_OK)
            status = score(e, &c, &p->sums);
        VSIRmdirRecursive(e->folder);
    }
    scene_clear(&c);
    return status;
}

/* ---- Figures -------------------------------------------------------------------------------------- */

static double rmse(double sum, double count)
{
    return count > 0 ? sqrt(sum / count) : NAN;
}

static void write_sums(clv_json_writer *w, const sums *s)
{
    const double own = rmse(s->own, s->all_count), truth = rmse(s->truth, s->all_count);
    clv_jw_put_number(w, "price", own / truth);
    clv_jw_put_number(w, "rmse", own);
    clv_jw_put_number(w, "rmse_true_masks", truth);
    clv_jw_put_number(w, "rmse_spoilt_before", rmse(s->spoilt_before, s->spoilt_count));
    clv_jw_put_number(w, "rmse_spoilt", rmse(s->spoilt, s->spoilt_count));
    clv_jw_put_number(w, "rmse_spoilt_true_masks", rmse(s->truth_spoilt, s->spoilt_count));
    clv_jw_put_number(w, "rmse_not_spoilt", rmse(s->clean, s->clean_count));
    clv_jw_put_number(w, "rmse_not_spoilt_true_masks", rmse(s->truth_clean, s->clean_count));
    clv_jw_put_number(w, "spoilt_found", s->found / s->spoilt_count);
    clv_jw_put_number(w, "false_alarms", s->false_count / s->clean_count);
}

/* Every place counts alike, whatever its size and number of dates: sums become means. */
static void add_means(sums *into, const sums *s)
{
    into->own += s->own / s->all_count;
    into->truth += s->truth / s->all_count;
    into->all_count++;
    into->spoilt += s->spoilt / s->spoilt_count;
    into->spoilt_before += s->spoilt_before / s->spoilt_count;
    into->truth_spoilt += s->truth_spoilt / s->spoilt_count;
    into->truth_clean += s->truth_clean / s->clean_count;
    into->found += s->found / s->spoilt_count;
    into->spoilt_count++;
    into->clean += s->clean / s->clean_count;
    into->false_count += s->false_count / s->clean_count;
    into->clean_count++;
}

static char *figures(const trial *e)
{
    clv_json_writer w = {0};
    sums all = {0};
    clv_jw_object(&w);
    clv_jw_put_string(&w, "protocol", "end_to_end");
    clv_jw_key(&w, "seed");
    clv_jw_number(&w, (double)e->options->seed);
    clv_jw_put_integer(&w, "draws", DRAWS);
    clv_jw_put_integer(&w, "left_out", e->left_out);
    clv_jw_key(&w, "places");
    clv_jw_array(&w);
    for (int i = 0; i < e->count; i++) {
        const place *p = &e->places[i];
        clv_jw_object(&w);
        clv_jw_put_string(&w, "name", p->name);
        clv_jw_put_integer(&w, "clear_dates", p->dates);
        clv_jw_put_integer(&w, "width", p->width);
        clv_jw_put_integer(&w, "height", p->height);
        write_sums(&w, &p->sums);
        clv_jw_end(&w);
        add_means(&all, &p->sums);
    }
    clv_jw_end(&w);
    clv_jw_key(&w, "mean");
    clv_jw_object(&w);
    write_sums(&w, &all);
    clv_jw_end(&w);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

clv_status clv_end_to_end(clv_context *ctx, const char *const *inputs, int count,
                          const clv_evaluate_remove_options *options, char **json)
{
    trial e = {.ctx = ctx, .options = options};
    snprintf(e.folder, sizeof e.folder, "/vsimem/clearvision-end-to-end-%ld-%p", (long)getpid(), (void *)&e);
    clv_status status = clv_eval_cases(ctx, inputs, count, &options->input, false, take_case, &e);
    VSIRmdirRecursive(e.folder);
    if (status == CLV_OK && !e.count)
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "nothing to measure: no input has %d dates of which less than 5 %% is clouded", LEAST_DATES);
    if (status == CLV_OK && !(*json = figures(&e)))
        status = clv_fail_memory(ctx);
    free(e.places);
    return status;
}
