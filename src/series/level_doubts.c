/* SPDX-License-Identifier: MIT */
#include "series/level_doubts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/number.h"
#include "base/select.h"
#include "image/band_order.h"
#include "series/series_private.h"

#define FEWEST 200    /* pixels of a date */
#define TOO_LOW 0.1   /* reflectance that of 20 pixels one exceeds, in some band, wherever there is land or cloud */
#define TOO_HIGH 2    /* ... and that no land, snow or cloud has */
#define BELOW (-0.05) /* the lower tenth of the darkest band: no product has so much below 0 */
#define CLIPPED 0.25  /* of the pixels of a date are 0 in a visible band; dark slopes of Level-2A made 5 % */
#define OTHERS 0.02   /* ... of another date, in the middle */
#define GROUND 0.01F  /* what the others show there at least, in that band */
#define STEP 0.1      /* the offset of processing baseline 04.00 */
#define NEAR_STEP 0.02
#define BRIGHTEST 0.3F /* of ground that tells how much was subtracted */

static const float *plane(const clv_order_sample *s, int t, int c)
{
    return s->x + ((size_t)t * (size_t)s->bands + (size_t)c) * (size_t)s->pixels;
}

static const uint8_t *state(const clv_order_sample *s, int t)
{
    return s->state + (size_t)t * (size_t)s->pixels;
}

/* ---- Scales -------------------------------------------------------------------------------------- */

/* What one of 20 pixels exceeds in its brightest band, and what one of 10 lies below in its darkest one. False: too few
 * pixels. work [pixels]. */
static bool range_of(const clv_order_sample *s, int t, float *work, float *high, float *low)
{
    int n = 0;
    for (int side = 0; side < 2; side++) {
        n = 0;
        for (int i = 0; i < s->pixels; i++) {
            float v = plane(s, t, 0)[i];
            for (int c = 1; c < s->bands; c++)
                v = side == 0 ? fmaxf(v, plane(s, t, c)[i]) : fminf(v, plane(s, t, c)[i]);
            if (!(state(s, t)[i] & 1))
                work[n++] = v;
        }
        if (n < FEWEST)
            return false;
        *(side == 0 ? high : low) = clv_select(work, n, side == 0 ? n - 1 - n / 20 : n / 10);
    }
    return true;
}

static void warn_scale(clv_context *ctx, const char *source, bool given, bool scale, const char *what, double value)
{
    char number[CLV_NUMBER_SIZE];
    clv_number_format(floor(value * 1000 + 0.5) / 1000, number);
    if (given)
        clv_warn(ctx,
                 "%s: with the given -in_scale and -in_offset %s %s, which is no reflectance of land, snow or cloud. "
                 "They are obeyed; give another %s (reflectance = value * scale + offset), or leave both out",
                 clv_name_base(source), what, number, scale ? "-in_scale" : "-in_offset");
    else
        clv_warn(ctx,
                 "%s: with the scale that was found %s %s, which is no reflectance of land, snow or cloud; give "
                 "-in_scale and -in_offset (reflectance = value * scale + offset)",
                 clv_name_base(source), what, number);
}

/* The dates with, or without, a scale of the user's. highs, lows [dates]; work [pixels]. */
static void doubt_scales(clv_context *ctx, const clv_series *series, const clv_order_sample *s, bool given,
                         float *highs, float *lows, float *work)
{
    int n = 0, first = -1;
    for (int t = 0; t < series->dates; t++) {
        const clv_date_facts *facts = &series->acquisitions[t].facts;
        if (facts->scale_by_user != given || facts->scale_open || !range_of(s, t, work, &highs[n], &lows[n]))
            continue;
        first = n++ == 0 ? t : first;
    }
    if (n == 0)
        return;
    const char *source = series->acquisitions[first].source;
    const double high = clv_median(highs, n), low = clv_median(lows, n);
    if (high > TOO_HIGH)
        warn_scale(ctx, source, given, true, "one of 20 pixels lies above", high);
    else if (given && high < TOO_LOW)
        warn_scale(ctx, source, given, true, "19 of 20 pixels lie, in every band, below", high);
    else if (low < BELOW)
        warn_scale(ctx, source, given, false, "one of 10 pixels lies below", low);
}

clv_status clv_series_doubt_scales(clv_context *ctx, const clv_series *series, const clv_order_sample *s)
{
    const size_t dates = (size_t)series->dates;
    float *work = clv_alloc_array(2 * dates + (size_t)s->pixels, 1, sizeof *work);
    if (!work)
        return clv_fail_memory(ctx);
    for (int given = 0; given < 2; given++)
        doubt_scales(ctx, series, s, given, work, work + dates, work + 2 * dates);
    free(work);
    return CLV_OK;
}

/* ---- Dark ground cut off at 0 -------------------------------------------------------------------- */

/* Part of the date's pixels that hold 0 in a visible band. */
static double zeros_of(const clv_series *series, const clv_order_sample *s, int t)
{
    const clv_band *bands = series->acquisitions[t].bands;
    int seen = 0, zeros = 0;
    for (int i = 0; i < s->pixels; i++) {
        bool zero = false;
        if (state(s, t)[i])
            continue;
        seen++;
        for (int c = 0; c < 3; c++)
            zero = zero || fabs((double)plane(s, t, c)[i] - bands[c].offset) < 1e-7;
        zeros += zero;
    }
    return seen >= FEWEST ? (double)zeros / seen : NAN;
}

/* Whether most of what is 0 there is ground that other dates show. */
static bool others_show_ground(const clv_series *series, const clv_order_sample *s, int t)
{
    const clv_band *bands = series->acquisitions[t].bands;
    int asked = 0, shown = 0;
    for (int i = 0; i < s->pixels; i++)
        for (int c = 0; c < 3 && !state(s, t)[i]; c++) {
            if (!(fabs((double)plane(s, t, c)[i] - bands[c].offset) < 1e-7))
                continue;
            for (int u = 0; u < series->dates; u++) {
                if (u == t || state(s, u)[i])
                    continue;
                asked++;
                shown += plane(s, u, c)[i] > GROUND;
            }
        }
    return asked > 0 && 2 * shown > asked;
}

/* How far the date lies below the others where it was not cut off: middle date of the middle pixels. others [dates],
 * work [pixels]; NaN: nothing tells it. */
static double subtracted(const clv_series *series, const clv_order_sample *s, int t, float *others, float *work)
{
    const clv_band *bands = series->acquisitions[t].bands;
    int dates = 0;
    for (int u = 0; u < series->dates; u++) {
        int n = 0;
        for (int i = 0; i < s->pixels && u != t; i++) {
            float sum = 0;
            int shown = 0;
            for (int c = 0; c < 3 && !(state(s, t)[i] | state(s, u)[i]); c++) {
                const float own = plane(s, t, c)[i], other = plane(s, u, c)[i];
                if (fabs((double)own - bands[c].offset) < 1e-7 || own > BRIGHTEST || other > BRIGHTEST)
                    continue;
                sum += other - own;
                shown++;
            }
            if (shown > 0)
                work[n++] = sum / (float)shown;
        }
        if (n >= FEWEST)
            others[dates++] = (float)clv_median(work, n);
    }
    const double by = dates > 0 ? clv_median(others, dates) : NAN;
    return fabs(by - STEP) <= NEAR_STEP ? STEP : by;
}

clv_status clv_series_doubt_clipped(clv_context *ctx, const clv_series *series, const clv_order_sample *s)
{
    const size_t dates = (size_t)series->dates;
    float *share = clv_alloc_array(2 * dates + (size_t)s->pixels, 1, sizeof *share),
          *others = share ? share + dates : NULL;
    char fit[CLV_NUMBER_SIZE], advice[64];
    if (!share)
        return clv_fail_memory(ctx);
    for (int t = 0; t < series->dates; t++)
        share[t] = (float)zeros_of(series, s, t);
    for (int t = 0; t < series->dates; t++) {
        int n = 0;
        for (int u = 0; u < series->dates; u++)
            if (u != t && !isnan(share[u]))
                others[n++] = share[u];
        if (n == 0 || !(share[t] >= CLIPPED) || clv_median(others, n) > OTHERS || !others_show_ground(series, s, t))
            continue;
        const double by = subtracted(series, s, t, others, others + dates);
        clv_number_format(floor((series->acquisitions[t].bands[0].offset + by) * 1000 + 0.5) / 1000, fit);
        advice[0] = 0;
        if (by > 0)
            snprintf(advice, sizeof advice, " (about %s for this one)", fit);
        clv_warn(ctx,
                 "%s: %.0f %% of its pixels are exactly 0 in a visible band where other dates show ground: an offset "
                 "seems to have been subtracted once too often and what fell below 0 was cut off. That is lost; "
                 "-in_offset, one value for each date%s, mends the rest, or leave the date out",
                 clv_name_base(series->acquisitions[t].source), 100 * (double)share[t], advice);
    }
    free(share);
    return CLV_OK;
}

/* ---- The same numbers twice ---------------------------------------------------------------------- */

/* Whether two planes hold the same numbers, and more than one, wherever date t shows ground or cloud. */
static bool is_same(const clv_order_sample *s, int t, const float *a, const float *b)
{
    int n = 0;
    bool varies = false;
    float first = 0;
    for (int i = 0; i < s->pixels; i++) {
        if (state(s, t)[i] & 1)
            continue;
        if (a[i] != b[i])
            return false;
        first = n++ == 0 ? a[i] : first;
        varies = varies || a[i] != first;
    }
    return n >= FEWEST && varies;
}

static bool is_same_date(const clv_order_sample *s, int t, int u)
{
    if (memcmp(state(s, t), state(s, u), (size_t)s->pixels) != 0)
        return false;
    for (int c = 0; c < s->bands; c++)
        if (!is_same(s, t, plane(s, t, c), plane(s, u, c)))
            return false;
    return true;
}

void clv_series_doubt_copies(clv_context *ctx, const clv_series *series, const clv_order_sample *s)
{
    int bands = 0, dates = 0;
    for (int t = 0; t < series->dates; t++) {
        const clv_acquisition *a = &series->acquisitions[t];
        for (int c = 1; c < s->bands && c < CLV_ORDER_BANDS && bands == 0; c++)
            for (int k = 0; k < c && bands == 0; k++) {
                if (!is_same(s, t, plane(s, t, k), plane(s, t, c)))
                    continue;
                bands++;
                clv_warn(ctx,
                         "%s: %s and %s (bands %d and %d) hold the same numbers: one of them is a copy, and what is "
                         "filled is wrong in it. Write the band anew, or leave the date out",
                         clv_name_base(a->source), a->bands[k].name, a->bands[c].name, a->bands[k].index,
                         a->bands[c].index);
            }
        for (int u = 0; u < t && dates == 0; u++)
            if (is_same_date(s, t, u)) {
                dates++;
                clv_warn(ctx,
                         "%s: the same picture as %s, under another date: clouds cannot be told from ground where two "
                         "dates are one. Leave one out, or give the right -date",
                         clv_name_base(a->source), clv_name_base(series->acquisitions[u].source));
            }
    }
}
