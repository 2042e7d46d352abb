/* SPDX-License-Identifier: MIT
 *
 * Building a series: scale, offset and nodata of its dates by what all of them say together, and warnings about them.
 */
#include "series/build_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/number.h"
#include "series/impossible_offsets.h"
#include "series/item_offsets.h"
#include "series/nodata.h"
#include "series/tag_scales.h"

#define OFFSET_LOW 0.09         /* no reflectance of a product that keeps its -1000 offset is much below 0.1 */
#define SAYS_NOTHING 0.005      /* floating point values up to it may be reflectances or what a wrong scale left */
#define NODATA_NAMED 8          /* values that a message lists */
#define OFFSET_FROM 2022, 1, 25 /* when processing baseline 04.00 began */

clv_status clv_build_settle_tags(clv_series_build *b)
{
    clv_dataset_acquisition **dates = clv_alloc_array((size_t)b->count, 1, sizeof *dates);
    if (!dates)
        return clv_fail_memory(b->ctx);
    for (int d = 0; d < b->count; d++)
        dates[d] = b->dates[d].acquisition;
    clv_status status = clv_tag_scales_settle(b->ctx, dates, b->count, b->series->channels);
    if (status == CLV_OK)
        status = clv_item_offsets_settle(b->ctx, dates, b->count, b->series->channels);
    if (status == CLV_OK)
        status = clv_impossible_offsets_drop(b->ctx, dates, b->count, b->series->channels);
    free(dates);
    return status;
}

void clv_build_adopt_scales(clv_series_build *b)
{
    for (int d = 0; d < b->count; d++) {
        clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        const bool dark = acquisition->sample_high < SAYS_NOTHING && !acquisition->tags_aside;
        if (acquisition->facts.scale_by_user || acquisition->facts.scale_sure ||
            !(isnan(acquisition->sample_high) || dark))
            continue;
        for (int e = 0; e < b->count; e++) {
            const clv_dataset_acquisition *other = b->dates[e].acquisition;
            const bool alike = acquisition->scale_of_type && !dark ? other->scale_of_type : other->tags_aside;
            if (isnan(other->sample_high) || !alike || other->bands[0].type != acquisition->bands[0].type)
                continue;
            for (int c = 0; c < b->series->channels; c++) {
                acquisition->bands[c].scale = other->bands[c].scale;
                acquisition->bands[c].offset = other->bands[c].offset;
            }
            memcpy(acquisition->facts.scale_how, other->facts.scale_how, sizeof acquisition->facts.scale_how);
            break;
        }
    }
}

/* Appends a value that is not there yet; how many there are then. */
static int add_value(double *values, int count, double value)
{
    for (int k = 0; k < count; k++)
        if (values[k] == value || (isnan(values[k]) && isnan(value)))
            return count;
    if (count < NODATA_NAMED)
        values[count++] = value;
    return count;
}

void clv_build_share_nodata(clv_series_build *b)
{
    int first = -1, found = 0, values = 0;
    double value[NODATA_NAMED];
    for (int d = 0; d < b->count; d++) {
        for (int e = 0; e < b->count; e++)
            clv_nodata_adopt(b->dates[d].acquisition, b->dates[e].acquisition);
        const clv_date_facts *facts = &b->dates[d].acquisition->facts;
        if (facts->nodata_found_count == 0)
            continue;
        first = first < 0 ? d : first;
        found++;
        for (int k = 0; k < facts->nodata_found_count; k++)
            values = add_value(value, values, facts->nodata_found[k]);
    }
    if (first < 0)
        return;
    char numbers[NODATA_NAMED * (CLV_NUMBER_SIZE + 5)] = "", more[48] = "";
    for (int k = 0; k < values; k++) {
        char number[CLV_NUMBER_SIZE];
        clv_number_format(value[k], number);
        snprintf(numbers + strlen(numbers), sizeof numbers - strlen(numbers), "%s%s",
                 k == 0            ? ""
                 : k == values - 1 ? " and "
                                   : ", ",
                 number);
    }
    if (found > 1)
        snprintf(more, sizeof more, " and %d more date%s", found - 1, found > 2 ? "s" : "");
    clv_warn(b->ctx,
             "%s%s: %s fill%s all bands at once in whole areas and %s taken as no data; give -srcnodata VALUE or none "
             "when that is wrong",
             clv_build_source(b, first), more, numbers, values > 1 ? "" : "s", values > 1 ? "are" : "is");
}

/* Date d's own warning, for all dates that have the same; once. */
static void warn_alike(clv_series_build *b, int d)
{
    const char *text = b->dates[d].acquisition->scale_warn;
    int same = 0;
    for (int e = 0; e < b->count; e++) {
        const clv_dataset_acquisition *other = b->dates[e].acquisition;
        if (other->scale_of_type || b->series->acquisitions[e].level_taken != 0 || strcmp(other->scale_warn, text) != 0)
            continue;
        if (e < d)
            return;
        same++;
    }
    if (same > 1)
        clv_warn(b->ctx, "%s and %d more date%s: %s", clv_build_source(b, d), same - 1, same == 2 ? "" : "s", text);
    else
        clv_warn(b->ctx, "%s: %s", clv_build_source(b, d), text);
}

static void note_bytes(const clv_series_build *b)
{
    for (int d = 0; d < b->count; d++)
        if (b->dates[d].acquisition->scale_of_type && b->series->acquisitions[d].bands[0].type == CLV_TYPE_BYTE) {
            clv_note(b->ctx,
                     "%s: 8-bit values are taken as reflectance * 255; pictures stretched for the eye are less exact",
                     clv_build_source(b, d));
            return;
        }
}

void clv_build_warn_radiometry(clv_series_build *b)
{
    const clv_date begin = {OFFSET_FROM, 0, 0, 0, false};
    const clv_series *s = b->series;
    note_bytes(b);
    double early = INFINITY, late = INFINITY;
    int late_dates = 0;
    bool taken = false, told = false;
    for (int d = 0; d < b->count; d++) {
        const clv_dataset_acquisition *acquisition = b->dates[d].acquisition;
        const clv_acquisition *a = &s->acquisitions[d];
        taken = taken || a->level_taken != 0;
        if (a->level_taken != 0)
            continue; /* said with more certainty (level_check.h) */
        if (!acquisition->scale_of_type && acquisition->scale_warn[0]) {
            warn_alike(b, d);
            told = true;
            continue;
        }
        const clv_band *red = &a->bands[0];
        if (!(acquisition->scale_of_type || (acquisition->by_tags && red->offset >= 0)) ||
            isnan(acquisition->sample_low) || red->type == CLV_TYPE_BYTE || red->type == CLV_TYPE_INT8)
            continue;
        const double low = acquisition->sample_low * red->scale + red->offset;
        if (a->facts.has_date && clv_date_days(&a->facts.date) >= clv_date_days(&begin)) {
            late = fmin(late, low);
            late_dates++;
        } else {
            early = fmin(early, low);
        }
    }
    if (late_dates == 0 || late < OFFSET_LOW || taken || told)
        return;
    if (early < OFFSET_LOW)
        clv_warn(b->ctx, "values of the dates from 2022-01-25 on begin near 1000 (reflectance 0.1), earlier ones "
                         "lower: the -1000 offset "
                         "of processing "
                         "baseline 04.00 seems to be left in; subtract it (gdal_calc.py) or process both parts apart, "
                         "the later with -in_offset -0.1");
    else
        clv_warn(b->ctx, "values begin near 1000 (reflectance 0.1): the offset of processing baseline 04.00 may not be "
                         "applied; if so "
                         "give -in_offset -0.1");
}
