/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/report_remove.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "learn/evaluate/report_chart.h"
#include "learn/evaluate/report_settings.h"

enum { MOST_CHARTED = 12 }; /* groups of a chart */

/* ---- Tables --------------------------------------------------------------------------------------- */

static const char *const figures_heads[] = {"method", "pixels", "PSNR, dB", "RMSE",
                                            "MAE",    "SSIM",   "SAM, °",   "sequences"};
enum { FIGURES_HEADS = sizeof figures_heads / sizeof *figures_heads };

static const struct {
    const char *key, *title;
} scopes[] = {{"occluded", "gaps"},
              {"observed", "observed"},
              {"all", "all"},
              {"unseen_frames", "dates that show nothing"},
              {"occluded_nir", "gaps, near infrared"}};
enum { SCOPES = sizeof scopes / sizeof *scopes };

static double number(const clv_json *object, const char *key)
{
    return clv_json_number(clv_json_get(object, key), NAN);
}

static void put_figures(clv_page *p, const char *title, const clv_json *m)
{
    clv_page_cell(p, title);
    clv_page_number(p, number(m, "psnr"), 2);
    clv_page_number(p, number(m, "rmse"), 5);
    clv_page_number(p, number(m, "mae"), 5);
    clv_page_number(p, number(m, "ssim"), 4);
    clv_page_number(p, number(m, "sam"), 3);
    clv_page_number(p, number(m, "sequences"), 0);
    clv_page_row_end(p);
}

/* A row per method and scope that has figures. */
static void put_methods(clv_page *p, const char *caption, const clv_json *methods)
{
    clv_page_table(p, caption, figures_heads, FIGURES_HEADS);
    for (int k = 0; k < SCOPES; k++)
        for (int i = 0; i < clv_json_count(methods); i++) {
            const clv_json *m = clv_json_get(clv_json_at(methods, i), scopes[k].key);
            if (!(number(m, "sequences") > 0))
                continue;
            clv_page_row(p, clv_json_key_at(methods, i));
            put_figures(p, scopes[k].title, m);
        }
    clv_page_table_end(p);
}

static void put_pools(clv_page *p, const char *caption, const char *first, const clv_json *methods)
{
    const char *heads[8] = {first};
    const clv_json *classes = clv_json_at(methods, 0);
    int count = 1;
    for (int k = 0; k < clv_json_count(classes) && count < 8; k++)
        heads[count++] = clv_json_key_at(classes, k);
    clv_page_table(p, caption, heads, count);
    for (int i = 0; i < clv_json_count(methods); i++) {
        clv_page_row(p, clv_json_key_at(methods, i));
        for (int k = 0; k + 1 < count; k++)
            clv_page_number(p, number(clv_json_at(clv_json_at(methods, i), k), "psnr"), 2);
        clv_page_row_end(p);
    }
    clv_page_table_end(p);
}

static void put_pooled(clv_page *p, const clv_json *methods)
{
    static const char *const heads[] = {"method", "PSNR, dB", "RMSE"};
    clv_page_table(p,
                   "The pooled score: all pixels, observed ones too, of all cubes, in units of each sequence's range",
                   heads, 3);
    for (int i = 0; i < clv_json_count(methods); i++) {
        const clv_json *pooled = clv_json_get(clv_json_at(methods, i), "seed");
        clv_page_row(p, clv_json_key_at(methods, i));
        clv_page_number(p, number(pooled, "psnr"), 3);
        clv_page_number(p, number(pooled, "rmse"), 4);
        clv_page_row_end(p);
    }
    clv_page_table_end(p);
}

static void put_tables(clv_page *p, const clv_json *doc)
{
    const clv_json *methods = clv_json_get(doc, "methods"), *places = clv_json_get(doc, "places");
    clv_page_heading(p, "All sequences");
    put_methods(p, "Means over the sequences; red, green and blue unless it says near infrared", methods);
    put_pools(p, "PSNR in the gaps in dB, by number of masked dates in a row; pixels of all sequences pooled", "method",
              clv_json_get(doc, "by_gap"));
    put_pools(p,
              "PSNR in the gaps in dB, by the share of the date that is masked, in %; pixels of all sequences pooled",
              "method", clv_json_get(doc, "by_cover"));
    if (strcmp(clv_json_string(clv_json_get(doc, "protocol"), ""), "pooled") == 0)
        put_pooled(p, methods);
    if (clv_json_count(places))
        clv_page_heading(p, "Places");
    for (int i = 0; i < clv_json_count(places); i++) {
        clv_page_subheading(p, clv_json_key_at(places, i));
        put_methods(p, "Means over the sequences of this place", clv_json_get(clv_json_at(places, i), "methods"));
    }
}

/* ---- Charts --------------------------------------------------------------------------------------- */

static clv_bar bar_of(const char *method, double value)
{
    const int m = (int)clv_fill_find(method);
    return (clv_bar){method, value, m < CLV_CHART_COLORS ? m : 0};
}

static void put_method_chart(clv_page *p, const clv_json *methods)
{
    clv_bar bars[CLV_FILL_METHODS];
    clv_bar_group group = {NULL, bars, 0};
    for (int i = 0; i < clv_json_count(methods) && i < CLV_FILL_METHODS; i++)
        bars[group.count++] =
            bar_of(clv_json_key_at(methods, i), number(clv_json_get(clv_json_at(methods, i), "occluded"), "psnr"));
    clv_chart_bars(p, "PSNR in the gaps by method", "dB", 2, &group, 1);
}

/* A group per class of a table of pools; names by class, NULL = the class's key and `unit`. */
static void put_pool_chart(clv_page *p, const char *caption, const clv_json *methods, const char *const *names)
{
    clv_bar bars[MOST_CHARTED][CLV_FILL_METHODS];
    clv_bar_group groups[MOST_CHARTED];
    int count = 0;
    for (int k = 0; k < clv_json_count(clv_json_at(methods, 0)) && count < MOST_CHARTED; k++, count++) {
        groups[count] = (clv_bar_group){names[k], bars[count], 0};
        for (int i = 0; i < clv_json_count(methods) && i < CLV_FILL_METHODS; i++)
            bars[count][groups[count].count++] =
                bar_of(clv_json_key_at(methods, i), number(clv_json_at(clv_json_at(methods, i), k), "psnr"));
    }
    clv_chart_bars(p, caption, "dB", 2, groups, count);
}

static void put_place_chart(clv_page *p, const clv_json *places)
{
    clv_bar bars[MOST_CHARTED][CLV_FILL_METHODS];
    clv_bar_group groups[MOST_CHARTED];
    int count = 0;
    for (int k = 0; k < clv_json_count(places) && count < MOST_CHARTED; k++, count++) {
        const clv_json *methods = clv_json_get(clv_json_at(places, k), "methods");
        groups[count] = (clv_bar_group){clv_json_key_at(places, k), bars[count], 0};
        for (int i = 0; i < clv_json_count(methods) && i < CLV_FILL_METHODS; i++)
            bars[count][groups[count].count++] =
                bar_of(clv_json_key_at(methods, i), number(clv_json_get(clv_json_at(methods, i), "occluded"), "psnr"));
    }
    clv_chart_bars(
        p, clv_json_count(places) > count ? "PSNR in the gaps by place, the first twelve" : "PSNR in the gaps by place",
        "dB", 2, groups, count);
}

static void put_charts(clv_page *p, const clv_json *doc)
{
    static const char *const gaps[] = {"one masked date", "two masked dates in a row", "three or more in a row"};
    static const char *const covers[] = {"date masked up to 30 %", "30 to 60 %", "60 to 90 %", "90 to 100 %"};
    clv_page_heading(p, "Charts");
    clv_page_paragraph(p, "Peak signal-to-noise ratio in the gaps, in red, green and blue: more is better. The same "
                          "figures as in the tables.");
    clv_page_markup(p, "<div class=\"charts\">\n");
    put_method_chart(p, clv_json_get(doc, "methods"));
    put_pool_chart(p, "PSNR in the gaps by their length", clv_json_get(doc, "by_gap"), gaps);
    put_pool_chart(p, "PSNR in the gaps by cover", clv_json_get(doc, "by_cover"), covers);
    if (clv_json_count(clv_json_get(doc, "places")))
        put_place_chart(p, clv_json_get(doc, "places"));
    clv_page_markup(p, "</div>\n");
}

/* ---- Pictures ------------------------------------------------------------------------------------- */

static bool is_gap(uint8_t scope)
{
    return scope == CLV_SCOPE_OCCLUDED || scope == CLV_SCOPE_UNSEEN;
}

/* What the methods saw: the gap is white as a cloud. */
static void draw_before(const clv_gap_picture *s, uint8_t *planes)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (size_t i = 0; i < 3 * n; i++)
        planes[i] = is_gap(s->scope[i % n]) ? 255 : s->truth[i];
}

/* The picture stays visible, grey, under the colour of the gap. */
static void draw_mask(const clv_gap_picture *s, uint8_t *planes)
{
    static const uint8_t color[3] = {232, 60, 120};
    const size_t n = (size_t)s->width * (size_t)s->height;
    for (size_t i = 0; i < n; i++) {
        const int grey = 96 + (2 * s->truth[i] + 5 * s->truth[n + i] + s->truth[2 * n + i]) / 16;
        for (size_t c = 0; c < 3; c++)
            planes[c * n + i] = s->scope[i] == CLV_SCOPE_IGNORED ? 0
                                : is_gap(s->scope[i])            ? (uint8_t)((grey + 3 * color[c]) / 4)
                                                                 : (uint8_t)grey;
    }
}

static void decibels(double value, char text[32])
{
    if (isnan(value))
        snprintf(text, 32, "no figure");
    else if (isinf(value))
        snprintf(text, 32, "no error");
    else
        snprintf(text, 32, "%.2f dB", value);
}

static clv_status put_picture(clv_context *ctx, clv_page *p, const clv_gap_picture *s, const uint8_t *planes,
                              const char *what, const char *caption)
{
    char alt[300];
    snprintf(alt, sizeof alt, "%s of %.160s, %s", what, s->name, s->day);
    return clv_page_picture(ctx, p, planes, s->width, s->height, alt, caption);
}

static clv_status put_strip(clv_context *ctx, clv_page *p, const char *title, const clv_gap_show *show,
                            const clv_gap_picture *s)
{
    char heading[400], value[32];
    uint8_t *planes = malloc(sizeof s->truth);
    if (!planes)
        return clv_fail_memory(ctx);
    decibels(s->quality, value);
    snprintf(heading, sizeof heading, "%s: %.160s (%s: %s)", title, s->name, clv_fill_name(show->by), value);
    clv_page_subheading(p, heading);
    snprintf(heading, sizeof heading, "%s, one of %d clear dates; %.0f %% of it was masked.", s->day, s->dates,
             100 * s->share);
    clv_page_paragraph(p, heading);
    clv_page_strip(p);
    draw_before(s, planes);
    clv_status status = put_picture(ctx, p, s, planes, "The masked picture", "before: what the methods saw");
    draw_mask(s, planes);
    if (status == CLV_OK)
        status = put_picture(ctx, p, s, planes, "The mask", "mask");
    for (int i = 0; i < s->count && status == CLV_OK; i++) {
        char what[64], caption[96];
        decibels(s->psnr[i], value);
        snprintf(what, sizeof what, "The picture filled by %s", clv_fill_name(s->method[i]));
        snprintf(caption, sizeof caption, "after: %s, %s on this date", clv_fill_name(s->method[i]), value);
        status = put_picture(ctx, p, s, s->after[i], what, caption);
    }
    if (status == CLV_OK)
        status = put_picture(ctx, p, s, s->truth, "The true picture", "truth");
    clv_page_strip_end(p);
    free(planes);
    return status;
}

static clv_status put_pictures(clv_context *ctx, clv_page *p, const clv_gap_show *show)
{
    static const char *const titles[3] = {"Best", "Middle", "Worst"};
    int picked[3];
    const int count = clv_ranking_pick(show->ranking, picked);
    clv_gap_picture *s = malloc(sizeof *s);
    clv_status status = s ? CLV_OK : clv_fail_memory(ctx);
    clv_page_heading(p, "Pictures");
    clv_page_paragraph(p,
                       "The best, the middle and the worst sequence by PSNR in the gaps; of each the date with the "
                       "largest gap. All pictures of a sequence are stretched alike; what was not observed at all is "
                       "black in the mask.");
    for (int i = 0; i < count && status == CLV_OK; i++) {
        const char *title = count == 1 ? "The only sequence" : count == 2 && i == 1 ? titles[2] : titles[i];
        status = clv_ranking_read(ctx, show->ranking, picked[i], s);
        if (status == CLV_OK)
            status = put_strip(ctx, p, title, show, s);
    }
    free(s);
    return status;
}

/* ---- All of it ------------------------------------------------------------------------------------ */

static void put_settings(clv_page *p, const char *const *inputs, int count, const clv_evaluate_remove_options *o,
                         const clv_json *doc)
{
    static const char *const splits[] = {NULL, "train", "hold"};
    clv_settings_begin(p);
    clv_settings_inputs(p, inputs, count);
    clv_setting(p, "protocol", clv_json_string(clv_json_get(doc, "protocol"), NULL));
    clv_setting_number(p, "seed", number(doc, "seed"));
    clv_setting_number(p, "sequences", number(doc, "sequences"));
    clv_setting_number(p, "windows looked at", number(doc, "windows"));
    clv_setting_list(p, "places", o->places);
    clv_setting(p, "split", splits[o->split]);
    if (o->shapes)
        clv_setting_list(p, "shapes", o->shapes);
    else if (o->protocol == CLV_PROTOCOL_UTILISE)
        clv_setting(p, "shapes", "the input's own");
    clv_setting(p, "whole frames", o->whole_frames ? "yes" : "no");
    clv_setting(p, "consecutive", o->consecutive ? "yes" : "no");
    clv_setting_number(p, "dates looked at together", o->window);
    clv_setting(p, "model", o->model);
    clv_setting(p, "model's SHA-256", clv_json_string(clv_json_get(doc, "model_sha256"), NULL));
    clv_settings_end(p);
}

clv_status clv_report_remove(clv_context *ctx, const char *const *inputs, int count,
                             const clv_evaluate_remove_options *options, const clv_gap_show *show, const char *json,
                             clv_page *p)
{
    char error[128];
    clv_json *doc = clv_json_parse(json, strlen(json), error, sizeof error);
    if (!doc)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "the report cannot be read: %s", error);
    clv_page_begin(p, "How well the ground under clouds is predicted");
    clv_page_paragraph(p, "Real cloud shapes were laid on clear dates, every method filled them, and the result was "
                          "compared with what was there.");
    put_charts(p, doc);
    clv_status status = put_pictures(ctx, p, show);
    put_tables(p, doc);
    put_settings(p, inputs, count, options, doc);
    clv_json_free(doc);
    return status == CLV_OK ? clv_page_end(ctx, p) : status;
}
