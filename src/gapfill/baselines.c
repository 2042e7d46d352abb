/* SPDX-License-Identifier: MIT */
#include "gapfill/baselines.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/select.h"

/* The date that pixel i of date t is copied from, -1 for none. */
static int source_of(clv_baseline kind, const clv_stack *s, size_t n, size_t i, int t)
{
    int before = t, after = t;
    while (before >= 0 && s->gap[(size_t)before * n + i])
        before--;
    while (after < s->dates && s->gap[(size_t)after * n + i])
        after++;
    if (after == s->dates)
        return before;
    if (before < 0 || kind == CLV_BASELINE_NEXT)
        return after;
    if (kind == CLV_BASELINE_LAST)
        return before;
    return s->days[after] - s->days[t] < s->days[t] - s->days[before] ? after : before;
}

static float median_of(const clv_stack *s, size_t n, size_t i, int c, float *values)
{
    int count = 0;
    for (int t = 0; t < s->dates; t++)
        if (!s->gap[(size_t)t * n + i])
            values[count++] = s->x[((size_t)t * (size_t)s->bands + (size_t)c) * n + i];
    return count ? clv_select(values, count, (count - 1) / 2) : 0;
}

static float mean_of_band(const clv_stack *s, size_t n, int c)
{
    double sum = 0;
    size_t count = 0;
    for (int t = 0; t < s->dates; t++)
        for (size_t i = 0; i < n; i++)
            if (!s->gap[(size_t)t * n + i]) {
                sum += s->x[((size_t)t * (size_t)s->bands + (size_t)c) * n + i];
                count++;
            }
    return count ? (float)(sum / (double)count) : 0;
}

clv_status clv_baseline_fill(clv_context *ctx, clv_baseline kind, const clv_stack *s, float *out)
{
    const size_t n = (size_t)s->width * (size_t)s->height, bands = (size_t)s->bands;
    float *values = clv_alloc_array((size_t)s->dates + bands, 1, sizeof *values);
    if (!values)
        return clv_fail_memory(ctx);
    float *mean = values + s->dates;
    for (int c = 0; c < s->bands; c++)
        mean[c] = mean_of_band(s, n, c);
    for (int t = 0; t < s->dates; t++)
        for (size_t i = 0; i < n; i++) {
            const int from = source_of(kind, s, n, i, t);
            const bool gap = s->gap[(size_t)t * n + i] != 0;
            for (size_t c = 0; c < bands; c++) {
                float *to = &out[((size_t)t * bands + c) * n + i];
                if (from < 0)
                    *to = mean[c];
                else if (gap && kind == CLV_BASELINE_MEDIAN)
                    *to = median_of(s, n, i, (int)c, values);
                else
                    *to = s->x[((size_t)from * bands + c) * n + i];
            }
        }
    free(values);
    return CLV_OK;
}
