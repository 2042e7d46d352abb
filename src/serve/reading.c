/* SPDX-License-Identifier: MIT
 *
 * The reader lane's work: what a picture is (size, bands, date), a small picture of it, and the check of a whole
 * series.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "series/series.h"
#include "serve/server.h"
#include "serve/thumb.h"

#define MAX_REMARKS 12

/* ---- One picture --------------------------------------------------------------------------------- */

static void day_of(const clv_acquisition *a, char out[12])
{
    char text[32];
    out[0] = '\0';
    if (a->facts.date.year > 0) {
        clv_date_format(&a->facts.date, text);
        snprintf(out, 12, "%.10s", text);
    }
}

static clv_status check_size(clv_context *ctx, const clv_series *series)
{
    const clv_grid *grid = &series->acquisitions[0].grid;
    const double pixels = (double)grid->width * grid->height;
    if (pixels > CLV_SERVE_MAX_PIXELS)
        return clv_fail(
            ctx, CLV_ERROR_UNSUPPORTED,
            "%d x %d pixels are more than this page takes (%.0f million); use clearvision remove, or cut out "
            "a part",
            grid->width, grid->height, CLV_SERVE_MAX_PIXELS / 1e6);
    if (series->dates > CLV_SERVE_MAX_DATES)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%d dates are more than this page takes (%d)", series->dates,
                        CLV_SERVE_MAX_DATES);
    if (series->channels > CLV_SERVE_MAX_CHANNELS)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%d bands are more than this page takes (%d)", series->channels,
                        CLV_SERVE_MAX_CHANNELS);
    if (pixels * series->dates > CLV_SERVE_MAX_SERIES_PIXELS)
        return clv_fail(ctx, CLV_ERROR_UNSUPPORTED, "%d dates of %d x %d pixels are more than this page takes",
                        series->dates, grid->width, grid->height);
    return CLV_OK;
}

/* Reads the first picture that waits; the caller has the task begin again for the next. */
static int next_waiting(const clv_job *job)
{
    for (int i = 0; i < job->count; i++)
        if (job->uploads[i].state == CLV_UPLOAD_WAITING)
            return i;
    return -1;
}

static clv_upload describe(const clv_server *server, clv_context *ctx, const clv_job *job, int number, const char *path,
                           bool owned)
{
    clv_upload found = {.state = CLV_UPLOAD_BAD};
    clv_series *series = NULL;
    clv_input_options input;
    clv_info_options defaults;
    clv_info_options_init(&defaults);
    input = defaults.input;
    input.drivers = owned ? server->drivers : NULL;
    clv_clear_error(ctx);
    clv_status status = clv_series_open(ctx, &path, 1, &input, &series);
    if (status == CLV_OK)
        status = check_size(ctx, series);
    if (status == CLV_OK) {
        const clv_acquisition *a = &series->acquisitions[0];
        found = (clv_upload){.state = CLV_UPLOAD_GOOD,
                             .dates = series->dates,
                             .channels = series->channels,
                             .width = a->grid.width,
                             .height = a->grid.height,
                             .pixel_m = a->grid.pixel_m};
        day_of(a, found.first);
        day_of(&series->acquisitions[series->dates - 1], found.last);
        found.thumb = clv_thumb_make(series, job->folder, number);
    }
    clv_series_free(series);
    return found;
}

void clv_serve_read_task(clv_server *server, clv_job *job)
{
    pthread_mutex_lock(&server->lock);
    const int number = job->gone ? -1 : next_waiting(job);
    clv_context *ctx = number >= 0 ? clv_context_new() : NULL;
    job->reading = ctx;
    pthread_mutex_unlock(&server->lock);
    if (number < 0)
        return;
    clv_upload *u = &job->uploads[number];
    clv_upload found = {.state = CLV_UPLOAD_BAD};
    char *error = NULL;
    if (ctx) {
        clv_plan names = {.count = 1, .paths = {u->path}, .names = {u->name}, .uploads = u->owned};
        found = describe(server, ctx, job, number, u->path, u->owned); /* path, name, owned: fixed */
        if (found.state == CLV_UPLOAD_BAD)
            error = clv_job_text(job->folder, &names, clv_context_error(ctx));
    }
    pthread_mutex_lock(&server->lock);
    job->reading = NULL;
    if (u->state == CLV_UPLOAD_WAITING) {
        u->state = found.state;
        u->error = error;
        u->thumb = found.thumb;
        u->dates = found.dates;
        u->channels = found.channels;
        u->width = found.width;
        u->height = found.height;
        u->pixel_m = found.pixel_m;
        memcpy(u->first, found.first, sizeof u->first);
        memcpy(u->last, found.last, sizeof u->last);
        if (u->state == CLV_UPLOAD_BAD) {
            server->bytes -= u->bytes;
            job->bytes -= u->bytes;
            clv_upload_drop_bytes(u);
        }
    } else { /* taken away in the meantime */
        if (found.thumb)
            unlink(found.thumb);
        free(found.thumb);
        free(error);
    }
    if (next_waiting(job) >= 0 && !job->gone && !clv_lane_add(&server->reader, job, CLV_TASK_READ))
        job->uploads[next_waiting(job)].state = CLV_UPLOAD_BAD;
    pthread_mutex_unlock(&server->lock);
    clv_context_free(ctx);
}

/* ---- The series ---------------------------------------------------------------------------------- */

static void copy_number(clv_json_writer *w, const clv_json *from, const char *key)
{
    clv_jw_key(w, key);
    clv_jw_number(w, clv_json_number(clv_json_get(from, key), NAN));
}

static void copy_text(clv_json_writer *w, const clv_json *from, const char *key)
{
    clv_jw_key(w, key);
    clv_jw_string(w, clv_json_string(clv_json_get(from, key), NULL));
}

/* Remarks of the reader that are warnings: what it guessed. */
typedef struct remarks {
    char *texts[MAX_REMARKS];
    int count;
} remarks;

static void keep_warning(clv_log_level level, const char *message, void *user)
{
    remarks *r = user;
    if (level == CLV_LOG_WARNING && r->count < MAX_REMARKS && (r->texts[r->count] = clv_strdup(message)))
        r->count++;
}

/* What the page needs of the description; paths of this machine's folders stay here. */
static char *for_page(const char *info, const clv_job *job, const clv_plan *plan, const remarks *warnings)
{
    char error[200];
    clv_json_writer w = {0};
    clv_json *doc = clv_json_parse(info, strlen(info), error, sizeof error);
    if (!doc)
        return NULL;
    const clv_json *dates = clv_json_get(doc, "dates"), *checks = clv_json_get(doc, "checks");
    clv_jw_object(&w);
    clv_jw_key(&w, "suits");
    clv_jw_bool(&w, clv_json_bool(clv_json_get(doc, "suits"), false));
    clv_jw_key(&w, "grid");
    clv_jw_string(&w, clv_json_string(clv_json_get(clv_json_get(doc, "grid"), "text"), NULL));
    clv_jw_key(&w, "dates");
    clv_jw_array(&w);
    for (int i = 0; i < clv_json_count(dates); i++) {
        const clv_json *date = clv_json_at(dates, i);
        clv_jw_object(&w);
        copy_text(&w, date, "date");
        copy_text(&w, date, "name");
        copy_number(&w, date, "input");
        copy_number(&w, date, "cloud_share");
        copy_number(&w, date, "nodata_share");
        clv_jw_end(&w);
    }
    clv_jw_end(&w);
    clv_jw_key(&w, "checks");
    clv_jw_array(&w);
    for (int i = 0; i < clv_json_count(checks); i++) {
        const clv_json *check = clv_json_at(checks, i);
        clv_jw_object(&w);
        copy_text(&w, check, "name");
        copy_text(&w, check, "state");
        copy_text(&w, check, "text");
        copy_text(&w, check, "advice");
        clv_jw_end(&w);
    }
    for (int i = 0; i < warnings->count; i++) {
        char *text = clv_job_text(job->folder, plan, warnings->texts[i]);
        clv_jw_object(&w);
        clv_jw_key(&w, "name");
        clv_jw_string(&w, "reading");
        clv_jw_key(&w, "state");
        clv_jw_string(&w, "note");
        clv_jw_key(&w, "text");
        clv_jw_string(&w, text);
        clv_jw_end(&w);
        free(text);
    }
    clv_jw_end(&w);
    clv_jw_end(&w);
    clv_json_free(doc);
    return clv_jw_take(&w);
}

void clv_serve_check_task(clv_server *server, clv_job *job)
{
    clv_plan plan;
    clv_info_options options;
    remarks warnings = {.count = 0};
    char *info = NULL;
    const char *dates[CLV_SERVE_MAX_FILES + 1] = {NULL};
    clv_context *ctx = clv_context_new();
    pthread_mutex_lock(&server->lock);
    const bool wanted = ctx && !job->gone && clv_plan_copy(&plan, &job->plan_check);
    job->reading = wanted ? ctx : NULL;
    job->check = wanted ? CLV_TASK_RUNNING : CLV_TASK_FAILED;
    pthread_mutex_unlock(&server->lock);
    if (!wanted) {
        clv_context_free(ctx);
        return;
    }
    clv_info_options_init(&options);
    for (int i = 0; i < plan.count && plan.dated; i++)
        dates[i] = plan.dates[i];
    options.input.dates = plan.dated ? dates : NULL;
    options.input.drivers = plan.uploads ? server->drivers : NULL;
    clv_context_set_log(ctx, keep_warning, &warnings);
    const clv_status status = clv_info(ctx, (const char *const *)plan.paths, plan.count, &options, &info);
    char *json = status == CLV_OK && info ? for_page(info, job, &plan, &warnings) : NULL;
    char *error = status == CLV_OK ? NULL : clv_job_text(job->folder, &plan, clv_context_error(ctx));
    pthread_mutex_lock(&server->lock);
    job->reading = NULL;
    if (job->check == CLV_TASK_RUNNING) { /* else another check was asked for: it tells */
        free(job->check_json);
        free(job->check_error);
        job->check_json = json;
        job->check_error = error;
        job->check = json ? CLV_TASK_DONE : CLV_TASK_FAILED;
        json = error = NULL;
    }
    pthread_mutex_unlock(&server->lock);
    free(json);
    free(error);
    clv_free(info);
    for (int i = 0; i < warnings.count; i++)
        free(warnings.texts[i]);
    clv_plan_clear(&plan);
    clv_context_free(ctx);
}
