/* SPDX-License-Identifier: MIT */
#include "learn/evaluate/sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pipeline/flags.h"
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

static clv_status make_room(clv_context *ctx, clv_sequence *s, int dates, int channels, int width, int height)
{
    const size_t n = (size_t)width * (size_t)height, all = (size_t)dates;
    *s = (clv_sequence){.channels = channels, .width = width, .height = height};
    s->x = clv_alloc_array(all * (size_t)channels, n, sizeof *s->x);
    s->bad = clv_alloc_array(all + 1, n, 1);
    s->cloudy = clv_alloc_array(all + 1, n, 1);
    s->days = clv_alloc_array(all, 1, sizeof *s->days);
    if (s->x && s->bad && s->cloudy && s->days)
        return CLV_OK;
    return clv_fail(ctx, CLV_ERROR_MEMORY, "out of memory for a sequence of %d dates", dates);
}

/* Whether a day is that of the date before. */
static bool is_repeated(const clv_sequence *s, double day)
{
    return s->dates && day <= s->days[s->dates - 1];
}

/* Where the next date's values and flags are read to. */
static float *next_x(const clv_sequence *s)
{
    return s->x + (size_t)s->dates * (size_t)s->channels * (size_t)s->width * (size_t)s->height;
}

static uint8_t *next_bad(const clv_sequence *s)
{
    return s->bad + (size_t)s->dates * (size_t)s->width * (size_t)s->height;
}

/* What was read becomes a date, or when too much of it is flagged a mask. */
static void take_date(clv_sequence *s, double day, size_t flagged, const clv_sequence_rule *rule)
{
    const size_t n = (size_t)s->width * (size_t)s->height;
    if ((double)flagged > rule->most_bad * (double)n) {
        memcpy(s->cloudy + (size_t)s->cloudy_dates++ * n, next_bad(s), n);
    } else {
        tidy(next_x(s), next_bad(s), n, s->channels);
        s->days[s->dates++] = day;
    }
}

clv_status clv_sequence_read(clv_context *ctx, clv_series *series, clv_scratch *flags,
                             const clv_detect_settings *settings, clv_rect window, const clv_sequence_rule *rule,
                             clv_sequence *s)
{
    clv_status status = make_room(ctx, s, series->dates, series->channels, window.width, window.height);
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        const clv_acquisition *date = &series->acquisitions[t];
        size_t flagged;
        if ((rule->frames && date->step >= rule->frames) || is_repeated(s, date->days))
            continue;
        status = read_date(ctx, series, flags, settings, t, window, next_x(s), next_bad(s), &flagged);
        if (status == CLV_OK)
            take_date(s, date->days, flagged, rule);
    }
    if (status != CLV_OK)
        clv_sequence_clear(s);
    return status;
}

clv_status clv_sequence_take(clv_context *ctx, const clv_prepared *set, int i, const clv_sequence_rule *rule,
                             clv_sequence *s)
{
    clv_prepared_sequence from;
    clv_prepared_get(set, i, &from);
    clv_status status = make_room(ctx, s, from.dates, from.bands, CLV_PREPARED_SIDE, CLV_PREPARED_SIDE);
    for (int t = 0; t < from.dates && status == CLV_OK; t++) {
        uint8_t *bad = next_bad(s);
        size_t flagged = 0;
        if (is_repeated(s, from.days[t]))
            continue;
        clv_prepared_read(set, i, t, next_x(s), bad);
        for (size_t k = 0; k < CLV_PREPARED_PIXELS; k++)
            flagged += bad[k] = bad[k] != 0;
        take_date(s, from.days[t], flagged, rule);
    }
    if (status != CLV_OK)
        clv_sequence_clear(s);
    return status;
}
