/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "formats/json.h"

static void init(void *options)
{
    clv_evaluate_detect_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_evaluate_detect(ctx, inputs, count, options, json);
}

/* ---- The table ------------------------------------------------------------------------------------ */

static const struct {
    const char *key, *title;
} columns[] = {{"f1_cloud", "F1 cloud"},         {"f1_clear", "F1 clear"},     {"mean_f1", "mean F1"},
               {"precision", "precision"},       {"recall", "recall"},         {"f1_shadow", "F1 shadow"},
               {"precision_shadow", "P shadow"}, {"recall_shadow", "R shadow"}};

enum { COLUMNS = sizeof columns / sizeof columns[0], LONGEST = 60 };

static void print_row(const char *name, int width, const clv_json *row)
{
    printf("%-*.*s", width, width, name);
    for (int i = 0; i < COLUMNS; i++) {
        const double value = clv_json_number(clv_json_get(row, columns[i].key), NAN);
        if (isnan(value))
            printf("  %9s", "-");
        else
            printf("  %9.4f", value);
    }
    printf("  %12.0f\n", clv_json_number(clv_json_get(row, "pixels"), 0));
}

static void print_places(const clv_json *doc)
{
    const clv_json *places = clv_json_get(doc, "places");
    int width = 5;
    for (int i = 0; i < clv_json_count(places); i++) {
        const int n = (int)strlen(clv_json_string(clv_json_get(clv_json_at(places, i), "name"), ""));
        width = n > width ? n : width;
    }
    width = width > LONGEST ? LONGEST : width;
    printf("%-*s", width, "place");
    for (int i = 0; i < COLUMNS; i++)
        printf("  %9s", columns[i].title);
    printf("  %12s\n", "pixels");
    for (int i = 0; i < clv_json_count(places); i++)
        print_row(clv_json_string(clv_json_get(clv_json_at(places, i), "name"), ""), width, clv_json_at(places, i));
    if (clv_json_count(places) != 1)
        print_row("all", width, doc);
}

static void print_ground(const clv_json *row, int width)
{
    const double value = clv_json_number(clv_json_get(row, "measured"), NAN);
    const double wanted = clv_json_number(clv_json_get(row, "wanted"), NAN);
    const char *reason = clv_json_string(clv_json_get(row, "reason"), "");
    printf("%-*s  %-9s", width, clv_json_string(clv_json_get(row, "name"), ""),
           clv_json_string(clv_json_get(row, "measure"), ""));
    if (isnan(value))
        printf("  %8s", "-");
    else
        printf("  %8.4f", value);
    if (isnan(wanted))
        printf("  %-15s", "-");
    else
        printf("  %-8s %6.4g", clv_json_string(clv_json_get(row, "wanted_is"), ""), wanted);
    printf("  %s%s%s\n", clv_json_string(clv_json_get(row, "verdict"), ""), *reason ? ": " : "", reason);
}

static void print_grounds(const clv_json *doc)
{
    const clv_json *grounds = clv_json_get(doc, "grounds");
    int width = 6;
    for (int i = 0; i < clv_json_count(grounds); i++) {
        const int n = (int)strlen(clv_json_string(clv_json_get(clv_json_at(grounds, i), "name"), ""));
        width = n > width ? n : width;
    }
    printf("%-*s  %-9s  %8s  %-15s  verdict\n", width, "ground", "measure", "measured", "wanted");
    for (int i = 0; i < clv_json_count(grounds); i++)
        print_ground(clv_json_at(grounds, i), width);
    printf("%.0f reached, %.0f not reached, %.0f skipped\n", clv_json_number(clv_json_get(doc, "reached"), 0),
           clv_json_number(clv_json_get(doc, "not_reached"), 0), clv_json_number(clv_json_get(doc, "skipped"), 0));
}

static void show(const char *json, const clv_cli_options *cli)
{
    (void)cli;
    char error[128];
    clv_json *doc = json ? clv_json_parse(json, strlen(json), error, sizeof error) : NULL;
    if (strcmp(clv_json_string(clv_json_get(doc, "protocol"), ""), "grounds") == 0)
        print_grounds(doc);
    else
        print_places(doc);
    clv_json_free(doc);
}

const clv_command clv_command_evaluate_detect = {
    .id = CLV_COMMAND_EVALUATE_DETECT,
    .name = "evaluate detect",
    .usage = "INPUT... | -grounds LIST",
    .summary = "How well the cloud detector agrees with known masks",
    .about = "Finds clouds as detect does, without looking at the masks that are known (the quality mask of a cube, "
             "-mask, -scl), and compares: F1 of cloud, clear and shadow, precision and recall of cloud and of "
             "shadow (P, R), for every place and over all pixels. With -grounds it measures on a list of grounds "
             "instead. Writes nothing but, when asked, a report.",
    .options_size = sizeof(clv_evaluate_detect_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = offsetof(clv_evaluate_detect_options, input),
                 [CLV_SECTION_DETECT] = offsetof(clv_evaluate_detect_options, detect),
                 [CLV_SECTION_COMPUTE] = offsetof(clv_evaluate_detect_options, compute),
                 [CLV_SECTION_OUTPUT] = CLV_NO_SECTION},
    .takes_inputs = true,
    .inputs_optional = true,
    .has_progress = true,
    .init = init,
    .run = run,
    .show = show,
};
