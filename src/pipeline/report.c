/* SPDX-License-Identifier: MIT */
#include "pipeline/report.h"

#include "pipeline/flags.h"
#include "base/dilation.h"
#include "raster/reproject.h"
#include "series/level_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MUCH_REFUTED 0.1 /* of a date's pixels */
#define NAMED 8          /* dates that a message lists */

clv_status clv_check_settings(clv_context *ctx, const clv_detect_settings *s, const clv_output_options *output)
{
    if (!output->path || !*output->path)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "no output: give a folder with -o");
    if (!(s->threshold > 0 && s->threshold <= 1))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-threshold %g: must be above 0 and at most 1", s->threshold);
    if (!(s->shadow_threshold > 0 && s->shadow_threshold <= 1))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-shadow_threshold %g: must be above 0 and at most 1",
                        s->shadow_threshold);
    if (s->dilate > CLV_DILATION_MOST)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-dilate %d: must be 0 to %d pixels", s->dilate, CLV_DILATION_MOST);
    if (s->dilate < 0 && !(s->dilate_m >= 0 && s->dilate_m <= CLV_DILATION_MOST_M))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "-dilate %gm: must be 0 to %d metres", s->dilate_m,
                        CLV_DILATION_MOST_M);
    return CLV_OK;
}

clv_status clv_check_dilation(clv_context *ctx, const clv_detect_settings *s, const clv_grid *grid)
{
    const int pixels = clv_dilation_pixels(s, grid->pixel_m);
    clv_remove_options usual;
    clv_remove_options_init(&usual);
    const double wanted = s->dilate < 0 && grid->pixel_m > 0 ? s->dilate_m / grid->pixel_m : 0;
    if (wanted > CLV_DILATION_MOST + 0.5 && !clv_dilation_same(s, &usual.detect))
        return clv_fail(ctx, CLV_ERROR_ARGUMENT,
                        "-dilate %gm: is %.0f pixels of the working grid; at most %d are possible", s->dilate_m, wanted,
                        CLV_DILATION_MOST);
    if (!(grid->pixel_m > 0) && s->dilate < 0 && !clv_dilation_same(s, &usual.detect))
        clv_warn(ctx, "-dilate %gm: nothing says how large the pixels are; taken for %g m, so dilated by %d",
                 s->dilate_m, CLV_DILATION_UNKNOWN, pixels);
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
    clv_status status = clv_series_open_around(ctx, inputs, count, &wanted, extent, clv_margin(), detect, out);
    return status == CLV_OK ? clv_check_dilation(ctx, detect, &(*out)->grid) : status;
}

/* Dates of which nobody knows whether their level is that of the others. */
static void report_levels(clv_context *ctx, const clv_series *series)
{
    char names[NAMED * 12 + 8] = "";
    int count = 0;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        char day[32];
        if (strcmp(a->level_how, CLV_LEVEL_NOT_COMPARED) != 0)
            continue;
        clv_date_format(&a->facts.date, day);
        if (count++ < NAMED)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%.10s", *names ? ", " : "", day);
    }
    if (count > 0)
        clv_note(ctx,
                 "level of %d date%s not compared with the others' (too little clear ground in common, or not only the "
                 "level "
                 "differs): %s%s",
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

/* One line on masks that came with the data and that the dates contradict. */
static void report_refuted(clv_context *ctx, const clv_series *series, const clv_stage1 *stage)
{
    char list[200] = "", more[32] = "", line[600];
    int count = 0, left = 0;
    double worst = 0;
    for (int t = 0; t < series->dates; t++) {
        const double part = stage->dates[t].refuted;
        const size_t used = strlen(list);
        char date[32], share[24];
        if (!(part > 0))
            continue;
        count++;
        clv_date_format(&series->acquisitions[t].facts.date, date);
        worst = fmax(worst, part);
        snprintf(share, sizeof share, part < 0.001 ? "below %.1f %%" : "%.1f %%", part < 0.001 ? 0.1 : 100 * part);
        if (left > 0 || used > sizeof list - 40)
            left++;
        else
            snprintf(list + used, sizeof list - used, "%s%.10s %s", used ? ", " : "", date, share);
    }
    if (count == 0)
        return;
    if (left > 0)
        snprintf(more, sizeof more, " and %d more", left);
    snprintf(line, sizeof line,
             "the masks that came with the data flag ground that other dates show with the same values, on %d of %d "
             "dates (%s%s of the pixels): not taken for cloud there; -mask_mode replace or -no_review obeys the masks",
             count, series->dates, list, more);
    /* Much of a date is worth a word even where notes are not shown. */
    if (worst < MUCH_REFUTED)
        clv_note(ctx, "%s", line);
    else
        clv_warn(ctx, "%s", line);
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
    report_refuted(ctx, series, stage);
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
    clv_jw_integer(w, stage->dilated);
    clv_jw_put_number(w, "dilate_m", settings->dilate < 0 ? settings->dilate_m : NAN);
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
    if (clv_series_has_own_mask(series, t))
        share(w, "mask_refuted", shares->refuted);
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
