/* SPDX-License-Identifier: MIT
 *
 * Building a series: the inputs, opened one after the other, the dates in them, and the files that the user named.
 */
#include "series/build_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "products/damaged.h"
#include "raster/paths.h"
#include "series/earthnet.h"
#include "series/given_scales.h"

#define MAX_PIECES (CLV_MAX_INPUTS + CLV_MAX_DATES) /* dates before those of one day are joined */

const char *clv_build_source(const clv_series_build *b, int d)
{
    return b->datasets[b->dates[d].input].source;
}

clv_status clv_build_keep_name(clv_series_build *b, const char *name)
{
    return clv_path_look(name) == CLV_PATH_FILE ? clv_inputs_add(b->ctx, &b->series->private_data->named, name, NULL)
                                                : CLV_OK;
}

clv_status clv_build_keep_names(clv_series_build *b, const char *const *names, int count)
{
    clv_status status = CLV_OK;
    for (int i = 0; i < count && status == CLV_OK; i++)
        status = names[i] ? clv_build_keep_name(b, names[i]) : CLV_OK;
    for (int i = 0; i < b->inputs.count && status == CLV_OK; i++)
        status = b->inputs.bundles[i] ? CLV_OK : clv_build_keep_name(b, b->inputs.names[i]);
    return status;
}

/* A cube whose other part was already read with it. */
static bool is_joined(const clv_series_build *b, int input)
{
    for (int i = 0; i < input; i++)
        if (b->partner[i] && strcmp(b->partner[i], b->inputs.names[input]) == 0)
            return true;
    return false;
}

clv_status clv_build_too_many_dates(clv_series_build *b)
{
    return clv_fail(b->ctx, CLV_ERROR_UNSUPPORTED, "the inputs hold more than %d dates; process the series in parts",
                    CLV_MAX_DATES);
}

static clv_status add_dates(clv_series_build *b, int input)
{
    clv_dataset *opened = &b->datasets[input];
    for (int f = 0; f < opened->acquisitions; f++) {
        if (b->count == MAX_PIECES)
            return clv_build_too_many_dates(b);
        b->dates[b->count++] = (struct clv_build_date){&opened->acquisition[f], input, f};
    }
    return CLV_OK;
}

/* What came through a stream is named after it, and the name of its copy tells no date. */
static clv_status name_stream(clv_series_build *b, int input)
{
    clv_dataset *opened = &b->datasets[input];
    const char *origin = clv_stream_copy_origin(&b->series->private_data->copies, b->inputs.names[input]);
    if (!origin)
        return CLV_OK;
    free(opened->stem);
    free(opened->source);
    opened->stem = clv_strdup(clv_stream_copy_is_stdin(origin) ? "stdin" : clv_name_base(origin));
    opened->source = clv_strdup(origin);
    if (!opened->stem || !opened->source)
        return clv_fail_memory(b->ctx);
    for (int f = 0; f < opened->acquisitions; f++)
        if (opened->acquisition[f].date_of_folder) {
            opened->acquisition[f].facts.has_date = false;
            opened->acquisition[f].written.kind = CLV_WRITTEN_NONE;
        }
    return CLV_OK;
}

static clv_status open_raster(clv_series_build *b, int input, int dates)
{
    clv_open_options *how = &b->series->private_data->open_options;
    const char *name = b->inputs.names[input], *origin = clv_stream_copy_origin(&b->series->private_data->copies, name);
    GDALDatasetH probe = NULL;
    /* Nobody knows the copy's name. */
    if (origin && clv_raster_open(NULL, name, how, &probe) != CLV_OK)
        return clv_fail(b->ctx, CLV_ERROR_OPEN, "%s: not a raster that GDAL can open", origin);
    if (probe)
        GDALClose(probe);
    const clv_input_options options = clv_given_scales_from(b->options, b->count);
    clv_status status = clv_dataset_open(b->ctx, name, how, &options, dates, &b->datasets[input]);
    how->warns = false;
    return status;
}

clv_status clv_build_open_datasets(clv_series_build *b)
{
    int open = 0, given = 0;
    bool guessed = false; /* said once: a series is made of one kind */
    clv_status status = CLV_OK;
    clv_damaged_warn(b->ctx, &b->inputs);
    while (b->options->dates && b->options->dates[given])
        given++;
    b->datasets = clv_alloc_array(1, (size_t)b->inputs.count, sizeof *b->datasets);
    b->partner = clv_alloc_array(1, (size_t)b->inputs.count, sizeof *b->partner);
    b->dates = clv_alloc_array(1, MAX_PIECES, sizeof *b->dates);
    if (!b->datasets || !b->partner || !b->dates)
        return clv_fail_memory(b->ctx);
    for (int i = 0; i < b->inputs.count && status == CLV_OK; i++) {
        const char *name = b->inputs.names[i];
        status = clv_check_cancel(b->ctx);
        if (status != CLV_OK || is_joined(b, i))
            continue;
        if (clv_cube_is(name)) {
            status = b->series->private_data->open_options.overview >= 0
                         ? clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "%s: a cube has no overviews; leave out -ovr", name)
                         : clv_earthnet_open(b->ctx, name, &b->datasets[i]);
            b->partner[i] = clv_earthnet_partner(name);
        } else if (b->inputs.bundles[i]) {
            const clv_input_options options = clv_given_scales_from(b->options, b->count);
            status = clv_dataset_open_bundle(b->ctx, b->inputs.bundles[i], &b->series->private_data->open_options,
                                             &options, b->inputs.count == 1 ? given : 0, &b->datasets[i]);
        } else {
            status = open_raster(b, i, b->inputs.count == 1 ? given : 0);
        }
        if (status == CLV_OK)
            status = name_stream(b, i);
        if (status != CLV_OK)
            break;
        if (b->datasets[i].dataset && ++open > CLV_MAX_OPEN / 2) {
            GDALClose(b->datasets[i].dataset);
            b->datasets[i].dataset = NULL;
        }
        if (b->datasets[i].acquisition[0].guess && !guessed)
            clv_warn(b->ctx, "%s: %s; give -b when that is wrong", name, b->datasets[i].acquisition[0].facts.bands_how);
        guessed = guessed || b->datasets[i].acquisition[0].guess;
        status = add_dates(b, i);
    }
    return status;
}
