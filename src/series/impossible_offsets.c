/* SPDX-License-Identifier: MIT */
#include "series/impossible_offsets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "series/nodata.h"

#define SCALE 1e-4
#define OFFSET (-0.1)
#define IMPOSSIBLE (-0.05) /* Sen2Cor's negative reflectances, of water and shadows, end above it */
#define COMPARED 4         /* so many dates tell by their levels which of them is off */
#define ODD (-0.01)        /* in the 1st percentile */

static bool is_offset(const clv_band *band)
{
    return fabs(band->scale / SCALE - 1) < 1e-6 && fabs(band->offset - OFFSET) < 1e-9;
}

static bool is_told(const clv_dataset_acquisition *a)
{
    return a->channels > 0 && !a->facts.scale_by_user && !a->facts.scale_sure && a->bands[0].type != CLV_TYPE_FLOAT32 &&
           a->bands[0].type != CLV_TYPE_FLOAT64 && is_offset(&a->bands[0]);
}

/* Falses for NaN. */
static bool is_impossible(const clv_dataset_acquisition *a)
{
    return is_told(a) && a->sample_dark * SCALE + OFFSET < IMPOSSIBLE;
}

static bool is_odd(const clv_dataset_acquisition *a)
{
    return a->sample_low * SCALE + OFFSET < ODD;
}

/* The next date from d in this direction that was told the offset in the same words; count for none. */
static int next_told(clv_dataset_acquisition **dates, int count, int d, int step)
{
    for (int e = d + step; e >= 0 && e < count; e += step)
        if (is_told(dates[e]) && strcmp(dates[e]->facts.scale_how, dates[d]->facts.scale_how) == 0)
            return e;
    return count;
}

/* Whether a date that does not show it, as under clouds, has the offset of dates around it that do. */
static bool follows(clv_dataset_acquisition **dates, int count, const bool *impossible, int d)
{
    int before = next_told(dates, count, d, -1), after = next_told(dates, count, d, 1);
    if (!is_told(dates[d]) || (before == count && after == count))
        return false;
    const bool one = (before < count && impossible[before]) || (after < count && impossible[after]);
    const bool all = (before == count || impossible[before]) && (after == count || impossible[after]);
    return is_odd(dates[d]) ? one : all;
}

static void drop(clv_dataset_acquisition *a, int channels)
{
    char told[sizeof a->facts.scale_how];
    for (int c = 0; c < channels; c++)
        if (is_offset(&a->bands[c]))
            a->bands[c].offset = 0;
    snprintf(told, sizeof told, "%s", a->facts.scale_how);
    snprintf(a->facts.scale_how, sizeof a->facts.scale_how, "1/10000, offset 0 (the values, not: %.100s)", told);
    snprintf(a->scale_warn, sizeof a->scale_warn,
             "with the offset of -0.1 that it is told to have a tenth of red would lie below -0.05: it is applied "
             "already and not added again; -in_offset decides otherwise");
    a->by_tags = false;
    clv_nodata_settle(&a->facts, a->bands, channels);
}

clv_status clv_impossible_offsets_drop(clv_context *ctx, clv_dataset_acquisition **dates, int count, int channels)
{
    bool *impossible = clv_alloc_array(2, (size_t)count, sizeof *impossible);
    bool *dropped = impossible ? impossible + count : NULL;
    bool all = true;
    if (!impossible)
        return clv_fail_memory(ctx);
    for (int d = 0; d < count; d++)
        all = all && is_told(dates[d]);
    for (int d = 0; d < count; d++)
        impossible[d] = is_impossible(dates[d]) && (all || count < COMPARED);
    for (int d = 0; d < count; d++)
        dropped[d] = impossible[d] || follows(dates, count, impossible, d);
    for (int d = 0; d < count; d++)
        if (dropped[d])
            drop(dates[d], channels);
    free(impossible);
    return CLV_OK;
}
