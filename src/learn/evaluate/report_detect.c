/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/report_detect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dilation.h"
#include "formats/json.h"
#include "learn/dataset/labels.h"
#include "learn/evaluate/report_chart.h"
#include "learn/evaluate/report_settings.h"

enum { MOST_CHARTED = 12 }; /* places in the chart */

static const struct {
    const char *key, *title, *label;
    int color;
} columns[] = {{"f1_cloud", "F1 cloud", "F1 cloud", 6},   {"f1_clear", "F1 clear", "F1 clear", 2},
               {"mean_f1", "mean F1", NULL, 0},           {"precision", "precision", "precision", 4},
               {"recall", "recall", "recall", 5},         {"f1_shadow", "F1 shadow", "F1 shadow", 3},
               {"precision_shadow", "P shadow", NULL, 0}, {"recall_shadow", "R shadow", NULL, 0}};
enum { COLUMNS = sizeof columns / sizeof *columns };

static double number(const clv_json *object, const char *key)
{
    return clv_json_number(clv_json_get(object, key), NAN);
}

/* ---- Tables --------------------------------------------------------------------------------------- */

static void put_row(clv_page *p, const char *name, const clv_json *row, const char *labels, double dates)
{
    clv_page_row(p, name);
    clv_page_cell(p, labels);
    clv_page_number(p, dates, 0);
    for (int i = 0; i < COLUMNS; i++)
        clv_page_number(p, number(row, columns[i].key), 4);
    clv_page_number(p, number(row, "pixels"), 0);
    clv_page_row_end(p);
}

static void put_table(clv_page *p, const clv_json *doc)
{
    const char *heads[COLUMNS + 4] = {"place", "labels", "dates"};
    const clv_json *places = clv_json_get(doc, "places");
    double dates = 0;
    for (int i = 0; i < COLUMNS; i++)
        heads[i + 3] = columns[i].title;
    heads[COLUMNS + 3] = "pixels";
    clv_page_heading(p, "Figures");
    clv_page_table(
        p,
        "F1 of cloud, clear and shadow, precision and recall of cloud and of shadow (P, R); the last row counts the "
        "pixels of all places together",
        heads, COLUMNS + 4);
    for (int i = 0; i < clv_json_count(places); i++) {
        const clv_json *place = clv_json_at(places, i);
        dates += number(place, "dates");
        put_row(p, clv_json_string(clv_json_get(place, "name"), ""), place,
                clv_json_string(clv_json_get(place, "labels"), ""), number(place, "dates"));
    }
    put_row(p, "all", doc, "", dates);
    clv_page_table_end(p);
}

/* ---- Charts --------------------------------------------------------------------------------------- */

static clv_bar_group group_of(const char *title, const clv_json *row, clv_bar bars[COLUMNS])
{
    clv_bar_group group = {title, bars, 0};
    for (int i = 0; i < COLUMNS; i++) {
        const double value = number(row, columns[i].key);
        if (columns[i].label && !isnan(value))
            bars[group.count++] = (clv_bar){columns[i].label, value, columns[i].color};
    }
    return group;
}

static void put_charts(clv_page *p, const clv_json *doc)
{
    clv_bar bars[MOST_CHARTED][COLUMNS];
    clv_bar_group groups[MOST_CHARTED];
    const clv_json *places = clv_json_get(doc, "places");
    int count = 0;
    clv_page_heading(p, "Charts");
    clv_page_paragraph(p, "One would be perfect. The same figures as in the table.");
    clv_page_markup(p, "<div class=\"charts\">\n");
    groups[0] = group_of(NULL, doc, bars[0]);
    clv_chart_bars(p, "Precision, recall and F1 over all pixels", "", 4, groups, 1);
    for (; count < clv_json_count(places) && count < MOST_CHARTED; count++)
        groups[count] = group_of(clv_json_string(clv_json_get(clv_json_at(places, count), "name"), ""),
                                 clv_json_at(places, count), bars[count]);
    if (clv_json_count(places) > 1)
        clv_chart_bars(p,
                       clv_json_count(places) > count ? "Precision, recall and F1 by place, the first twelve"
                                                      : "Precision, recall and F1 by place",
                       "", 4, groups, count);
    clv_page_markup(p, "</div>\n");
}

/* ---- Pictures ------------------------------------------------------------------------------------- */

/* The picture stays visible, grey, under the colours of the classes. */
static void draw_classes(const clv_detect_picture *s, const uint8_t *classes, uint8_t *planes)
{
    static const uint8_t cloud[3] = {232, 60, 120}, shadow[3] = {60, 110, 232};
    const size_t n = (size_t)s->window.width * (size_t)s->window.height;
    for (size_t i = 0; i < n; i++) {
        const int grey = 64 + (2 * s->picture[i] + 5 * s->picture[n + i] + s->picture[2 * n + i]) / 16;
        const uint8_t *over = classes[i] == CLV_LABEL_CLOUD ? cloud : classes[i] == CLV_LABEL_SHADOW ? shadow : NULL;
        for (size_t c = 0; c < 3; c++)
            planes[c * n + i] = classes[i] == CLV_LABEL_UNKNOWN ? 0
                                : over                          ? (uint8_t)((grey + 3 * over[c]) / 4)
                                                                : (uint8_t)grey;
    }
}

static clv_status put_picture(clv_context *ctx, clv_page *p, const clv_detect_picture *s, const uint8_t *planes,
                              const char *what, const char *caption)
{
    char alt[300];
    snprintf(alt, sizeof alt, "%s of %.160s, %s", what, s->name, s->day);
    return clv_page_picture(ctx, p, planes, s->window.width, s->window.height, alt, caption);
}

static clv_status put_strip(clv_context *ctx, clv_page *p, const char *title, const clv_detect_picture *s)
{
    char heading[400];
    uint8_t *planes = malloc(sizeof s->picture);
    if (!planes)
        return clv_fail_memory(ctx);
    snprintf(heading, sizeof heading, "%s: %.160s, %s, window at %d, %d (F1 of cloud %.4f)", title, s->name, s->day,
             s->window.x, s->window.y, s->f1);
    clv_page_subheading(p, heading);
    clv_page_strip(p);
    clv_status status = put_picture(ctx, p, s, s->picture, "The picture", "picture");
    draw_classes(s, s->label, planes);
    if (status == CLV_OK)
        status = put_picture(ctx, p, s, planes, "The label", "label");
    draw_classes(s, s->found, planes);
    if (status == CLV_OK)
        status = put_picture(ctx, p, s, planes, "What was found", "found");
    clv_page_strip_end(p);
    free(planes);
    return status;
}

static bool is_same(const clv_detect_picture *a, const clv_detect_picture *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->day, b->day) == 0 && a->window.x == b->window.x &&
           a->window.y == b->window.y;
}

static clv_status put_pictures(clv_context *ctx, clv_page *p, const clv_detect_show *show)
{
    static const char *const titles[CLV_DETECT_SHOWN] = {"Best", "Middle", "Worst"};
    clv_detect_picture *s = calloc(CLV_DETECT_SHOWN, sizeof *s);
    clv_status status = s ? CLV_OK : clv_fail_memory(ctx);
    bool any = false;
    clv_page_heading(p, "Pictures");
    clv_page_paragraph(
        p, "Windows of 128 by 128 pixels with at least 5 % cloud, labelled or found, and 5 % of something else: the "
           "one with the best F1 of cloud, a middle one (of each place's middle windows) and the worst. Red is cloud "
           "(where "
           "labels do not tell them apart also shadow), blue is shadow, grey is clear, black is not "
           "compared.");
    for (int i = 0; i < CLV_DETECT_SHOWN && status == CLV_OK; i++) {
        bool there;
        status = clv_detect_show_read(ctx, show, i, &there, &s[i]);
        if (status != CLV_OK || !there || (i > 0 && is_same(&s[i], &s[i - 1])))
            continue;
        any = true;
        status = put_strip(ctx, p, titles[i], &s[i]);
    }
    if (status == CLV_OK && !any)
        clv_page_paragraph(p, "There is no such window.");
    free(s);
    return status;
}

/* ---- All of it ------------------------------------------------------------------------------------ */

static void put_settings(clv_page *p, const char *const *inputs, int count, const clv_evaluate_detect_options *o,
                         const clv_json *doc)
{
    static const char *const kinds[] = {"auto", "cloud", "flagged"};
    const clv_json *detect = clv_json_get(doc, "detect");
    char dilation[CLV_NUMBER_SIZE + 1];
    clv_settings_begin(p);
    clv_settings_inputs(p, inputs, count);
    clv_setting(p, "protocol", clv_json_string(clv_json_get(doc, "protocol"), NULL));
    clv_setting_list(p, "masks", o->input.masks);
    clv_setting_list(p, "scene classifications", o->input.scls);
    clv_setting(p, "labels", kinds[o->labels]);
    clv_setting(p, "each picture by itself", o->each ? "yes" : "no");
    clv_setting_number(p, "threshold of cloud", o->detect.threshold);
    clv_setting_number(p, "threshold of shadow", o->detect.shadow_threshold);
    clv_dilation_text(&o->detect, dilation);
    clv_setting(p, "added around clouds", dilation);
    clv_setting(p, "haze", o->detect.haze == CLV_HAZE_KEEP ? "keep" : "fill");
    clv_setting(p, "clouds compared with the other dates", o->detect.no_review ? "no" : "yes");
    clv_setting(p, "model", clv_json_string(clv_json_get(detect, "model"), NULL));
    clv_setting(p, "model's SHA-256", clv_json_string(clv_json_get(detect, "model_sha256"), NULL));
    clv_setting(p, "device", clv_json_string(clv_json_get(detect, "device"), NULL));
    clv_settings_end(p);
}

clv_status clv_report_detect(clv_context *ctx, const char *const *inputs, int count,
                             const clv_evaluate_detect_options *options, const clv_detect_show *show, const char *json,
                             clv_page *p)
{
    char error[128];
    clv_json *doc = clv_json_parse(json, strlen(json), error, sizeof error);
    if (!doc)
        return clv_fail(ctx, CLV_ERROR_INTERNAL, "the report cannot be read: %s", error);
    clv_page_begin(p, "How well the cloud detector agrees with known masks");
    clv_page_paragraph(p,
                       "Clouds and their shadows were found without looking at the masks that are known, and compared "
                       "with them.");
    put_charts(p, doc);
    clv_status status = put_pictures(ctx, p, show);
    put_table(p, doc);
    put_settings(p, inputs, count, options, doc);
    clv_json_free(doc);
    return status == CLV_OK ? clv_page_end(ctx, p) : status;
}
