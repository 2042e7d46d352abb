/* SPDX-License-Identifier: MIT
 *
 * Opening a series, step by step (build_private.h), and freeing it.
 */
#include "series/series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "raster/regrid.h"
#include "series/build_private.h"
#include "series/byte_nodata.h"
#include "series/empty_bands.h"
#include "series/given_scales.h"
#include "series/level_check.h"
#include "series/series_private.h"

/* ---- Names ------------------------------------------------------------------------------------- */

static bool stem_taken(const clv_series *s, int t, const char *stem)
{
    for (int i = 0; i < t; i++)
        if (s->acquisitions[i].stem && strcmp(s->acquisitions[i].stem, stem) == 0)
            return true;
    return false;
}

/* The input's name; with the date when the input holds several or the name is taken; with a number when that is taken
 * too. */
static char *make_stem(const clv_series_build *b, int d)
{
    const clv_dataset *opened = &b->datasets[b->dates[d].input];
    const clv_date *date = &b->series->acquisitions[d].facts.date;
    char *stem = opened->acquisitions == 1 ? clv_strdup(opened->stem) : NULL;
    for (int n = 1; !stem || stem_taken(b->series, d, stem); n++) {
        char suffix[48], number[16] = "";
        if (n > 1)
            snprintf(number, sizeof number, "_%d", n);
        if (date->has_time)
            snprintf(suffix, sizeof suffix, "_%04d%02d%02dT%02d%02d%02d%s", date->year, date->month, date->day,
                     date->hour, date->minute, date->second, number);
        else
            snprintf(suffix, sizeof suffix, "_%04d%02d%02d%s", date->year, date->month, date->day, number);
        free(stem);
        stem = clv_format("%s%s", opened->stem, suffix);
        if (!stem)
            return NULL;
    }
    return stem;
}

/* ---- The whole --------------------------------------------------------------------------------- */

/* Moves what the acquisitions own into acquisitions and files; the datasets keep nothing that is needed later. */
static clv_status move_dates(clv_series_build *b)
{
    clv_series *s = b->series;
    for (int d = 0; d < b->count; d++) {
        clv_acquisition *a = &s->acquisitions[d];
        clv_date_files *f = &s->private_data->files[d];
        clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        clv_dataset *opened = &b->datasets[b->dates[d].input];
        a->input = b->dates[d].input;
        a->step = b->dates[d].number;
        a->facts = acquisition->facts;
        acquisition->facts = (clv_date_facts){0};
        a->days = a->facts.has_date ? clv_date_days(&a->facts.date) : 0;
        a->bands = acquisition->bands;
        a->bands_found = acquisition->channels;
        acquisition->bands = NULL;
        f->memory = acquisition->memory;
        f->memory_mask = acquisition->memory_mask;
        acquisition->memory = acquisition->memory_mask = NULL;
        const char *name = b->inputs.names[a->input];
        if (clv_stream_copy_origin(&s->private_data->copies, name) && !(f->copy = clv_strdup(name)))
            return clv_fail_memory(b->ctx);
        a->source = clv_strdup(opened->source);
        a->stem = make_stem(b, d);
        if (!a->source || !a->stem)
            return clv_fail_memory(b->ctx);
        if (opened->dataset) {
            clv_series_adopt(s, d, opened->dataset);
            opened->dataset = NULL;
        }
    }
    return CLV_OK;
}

static clv_status assemble(clv_series_build *b)
{
    clv_series *s = b->series;
    GDALResampleAlg any;
    clv_status status = CLV_OK;
    if (!clv_resampling_algorithm(b->options->resampling, &any))
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT,
                        "-r %d: give near, bilinear, cubic, cubicspline, lanczos or average",
                        (int)b->options->resampling);
    if (b->inputs.count == 0)
        return clv_fail(b->ctx, CLV_ERROR_ARGUMENT, "no inputs; name the rasters of the series");
    if ((status = clv_build_open_datasets(b)) != CLV_OK || (status = clv_build_check_dates(b)) != CLV_OK ||
        (status = clv_given_scales_check(b->ctx, b->options, b->count)) != CLV_OK ||
        (status = clv_build_join_days(b)) != CLV_OK || (status = clv_build_choose_grid(b)) != CLV_OK ||
        (status = clv_build_sort_dates(b)) != CLV_OK ||
        (clv_build_agree_on_nir(b), status = clv_build_common_channels(b)) != CLV_OK ||
        (status = clv_build_settle_bands(b)) != CLV_OK || (status = clv_build_settle_tags(b)) != CLV_OK)
        return status;
    clv_build_adopt_scales(b);
    clv_build_share_nodata(b);
    s->dates = b->count;
    s->inputs = b->inputs.count;
    s->single_stack = clv_build_is_single_stack(b);
    s->acquisitions = clv_alloc_array(1, (size_t)b->count, sizeof *s->acquisitions);
    s->private_data->files = clv_alloc_array(1, (size_t)b->count, sizeof *s->private_data->files);
    if (!s->acquisitions || !s->private_data->files)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count && status == CLV_OK; d++)
        status = clv_build_place_date(b, d);
    if (status == CLV_OK)
        status = clv_build_choose_extent(b, b->options->srcwin || b->options->te || b->options->projwin);
    if (status == CLV_OK)
        status = clv_build_cut(b);
    if (status == CLV_OK)
        status = move_dates(b);
    if (status == CLV_OK)
        status = clv_build_attach_masks(b);
    if (status == CLV_OK)
        status = clv_series_find_byte_nodata(b->ctx, s);
    if (status == CLV_OK) /* before the levels, which would take a band of zeros for one that lies low */
        status = clv_series_find_empty_bands(b->ctx, s);
    if (status == CLV_OK)
        status = clv_series_check_levels(b->ctx, s);
    if (status == CLV_OK)
        clv_build_warn_radiometry(b);
    return status;
}

clv_status clv_series_open(clv_context *ctx, const char *const *inputs, int count, const clv_input_options *options,
                           clv_series **out)
{
    return clv_series_open_around(ctx, inputs, count, options, CLV_EXTENT_REFERENCE, 0, NULL, out);
}

clv_status clv_series_open_around(clv_context *ctx, const char *const *inputs, int count,
                                  const clv_input_options *options, clv_extent extent, int margin,
                                  const clv_detect_settings *dilation, clv_series **out)
{
    clv_series_build b = {.ctx = ctx, .options = options, .margin = margin, .dilation = dilation};
    b.unites = extent == CLV_EXTENT_ALL && !options->ref && options->tr == 0;
    clv_status status = CLV_OK;
    *out = NULL;
    GDALAllRegister();
    b.series = calloc(1, sizeof *b.series);
    if (b.series)
        b.series->private_data = calloc(1, sizeof *b.series->private_data);
    if (!b.series || !b.series->private_data || pthread_mutex_init(&b.series->private_data->lock, NULL) != 0) {
        if (b.series)
            free(b.series->private_data);
        free(b.series);
        return clv_fail_memory(ctx);
    }
    status = clv_open_options_of(ctx, options, &b.series->private_data->open_options);
    /* Where the drivers are limited, names may come from strangers: one file is one raster, no archive, no VRT of ours.
     */
    if (status == CLV_OK)
        status = clv_inputs_expand(ctx, inputs, count, options->drivers ? "file" : "input", &b.inputs);
    if (status == CLV_OK)
        status = clv_build_keep_names(&b, inputs, count);
    if (status == CLV_OK)
        status = clv_stream_copy_inputs(ctx, &b.series->private_data->copies, &b.inputs);
    if (status == CLV_OK)
        status = assemble(&b);
    clv_grid_clear(&b.reference);
    for (int i = 0; i < b.inputs.count; i++) {
        if (b.datasets)
            clv_dataset_clear(&b.datasets[i]);
        if (b.partner)
            free(b.partner[i]);
    }
    free(b.datasets);
    free(b.partner);
    free(b.dates);
    free(b.days);
    clv_inputs_clear(&b.inputs);
    if (status == CLV_OK)
        *out = b.series;
    else
        clv_series_free(b.series);
    return status;
}

void clv_series_free(clv_series *series)
{
    if (!series)
        return;
    struct clv_series_private *p = series->private_data;
    for (int t = 0; t < series->dates; t++) {
        if (p->files) {
            clv_series_close_files(&p->files[t]);
            if (p->files[t].memory)
                GDALClose(p->files[t].memory);
            if (p->files[t].memory_mask)
                GDALClose(p->files[t].memory_mask);
            clv_grid_clear(&p->files[t].native);
            clv_empty_areas_free(p->files[t].empty);
            clv_byte_areas_free(p->files[t].bytes);
            free(p->files[t].copy);
        }
        if (series->acquisitions) {
            clv_acquisition *a = &series->acquisitions[t];
            free(a->source);
            free(a->stem);
            free(a->bands);
            clv_date_facts_clear(&a->facts);
            clv_grid_clear(&a->grid);
        }
    }
    free(p->files);
    clv_inputs_clear(&p->masks);
    clv_inputs_clear(&p->named);
    clv_inputs_clear(&p->scls);
    clv_open_options_clear(&p->open_options);
    clv_stream_copy_clear(&p->copies);
    clv_grid_clear(&p->whole);
    free(p->reference);
    pthread_mutex_destroy(&p->lock);
    free(p);
    free(series->acquisitions);
    clv_grid_clear(&series->grid);
    free(series);
}
