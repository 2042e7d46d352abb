/* SPDX-License-Identifier: MIT */
#include "learn/sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "pipeline/stage1.h"

void clv_sequence_clear(clv_sequence *s)
{
    free(s->x);
    free(s->bad);
    free(s->days);
    free(s->cloudy);
    *s = (clv_sequence){0};
}

/* Values in [0, 1], 0 where there is none. */
static void tidy(float *x, const uint8_t *bad, size_t n, int channels)
{
    for (int c = 0; c < channels; c++)
        for (size_t i = 0; i < n; i++) {
            float *v = &x[(size_t)c * n + i];
            *v = bad[i] || !(*v > 0) ? 0 : *v < 1 ? *v : 1;
        }
}

static clv_status read_date(clv_context *ctx, clv_series *series, clv_scratch *flags,
                            const clv_detect_settings *settings, int t, clv_rect window, float *x, uint8_t *bad,
                            size_t *count)
{
    const size_t n = (size_t)window.width * (size_t)window.height;
    uint8_t *missing = bad + n; /* the caller left room */
    clv_status status = clv_series_read(ctx, series, t, window, x, missing);
    if (status == CLV_OK)
        status = clv_flags_read(ctx, flags, &series->grid, t, settings, window, bad);
    *count = 0;
    for (size_t i = 0; i < n && status == CLV_OK; i++)
        *count += bad[i] = bad[i] || missing[i];
    return status;
}

clv_status clv_sequence_read(clv_context *ctx, clv_series *series, clv_scratch *flags,
                             const clv_detect_settings *settings, clv_rect window, const clv_sequence_rule *rule,
                             clv_sequence *s)
{
    const size_t n = (size_t)window.width * (size_t)window.height, dates = (size_t)series->dates;
    *s = (clv_sequence){.channels = series->channels, .width = window.width, .height = window.height};
    s->x = clv_alloc_array(dates * (size_t)series->channels, n, sizeof *s->x);
    s->bad = clv_alloc_array(dates + 1, n, 1);
    s->cloudy = clv_alloc_array(dates + 1, n, 1);
    s->days = clv_alloc_array(dates, 1, sizeof *s->days);
    clv_status status = CLV_OK;
    if (!s->x || !s->bad || !s->cloudy || !s->days)
        status = clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for a sequence of %d dates", series->dates);
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        const clv_acquisition *date = &series->acquisitions[t];
        float *x = s->x + (size_t)s->dates * (size_t)s->channels * n;
        uint8_t *bad = s->bad + (size_t)s->dates * n;
        size_t count;
        if ((rule->frames && date->frame >= rule->frames) || (s->dates && date->days <= s->days[s->dates - 1]))
            continue;
        status = read_date(ctx, series, flags, settings, t, window, x, bad, &count);
        if (status != CLV_OK)
            break;
        if ((double)count > rule->most_bad * (double)n) {
            memcpy(s->cloudy + (size_t)s->cloudy_dates++ * n, bad, n);
        } else {
            tidy(x, bad, n, s->channels);
            s->days[s->dates++] = date->days;
        }
    }
    if (status != CLV_OK)
        clv_sequence_clear(s);
    return status;
}
