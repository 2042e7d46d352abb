/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "formats/json.h"

static void init(void *options)
{
    clv_evaluate_remove_options_init(options);
}

static clv_status run(clv_context *ctx, const char *const *inputs, int count, const void *options, char **json)
{
    return clv_evaluate_remove(ctx, inputs, count, options, json);
}

enum { LONGEST = 40 };

/* ---- The tables ----------------------------------------------------------------------------------- */

static void cell(const clv_json *object, const char *key, int digits)
{
    const double value = clv_json_number(clv_json_get(object, key), NAN);
    if (isnan(value))
        printf("  %10s", "-");
    else
        printf("  %10.*f", digits, value);
}

static void print_figures(const clv_json *method)
{
    const clv_json *gaps = clv_json_get(method, "occluded");
    cell(gaps, "psnr", 2);
    cell(gaps, "rmse", 5);
    cell(gaps, "mae", 5);
    cell(gaps, "ssim", 4);
    cell(gaps, "sam", 3);
}

static void print_methods(const clv_json *methods)
{
    printf("%-12s  %10s  %10s  %10s  %10s  %10s  %10s  %10s  %10s\n", "method", "PSNR gaps", "RMSE", "MAE", "SSIM",
           "SAM", "PSNR all", "unseen", "NIR gaps");
    for (int i = 0; i < clv_json_count(methods); i++) {
        const clv_json *m = clv_json_at(methods, i);
        printf("%-12s", clv_json_key_at(methods, i));
        print_figures(m);
        cell(clv_json_get(m, "all"), "psnr", 2);
        cell(clv_json_get(m, "unseen_frames"), "psnr", 2);
        cell(clv_json_get(m, "occluded_nir"), "psnr", 2);
        printf("\n");
    }
}

static void print_deviations(const clv_json *methods)
{
    for (int i = 0; i < clv_json_count(methods); i++) {
        const clv_json *d = clv_json_get(clv_json_at(methods, i), "deviation");
        if (d)
            printf("\n%s: %.0f %% of the errors within its standard deviation, %.0f %% within twice that\n",
                   clv_json_key_at(methods, i), 100 * clv_json_number(clv_json_get(d, "within_1"), 0),
                   100 * clv_json_number(clv_json_get(d, "within_2"), 0));
    }
}

static void print_places(const clv_json *places)
{
    int width = 5;
    for (int i = 0; i < clv_json_count(places); i++) {
        const int n = (int)strlen(clv_json_key_at(places, i));
        width = n > width ? n : width;
    }
    width = width > LONGEST ? LONGEST : width;
    printf("\n%-*s  %9s  %-12s  %10s  %10s  %10s  %10s  %10s  %10s  %10s\n", width, "place", "sequences", "method",
           "PSNR gaps", "RMSE", "MAE", "SSIM", "SAM", "unseen", "NIR gaps");
    for (int i = 0; i < clv_json_count(places); i++) {
        const clv_json *place = clv_json_at(places, i), *methods = clv_json_get(place, "methods");
        for (int k = 0; k < clv_json_count(methods); k++) {
            const clv_json *m = clv_json_at(methods, k);
            printf("%-*.*s  %9.0f  %-12s", width, width, clv_json_key_at(places, i),
                   clv_json_number(clv_json_get(place, "sequences"), 0), clv_json_key_at(methods, k));
            print_figures(m);
            cell(clv_json_get(m, "unseen_frames"), "psnr", 2);
            cell(clv_json_get(m, "occluded_nir"), "psnr", 2);
            printf("\n");
        }
    }
}

static void print_pools(const char *title, const clv_json *methods)
{
    printf("\n%-21s", title);
    for (int k = 0; k < clv_json_count(clv_json_at(methods, 0)); k++)
        printf("  %10s", clv_json_key_at(clv_json_at(methods, 0), k));
    printf("\n");
    for (int i = 0; i < clv_json_count(methods); i++) {
        printf("%-21s", clv_json_key_at(methods, i));
        for (int k = 0; k < clv_json_count(clv_json_at(methods, i)); k++)
            cell(clv_json_at(clv_json_at(methods, i), k), "psnr", 2);
        printf("\n");
    }
}

static void print_pooled(const clv_json *methods)
{
    printf("\n%-12s  %10s  %10s\n", "pooled score", "PSNR", "RMSE");
    for (int i = 0; i < clv_json_count(methods); i++) {
        const clv_json *pooled = clv_json_get(clv_json_at(methods, i), "seed");
        printf("%-12s", clv_json_key_at(methods, i));
        cell(pooled, "psnr", 3);
        cell(pooled, "rmse", 4);
        printf("\n");
    }
}

static void print_run(const char *name, const clv_json *run)
{
    printf("%-*.*s", LONGEST, LONGEST, name);
    cell(run, "price", 3);
    cell(run, "rmse", 5);
    cell(run, "rmse_true_masks", 5);
    cell(run, "rmse_spoilt_before", 5);
    cell(run, "rmse_spoilt", 5);
    cell(run, "rmse_spoilt_true_masks", 5);
    cell(run, "rmse_not_spoilt", 5);
    cell(run, "rmse_not_spoilt_true_masks", 5);
    cell(run, "spoilt_found", 4);
    cell(run, "false_alarms", 4);
    printf("\n");
}

static void print_end_to_end(const clv_json *doc)
{
    const clv_json *places = clv_json_get(doc, "places");
    printf("%-*s  %10s  %10s  %10s  %10s  %10s  %10s  %10s  %10s  %10s  %10s\n", LONGEST, "place", "price", "RMSE",
           "true masks", "spoilt was", "spoilt", "true masks", "not spoilt", "true masks", "found", "false");
    for (int i = 0; i < clv_json_count(places); i++)
        print_run(clv_json_string(clv_json_get(clv_json_at(places, i), "name"), ""), clv_json_at(places, i));
    print_run("mean", clv_json_get(doc, "mean"));
}

static void show(const char *json, const clv_cli_options *cli)
{
    char error[128];
    clv_json *doc = json ? clv_json_parse(json, strlen(json), error, sizeof error) : NULL;
    if (strcmp(clv_json_string(clv_json_get(doc, "protocol"), ""), "end_to_end") == 0) {
        print_end_to_end(doc);
        clv_json_free(doc);
        return;
    }
    const clv_json *methods = clv_json_get(doc, "methods");
    if (!cli->quiet)
        printf("%.0f sequences of %.0f windows\n\n", clv_json_number(clv_json_get(doc, "sequences"), 0),
               clv_json_number(clv_json_get(doc, "windows"), 0));
    print_methods(methods);
    print_deviations(methods);
    if (clv_json_count(clv_json_get(doc, "places")))
        print_places(clv_json_get(doc, "places"));
    print_pools("masked dates in a row", clv_json_get(doc, "by_gap"));
    print_pools("date masked, %", clv_json_get(doc, "by_cover"));
    if (strcmp(clv_json_string(clv_json_get(doc, "protocol"), ""), "pooled") == 0)
        print_pooled(methods);
    clv_json_free(doc);
}

const clv_command clv_command_evaluate_remove = {
    .id = CLV_COMMAND_EVALUATE_REMOVE,
    .name = "evaluate remove",
    .usage = "INPUT...",
    .summary = "How well the ground under clouds is predicted",
    .about =
        "Lays real cloud shapes on clear dates, lets every method fill them, and compares with what was there: PSNR, "
        "RMSE, MAE, SSIM and spectral angle of red, green and blue, in windows of 128 by 128 pixels. Also "
        "measures the sequences of a training set that prepare made. Writes nothing but, when asked, a "
        "report.",
    .options_size = sizeof(clv_evaluate_remove_options),
    .sections = {[CLV_SECTION_CLI] = CLV_NO_SECTION,
                 [CLV_SECTION_COMMAND] = 0,
                 [CLV_SECTION_INPUT] = offsetof(clv_evaluate_remove_options, input),
                 [CLV_SECTION_DETECT] = offsetof(clv_evaluate_remove_options, detect),
                 [CLV_SECTION_COMPUTE] = offsetof(clv_evaluate_remove_options, compute),
                 [CLV_SECTION_OUTPUT] = CLV_NO_SECTION},
    .takes_inputs = true,
    .has_progress = true,
    .init = init,
    .run = run,
    .show = show,
};
