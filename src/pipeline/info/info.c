/* SPDX-License-Identifier: MIT
 *
 * clv_info(): what a series is made of, how it was understood and whether it suits, as JSON. The table that people
 * see is made from this JSON.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"
#include "formats/json.h"
#include "pipeline/info/info_advice.h"
#include "pipeline/info/info_sample.h"
#include "pipeline/report.h"

static const char *type_name(clv_pixel_type type)
{
    static const char *const names[] = {"Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32", "Float32", "Float64"};
    return names[type];
}

static const char *role_name(clv_role role)
{
    static const char *const names[] = {"red", "green", "blue", "nir", "other", "aux"};
    return names[role];
}

/* Shares and measures are estimates: more than four digits would be noise. */
static double rounded(double value)
{
    return round(value * 1e4) / 1e4;
}

static void write_grid(clv_json_writer *w, const clv_grid *grid)
{
    char text[160];
    clv_grid_describe(grid, text, sizeof text);
    clv_jw_key(w, "grid");
    clv_jw_object(w);
    clv_jw_put_string(w, "text", text);
    clv_jw_put_integer(w, "width", grid->width);
    clv_jw_put_integer(w, "height", grid->height);
    clv_jw_put_number(w, "pixel_m", grid->pixel_m > 0 ? grid->pixel_m : NAN);
    clv_report_transform(w, "transform", grid);
    clv_jw_end(w);
}

static void write_number(clv_json_writer *w, double value)
{
    if (isfinite(value))
        clv_jw_number(w, value);
    else
        clv_jw_string(w, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
}

/* What marks missing pixels: the values of the first band, and whether 0 marks them in all bands at once only. */
static void write_nodata(clv_json_writer *w, const clv_acquisition *a)
{
    const clv_band *band = &a->bands[0];
    clv_jw_key(w, "nodata");
    clv_jw_object(w);
    clv_jw_key(w, "values");
    clv_jw_array(w);
    if (band->has_nodata)
        write_number(w, band->nodata);
    for (int k = 0; k < band->other_count; k++)
        write_number(w, band->other_nodata[k]);
    for (int k = 0; k < a->facts.nodata_found_count && band->type == CLV_TYPE_BYTE; k++) /* in areas alone */
        write_number(w, a->facts.nodata_found[k]);
    clv_jw_end(w);
    clv_jw_put_bool(w, "zero_in_all_bands", a->facts.all_zero);
    clv_jw_put_bool(w, "mask_band", a->facts.use_mask);
    clv_jw_put_string(w, "how", a->facts.nodata_how);
    clv_jw_end(w);
}

/* Where the working grid covers more than the first input. */
static void write_extent(clv_json_writer *w, const clv_series *series)
{
    if (!series->extended)
        return;
    const clv_rect *first = &series->first;
    const double *t = series->grid.transform, width = series->grid.width, height = series->grid.height;
    const double xs[4] = {t[0], t[0] + width * t[1], t[0] + height * t[2], t[0] + width * t[1] + height * t[2]};
    const double ys[4] = {t[3], t[3] + width * t[4], t[3] + height * t[5], t[3] + width * t[4] + height * t[5]};
    double box[4] = {xs[0], ys[0], xs[0], ys[0]};
    for (int i = 1; i < 4; i++) {
        box[0] = fmin(box[0], xs[i]);
        box[1] = fmin(box[1], ys[i]);
        box[2] = fmax(box[2], xs[i]);
        box[3] = fmax(box[3], ys[i]);
    }
    char text[160];
    snprintf(text, sizeof text, "over all dates, beyond the first input, which is %dx%d at column %d, row %d",
             first->width, first->height, first->x, first->y);
    clv_jw_key(w, "extent");
    clv_jw_object(w);
    clv_jw_put_string(w, "text", text);
    clv_jw_key(w, "bounds");
    clv_jw_array(w);
    for (int i = 0; i < 4; i++)
        clv_jw_number(w, box[i]);
    clv_jw_end(w);
    clv_jw_key(w, "first"); /* pixels of the working grid */
    clv_jw_array(w);
    clv_jw_integer(w, first->x);
    clv_jw_integer(w, first->y);
    clv_jw_integer(w, first->width);
    clv_jw_integer(w, first->height);
    clv_jw_end(w);
    clv_jw_end(w);
}

static void write_band(clv_json_writer *w, const clv_band *band)
{
    clv_jw_object(w);
    clv_jw_put_string(w, "role", role_name(band->role));
    clv_jw_put_string(w, "name", band->name);
    clv_jw_put_integer(w, "index", band->index);
    clv_jw_put_string(w, "type", type_name(band->type));
    clv_jw_put_number(w, "scale", band->scale);
    clv_jw_put_number(w, "offset", band->offset);
    if (band->has_nodata && isnan(band->nodata)) {
        clv_jw_put_string(w, "nodata", "nan");
    } else {
        clv_jw_put_number(w, "nodata", band->has_nodata ? band->nodata : NAN);
    }
    clv_jw_end(w);
}

static bool is_filled(const clv_series *series, int t, int index)
{
    for (int c = 0; c < series->channels; c++)
        if (series->acquisitions[t].bands[c].index == index)
            return true;
    return false;
}

/* A raster of several dates: each date's output holds the bands that are filled and no other. */
static bool is_stack(const clv_series *series, int t)
{
    for (int u = 0; u < series->dates; u++)
        if (u != t && series->acquisitions[u].input == series->acquisitions[t].input)
            return true;
    return false;
}

static void write_band_names(clv_json_writer *w, const clv_series *series, int t)
{
    const clv_acquisition *a = &series->acquisitions[t];
    const bool stack = is_stack(series, t);
    clv_jw_key(w, "bands_filled");
    clv_jw_array(w);
    for (int c = 0; c < series->channels; c++)
        clv_jw_string(w, a->bands[c].name);
    clv_jw_end(w);
    for (int left_out = stack; left_out < 2; left_out++) {
        clv_jw_key(w, left_out ? "bands_left_out" : "bands_copied");
        clv_jw_array(w);
        for (int i = 0; i < a->facts.all_band_count; i++) {
            const clv_date_band *band = &a->facts.all_bands[i];
            const bool out = stack || clv_series_lacks(series, t, band->index);
            if (!is_filled(series, t, band->index) && out == (left_out == 1))
                clv_jw_string(w, band->name);
        }
        clv_jw_end(w);
    }
}

static void write_sample(clv_json_writer *w, const clv_date_sample *sample)
{
    clv_jw_put_number(w, "cloud_share", rounded(sample->cloud));
    clv_jw_put_string(w, "cloud_share_from", sample->from_masks ? "mask" : "estimate");
    clv_jw_put_number(w, "nodata_share", rounded(sample->nodata));
    clv_jw_put_number(w, "sharpness", rounded(sample->sharpness));
}

/* How the date lies to the others, and the change of the bands' offset that followed. */
static void write_level(clv_json_writer *w, const clv_acquisition *a)
{
    if (!a->level_how[0])
        return;
    clv_jw_key(w, "level");
    clv_jw_object(w);
    clv_jw_put_number(w, "difference", rounded(a->level.difference));
    clv_jw_put_number(w, "factor", a->level.state == CLV_LEVEL_FACTOR ? rounded(a->level.factor) : NAN);
    clv_jw_put_integer(w, "compared", a->level.compared);
    clv_jw_put_number(w, "taken", a->level_taken);
    clv_jw_put_string(w, "how", a->level_how);
    clv_jw_end(w);
}

static void write_date(clv_json_writer *w, const clv_series *series, int t, const clv_date_sample *sample)
{
    const clv_acquisition *a = &series->acquisitions[t];
    char date[32];
    clv_date_format(&a->facts.date, date);
    clv_jw_object(w);
    clv_jw_put_string(w, "date", a->facts.date.year > 0 ? date : NULL); /* one picture alone needs no date */
    clv_jw_put_string(w, "source", a->source);
    clv_jw_put_string(w, "name", a->stem);
    clv_jw_put_integer(w, "input", a->input);
    clv_jw_put_integer(w, "frame", a->step);
    write_grid(w, &a->grid);
    clv_jw_put_bool(w, "warped", a->warped);
    clv_jw_key(w, "bands");
    clv_jw_array(w);
    for (int c = 0; c < series->channels; c++)
        write_band(w, &a->bands[c]);
    clv_jw_end(w);
    write_band_names(w, series, t);
    if (sample)
        write_sample(w, sample);
    write_nodata(w, a);
    write_level(w, a);
    clv_jw_key(w, "how");
    clv_jw_object(w);
    clv_jw_put_string(w, "date", a->facts.date_how);
    clv_jw_put_string(w, "bands", a->facts.bands_how);
    clv_jw_put_string(w, "fill", a->facts.fill_how);
    clv_jw_put_string(w, "scale", a->facts.scale_how);
    clv_jw_put_string(w, "grid", a->grid_how);
    clv_jw_put_string(w, "mask", a->facts.mask_how);
    clv_jw_put_string(w, "nodata", a->facts.nodata_how);
    clv_jw_end(w);
    clv_jw_end(w);
}

static void write_checks(clv_json_writer *w, const clv_check *checks, int count)
{
    static const char *const states[] = {"ok", "note", "warning"};
    bool suits = true;
    clv_jw_key(w, "checks");
    clv_jw_array(w);
    for (int i = 0; i < count; i++) {
        suits = suits && checks[i].state != CLV_CHECK_WARNING;
        clv_jw_object(w);
        clv_jw_put_string(w, "name", checks[i].name);
        clv_jw_put_string(w, "state", states[checks[i].state]);
        clv_jw_put_string(w, "text", checks[i].text);
        clv_jw_put_string(w, "advice", checks[i].advice[0] ? checks[i].advice : NULL);
        clv_jw_end(w);
    }
    clv_jw_end(w);
    clv_jw_put_bool(w, "suits", suits);
}

static char *describe(const clv_series *series, const clv_series_sample *sample)
{
    clv_check checks[CLV_CHECKS];
    clv_json_writer w = {0};
    clv_jw_object(&w);
    clv_jw_put_string(&w, "command", "info");
    clv_jw_put_integer(&w, "inputs", series->inputs);
    clv_jw_put_bool(&w, "stack", series->single_stack);
    write_grid(&w, &series->grid); /* the working grid */
    write_extent(&w, series);
    clv_jw_put_number(&w, "never_seen_share", sample ? rounded(sample->never) : NAN);
    if (sample)
        clv_jw_put_string(&w, "cloud_share_text", clv_series_sample_text);
    clv_jw_key(&w, "dates");
    clv_jw_array(&w);
    for (int t = 0; t < series->dates; t++)
        write_date(&w, series, t, sample ? &sample->dates[t] : NULL);
    clv_jw_end(&w);
    const int count = clv_series_advice(series, sample, checks);
    write_checks(&w, checks, count);
    clv_jw_end(&w);
    return clv_jw_take(&w);
}

static clv_status tell_series(clv_context *ctx, const char *const *inputs, int count, const clv_info_options *options,
                              char **json)
{
    clv_series *series = NULL;
    clv_series_sample sample = {0};
    clv_status status = clv_series_open_around(ctx, inputs, count, &options->input, CLV_EXTENT_ALL, 0, NULL, &series);
    if (status == CLV_OK && options->cloud_share)
        status = clv_series_sample_take(ctx, series, &sample);
    if (status == CLV_OK && json) {
        *json = describe(series, options->cloud_share ? &sample : NULL);
        if (!*json)
            status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for the description of %d dates", series->dates);
    }
    free(sample.dates);
    clv_series_free(series);
    return status;
}

clv_status clv_info(clv_context *ctx, const char *const *inputs, int count, const clv_info_options *options,
                    char **json)
{
    clv_info_options own;
    clv_clear_error(ctx);
    if (json)
        *json = NULL;
    clv_status status = CLV_OPTIONS_TAKE(ctx, &own, options, clv_info_options_init);
    return status == CLV_OK ? tell_series(ctx, inputs, count, &own, json) : status;
}
