/* SPDX-License-Identifier: MIT */
#include "pipeline/report.h"

#include "pipeline/flags.h"
#include "raster/reproject.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAMED 8 /* dates that a message lists */

clv_status clv_check_settings(clv_context *ctx, const clv_detect_settings *s, const clv_output_options *output)
{
    if (!output->path || !*output->path)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "no output: give a folder with -o");
    if (!(s->threshold > 0 && s->threshold <= 1))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-threshold %g: must be above 0 and at most 1", s->threshold);
    if (!(s->shadow_threshold > 0 && s->shadow_threshold <= 1))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-shadow_threshold %g: must be above 0 and at most 1",
                        s->shadow_threshold);
    if (s->dilate < 0 || s->dilate > 64)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-dilate %d: must be 0 to 64 pixels", s->dilate);
    return CLV_OK;
}

clv_status clv_open_to_write(clv_context *ctx, const char *const *inputs, int count, const clv_input_options *input,
                             const clv_output_options *output, const clv_detect_settings *detect, clv_extent extent,
                             clv_series **out)
{
    clv_input_options wanted = *input;
    if (clv_target_wanted(output))
        wanted.te = NULL, wanted.te_srs = NULL;
    if (output->t_srs)
        wanted.tr = 0; /* the size of the target's pixels, in its units */
    return clv_series_open_around(ctx, inputs, count, &wanted, extent, clv_margin(detect), out);
}

/* Dates of which nobody knows whether their level is that of the others. */
static void report_levels(clv_context *ctx, const clv_series *series)
{
    char names[NAMED * 12 + 8] = "";
    int count = 0;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        char day[32];
        if (strncmp(a->level_how, "not compared", 12) != 0)
            continue;
        clv_date_format(&a->facts.date, day);
        if (count++ < NAMED)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%.10s", *names ? ", " : "", day);
    }
    if (count > 0)
        clv_note(ctx, "level of %d date%s not compared with the others', too little clear ground in common: %s%s",
                 count, count == 1 ? "" : "s", names, count > NAMED ? ", ..." : "");
}

void clv_report_series(clv_context *ctx, const clv_series *series)
{
    char grid[200], first[32], last[32];
    clv_grid_describe(&series->grid, grid, sizeof grid);
    clv_date_format(&series->acquisitions[0].facts.date, first);
    clv_date_format(&series->acquisitions[series->dates - 1].facts.date, last);
    clv_note(ctx, "%d date%s, %.10s to %.10s, %d bands, processed at %s%s", series->dates,
             series->dates == 1 ? "" : "s", first, last, series->channels, grid,
             series->extended ? ", over all dates, beyond the first input" : "");
    report_levels(ctx, series);
}

void clv_report_clouds(clv_context *ctx, const clv_series *series, const clv_stage1 *stage)
{
    int clouded = 0;
    for (int t = 0; t < series->dates; t++) {
        const clv_stage1_date *d = &stage->dates[t];
        char date[32];
        clv_date_format(&series->acquisitions[t].facts.date, date);
        clv_note(ctx, "%.10s  cloud %3.0f %%  shadow %3.0f %%  no data %3.0f %%  %s", date, 100 * d->cloud,
                 100 * d->shadow, 100 * d->missing, series->acquisitions[t].stem);
        clouded += d->cloud + d->shadow + d->missing > 0.5;
    }
    if (2 * clouded > series->dates)
        clv_warn(ctx,
                 "%d of %d dates are more than half clouded or without data: add clearer dates for a better result",
                 clouded, series->dates);
}

void clv_report_stage1(clv_json_writer *w, const clv_stage1 *stage, const clv_detect_settings *settings)
{
    clv_jw_key(w, "detect");
    clv_jw_object(w);
    clv_jw_key(w, "model");
    clv_jw_string(w, stage->used_network ? settings->model ? settings->model : "detect" : NULL);
    clv_jw_key(w, "model_sha256");
    clv_jw_string(w, stage->used_network ? stage->model_sha256 : NULL);
    clv_jw_key(w, "device");
    clv_jw_string(w, stage->used_network ? stage->device : NULL);
    clv_jw_key(w, "threshold");
    clv_jw_number(w, settings->threshold);
    clv_jw_key(w, "shadow_threshold");
    clv_jw_number(w, settings->shadow_threshold);
    clv_jw_key(w, "dilate");
    clv_jw_integer(w, settings->dilate);
    clv_jw_put_string(w, "haze", settings->haze == CLV_HAZE_KEEP ? "keep" : "fill");
    clv_jw_put_bool(w, "review", !settings->no_review);
    clv_jw_end(w);
}

/* Shares are rounded to what a person reads; it also keeps the report stable across machines. */
static void share(clv_json_writer *w, const char *key, double value)
{
    clv_jw_key(w, key);
    clv_jw_number(w, round(value * 1e4) / 1e4);
}

void clv_report_date(clv_json_writer *w, const clv_series *series, int t, const clv_stage1_date *shares)
{
    char date[32];
    clv_date_format(&series->acquisitions[t].facts.date, date);
    clv_jw_key(w, "date");
    clv_jw_string(w, date);
    clv_jw_key(w, "source");
    clv_jw_string(w, series->acquisitions[t].source);
    share(w, "cloud", shares->cloud);
    share(w, "shadow", shares->shadow);
    share(w, "missing", shares->missing);
}

void clv_report_transform(clv_json_writer *w, const char *key, const clv_grid *grid)
{
    clv_jw_key(w, key);
    if (grid->has_transform) {
        clv_jw_array(w);
        for (int i = 0; i < 6; i++)
            clv_jw_number(w, grid->transform[i]);
        clv_jw_end(w);
    } else {
        clv_jw_null(w);
    }
}
