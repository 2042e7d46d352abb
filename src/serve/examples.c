/* SPDX-License-Identifier: MIT
 *
 * The series to choose from: what the command line named, and the sample that comes with the program.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <gdal.h>

#include "base/alloc.h"
#include "base/names.h"
#include "pipeline/engine.h"
#include "products/inputs.h"
#include "series/series.h"
#include "serve/server.h"

void clv_serve_find_drivers(clv_server *server)
{
    /* None of these can name another file; EarthNet2021 cubes are read without a driver. */
    static const char *const wanted[] = {"GTiff", "PNG", "JPEG", "JP2OpenJPEG", "JP2KAK", "JP2ECW", "JP2MrSID"};
    int n = 0;
    GDALAllRegister();
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (GDALGetDriverByName(wanted[i]))
            server->drivers[n++] = wanted[i];
    server->drivers[n] = NULL;
}

/* ---- A series ------------------------------------------------------------------------------------ */

static void clear(clv_example *example)
{
    for (int i = 0; i < example->count; i++)
        free(example->paths[i]);
    free(example->paths);
    free(example->title);
    *example = (clv_example){0};
}

void clv_examples_clear(clv_server *server)
{
    for (int i = 0; i < server->example_count; i++)
        clear(&server->examples[i]);
    server->example_count = 0;
}

static void day(const clv_series *series, int t, char out[12])
{
    char text[32];
    clv_date_format(&series->acquisitions[t].facts.date, text);
    snprintf(out, 12, "%.10s", series->acquisitions[t].facts.date.year > 0 ? text : "");
}

static clv_status add(clv_server *server, clv_context *ctx, const char *title, const clv_inputs *files,
                      const clv_series *s)
{
    if (server->example_count == CLV_SERVE_MAX_EXAMPLES)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "more than %d series; name fewer", CLV_SERVE_MAX_EXAMPLES);
    if (s->dates > CLV_SERVE_MAX_DATES || files->count > CLV_SERVE_MAX_FILES)
        return clv_fail(ctx, CLV_ERROR_ARGUMENT, "%s: %d dates are more than the page takes (%d)", title, s->dates,
                        CLV_SERVE_MAX_DATES);
    clv_example *e = &server->examples[server->example_count++];
    *e = (clv_example){.title = clv_strdup(title), .dates = s->dates};
    e->paths = calloc((size_t)files->count + 1, sizeof *e->paths);
    day(s, 0, e->first);
    day(s, s->dates - 1, e->last);
    bool complete = e->title && e->paths;
    while (complete && e->count < files->count) {
        e->paths[e->count] = clv_strdup(files->names[e->count]);
        complete = e->paths[e->count++] != NULL;
    }
    return complete ? CLV_OK : clv_fail_memory(ctx);
}

/* Opens the names as one series and adds it when it holds several dates (*added). added NULL: a single date is an
 * error. */
static clv_status try_series(clv_server *server, clv_context *ctx, const char *const *names, int count, bool *added)
{
    clv_info_options defaults;
    clv_series *series = NULL;
    clv_inputs files = {0};
    clv_info_options_init(&defaults);
    /* Spelled out, so that each picture of a list can be shown. */
    clv_status status = clv_inputs_expand(ctx, names, count, "input", &files);
    if (status == CLV_OK)
        status = clv_series_open(ctx, (const char *const *)files.names, files.count, &defaults.input, &series);
    if (status == CLV_OK && series->dates > 1) {
        char *title = count > 1 ? clv_format("%s and %d more", clv_name_base(names[0]), count - 1)
                                : clv_strdup(clv_name_base(names[0]));
        status = title ? add(server, ctx, title, &files, series) : clv_fail_memory(ctx);
        free(title);
    } else if (status == CLV_OK && !added) {
        status = clv_fail(ctx, CLV_ERROR_ARGUMENT,
                          "%s: only one date; name at least 2 of the same area (5 to 10 are best)", names[0]);
    }
    if (status == CLV_OK && added)
        *added = series->dates > 1;
    clv_series_free(series);
    clv_inputs_clear(&files);
    return status;
}

static clv_status add_inputs(clv_server *server, const char *const *inputs, int count)
{
    clv_status status = CLV_OK;
    const char **rest = calloc((size_t)count + 1, sizeof *rest);
    clv_context *probe = clv_context_new(); /* a picture by itself: what is to be remarked is remarked of the series */
    int n = 0;
    if (!rest || !probe)
        status = clv_fail_memory(server->ctx);
    for (int i = 0; i < count && status == CLV_OK; i++) {
        bool added = false;
        status = clv_check_cancel(server->ctx);
        if (status == CLV_OK && (status = try_series(server, probe, &inputs[i], 1, &added)) != CLV_OK)
            clv_fail(server->ctx, status, "%s", clv_context_error(probe));
        if (!added)
            rest[n++] = inputs[i];
    }
    if (status == CLV_OK && n > 0)
        status = try_series(server, server->ctx, rest, n, NULL);
    clv_context_free(probe);
    free(rest);
    return status;
}

/* ---- The sample ---------------------------------------------------------------------------------- */

static int is_picture(const struct dirent *entry)
{
    return clv_name_ends(entry->d_name, "tif");
}

/* Adds a folder's pictures as a series; false when it has none. */
static bool add_sample(clv_server *server, const char *folder)
{
    struct dirent **entries = NULL;
    const int n = folder ? scandir(folder, &entries, is_picture, alphasort) : -1;
    char *names[CLV_SERVE_MAX_FILES] = {NULL};
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (count < CLV_SERVE_MAX_FILES && (names[count] = clv_format("%s/%s", folder, entries[i]->d_name)))
            count++;
        free(entries[i]);
    }
    free(entries);
    const int before = server->example_count;
    bool added = false;
    clv_context *probe = clv_context_new(); /* a sample that is not there is no failure */
    if (probe && count > 0 && try_series(server, probe, (const char *const *)names, count, &added) == CLV_OK && added) {
        char *title = clv_strdup("The sample: simulated fields, eight dates");
        if (title) {
            free(server->examples[before].title);
            server->examples[before].title = title;
        }
    }
    for (int i = 0; i < count; i++)
        free(names[i]);
    clv_context_free(probe);
    return added;
}

static void find_sample(clv_server *server)
{
    char *beside = clv_shared_folder("sample");
    const char *const folders[] = {beside, CLV_INSTALL_SAMPLE};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (add_sample(server, folders[i]))
            break;
    free(beside);
}

clv_status clv_examples_find(clv_server *server, const char *const *inputs, int count)
{
    const clv_status status = count > 0 ? add_inputs(server, inputs, count) : CLV_OK;
    if (status == CLV_OK && server->example_count < CLV_SERVE_MAX_EXAMPLES)
        find_sample(server);
    return status;
}
