/* SPDX-License-Identifier: MIT */
#include "image/level.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/select.h"
#include "image/level_band.h"
#include "image/level_peak.h"
#include "image/level_pixels.h"
#include "image/level_quantiles.h"
#include "image/level_raised.h"
#include "image/level_ratio.h"

#define STEP CLV_LEVEL_OFFSET_STEP
#define NEAR_STEP 0.025     /* of a peak to a multiple of STEP */
#define FEWEST 150          /* pixels in common */
#define SHARE_SAME 0.12     /* of the common pixels in the peak, for two dates of one level */
#define SHARE_STEP 0.2      /* for two dates a step apart */
#define SHARE_FLAT 0.6      /* for two dates a step apart on ground without contrast */
#define LEAST_CONTRAST 0.75 /* of a date a constant above another: a veil takes more of it */
#define SURE_CONTRAST 0.87  /* without which no date is changed */
#define OTHER_CONTRAST 0.93 /* where nothing speaks for a constant but the pixels */
#define FLAT 0.04           /* range of ground without contrast */
#define CLEAR_BELOW 0.3     /* darkest visible reflectance of ground that contrast is measured on */
#define WITHIN 0.02         /* of the percentiles of other dates */
#define SHOWN 0.4           /* of a date that is changed for its percentiles alone: between clouds lie veils */
#define EXACT 0.02          /* of a date's median difference to a multiple of STEP */
#define DARK_LOW (-0.04)    /* dark ground is not below that */
#define DARK_HIGH 0.06      /* ground without anything dark */
#define EVERY_PAIR 40       /* up to so many dates all pairs are compared, else each date with the following REACH */
#define REACH 12
#define ANCHORS 24
#define PAIR_PIXELS 4000 /* of a pair, in long series */
#define REFERENCES 8     /* dates that a date beside all groups is compared with */

typedef struct edge {
    int a, b, steps; /* a lies `steps` above b */
    double at, share;
    double contrast; /* of the brighter date, where they are steps apart */
} edge;

typedef struct node {
    int parent, steps;     /* steps above the parent */
    double dark;           /* 2nd percentile of the darkest visible band */
    double darkest;        /* of the darkest of all bands */
    double darkest_of_all; /* the same with masked pixels */
} node;

typedef struct work {
    const clv_level_scene *scene;
    node *nodes;
    edge *edges;
    int edge_count, edge_room;
    float *values;  /* [pixels] */
    double *weight; /* [dates] shares of the date's links */
    int *root, *level;
} work;

static size_t plane(const clv_level_scene *s, int t, int c)
{
    return ((size_t)t * (size_t)s->bands + (size_t)c) * (size_t)s->pixels;
}

/* ---- Peaks --------------------------------------------------------------------------------------- */

/* Differences of date t to date u on the pixels where all bands differ alike. */
static clv_peak compare(const clv_level_scene *s, int t, int u, int stride)
{
    int histogram[CLV_PEAK_BINS] = {0};
    const size_t n = (size_t)s->pixels;
    const float *a = s->x + plane(s, t, 0), *b = s->x + plane(s, u, 0);
    const uint8_t *sa = s->state + (size_t)t * n, *sb = s->state + (size_t)u * n;
    clv_peak found = {0};
    for (size_t i = 0; i < n; i += (size_t)stride) {
        if (sa[i] | sb[i])
            continue;
        float difference;
        found.common++;
        if (clv_level_alike(a + i, b + i, n, s->bands, &difference) &&
            !clv_level_is_white((difference > 0 ? b : a) + i, n, 0))
            clv_peak_count(histogram, difference, CLV_LEVEL_BIN);
    }
    clv_peak_find(histogram, CLV_LEVEL_BIN, &found);
    return found;
}

/* Range of a band of date t, between its 10th and 90th percentile, on clear ground that date u shows too. */
static double range_of(work *w, int t, int u, int band)
{
    const clv_level_scene *s = w->scene;
    const size_t n = (size_t)s->pixels;
    const uint8_t *st = s->state + (size_t)t * n, *su = s->state + (size_t)u * n;
    const float *a = s->x + plane(s, t, 0), *b = s->x + plane(s, u, 0), *x = a + (size_t)band * n;
    int count = 0;
    for (size_t i = 0; i < n; i++)
        if (!(st[i] | su[i]) && fminf(fminf(a[i], a[n + i]), a[2 * n + i]) < (float)CLEAR_BELOW &&
            fminf(fminf(b[i], b[n + i]), b[2 * n + i]) < (float)CLEAR_BELOW)
            w->values[count++] = x[i];
    if (count < FEWEST)
        return 0;
    float low = clv_select(w->values, count, count / 10), high = clv_select(w->values, count, count - 1 - count / 10);
    return high - low;
}

/* A veil of haze or cirrus brightens too, but takes of the ground's contrast: in the band that shows it most, near
 * infrared over plants. The contrast of the brighter date in parts of the other's; 1 where the ground has none and most
 * pixels say the same, else 0. */
static double contrast_of(work *w, int bright, int dark, double share)
{
    double least = INFINITY;
    for (int c = 0; c < w->scene->bands; c++) {
        double there = range_of(w, dark, bright, c);
        if (there >= FLAT)
            least = fmin(least, range_of(w, bright, dark, c) / there);
    }
    return isinf(least) ? share >= SHARE_FLAT : least;
}

/* ---- Groups -------------------------------------------------------------------------------------- */

/* 2nd percentile of the darkest of `bands` bands over pixels whose state has none of the bits; NaN: too few. */
static double dark_level(work *w, int t, int bands, int without)
{
    const clv_level_scene *s = w->scene;
    const size_t pixels = (size_t)s->pixels;
    const uint8_t *state = s->state + (size_t)t * pixels;
    int n = 0;
    for (size_t i = 0; i < pixels; i++) {
        if (state[i] & without)
            continue;
        float low = INFINITY;
        for (int c = 0; c < bands; c++)
            low = fminf(low, s->x[plane(s, t, c) + i]);
        w->values[n++] = low;
    }
    return n < FEWEST ? NAN : clv_select(w->values, n, n / 50);
}

static int root_of(work *w, int t, int *steps)
{
    int sum = 0;
    while (w->nodes[t].parent != t) {
        sum += w->nodes[t].steps;
        t = w->nodes[t].parent;
    }
    *steps = sum;
    return t;
}

static bool add_edge(work *w, edge e)
{
    if (w->edge_count == w->edge_room) {
        int room = w->edge_room ? 2 * w->edge_room : 256;
        edge *longer = realloc(w->edges, (size_t)room * sizeof *longer);
        if (!longer)
            return false;
        w->edges = longer;
        w->edge_room = room;
    }
    w->edges[w->edge_count++] = e;
    return true;
}

/* Compares two dates; keeps what links them. False: out of memory. */
static bool link_pair(work *w, int t, int u, int stride)
{
    clv_peak p = compare(w->scene, t, u, stride);
    int steps = (int)floor(p.at / STEP + 0.5);
    if (p.common < FEWEST || !p.narrow || fabs(p.at - steps * STEP) > NEAR_STEP ||
        p.share < (steps ? SHARE_STEP : SHARE_SAME))
        return true;
    double contrast = steps == 0 ? NAN : contrast_of(w, steps > 0 ? t : u, steps > 0 ? u : t, p.share);
    if (contrast < LEAST_CONTRAST)
        return true;
    w->weight[t] += p.share;
    w->weight[u] += p.share;
    return add_edge(w, (edge){t, u, steps, p.at, p.share, contrast});
}

/* In long series also with dates from all over it that show much, so that a year is linked to the next. */
static bool find_edges(work *w)
{
    const clv_level_scene *s = w->scene;
    const bool every = s->dates <= EVERY_PAIR;
    const int stride = every || s->pixels < PAIR_PIXELS ? 1 : s->pixels / PAIR_PIXELS;
    int anchors[ANCHORS];
    for (int t = 0; t < s->dates; t++)
        for (int u = t + 1; u < s->dates && (every || u - t <= REACH); u++)
            if (!link_pair(w, t, u, stride))
                return false;
    for (int i = 0; i < ANCHORS && !every; i++) {
        const int first = (int)((long)s->dates * i / ANCHORS), end = (int)((long)s->dates * (i + 1) / ANCHORS);
        anchors[i] = first;
        for (int t = first; t < end; t++)
            anchors[i] = w->weight[t] > w->weight[anchors[i]] ? t : anchors[i];
    }
    for (int i = 0; i < ANCHORS && !every; i++)
        for (int t = 0; t < s->dates; t++)
            if (abs(t - anchors[i]) > REACH && !link_pair(w, t, anchors[i], stride))
                return false;
    return true;
}

static int by_share(const void *a, const void *b)
{
    const edge *x = a, *y = b;
    if (x->share != y->share)
        return x->share > y->share ? -1 : 1;
    return x->a != y->a ? x->a - y->a : x->b - y->b;
}

/* The surest links first (Kruskal); w->root and w->level say each date's group and its level within the group. */
static void link_dates(work *w)
{
    const int dates = w->scene->dates;
    if (w->edge_count > 0)
        qsort(w->edges, (size_t)w->edge_count, sizeof *w->edges, by_share);
    for (int i = 0; i < w->edge_count; i++) {
        const edge *e = &w->edges[i];
        int la, lb, a = root_of(w, e->a, &la), b = root_of(w, e->b, &lb);
        if (a == b)
            continue;
        w->nodes[a].parent = b; /* level of a = level of b + steps */
        w->nodes[a].steps = lb + e->steps - la;
    }
    for (int t = 0; t < dates; t++)
        w->root[t] = root_of(w, t, &w->level[t]);
    for (int g = 0; g < dates; g++) {
        int lowest = INT32_MAX;
        for (int t = 0; t < dates; t++)
            if (w->root[t] == g && w->level[t] < lowest)
                lowest = w->level[t];
        for (int t = 0; t < dates; t++)
            if (w->root[t] == g)
                w->level[t] -= lowest;
    }
}

/* Shares of the date's links that agree with its level. */
static double agreement(const work *w, int t)
{
    double all = 0, agree = 0;
    for (int i = 0; i < w->edge_count; i++) {
        const edge *e = &w->edges[i];
        if (e->a != t && e->b != t)
            continue;
        all += e->share;
        agree += w->level[e->a] - w->level[e->b] == e->steps ? e->share : 0;
    }
    return all > 0 ? agree / all : 0;
}

/* Which level of the group is right; *sure: whether dates may be changed for it; *darkest: of its lowest level. */
static int right_level(work *w, int group, bool *sure, double *darkest)
{
    const clv_level_scene *s = w->scene;
    int members = 0, known = 0, highest = 0, votes[16] = {0}, trusted[2][16] = {{0}}, right = 0;
    for (int t = 0; t < s->dates; t++) {
        if (w->root[t] != group)
            continue;
        int level = w->level[t] < 15 ? w->level[t] : 15;
        members++;
        votes[level]++;
        highest = level > highest ? level : highest;
        if (s->trust && s->trust[t] != CLV_LEVEL_TRUST_NONE)
            trusted[s->trust[t] == CLV_LEVEL_TRUST_USER][level]++;
        if (!isnan(w->nodes[t].dark))
            w->values[known++] = (float)(w->nodes[t].dark - STEP * w->level[t]);
    }
    double dark = known ? clv_select(w->values, known, known / 4) : NAN;
    *darkest = dark;
    *sure = members >= 3;
    for (int kind = 1; kind >= 0; kind--) {
        int best = -1;
        for (int level = 0; level < 16; level++)
            if (trusted[kind][level] > (best < 0 ? 0 : trusted[kind][best]))
                best = level;
        if (best < 0 || (kind == 0 && !(dark > 0.02)))
            continue;
        *sure = *sure || kind == 1;
        return best;
    }
    if (isnan(dark)) {
        *sure = false;
        return 0;
    }
    if (dark > DARK_HIGH && highest > 0) { /* nothing dark: most dates are right */
        for (int level = 1; level <= highest; level++)
            right = votes[level] > votes[right] ? level : right;
        *sure = *sure && 3 * votes[right] >= 2 * members;
        return right;
    }
    while (right < 15 && dark + STEP * right < DARK_LOW)
        right++;
    return right;
}

/* ---- Judgement ----------------------------------------------------------------------------------- */

static double median_difference(work *w, int t, const int *wrong, int *compared)
{
    int n = 0;
    for (int i = 0; i < w->edge_count && n < w->scene->pixels; i++) {
        const edge *e = &w->edges[i];
        if (e->a == t && w->level[e->a] - w->level[e->b] == e->steps)
            w->values[n++] = (float)(e->at + STEP * wrong[e->b]);
        else if (e->b == t && w->level[e->a] - w->level[e->b] == e->steps)
            w->values[n++] = (float)(STEP * wrong[e->a] - e->at);
    }
    *compared = n;
    return n ? clv_median(w->values, n) : NAN;
}

static int level_members(const work *w, int group, int level)
{
    int n = 0;
    for (int t = 0; t < w->scene->dates; t++)
        n += w->root[t] == group && w->level[t] == level;
    return n;
}

/* Links between the dates of level `level` of a group and the others of the group; 0 where none is sure. */
static int links_across(const work *w, int group, int level)
{
    int n = 0;
    bool sure = false;
    for (int i = 0; i < w->edge_count; i++) {
        const edge *e = &w->edges[i];
        if (w->root[e->a] != group || w->level[e->a] - w->level[e->b] != e->steps ||
            (w->level[e->a] == level) == (w->level[e->b] == level))
            continue;
        n++;
        sure = sure || e->contrast >= SURE_CONTRAST;
    }
    return sure ? n : 0;
}

/* Whether a date above the others is one by its own picture: it has the contrast of a date of the right level, or of
 * one that is above alike. */
static bool is_shown(work *w, int t, const int *wrong)
{
    int tried = 0;
    for (int i = 0; i < w->edge_count; i++) { /* the surest links come first */
        const edge *e = &w->edges[i];
        if ((e->a != t && e->b != t) || w->level[e->a] - w->level[e->b] != e->steps)
            continue;
        const int other = e->a == t ? e->b : e->a;
        if (wrong[other] == 0 ? e->contrast >= SURE_CONTRAST
                              : tried++ < REFERENCES && contrast_of(w, t, other, e->share) >= SURE_CONTRAST)
            return true;
    }
    return false;
}

static void judge_group(work *w, int group, bool main, int *wrong, clv_level *out)
{
    const clv_level_scene *s = w->scene;
    bool sure;
    int members = 0;
    for (int t = 0; t < s->dates; t++)
        members += w->root[t] == group;
    if (members < 2)
        return;
    double dark;
    int right = right_level(w, group, &sure, &dark);
    if (!main && !(dark < DARK_HIGH))
        return; /* some dates beside the others, and nothing that tells which level theirs is */
    for (int t = 0; t < s->dates; t++)
        if (w->root[t] == group)
            wrong[t] = w->level[t] - right;
    for (int t = 0; t < s->dates; t++) {
        if (w->root[t] != group)
            continue;
        clv_level *l = &out[t];
        const node *d = &w->nodes[t];
        l->difference = median_difference(w, t, wrong, &l->compared);
        l->steps = wrong[t];
        if (wrong[t] == 0) {
            l->state = CLV_LEVEL_FITS;
            continue;
        }
        l->state = CLV_LEVEL_DOUBTFUL;
        /* One pair does not say which of the two is away, but dark ground does. */
        l->sure = l->compared > 1 || dark < DARK_HIGH || s->dates <= CLV_LEVEL_FEW_DATES;
        if (agreement(w, t) < 0.7 || abs(wrong[t]) > 1 || fabs(l->difference - STEP * wrong[t]) > EXACT ||
            (wrong[t] > 0 && (!(d->darkest >= STEP * wrong[t] + DARK_LOW) || !is_shown(w, t, wrong)))) {
            *l = (clv_level){.difference = NAN}; /* a veil, or dark ground contradicts */
            continue;
        }
        /* To be subtracted twice it must have been subtracted once. */
        bool possible = wrong[t] > 0 || s->offset[t] <= -STEP / 2 || d->dark < DARK_LOW;
        bool by_user = s->trust && s->trust[t] == CLV_LEVEL_TRUST_USER;
        bool all_alike = level_members(w, group, w->level[t]) == members;
        if (sure && possible && !by_user && (all_alike || links_across(w, group, w->level[t]) >= 2))
            l->state = CLV_LEVEL_OFFSET;
        l->sure = l->sure || l->state == CLV_LEVEL_OFFSET;
    }
}

static int largest_group(const work *w)
{
    int best = 0, most = 0;
    for (int g = 0; g < w->scene->dates; g++) {
        int members = 0;
        for (int t = 0; t < w->scene->dates; t++)
            members += w->root[t] == g;
        if (members > most) {
            most = members;
            best = g;
        }
    }
    return best;
}

static void sort_by_distance(const clv_level *out, int dates, int t, int *order, int *n)
{
    *n = 0;
    for (int away = 1; away < dates && *n < REFERENCES; away++)
        for (int side = -1; side <= 1; side += 2) {
            int u = t + side * away;
            if (u >= 0 && u < dates && *n < REFERENCES &&
                (out[u].state == CLV_LEVEL_FITS || out[u].state == CLV_LEVEL_OFFSET))
                order[(*n)++] = u;
        }
}

/* Groups that no link joins, such as a year and the next, may still lie a step apart on their dark ground: too little
 * to change anything, enough to say it. */
static void doubt_groups(work *w, clv_level *out)
{
    const int dates = w->scene->dates;
    for (int g = 0; g < dates; g++)
        for (int h = 0; h < dates; h++) {
            bool sure;
            double bright = NAN, dark = NAN;
            if (g == h || level_members(w, g, 0) < 3 || level_members(w, h, 0) < 3)
                continue;
            right_level(w, g, &sure, &bright);
            right_level(w, h, &sure, &dark);
            if (!(fabs(bright - dark - STEP) <= EXACT) || !(fabs(dark) < -DARK_LOW))
                continue;
            for (int t = 0; t < dates; t++)
                if (w->root[t] == g && out[t].state == CLV_LEVEL_FITS) {
                    out[t].state = CLV_LEVEL_DOUBTFUL;
                    out[t].steps = 1;
                    out[t].difference += bright - dark;
                }
        }
}

/* Whether the dates that are away are one run of at least three in time, as where an archive changed its files. */
static bool is_one_run(const clv_level *out, int dates)
{
    int runs = 0, longest = 0, length = 0;
    for (int t = 0; t < dates; t++) {
        if (out[t].state != CLV_LEVEL_FITS && out[t].state != CLV_LEVEL_OFFSET)
            continue;
        length = out[t].state == CLV_LEVEL_OFFSET ? length + 1 : 0;
        runs += length == 1;
        longest = length > longest ? length : longest;
    }
    return runs == 1 && longest >= 3;
}

/* A date that shows no ground follows its neighbours in time when both are away alike and its values allow it. */
static void follow_neighbours(const work *w, clv_level *out)
{
    const clv_level_scene *s = w->scene;
    if (!is_one_run(out, s->dates))
        return;
    for (int t = 0; t < s->dates; t++) {
        if (out[t].state != CLV_LEVEL_UNKNOWN || (s->trust && s->trust[t] != CLV_LEVEL_TRUST_NONE))
            continue;
        int sides = 0, steps = 0;
        bool alike = true;
        for (int side = -1; side <= 1; side += 2)
            for (int u = t + side; u >= 0 && u < s->dates; u += side) {
                if (out[u].compared == 0 || fabs(s->offset[u] - s->offset[t]) > 1e-6)
                    continue;
                alike = alike && out[u].state == CLV_LEVEL_OFFSET && (sides == 0 || out[u].steps == steps);
                steps = out[u].steps;
                sides++;
                break;
            }
        if (sides == 0 || !alike || (steps > 0 && !(w->nodes[t].darkest_of_all >= STEP * steps - 0.02)))
            continue;
        out[t] = (clv_level){.state = CLV_LEVEL_OFFSET, .difference = NAN, .steps = steps, .sure = true};
    }
}

/* ---- Dates that share no ground with others ------------------------------------------------------ */

enum { QUANTILES = 3 };

/* The 10th, 25th and 50th percentile of each band over pixels that show something; false: too few. */
static bool quantiles_of(work *w, int t, float *out)
{
    static const int parts[QUANTILES] = {10, 4, 2};
    const clv_level_scene *s = w->scene;
    const size_t pixels = (size_t)s->pixels;
    const uint8_t *state = s->state + (size_t)t * pixels;
    for (int c = 0; c < s->bands; c++) {
        int n = 0;
        for (size_t i = 0; i < pixels; i++)
            if (!state[i])
                w->values[n++] = s->x[plane(s, t, c) + i];
        if (n < FEWEST)
            return false;
        for (int q = 0; q < QUANTILES; q++)
            out[c * QUANTILES + q] = clv_select(w->values, n, n / parts[q]);
    }
    return true;
}

/* Whether q + add lies within what the other dates have. */
static bool within(const float *q, const float *low, const float *high, int n, double add)
{
    for (int i = 0; i < n; i++) {
        const double v = q[i] + add;
        if (!(v >= low[i] - WITHIN && v <= high[i] + WITHIN))
            return false;
    }
    return true;
}

/* The range of the percentiles of dates of the right level, the nearest in time first; how many dates. Of the visible
 * bands up to the middle date: half of the dates may be clouded. */
static int range_around(work *w, int t, const int *wrong, const clv_level *out, float *own, float *low, float *high)
{
    int order[REFERENCES], n, found = 0;
    float red[REFERENCES];
    sort_by_distance(out, w->scene->dates, t, order, &n);
    for (int k = 0; k < n; k++)
        if (wrong[order[k]] == 0 && quantiles_of(w, order[k], own)) {
            red[found] = own[QUANTILES - 1];
            order[found++] = order[k];
        }
    const float middle = found ? (float)clv_median(memcpy(own, red, (size_t)found * sizeof *red), found) : 0;
    int used = 0;
    for (int k = 0; k < found; k++) {
        if (red[k] > middle + (float)WITHIN || !quantiles_of(w, order[k], own))
            continue;
        for (int i = 0; i < w->scene->bands * QUANTILES; i++) {
            low[i] = used && low[i] < own[i] ? low[i] : own[i];
            high[i] = used && high[i] > own[i] ? high[i] : own[i];
        }
        used++;
    }
    return used;
}

/* Whether the date has the contrast of the dates around it, in the band that shows it most: a veil takes of it. */
static bool keeps_contrast(const float *own, const float *low, const float *high, int bands)
{
    double most = 0, here = 0;
    for (int c = 0; c < bands; c++) {
        const int first = c * QUANTILES, last = first + QUANTILES - 1;
        const double there = 0.5 * ((double)low[last] + high[last] - low[first] - high[first]);
        if (there > most) {
            most = there;
            here = (double)own[last] - own[first];
        }
    }
    return most > FLAT && here >= OTHER_CONTRAST * most;
}

/* Share of the pixels with data that nothing masks. */
static double shown_share(const clv_level_scene *s, int t)
{
    const uint8_t *state = s->state + (size_t)t * (size_t)s->pixels;
    int shown = 0, data = 0;
    for (int i = 0; i < s->pixels; i++) {
        shown += !state[i];
        data += !(state[i] & CLV_LEVEL_MISSING);
    }
    return data ? (double)shown / data : 0;
}

/* A date of which no pixel could be compared (fields that grow, leaves that come) still has dark and bright ground like
 * the dates around it. Where its percentiles, in every band, fit theirs only with another offset, that is said, and
 * changed where an offset was left in, enough is shown and the contrast is no less: a veil takes of it. */
static bool judge_unlinked(work *w, const int *wrong, clv_level *out)
{
    const clv_level_scene *s = w->scene;
    const int n = s->bands * QUANTILES;
    float *own = clv_alloc_array(3, (size_t)n, sizeof *own), *low = own ? own + n : NULL, *high = own ? low + n : NULL;
    for (int t = 0; own && t < s->dates; t++) {
        clv_level *l = &out[t];
        if (l->state != CLV_LEVEL_UNKNOWN || (s->trust && s->trust[t] == CLV_LEVEL_TRUST_USER))
            continue;
        const int references = range_around(w, t, wrong, out, own, low, high);
        if (references < 2 || !quantiles_of(w, t, own) || within(own, low, high, n, 0))
            continue;
        for (int sign = -1; sign <= 1; sign += 2)
            if (within(own, low, high, n, -sign * STEP) && (sign < 0 || keeps_contrast(own, low, high, s->bands))) {
                const bool sure = sign > 0 && references >= 3 && shown_share(s, t) >= SHOWN &&
                                  !(s->trust && s->trust[t] != CLV_LEVEL_TRUST_NONE);
                l->state = sure ? CLV_LEVEL_OFFSET : CLV_LEVEL_DOUBTFUL;
                l->steps = sign;
                l->difference = sign * STEP;
                l->compared = references;
                l->sure = true;
            }
    }
    free(own);
    return own != NULL;
}

bool clv_levels_find(const clv_level_scene *scene, clv_level *out)
{
    const size_t dates = (size_t)scene->dates;
    work w = {.scene = scene};
    const size_t room = dates * dates > (size_t)scene->pixels ? dates * dates : (size_t)scene->pixels;
    int *wrong = clv_alloc_array(dates, 1, sizeof *wrong);
    w.nodes = clv_alloc_array(dates, 1, sizeof *w.nodes);
    w.root = clv_alloc_array(dates, 1, sizeof *w.root);
    w.level = clv_alloc_array(dates, 1, sizeof *w.level);
    w.weight = clv_alloc_array(dates, 1, sizeof *w.weight);
    w.values = clv_alloc_array(room, 1, sizeof *w.values);
    bool ok = wrong && w.nodes && w.root && w.level && w.weight && w.values;
    for (int t = 0; t < scene->dates; t++)
        out[t] = (clv_level){.difference = NAN};
    for (int t = 0; ok && t < scene->dates; t++) {
        w.nodes[t] = (node){.parent = t,
                            .dark = dark_level(&w, t, 3, CLV_LEVEL_MISSING | CLV_LEVEL_MASKED),
                            .darkest = dark_level(&w, t, scene->bands, CLV_LEVEL_MISSING | CLV_LEVEL_MASKED),
                            .darkest_of_all = dark_level(&w, t, scene->bands, CLV_LEVEL_MISSING)};
    }
    ok = ok && find_edges(&w);
    if (ok) {
        link_dates(&w);
        int largest = largest_group(&w);
        for (int g = 0; g < scene->dates; g++)
            judge_group(&w, g, g == largest, wrong, out);
        doubt_groups(&w, out);
        follow_neighbours(&w, out);
        ok = judge_unlinked(&w, wrong, out) && clv_levels_raised(scene, out) && clv_levels_by_quantiles(scene, out) &&
             clv_levels_by_ratio(scene, out) && clv_levels_by_band(scene, out);
    }
    free(wrong);
    free(w.nodes);
    free(w.root);
    free(w.level);
    free(w.values);
    free(w.weight);
    free(w.edges);
    return ok;
}
