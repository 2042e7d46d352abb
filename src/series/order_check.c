/* SPDX-License-Identifier: MIT */
#include "series/order_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "image/band_order.h"
#include "series/series_private.h"

#define ENOUGH 8 /* dates whose answer is asked for */

/* Who says what the bands are. */
typedef enum trust { GUESSED, BY_USER, TOLD } trust;

typedef struct votes {
    int same, other, order[CLV_ORDER_BANDS];
    bool agree; /* all that saw another order saw this one */
} votes;

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static trust trust_of(const clv_acquisition *a, int bands)
{
    const char *how = a->facts.bands_how;
    bool named = true;
    for (int c = 0; c < bands; c++) {
        bool known = false;
        named = named && a->bands[c].named && clv_role_of_name(a->bands[c].name, &known) == (clv_role)c && known;
    }
    if (named)
        return TOLD;
    if (begins(how, "-b"))
        return BY_USER;
    return strstr(how, "taken as") || begins(how, "colour") || begins(how, "file name token") ? GUESSED : TOLD;
}

static const float *plane(const clv_order_sample *s, int t, int c)
{
    return s->x + ((size_t)t * (size_t)s->bands + (size_t)c) * (size_t)s->pixels;
}

static void vote(const clv_order_sample *s, int bands, int t, int u, uint8_t *use, votes *v)
{
    const float *own[CLV_ORDER_BANDS], *other[CLV_ORDER_BANDS];
    int order[CLV_ORDER_BANDS];
    for (int c = 0; c < bands; c++) {
        own[c] = plane(s, t, c);
        other[c] = plane(s, u, c);
    }
    for (int i = 0; i < s->pixels; i++)
        use[i] = !s->state[(size_t)t * (size_t)s->pixels + (size_t)i] &&
                 !s->state[(size_t)u * (size_t)s->pixels + (size_t)i];
    switch (clv_band_order(own, other, use, bands, s->pixels, order)) {
    case CLV_ORDER_SAME:
        v->same++;
        return;
    case CLV_ORDER_OTHER:
        if (v->other++ == 0)
            memcpy(v->order, order, sizeof order);
        v->agree = v->agree && memcmp(v->order, order, (size_t)bands * sizeof *order) == 0;
        return;
    default:
        return;
    }
}

/* Plane order[c] becomes channel c; the roles, and names that only say the role, stay where they are. */
static clv_status reorder(clv_context *ctx, clv_series *series, const clv_order_sample *s, int bands, int t,
                          const int *order)
{
    clv_acquisition *a = &series->acquisitions[t];
    struct clv_series_private *p = series->private_data;
    clv_date_files *f = &p->files[t];
    const size_t n = (size_t)s->pixels;
    clv_band before[CLV_ORDER_BANDS];
    float *x = s->x + (size_t)t * (size_t)s->bands * n, *copy = clv_alloc_array((size_t)bands, n, sizeof *copy);
    if (!copy)
        return clv_fail_memory(ctx);
    memcpy(before, a->bands, (size_t)bands * sizeof *before);
    memcpy(copy, x, (size_t)bands * n * sizeof *copy);
    for (int c = 0; c < bands; c++) {
        a->bands[c] = before[order[c]];
        a->bands[c].role = before[c].role;
        if (!a->bands[c].named)
            memcpy(a->bands[c].name, before[c].name, sizeof before[c].name);
        memcpy(x + (size_t)c * n, copy + (size_t)order[c] * n, n * sizeof *copy);
    }
    free(copy);
    p->total -= f->open; /* a view is made of the bands in their order */
    clv_series_close_files(f);
    return CLV_OK;
}

/* "3,2,1": the numbers of the bands. */
static void order_text(const clv_acquisition *a, int bands, char text[32])
{
    text[0] = 0;
    for (int c = 0; c < bands; c++)
        snprintf(text + strlen(text), 32 - strlen(text), "%s%d", c > 0 ? "," : "", a->bands[c].index);
}

static void more_text(int count, char text[48])
{
    text[0] = 0;
    if (count > 1)
        snprintf(text, 48, " and %d more date%s", count - 1, count > 2 ? "s" : "");
}

static bool is_sure(const votes *v, trust who, bool any_told)
{
    return v->agree && v->same == 0 && v->other >= (who != TOLD && any_told ? 1 : 2);
}

/* Dates of whose bands nobody says what they are, and that show too little to tell. */
static bool is_open(const votes *v, trust who)
{
    return who == GUESSED && v->same == 0 && v->other == 0;
}

/* Files of one kind, of which those that can be compared are all in one other order, and no other is known to be right:
 * the rest is taken to be in it too. */
static void spread(int dates, const trust *who, votes *v, uint8_t *sure)
{
    int first = -1;
    for (int t = 0; t < dates; t++) {
        if (who[t] != GUESSED)
            continue;
        if (v[t].same > 0 || (v[t].other > 0 && !sure[t]))
            return;
        if (sure[t] && first >= 0 && memcmp(v[t].order, v[first].order, sizeof v[t].order) != 0)
            return;
        first = sure[t] && first < 0 ? t : first;
    }
    for (int t = 0; t < dates && first >= 0; t++)
        if (is_open(&v[t], who[t])) {
            memcpy(v[t].order, v[first].order, sizeof v[t].order);
            sure[t] = 1;
        }
}

static void say_changed(clv_context *ctx, clv_series *series, int bands, const uint8_t *sure, const trust *who,
                        const votes *v)
{
    char more[48], order[32], open[96] = "";
    int count = 0, first = -1, unknown = 0;
    for (int t = 0; t < series->dates; t++)
        unknown += is_open(&v[t], who[t]) && !sure[t];
    if (unknown > 0)
        snprintf(open, sizeof open, "; %d date%s too little clear ground and could not be compared", unknown,
                 unknown > 1 ? "s show" : " shows");
    for (int t = 0; t < series->dates; t++) {
        clv_acquisition *a = &series->acquisitions[t];
        if (!sure[t] || who[t] != GUESSED)
            continue;
        order_text(a, bands, order);
        snprintf(a->facts.bands_how, sizeof a->facts.bands_how, "bands %s, as other dates show them", order);
        first = count++ == 0 ? t : first;
    }
    if (count == 0)
        return;
    const clv_acquisition *a = &series->acquisitions[first];
    order_text(a, bands, order);
    more_text(count, more);
    clv_warn(ctx,
             "%s%s: no names say what the bands are, and other dates show them in another order: bands %s are taken as "
             "red, green, blue%s%s; -b decides otherwise",
             clv_name_base(a->source), more, order, bands > 3 ? ", near infrared" : "", open);
}

static void doubt(clv_context *ctx, const clv_series *series, const uint8_t *doubtful)
{
    char more[48];
    int count = 0, first = -1;
    for (int t = 0; t < series->dates; t++)
        if (doubtful[t])
            first = count++ == 0 ? t : first;
    more_text(count, more);
    if (count > 0)
        clv_warn(ctx,
                 "%s%s: the bands seem to lie in another order than those of other dates (red and blue swapped, or the "
                 "like). Nothing is changed: give every date one order (gdal_translate -b), and say with -b which it "
                 "is",
                 clv_name_base(series->acquisitions[first].source), more);
}

/* Without names the most must agree: else nobody knows which of the orders is right. */
static bool is_divided(const votes *v, int dates)
{
    int told = 0, against = 0;
    for (int t = 0; t < dates; t++) {
        told += v[t].same + v[t].other > 0;
        against += v[t].other > v[t].same;
    }
    return against * 3 > told;
}

/* sure, doubtful [dates]: zeros. */
static clv_status decide(clv_context *ctx, clv_series *series, const clv_order_sample *s, int bands, const trust *who,
                         votes *v, uint8_t *sure, uint8_t *doubtful)
{
    clv_status status = CLV_OK;
    bool any_told = false, any_sure = false;
    for (int t = 0; t < series->dates; t++)
        any_told = any_told || who[t] == TOLD;
    for (int t = 0; t < series->dates; t++) {
        sure[t] = is_sure(&v[t], who[t], any_told) && (any_told || !is_divided(v, series->dates));
        any_sure = any_sure || sure[t];
    }
    spread(series->dates, who, v, sure);
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        if (sure[t] && who[t] == GUESSED)
            status = reorder(ctx, series, s, bands, t, v[t].order);
        else
            doubtful[t] = sure[t] || (!any_sure && v[t].other > 0 && v[t].other >= v[t].same);
    }
    if (status == CLV_OK)
        say_changed(ctx, series, bands, sure, who, v);
    doubt(ctx, series, doubtful);
    return status;
}

/* The nearest dates decide. */
static void ask_others(const clv_order_sample *s, int dates, int bands, const trust *who, bool any_told, int t,
                       uint8_t *use, votes *v)
{
    for (int away = 1; away < dates; away++)
        for (int side = -1; side <= 1; side += 2) {
            const int u = t + side * away;
            if (u >= 0 && u < dates && (!any_told || who[u] == TOLD) && v->same + v->other < ENOUGH)
                vote(s, bands, t, u, use, v);
        }
}

clv_status clv_series_check_order(clv_context *ctx, clv_series *series, const clv_order_sample *sample)
{
    const int dates = series->dates, bands = series->has_nir ? 4 : 3;
    trust *who = clv_alloc_array((size_t)dates, 1, sizeof *who);
    votes *v = clv_alloc_array((size_t)dates, 1, sizeof *v);
    uint8_t *use = clv_alloc_array((size_t)sample->pixels, 1, 1);
    uint8_t *sure = clv_alloc_array((size_t)dates, 2, 1);
    clv_status status = who && v && use && sure ? CLV_OK : clv_fail_memory(ctx);
    int told = 0;
    for (int t = 0; t < dates && status == CLV_OK; t++) {
        who[t] = trust_of(&series->acquisitions[t], bands);
        told += who[t] == TOLD;
        v[t].agree = true;
    }
    /* Names are right. */
    for (int t = 0; t < dates && status == CLV_OK; t++)
        if (who[t] != TOLD)
            ask_others(sample, dates, bands, who, told > 0, t, use, &v[t]);
    if (status == CLV_OK && told < dates)
        status = decide(ctx, series, sample, bands, who, v, sure, sure + dates);
    free(who);
    free(v);
    free(use);
    free(sure);
    return status;
}
