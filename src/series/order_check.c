/* SPDX-License-Identifier: MIT */
#include "series/order_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/names.h"
#include "image/band_colours.h"
#include "image/band_order.h"
#include "series/series_private.h"

#define ENOUGH 8        /* dates whose answer is asked for */
#define AHEAD 2         /* answers for the claimed order beyond those against it, after which no more are asked for */
#define AGAINST_NAMES 3 /* answers without which names are believed, unless the date's own plants contradict them */
#define SERIES_DATES 2  /* whose plants show the same order, before that of a whole series is changed */

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
    if (begins(how, "-b"))
        return BY_USER;
    for (int c = 0; c < bands; c++) {
        bool known = false;
        named = named && a->bands[c].named && clv_role_of_name(a->bands[c].name, &known) == (clv_role)c && known;
    }
    if (named)
        return TOLD;
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
    if (f->empty) { /* the areas where a band is 0 go with it */
        uint8_t *in[CLV_ORDER_BANDS];
        memcpy(in, f->empty->in, (size_t)bands * sizeof *in);
        for (int c = 0; c < bands; c++)
            f->empty->in[c] = in[order[c]];
    }
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

static bool contradicts(const clv_colours *own)
{
    return own->verdict == CLV_COLOURS_SWAPPED || own->verdict == CLV_COLOURS_NIR_ELSEWHERE;
}

/* Names may lie: believed is what several dates say against few, and against which the date's own plants do not speak.
 */
static bool names_lie(const votes *v, const clv_colours *own)
{
    if (!v->agree || v->other <= 2 * v->same || own->verdict == CLV_COLOURS_FIT)
        return false;
    return v->other >= (contradicts(own) ? 1 : AGAINST_NAMES);
}

static bool is_sure(const votes *v, trust who, bool any_told, const clv_colours *own)
{
    if (who == TOLD)
        return names_lie(v, own);
    return v->agree && v->same == 0 && v->other >= (who == GUESSED && any_told ? 1 : 2);
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

/* One warning for the dates of one kind of trust that were changed. */
static void say_changed(clv_context *ctx, clv_series *series, int bands, const uint8_t *sure, const trust *who,
                        const votes *v, trust kind)
{
    char more[48], order[32], open[96] = "";
    int count = 0, first = -1, unknown = 0;
    for (int t = 0; t < series->dates; t++)
        unknown += is_open(&v[t], who[t]) && !sure[t];
    if (unknown > 0 && kind == GUESSED)
        snprintf(open, sizeof open, "; %d date%s too little clear ground and could not be compared", unknown,
                 unknown > 1 ? "s show" : " shows");
    for (int t = 0; t < series->dates; t++) {
        clv_acquisition *a = &series->acquisitions[t];
        if (!sure[t] || who[t] != kind)
            continue;
        order_text(a, bands, order);
        snprintf(a->facts.bands_how, sizeof a->facts.bands_how, "bands %s, as other dates show them%s", order,
                 kind == TOLD ? ", against their names" : "");
        first = count++ == 0 ? t : first;
    }
    if (count == 0)
        return;
    const clv_acquisition *a = &series->acquisitions[first];
    order_text(a, bands, order);
    more_text(count, more);
    clv_warn(ctx,
             "%s%s: %s other dates show them in another order: bands %s are taken as "
             "red, green, blue%s%s; -b decides otherwise",
             clv_name_base(a->source), more,
             kind == TOLD ? "the bands are not what their names say," : "no names say what the bands are, and", order,
             bands > 3 ? ", near infrared" : "", open);
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
                         const clv_colours *own, votes *v, uint8_t *sure, uint8_t *doubtful)
{
    clv_status status = CLV_OK;
    bool any_told = false, any_sure = false;
    for (int t = 0; t < series->dates; t++)
        any_told = any_told || who[t] == TOLD;
    const bool divided = is_divided(v, series->dates);
    for (int t = 0; t < series->dates; t++) {
        const bool apart = who[t] == TOLD ? contradicts(&own[t]) : any_told;
        sure[t] = is_sure(&v[t], who[t], any_told, &own[t]) && (apart || !divided);
        any_sure = any_sure || sure[t];
    }
    spread(series->dates, who, v, sure);
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        if (sure[t] && who[t] != BY_USER)
            status = reorder(ctx, series, s, bands, t, v[t].order);
        else
            doubtful[t] = sure[t] || (!any_sure && v[t].other > 0 && v[t].other >= v[t].same);
    }
    if (status == CLV_OK) {
        say_changed(ctx, series, bands, sure, who, v, GUESSED);
        say_changed(ctx, series, bands, sure, who, v, TOLD);
    }
    doubt(ctx, series, doubtful);
    return status;
}

/* The nearest dates decide. The names of bands that several dates share in one input are either right or wrong for all
 * of them. */
static void ask_others(const clv_series *series, const clv_order_sample *s, int bands, const trust *who, bool any_told,
                       int t, uint8_t *use, votes *v)
{
    const int dates = series->dates, input = series->acquisitions[t].input;
    for (int away = 1; away < dates; away++)
        for (int side = -1; side <= 1; side += 2) {
            const int u = t + side * away;
            if (who[t] == TOLD && v->same >= v->other + AHEAD)
                return;
            if (u < 0 || u >= dates || (who[t] == TOLD && series->acquisitions[u].input == input))
                continue;
            if ((!any_told || who[u] == TOLD) && v->same + v->other < ENOUGH)
                vote(s, bands, t, u, use, v);
        }
}

/* ---- A whole series ------------------------------------------------------------------------------ */

static void look_at(const clv_order_sample *s, int t, uint8_t *use, float *scratch, clv_colours *own)
{
    const float *planes[CLV_ORDER_BANDS];
    for (int c = 0; c < CLV_ORDER_BANDS; c++)
        planes[c] = plane(s, t, c);
    for (int i = 0; i < s->pixels; i++)
        use[i] = !s->state[(size_t)t * (size_t)s->pixels + (size_t)i];
    *own = clv_band_colours(planes, use, s->pixels, scratch);
}

/* In how many dates plants contradict what the bands are called, all alike; 0 where they confirm it in one. *first: the
 * first of these dates. */
static int contradicted(const clv_colours *own, int dates, int *first)
{
    int count = 0;
    *first = -1;
    for (int t = 0; t < dates; t++) {
        if (own[t].verdict == CLV_COLOURS_FIT)
            return 0;
        if (!contradicts(&own[t]))
            continue;
        *first = count++ == 0 ? t : *first;
        if (own[t].verdict != own[*first].verdict || own[t].nir != own[*first].nir)
            return 0;
    }
    return count;
}

static void say_contradicted(clv_context *ctx, const clv_acquisition *a, const clv_colours *own, const char *claims)
{
    if (own->verdict == CLV_COLOURS_NIR_ELSEWHERE)
        clv_warn(ctx,
                 "%s: the bands do not look like what %s: plants are brightest in %s (band %d), not in %s (band %d). "
                 "Nothing is changed; say which they are: -b R,G,B,NIR",
                 clv_name_base(a->source), claims, a->bands[own->nir].name, a->bands[own->nir].index, a->bands[3].name,
                 a->bands[3].index);
    else
        clv_warn(ctx,
                 "%s: the bands do not look like what %s: the ground varies more in %s (band %d) than in %s (band %d), "
                 "as if red and blue were swapped. Nothing is changed; say which they are: -b R,G,B,NIR",
                 clv_name_base(a->source), claims, a->bands[2].name, a->bands[2].index, a->bands[0].name,
                 a->bands[0].index);
}

/* All dates may claim the same wrong order. Then plants tell it. */
static clv_status check_series(clv_context *ctx, clv_series *series, const clv_order_sample *s, const trust *who,
                               const clv_colours *own)
{
    static const int swapped[CLV_ORDER_BANDS] = {2, 1, 0, 3};
    int first;
    char order[32] = "";
    clv_status status = CLV_OK;
    const int count = contradicted(own, series->dates, &first);
    if (count == 0)
        return CLV_OK;
    const clv_acquisition *a = &series->acquisitions[first];
    const char *claims = who[first] == BY_USER ? "-b says"
                         : who[first] == TOLD  ? "their names say"
                                               : "their number suggests";
    /* Thin haze over forest varies more in blue too: most dates have to say it. */
    if (own[first].verdict != CLV_COLOURS_SWAPPED || who[first] == BY_USER || count < SERIES_DATES ||
        2 * count <= series->dates) {
        say_contradicted(ctx, a, &own[first], claims);
        return CLV_OK;
    }
    for (int t = 0; t < series->dates && status == CLV_OK; t++) {
        char *how = series->acquisitions[t].facts.bands_how;
        if (who[t] == BY_USER || (who[t] != who[first] && !contradicts(&own[t])))
            continue;
        status = reorder(ctx, series, s, CLV_ORDER_BANDS, t, swapped);
        order_text(&series->acquisitions[t], CLV_ORDER_BANDS, order);
        snprintf(how, sizeof series->acquisitions[t].facts.bands_how, "bands %s, as plants show them", order);
    }
    order_text(a, CLV_ORDER_BANDS, order);
    if (status == CLV_OK)
        clv_warn(ctx,
                 "%s: the bands of the series are not what %s: by the plants that the dates show, red and blue are "
                 "swapped: bands %s are taken as red, green, blue, near infrared; -b decides otherwise",
                 clv_name_base(a->source), claims, order);
    return status;
}

/* ---- The whole ----------------------------------------------------------------------------------- */

clv_status clv_series_check_order(clv_context *ctx, clv_series *series, const clv_order_sample *sample)
{
    const int dates = series->dates, bands = series->has_nir ? 4 : 3;
    trust *who = clv_alloc_array((size_t)dates, 1, sizeof *who);
    votes *v = clv_alloc_array((size_t)dates, 1, sizeof *v);
    clv_colours *own = clv_alloc_array((size_t)dates, 1, sizeof *own);
    uint8_t *use = clv_alloc_array((size_t)sample->pixels, 1, 1);
    uint8_t *sure = clv_alloc_array((size_t)dates, 2, 1);
    float *scratch = clv_alloc_array((size_t)sample->pixels, 2, sizeof *scratch);
    clv_status status = who && v && own && use && sure && scratch ? CLV_OK : clv_fail_memory(ctx);
    int told = 0;
    for (int t = 0; t < dates && status == CLV_OK; t++) {
        who[t] = trust_of(&series->acquisitions[t], bands);
        told += who[t] == TOLD;
        v[t].agree = true;
        if (bands == CLV_ORDER_BANDS)
            look_at(sample, t, use, scratch, &own[t]);
    }
    for (int t = 0; t < dates && status == CLV_OK; t++)
        ask_others(series, sample, bands, who, told > 0, t, use, &v[t]);
    if (status == CLV_OK)
        status = decide(ctx, series, sample, bands, who, own, v, sure, sure + dates);
    for (int t = 0; t < dates && status == CLV_OK && bands == CLV_ORDER_BANDS; t++)
        if (sure[t])
            look_at(sample, t, use, scratch, &own[t]);
    if (status == CLV_OK && bands == CLV_ORDER_BANDS)
        status = check_series(ctx, series, sample, who, own);
    free(who);
    free(v);
    free(own);
    free(use);
    free(sure);
    free(scratch);
    return status;
}
