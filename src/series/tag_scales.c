/* SPDX-License-Identifier: MIT */
#include "series/tag_scales.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "series/nodata.h"

/* Floating point reflectances, and values that are far too bright, are decided by each date itself: files of one
 * program, applied twice or not. */
static bool is_open(const clv_dataset_acquisition *a)
{
    return a->by_tags && !a->facts.scale_by_user && !a->facts.scale_sure && !clv_radiometry_tags_alone(&a->tags);
}

static bool is_alike(const clv_dataset_acquisition *a, const clv_dataset_acquisition *b)
{
    const clv_radiometry_hint *s = &a->tags, *t = &b->tags;
    const double scale = s->has_scale ? s->scale : 1, other_scale = t->has_scale ? t->scale : 1,
                 offset = s->has_offset ? s->offset : 0, other_offset = t->has_offset ? t->offset : 0;
    return s->type == t->type && scale == other_scale && offset == other_offset;
}

static void settle(clv_dataset_acquisition *a, double scale, double offset, int channels, const char *how,
                   const char *warn)
{
    for (int c = 0; c < channels; c++) {
        a->bands[c].scale = scale;
        a->bands[c].offset = offset;
    }
    strcpy(a->facts.scale_how, how);
    strcpy(a->scale_warn, warn);
    a->tags_aside = strstr(how, "tags left aside") != NULL;
    clv_nodata_settle(&a->facts, a->bands, channels);
}

clv_status clv_tag_scales_settle(clv_context *ctx, clv_dataset_acquisition **dates, int count, int channels)
{
    double *lows = clv_alloc_array(2 * (size_t)count, 1, sizeof *lows), *highs = lows ? lows + count : NULL;
    char *done = clv_alloc_array((size_t)count, 1, 1);
    clv_status status = lows && done ? CLV_OK : clv_fail_memory(ctx);
    for (int d = 0; d < count && status == CLV_OK; d++) {
        if (done[d] || !is_open(dates[d]))
            continue;
        int n = 0, members = 0;
        for (int e = d; e < count; e++) {
            if (!is_open(dates[e]) || !is_alike(dates[d], dates[e]))
                continue;
            members++;
            if (isnan(dates[e]->sample_high))
                continue;
            lows[n] = dates[e]->sample_low;
            highs[n++] = dates[e]->sample_high;
        }
        double scale, offset;
        char how[sizeof dates[d]->facts.scale_how], warn[sizeof dates[d]->scale_warn];
        clv_radiometry_find_common(&dates[d]->tags, lows, highs, n, &scale, &offset, how, sizeof how, warn,
                                   sizeof warn);
        for (int e = d; e < count; e++)
            if (!done[e] && is_open(dates[e]) && is_alike(dates[d], dates[e])) {
                done[e] = 1;
                if (members > 1)
                    settle(dates[e], scale, offset, channels, how, warn);
            }
    }
    free(lows);
    free(done);
    return status;
}
