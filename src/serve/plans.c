/* SPDX-License-Identifier: MIT
 *
 * What a visitor chose, read from JSON and checked: pictures, their dates, settings.
 */
#include "serve/plans.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/dilation.h"
#include "gapfill/methods.h"
#include "sentinel2/dates.h"

#define WHY(...) (snprintf(why, CLV_PLAN_WHY, __VA_ARGS__), false)

static bool take_picture(const clv_job *job, int number, clv_plan *plan, char *why)
{
    if (number < 0 || number >= job->count || job->uploads[number].state != CLV_UPLOAD_GOOD)
        return WHY("Picture %d cannot be used", number);
    const clv_upload *u = &job->uploads[number];
    for (int i = 0; i < plan->count; i++)
        if (strcmp(plan->paths[i], u->path) == 0)
            return WHY("%s is chosen twice", u->name);
    if (plan->count == CLV_SERVE_MAX_FILES)
        return WHY("More than %d pictures", CLV_SERVE_MAX_FILES);
    char *path = clv_strdup(u->path), *name = clv_strdup(u->name);
    plan->paths[plan->count] = path;
    plan->names[plan->count++] = name;
    plan->uploads = u->owned;
    return path && name ? true : WHY("Out of memory");
}

/* A day for every picture, or for none. */
static bool take_dates(const clv_json *dates, const clv_job *job, const int *numbers, clv_plan *plan, char *why)
{
    bool any = false;
    for (int i = 0; i < plan->count; i++)
        any = any || clv_json_string(clv_json_at(dates, i), NULL);
    for (int i = 0; i < plan->count && !any; i++)
        if (!job->uploads[numbers[i]].first[0])
            return WHY("%s has no date; give one to every picture", job->uploads[numbers[i]].name);
    if (!any)
        return true;
    if (clv_json_count(dates) != plan->count)
        return WHY("%d dates for %d pictures", clv_json_count(dates), plan->count);
    for (int i = 0; i < plan->count; i++) {
        const clv_upload *u = &job->uploads[numbers[i]];
        const char *day = clv_json_string(clv_json_at(dates, i), u->first);
        clv_date date;
        if (u->dates != 1)
            return WHY("%s holds %d dates of its own; dates cannot be given to some pictures beside it", u->name,
                       u->dates);
        if (strlen(day) != 10 || !clv_date_parse(day, &date))
            return WHY("%s: \"%.20s\" is not a date; write YYYY-MM-DD", u->name, day);
        memcpy(plan->dates[i], day, 11);
    }
    plan->dated = true;
    return true;
}

bool clv_plan_read(const clv_json *doc, const clv_job *job, clv_plan *plan, char why[CLV_PLAN_WHY])
{
    int numbers[CLV_SERVE_MAX_FILES];
    const clv_json *chosen = clv_json_get(doc, "pictures");
    double pixels = 0, cubes = 0;
    int dates = 0;
    memset(plan, 0, sizeof *plan);
    for (int i = 0; i < clv_json_count(chosen); i++) {
        const int64_t number = clv_json_integer(clv_json_at(chosen, i), -1);
        if (!take_picture(job, number < 0 || number > CLV_SERVE_MAX_SLOTS ? -1 : (int)number, plan, why))
            return false;
        const clv_upload *u = &job->uploads[number];
        numbers[i] = (int)number;
        dates += u->dates;
        const double own = (double)u->width * u->height * u->dates;
        pixels += own;
        if (u->kind && strcmp(u->kind->extension, "npz") == 0)
            cubes += own * u->channels * sizeof(float);
    }
    if (dates < 2)
        return WHY("Choose at least 2 pictures of the same area; 5 to 10 are best");
    if (dates > CLV_SERVE_MAX_DATES)
        return WHY("%d dates are more than this page takes (%d)", dates, CLV_SERVE_MAX_DATES);
    if (pixels > CLV_SERVE_MAX_SERIES_PIXELS)
        return WHY("%.0f million pixels in all are more than this page takes (%.0f million); use clearvision remove",
                   pixels / 1e6, CLV_SERVE_MAX_SERIES_PIXELS / 1e6);
    if (cubes > CLV_SERVE_MAX_CUBE_BYTES)
        return WHY("%.0f MB of cubes are more than this page takes (%.0f MB)", cubes / 1e6,
                   CLV_SERVE_MAX_CUBE_BYTES / 1e6);
    return take_dates(clv_json_get(doc, "dates"), job, numbers, plan, why);
}

/* A member that must be a number in a range; what is not there keeps its value. */
static bool number(const clv_json *doc, const char *key, double low, double high, double *value, char *why)
{
    const clv_json *v = clv_json_get(doc, key);
    if (!v)
        return true;
    const double given = clv_json_number(v, NAN);
    if (!(given >= low && given <= high))
        return WHY("%s must be a number from %g to %g", key, low, high);
    *value = given;
    return true;
}

static bool flag(const clv_json *doc, const char *key, bool *value, char *why)
{
    const clv_json *v = clv_json_get(doc, key);
    if (v && clv_json_kind(v) != CLV_JSON_BOOL)
        return WHY("%s must be true or false", key);
    *value = clv_json_bool(v, *value);
    return true;
}

/* A number is pixels; a text metres, such as "40m". */
static bool dilation(const clv_json *doc, clv_run_options *out, char *why)
{
    const clv_json *v = clv_json_get(doc, "dilate");
    const double pixels = clv_json_number(v, NAN);
    int none = -1;
    bool good = pixels >= 0 && pixels <= CLV_DILATION_MOST && pixels == floor(pixels);
    if (!v)
        return true;
    if (good)
        out->dilate = (int)pixels;
    else if (clv_json_kind(v) == CLV_JSON_STRING)
        good = clv_dilation_parse(clv_json_string(v, ""), &none, &out->dilate_m) == CLV_DILATION_GOOD && none < 0;
    if (!good)
        return WHY("dilate must be a whole number of pixels from 0 to %d, or metres such as \"40m\"",
                   CLV_DILATION_MOST);
    if (clv_json_kind(v) == CLV_JSON_STRING)
        out->dilate = -1;
    return true;
}

static bool wrong_method(char *why)
{
    char list[100] = "";
    for (int i = 0; i < CLV_METHODS; i++)
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", clv_method_names[i]);
    return WHY("method must be one of %s", list);
}

bool clv_run_options_read(const clv_json *doc, const clv_serve_options *defaults, clv_run_options *out,
                          char why[CLV_PLAN_WHY])
{
    *out = (clv_run_options){.method = CLV_METHOD_AUTO,
                             .threshold = defaults->detect.threshold,
                             .dilate = defaults->detect.dilate,
                             .dilate_m = defaults->detect.dilate_m};
    const int method = clv_method_find(clv_json_string(clv_json_get(doc, "method"), clv_method_name(out->method)));
    if (method < 0)
        return wrong_method(why);
    out->method = (clv_method)method;
    if (!number(doc, "threshold", 0.01, 1, &out->threshold, why) || !dilation(doc, out, why) ||
        !flag(doc, "stack", &out->stack, why) || !flag(doc, "full", &out->full, why) ||
        !flag(doc, "masks", &out->masks, why) || !flag(doc, "quality", &out->quality, why) ||
        !flag(doc, "keep_nodata", &out->keep_nodata, why))
        return false;
    return true;
}
