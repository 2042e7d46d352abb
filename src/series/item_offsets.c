/* SPDX-License-Identifier: MIT */
#include "series/item_offsets.h"

#include <math.h>
#include <stdlib.h>

#include <cpl_string.h>

#include "base/alloc.h"
#include "series/nodata.h"

#define BASELINE_0400 2022, 1, 25 /* the day from which products hold the offset */
#define QUANTIFICATION 10000
#define NEAR 0.9  /* values that still hold the offset begin at least there, in parts of it */
#define BELOW 500 /* DN: reflectances of -0.05 are none of land, in the 1st percentile */
#define FEW 4     /* of so many dates one that shows such values says it for all */

static bool is_open(const clv_dataset_acquisition *a)
{
    return a->claimed_offset != 0 && a->scale_of_type && !a->facts.scale_by_user && a->channels > 0 &&
           fabs(a->bands[0].scale * QUANTIFICATION - 1) < 1e-6 && a->bands[0].offset == 0 &&
           a->bands[0].type != CLV_TYPE_FLOAT32 && a->bands[0].type != CLV_TYPE_FLOAT64;
}

static bool is_late(const clv_dataset_acquisition *a)
{
    const clv_date begin = {BASELINE_0400, 0, 0, 0, false};
    return a->facts.has_date && clv_date_days(&a->facts.date) >= clv_date_days(&begin);
}

static bool contradicts(const clv_dataset_acquisition *a)
{
    return a->sample_low + a->claimed_offset < -BELOW; /* false for NaN */
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Whether the values of the dates of this time agree with the offset. lows [count]: scratch. */
static bool agree(clv_dataset_acquisition **dates, int count, bool late, double claimed, double *lows)
{
    int n = 0, below = 0;
    for (int d = 0; d < count; d++) {
        const clv_dataset_acquisition *a = dates[d];
        if (!is_open(a) || is_late(a) != late || a->claimed_offset != claimed || isnan(a->sample_low))
            continue;
        below += contradicts(a);
        lows[n++] = a->sample_low;
    }
    if (n == 0)
        return false;
    qsort(lows, (size_t)n, sizeof *lows, by_value);
    return below < (n + FEW - 1) / FEW && lows[(n - 1) / 2] >= -NEAR * claimed;
}

static void take(clv_dataset_acquisition *a, int channels)
{
    for (int c = 0; c < channels; c++)
        a->bands[c].offset = a->claimed_offset / QUANTIFICATION;
    CPLsnprintf(a->facts.scale_how, sizeof a->facts.scale_how, "1/10000, offset %g DN (STAC item; the values agree)",
                a->claimed_offset);
    a->facts.scale_told = true;
    a->scale_of_type = false;
    a->scale_warn[0] = 0;
    clv_nodata_settle(&a->facts, a->bands, channels);
}

static void refuse(clv_dataset_acquisition *a)
{
    const double offset = a->claimed_offset / QUANTIFICATION;
    CPLsnprintf(a->facts.scale_how, sizeof a->facts.scale_how, "1/10000 (no offset: values contradict the item's %g)",
                offset);
    CPLsnprintf(a->scale_warn, sizeof a->scale_warn,
                "the STAC item's offset of %g does not fit the values, which begin too low: it is not added; "
                "-in_offset decides otherwise",
                offset);
    a->scale_of_type = false;
}

clv_status clv_item_offsets_settle(clv_context *ctx, clv_dataset_acquisition **dates, int count, int channels)
{
    double *lows = clv_alloc_array((size_t)count, 1, sizeof *lows);
    bool *taken = clv_alloc_array((size_t)count, 1, sizeof *taken);
    clv_status status = lows && taken ? CLV_OK : clv_fail_memory(ctx);
    for (int d = 0; d < count && status == CLV_OK; d++)
        taken[d] = is_open(dates[d]) && !contradicts(dates[d]) &&
                   agree(dates, count, is_late(dates[d]), dates[d]->claimed_offset, lows);
    for (int d = 0; d < count && status == CLV_OK; d++)
        if (taken[d])
            take(dates[d], channels);
        else if (is_open(dates[d]))
            refuse(dates[d]);
    free(taken);
    free(lows);
    return status;
}
